// A person is invited by an owner: the mail, its link, a password, and the sign-in that goes on to a second step.

import { codeAt } from "../harness/codes.ts";
import { MailServer } from "../harness/mail-server.ts";
import { expect, test } from "./browser.ts";
import { look } from "./look.ts";
import { DESKTOP, PHONE, enter } from "./organization.ts";

test("an invitation: sent from the person’s page, opened by a scanner first, accepted, and enrolled where the policy says so", async ({
  acme,
  browser,
  harness,
  pages,
}) => {
  test.setTimeout(240_000);
  const { page } = pages;
  const mail = await MailServer.start(harness);
  try {
    const olive = await acme.person({ role: "owner", name: "Olive Owner", totp: true });
    await acme.setPolicy({ mode: "required" });
    const bea = `bea-${Date.now().toString(36)}@example.test`;
    const path = `${acme.path}/users/${encodeURIComponent(bea)}`;
    const made = await acme.application.put(path, { name: "Bea Brand", email: bea });
    expect(made.status, made.text).toBe(201);

    // The owner sends it, and another one while the first is on its way.
    await page.setViewportSize(DESKTOP);
    await enter(pages, olive, "/people");
    await page.getByRole("link", { name: "Bea Brand" }).click();
    await expect(page.getByText(`a mail goes to ${bea}`)).toBeVisible();
    await look(pages, "a person to invite", "light-1280");
    await page.getByRole("button", { name: "Send an invitation" }).click();
    await expect(page.getByText("Bea Brand is mailed an invitation.")).toBeVisible();
    await expect(page.getByText("no password chosen yet")).toBeVisible();
    await expect(page.getByText("Was mailed an invitation")).toBeVisible();
    await look(pages, "an invited person", "light-1280");
    await page.setViewportSize(PHONE);
    await page.emulateMedia({ colorScheme: "dark" });
    await look(pages, "an invited person", "dark-320");
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize(DESKTOP);
    await page.getByRole("button", { name: "Send a new invitation" }).click();
    await expect.poll(() => mail.of("invitation", bea)).toHaveLength(2);
    const [older, newer] = mail.of("invitation", bea).map(({ data }) => data.links.act ?? "");
    expect(newer?.startsWith(`${harness.origin}/invitation#pl_in_`)).toBe(true);
    expect(mail.of("invitation", bea)[1]?.data.text).toContain("an owner of Acme");
    await pages.open("/security");
    await pages.signOut();

    // A program that looks through mail opens it, with and without JavaScript.
    for (const javaScriptEnabled of [true, false]) {
      const scanner = await browser.newContext({ javaScriptEnabled, locale: "de-AT" });
      for (let times = 0; times < 5; times++) {
        const opened = await scanner.newPage();
        expect((await opened.goto(newer!))?.status()).toBe(200);
        if (javaScriptEnabled) await expect(opened.getByLabel("Neues Passwort")).toBeVisible();
        await opened.close();
      }
      await scanner.close();
    }

    await pages.open(older!.slice(harness.origin.length));
    const over = page.getByRole("heading", { name: "This invitation no longer works." });
    await expect(over).toBeFocused();
    await look(pages, "invitation, over", "light-1280");
    await pages.open(newer!.slice(harness.origin.length));
    await expect(page).toHaveTitle("Your invitation · Postern");
    await expect(page.getByLabel("New password")).toBeFocused();
    expect(page.url(), "the token left the address").toBe(`${harness.origin}/invitation`);
    await expect(page.getByText("invites you.")).toBeVisible();
    await expect(page.getByText(bea)).toBeVisible();
    await look(pages, "invitation", "light-1280");
    await page.emulateMedia({ colorScheme: "dark" });
    await look(pages, "invitation", "dark-1280");
    await page.setViewportSize({ width: 390, height: 844 });
    await look(pages, "invitation", "dark-390");
    await page.emulateMedia({ colorScheme: "light" });
    const save = page.getByRole("button", { name: "Set the password" });
    await save.click();
    await expect(page.getByText("Enter your password.")).toBeVisible();
    await page.getByLabel("New password").fill("password1");
    await save.click();
    await expect(page.getByText("Choose another password")).toBeVisible();
    await look(pages, "invitation, a weak password", "light-390");
    await page.getByLabel("New password").fill("an entirely new password");
    await save.click();
    await expect(page.getByRole("heading", { name: "Your password is set." })).toBeFocused();
    await look(pages, "invitation, done", "light-390");
    await page.setViewportSize(DESKTOP);
    await look(pages, "invitation, done", "light-1280");

    // The sign-in that everyone has, which asks for a second step before anything is shown.
    await page.getByRole("link", { name: "Sign in" }).click();
    await page.getByLabel("Username").fill(bea);
    await page.getByLabel("Password").fill("an entirely new password");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await pages.arrive();
    await pages.enroll("My phone", (secret) => codeAt(secret, harness.time()));
    expect(await pages.saveBackupCodes()).toHaveLength(10);
    await pages.open(newer!.slice(harness.origin.length));
    await expect(over).toBeFocused();
    const { json } = await acme.application.get(`${path}/security`);
    expect([json.password, json.invitation]).toEqual([true, null]);
    const actions = json.events.map(({ action }: { action: string }) => action);
    for (const action of ["invitation.send", "invitation.accept", "enrollment.confirm"]) {
      expect(actions).toContain(action);
    }
  } finally {
    await mail.stop(harness);
  }
});
