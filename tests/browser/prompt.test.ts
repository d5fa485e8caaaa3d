// The offer to enroll after a sign-in: an owner sets it, a person puts it off and is asked again.

import { oathtool } from "../harness/codes.ts";
import { DESKTOP, enter } from "./organization.ts";
import { expect, test } from "./browser.ts";
import { look } from "./look.ts";

const DAY = 86_400;
const APPLICATION = "/openapi.json?organization=elsewhere";

test("S2 “users who will be prompted to enable two-factor authentication after they logged in”: not now, and again", async ({
  acme,
  harness,
  pages,
}) => {
  const { page } = pages;
  const olive = await acme.person({ role: "owner", totp: true });
  const bob = await acme.person({ groups: ["staff"] });
  const cleo = await acme.person();

  await enter(pages, olive, "/policy");
  await page.getByLabel("Days until the next time").fill("3");
  const preview = page.locator("postern-policy-preview");
  await expect(preview).toContainText(/2\s*are offered a second step, and can say “not now”/);
  await page.getByRole("radio", { name: "Some groups", exact: true }).check();
  await page.getByLabel("Add a group").fill("staff");
  await page.keyboard.press("Enter");
  await expect(preview).toContainText(/1\s*is offered a second step/);
  await look(pages, "policy, the prompt", "desktop");
  await page.getByLabel("Days until the next time").fill("");
  await page.getByRole("button", { name: "Review and save" }).click();
  await expect(page.getByText("1 to 365 days.")).toBeVisible();
  await page.getByLabel("Days until the next time").fill("3");
  await page.getByRole("button", { name: "Review and save" }).click();
  await expect(page.getByRole("dialog")).toContainText("yes, again after 3 days");
  await page.getByRole("button", { name: "Save the policy" }).click();
  await expect(page.getByText("The policy is saved.")).toBeVisible();

  await pages.open("/mark.svg");
  /** Signs in as somebody without a second factor, on the way to an application. */
  const signIn = async ({ username, password }: typeof bob) => {
    await page.context().clearCookies();
    await page.evaluate(() => localStorage.clear());
    await pages.open(`/sign-in?organization=${acme.id}&return=${encodeURIComponent(APPLICATION)}`);
    await page.getByLabel("Username").fill(username);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
  };
  const offer = page.getByRole("heading", { name: "Add a second step?" });
  const arrive = () => page.waitForURL(harness.origin + APPLICATION);

  await signIn(bob);
  await expect(offer).toBeFocused();
  await expect(page.getByText("you’ll be asked again on")).toBeVisible();
  await page.emulateMedia({ colorScheme: "light" });
  await look(pages, "the prompt", "desktop");
  await page.setViewportSize({ width: 320, height: 700 });
  await page.emulateMedia({ colorScheme: "dark" });
  await look(pages, "the prompt", "phone dark");
  await page.getByRole("button", { name: "Not now" }).click();
  await arrive();
  await page.setViewportSize(DESKTOP);

  // Not in this browser alone: the server remembers, and for no longer than the owner said.
  await pages.open("/mark.svg");
  await pages.advance(3 * DAY - 1);
  await signIn(bob);
  await arrive();
  // Cleo is in none of the groups.
  await pages.open("/mark.svg");
  await signIn(cleo);
  await arrive();
  await pages.open("/mark.svg");
  await pages.advance(1);
  await signIn(bob);
  await page.getByRole("button", { name: "Set it up now" }).click();
  await page.waitForURL(/\/security\?return=/);
  await pages.enroll("Phone", (secret) => oathtool(secret, harness.time()));
  await pages.saveBackupCodes();
  await arrive();
});
