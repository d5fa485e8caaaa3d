// The whole audit log: exported and verified in a real browser, which finds what was changed behind the Worker's back.

import { readFileSync } from "node:fs";
import { expect, test } from "./browser.ts";
import { look } from "./look.ts";
import { DESKTOP, enter } from "./organization.ts";

test("the log is exported and verified, and an event that was changed is named", async ({
  acme,
  harness,
  pages,
}) => {
  const { page } = pages;
  const ann = await acme.person({ name: "Ann Archer", role: "owner", totp: true });
  const bob = await acme.person({ name: "Bob Baker", totp: true });
  await bob.signInFully();
  await harness.scheduled();
  await page.setViewportSize(DESKTOP);
  await enter(pages, ann, "/audit");

  const verify = page.getByRole("button", { name: "Verify", exact: true });
  const dialog = page.getByRole("dialog");
  await verify.click();
  await expect(dialog.getByRole("button", { name: "Verify the log" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(dialog.getByText("Nothing was changed.")).toBeVisible();
  await expect(dialog.getByText(/\d+ events are exactly as they were sealed\./)).toBeVisible();
  await expect(dialog.getByText(/audit\+[0-9a-f]{8}\+/)).toBeVisible();
  await look(pages, "audit verified", "light-1280");
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(verify).toBeFocused();

  await page.getByRole("button", { name: "Export", exact: true }).click();
  await look(pages, "audit export", "light-1280");
  const saving = page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Save" }).click();
  const saved = await saving;
  expect(saved.suggestedFilename()).toBe("audit-log.ndjson");
  const file = readFileSync(await saved.path(), "utf8");
  await expect(dialog).toHaveCount(0);
  await page.getByRole("button", { name: "Export", exact: true }).click();
  await dialog.getByLabel("For a spreadsheet").check();
  const saving2 = page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Save" }).click();
  const spreadsheet = readFileSync(await (await saving2).path(), "utf8");
  expect(spreadsheet).toMatch(/^number,id,at,action,/);

  // In the file.
  const lines = file.split("\n");
  const at = lines.findIndex((line) => line.includes('"type":"event"'));
  lines[at] = lines[at]!.replace('"outcome":"accepted"', '"outcome":"wrong"');
  await verify.click();
  const buffer = Buffer.from(lines.join("\n"));
  await dialog.locator("input").setInputFiles({ name: "log.ndjson", mimeType: "text/plain", buffer });
  await expect(dialog.getByText("Something was changed.")).toBeVisible();
  await expect(dialog.getByText("Event 1 is not as it was sealed: it was changed afterwards.")).toBeVisible();
  await look(pages, "audit broken", "light-1280");
  await dialog
    .locator("input")
    .setInputFiles({ name: "x", mimeType: "text/plain", buffer: Buffer.from("x") });
  await expect(dialog.getByText("A line cannot be read, or does not belong there.")).toBeVisible();
  const whole = Buffer.from(file);
  await dialog.locator("input").setInputFiles({ name: "x", mimeType: "text/plain", buffer: whole });
  await expect(dialog.getByText("Nothing was changed.")).toBeVisible();
});
