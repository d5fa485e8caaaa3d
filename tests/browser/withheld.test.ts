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

for (const [target, end] of [
  ["/openapi.json?organization=elsewhere", "/openapi.json?organization=elsewhere"],
  ["/.//evil.example/", "//evil.example/"],
] as const) {
  test(`required and nothing enrolled: then on to ${target}`, async ({ acme, harness, pages }) => {
    const { page } = pages;
    const ann = await acme.person();
    await acme.setPolicy({ mode: "required" });
    await pages.advance(0);
    await pages.open(`/sign-in?organization=${acme.id}&return=${encodeURIComponent(target)}`);
    await page.getByLabel("Username").fill(ann.username);
    await page.getByLabel("Password").fill(ann.password);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.waitForURL(/\/security/);
    await pages.enroll("Phone", (secret) => oathtool(secret, harness.time()));
    await pages.saveBackupCodes();
    await page.waitForURL(harness.origin + end);
  });
}

test("required and nothing enrolled: the codes are shown, also when nothing else can be", async ({
  acme,
  harness,
  pages,
}) => {
  const { page } = pages;
  pages.expected(/status of 503/);
  const ann = await acme.person();
  await acme.setPolicy({ mode: "required" });
  await pages.advance(0);
  await pages.signIn(ann);
  await expect(page.getByRole("heading", { name: "Add a second step to go on." })).toBeVisible();
  await page.route("**/v1/me", (route) => route.fulfill({ status: 503, body: "{}" }));
  await pages.enroll("Phone", (secret) => oathtool(secret, harness.time()));
  expect(await pages.saveBackupCodes()).toHaveLength(10);
  await page.unroute("**/v1/me");
  await page.getByRole("button", { name: "Try again" }).click();
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
  await pages.askForPasskey();
  await page.getByRole("dialog").getByLabel("Password").fill(ann.password);
  await page.getByRole("button", { name: "Verify" }).click();
  await expect(page.getByRole("list", { name: "Backup codes" })).toBeVisible();
  await pages.saveBackupCodes();
  await expect(page.getByRole("heading", { name: "Two steps guard your account." })).toBeVisible();
});

test("still time to enroll: the page says until when", async ({ acme, harness, pages }) => {
  const ann = await acme.person();
  await acme.setPolicy({ mode: "required", grace_until: harness.time() + 86_400 });
  await pages.advance(0);
  await pages.signIn(ann);
  await pages.arrive();
  const note = pages.page.getByText(/asks you for a second step/);
  await expect(note).toContainText(/From [A-Z][a-z]+ \d+, \d{4}, \d+:\d\d/);
  await pages.enroll("Phone", (secret) => oathtool(secret, harness.time()));
  await pages.saveBackupCodes();
  await expect(note).toHaveCount(0);
});

test("required of others: the last one may go", async ({ acme, pages }) => {
  const { page } = pages;
  const ann = await acme.person({ totp: true });
  await acme.setPolicy({ mode: "required", scope: { groups: ["staff"] } });
  await pages.advance(0);
  await pages.signIn(ann);
  await pages.enter(ann.code());
  await pages.arrive();
  await expect(page.getByRole("button", { name: "Turn off two-step sign-in" })).toBeVisible();
  await page.getByRole("button", { name: "Remove Phone" }).click();
  await page.getByRole("dialog").getByLabel("Password").fill(ann.password);
  await page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
  await expect(page.getByText("None yet.")).toBeVisible();
});

test("whoever may not go on can sign out", async ({ acme, pages }) => {
  const ann = await acme.person();
  await acme.setPolicy({ mode: "required" });
  await pages.advance(0);
  await pages.signIn(ann);
  await pages.arrive();
  await pages.signOutButton.click();
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
  await expect(page.locator(".error").filter({ hasText: /\w/ })).toHaveCount(0);
  await expect(page.getByText(ann.username)).toHaveCount(0);
  expect(questions).toBe(1);

  await page.getByRole("button", { name: "Go on" }).click();
  expect(await pages.enter(ann.code())).toBe(200);
  await expect(page.getByRole("heading", { name: "Two steps guard your account." })).toBeVisible();
  expect(questions).toBe(2);
});
