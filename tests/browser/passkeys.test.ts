// Passkeys on the pages, with a device that Chromium plays.

import { codeAt } from "../harness/codes.ts";
import type { Organization, Person } from "../harness/client.ts";
import { expect, test, type Pages } from "./browser.ts";
import { VirtualAuthenticator } from "./virtual-authenticator.ts";

/** Somebody whose only authenticator is the passkey of this browser; on the security page. */
async function enrolled(acme: Organization, pages: Pages): Promise<Person> {
  const ann = await acme.person({ name: "Ann Archer" });
  await pages.signIn(ann);
  await pages.arrive();
  await pages.addPasskey();
  ann.backupCodes = await pages.saveBackupCodes();
  return ann;
}

test("the first one: backup codes, a list entry, renamed, removed", async ({ acme, device, pages }) => {
  const { page } = pages;
  const ann = await enrolled(acme, pages);
  expect(await device.credentials()).toHaveLength(1);
  const entry = page.getByRole("listitem").filter({ hasText: "last used just now" });
  await expect(entry).toContainText("Passkey");
  await expect(entry).toContainText("This device only");

  await page.getByRole("button", { name: "Rename Passkey" }).click();
  await page.getByLabel("Name").fill("Laptop");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "Remove Laptop" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("your last authenticator");
  await dialog.getByLabel("Password").fill("not the password 6");
  await dialog.getByRole("button", { name: "Remove", exact: true }).click();
  await expect(dialog.getByRole("alert")).toHaveText("That password didn’t work.");
  await dialog.getByLabel("Password").fill(ann.password);
  await dialog.getByRole("button", { name: "Remove", exact: true }).click();
  await expect(page.getByText("None yet.")).toBeVisible();
});

test("beside an app: no new backup codes, and the same device only once", async ({
  acme,
  harness,
  pages,
}) => {
  const { page } = pages;
  await VirtualAuthenticator.plugIn(page, { defaultBackupEligibility: true, defaultBackupState: true });
  const ann = await acme.person();
  await pages.signIn(ann);
  await pages.arrive();
  await pages.enroll("Phone", (secret) => codeAt(secret, harness.time()));
  await pages.saveBackupCodes();
  await pages.addPasskey();
  const entry = page.getByRole("listitem").filter({ hasText: "Synced" });
  await expect(entry).toBeVisible();
  await expect(page.getByRole("list", { name: "Backup codes" })).toBeHidden();
  await pages.askForPasskey();
  await expect(page.getByText("This device already holds a passkey for you.")).toBeVisible();
});

test("a second factor: first of the ways, and the browser may be remembered", async ({
  acme,
  device,
  pages,
}) => {
  const { page } = pages;
  const ann = await enrolled(acme, pages);
  await pages.signOut();
  await pages.signIn(ann);
  await expect(pages.usePasskey).toBeFocused();
  await expect(page.getByRole("button", { name: "Use a backup code" })).toBeVisible();
  await page.getByLabel(/Remember this device/).check();
  await pages.usePasskey.click();
  await pages.arrive();
  await expect(page.getByRole("heading", { name: "Trusted devices" })).toBeVisible();
  expect((await device.credentials())[0]!.signCount).toBeGreaterThan(1);
});

test("a step-up", async ({ acme, device, pages }) => {
  const { page } = pages;
  await enrolled(acme, pages);
  await pages.advance(600);
  await page.reload();
  await page.getByRole("button", { name: "Make new backup codes" }).click();
  await page.getByRole("button", { name: "Make new codes" }).click();
  await expect(pages.usePasskey).toBeFocused();
  await device.verifiesUser(false);
  await pages.usePasskey.click();
  await expect(page.getByText("No passkey was used.")).toBeVisible();
  await device.verifiesUser(true);
  await pages.usePasskey.click();
  expect(await pages.saveBackupCodes()).toHaveLength(10);
});

test("alone: no organization, no username", async ({ acme, device, pages }) => {
  const { page } = pages;
  await enrolled(acme, pages);
  await pages.signOut();
  await page.evaluate(() => localStorage.clear());
  await pages.open("/sign-in");
  await expect(page.getByLabel("Organization")).toBeVisible();
  await pages.alone.click();
  await pages.arrive();
  expect(await device.credentials()).toHaveLength(1);
});

test("a suggestion of the username field", async ({ acme, pages }) => {
  const { page } = pages;
  const device = await VirtualAuthenticator.plugIn(page);
  const ann = await enrolled(acme, pages);
  await device.touched(false);
  let asked = 0;
  page.on("response", (response) => {
    if (response.url().endsWith("/v1/sign-ins/passkey")) asked += 1;
  });
  await pages.signOut();
  await expect.poll(() => asked).toBe(1);
  // There is another question before the first one is five minutes old.
  await pages.advance(245);
  await expect.poll(() => asked).toBe(2);
  // It makes way for the password, and is there again afterwards.
  await page.getByLabel("Username").fill(ann.username);
  await page.getByLabel("Password").fill("not the password 5");
  await device.touched(true);
  const refused = page.waitForResponse(/\/v1\/sign-ins\/password$/);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  expect((await refused).status()).toBe(401);
  await pages.arrive();
  expect(asked).toBe(3);
});

test("a suggestion on a computer that slept", async ({ acme, pages }) => {
  const device = await VirtualAuthenticator.plugIn(pages.page);
  await enrolled(acme, pages);
  await device.touched(false);
  const suggested = pages.page.waitForResponse(/\/v1\/sign-ins\/passkey$/);
  await pages.signOut();
  await suggested;
  await device.touched(true);
  await pages.advance(3_600);
  await pages.arrive();
});

test("a suggestion makes way for the button", async ({ acme, pages }) => {
  const { page } = pages;
  await page.addInitScript(() => {
    const asked: string[] = [];
    const get = navigator.credentials.get.bind(navigator.credentials);
    navigator.credentials.get = (options) => {
      asked.push(options?.mediation ?? "modal");
      options?.signal?.addEventListener("abort", () => asked.push("aborted"));
      return get(options);
    };
    Object.assign(globalThis, { asked });
  });
  const device = await VirtualAuthenticator.plugIn(page);
  await enrolled(acme, pages);
  await device.touched(false);
  await pages.signOut();
  await expect.poll(() => page.evaluate("asked")).toEqual(["conditional"]);
  await pages.alone.click();
  await expect.poll(() => page.evaluate("asked")).toEqual(["conditional", "aborted", "modal"]);
  await expect(page.getByRole("button", { name: "Waiting for your passkey" })).toBeVisible();
  await expect(page.getByRole("alert").filter({ hasText: /\w/ })).toBeHidden();
});

test("another way ends what the browser is asking", async ({ acme, device, pages }) => {
  const { page } = pages;
  const ann = await enrolled(acme, pages);
  await pages.signOut();
  await device.touched(false);
  await pages.signIn(ann);
  await pages.usePasskey.click();
  await expect(page.getByRole("button", { name: "Waiting for your passkey" })).toBeVisible();
  await page.getByRole("button", { name: "Use a backup code" }).click();
  await page.getByLabel("Backup code").fill("00000000");
  await page.getByRole("button", { name: "Verify" }).click();
  await expect(page.getByText("That backup code didn’t work.")).toBeVisible();
  await pages.usePasskey.click();
  await device.touched(true);
  await pages.usePasskey.click();
  await pages.arrive();
});

test("a passkey that cannot check its user: good as a second factor, not alone", async ({ acme, pages }) => {
  const { page } = pages;
  await page.addInitScript(() => {
    PublicKeyCredential.isConditionalMediationAvailable = async () => false;
  });
  await VirtualAuthenticator.plugIn(page, { hasUserVerification: false, isUserVerified: false });
  const ann = await enrolled(acme, pages);
  await pages.signOut();
  await pages.alone.click();
  await expect(page.getByRole("alert").filter({ hasText: "has to check your fingerprint" })).toBeVisible();
  await pages.signIn(ann);
  await pages.usePasskey.click();
  await pages.arrive();
});

test("a bad signature is refused, and every other way stays", async ({ acme, device, pages }) => {
  const { page } = pages;
  const ann = await enrolled(acme, pages);
  await pages.signOut();
  await device.signsBadly(true);
  await pages.signIn(ann);
  await pages.usePasskey.click();
  await expect(page.getByText("That passkey didn’t work.")).toBeVisible();
  await expect(pages.usePasskey).toBeFocused();
  await page.getByRole("button", { name: "Use a backup code" }).click();
  await page.getByLabel("Backup code").fill(ann.backupCodes[0]!);
  await page.getByRole("button", { name: "Verify" }).click();
  await pages.arrive();
});

test("alone and refused: known no more, forgotten only by a click", async ({ acme, device, pages }) => {
  const { page } = pages;
  await enrolled(acme, pages);
  await pages.signOut();
  await device.signsBadly(true);
  await pages.alone.click();
  await expect(page.getByText("This passkey isn’t known here. It may have been removed.")).toBeVisible();
  expect(await device.credentials()).toHaveLength(1);
  await page.getByRole("button", { name: "Don’t offer it again" }).click();
  await expect(page.getByText("Your browser was told not to offer it again.")).toBeVisible();
  await expect.poll(() => device.credentials()).toHaveLength(0);
});

test("removing one tells the browser", async ({ acme, device, pages }) => {
  const { page } = pages;
  const ann = await enrolled(acme, pages);
  await page.getByRole("button", { name: "Remove Passkey" }).click();
  await page.getByRole("dialog").getByLabel("Password").fill(ann.password);
  await page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
  await expect(page.getByText("None yet.")).toBeVisible();
  await expect.poll(() => device.credentials()).toHaveLength(0);
});

test("what the browser is told", async ({ acme, device, pages }) => {
  const { page } = pages;
  await page.addInitScript(() => {
    const told: unknown[] = [];
    Object.assign(globalThis, { told });
    for (const name of ["signalAllAcceptedCredentials", "signalCurrentUserDetails"] as const)
      PublicKeyCredential[name] = async (what: unknown) => void told.push([name, what]);
  });
  const told = () => page.evaluate("told") as Promise<[string, Record<string, unknown>][]>;
  const ann = await enrolled(acme, pages);
  const [held] = await device.credentials();
  const id = held!.credentialId.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  await page.reload();
  const account = { rpId: "localhost", userId: expect.any(String) };
  const accepted = ["signalAllAcceptedCredentials", { ...account, allAcceptedCredentialIds: [id] }];
  const names = { name: ann.username, displayName: "Ann Archer" };
  await expect.poll(told).toEqual([accepted, ["signalCurrentUserDetails", { ...account, ...names }]]);
  // Once for each state.
  await page.getByRole("button", { name: "Rename Passkey" }).click();
  await page.getByLabel("Name").fill("Laptop");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "Remove Laptop" }).click();
  expect(await told()).toHaveLength(2);
  await page.getByRole("dialog").getByLabel("Password").fill(ann.password);
  await page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
  await expect
    .poll(async () => (await told())[2])
    .toEqual(["signalAllAcceptedCredentials", { ...account, allAcceptedCredentialIds: [] }]);
});

test("what the browser refuses with is said, and nothing is lost", async ({ acme, device, pages }) => {
  const { page } = pages;
  const ann = await acme.person();
  await pages.signIn(ann);
  await pages.arrive();
  for (const [name, sentence] of [
    ["NotAllowedError", "No passkey was made: it was canceled"],
    ["ConstraintError", "Set up a fingerprint, a face or a screen lock"],
    ["InvalidStateError", "already holds a passkey for you"],
    ["NotSupportedError", "Try another device"],
    ["SecurityError", "don’t work at this address"],
    ["UnknownError", "try another browser"],
  ] as const) {
    await refuse(pages, "create", name);
    await pages.askForPasskey();
    await expect(page.getByRole("alert").filter({ hasText: sentence })).toBeVisible();
  }
  await page.reload();
  await pages.addPasskey();
  await pages.saveBackupCodes();
  await pages.signOut();
  await pages.signIn(ann);
  for (const [name, sentence] of [
    ["NotAllowedError", "choose another way below"],
    ["SecurityError", "don’t work at this address"],
    ["NotSupportedError", "Choose another way"],
  ] as const) {
    await refuse(pages, "get", name);
    await pages.usePasskey.click();
    await expect(page.getByRole("alert").filter({ hasText: sentence })).toBeVisible();
    await expect(page.getByRole("button", { name: "Use a backup code" })).toBeVisible();
  }
  expect(await device.credentials()).toHaveLength(1);
});

test("a passkey whose confirmation got lost is sent again", async ({ acme, device, pages }) => {
  const { page } = pages;
  const ann = await acme.person();
  await pages.signIn(ann);
  await pages.arrive();
  await page.route(/\/v1\/me\/passkeys\/confirm$/, (route) => route.fulfill({ status: 503, body: "{}" }), {
    times: 1,
  });
  pages.expected(/status of 503/);
  await pages.askForPasskey();
  await page.getByRole("button", { name: "Try again" }).click();
  await pages.saveBackupCodes();
  expect(await device.credentials()).toHaveLength(1);
});

test("a browser without passkeys is offered everything else", async ({ acme, pages }) => {
  const { page } = pages;
  await page.addInitScript(() => Reflect.deleteProperty(globalThis, "PublicKeyCredential"));
  const ann = await acme.person({ passkey: true });
  await pages.advance(0);
  await pages.open("/sign-in");
  await expect(pages.alone).toBeHidden();
  await pages.signIn(ann);
  await page.getByLabel("Backup code").fill(ann.backupCodes[0]!);
  await page.getByRole("button", { name: "Verify" }).click();
  await pages.arrive();
  await expect(page.getByText("This browser can’t make one.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Add a passkey" })).toBeHidden();
});

test("a browser without the JSON forms is one without passkeys", async ({ acme, pages }) => {
  const { page } = pages;
  await page.addInitScript(() => {
    for (const name of ["parseCreationOptionsFromJSON", "parseRequestOptionsFromJSON"])
      Reflect.deleteProperty(PublicKeyCredential, name);
  });
  await pages.open("/sign-in");
  await expect(page.getByRole("button", { name: "Sign in", exact: true })).toBeVisible();
  await expect(pages.alone).toBeHidden();
  await pages.signIn(await acme.person());
  await pages.arrive();
  await expect(page.getByText("This browser can’t make one.")).toBeVisible();
});

test("a password manager's credential without a JSON form is said, and nothing is lost", async ({
  acme,
  device,
  pages,
}) => {
  const { page } = pages;
  await enrolled(acme, pages);
  await page.addInitScript(() => {
    PublicKeyCredential.prototype.toJSON = () => {
      throw new TypeError("Illegal invocation");
    };
  });
  await pages.signOut();
  await page.reload();
  await pages.alone.click();
  await expect(page.getByRole("alert").filter({ hasText: "try another browser" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Sign in", exact: true })).toBeVisible();
  expect(await device.credentials()).toHaveLength(1);
});

test("after five minutes a passkey starts over, and a code is still in time", async ({
  acme,
  device,
  pages,
}) => {
  const { page } = pages;
  const ann = await enrolled(acme, pages);
  await pages.signOut();
  await pages.signIn(ann);
  await expect(pages.usePasskey).toBeVisible();
  await pages.advance(301);
  await expect(page.getByText("within five minutes")).toBeVisible();
  await page.getByRole("button", { name: "Use a backup code" }).click();
  await expect(page.getByLabel("Backup code")).toBeVisible();
  await page.getByRole("button", { name: "Use your passkey" }).click();
  await page.getByRole("button", { name: "Start over" }).click();
  await pages.signIn(ann);
  await pages.usePasskey.click();
  await pages.arrive();
  expect(await device.credentials()).toHaveLength(1);
});

test("with the keyboard alone", async ({ acme, device, pages }) => {
  const { page } = pages;
  const ann = await acme.person();
  await pages.signIn(ann);
  await pages.arrive();
  await page.getByRole("button", { name: "Add a passkey" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog").getByLabel("Name")).toBeFocused();
  await page.keyboard.press("Enter");
  await pages.saveBackupCodes();
  await pages.signOut();
  await expect(page.getByLabel("Username")).toBeFocused();
  await page.keyboard.type(ann.username);
  await page.keyboard.press("Tab");
  await page.keyboard.type(ann.password);
  await page.keyboard.press("Enter");
  await expect(pages.usePasskey).toBeFocused();
  await page.keyboard.press("Enter");
  await pages.arrive();
  await pages.signOut();
  await expect(page.getByLabel("Username")).toBeFocused();
  // The password, its "Show", "Sign in", "Forgot your password?", the passkey.
  for (let presses = 0; presses < 5; presses += 1) await page.keyboard.press("Tab");
  await expect(pages.alone).toBeFocused();
  await page.keyboard.press("Space");
  await pages.arrive();
  expect(await device.credentials()).toHaveLength(1);
});

/** The browser's next ceremony ends with an error. */
async function refuse(pages: Pages, ceremony: "create" | "get", name: string): Promise<void> {
  await pages.page.evaluate(
    ([ceremony, name]) => {
      navigator.credentials[ceremony] = async () => {
        throw new DOMException("as told", name);
      };
    },
    [ceremony, name] as const,
  );
}
