// axe-core on every state of every page: a light desktop and a dark phone of 320 px, since neither the colors nor the
// places depend on the other. Where POSTERN_SCREENSHOTS names a folder (`npm run screenshots`), the other two pairs are
// looked at as well, and each state is left there as a picture.

import { oathtool } from "../harness/codes.ts";
import { expect, test, type Pages } from "./browser.ts";
import { look as check } from "./look.ts";

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1280, 320]) {
    const isPair = (colorScheme === "dark") === (width === 320);
    if (!isPair && !process.env["POSTERN_SCREENSHOTS"]) continue;
    test.describe(`${colorScheme}, ${width} px`, () => {
      const phone = width === 320;
      test.use({ colorScheme, viewport: { width, height: 800 }, hasTouch: phone, isMobile: phone });
      const look = (pages: Pages, state: string) => check(pages, state, `${colorScheme}-${width}`);

      test("sign-in", async ({ acme, pages }) => {
        const ann = await acme.person({ totp: true });
        await pages.advance(0);
        await pages.open("/no/such/page");
        await look(pages, "an unknown address");
        await pages.page.getByRole("link", { name: "Go to sign-in" }).click();
        await expect(pages.page.getByLabel("Username")).toBeVisible();
        await look(pages, "the first step");
        await pages.page.getByRole("button", { name: "Sign in", exact: true }).click();
        await look(pages, "the first step, refused");
        await pages.signIn(ann);
        await expect(pages.code).toBeVisible();
        await look(pages, "the second step");
        await pages.enter("000000");
        await look(pages, "the second step, refused");
        await pages.page.getByRole("button", { name: "Use a backup code" }).click();
        await look(pages, "a backup code");
        await pages.page.getByRole("button", { name: "I can’t use any of these" }).click();
        await expect(pages.page.getByText("Ask the support of the service")).toBeVisible();
        await look(pages, "all is lost");
        await pages.page.getByRole("button", { name: "Back to the ways" }).click();
        await pages.page.getByLabel("Backup code").fill(ann.backupCodes[0]!);
        await pages.page.getByRole("button", { name: "Verify" }).click();
        await pages.arrive();
        await look(pages, "getting back in");
      });

      test("security", async ({ acme, harness, pages }) => {
        const ann = await acme.person({ name: "Ann Archer" });
        await pages.signIn(ann);
        await pages.arrive();
        await look(pages, "nothing enrolled");
        const add = pages.page.getByRole("button", { name: "Add authenticator" });
        await add.click();
        await expect(pages.page.getByTestId("preview")).toBeVisible();
        await look(pages, "enrolling");
        await pages.page.getByRole("button", { name: "Confirm" }).click();
        await look(pages, "enrolling, refused");
        await pages.page.getByRole("button", { name: "Cancel" }).click();
        await pages.enroll("Phone", (secret) => oathtool(secret, harness.time()));
        await expect(pages.page.getByRole("list", { name: "Backup codes" })).toBeVisible();
        await look(pages, "backup codes");
        await pages.saveBackupCodes();
        await look(pages, "enrolled");
        await pages.page.getByRole("button", { name: "Rename Phone" }).click();
        await look(pages, "renaming");
        await pages.page.getByRole("button", { name: "Cancel" }).click();
        await pages.page.getByRole("button", { name: "Remove Phone" }).click();
        await look(pages, "removing");
      });

      test("security withheld", async ({ acme, pages }) => {
        const { page } = pages;
        const [ann, bob] = [await acme.person(), await acme.person({ totp: true })];
        await acme.setPolicy({ mode: "required", surfaces: { control_panel: { max_age: 600 } } });
        await pages.advance(0);
        await pages.signIn(ann);
        await pages.arrive();
        await look(pages, "nothing but enrolling");
        await pages.signOut();
        await pages.signIn(bob);
        await pages.enter(bob.code());
        await pages.arrive();
        await pages.advance(601);
        await page.reload();
        await expect(page.getByRole("dialog")).toBeVisible();
        await look(pages, "asked again");
        await page.getByRole("button", { name: "Cancel" }).click();
        await expect(page.getByRole("button", { name: "Go on" })).toBeVisible();
        await look(pages, "asked again, canceled");
      });

      test("passkeys", async ({ acme, device, pages }) => {
        const { page } = pages;
        const ann = await acme.person({ name: "Ann Archer" });
        await pages.signIn(ann);
        await pages.arrive();
        await pages.addPasskey();
        await pages.saveBackupCodes();
        await pages.askForPasskey();
        await expect(page.getByText("already holds a passkey")).toBeVisible();
        await look(pages, "one enrolled, another refused");
        await pages.advance(600);
        await pages.askForPasskey();
        await expect(pages.usePasskey).toBeVisible();
        await look(pages, "a step-up");
        await page.getByRole("button", { name: "Cancel" }).click();
        await pages.signOut();
        await pages.signIn(ann);
        await expect(pages.usePasskey).toBeVisible();
        await look(pages, "the second step");
        await device.signsBadly(true);
        await pages.usePasskey.click();
        await expect(page.getByText("That passkey didn’t work.")).toBeVisible();
        await look(pages, "the second step, refused");
        await pages.advance(300);
        await expect(page.getByText("within five minutes")).toBeVisible();
        await look(pages, "the second step, late");
        await page.getByRole("button", { name: "Start over" }).click();
        await pages.alone.click();
        await expect(page.getByText("This passkey isn’t known here.")).toBeVisible();
        await look(pages, "alone, refused");
      });
    });
  }
}
