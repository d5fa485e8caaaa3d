// A forgotten password, from the sign-in page to the mail, and with its link and the second step to a new one.

import { MailServer } from "../harness/mail-server.ts";
import { expect, test } from "./browser.ts";
import { look } from "./look.ts";

test("A79 a forgotten password: asked for by name, mailed, and set with the code of the app", async ({
  acme,
  harness,
  pages,
}) => {
  const { page } = pages;
  const mail = await MailServer.start(harness);
  try {
    const ann = await acme.person({ totp: true });
    await pages.advance(0);
    await pages.open(`/sign-in?organization=${acme.id}`);
    await look(pages, "sign-in with forgotten", "light-1280");
    await page.getByRole("link", { name: "Forgot your password?" }).click();
    await expect(page).toHaveTitle("A new password · Postern");
    await expect(page.getByLabel("Organization")).toHaveValue(acme.id);
    await look(pages, "forgotten, who", "light-1280");

    // Without a person of that name: the same words.
    const asked = page.getByRole("heading", { name: "Look at your mail" });
    await page.getByLabel("Username").fill("nobody");
    await page.getByRole("button", { name: "Send the mail" }).click();
    await expect(asked).toBeFocused();
    await pages.open(`/password?organization=${acme.id}`);
    await page.getByRole("button", { name: "Send the mail" }).click();
    await expect(page.getByText("Enter your username.")).toBeVisible();
    await page.getByLabel("Username").fill(ann.username);
    await page.getByRole("button", { name: "Send the mail" }).click();
    await expect(asked).toBeFocused();
    await look(pages, "forgotten, asked", "light-1280");
    await expect.poll(() => mail.of("password_forgotten", ann.username)).toHaveLength(1);
    const { data } = mail.of("password_forgotten", ann.username)[0]!;
    const link = data.links.act!.replace(/^https?:\/\/[^/]*/, "");
    expect(link).toMatch(/^\/password#pl_pw_/);
    expect(mail.mails.filter(({ type }) => type === "mail.password_forgotten")).toHaveLength(1);

    await pages.open(link);
    await expect(page.getByText(`For ${ann.username} at`)).toBeVisible();
    expect(page.url(), "the token left the address").toBe(`${harness.origin}/password`);
    await look(pages, "forgotten, choose", "light-1280");
    const save = page.getByRole("button", { name: "Set the password" });
    const fill = async (password: string, code: string) => {
      await page.getByLabel("New password").fill(password);
      await page.getByLabel("Code from your app").fill(code);
      await save.click();
    };
    await fill("password1", await ann.code());
    await expect(page.getByText("Choose another password")).toBeVisible();
    await fill("an entirely new password", "");
    await expect(page.getByText("Enter the code that your app shows.")).toBeVisible();
    const right = await ann.code();
    await fill("an entirely new password", String((Number(right) + 1) % 1_000_000).padStart(6, "0"));
    await expect(page.getByText("That code didn’t work")).toBeVisible();
    await page.setViewportSize({ width: 390, height: 844 });
    await look(pages, "forgotten, wrong code", "light-390");
    await page.emulateMedia({ colorScheme: "dark" });
    await look(pages, "forgotten, wrong code", "dark-390");
    await page.emulateMedia({ colorScheme: "light" });
    await pages.advance(30);
    await fill("an entirely new password", await ann.code());
    await expect(page.getByRole("heading", { name: "Your password is set." })).toBeFocused();
    await look(pages, "forgotten, done", "light-390");
    await page.getByRole("link", { name: "Sign in" }).click();
    await expect(page.getByLabel("Username")).toBeVisible();

    await pages.open(link);
    await expect(page.getByRole("heading", { name: "This link no longer works." })).toBeFocused();
    await look(pages, "forgotten, over", "light-390");
  } finally {
    await mail.stop(harness);
  }
});

test("a forgotten password is set with a passkey as the second step", async ({
  acme,
  device,
  harness,
  pages,
}) => {
  const { page } = pages;
  const mail = await MailServer.start(harness);
  try {
    const ann = await acme.person();
    await pages.signIn(ann);
    await pages.arrive();
    await pages.addPasskey();
    await pages.saveBackupCodes();
    const ask = { organization: acme.id, username: ann.username };
    await ann.browser.post("/v1/passwords/forgotten", ask);
    await expect.poll(() => mail.of("password_forgotten", ann.username)).toHaveLength(1);
    const link = mail.of("password_forgotten", ann.username)[0]!.data.links.act!;
    await pages.open(link.slice(harness.origin.length));
    await expect(page.getByText("Your passkey is asked for when you set the password.")).toBeVisible();
    await look(pages, "forgotten, by passkey", "light-1280");
    await page.getByRole("button", { name: "Use a backup code" }).click();
    await expect(page.getByLabel("Backup code")).toBeFocused();
    await page.getByRole("button", { name: "Use your passkey" }).click();
    await page.getByLabel("New password").fill("an entirely new password");
    const save = page.getByRole("button", { name: "Set the password" });
    await device.signsBadly(true);
    await save.click();
    await expect(page.getByText("That passkey didn’t work.")).toBeVisible();
    await look(pages, "forgotten, wrong passkey", "light-1280");
    await device.signsBadly(false);
    await save.click();
    await expect(page.getByRole("heading", { name: "Your password is set." })).toBeFocused();
    ann.password = "an entirely new password";
    await pages.signIn(ann);
    await pages.usePasskey.click();
    await pages.arrive();
  } finally {
    await mail.stop(harness);
  }
});
