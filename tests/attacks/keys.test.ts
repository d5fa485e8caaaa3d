// ATTACKS.md, A92, A134 and A146: root keys that come, move and go.

import {
  newApplication,
  newBrowser,
  SESSION_COOKIE,
  type Caller,
  type Organization,
  type Person,
} from "../harness/client.ts";
import { codeAt } from "../harness/codes.ts";
import { expectDecision, expectNothingWritten, expectProblem } from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";
import type { Harness } from "../harness/harness.ts";

const key = (id: string, byte: number) => `${id}:${Buffer.alloc(32, byte).toString("base64")}`;
/** The key of wrangler.toml, and one to come after it. */
const K1 = `k1:${Buffer.from([...Array(32).keys()]).toString("base64")}`;
const K2 = key("k2", 2);

/** The ways of a rotation: which keys a deployment has, the one that writes first. */
const RINGS = { k1: K1, "k1,k2": `${K1},${K2}`, "k2,k1": `${K2},${K1}`, k2: K2 };
type Ring = keyof typeof RINGS;

test.afterEach(({ harness }) => harness.vars({ POSTERN_KEYS: K1 }));

/** Somebody who calls the second instance. */
function there(caller: Caller): Caller {
  caller.headers = { ...caller.headers, "x-instance": "2" };
  return caller;
}

/** A challenge that an application opens. */
async function asked(person: Person, application: Caller): Promise<string> {
  const reply = await application.post("/v1/sign-ins", {
    organization: person.organization.id,
    user: person.username,
    first_factor: { method: "password" },
  });
  expectDecision(reply, "challenge");
  return reply.json.challenge.token;
}

/** What refused attempts left behind. */
async function counted(harness: Harness, acme: Organization) {
  const of = `WHERE organization = (SELECT id FROM organization WHERE external_id = ?1)`;
  const throttled = await harness.sql(`SELECT * FROM throttle ${of} AND in_row + in_window > 0`, acme.id);
  const refused = await harness.sql(`SELECT * FROM event ${of} AND outcome <> 'accepted'`, acme.id);
  return [...throttled, ...refused];
}

const PAIRS = (Object.keys(RINGS) as Ring[]).flatMap((one) =>
  (Object.keys(RINGS) as Ring[])
    .filter((other) => other !== one && other.includes(one.slice(0, 2)))
    .map((other) => [one, other] as const),
);

for (const [one, other] of PAIRS) {
  test(`A146 what an instance with ${one} began, one with ${other} goes on with`, async ({
    acme,
    application,
    harness,
  }) => {
    await harness.vars({ POSTERN_KEYS: RINGS[one] }, 1);
    await harness.vars({ POSTERN_KEYS: RINGS[other] }, 2);
    const alice = await acme.person({ totp: true });
    const second = there(newApplication(harness));

    // Passwords, challenges, codes.
    const browser = there(newBrowser(harness));
    const token = await alice.challenge();
    expectDecision(await alice.verify(token, alice.code(), browser), "complete");
    await alice.challenge(browser);
    const code = alice.backupCodes[0]!;
    expectDecision(await alice.useBackupCode(await asked(alice, application), code, browser), "complete");

    // A trusted device: the same token follows, whoever is asked.
    const cookie = (await alice.trust(newBrowser(harness))).replace(/^[^=]*=/, "");
    const question = {
      organization: acme.id,
      user: alice.username,
      first_factor: { method: "password" },
      session: "bearer",
    };
    let held = cookie;
    for (const callers of [
      [application, second],
      [second, application],
    ]) {
      const replies = [];
      for (const caller of callers) {
        replies.push(await caller.post("/v1/sign-ins", { ...question, trusted_device: held }));
      }
      for (const reply of replies) expectDecision(reply, "complete");
      const next = new Set(replies.map(({ json }) => json.trusted_device));
      expect(next.size).toBe(1);
      [held] = [...next];
      await harness.advance(61);
    }

    // Sessions, step-ups, enrollments.
    await alice.signInFully();
    const tab = there(alice.browser.copy());
    expect((await tab.get("/v1/me")).status).toBe(200);
    const started = await alice.browser.post("/v1/me/totp", {});
    const { id, secret } = started.json.enrollment;
    expect((await tab.post("/v1/me/totp", {})).json.enrollment).toEqual(started.json.enrollment);
    const confirmation = { enrollment: id, code: codeAt(secret, harness.time()), name: "Tablet" };
    expect((await tab.post("/v1/me/totp/confirm", confirmation)).status).toBe(200);
    await harness.advance(30);
    const back = tab.copy();
    back.headers = { origin: harness.origin };
    const stepUp = await alice.openStepUp(back);
    expectDecision(await alice.verify(stepUp, alice.code(), tab), "complete");

    // Assurance tokens.
    back.cookies.set(SESSION_COOKIE, tab.cookies.get(SESSION_COOKIE)!);
    const { assurance } = (await back.get("/v1/session")).json;
    const { kid } = JSON.parse(Buffer.from(assurance.split(".")[0], "base64url").toString());
    const published = (await there(newBrowser(harness)).get("/.well-known/jwks.json")).json.keys;
    expect(published.map((key: { kid: string }) => key.kid)).toContain(kid);
    expect(await counted(harness, acme)).toEqual([]);
  });
}

test("A134 A92 a key that goes while rows need it: 503 for those rows, counted against nobody", async ({
  acme,
  harness,
}) => {
  const alice = await acme.person({ totp: true });
  await alice.signInFully();
  const { id, secret } = (await alice.browser.post("/v1/me/totp", {})).json.enrollment;
  const tablet = () => ({ enrollment: id, code: codeAt(secret, harness.time()), name: "Tablet" });
  const early = await alice.challenge(newBrowser(harness));
  const device = await alice.trust(newBrowser(harness));
  const tab = alice.browser;
  const browser = newBrowser(harness);
  await harness.advance(30);

  await harness.vars({ POSTERN_KEYS: K2 });
  const carol = await acme.person({ totp: true });
  const application = newApplication(harness);
  const token = await asked(alice, application);
  const stepUp = await alice.openStepUp(tab);
  const from = harness.printed().length;
  await expectNothingWritten(harness, async () => {
    for (const reply of [
      await alice.signIn(browser),
      await alice.signIn(browser, { password: "not the password 1" }),
      await alice.verify(token, alice.code(), browser),
      await alice.verify(token, "000000", browser),
      await alice.useBackupCode(token, alice.backupCodes[0]!, browser),
      await alice.useBackupCode(token, "00000000", browser),
      await alice.verify(stepUp, alice.code(), tab),
      await tab.post("/v1/me/totp", {}),
      await tab.post("/v1/me/totp/confirm", tablet()),
      await tab.delete("/v1/me/mfa", { password: alice.password }),
    ]) {
      expectProblem(reply, "unavailable");
    }
    // Nothing tells it from a forged one.
    expectProblem(await alice.verify(early, alice.code(), browser), "not_accepted");
  });
  await expect.poll(() => harness.printed().slice(from)).toContain("root key k1 is not in POSTERN_KEYS");
  // A browser that cannot be recognized is asked, as a new one is.
  const [, held] = device.split(/=(.*)/s);
  const remembered = {
    organization: acme.id,
    user: alice.username,
    first_factor: { method: "password" },
    trusted_device: held,
  };
  expectDecision(await application.post("/v1/sign-ins", remembered), "challenge");
  // Everybody else signs in.
  await carol.signInFully(newBrowser(harness));

  await harness.vars({ POSTERN_KEYS: `${K2},${K1}` });
  expectDecision(await application.post("/v1/sign-ins", remembered), "complete");
  expectDecision(await alice.verify(token, alice.code(), browser), "complete");
  expect((await tab.post("/v1/me/totp/confirm", tablet())).status).toBe(200);
  expect(await counted(harness, acme)).toEqual([]);
});
