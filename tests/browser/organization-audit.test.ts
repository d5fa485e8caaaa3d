// What happened in an organization, as its owners read it in a real browser.

import { expect, test } from "./browser.ts";
import { look } from "./look.ts";
import { DESKTOP, PHONE, enter } from "./organization.ts";

test("S3 “The log records every … admin reset for everyone on the account”, read with filters, back and forward", async ({
  acme,
  harness,
  pages,
}) => {
  const { page } = pages;
  const ann = await acme.person({ name: "Ann Archer", role: "owner", totp: true });
  const bob = await acme.person({ name: "Bob Baker", totp: true });
  await acme.person({ name: "<b>Dee</b> & “Co” %_" });
  await bob.signInFully();
  const challenge = await bob.challenge();
  await bob.verify(challenge, "000000");
  await harness.advance(86_400);
  await ann.signInFully();
  await ann.stepUp();
  const path = `${acme.path}/users/${encodeURIComponent(bob.username)}`;
  expect((await ann.browser.patch(path, { role: "admin", groups: ["finance"] })).status).toBe(200);
  expect((await ann.browser.post(`${path}/sign-out`, {})).status).toBe(200);
  await page.setViewportSize(DESKTOP);
  await enter(pages, ann, "/audit");

  await expect(page.getByRole("heading", { name: "What happened", level: 1 })).toBeVisible();
  await expect(page.getByRole("heading", { name: /^Today, \d+ events$/ })).toBeVisible();
  await expect(page.getByRole("heading", { name: /^Yesterday, \d+ events$/ })).toBeVisible();
  await expect(
    page.getByRole("button", { name: "Ann Archer signed Bob Baker out everywhere" }),
  ).toBeVisible();
  await expect(
    page.getByRole("button", { name: "Second step of Bob Baker refused: wrong code" }),
  ).toBeVisible();
  await expect(page.getByRole("button", { name: "An application added <b>Dee</b> & “Co” %_" })).toBeVisible();
  await expect(page.getByRole("status").getByText(/^\d+ events$/)).toBeVisible();
  await look(pages, "audit", "light-1280");

  await page.getByLabel("Outcome").selectOption("refused");
  await expect(page.getByRole("listitem").filter({ has: page.getByRole("time") })).toHaveCount(1);
  expect(page.url()).toContain("/audit?outcome=refused");
  await page.getByRole("combobox", { name: "Person" }).pressSequentially("bo");
  await expect(page.getByRole("option", { name: "Bob Baker" })).toBeVisible();
  await page.getByRole("combobox", { name: "Person" }).press("Enter");
  await expect(page.getByRole("heading", { name: "Activity of Bob Baker" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Remove the filter Person: Bob Baker" })).toBeVisible();
  await look(pages, "audit, narrowed", "light-1280");
  await page.getByRole("link", { name: "Remove the filter Outcome: Refused" }).click();
  await expect(page.getByRole("button", { name: "Bob Baker added an authenticator" })).toBeVisible();
  await page.goBack();
  await expect(page.getByRole("button", { name: "Bob Baker added an authenticator" })).toHaveCount(0);
  await page.goBack();
  await expect(page.getByRole("heading", { name: "What happened", level: 1 })).toBeVisible();
  await page.goForward();
  await expect(page.getByRole("heading", { name: "Activity of Bob Baker" })).toBeVisible();
  // The address alone shows the same page.
  await page.reload();
  await expect(page.getByRole("heading", { name: "Activity of Bob Baker" })).toBeVisible();
  await page.getByRole("link", { name: "Remove all filters" }).click();
  await page.getByRole("link", { name: "Policy and settings" }).click();
  await expect(
    page.getByText("Nothing matches these filters.").or(page.getByRole("button", { name: /organization/ })),
  ).toBeVisible();
  await page.getByRole("link", { name: "People", exact: true }).last().click();

  await page.getByRole("button", { name: "Ann Archer changed Bob Baker: groups and role" }).press("Enter");
  const record = page.getByRole("dialog");
  await expect(
    record.getByRole("heading", { name: "Ann Archer changed Bob Baker: groups and role" }),
  ).toBeFocused();
  await expect(record.getByRole("row", { name: "role member admin" })).toBeVisible();
  await expect(record.getByRole("row", { name: "groups none finance" })).toBeVisible();
  await look(pages, "audit, a record", "light-1280");
  await page.keyboard.press("Escape");
  await expect(record).toHaveCount(0);
  await expect(
    page.getByRole("button", { name: "Ann Archer changed Bob Baker: groups and role" }),
  ).toBeFocused();
  await page.keyboard.press("Enter");
  await record.getByRole("link", { name: "Everything done by Ann Archer" }).click();
  await expect(record).toHaveCount(0);
  await expect(page.getByRole("link", { name: "Remove the filter Done by: Ann Archer" })).toBeVisible();
  await expect(page.getByRole("listitem").filter({ has: page.getByRole("time") })).toHaveCount(3);

  await pages.open("/audit?outcome=refused&method=passkey");
  await expect(page.getByText("Nothing matches these filters.")).toBeVisible();
  await look(pages, "audit, nothing", "light-1280");
  await pages.open(`/people?user=${encodeURIComponent(bob.username)}`);
  await page.getByRole("link", { name: "Activity of this person" }).click();
  await expect(page.getByRole("heading", { name: "Activity of Bob Baker" })).toBeVisible();
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize(PHONE);
  await look(pages, "audit", "dark-320");
  await page.getByRole("button", { name: "Ann Archer changed Bob Baker: groups and role" }).click();
  await look(pages, "audit, a record", "dark-320");
});

test("a log of many events comes in pages, and A84: what clients say is text", async ({
  acme,
  harness,
  pages,
}) => {
  const { page } = pages;
  const ann = await acme.person({ name: "Ann Archer", role: "owner", totp: true });
  const said = "<img src=x onerror=alert(1)>\n\u001b[31m{{7*7}}";
  await harness.sql(
    `INSERT INTO event (id, organization, user, at, action, actor, method, outcome, user_agent)
     WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120)
     SELECT 'e_' || replace(replace(replace(replace(printf('%025d', i), '0', 'a'), '1', 'b'), '8', 'c'), '9', 'd') || 'a',
       o.id, u.id, unixepoch() - 100000 + i, iif(i = 120, 'never.heard_of', 'sign_in.verify'), 'user', 'totp', 'accepted', ?2
     FROM n, organization o JOIN user u ON u.organization = o.id WHERE o.external_id = ?1`,
    acme.id,
    said,
  );
  await enter(pages, ann, "/audit");
  const events = page.getByRole("listitem").filter({ has: page.getByRole("time") });
  await expect(events).toHaveCount(50);
  await page.getByRole("button", { name: "Ann Archer: never.heard_of" }).click();
  await expect(page.getByRole("dialog")).toContainText("<img src=x onerror=alert(1)>");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Show older" }).click();
  await expect(events).toHaveCount(100);
  await page.getByRole("button", { name: "Show older" }).click();
  await expect(page.getByText("This is where the log begins.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Show older" })).toHaveCount(0);
});

test("a person sees what happened to their own account, and by whom", async ({ acme, harness, pages }) => {
  const { page } = pages;
  const ann = await acme.person({ name: "Ann Archer", role: "owner", totp: true });
  const bob = await acme.person({ name: "Bob Baker", totp: true });
  await bob.signIn(bob.browser, { password: "not the password" });
  await harness.advance(60);
  await ann.signInFully();
  await ann.stepUp();
  const path = `${acme.path}/users/${encodeURIComponent(bob.username)}`;
  expect((await ann.browser.patch(path, { groups: ["finance"] })).status).toBe(200);
  await page.setViewportSize(DESKTOP);
  await enter(pages, bob, "/security");
  await expect(page.getByRole("heading", { name: "Recent activity" })).toBeVisible();
  const events = page.locator("postern-activity").getByRole("listitem");
  await expect(events).toHaveCount(5);
  await expect(events.getByText("Was added or changed by Ann Archer")).toBeVisible();
  await look(pages, "security, activity", "light-1280");
  await page.getByRole("button", { name: /^Show all \d+$/ }).click();
  await expect(events.getByText("First step of a sign-in").filter({ hasText: "wrong" })).toBeVisible();
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize(PHONE);
  await look(pages, "security, activity", "dark-320");
});
