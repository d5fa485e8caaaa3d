// ATTACKS.md, what concerns the policy: loosened, tightened, got round.

import {
  SESSION_COOKIE,
  deviceCookie,
  newBrowser,
  newOrganization,
  type Organization,
  type Person,
} from "../harness/client.ts";
import { expectDecision, expectNothingChanged, expectProblem } from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";
import type { Harness } from "../harness/harness.ts";

/** Somebody signed in with two factors a moment ago. */
async function fresh(acme: Organization, role: string): Promise<Person> {
  const person = await acme.person({ role, totp: true });
  await person.signInFully();
  return person;
}

/** The browser that `person` trusted, where nobody is signed in. */
async function trusted(person: Person, harness: Harness): Promise<ReturnType<typeof newBrowser>> {
  await person.trust();
  const browser = newBrowser(harness);
  const [name = "", value = ""] = deviceCookie(person.browser)!.split(/=(.*)/s);
  browser.cookies.set(name, value);
  return browser;
}

const STRICTER: [string, Record<string, unknown>][] = [
  ["trust off", { trusted_devices: "off" }],
  ["fewer days", { trusted_devices: { days: 7 } }],
  ["a stricter mode", { mode: "required" }],
  ["a stricter surface", { surfaces: { control_panel: { every_sign_in: true } } }],
  ["single sign-on that has to prove itself", { sso: "evidence" }],
  ["a stricter step-up", { step_up: "second_factor" }],
];

for (const [what, change] of STRICTER) {
  test(`A50 a trusted device after ${what}`, async ({ acme, harness }) => {
    expect((await acme.setPolicy({ step_up: "password_allowed" })).status).toBe(200);
    const ann = await acme.person({ totp: true });
    const browser = await trusted(ann, harness);
    expectDecision(await ann.signIn(browser), "complete");
    expect((await acme.setPolicy({ backup_codes: "recovery" })).status).toBe(200);
    expectDecision(await ann.signIn(browser), "complete");
    expect((await acme.setPolicy(change)).status).toBe(200);
    expectDecision(await ann.signIn(browser), "challenge");
    const devices = (
      await (async () => {
        await harness.advance(30);
        await ann.signInFully(browser);
        return browser.get("/v1/me/trusted-devices");
      })()
    ).json.trusted_devices;
    expect(devices).toEqual([]);
  });
}

test("A50 scope: required for more people", async ({ acme, harness }) => {
  await acme.setPolicy({ mode: "required", scope: { groups: ["staff"] } });
  const ann = await acme.person({ totp: true });
  const browser = await trusted(ann, harness);
  expectDecision(await ann.signIn(browser), "complete");
  await acme.setPolicy({ scope: "everyone" });
  expectDecision(await ann.signIn(browser), "challenge");
});

test("A64 policy off as a back door", async ({ acme, harness }) => {
  const owner = await fresh(acme, "owner");
  const ann = await acme.person({ totp: true });
  const before = await harness.sql("SELECT * FROM authenticator ORDER BY id");
  await harness.advance(301);
  expectProblem(await acme.setPolicy({ mode: "off" }, 2, owner.browser), "step_up_required");
  await owner.stepUp();
  await expectNothingChanged(harness, async () => {
    expectProblem(await acme.setPolicy({ mode: "off" }, undefined, owner.browser), "malformed");
    for (const affected of [0, 1, 3])
      expectProblem(await acme.setPolicy({ mode: "off" }, affected, owner.browser), "conflict");
  });
  const off = await acme.setPolicy({ mode: "off" }, 2, owner.browser);
  expect(off.status, off.text).toBe(200);

  const browser = newBrowser(harness);
  expectDecision(await ann.signIn(browser), "complete");
  expectProblem(await browser.post("/v1/me/totp", {}), "policy_forbids");
  expectProblem(await browser.post("/v1/me/passkeys", {}), "policy_forbids");
  // Asleep, and still good for a step-up and for being removed.
  expect((await browser.get("/v1/me")).json.authenticators).toHaveLength(1);
  await ann.stepUp(browser);
  const mails = await harness.sql("SELECT address FROM mail WHERE kind = 'policy_off' ORDER BY address");
  const people = [owner.username, ann.username].sort();
  expect(mails.map(({ address }) => address).filter((one) => people.includes(one))).toEqual(people);
  const [event] = await harness.sql(
    "SELECT * FROM event WHERE action = 'policy.put' ORDER BY seq DESC LIMIT 1",
  );
  expect([JSON.parse(event.detail).old.mode, JSON.parse(event.detail).new.mode]).toEqual(["optional", "off"]);
  const after = await harness.sql("SELECT * FROM authenticator ORDER BY id");
  expect(after.map(({ id, secret }) => [id, secret])).toEqual(before.map(({ id, secret }) => [id, secret]));

  await owner.stepUp();
  expect((await acme.setPolicy({ mode: "optional" }, undefined, owner.browser)).status).toBe(200);
  expectDecision(await ann.signIn(newBrowser(harness)), "challenge");
  const left = `/v1/me/authenticators/${ann.authenticators[0]!.id}`;
  expect((await browser.delete(left, { password: ann.password })).status).toBe(204);
});

test("a surface that is not asked opens no door of ours", async ({ acme, harness, application }) => {
  await acme.setPolicy({ surfaces: { client_app: { asked: false } } });
  const ann = await acme.person({ totp: true });
  const browser = newBrowser(harness);
  const signedIn = await ann.signIn(browser, { surface: "client_app", session: "bearer" });
  expectDecision(signedIn, "complete");
  browser.bearer = signedIn.json.session.token;
  expect((await browser.get("/v1/session")).json.decision).toBe("complete");
  const strict = await application.post("/v1/sessions/introspect", { token: browser.bearer });
  expect(strict.json).toMatchObject({ active: true, surface: "client_app" });
  for (const path of ["/v1/me", "/v1/me/sessions", "/v1/me/trusted-devices"])
    expectProblem(await browser.get(path), "step_up_required");
  expectProblem(await browser.delete("/v1/me/sessions"), "step_up_required");
  const raised = await ann.verify(await ann.openStepUp(browser), ann.code(), browser);
  browser.bearer = raised.json.session.token;
  expect((await browser.get("/v1/me")).status).toBe(200);
});

test("a password is no way out where the policy asks for a second factor", async ({ acme, harness }) => {
  await acme.setPolicy({ step_up: "password_allowed", surfaces: { control_panel: { max_age: 600 } } });
  const ann = await acme.person({ totp: true });
  await ann.signInFully();
  const methods = async () =>
    (await ann.browser.post("/v1/challenges", { purpose: "step_up" })).json.challenge.methods;
  expect(await methods()).toContain("password");
  await harness.advance(601);
  expectProblem(await ann.browser.get("/v1/me"), "step_up_required");
  expect(await methods()).toEqual(["totp", "backup_code"]);
  const challenge = await ann.openStepUp();
  const { password } = ann;
  const tried = { challenge, method: "password", password };
  expectProblem(await ann.browser.post("/v1/challenges/verify", tried), "not_accepted");
});

test("a session that may only enroll proves nothing, also under a policy that asks less by now", async ({
  acme,
  application,
}) => {
  await acme.setPolicy({ mode: "required" });
  const ann = await acme.person();
  const signedIn = await ann.signIn(ann.browser, { session: "bearer" });
  expectDecision(signedIn, "enroll");
  await acme.setPolicy({ mode: "optional" });
  ann.browser.bearer = signedIn.json.session.token;
  expect((await ann.browser.get("/v1/session")).json.assurance).toBeUndefined();
  expectProblem(await ann.browser.get("/v1/me"), "enrollment_required");
  const strict = await application.post("/v1/sessions/introspect", { token: ann.browser.bearer });
  expect(strict.json.active).toBe(false);
});

test("an account says what binds its person", async ({ acme, harness }) => {
  const until = harness.time() + 86_400;
  const [ann, bob] = [await acme.person({ groups: ["staff"] }), await acme.person({ totp: true })];
  await ann.signIn();
  await bob.signInFully();
  const told = async () =>
    Promise.all([ann, bob].map(async ({ browser }) => (await browser.get("/v1/me")).json?.policy));
  expect(await told()).toEqual([{ mode: "optional" }, { mode: "optional" }]);
  await acme.setPolicy({ mode: "required", grace_until: until });
  expect(await told()).toEqual([{ mode: "optional", enroll_by: until }, { mode: "optional" }]);
  await acme.setPolicy({ surfaces: { client_app: { asked: false } } });
  await ann.signIn(ann.browser, { surface: "client_app" });
  expect((await told())[0]).toEqual({ mode: "optional", enroll_by: until });
  await acme.setPolicy({ mode: "required", grace_until: undefined, surfaces: {} });
  expect(await told()).toEqual([undefined, { mode: "required" }]);
  await acme.setPolicy({ mode: "required", scope: { groups: ["staff"] } });
  expect(await told()).toEqual([undefined, { mode: "optional" }]);
});

test("A65 policy downgrade by people who may not", async ({ acme, harness, nobody }) => {
  const [owner, member, admin] = [
    await fresh(acme, "owner"),
    await fresh(acme, "member"),
    await fresh(acme, "admin"),
  ];
  const other = await newOrganization(harness, "Other");
  const foreign = await fresh(other, "admin");
  const stale = owner.browser;
  const byTrust = await trusted(owner, harness);
  expectDecision(await owner.signIn(byTrust), "complete");
  const byCode = newBrowser(harness);
  expectDecision(
    await owner.useBackupCode(await owner.challenge(byCode), owner.backupCodes[0]!, byCode),
    "complete",
  );
  await expectNothingChanged(harness, async () => {
    const off = (by: typeof nobody) => acme.setPolicy({ mode: "off" }, 3, by);
    expectProblem(await off(member.browser), "forbidden");
    expectProblem(await off(admin.browser), "forbidden");
    expectProblem(await off(foreign.browser), "not_found");
    expectProblem(await off(byTrust), "step_up_required");
    expectProblem(await off(byCode), "forbidden");
    expectProblem(await off(nobody), "unauthenticated");
    await harness.advance(301);
    expectProblem(await off(stale), "step_up_required");
  });
});

test("A66 removing the last authenticator while it is required", async ({ acme, harness }) => {
  test.setTimeout(240_000);
  const ann = await fresh(acme, "member");
  await ann.enroll("Tablet");
  await acme.setPolicy({ mode: "required" });
  await ann.stepUp();
  const path = ({ id }: { id: string }) => `/v1/me/authenticators/${id}`;
  expect((await ann.browser.delete(path(ann.authenticators[0]!))).status).toBe(204);
  ann.authenticators.shift();
  await expectNothingChanged(harness, async () => {
    expectProblem(await ann.browser.delete(path(ann.authenticators[0]!)), "policy_forbids");
    expectProblem(await ann.browser.delete("/v1/me/mfa", { password: ann.password }), "policy_forbids");
  });
  const bob = await acme.person();
  expectDecision(await bob.signIn(), "enroll");
  await bob.enroll("Phone");
  await harness.advance(30);
  await bob.enroll("Tablet");
  const ready = await harness.stored();
  for (let round = 0; round < 20; round += 1) {
    await harness.restore(ready);
    const wait: Record<string, string> = round % 2 === 0 ? {} : { "x-fault": "d1-wait=2" };
    const replies = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        bob.browser.copy().delete(path(bob.authenticators[index % 2]!), undefined, wait),
      ),
    );
    expect(replies.filter(({ status }) => status === 204)).toHaveLength(1);
    expect(replies.filter(({ status }) => status >= 500)).toEqual([]);
    const [{ left }] = await harness.sql(
      "SELECT count(*) AS left FROM authenticator a JOIN user u ON u.id = a.user WHERE u.username = ?1",
      bob.username,
    );
    expect(left).toBe(1);
  }
});

test("A68 required, and people who are signed in", async ({ acme, harness }) => {
  const [bare, enrolled] = [await acme.person(), await acme.person({ totp: true })];
  await bare.signIn();
  await enrolled.signInFully();
  const until = harness.time() + 1000;
  await acme.setPolicy({ mode: "required", grace_until: until });
  expect((await bare.browser.get("/v1/me")).status).toBe(200);
  await harness.advance(1000);
  for (const path of ["/v1/me", "/v1/me/sessions", "/v1/me/trusted-devices"]) {
    expectProblem(await bare.browser.get(path), "enrollment_required");
  }
  // An application that asks strictly hears it too, and gets no new assurance.
  const token = bare.browser.cookies.get(SESSION_COOKIE);
  const strict = (await acme.application.post("/v1/sessions/introspect", { token })).json;
  expect(strict).toEqual({ active: false, decision: "enroll", reasons: ["policy.required"] });
  const session = (await bare.browser.get("/v1/session")).json;
  expect([session.decision, session.assurance]).toEqual(["enroll", undefined]);
  expect((await enrolled.browser.get("/v1/me")).status).toBe(200);
  const again = newBrowser(harness);
  expectDecision(await bare.signIn(again), "enroll");
  expectProblem(await again.get("/v1/me"), "enrollment_required");
  await bare.enroll("Phone", again);
  expect((await again.get("/v1/me")).status).toBe(200);
});

test("A117 the exemption belongs to the sign-in, not to the person", async ({
  acme,
  harness,
  application,
}) => {
  await acme.setPolicy({ mode: "required", sso: "exempt" });
  const [ann, bob] = [await acme.person(), await acme.person({})];
  const bySso = (person: Person, amr: string[] = []) =>
    application.post("/v1/sign-ins", {
      organization: acme.id,
      user: person.username,
      first_factor: { method: "sso", amr },
      session: "bearer",
    });
  expectDecision(await bySso(ann), "complete");
  expectDecision(await ann.signIn(newBrowser(harness)), "enroll");
  expectDecision(await bySso(bob), "complete");
  await acme.setPolicy({ sso: "evidence" });
  expectDecision(await bySso(ann), "enroll");
  expectDecision(await bySso(ann, ["pwd"]), "enroll");
  expectDecision(await bySso(ann, ["mfa"]), "complete");
  const self = await newBrowser(harness).post("/v1/sign-ins/password", {
    organization: acme.id,
    username: ann.username,
    password: ann.password,
    sso: true,
  });
  expectProblem(self, "malformed");
  const claimed = await newBrowser(harness).post("/v1/sign-ins/password", {
    organization: acme.id,
    username: ann.username,
    password: ann.password,
    first_factor: { method: "sso", amr: ["mfa"] },
  });
  expectProblem(claimed, "malformed");
});

test("A118 reaching up: an admin sets no policy", async ({ acme, harness }) => {
  const admin = await fresh(acme, "admin");
  await expectNothingChanged(harness, async () => {
    expectProblem(await acme.setPolicy({ mode: "off" }, 1, admin.browser), "forbidden");
    expectProblem(await acme.previewPolicy({ mode: "off" }, admin.browser), "forbidden");
    expect((await admin.browser.get(`${acme.path}/policy`)).status).toBe(200);
  });
});

test("A119 grace got round: another account, another group, an old deadline", async ({
  acme,
  harness,
  application,
}) => {
  const until = harness.time() + 1000;
  await acme.setPolicy({ mode: "required", scope: { groups: ["staff", "ops"] }, grace_until: until });
  const ann = await acme.person({ groups: ["staff"] });
  expectDecision(await ann.signIn(newBrowser(harness)), "complete");
  await harness.advance(1000);
  expectDecision(await ann.signIn(newBrowser(harness)), "enroll");
  const path = `${acme.path}/users/${encodeURIComponent(ann.username)}`;
  const again = { email: ann.username, password: ann.password };
  // Made again, the deadline is over all the same.
  expect((await application.delete(path)).status).toBe(204);
  expect((await application.put(path, { ...again, groups: ["staff"] })).status).toBe(201);
  expectDecision(await ann.signIn(newBrowser(harness)), "enroll");
  // In any group that is bound: one is enough.
  expect((await application.patch(path, { groups: ["guests", "ops"] })).status).toBe(200);
  expectDecision(await ann.signIn(newBrowser(harness)), "enroll");
  expect((await application.patch(path, { groups: ["guests"] })).status).toBe(200);
  expectDecision(await ann.signIn(newBrowser(harness)), "complete");
  // A deadline that has passed cannot be moved back into the past, only ahead.
  expectProblem(await acme.setPolicy({ grace_until: until - 1 }), "malformed");
  expect((await acme.setPolicy({ grace_until: harness.time() + 60 })).status).toBe(200);
  expectDecision(await ann.signIn(newBrowser(harness)), "complete");
});
