// A person with a phone: the QR read from the screen, the codes from oathtool.

import { oathtool, wrongCode } from "../harness/codes.ts";
import { expect, test } from "./browser.ts";

test("enrolls with the QR as pixels, signs out, signs in with a code, and is refused with a wrong or a used one", async ({
  acme,
  harness,
  pages,
}) => {
  const ann = await acme.person({ name: "Ann Archer" });
  const code = (secret: string) => oathtool(secret, harness.time());
  await pages.signIn(ann);
  await pages.arrive();
  const secret = await pages.enroll("Ann’s phone", code);
  expect(secret).toMatch(/^[A-Z2-7]{32}$/);
  const backupCodes = await pages.saveBackupCodes();
  expect(backupCodes.length).toBe(10);
  await expect(pages.page.getByRole("button", { name: "Rename Ann’s phone" })).toBeVisible();
  await pages.signOut();

  await pages.advance(60);
  await pages.signIn(ann);
  await expect(pages.code).toBeFocused();
  expect(await pages.enter(wrongCode(secret, harness.time()))).toBe(401);
  await expect(pages.page.getByRole("alert").filter({ hasText: /\w/ })).toBeVisible();
  expect(pages.page.url()).toContain("/sign-in");
  const used = code(secret);
  expect(await pages.enter(used)).toBe(200);
  await pages.arrive();
  await pages.signOut();

  await pages.signIn(ann);
  expect(await pages.enter(used)).toBe(401);
  await expect(pages.page.getByRole("alert").filter({ hasText: /\w/ })).toBeVisible();
  await pages.advance(30);
  expect(await pages.enter(code(secret))).toBe(200);
  await pages.arrive();
});

test("the entry is previewed without giving its code away, and the key is there to type", async ({
  acme,
  harness,
  pages,
}) => {
  const { page } = pages;
  const ann = await acme.person();
  await pages.signIn(ann);
  await pages.arrive();
  await page.getByRole("button", { name: "Add authenticator" }).click();
  await pages.showQr();
  const secret = new URL(await pages.readQr()).searchParams.get("secret")!;
  const key = page.getByTestId("secret");
  await expect(key).toHaveText(secret.match(/.{4}/g)!.join(" "));
  await expect(key).toHaveAttribute("dir", "ltr");
  const code = oathtool(secret, harness.time());
  const shown = `${code.slice(0, 3)} ${code.slice(3)}`;
  const preview = page.getByTestId("preview");
  await expect(preview).toContainText(ann.username);
  await expect(preview).toContainText("••• •••");
  expect(await page.getByRole("dialog").innerText()).not.toContain(shown);
  // To compare clocks, once a code did not match.
  await pages.code.fill(wrongCode(secret, harness.time()));
  await page.getByRole("button", { name: "Confirm" }).click();
  await expect(preview).toContainText(shown);
  // Full-width digits and a dash are the same code.
  const wide = [...code].map((digit) => String.fromCodePoint(digit.codePointAt(0)! + 0xfee0)).join("");
  await pages.code.fill(`${wide.slice(0, 3)}–${wide.slice(3)} `);
  await page.getByRole("button", { name: "Confirm" }).click();
  await pages.saveBackupCodes();
});

test("the same secret is shown again until it is started over", async ({ acme, pages }) => {
  const ann = await acme.person();
  await pages.signIn(ann);
  await pages.arrive();
  const add = pages.page.getByRole("button", { name: "Add authenticator" });
  const shown = pages.page.getByTestId("secret");
  await add.click();
  await expect(shown).toHaveText(/^(\w{4} ){7}\w{4}$/);
  const first = await shown.textContent();
  await pages.page.getByRole("button", { name: "Cancel" }).click();
  await pages.page.reload();
  await add.click();
  await expect(shown).toHaveText(first!);
  await pages.page.getByRole("button", { name: "Start over with a new key" }).click();
  await expect(shown).not.toHaveText(first!);
});

test("authenticators are renamed and removed", async ({ acme, harness, pages }) => {
  const ann = await acme.person();
  await pages.signIn(ann);
  await pages.arrive();
  const code = (secret: string) => oathtool(secret, harness.time());
  await pages.enroll("Phone", code);
  await pages.saveBackupCodes();
  await pages.page.getByRole("button", { name: "Rename Phone" }).click();
  await pages.page.getByLabel("Name").fill("Work phone");
  await pages.page.getByRole("button", { name: "Save" }).click();
  await expect(pages.page.getByRole("button", { name: "Rename Work phone" })).toBeVisible();

  await pages.enroll("Tablet", code);
  await expect(pages.page.getByRole("button", { name: "Remove Tablet" })).toBeVisible();
  for (const name of ["Work phone", "Tablet"]) {
    await pages.page.getByRole("button", { name: `Remove ${name}` }).click();
    if (name === "Tablet") await pages.page.getByRole("dialog").getByLabel("Password").fill(ann.password);
    await pages.page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
    await expect(pages.page.getByRole("button", { name: `Remove ${name}` })).toBeHidden();
  }
  await pages.signOut();
  await pages.signIn(ann);
  await pages.arrive();
});

test("a new password takes the current one, where that is all there is", async ({ acme, pages }) => {
  const { page } = pages;
  const ann = await acme.person();
  await pages.advance(0);
  await pages.signIn(ann);
  await pages.arrive();
  await page.getByRole("button", { name: "Change password" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("Everything else that is signed in as you is signed out");
  const save = dialog.getByRole("button", { name: "Save password" });
  await dialog.getByLabel("New password").fill("another password 7");
  await save.click();
  await expect(dialog.getByText("Enter your current password.")).toBeVisible();
  await dialog.getByLabel("Current password").fill("not the password 8");
  await save.click();
  await expect(dialog.getByText("That password didn’t work.")).toBeVisible();
  await dialog.getByLabel("Current password").fill(ann.password);
  await save.click();
  await expect(page.getByText("Your password is changed.")).toBeVisible();
  await pages.signOut();
  ann.password = "another password 7";
  await pages.signIn(ann);
  await pages.arrive();
});

test("a session that ended sends the person to the sign-in page", async ({ acme, pages }) => {
  const ann = await acme.person();
  await pages.signIn(ann);
  await pages.arrive();
  await pages.advance(7_200);
  await pages.page.reload();
  await pages.page.waitForURL(/\/sign-in/);
});

test("the front door knows where to send whom", async ({ acme, pages }) => {
  await pages.open("/");
  await pages.page.waitForURL(/\/sign-in/);
  const ann = await acme.person();
  await pages.signIn(ann);
  await pages.arrive();
  await pages.open("/");
  await pages.page.waitForURL(/\/security$/);
});

test("a return address leads to our own pages only", async ({ acme, pages, harness }) => {
  const ann = await acme.person();
  for (const target of [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "//",
    "//a:99999",
    "javascript:alert(1)",
  ]) {
    await pages.page.context().clearCookies();
    await pages.open(`/sign-in?organization=${acme.id}&return=${encodeURIComponent(target)}`);
    await pages.page.getByLabel("Username").fill(ann.username);
    await pages.page.getByLabel("Password").fill(ann.password);
    await pages.page.getByRole("button", { name: "Sign in", exact: true }).click();
    await pages.arrive();
    expect(new URL(pages.page.url()).origin).toBe(harness.origin);
  }
});

test("a return address of our own origin stays there, however it is written", async ({
  acme,
  pages,
  harness,
}) => {
  const ann = await acme.person();
  for (const target of [
    "/.//evil.example/",
    "/..//evil.example/x",
    "/a/..//evil.example",
    "/%2e//evil.example",
  ]) {
    await pages.page.context().clearCookies();
    await pages.open(`/sign-in?organization=${acme.id}&return=${encodeURIComponent(target)}`);
    await pages.page.getByLabel("Username").fill(ann.username);
    await pages.page.getByLabel("Password").fill(ann.password);
    await pages.page.getByRole("button", { name: "Sign in", exact: true }).click();
    const notNow = pages.page.getByRole("button", { name: "Not now" });
    await notNow.or(pages.page.locator("body:not(.gate)")).first().waitFor();
    if (await notNow.isVisible()) await notNow.click();
    await pages.page.waitForURL(({ pathname }) => pathname !== "/sign-in");
    expect(new URL(pages.page.url()).origin).toBe(harness.origin);
  }
});
