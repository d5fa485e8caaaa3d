// Passkeys on the pages, with a device that Chromium plays.

import { expect, test } from "./browser.ts";
import { VirtualAuthenticator } from "./virtual-authenticator.ts";

test("the first one: backup codes, a list entry, renamed, removed", async ({ acme, pages }) => {
  const { page } = pages;
  const device = await VirtualAuthenticator.plugIn(page);
  const ann = await acme.person({ name: "Ann Archer" });
  await pages.signIn(ann);
  await pages.arrive();
  await pages.addPasskey();
  expect(await pages.saveBackupCodes()).toHaveLength(10);
  expect(await device.credentials()).toHaveLength(1);
  const entry = page.getByRole("listitem").filter({ hasText: "last used just now" });
  await expect(entry).toContainText("Passkey");
  await expect(entry).toContainText("This device only");

  await page.getByRole("button", { name: "Rename Passkey" }).click();
  await page.getByLabel("Name").fill("Laptop");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "Remove Laptop" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("your last authenticator");
  await dialog.getByRole("button", { name: "Remove", exact: true }).click();
  await expect(page.getByRole("button", { name: "Remove Laptop" })).toBeHidden();
  await expect(page.getByText("None yet.")).toBeVisible();
});
