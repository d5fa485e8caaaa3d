// ATTACKS.md section 12: what a session rests on, what it may do with that, and what ends it.

import {
  deviceCookie,
  newBrowser,
  passkeyQuestion,
  SESSION_COOKIE,
  type Caller,
  Person,
  type Organization,
} from "../harness/client.ts";
import { codeAt } from "../harness/codes.ts";
import { expectDecision, expectNothingChanged, expectProblem } from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";
import type { Reply } from "../harness/http.ts";
import { Passkey } from "../harness/passkey.ts";

/** A policy under which every kind of session below can be had. */
const POLICY = { sso: "evidence", surfaces: { client_app: { asked: false } } };

/** The surface that the policy does not leave unasked. */
const SURFACE = "control_panel";

/** Sessions of one person, each resting on something else; those below `aal2` come last. */
const KINDS: Record<string, (person: Person, browser: Caller) => Promise<Reply>> = {
  "password and app": async (person, browser) => {
    await person.harness.advance(30);
    return person.verify(await challenge(person, browser), person.code(), browser);
  },
  "password and backup code": async (person, browser) =>
    person.useBackupCode(await challenge(person, browser), person.backupCodes.pop()!, browser),
  "passkey alone": async (person, browser) => person.assert(await passkeyQuestion(browser), {}, browser),
  "password and passkey": async (person, browser) =>
    person.assert((await person.signIn(browser, { surface: SURFACE })).json.challenge, {}, browser),
  "sso that says two factors": (person, browser) => bySso(person, browser, ["pwd", "otp"]),
  "a trusted device": async (person, browser) => {
    const trusted = newBrowser(person.harness);
    await person.harness.advance(30);
    const extra = { trust_device: true };
    await person.verify(await challenge(person, trusted), person.code(), trusted, extra);
    const [name = "", value = ""] = deviceCookie(trusted)!.split(/=(.*)/s);
    browser.cookies.set(name, value);
    return person.signIn(browser, { surface: SURFACE });
  },
  "a password where nothing more is asked": (person, browser) =>
    person.signIn(browser, { surface: "client_app" }),
};

const WHOLE = Object.keys(KINDS).slice(0, 5);

async function challenge(person: Person, browser: Caller): Promise<string> {
  const reply = await person.signIn(browser, { surface: SURFACE });
  return reply.json.challenge.token;
}

async function bySso(person: Person, browser: Caller, amr: string[]): Promise<Reply> {
  const reply = await person.organization.application.post("/v1/sign-ins", {
    organization: person.organization.id,
    user: person.username,
    first_factor: { method: "sso", amr },
    surface: SURFACE,
    session: "bearer",
  });
  browser.bearer = reply.json.session?.token;
  return reply;
}

/** Somebody with two apps and a passkey, signed in by the second app. */
async function newPerson(acme: Organization, extra = {}): Promise<Person> {
  const person = await acme.person({ totp: true, ...extra });
  await person.harness.advance(30);
  await person.verify(await person.challenge(), person.code());
  await person.enroll("Tablet");
  await person.enrollPasskey();
  await person.harness.advance(60);
  return person;
}

/** A proof by the second app, in the browser that makes the changes. */
async function stepUp(person: Person): Promise<void> {
  await person.harness.advance(30);
  const code = codeAt(person.authenticators[1]!.secret, person.harness.time());
  expectDecision(await person.verify(await person.openStepUp(), code), "complete");
}

/** A session of each kind, each in a browser of its own. */
async function sessions(person: Person): Promise<Map<string, Caller>> {
  const all = new Map<string, Caller>();
  for (const [kind, make] of Object.entries(KINDS)) {
    const browser = newBrowser(person.harness);
    expectDecision(await make(person, browser), "complete");
    all.set(kind, browser);
  }
  const levels = await Promise.all([...all.values()].map(async (one) => (await level(one)) ?? "none"));
  expect(levels).toEqual([...all.keys()].map((kind) => (WHOLE.includes(kind) ? "aal2" : "aal1")));
  return all;
}

/** What the session of a browser adds up to; nothing when there is none. */
async function level(browser: Caller): Promise<string | undefined> {
  const reply = await browser.get("/v1/session");
  if (reply.status === 200) return reply.json.session.aal;
  expectProblem(reply, "unauthenticated");
  return undefined;
}

async function alive(all: Map<string, Caller>): Promise<string[]> {
  const kinds: string[] = [];
  for (const [kind, browser] of all) if (await level(browser)) kinds.push(kind);
  return kinds;
}

const path = (person: Person) => `${person.organization.path}/users/${encodeURIComponent(person.username)}`;

/** Changes a user as an application does. */
async function patch(person: Person, change: object): Promise<void> {
  const reply = await person.organization.application.patch(path(person), change);
  expect(reply.status, reply.text).toBe(200);
}

const without = (...gone: string[]) => WHOLE.filter((kind) => !gone.includes(kind));

interface Change {
  /** Which sessions outlive it, beside the one that makes it. */
  leaves: string[];
  /** Whether the session that makes it lives on, where a session makes it. */
  ends?: true;
  make: (person: Person) => Promise<unknown>;
}

const done = (reply: Reply) => expect([200, 204], reply.text).toContain(reply.status);

const CHANGES: Record<string, Change> = {
  "new backup codes": {
    leaves: without("password and backup code"),
    make: async ({ browser }) => done(await browser.post("/v1/me/backup-codes", {})),
  },
  "another app": { leaves: WHOLE, make: (person) => person.enroll("Old phone") },
  "the app removed": {
    leaves: without("password and app"),
    make: async ({ browser, authenticators }) =>
      done(await browser.delete(`/v1/me/authenticators/${authenticators[0]!.id}`)),
  },
  "the passkey removed": {
    leaves: without("passkey alone", "password and passkey"),
    make: async ({ browser, passkeys }) =>
      done(await browser.delete(`/v1/me/authenticators/${passkeys[0]!.id}`)),
  },
  "another password": {
    leaves: [],
    make: async ({ browser }) => done(await browser.put("/v1/me/password", { password: "another one 11" })),
  },
  "everything turned off": {
    leaves: [],
    make: async ({ browser, password }) => done(await browser.delete("/v1/me/mfa", { password })),
  },
  "everybody else signed out": {
    leaves: [],
    make: async ({ browser }) => done(await browser.delete("/v1/me/sessions")),
  },
  "another name, by the application": {
    leaves: Object.keys(KINDS),
    make: (person) => patch(person, { name: "Else" }),
  },
  "another role, by the application": { leaves: WHOLE, make: (person) => patch(person, { role: "admin" }) },
  "a group, by the application": { leaves: WHOLE, make: (person) => patch(person, { groups: ["staff"] }) },
  "another password, by the application": {
    leaves: ["passkey alone", "sso that says two factors"],
    ends: true,
    make: (person) => patch(person, { password: "another one 12" }),
  },
  "disabled, and enabled again": {
    leaves: [],
    ends: true,
    make: async (person) => {
      await patch(person, { state: "disabled" });
      await patch(person, { state: "active" });
    },
  },
  deleted: {
    leaves: [],
    ends: true,
    make: async (person) => done(await person.organization.application.delete(path(person))),
  },
};

for (const [what, change] of Object.entries(CHANGES)) {
  test(`A128 A145 sessions of each kind after ${what}`, async ({ acme }) => {
    done(await acme.setPolicy(POLICY));
    const ann = await newPerson(acme);
    const all = await sessions(ann);
    await stepUp(ann);
    await change.make(ann);
    expect(await alive(all)).toEqual(change.leaves);
    expect((await level(ann.browser)) !== undefined).toBe(change.ends === undefined);
  });
}

test("A128 a session that fell below aal2 outlives no change but its own", async ({ acme, harness }) => {
  done(await acme.setPolicy(POLICY));
  const ann = await newPerson(acme);
  const [code, sso] = [newBrowser(harness), newBrowser(harness)];
  await KINDS["password and backup code"]!(ann, code);
  await KINDS["sso that says two factors"]!(ann, sso);
  done(await acme.setPolicy({ sso: "exempt" }));
  // It is what it proves under the policy of now.
  expect(await level(sso)).toBe("aal1");
  expect(await level(code)).toBe("aal2");
  await patch(ann, { groups: ["staff"] });
  expect(await level(sso)).toBeUndefined();
  expect(await level(code)).toBe("aal2");

  // The set ends with the last authenticator, and what rests on it lives on as what is left.
  for (const { id } of [...ann.authenticators, ...ann.passkeys]) {
    done(await code.delete(`/v1/me/authenticators/${id}`, { password: ann.password }));
  }
  expect(await level(code)).toBe("aal1");
  await patch(ann, { groups: [] });
  expectProblem(await code.post("/v1/me/totp", {}), "unauthenticated");
});

test("A128 an enrolling session outlives no change but its own", async ({ acme, harness }) => {
  done(await acme.setPolicy({ mode: "required" }));
  const ann = await acme.person();
  const other = newBrowser(harness);
  expectDecision(await ann.signIn(), "enroll");
  expectDecision(await ann.signIn(other), "enroll");
  // Also where it would be worth more: the policy takes the provider's word.
  await ann.enroll();
  expect(await level(other)).toBeUndefined();
  expect(await level(ann.browser)).toBe("aal2");
  const bob = await acme.person();
  expectDecision(await bob.signIn(), "enroll");
  await patch(bob, { role: "admin" });
  expect(await level(bob.browser)).toBeUndefined();
});

test("the passkey one signed in with, removed: asked again, not signed out", async ({ acme }) => {
  const ann = await newPerson(acme);
  const { browser } = ann;
  expectDecision(await KINDS["passkey alone"]!(ann, browser), "complete");
  done(await browser.delete(`/v1/me/authenticators/${ann.passkeys[0]!.id}`));
  const left = await browser.get("/v1/session");
  expect(left.status, left.text).toBe(200);
  expect(left.json).toMatchObject({ decision: "challenge", session: { aal: "aal1", amr: ["user"] } });
  expect(left.json.assurance).toBeUndefined();
  expectProblem(await browser.get("/v1/me"), "step_up_required");
  expectProblem(await browser.post("/v1/me/totp", {}), "step_up_required");
  const before = browser.copy();
  await ann.stepUp();
  expect((await browser.get("/v1/me")).json.session).toMatchObject({ aal: "aal2" });
  expectProblem(await before.get("/v1/session"), "unauthenticated");
});

test("the only passkey removed, by somebody who has no password", async ({ acme, application, harness }) => {
  const ann = new Person(harness, acme, `sso-${harness.time()}@example.test`, "");
  expect((await application.put(path(ann), {})).status).toBe(201);
  expectDecision(await bySso(ann, ann.browser, []), "complete");
  await ann.enrollPasskey();
  const browser = newBrowser(harness);
  expectDecision(await KINDS["passkey alone"]!(ann, browser), "complete");
  done(await browser.delete(`/v1/me/authenticators/${ann.passkeys[0]!.id}`));
  // Nothing is asked any more, and another can be added while the proof is fresh.
  expect((await browser.get("/v1/me")).json.session).toMatchObject({ aal: "aal1", amr: ["user"] });
  await ann.enrollPasskey(new Passkey(harness.origin), browser);
  expect((await browser.get("/v1/session")).json.session).toMatchObject({ aal: "aal2" });
});

test("A145 what rests on a trusted device ends with it", async ({ acme, harness }) => {
  const ends: Record<string, (ann: Person, cookie: string) => Promise<unknown>> = {
    "it is revoked": async ({ browser }) => {
      const { trusted_devices: devices } = (await browser.get("/v1/me/trusted-devices")).json;
      for (const { id } of devices) done(await browser.delete(`/v1/me/trusted-devices/${id}`));
    },
    "all are forgotten": async ({ browser }) => done(await browser.delete("/v1/me/trusted-devices")),
    "it is found stolen": async (ann, cookie) => {
      await harness.advance(61);
      const thief = newBrowser(harness);
      const [name = "", value = ""] = cookie.split(/=(.*)/s);
      thief.cookies.set(name, value);
      expectDecision(await ann.signIn(thief), "challenge");
    },
    "the policy asks for more": async () => done(await acme.setPolicy({ trusted_devices: { days: 29 } })),
  };
  for (const [what, end] of Object.entries(ends)) {
    done(await acme.setPolicy({ trusted_devices: { days: 30 } }));
    const ann = await acme.person({ totp: true });
    const cookie = await ann.trust();
    const [skipped, raised] = [newBrowser(harness), newBrowser(harness)];
    const [name = "", value = ""] = cookie.split(/=(.*)/s);
    skipped.cookies.set(name, value);
    expectDecision(await ann.signIn(skipped), "complete");
    // One that showed a second factor since then rests on that.
    raised.cookies.set(name, deviceCookie(skipped)!.split(/=(.*)/s)[1]!);
    expectDecision(await ann.signIn(raised), "complete");
    await ann.stepUp(raised);
    await ann.stepUp();
    expect([await level(skipped), await level(raised)], what).toEqual(["aal1", "aal2"]);
    await end(ann, cookie);
    expectProblem(await skipped.get("/v1/session"), "unauthenticated");
    const token = skipped.cookies.get(SESSION_COOKIE);
    const asked = await acme.application.post("/v1/sessions/introspect", { token });
    expect(asked.json, what).toEqual({ active: false });
    expect(await level(raised), what).toBe("aal2");
    expect((await raised.get("/v1/session")).json.session.trusted_device, what).toBe(false);
  }
});

for (const wait of ["", "d1-wait=2"]) {
  test(`A145 fifty uses of a session while its device is revoked${wait && ", with a wait"}`, async ({
    acme,
    harness,
  }) => {
    test.setTimeout(300_000);
    const ann = await acme.person({ totp: true });
    const [name = "", value = ""] = (await ann.trust()).split(/=(.*)/s);
    const skipped = newBrowser(harness);
    skipped.cookies.set(name, value);
    expectDecision(await ann.signIn(skipped), "complete");
    await ann.stepUp();
    const id = (await ann.browser.get("/v1/me/trusted-devices")).json.trusted_devices[0].id;
    const fault = { "x-fault": wait };
    const ready = await harness.stored();
    for (let round = 0; round < 20; round += 1) {
      await harness.restore(ready);
      const [gone, ...uses] = await Promise.all([
        ann.browser.copy().delete(`/v1/me/trusted-devices/${id}`, undefined, fault),
        ...Array.from({ length: 50 }, () => skipped.copy().get("/v1/me", fault)),
      ]);
      done(gone!);
      for (const use of uses) expect([200, 401]).toContain(use.status);
      expectProblem(await skipped.copy().get("/v1/me"), "unauthenticated");
    }
  });
}

test("A130 no assurance token before the decision is complete", async ({ acme, application, harness }) => {
  const [bare, enrolled] = [await acme.person(), await acme.person({ totp: true })];
  const signIn = (user: string) =>
    application.post("/v1/sign-ins", {
      organization: acme.id,
      user,
      first_factor: { method: "password" },
      session: "bearer",
    });
  const challenged = await signIn(enrolled.username);
  expectDecision(challenged, "challenge");
  expect(challenged.json.assurance).toBeUndefined();
  expect((await signIn(bare.username)).json.assurance).toMatch(/^\S+\.\S+\.\S+$/);

  expect((await acme.setPolicy({ mode: "required" })).status).toBe(200);
  for (const reply of [await signIn(bare.username), await bare.signIn(newBrowser(harness))]) {
    expectDecision(reply, "enroll");
    expect(Object.keys(reply.json)).not.toContain("assurance");
  }
  const token = (await signIn(bare.username)).json.session.token;
  const browser = newBrowser(harness);
  browser.bearer = token;
  expect((await browser.get("/v1/session")).json.assurance).toBeUndefined();
  expect((await application.post("/v1/sessions/introspect", { token })).json.active).toBe(false);
});

test("a session that rests on a backup code changes neither the password nor the policy", async ({
  acme,
  harness,
}) => {
  const owner = await acme.person({ role: "owner", totp: true });
  const browser = owner.browser;
  await owner.useBackupCode(await owner.challenge(), owner.backupCodes[0]!);
  const password = { password: "another password 9" };
  await expectNothingChanged(harness, async () => {
    expectProblem(await browser.put("/v1/me/password", password), "forbidden");
    expectProblem(await browser.post("/v1/me/backup-codes", {}), "forbidden");
    expectProblem(await acme.setPolicy({ mode: "off" }, 1, browser), "forbidden");
    expectProblem(await acme.setPolicy({ backup_codes: "recovery" }, undefined, browser), "forbidden");
  });
  // Until a real one is shown.
  await owner.stepUp();
  expect((await acme.setPolicy({ backup_codes: "recovery" }, undefined, browser)).status).toBe(200);
  expect((await browser.put("/v1/me/password", password)).status).toBe(204);
});
