// From a fresh deployment to an owner with a second step and a policy, in a real browser and without a line of curl.

import { SET_UP_CODE } from "../harness/client.ts";
import { oathtool } from "../harness/codes.ts";
import { expect, test, type Pages } from "./browser.ts";
import { look } from "./look.ts";
import { DESKTOP, PHONE } from "./organization.ts";

const PASSWORD = "a password nobody has 17";

test("a first owner is set up by the operator’s link: organization, owner, policy, second step", async ({
  harness,
  pages,
}) => {
  const { page } = pages;
  await page.setViewportSize(DESKTOP);
  await pages.advance(0);
  await pages.open(`/set-up#${SET_UP_CODE}`);
  await expect(heading(pages, "Your organization")).toBeFocused();
  // The code does not stay in the address, and not in the history.
  expect(page.url()).toBe(`${harness.origin}/set-up`);
  await look(pages, "set-up, organization", "light-1280");
  await goOn(pages);
  await expect(page.getByLabel("Name", { exact: true })).toBeFocused();
  await expect(page.getByText("Give your organization a name.")).toBeVisible();
  await page.getByLabel("Name", { exact: true }).fill("Müller & Söhne");
  await expect(page.getByLabel("Short name")).toHaveValue("muller-sohne");
  await goOn(pages);

  await expect(heading(pages, "You, its owner")).toBeFocused();
  await page.getByLabel("Your name").fill("Olga Owner");
  await page.getByLabel("Mail address").fill("olga@example.test");
  await expect(page.getByLabel("Username")).toHaveValue("olga@example.test");
  await page.getByLabel("Password").fill("password1");
  await page.getByLabel("Password").press("Enter");
  await expect(heading(pages, "A second step for everyone?")).toBeFocused();
  await page.goBack();
  await expect(page.getByLabel("Your name")).toHaveValue("Olga Owner");
  await page.goForward();
  await look(pages, "set-up, policy", "light-1280");
  // The server knows more of passwords: nothing of the rest is lost.
  await page.getByRole("button", { name: "Set up" }).click();
  await expect(page.getByLabel("Password")).toBeFocused();
  await expect(page.getByLabel("Password")).toHaveAccessibleDescription(
    /^This one is too short or too common/,
  );
  await expect(page.getByLabel("Mail address")).toHaveValue("olga@example.test");
  await look(pages, "set-up, a common password", "light-1280");
  expect(await harness.sql("SELECT * FROM set_up")).toEqual([]);
  await page.getByLabel("Password").fill(PASSWORD);
  await goOn(pages);
  await page.getByRole("button", { name: "Set up" }).click();

  await page.waitForURL(/\/security\?return=/);
  await pages.enroll("Phone", (secret) => oathtool(secret, harness.time()));
  await pages.saveBackupCodes();
  await page.waitForURL(/\/policy$/);
  await expect(page.getByLabel("Required")).toBeChecked();
  const [made] = await harness.sql(
    `SELECT o.external_id, o.name, u.username, u.role, u.enrolled, o.policy ->> 'mode' AS mode
     FROM set_up s JOIN organization o ON o.id = s.organization JOIN user u ON u.organization = o.id`,
  );
  expect(made).toEqual({
    external_id: "muller-sohne",
    name: "Müller & Söhne",
    username: "olga@example.test",
    role: "owner",
    enrolled: 1,
    mode: "required",
  });

  // Once, and never again.
  await pages.open(`/set-up#${SET_UP_CODE}`);
  await expect(heading(pages, "Set-up is done")).toBeFocused();
  await look(pages, "set-up, over", "light-1280");
  await expect(page.getByRole("link", { name: "Sign in" })).toHaveAttribute("href", "/sign-in");
});

test.describe("on a phone", () => {
  test.use({ colorScheme: "dark", viewport: PHONE, hasTouch: true, isMobile: true });

  test("a first owner is set up by hand and keyboard, whatever answers get lost", async ({
    acme,
    harness,
    pages,
  }) => {
    const { page } = pages;
    await pages.advance(0);
    await pages.open("/set-up");
    await expect(page.getByLabel("Set-up code")).toBeFocused();
    await look(pages, "set-up, code", "dark-320");
    await page.keyboard.type(`${SET_UP_CODE}x`);
    await page.keyboard.press("Enter");
    await expect(page.getByText("This code doesn’t open set-up.")).toBeVisible();
    await expect(page.getByLabel("Set-up code")).toBeFocused();
    await look(pages, "set-up, a wrong code", "dark-320");
    await page.keyboard.press("End");
    await page.keyboard.press("Backspace");
    await page.keyboard.press("Enter");
    await expect(heading(pages, "Your organization")).toBeFocused();
    // An application was here before.
    await page.keyboard.press("Tab");
    await page.keyboard.type("Acme, too");
    await page.keyboard.press("Tab");
    await page.keyboard.type(acme.id);
    await page.keyboard.press("Enter");
    await expect(heading(pages, "You, its owner")).toBeFocused();
    await look(pages, "set-up, owner", "dark-320");
    for (const text of ["Olga", "olga@example.test", "olga", PASSWORD]) {
      await page.keyboard.press("Tab");
      await page.keyboard.type(text);
    }
    await page.keyboard.press("Enter");
    await expect(heading(pages, "A second step for everyone?")).toBeFocused();
    await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowDown");
    await expect(page.getByLabel("Optional")).toBeChecked();
    await look(pages, "set-up, policy", "dark-320");
    await page.keyboard.press("Enter");
    await expect(page.getByLabel("Short name")).toBeFocused();
    await expect(page.getByText("is there already")).toBeVisible();
    await page.getByLabel("Short name").fill("second");
    await goOn(pages);
    await goOn(pages);
    await expect(page.getByLabel("Optional")).toBeChecked();
    // It is done, and the answer gets lost on its way.
    const lost = (route: { fetch: () => Promise<unknown>; abort: () => Promise<void> }) =>
      route.fetch().then(() => route.abort());
    await page.route("**/v1/set-up", lost, { times: 1 });
    pages.expected(/ERR_FAILED/);
    await page.getByRole("button", { name: "Set up" }).click();
    await expect(page.getByText("No connection.")).toBeVisible();
    await page.getByRole("button", { name: "Set up" }).click();
    await page.waitForURL(/\/security\?return=/);
    await pages.enroll("Phone", (secret) => oathtool(secret, harness.time()));
    await pages.saveBackupCodes();
    await page.waitForURL(/\/policy$/);
    await expect(page.getByLabel("Optional")).toBeChecked();
  });
});

function heading({ page }: Pages, name: string) {
  return page.getByRole("heading", { name });
}

async function goOn({ page }: Pages): Promise<void> {
  await page.getByRole("button", { name: "Go on" }).click();
}
