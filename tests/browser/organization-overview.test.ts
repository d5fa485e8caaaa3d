// The organization at a glance, in a real browser.

import { expect, test } from "./browser.ts";
import { look } from "./look.ts";
import { DESKTOP, PHONE, enter } from "./organization.ts";

test("who keeps a second step, who is due, and who is attacked", async ({ acme, harness, pages }) => {
  const { page } = pages;
  const ann = await acme.person({ name: "Ann Archer", role: "owner", totp: true });
  const bob = await acme.person({ name: "Bob Baker", totp: true });
  await acme.person({ name: "Cho Carter" });
  await acme.setPolicy({ mode: "required" });
  await page.setViewportSize(DESKTOP);
  await enter(pages, ann, "/overview");
  await expect(page.getByText("Nothing was refused in the last 30 days.")).toBeVisible();
  const challenge = await bob.challenge();
  for (let wrong = 0; wrong < 3; wrong += 1) await bob.verify(challenge, "000000");
  await harness.advance(0);
  await page.reload();
  await expect(page.getByRole("heading", { name: "67% of people keep a second step." })).toBeVisible();
  await expect(page.getByText("1 person at the next sign-in.")).toBeVisible();
  await expect(page.getByRole("link", { name: "Cho Carter" })).toBeVisible();
  await expect(page.getByText(/wrong proofs? from 1 network/)).toBeVisible();
  await expect(page.getByRole("img")).toHaveCount(1);
  await expect(page.getByText("This is the first day.")).toBeVisible();
  await page.getByText("As a table").first().click();
  await expect(page.getByRole("columnheader", { name: "With a second step" })).toBeVisible();
  await look(pages, "overview", "light-1280");
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize(PHONE);
  await look(pages, "overview", "dark-320");
  await page.getByRole("link", { name: "Bob Baker" }).click();
  await expect(page.getByRole("heading", { name: "Bob Baker" })).toBeVisible();
});

test("the organization’s settings: the only owner is told, and what is wrong is said at its field", async ({
  acme,
  pages,
}) => {
  const { page } = pages;
  const ann = await acme.person({ name: "Ann Archer", role: "owner", totp: true });
  await enter(pages, ann, "/settings");
  await expect(page.getByText("You are the only owner.")).toBeVisible();
  await page.getByLabel("Name", { exact: true }).fill("Steam");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("That name can’t be used.")).toBeVisible();
  await page.getByLabel("Name", { exact: true }).fill("Acme Works");
  await page.getByLabel("Whom to ask for help").fill("help@acme.test");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { name: "Acme Works’s settings" })).toBeVisible();
  await expect(page.getByText("Acme Works", { exact: true })).toBeVisible();
  await look(pages, "settings", "light-1280");
  await pages.open("/security");
  await page.getByRole("link", { name: "Your organization" }).click();
  await expect(page.getByRole("link", { name: "Settings" })).toBeVisible();
  await pages.signOut();
  await pages.signIn(ann);
  await page.getByRole("button", { name: "I can’t use any of these" }).click();
  await expect(page.getByText("If they can’t help: help@acme.test")).toBeVisible();
});
