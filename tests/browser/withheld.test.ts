// The security page when the policy asks a session for more: it says so, and leads on.

import { oathtool } from "../harness/codes.ts";
import { expect, test } from "./browser.ts";

test("required and nothing enrolled: the page leads through it", async ({ acme, harness, pages }) => {
  const { page } = pages;
  const ann = await acme.person({ name: "Ann Archer" });
  await acme.setPolicy({ mode: "required" });
  await pages.advance(0);
  await pages.signIn(ann);
  await page.waitForURL(/\/security$/);
  await expect(page.getByRole("heading", { name: "Add a second step to go on." })).toBeVisible();
  await expect(page.getByText("Ann Archer")).toHaveCount(0);
  await pages.enroll("Phone", (secret) => oathtool(secret, harness.time()));
  await expect(page.getByRole("list", { name: "Backup codes" })).toBeVisible();
  await pages.saveBackupCodes();
  await expect(page.getByRole("heading", { name: "Two steps guard your account." })).toBeVisible();
});

test("required and nothing enrolled: a passkey will do, and who waited is asked again", async ({
  acme,
  device: _,
  pages,
}) => {
  const { page } = pages;
  const ann = await acme.person({ name: "Ann Archer" });
  await acme.setPolicy({ mode: "required" });
  await pages.advance(0);
  await pages.signIn(ann);
  await page.waitForURL(/\/security$/);
  await expect(page.getByRole("button", { name: "Add a passkey" })).toBeVisible();
  await pages.advance(301);
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await page.getByRole("dialog").getByLabel("Password").fill(ann.password);
  await page.getByRole("button", { name: "Verify" }).click();
  await expect(page.getByRole("list", { name: "Backup codes" })).toBeVisible();
  await pages.saveBackupCodes();
  await expect(page.getByRole("heading", { name: "Two steps guard your account." })).toBeVisible();
});

test("whoever may not go on can sign out", async ({ acme, pages }) => {
  const ann = await acme.person();
  await acme.setPolicy({ mode: "required" });
  await pages.advance(0);
  await pages.signIn(ann);
  await pages.arrive();
  await pages.page.getByRole("button", { name: "Sign out" }).click();
  await pages.page.waitForURL(/\/sign-in/);
});

test("a second factor that is too old is asked for again, once", async ({ acme, pages }) => {
  const { page } = pages;
  const ann = await acme.person({ totp: true });
  await acme.setPolicy({ surfaces: { control_panel: { max_age: 600 } } });
  await pages.advance(0);
  await pages.signIn(ann);
  expect(await pages.enter(ann.code())).toBe(200);
  await pages.arrive();
  await pages.advance(601);

  let questions = 0;
  page.on("request", (request) => {
    if (/\/v1\/challenges$/.test(request.url())) questions += 1;
  });
  await page.reload();
  await expect(page.getByRole("dialog")).toContainText("First, show that it’s you");
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("alert")).toContainText("Show again that it’s you");
  await expect(page.getByText(ann.username)).toHaveCount(0);
  expect(questions).toBe(1);

  await page.getByRole("button", { name: "Go on" }).click();
  expect(await pages.enter(ann.code())).toBe(200);
  await expect(page.getByRole("heading", { name: "Two steps guard your account." })).toBeVisible();
  expect(questions).toBe(2);
});
