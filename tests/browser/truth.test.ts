// The security page and the truth: refusals that mean it is late, answers that got lost, dialogs that end once.

import { oathtool } from "../harness/codes.ts";
import type { Person } from "../harness/client.ts";
import { expect, test, type Pages } from "./browser.ts";

async function signIn(pages: Pages, person: Person): Promise<void> {
  await pages.advance(0);
  await pages.signIn(person);
  await pages.enter(person.code());
  await pages.arrive();
}

test("a refusal brings the page up to date", async ({ acme, pages }) => {
  const { page } = pages;
  const ann = await acme.person({ totp: true });
  await signIn(pages, ann);
  await acme.setPolicy({ mode: "required" });
  await page.getByRole("button", { name: "Remove Phone" }).click();
  await page.getByRole("dialog").getByLabel("Password").fill(ann.password);
  await page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
  await expect(page.getByRole("heading", { name: "This one has to stay" })).toBeVisible();
  await page.getByRole("button", { name: "Close" }).click();
  await expect(page.getByRole("button", { name: "Turn off two-step sign-in" })).toHaveCount(0);
  await pages.showWays();
  await acme.setPolicy({ mode: "off" }, 1);
  await page.getByRole("button", { name: "Add authenticator app" }).click();
  await expect(page.getByText("nothing can be added")).toBeVisible();
  await expect(page.getByText("Add a second one")).toHaveCount(0);
});

test("a confirmation whose answer got lost is found in the list", async ({ acme, harness, pages }) => {
  const { page } = pages;
  pages.expected(/ERR_FAILED|Failed to load/);
  const ann = await acme.person();
  await pages.advance(0);
  await pages.signIn(ann);
  await pages.arrive();
  let lose = true;
  await page.route("**/v1/me/totp/confirm", async (route) => {
    const response = await route.fetch();
    if (!lose) return route.fulfill({ response });
    lose = false;
    await route.abort();
  });
  await pages.enroll("Phone", (secret) => oathtool(secret, harness.time()));
  await expect(page.getByText("No connection.")).toBeVisible();
  await page.getByRole("button", { name: "Confirm" }).click();
  await expect(page.getByText("among your authenticators by now")).toBeVisible();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("button", { name: "Remove Phone" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Two steps guard your account." })).toBeVisible();
});

test("starting over without a connection loses nothing", async ({ acme, pages }) => {
  const { page } = pages;
  pages.expected(/ERR_INTERNET_DISCONNECTED/);
  const ann = await acme.person();
  await pages.advance(0);
  await pages.signIn(ann);
  await pages.arrive();
  await page.getByRole("button", { name: "Add authenticator app" }).click();
  await page.getByLabel("Name").fill("Tablet");
  await page.context().setOffline(true);
  await page.getByRole("button", { name: "Start over with a new key" }).click();
  await expect(page.getByText("No connection.")).toBeVisible();
  await expect(page.getByLabel("Name")).toHaveValue("Tablet");
  await page.context().setOffline(false);
  const secret = page.getByTestId("secret");
  const before = await secret.textContent();
  await page.getByRole("button", { name: "Start over with a new key" }).click();
  await expect(secret).not.toHaveText(before!);
  await expect(page.getByText("No connection.")).toHaveCount(0);
});

test("a dialog ends once, and the focus goes back to where it was", async ({ acme, pages }) => {
  const { page } = pages;
  const ann = await acme.person({ totp: true });
  await page.addInitScript(() => {
    const open = HTMLDialogElement.prototype.showModal;
    HTMLDialogElement.prototype.showModal = function () {
      document.documentElement.dataset["dialogs"] = String(
        Number(document.documentElement.dataset["dialogs"] ?? 0) + 1,
      );
      open.call(this);
    };
  });
  await signIn(pages, ann);
  await page.getByRole("button", { name: "Rename Phone" }).click();
  await page.getByLabel("Name").fill("Tablet");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Rename Tablet" })).toBeFocused();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  expect(await page.evaluate(() => document.documentElement.dataset["dialogs"])).toBe("1");
});

test("new backup codes are not offered for one of the old", async ({ acme, pages }) => {
  const { page } = pages;
  const ann = await acme.person({ totp: true });
  await signIn(pages, ann);
  await pages.advance(301);
  await page.getByRole("button", { name: "Make new backup codes" }).click();
  await page.getByRole("button", { name: "Make new codes" }).click();
  await expect(page.getByText("Needed to make new backup codes.")).toBeVisible();
  await expect(pages.code).toBeFocused();
  await expect(page.getByRole("button", { name: "Use a backup code" })).toHaveCount(0);
  expect(await pages.enter(ann.code())).toBe(200);
  expect(await pages.saveBackupCodes()).toHaveLength(10);
});

test("a step-up that cannot be opened is tried again", async ({ acme, pages }) => {
  const { page } = pages;
  pages.expected(/ERR_FAILED|Failed to load/);
  const ann = await acme.person({ totp: true });
  await signIn(pages, ann);
  await pages.advance(301);
  await page.route("**/v1/challenges", (route) => route.abort());
  await page.getByRole("button", { name: "Make new backup codes" }).click();
  await page.getByRole("button", { name: "Make new codes" }).click();
  await expect(page.getByRole("alert").getByText("No connection.")).toBeVisible();
  await page.unroute("**/v1/challenges");
  await page.getByRole("button", { name: "Try again" }).click();
  expect(await pages.enter(ann.code())).toBe(200);
  expect(await pages.saveBackupCodes()).toHaveLength(10);
});

test("a sign-in whose outcome is unknown: the page does not say that all is fine", async ({
  acme,
  pages,
}) => {
  const { page } = pages;
  pages.expected(/status of 503/);
  const ann = await acme.person({ totp: true });
  await pages.advance(0);
  await pages.signIn(ann);
  let lose = true;
  await page.route("**/v1/challenges/verify", async (route) => {
    if (!lose) return route.continue();
    lose = false;
    // Done, and neither the answer nor the reading back of it came through.
    await route.continue({ headers: { ...route.request().headers(), "x-fault": "d1-lose=2+" } });
  });
  await page.getByRole("button", { name: "Use a backup code" }).click();
  await page.getByLabel("Backup code").fill(ann.backupCodes[0]!);
  await page.getByRole("button", { name: "Verify" }).click();
  await expect(page.getByText("it isn’t known whether that was accepted")).toBeVisible();
  await page.getByRole("button", { name: "Verify" }).click();
  await expect(page.getByText("Your answer was accepted, it seems")).toBeVisible();
  await expect(page.getByText("That backup code is used up")).toBeVisible();
  await expect(page.getByText("your codes are fine")).toHaveCount(0);
  await page.getByRole("button", { name: "Sign in again" }).click();
  await expect(page.getByLabel("Password")).toBeVisible();
});

test("a change whose outcome is unknown: the page looks, then speaks", async ({ acme, pages }) => {
  const { page } = pages;
  pages.expected(/status of 503/);
  const ann = await acme.person({ totp: true });
  await signIn(pages, ann);
  await page.route("**/v1/me/authenticators/*", (route) =>
    route.continue({ headers: { ...route.request().headers(), "x-fault": "d1-lose=2+" } }),
  );
  const looked = page.waitForResponse(/\/v1\/session$/);
  await page.getByRole("button", { name: "Rename Phone" }).click();
  await page.getByLabel("Name").fill("Tablet");
  await page.getByRole("button", { name: "Save" }).click();
  expect((await looked).status()).toBe(200);
  await expect(page.getByText("it isn’t known whether that was done")).toBeVisible();
  // It was, and the page shows it.
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("button", { name: "Rename Tablet" })).toBeVisible();
});

test("an enrollment whose outcome is unknown: signed out where it was done", async ({
  acme,
  harness,
  pages,
}) => {
  const { page } = pages;
  pages.expected(/status of 503/);
  const ann = await acme.person();
  await pages.advance(0);
  await pages.signIn(ann);
  await pages.arrive();
  await page.route("**/v1/me/totp/confirm", (route) =>
    route.continue({ headers: { ...route.request().headers(), "x-fault": "d1-lose=2+" } }),
  );
  await pages.enroll("Phone", (secret) => oathtool(secret, harness.time()));
  // The session has another token since, which nobody got.
  await page.waitForURL(/\/sign-in/);
});
