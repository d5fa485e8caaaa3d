// Something is lost: a phone, all ways in, a page with codes on it, a cookie, another tab's session.

import { codeAt } from "../harness/codes.ts";
import { expect, test } from "./browser.ts";

test("a phone is lost: a backup code lets in, and a list says what to do until it is done", async ({
  acme,
  harness,
  pages,
}) => {
  const { page } = pages;
  const ann = await acme.person({ totp: true });
  await pages.advance(0);
  await pages.signIn(ann);
  await page.getByRole("button", { name: "Use a backup code" }).click();
  const code = ann.backupCodes[0]!;
  await page.getByLabel("Backup code").fill(`${code.slice(0, 4)}–${code.slice(4)} `);
  await page.getByRole("button", { name: "Verify" }).click();
  await pages.arrive();
  await expect(page.getByRole("heading", { name: "A backup code let you in." })).toBeVisible();
  const list = page.locator("postern-recovery").getByRole("listitem");
  await expect(list).toHaveCount(3);
  await expect(list.nth(1)).toContainText("“Phone” hasn’t been used since.");
  // Nothing competes with it.
  await expect(page.getByText("Add a second one")).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Turn off two-step sign-in" })).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Make new backup codes" })).toHaveCount(0);

  await pages.enroll("New phone", (secret) => codeAt(secret, harness.time()));
  await expect(list.first()).toContainText("Done");
  await page.reload();
  await expect(page.getByRole("heading", { name: "Two steps guard your account." })).toBeVisible();
  await expect(list.first()).toContainText("Done");
  await page.getByRole("button", { name: "Remove Phone" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
  await expect(list.nth(1)).toContainText("Done");
  await page.getByRole("button", { name: "Make new backup codes" }).click();
  await page.getByRole("button", { name: "Make new codes" }).click();
  expect(await pages.saveBackupCodes()).toHaveLength(10);
  await expect(page.locator("postern-recovery")).toHaveCount(0);
});

test("all is lost: the page says whom to ask, and sends them one request", async ({
  acme,
  harness,
  pages,
}) => {
  const { page } = pages;
  const olive = await acme.person({ role: "owner", name: "Olive Owner" });
  const ann = await acme.person({ totp: true });
  await pages.advance(0);
  await pages.signIn(ann);
  await expect(page.getByText(`${ann.username} at Acme`)).toBeVisible();
  await page.getByRole("button", { name: "I can’t use any of these" }).click();
  // Names are shown where the policy shows them.
  await expect(page.getByText("Ask the people who run Acme.")).toBeVisible();
  await expect(page.getByText("Olive Owner")).toHaveCount(0);
  await page.getByRole("button", { name: "Back to the ways" }).click();
  await expect(pages.code).toBeFocused();
  await acme.setPolicy({ show_admins: true });
  await pages.signIn(ann);
  await page.getByRole("button", { name: "I can’t use any of these" }).click();
  await expect(page.getByText("Ask Olive Owner.")).toBeVisible();
  await page.getByRole("button", { name: "Send them a request" }).click();
  await expect(page.getByText("Olive Owner got your request just now.")).toBeVisible();
  // It is known on the next visit, and not sent twice.
  await page.reload();
  await pages.signIn(ann);
  await page.getByRole("button", { name: "I can’t use any of these" }).click();
  await expect(page.getByText("Olive Owner got your request")).toBeVisible();
  await expect(page.getByRole("button", { name: "Send them a request" })).toHaveCount(0);
  const mail = await harness.sql(
    "SELECT m.kind FROM mail m JOIN user u ON (u.organization, u.id) = (m.organization, m.user) WHERE u.username = ?",
    olive.username,
  );
  expect(mail.map(({ kind }) => kind)).toContain("help_wanted");
});

test("codes on the screen: leaving warns, and a reload says that they were not saved", async ({
  acme,
  harness,
  pages,
}) => {
  const { page } = pages;
  const ann = await acme.person();
  await pages.advance(0);
  await pages.signIn(ann);
  await pages.arrive();
  await pages.enroll("Phone", (secret) => codeAt(secret, harness.time()));
  await expect(page.getByRole("heading", { name: "Save your backup codes" })).toBeFocused();
  const asked: string[] = [];
  page.on("dialog", async (dialog) => {
    asked.push(dialog.type());
    await dialog.accept();
  });
  await page.reload();
  expect(asked).toEqual(["beforeunload"]);
  await expect(page.getByText("You haven’t said that you saved them")).toBeVisible();
  await page.getByRole("button", { name: "Make new backup codes" }).click();
  await page.getByRole("button", { name: "Make new codes" }).click();
  await pages.saveBackupCodes();
  const codes = page.locator("postern-backup-code-set");
  await expect(codes).toContainText("saved on");
  await page.reload();
  await expect(codes).toContainText("saved on");
  expect(asked).toHaveLength(1);
});

test("a cookie that was not kept is said; a visitor who is signed in goes on; another tab notices", async ({
  acme,
  pages,
}) => {
  const { page } = pages;
  const ann = await acme.person();
  await page.route("**/v1/session", (route) =>
    route.fulfill({ status: 401, json: { code: "unauthenticated" } }),
  );
  await page.context().clearCookies();
  await page.route("**/v1/sign-ins/password", async (route) => {
    const response = await route.fetch();
    const headers = { ...response.headers() };
    delete headers["set-cookie"];
    await route.fulfill({ status: response.status(), headers, body: await response.text() });
  });
  await pages.signIn(ann);
  await expect(page.getByText("your browser didn’t keep the cookie")).toBeVisible();
  await expect(page.getByLabel("Username")).toHaveValue(ann.username);
  await page.unroute("**/v1/session");
  await page.unroute("**/v1/sign-ins/password");

  const other = await page.context().newPage();
  await other.goto(page.url());
  await expect(other.getByLabel("Password")).toBeVisible();
  await pages.signIn(ann);
  await pages.arrive();
  await other.waitForURL(/\/security$/);
  await pages.signOut();
  await other.waitForURL(/\/sign-in/);
  await other.close();
  await pages.signIn(ann);
  await pages.arrive();
  await pages.open("/sign-in");
  await pages.arrive();
});

test("switched off: what is here sleeps, and nothing is offered that would fail", async ({ acme, pages }) => {
  const { page } = pages;
  const ann = await acme.person({ totp: true });
  await acme.setPolicy({ mode: "off" }, 1);
  await pages.advance(0);
  await pages.signIn(ann);
  await pages.arrive();
  await expect(page.getByText("Not asked for", { exact: true })).toBeVisible();
  await expect(page.getByText("Acme has switched two-step sign-in off")).toBeVisible();
  for (const name of [/^Add/, "Make new backup codes"])
    await expect(page.getByRole("button", { name })).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Remove Phone" })).toBeVisible();
});

test("two of one name could not be told apart", async ({ acme, harness, pages }) => {
  const { page } = pages;
  const ann = await acme.person({ totp: true });
  await pages.advance(0);
  await pages.signIn(ann);
  await pages.enter(ann.code());
  await pages.arrive();
  await pages.enroll("phone", (secret) => codeAt(secret, harness.time()));
  await page.getByRole("button", { name: "Rename phone 2" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("PHONE");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("You have another one of that name.")).toBeVisible();
  // The server says it, too.
  await ann.signInFully();
  const { authenticators } = (await ann.browser.get("/v1/me")).json;
  const reply = await ann.browser.patch(`/v1/me/authenticators/${authenticators[1].id}`, { name: "Phone" });
  expect(reply.status).toBe(409);
});
