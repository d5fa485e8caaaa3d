// What owners and admins do on the page of people, in a real browser. The titles name the sentences of the documents
// that the product is made from.

import { readFileSync } from "node:fs";
import { expect, test } from "./browser.ts";
import { look } from "./look.ts";
import { DESKTOP, PHONE, enter } from "./organization.ts";

test("S2 “manage and view the list of users who have two-factor authentication enabled”", async ({
  acme,
  pages,
}) => {
  const { page } = pages;
  const ann = await acme.person({ name: "Ann Archer", role: "owner", totp: true });
  await acme.person({ name: "Bob Baker", groups: ["finance"], totp: true });
  await acme.person({ name: "Cho Carter", role: "admin", groups: ["finance", "it"] });
  await acme.person({ name: "<b>Dee</b> & “Co” %_", groups: ["it"] });
  await page.setViewportSize(DESKTOP);
  await enter(pages, ann, "/people");
  await expect(page.getByRole("heading", { name: "2 of 4 people keep a second step." })).toBeVisible();
  await look(pages, "people", "light-1280");
  await page.getByRole("link", { name: "Without one 2" }).click();
  await expect(page.getByRole("rowheader", { name: "Cho Carter" })).toBeVisible();
  await expect(page.getByRole("rowheader")).toHaveCount(2);
  expect(page.url()).toContain("?enrollment=missing");
  await page.getByLabel("Search").fill("cho");
  await expect(page.getByRole("status").getByText("1 person found")).toBeVisible();
  await page.getByLabel("Search").fill("%");
  await expect(page.getByText("No person fits.")).toBeVisible();
  await look(pages, "no person fits", "light-1280");
  await page.getByRole("link", { name: "Show all people" }).click();
  await expect(page.getByRole("rowheader")).toHaveCount(4);
  await page.getByLabel("Group").pressSequentially("i");
  await expect(page.locator("datalist option[value=it]")).toHaveCount(1);
  await page.getByLabel("Group").fill("it");
  await expect(page.getByRole("rowheader")).toHaveCount(2);
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save as a file (CSV)" }).click();
  const file = await (await saved).path();
  expect(readFileSync(file, "utf8").trim().split("\r\n")).toHaveLength(3);
  await expect(page.getByText("The file was saved.")).toBeVisible();
  await page.goBack();
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize(PHONE);
  await look(pages, "people", "dark-320");
});

test("S2 “Remove user who has a new phone or lost a new phone, the system is going to prompt this user to re-setup”", async ({
  acme,
  pages,
}) => {
  const { page } = pages;
  const ann = await acme.person({ name: "Ann Archer", role: "owner", totp: true });
  const bob = await acme.person({ name: "Bob Baker", groups: ["finance"], totp: true });
  await acme.person({ name: "Cho Carter", role: "admin", totp: true });
  await bob.trust();
  await acme.setPolicy({ mode: "required" });
  await bob.signInFully();
  await page.setViewportSize(DESKTOP);
  await enter(pages, ann, "/people");
  await page.getByRole("link", { name: "Bob Baker" }).click();
  await expect(page.getByRole("heading", { name: "Bob Baker" })).toBeFocused();
  await expect(page.getByText("Bob Baker is asked for the second step.")).toBeVisible();
  await look(pages, "a person", "light-1280");
  await page.getByRole("button", { name: "Revoke second steps" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("10 backup codes")).toBeVisible();
  await look(pages, "revoking", "light-1280");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "Revoke second steps" })).toBeFocused();
  await page.keyboard.press("Enter");
  await dialog.getByRole("button", { name: "Revoke now" }).click();
  await expect(page.getByText("The second steps of Bob Baker have ended.")).toBeVisible();
  await expect(page.getByText("No authenticator yet.")).toBeVisible();
  await expect(
    page.getByText("Bob Baker has to add a second step before seeing anything else."),
  ).toBeVisible();
  expect((await bob.browser.get("/v1/session")).status).toBe(401);
  expect((await bob.signIn()).json.decision).toBe("enroll");
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize(PHONE);
  await look(pages, "a person, revoked", "dark-320");
  await page.goBack();
  await page.getByLabel("Choose Ann Archer").check();
  await page.getByLabel("Choose Cho Carter").check();
  await expect(page.getByText("2 people chosen")).toBeVisible();
  await page.getByRole("button", { name: "Revoke second steps" }).click();
  await expect(dialog.getByRole("heading", { name: "Revoke all second steps of 1 person?" })).toBeVisible();
  await expect(dialog.getByText("Ann Archer: above you, or yourself")).toBeVisible();
  await look(pages, "revoking several", "dark-320");
  await dialog.getByRole("button", { name: "Revoke now" }).click();
  await expect(page.getByText("The second steps of 1 person have ended.")).toBeVisible();
  await expect(page.getByText("2 people chosen")).toBeHidden();
  await expect(page.getByRole("heading", { name: "1 of 3 people keep a second step." })).toBeVisible();
});

test("a person who was locked out is let in again; oneself and those above are not helped", async ({
  acme,
  pages,
}) => {
  const { page } = pages;
  const ann = await acme.person({ name: "Ann Archer", role: "owner", totp: true });
  const cho = await acme.person({ name: "Cho Carter", role: "admin", totp: true });
  const bob = await acme.person({ name: "Bob Baker", totp: true });
  await enter(pages, cho, "/people");
  const challenge = await bob.challenge();
  for (let wrong = 0; wrong < 4; wrong += 1) await bob.verify(challenge, "000000");
  await pages.open(`/people?user=${encodeURIComponent(bob.username)}`);
  await expect(page.getByRole("heading", { name: "Locked out" })).toBeVisible();
  await page.getByRole("button", { name: "Unlock" }).click();
  await expect(page.getByText("Bob Baker can try again at once.")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Locked out" })).toBeHidden();
  for (const [person, why] of [
    [cho, "You can’t do this for yourself."],
    [ann, "Only an owner can help an owner or an admin."],
  ] as const) {
    await pages.open(`/people?user=${encodeURIComponent(person.username)}`);
    await expect(page.getByText(why)).toBeVisible();
    await expect(page.getByRole("button", { name: "Revoke second steps" })).toHaveCount(0);
  }
  await pages.open("/people?user=nobody");
  await expect(page.getByRole("heading", { name: "This person is not here." })).toBeFocused();
});

test("people are added, changed and deleted; what is wrong is said at its field", async ({ acme, pages }) => {
  const { page } = pages;
  const ann = await acme.person({ name: "Ann Archer", role: "owner", totp: true });
  await acme.person({ username: "bob@example.test", name: "Bob Baker" });
  await enter(pages, ann, "/people");
  await page.getByRole("button", { name: "Add a person" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name", { exact: true }).fill("Dee Dyer");
  await dialog.getByLabel("Username").fill("bob@example.test");
  await dialog.getByLabel("Mail address").fill("dee@example.test");
  await dialog.getByLabel("Add a group").fill("it");
  await page.keyboard.press("Enter");
  await dialog.getByLabel("Add a group").fill("finance");
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  await dialog.getByLabel("Add a group").fill("night");
  await page.keyboard.press("Enter");
  await dialog.getByRole("button", { name: "Remove night" }).click();
  await dialog.getByLabel("Role").selectOption("admin");
  await look(pages, "adding a person", "light-1280");
  const add = dialog.getByRole("button", { name: "Add a person" });
  await add.click();
  await expect(dialog.getByText("There is a person with this username already.")).toBeVisible();
  await expect(dialog.getByLabel("Username")).toBeFocused();
  const bob = await acme.application.get(`${acme.path}/users/bob%40example.test`);
  expect(bob.json.user).toMatchObject({ name: "Bob Baker", role: "member", groups: [] });
  await dialog.getByLabel("Username").fill("dee@example.test");
  await dialog.getByLabel("Mail address").fill("dee@example.test, eve@example.test");
  await add.click();
  await expect(dialog.getByText("That isn’t a mail address that can be written to.")).toBeVisible();
  await dialog.getByLabel("Mail address").fill("dee@example.test");
  await add.click();
  await expect(page.getByRole("heading", { name: "Dee Dyer" })).toBeFocused();
  await expect(page.getByText("it, finance")).toBeVisible();

  await page.getByRole("button", { name: "Edit" }).click();
  await dialog.getByLabel("Role").selectOption("member");
  await dialog.getByLabel("Sign-in").selectOption("disabled");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Dee Dyer was changed.")).toBeVisible();
  await expect(page.getByText("disabled", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Delete" }).click();
  await dialog.getByRole("button", { name: "Delete now" }).click();
  await expect(page.getByText("Dee Dyer was deleted.")).toBeVisible();
  await expect(page.getByRole("heading", { name: "1 of 2 people keep a second step." })).toBeVisible();

  await pages.open(`/people?user=${encodeURIComponent(ann.username)}`);
  await page.getByRole("button", { name: "Edit" }).click();
  await expect(
    dialog.getByText("Of yourself you change the name, the addresses and the language."),
  ).toBeVisible();
  await expect(dialog.getByLabel("Role")).toHaveCount(0);
});

test("the page of people is for owners and admins who showed two factors", async ({ acme, pages }) => {
  const { page } = pages;
  const bob = await acme.person({ name: "Bob Baker", totp: true });
  await acme.person({ name: "Ann Archer", role: "owner", totp: true });
  await enter(pages, bob, "/people");
  await expect(page.getByText("This page is for owners and admins.")).toBeVisible();
  await expect(page.getByRole("rowheader")).toHaveCount(0);
  await look(pages, "not for members", "light-1280");
});

test("S2 a session ends while a person is added: what was typed is there after signing in", async ({
  acme,
  pages,
}) => {
  const { page } = pages;
  const olive = await acme.person({ role: "owner", totp: true });
  await enter(pages, olive, "/people");
  await page.getByRole("button", { name: "Add a person" }).first().click();
  const form = page.getByRole("dialog");
  await form.getByLabel("Name", { exact: true }).fill("Nora Newcomer");
  await form.getByLabel("Username").fill("nora");
  await form.getByLabel("Role").selectOption("admin");
  const path = `${acme.path}/users/${encodeURIComponent(olive.username)}`;
  expect((await acme.application.post(`${path}/sign-out`, {})).status).toBe(200);
  await form.getByRole("button", { name: "Add a person" }).click();
  await page.waitForURL(/\/sign-in/);
  await pages.advance(60);
  await page.getByLabel("Username").fill(olive.username);
  await page.getByLabel("Password").fill(olive.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(pages.code).toBeVisible();
  await pages.enter(olive.code());
  await page.waitForURL(/\/people/);
  await expect(form.getByLabel("Name", { exact: true })).toHaveValue("Nora Newcomer");
  await expect(form.getByLabel("Username")).toHaveValue("nora");
  await expect(form.getByLabel("Role")).toHaveValue("admin");
  await form.getByRole("button", { name: "Cancel" }).click();
  await page.reload();
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(form).toHaveCount(0);
});
