// Mail that has not left, on the page of settings: what was given up, why, and another try.

import { MailServer } from "../harness/mail-server.ts";
import { expect, test } from "./browser.ts";
import { look } from "./look.ts";
import { DESKTOP, PHONE, enter } from "./organization.ts";

test("mail that was given up is shown to owners, and sent again", async ({ acme, harness, pages }) => {
  test.setTimeout(240_000);
  const { page } = pages;
  const mail = await MailServer.start(harness);
  try {
    const olive = await acme.person({ role: "owner", name: "Olive Owner", totp: true });
    const ann = await acme.person({ name: "Ann Archer" });
    await page.setViewportSize(DESKTOP);
    await enter(pages, olive, "/settings");
    await expect(page.getByText("All mail has left.")).toBeVisible();
    await look(pages, "settings, all mail left", "light-1280");

    // Nobody takes it, for three days.
    mail.status = 500;
    await acme.application.post(`${acme.path}/users/${ann.username}/sign-out`, {});
    await harness.sql(
      "UPDATE mail SET tries = 17, failed_at = created_at + 10 WHERE address = ?1 AND kind = 'signed_out'",
      ann.username,
    );
    await acme.application.post(`${acme.path}/users/${ann.username}/unlock`, {});
    await page.reload();
    const givenUp = page.getByRole("listitem").filter({ hasText: "Signed out everywhere" });
    await expect(givenUp).toContainText("given up");
    await expect(givenUp).toContainText("after 17 tries. The last one failed: answered 500.");
    await expect(page.getByRole("listitem").filter({ hasText: "Unlocked" })).toContainText(
      "Written this minute, next try",
    );
    await look(pages, "settings, mail", "light-1280");
    await page.setViewportSize(PHONE);
    await page.emulateMedia({ colorScheme: "dark" });
    await look(pages, "settings, mail", "dark-320");

    mail.status = 204;
    await page.getByRole("button", { name: `Send again: Signed out everywhere, to ${ann.username}` }).click();
    await expect(page.getByText("The mail is tried again.")).toBeVisible();
    await expect.poll(() => mail.of("signed_out", ann.username)).toHaveLength(1);
    await page.reload();
    await expect(page.getByText("Unlocked")).toBeVisible();
    await expect(givenUp).toHaveCount(0);
  } finally {
    await mail.stop(harness);
  }
});
