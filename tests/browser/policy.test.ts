// The page on which owners set the policy. Each state that is met on the way is held against axe, on a phone or a
// desktop, light or dark.

import type { Locator } from "@playwright/test";
import type { Organization, Person } from "../harness/client.ts";
import { expect, test, type Pages } from "./browser.ts";
import { look as lookAt } from "./look.ts";

const DAY = 86_400;

/** People without a password: seen by a policy, and cheap to make. */
async function crowd(acme: Organization, names: Record<string, string[]>): Promise<void> {
  for (const [name, groups] of Object.entries(names)) {
    const id = name.split(" ")[0]!.toLowerCase();
    const made = await acme.application.put(`${acme.path}/users/${id}`, { name, groups });
    expect(made.status, made.text).toBe(201);
  }
}

async function openPolicy(pages: Pages, person: Person): Promise<void> {
  await pages.signIn(person);
  await pages.enter(person.code());
  await pages.arrive();
  await pages.open("/policy");
  await expect(pages.page.getByRole("heading", { level: 1 })).toBeVisible();
}

/** As it is, and as a picture. */
function look(pages: Pages, state: string): Promise<void> {
  return lookAt(pages, `policy, ${state}`, String(pages.page.viewportSize()?.width));
}

const preview = (pages: Pages): Locator => pages.page.locator("postern-policy-preview");
const radio = (pages: Pages, name: string): Locator => pages.page.getByRole("radio", { name, exact: true });
const review = (pages: Pages) => pages.page.getByRole("button", { name: "Review and save" }).click();
const save = (pages: Pages) => pages.page.getByRole("button", { name: "Save the policy" }).click();
const title = (pages: Pages): Locator => pages.page.getByRole("heading", { level: 1 });

test("S2 “Select the group of users”, S0 “Require MFA → On”: required of a group, from a day on", async ({
  acme,
  harness,
  pages,
}) => {
  const { page } = pages;
  const olive = await acme.person({ role: "owner", name: "Olive Owner", groups: ["staff"], totp: true });
  await crowd(acme, { "Bob Brown": ["staff"], "Cleo Clark": ["staff", "night"], "Dan Dale": ["guests"] });
  await openPolicy(pages, olive);
  await expect(title(pages)).toHaveText("People may add a second step, and those who did are asked for it.");
  await expect(preview(pages)).toContainText("Nothing: this is the policy as it is.");
  await look(pages, "as it is");

  await radio(pages, "Required").check();
  await expect(preview(pages)).toContainText("3 of 4 people are affected.");
  await radio(pages, "Some groups").check();
  await page.getByRole("button", { name: "Review and save" }).click();
  await expect(page.getByText("Add at least one group, or choose Everyone.")).toBeVisible();
  await expect(page.getByLabel("Add a group")).toBeFocused();
  await look(pages, "no group yet");
  await page.getByLabel("Add a group").fill("sta");
  await expect(page.locator("datalist#groups option")).toHaveAttribute("value", "staff");
  await page.getByLabel("Add a group").fill("staff");
  await page.keyboard.press("Enter");
  await radio(pages, "A day that you choose").check();
  const day = new Date((harness.time() + 10 * DAY) * 1000);
  const local = new Date(day.getTime() - day.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  await page.getByLabel("Required from").fill(local);
  await page.getByLabel("Required from").blur();
  await expect(preview(pages)).toContainText(/2\s*must add a second step\s*from/);
  await preview(pages).getByRole("button", { name: "Show who" }).first().click();
  await expect(preview(pages).getByRole("listitem").getByRole("listitem")).toHaveText([
    "Bob Brown",
    "Cleo Clark",
  ]);

  // S1: “before every Client Application connection and after a set period”.
  await page.getByLabel("Name of an application").fill("client_app");
  await page.keyboard.press("Enter");
  const app = page.getByRole("group", { name: "Client app" });
  await app.getByLabel("Before every sign-in, in trusted browsers too").check();
  await app.getByLabel("Again after a while").check();
  await app.getByLabel("After", { exact: true }).fill("2");

  await page.getByLabel("Person").fill("Bob Brown");
  await page.getByLabel("Signs in to").selectOption("Client app");
  const tried = page.locator("postern-policy-try").getByRole("status");
  await expect(tried).toContainText("Bob Brown signs in, and is asked for nothing more.");
  await page.getByLabel("When").fill(local);
  await page.getByLabel("When").blur();
  await expect(tried).toContainText(
    "Bob Brown must add a second step first. A second step is required of them.",
  );
  await look(pages, "changed");

  // The session ends meanwhile, and nothing that was typed is lost.
  await pages.page.context().clearCookies();
  await review(pages);
  await page.waitForURL(/\/sign-in/);
  await harness.advance(30);
  await pages.advance(0);
  await page.getByLabel("Username").fill(olive.username);
  await page.getByLabel("Password").fill(olive.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await pages.code.fill(olive.code());
  await page.waitForURL(/\/policy$/);
  await expect(page.getByText("Your changes are back, as you left them.")).toBeVisible();
  // By then the proof is no longer fresh.
  await pages.advance(301);
  await review(pages);
  const dialog = page.getByRole("dialog", { name: "Save these changes?" });
  await expect(dialog.getByText("the group staff")).toBeVisible();
  await expect(dialog.getByText("asks, before every sign-in, again after 2 hours")).toBeVisible();
  await look(pages, "review");
  await save(pages);
  await pages.code.fill(olive.code());
  await expect(title(pages)).toContainText("a second step is required of the group staff.");
  await expect(title(pages)).toBeFocused();
  const { policy } = (await acme.application.get(`${acme.path}/policy`)).json;
  expect(policy).toMatchObject({
    mode: "required",
    scope: { groups: ["staff"] },
    grace_until: Math.floor(new Date(local).getTime() / 1000),
    surfaces: { client_app: { asked: true, every_sign_in: true, max_age: 7200 } },
  });
});

test.describe("on a dark phone", () => {
  test.use({ colorScheme: "dark", viewport: { width: 320, height: 800 }, hasTouch: true, isMobile: true });

  test("S3 “OFF — MFA is not used”: repeats how many people that affects, over ten thousand", async ({
    acme,
    pages,
  }) => {
    const { page } = pages;
    const olive = await acme.person({ role: "owner", name: "Olive Owner", totp: true });
    // As many people as the browser would be told of.
    await page.route("**/policy/facts", (route) => route.fulfill({ json: many(10_000) }));
    await openPolicy(pages, olive);
    await radio(pages, "Off").check();
    await expect(preview(pages)).toContainText("5,000 of 10,000 people are affected.");
    await expect(page.getByRole("heading", { name: "How often" })).toHaveCount(0);
    for (let shown = 0; shown < 120; shown += 20) {
      await preview(pages)
        .getByRole("button", { name: shown === 0 ? "Show who" : "Show 20 more" })
        .click();
    }
    await expect(preview(pages).getByRole("listitem").getByRole("listitem")).toHaveCount(120);
    await expect(preview(pages).getByText("Person 239", { exact: true })).toBeVisible();
    await look(pages, "off");
    await review(pages);
    const dialog = page.getByRole("dialog", { name: "Save these changes?" });
    await expect(dialog).toContainText("One person has a second step that will no longer be asked for.");
    await dialog.getByLabel("Type 1 to turn it off").fill("2");
    await save(pages);
    await expect(dialog.getByText("That is not the number: type 1.")).toBeVisible();
    await expect(dialog.getByLabel("Type 1 to turn it off")).toBeFocused();
    await look(pages, "off, the wrong number");
    await dialog.getByLabel("Type 1 to turn it off").fill("1");
    await save(pages);
    await expect(title(pages)).toHaveText("A password is enough: second steps are off.");
    expect((await acme.application.get(`${acme.path}/policy`)).json.policy.mode).toBe("off");
  });

  test("S1 “Managing Team MFA”: an owner who could lock herself out, and two owners at once", async ({
    acme,
    pages,
  }) => {
    const { page } = pages;
    const olive = await acme.person({ role: "owner", name: "Olive Owner", totp: true });
    // She has used up her backup codes.
    await acme.harness.sql("UPDATE backup_code SET used_at = 1");
    await openPolicy(pages, olive);
    await radio(pages, "Required").check();
    await radio(pages, "For some days").check();
    await page.getByRole("spinbutton", { name: "Days" }).fill("7");
    await review(pages);
    await save(pages);
    const other = { mode: "required", trusted_devices: { days: 14 }, show_admins: true };
    expect((await acme.setPolicy(other)).status).toBe(200);
    const name = page.getByLabel(`Type ${olive.username} to go on`);
    await expect(name).toBeFocused();
    await name.fill(olive.username);
    await save(pages);
    const conflict = page.getByRole("dialog", { name: "Someone else changed the policy" });
    await expect(conflict.getByRole("group", { name: "Trusted browsers" })).toContainText(
      /for 7 days.*for 14 days/s,
    );
    await expect(conflict.getByText("The names of owners and admins")).toBeVisible();
    await look(pages, "conflict");
    await conflict.getByLabel("Yours").check();
    await conflict.getByRole("button", { name: "Go on with these" }).click();
    const dialog = page.getByRole("dialog", { name: "Save these changes?" });
    await expect(dialog).toContainText(/for 14 days.*for 7 days/s);
    await save(pages);
    await expect(page.getByText("The policy is saved.")).toBeVisible();
    await expect(title(pages)).toHaveText("Everyone must have a second step.");
    const { policy } = (await acme.application.get(`${acme.path}/policy`)).json;
    expect(policy).toMatchObject({ mode: "required", trusted_devices: { days: 7 }, show_admins: true });
  });
});

test.describe("in German", () => {
  test.use({ locale: "de-DE" });

  test("S3 “The Account Owner controls MFA”: an admin looks, in German, and changes nothing", async ({
    acme,
    pages,
  }) => {
    const { page } = pages;
    const adam = await acme.person({ role: "admin", name: "Adam Admin", totp: true });
    await acme.setPolicy({ mode: "required" });
    await openPolicy(pages, adam);
    await expect(title(pages)).toHaveText("Alle brauchen einen zweiten Schritt.");
    await expect(page.getByText("Die Regeln legen Inhaber fest.")).toBeVisible();
    await expect(radio(pages, "Verlangt")).toBeChecked();
    await expect(radio(pages, "Verlangt")).toBeDisabled();
    await expect(page.getByRole("button", { name: "Prüfen und speichern" })).toHaveCount(0);
    await page.getByRole("combobox", { name: "Person" }).fill("Adam Admin");
    await expect(page.locator("postern-policy-try").getByRole("status")).toContainText(
      "Adam Admin wird nach dem zweiten Schritt gefragt. Ein zweiter Schritt wird verlangt.",
    );
    await look(pages, "an admin in German");
  });
});

/** Every other one of them enrolled. */
function many(count: number): object {
  const people = Array.from({ length: count }, (_, at) => ({
    name: `Person ${at}`,
    facts: {
      user: `user-${String(at).padStart(6, "0")}`,
      role: "member",
      groups: ["staff", `team-${at % 40}`],
      authenticators: at % 2,
      sso: false,
      amr: [],
      trusted_devices: at % 3,
    },
  }));
  return { people, unreadable: 0, surfaces: ["control_panel", "client_app"] };
}
