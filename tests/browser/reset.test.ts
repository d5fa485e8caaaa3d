// A lost phone, from the request for help to the new app, by mail that a server of the application sends.

import { codeAt } from "../harness/codes.ts";
import { MailServer } from "../harness/mail-server.ts";
import { expect, test } from "./browser.ts";
import { look } from "./look.ts";

test("a lost phone: help asked for, a link mailed and opened by a scanner first, a new app, and the old code stops", async ({
  acme,
  browser,
  harness,
  pages,
}) => {
  const { page } = pages;
  const mail = await MailServer.start(harness);
  try {
    const olive = await acme.person({ role: "owner", name: "Olive Owner", totp: true });
    const ann = await acme.person({ totp: true });
    const path = `${acme.path}/users/${encodeURIComponent(ann.username)}`;
    await acme.application.patch(path, { language: "de" });
    await pages.advance(0);
    await ann.signInFully();

    // The person asks for help.
    await pages.signIn(ann);
    await page.getByRole("button", { name: "I can’t use any of these" }).click();
    await page.getByRole("button", { name: "Send them a request" }).click();
    await expect.poll(() => mail.of("help_wanted", olive.username).length).toBe(1);

    // The owner starts the reset, and the link is mailed in the person's language.
    await olive.signInFully();
    const started = await olive.browser.post(`${path}/reset-mfa`, {});
    expect(started.status, started.text).toBe(200);
    const [first] = mail.of("reset_started", ann.username);
    expect(first?.data.language).toBe("de");
    const link = first?.data.links.act ?? "";
    expect(link.startsWith(`${harness.origin}/reset#pl_re_`)).toBe(true);
    expect(first?.data.text).toContain(link);

    // A program that looks through mail opens it, with and without JavaScript.
    for (const javaScriptEnabled of [true, false]) {
      const scanner = await browser.newContext({ javaScriptEnabled });
      for (let times = 0; times < 5; times++) {
        const opened = await scanner.newPage();
        expect((await opened.goto(link))?.status()).toBe(200);
        if (javaScriptEnabled) await expect(opened.getByLabel("Password")).toBeVisible();
        await opened.close();
      }
      await scanner.close();
    }
    expect((await ann.browser.get("/v1/me")).status, "nothing happened").toBe(200);

    await pages.open(link.slice(harness.origin.length));
    await expect(page).toHaveTitle("Set up your second step anew · Postern");
    expect(page.url()).toBe(`${harness.origin}/reset`);
    await expect(page.getByLabel("Username")).toHaveValue(ann.username);
    await expect(page.getByLabel("Password")).toBeFocused();
    await look(pages, "reset, the first step", "light-1280");
    await page.setViewportSize({ width: 320, height: 800 });
    await page.emulateMedia({ colorScheme: "dark" });
    await look(pages, "reset, the first step", "dark-320");
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByLabel("Password").fill("not the password");
    await page.getByRole("button", { name: "Sign in and go on" }).click();
    await expect(page.getByText("That isn’t the password.")).toBeVisible();
    await pages.advance(5);
    await page.getByLabel("Password").fill(ann.password);
    await page.getByRole("button", { name: "Sign in and go on" }).click();
    await pages.arrive();
    expect((await ann.browser.get("/v1/me")).status, "the old session works until now").toBe(200);
    await pages.enroll("New phone", (secret) => codeAt(secret, harness.time()));
    expect(await pages.saveBackupCodes()).toHaveLength(10);
    await expect(page.getByRole("button", { name: "Remove New phone" })).toBeVisible();
    await expect(page.getByRole("button", { name: "Remove Phone" })).toHaveCount(0);

    // Nothing old works, and the person hears of it.
    expect((await ann.browser.get("/v1/me")).status).toBe(401);
    expect(mail.of("reset_completed", ann.username)).toHaveLength(1);
    await pages.signOut();
    await pages.advance(60);
    await pages.signIn(ann);
    await pages.enter(ann.code());
    await expect(page.getByText("That code")).toBeVisible();
    await pages.open(link.slice(harness.origin.length));
    await expect(page.getByRole("heading", { name: "This link no longer works." })).toBeFocused();
    await look(pages, "reset, over", "light-1280");

    const events = await harness.sql(
      `SELECT DISTINCT action FROM event e JOIN user u ON (u.organization, u.id) = (e.organization, e.user)
       WHERE u.username = ?1 AND outcome = 'accepted'`,
      ann.username,
    );
    const actions = events.map(({ action }) => action);
    for (const action of ["help.request", "reset.start", "sign_in.first_factor", "reset.complete"]) {
      expect(actions).toContain(action);
    }
    expect(mail.refused).toBe(0);
  } finally {
    await mail.stop(harness);
  }
});
