// ATTACKS.md, A92, A134 and A146: root keys that come, move and go.

import {
  newApplication,
  newBrowser,
  newOrganization,
  SESSION_COOKIE,
  type Caller,
  type Organization,
  type Person,
} from "../harness/client.ts";
import { codeAt } from "../harness/codes.ts";
import { expectDecision, expectNothingWritten, expectProblem } from "../harness/expect.ts";
import { expect, testApart } from "../harness/fixtures.ts";
import { Harness } from "../harness/harness.ts";

const key = (id: string, byte: number) => `${id}:${Buffer.alloc(32, byte).toString("base64")}`;
/** The key of wrangler.toml, and one to come after it. */
const K1 = `k1:${Buffer.from([...Array(32).keys()]).toString("base64")}`;
const K2 = key("k2", 2);

/** On a server that others use a key would be missing that rows of these tests are under. */
const test = testApart();

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

    // Passwords, challenges, codes; last, because what is used moves to the other's key.
    await harness.advance(30);
    const browser = there(newBrowser(harness));
    const token = await alice.challenge();
    expectDecision(await alice.verify(token, alice.code(), browser), "complete");
    await alice.challenge(browser);
    const code = alice.backupCodes[0]!;
    expectDecision(await alice.useBackupCode(await asked(alice, application), code, browser), "complete");
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

/** Rows under each key, as an operator asks for them. */
async function report(harness: Harness): Promise<Record<string, number>> {
  const rows = await harness.sql("SELECT kind, key, count(*) AS n FROM keyed_row GROUP BY kind, key");
  return Object.fromEntries(rows.map(({ kind, key, n }) => [`${kind} ${key}`, n]));
}

/** The key that a sealed secret says it is under. */
function keyOf(sealed: string): string {
  const bytes = Buffer.from(sealed, "base64url");
  return bytes.subarray(1, 1 + bytes[0]!).toString();
}

test("A92 what is used moves to the key that writes", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  const rows = async () => {
    const sql = `SELECT u.version, u.password ->> 'key' AS password, a.secret, a.key FROM user u
      JOIN authenticator a ON (a.organization, a.user) = (u.organization, u.id) WHERE u.username = ?1`;
    const [row] = await harness.sql(sql, alice.username);
    expect(keyOf(row.secret)).toBe(row.key);
    return row;
  };
  const before = await rows();
  expect([before.password, before.key]).toEqual(["k1", "k1"]);
  await harness.vars({ POSTERN_KEYS: RINGS["k2,k1"] });
  const browser = newBrowser(harness);
  // What is wrong moves nothing.
  expectProblem(await alice.signIn(browser, { password: "not the password 1" }), "not_accepted");
  const token = await asked(alice, newApplication(harness));
  expectProblem(await alice.verify(token, "000000", browser), "not_accepted");
  expect(await rows()).toEqual(before);

  const right = await alice.verify(token, alice.code(), browser);
  expectDecision(right, "complete");
  expect(right.trips).toBe(1);
  expect((await rows()).key).toBe("k2");
  await harness.advance(60);
  await alice.challenge(browser);
  const after = await rows();
  expect([after.password, after.key, after.version]).toEqual(["k2", "k2", before.version]);
  // And once more, with what moved: in neither case a copy is in the way.
  for (const ring of [RINGS["k2,k1"], K2]) {
    await harness.vars({ POSTERN_KEYS: ring });
    await alice.signInFully(newBrowser(harness));
  }
});

test("A92 a rotation under way: jobs at two instances, jobs that die, people who sign in", async ({
  acme,
  application,
  harness,
}) => {
  test.setTimeout(600_000);
  const people: Person[] = [];
  for (let n = 0; n < 25; n += 1) {
    const person = await acme.person({ totp: true });
    await person.signInFully();
    await person.enroll("Tablet");
    people.push(person);
  }
  const second = there(newApplication(harness));

  /** Everybody signs in twice, by two apps, begun at one instance and finished at the other. */
  const everybody = async (wait: string) => {
    await harness.advance(30);
    const replies = await Promise.all(
      people.flatMap((person) =>
        [application, second].map(async (caller, at) => {
          const token = await asked(person, caller);
          const headers = { "x-instance": String(2 - at), "x-fault": wait };
          const named = { authenticator: person.authenticators[at]!.id };
          return person.verify(token, person.code(0, at), newBrowser(harness), named, headers);
        }),
      ),
    );
    await harness.advance(30);
    return replies;
  };
  const consistent = async () => {
    const rows = await harness.sql(
      `SELECT secret, key FROM authenticator WHERE kind = 'totp'
       UNION ALL SELECT secret, key FROM enrollment`,
    );
    for (const { secret, key } of rows) expect(keyOf(secret)).toBe(key);
  };

  const ways: [Ring, Ring][] = [
    ["k1", "k1,k2"],
    ["k1,k2", "k1,k2"],
    ["k1,k2", "k2,k1"],
    ["k2,k1", "k2,k1"],
  ];
  let round = 0;
  for (const [one, other] of ways) {
    await harness.vars({ POSTERN_KEYS: RINGS[one] }, 1);
    await harness.vars({ POSTERN_KEYS: RINGS[other] }, 2);
    for (let times = 0; times < 5; times += 1) {
      round += 1;
      const wait = round % 2 ? "d1-wait=2" : "";
      const job = (instance: 1 | 2) => harness.scheduled(wait, instance);
      const [replies] = await Promise.all([everybody(wait), job(1), job(2), job(1), job(2)]);
      const refused = replies.filter(({ status }) => status !== 200);
      expect(refused.map(({ status, text }) => `${one} ${other}: ${status} ${text}`)).toEqual([]);
      await consistent();
    }
  }
  expect(round).toBe(20);
  expect(await counted(harness, acme)).toEqual([]);

  // Back, so that there is something to do for a job that dies.
  for (let trip = 1; trip <= 8; trip += 1) {
    for (const fault of [`d1-fail=${trip}+`, `d1-lose=${trip}`]) {
      const [ring, to] = round % 2 ? (["k1,k2", "k1"] as const) : (["k2,k1", "k2"] as const);
      round += 1;
      await harness.vars({ POSTERN_KEYS: RINGS[ring] });
      await harness.scheduled(fault);
      await consistent();
      await harness.scheduled();
      await consistent();
      const [{ n }] = await harness.sql(
        "SELECT count(*) AS n FROM authenticator WHERE kind = 'totp' AND key <> ?1",
        to,
      );
      expect(n, fault).toBe(0);
    }
  }
});

test("A146 a key is dropped when nothing is left under it, and said to be missing before", async () => {
  test.setTimeout(300_000);
  // Nobody else's rows, and a log that is not for errors only.
  process.env.WRANGLER_LOG = "log";
  const harness = await Harness.start().finally(() => delete process.env.WRANGLER_LOG);
  try {
    /** When the job reports next. */
    const fullHour = () => harness.freeze((Math.floor(harness.time() / 3600) + 1) * 3600);
    await fullHour();
    const acme = await newOrganization(harness);
    const alice = await acme.person({ totp: true });
    const bob = await acme.person({ totp: true });
    const trusted = newBrowser(harness);
    await alice.trust(trusted);
    const health = () => newBrowser(harness).get("/healthz");

    await harness.vars({ POSTERN_KEYS: RINGS["k2,k1"] });
    await harness.scheduled();
    expect(await report(harness)).toEqual({
      "totp k2": 2,
      "password k1": 2,
      "backup_codes k1": 2,
      "trusted_device k1": 1,
    });
    const says = "keys: k1: backup_codes 2, password 2, trusted_device 1";
    await expect.poll(() => harness.printed()).toContain(says);
    expect((await health()).status).toBe(200);

    // Too early: the rest goes on, and it is said.
    await harness.vars({ POSTERN_KEYS: K2 });
    const missing = await health();
    expectProblem(missing, "unavailable");
    expect(missing.json.wrong).toEqual([
      { setting: "POSTERN_KEYS", expected: expect.stringContaining("k1 among them") },
    ]);
    expect(missing.text).not.toContain("2 ");
    await expect
      .poll(() => harness.printed())
      .toContain("wrong setting: POSTERN_KEYS: expected k1 among them");
    await fullHour();
    await harness.scheduled();
    await expect.poll(() => harness.printed()).toContain("keys: k1 is missing: backup_codes 2");
    const token = await asked(alice, acme.application);
    expectDecision(await alice.verify(token, alice.code(), newBrowser(harness)), "complete");
    expectProblem(await bob.signIn(newBrowser(harness)), "unavailable");

    // People sign in, renew their codes, and are trusted anew.
    await harness.vars({ POSTERN_KEYS: RINGS["k2,k1"] });
    for (const person of [alice, bob]) {
      await person.signInFully();
      expect((await person.browser.post("/v1/me/backup-codes", {})).status).toBe(200);
    }
    // The trust in a browser ended when its owner renewed the codes.
    expect(await report(harness)).toEqual({ "totp k2": 2, "password k2": 2, "backup_codes k2": 2 });
    await fullHour();
    await harness.scheduled();
    await expect.poll(() => harness.printed()).toContain("keys: k1: no rows, it can be dropped");

    await harness.vars({ POSTERN_KEYS: K2 });
    expect((await health()).status).toBe(200);
    for (const person of [alice, bob]) await person.signInFully(newBrowser(harness));
    await alice.signInFully(trusted);
    expect(await counted(harness, acme)).toEqual([]);
  } finally {
    await harness.stop();
  }
});
