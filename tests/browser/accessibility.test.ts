// axe-core on every state of every page: light and dark, wide and 320 px.

import AxeBuilder from "@axe-core/playwright";
import { oathtool } from "../harness/codes.ts";
import { expect, test, type Pages } from "./browser.ts";

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1280, 320]) {
    test.describe(`${colorScheme}, ${width} px`, () => {
      test.use({ colorScheme, viewport: { width, height: 800 } });

      test("sign-in", async ({ acme, pages }) => {
        const ann = await acme.person({ totp: true });
        await pages.advance(0);
        await pages.open("/sign-in");
        await check(pages, "the first step");
        await pages.page.getByRole("button", { name: "Sign in", exact: true }).click();
        await check(pages, "the first step, refused");
        await pages.signIn(ann);
        await expect(pages.code).toBeVisible();
        await check(pages, "the second step");
        await pages.enter("000000");
        await check(pages, "the second step, refused");
        await pages.page.getByRole("button", { name: "Use a backup code" }).click();
        await check(pages, "a backup code");
      });

      test("security", async ({ acme, harness, pages }) => {
        const ann = await acme.person({ name: "Ann Archer" });
        await pages.signIn(ann);
        await pages.arrive();
        await check(pages, "nothing enrolled");
        const add = pages.page.getByRole("button", { name: "Add authenticator" });
        await add.click();
        await expect(pages.page.getByRole("img", { name: "QR code" })).toBeVisible();
        await check(pages, "enrolling");
        await pages.page.getByRole("button", { name: "Confirm" }).click();
        await check(pages, "enrolling, refused");
        await pages.page.getByRole("button", { name: "Cancel" }).click();
        await pages.enroll("Phone", (secret) => oathtool(secret, harness.time()));
        await expect(pages.page.getByRole("list", { name: "Backup codes" })).toBeVisible();
        await check(pages, "backup codes");
        await pages.saveBackupCodes();
        await check(pages, "enrolled");
        await pages.page.getByRole("button", { name: "Rename Phone" }).click();
        await check(pages, "renaming");
        await pages.page.getByRole("button", { name: "Cancel" }).click();
        await pages.page.getByRole("button", { name: "Remove Phone" }).click();
        await check(pages, "removing");
      });

      test("security withheld", async ({ acme, pages }) => {
        const { page } = pages;
        const [ann, bob] = [await acme.person(), await acme.person({ totp: true })];
        await acme.setPolicy({ mode: "required", surfaces: { control_panel: { max_age: 600 } } });
        await pages.advance(0);
        await pages.signIn(ann);
        await pages.arrive();
        await check(pages, "nothing but enrolling");
        await pages.signOut();
        await pages.signIn(bob);
        await pages.enter(bob.code());
        await pages.arrive();
        await pages.advance(601);
        await page.reload();
        await expect(page.getByRole("dialog")).toBeVisible();
        await check(pages, "asked again");
        await page.getByRole("button", { name: "Cancel" }).click();
        await expect(page.getByRole("button", { name: "Go on" })).toBeVisible();
        await check(pages, "asked again, canceled");
      });

      test("passkeys", async ({ acme, device, pages }) => {
        const { page } = pages;
        const ann = await acme.person({ name: "Ann Archer" });
        await pages.signIn(ann);
        await pages.arrive();
        await pages.addPasskey();
        await pages.saveBackupCodes();
        await page.getByRole("button", { name: "Add a passkey" }).click();
        await expect(page.getByText("already holds a passkey")).toBeVisible();
        await check(pages, "one enrolled, another refused");
        await pages.advance(600);
        await page.getByRole("button", { name: "Add a passkey" }).click();
        await expect(pages.usePasskey).toBeVisible();
        await check(pages, "a step-up");
        await page.getByRole("button", { name: "Cancel" }).click();
        await pages.signOut();
        await pages.signIn(ann);
        await expect(pages.usePasskey).toBeVisible();
        await check(pages, "the second step");
        await device.signsBadly(true);
        await pages.usePasskey.click();
        await expect(page.getByText("That passkey didn’t work.")).toBeVisible();
        await check(pages, "the second step, refused");
        await pages.advance(300);
        await expect(page.getByText("within five minutes")).toBeVisible();
        await check(pages, "the second step, late");
        await page.getByRole("button", { name: "Start over" }).click();
        await pages.alone.click();
        await expect(page.getByText("This passkey isn’t known here.")).toBeVisible();
        await check(pages, "alone, refused");
      });
    });
  }
}

/** No violation of WCAG 2.2 AA or of axe's best practices, and nothing to scroll sideways for. */
async function check(pages: Pages, state: string): Promise<void> {
  await pages.page.evaluate(() =>
    Promise.all(document.getAnimations().map((animation) => animation.finished)),
  );
  const { violations } = await new AxeBuilder({ page: pages.page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    .analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  expect(found, state).toEqual([]);
  const over = await pages.page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(over, `${state} is wider than the screen`).toBeLessThanOrEqual(0);
}
