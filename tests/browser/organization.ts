// What owners and admins do on the pages of their organization.

import type { Person } from "../harness/client.ts";
import { expect, type Pages } from "./browser.ts";

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 320, height: 800 };

/** Signs in by password and code, on the way to a page of the organization. */
export async function enter(pages: Pages, owner: Person, path: string): Promise<void> {
  const { page } = pages;
  await pages.advance(30);
  await pages.open(path);
  await page.waitForURL(/\/sign-in/);
  const organization = page.getByLabel("Organization");
  if (await organization.isVisible()) await organization.fill(owner.organization.id);
  await page.getByLabel("Username").fill(owner.username);
  await page.getByLabel("Password").fill(owner.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(pages.code).toBeVisible();
  await pages.enter(owner.code());
  await page.waitForURL((url) => url.pathname === path.split("?")[0]);
}
