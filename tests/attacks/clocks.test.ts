// ATTACKS.md A147 and A148: instances whose clocks are wrong, and the job that sweeps.

import { deviceCookie, newBrowser, SESSION_COOKIE, type Caller, type Person } from "../harness/client.ts";
import { codeAt, wrongCode } from "../harness/codes.ts";
import { differences, expectDecision, expectNothingChanged, expectProblem } from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";
import type { Harness } from "../harness/harness.ts";

const HOUR = 3600;
const DAY = 86_400;
const YEAR = 365 * DAY;

/** A browser whose requests the second instance answers, with the cookies of another. */
function elsewhere(harness: Harness, like?: Caller): Caller {
  const browser = like?.copy() ?? newBrowser(harness);
  browser.headers["x-instance"] = "2";
  return browser;
}

/** The same browser, answered by the first instance again. */
function back(browser: Caller): Caller {
  const { "x-instance": _, ...headers } = browser.headers;
  browser.headers = headers;
  return browser;
}

/** Both steps at an instance whose clock is ahead, or behind. */
async function signInThere(person: Person, ahead: number, extra = {}): Promise<Caller> {
  const browser = elsewhere(person.harness);
  await person.harness.skew(ahead);
  const code = person.code();
  expectDecision(await person.verify(await person.challenge(browser), code, browser, extra), "complete");
  return browser;
}

async function session(harness: Harness, id: string): Promise<any> {
  const [row] = await harness.sql("SELECT * FROM session WHERE id = ?1", id);
  return row;
}

for (const ahead of [62, HOUR - 1, HOUR + 1, YEAR]) {
  test(`A147 a sweep ${ahead} s ahead: what is spent stays spent until its last second`, async ({
    acme,
    harness,
  }) => {
    const ann = await acme.person({ totp: true, passkey: true });
    const question = await ann.question(newBrowser(harness));
    const shown = { credential: ann.passkeys[0]!.key.get(question.passkey), method: "passkey" };
    const answer = (browser = newBrowser(harness)) =>
      browser.post("/v1/challenges/verify", { challenge: question.token, ...shown });
    expectDecision(await answer(), "complete");
    // The last second in which an assertion counts, and the last one of the challenge.
    for (const seconds of [299, 599]) {
      await harness.freeze(question.expires_at - 600 + seconds);
      await harness.skew(ahead);
      await Promise.all([harness.scheduled("", 2), harness.scheduled("", 2)]);
      const again = await expectNothingChanged(harness, answer);
      expectProblem(again, "expired");
    }
    const byCode = await expectNothingChanged(harness, () => ann.verify(question.token, ann.code()));
    expectProblem(byCode, "expired");
  });
}

for (const wrong of [-YEAR, -HOUR, HOUR, YEAR]) {
  test(`A147 a sweep with a clock wrong by ${wrong} s takes nothing that is needed`, async ({
    acme,
    harness,
  }) => {
    const ann = await acme.person({ totp: true });
    const [name = "", value = ""] = (await ann.trust()).split(/=(.*)/s);
    const trusting = newBrowser(harness);
    trusting.cookies.set(name, value);
    expectDecision(await ann.signIn(trusting), "complete");
    ann.browser = newBrowser(harness);
    await ann.signInFully();
    expect((await ann.browser.post("/v1/me/totp", {})).status).toBe(200);
    const wrongOne = wrongCode(ann.authenticators[0]!.secret, harness.time());
    expectProblem(await ann.verify(await ann.challenge(newBrowser(harness)), wrongOne), "not_accepted");
    const before = await harness.tables();
    await harness.skew(wrong);
    await Promise.all([harness.scheduled("", 2), harness.scheduled("", 1), harness.scheduled("", 2)]);
    // The job seals what is new, whatever an instance's clock says.
    const sealing = new Set(["checkpoint", "checkpoint_key", "sealed"]);
    expect(differences(before, await harness.tables(), sealing)).toEqual([]);
    for (const browser of [ann.browser, trusting]) expect((await browser.get("/v1/me")).status).toBe(200);
  });
}

test("A147 what is over is swept after an hour, and answers as before", async ({ acme, harness }) => {
  const ann = await acme.person({ totp: true });
  await ann.signInFully();
  const { enrollment } = (await ann.browser.post("/v1/me/totp", {})).json;
  const body = { enrollment: enrollment.id, code: "000000", name: "Tablet" };
  const token = await ann.challenge(newBrowser(harness));
  await harness.advance(30);
  expectDecision(await ann.verify(token, ann.code(), newBrowser(harness)), "complete");
  const asked = async () => {
    const spent = await ann.verify(token, ann.code(), newBrowser(harness));
    const pending = await ann.browser.post("/v1/me/totp/confirm", body);
    expectProblem(spent, "expired");
    expectProblem(pending, "expired");
  };
  const count = async (table: string) => (await harness.sql(`SELECT count(*) n FROM ${table}`))[0].n;
  for (let passed = 0; passed < 3 * HOUR; passed += 1800) {
    await harness.advance(1800);
    expect((await ann.browser.get("/v1/me")).status).toBe(200);
    await asked();
    await harness.scheduled();
    await asked();
  }
  expect(await count("spent_challenge")).toBe(0);
  await harness.advance(DAY);
  expect(await count("session")).toBeGreaterThan(0);
  await harness.scheduled();
  expect([await count("session"), await count("enrollment")]).toEqual([0, 0]);
  expectProblem(await ann.browser.post("/v1/me/totp/confirm", body), "unauthenticated");
});

for (const ahead of [-YEAR, -600, 600, YEAR]) {
  test(`A148 a session opened ${ahead} s ahead lives as long as others`, async ({ acme, harness }) => {
    const ann = await acme.person({ totp: true });
    const there = await signInThere(ann, ahead);
    const born = harness.time();
    const seen = await there.get("/v1/session");
    expect(await session(harness, seen.json.session.id)).toMatchObject({ born_at: born, last_used_at: born });
    expect(seen.json.session.fresh_until_at).toBe(born + 300);
    await harness.advance(0);
    const here = back(there);
    for (let passed = 0; passed < DAY; passed += HOUR / 2) {
      expect((await here.get("/v1/session")).status).toBe(200);
      await harness.advance(HOUR / 2);
    }
    await harness.skew(ahead);
    for (const browser of [here, elsewhere(harness, here)])
      expectProblem(await browser.get("/v1/session"), "unauthenticated");
  });
}

test("A148 a session used at an instance that was ahead ends no later", async ({ acme, harness }) => {
  const ann = await acme.person({ totp: true });
  await ann.signInFully();
  await harness.skew(HOUR - 1);
  expect((await elsewhere(harness, ann.browser).get("/v1/me")).status).toBe(200);
  await harness.advance(1);
  expect((await ann.browser.get("/v1/me")).status).toBe(200);
  await harness.advance(HOUR);
  expectProblem(await ann.browser.get("/v1/me"), "unauthenticated");
});

for (const ahead of [HOUR - 60, YEAR]) {
  test(`A148 the fifty-first session lives, though fifty are stamped ${ahead} s ahead`, async ({
    acme,
    application,
    harness,
  }) => {
    test.setTimeout(120_000);
    const ann = await acme.person();
    const signIn = async (headers = {}) => {
      const body = { organization: acme.id, user: ann.username, first_factor: { method: "password" } };
      const reply = await application.post("/v1/sign-ins", { ...body, session: "bearer" }, headers);
      expectDecision(reply, "complete");
      const browser = newBrowser(harness);
      browser.bearer = reply.json.session.token;
      return browser;
    };
    await harness.skew(ahead);
    for (let index = 0; index < 50; index += 1) await signIn({ "x-instance": "2" });
    for (let index = 0; index < 3; index += 1) {
      const browser = await signIn();
      expect((await browser.get("/v1/session")).status).toBe(200);
      const alive = await harness.sql(
        "SELECT count(*) n FROM live_session s JOIN user u ON u.id = s.user WHERE u.username = ?1",
        ann.username,
      );
      expect(alive[0].n).toBe(50);
    }
  });
}

/** The newest time step that the database's clock called possible. */
async function lastStep(person: Person): Promise<number> {
  const [row] = await person.harness.sql(
    "SELECT last_step FROM authenticator a JOIN user u ON u.id = a.user WHERE u.username = ?1",
    person.username,
  );
  return row.last_step;
}

/** A code used at the sign-in, by a phone that is `fast` steps ahead. */
async function used(person: Person, fast = 0): Promise<string> {
  const code = person.code(fast);
  const browser = newBrowser(person.harness);
  expectDecision(await person.verify(await person.challenge(browser), code, browser), "complete");
  return code;
}

for (const [behind, fast] of [
  [120, 0],
  [60, 1],
  [300, 0],
] as const) {
  test(`A5 a used code at an instance ${behind} s behind, by a phone ${fast} steps ahead`, async ({
    acme,
    harness,
  }) => {
    const alice = await acme.person({ totp: true });
    const first = await used(alice, fast);
    await harness.advance(behind === 60 ? 120 : behind);
    const second = await used(alice, fast);
    const before = await lastStep(alice);
    await harness.skew(-behind);
    for (const [browser, code] of [
      [elsewhere(harness), first],
      [newBrowser(harness), second],
    ] as const) {
      expectProblem(await alice.verify(await alice.challenge(browser), code, browser), "not_accepted");
      expect(await lastStep(alice)).toBe(before);
    }
  });
}

for (const ahead of [-600, 600]) {
  test(`A5 codes of another time at an instance ${ahead} s ahead`, async ({ acme, harness }) => {
    const alice = await acme.person({ totp: true });
    const code = codeAt(alice.authenticators[0]!.secret, harness.time() + ahead);
    await harness.skew(ahead);
    const browser = elsewhere(harness);
    const token = await alice.challenge(newBrowser(harness));
    expectProblem(await alice.verify(token, code, browser), "not_accepted");
    // Nor does one confirm an app.
    const bob = await acme.person();
    const there = elsewhere(harness);
    await harness.skew(ahead);
    expectDecision(await bob.signIn(there), "complete");
    const { id, secret } = (await there.post("/v1/me/totp", {})).json.enrollment;
    await harness.skew(ahead);
    const confirm = { enrollment: id, code: codeAt(secret, harness.time() + ahead), name: "Phone" };
    expectProblem(await there.post("/v1/me/totp/confirm", confirm), "not_accepted");
    const right = { ...confirm, code: codeAt(secret, harness.time()) };
    expect((await there.post("/v1/me/totp/confirm", right)).status).toBe(200);
  });
}

for (const ahead of [600, YEAR]) {
  test(`A148 a code accepted ${ahead} s ahead does not shut out the app`, async ({ acme, harness }) => {
    const ann = await acme.person({ totp: true });
    await signInThere(ann, ahead);
    await harness.advance(30);
    expectDecision(await ann.verify(await ann.challenge(), ann.code()), "complete");
    // And that one counts once.
    const again = await ann.verify(await ann.challenge(newBrowser(harness)), ann.code(), newBrowser(harness));
    expectProblem(again, "not_accepted");
  });

  test(`A148 refusals counted ${ahead} s ahead wait as long as others`, async ({ acme, harness }) => {
    const ann = await acme.person({ totp: true });
    await harness.skew(ahead);
    const { secret } = ann.authenticators[0]!;
    const token = await ann.challenge(newBrowser(harness));
    const statuses: number[] = [];
    for (let guess = 0; guess < 6; guess += 1) {
      const reply = await ann.verify(token, wrongCode(secret, harness.time()), elsewhere(harness));
      statuses.push(reply.status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 429, 429]);
    await harness.advance(60);
    expectDecision(await ann.verify(await ann.challenge(), ann.code()), "complete");
  });

  test(`A148 trust given ${ahead} s ahead, and what was opened there`, async ({ acme, harness }) => {
    const ann = await acme.person({ totp: true });
    const trusted = await signInThere(ann, ahead, { trust_device: true });
    const opened = await ann.question(elsewhere(harness));
    await harness.advance(0);
    const [name = "", value = ""] = deviceCookie(trusted)!.split(/=(.*)/s);
    const browser = newBrowser(harness);
    browser.cookies.set(name, value);
    expectDecision(await ann.signIn(browser), "complete");
    await harness.advance(30);
    expectDecision(await ann.verify(opened.token, ann.code()), "complete");
  });

  test(`A148 a change made ${ahead} s ahead, and one after it`, async ({ acme, harness }) => {
    const ann = await acme.person({ totp: true });
    const there = await signInThere(ann, ahead);
    expect((await there.post("/v1/me/backup-codes", {})).status).toBe(200);
    const version = async () =>
      (await harness.sql("SELECT version FROM user WHERE username = ?1", ann.username))[0].version;
    const before = await version();
    await harness.advance(60);
    await ann.signInFully();
    expect((await ann.browser.post("/v1/me/backup-codes", {})).status).toBe(200);
    expect(await version()).toBeGreaterThan(before);
    expectDecision(await ann.signIn(newBrowser(harness)), "challenge");
    expect(ann.browser.cookies.get(SESSION_COOKIE)).toBeDefined();
    await ann.signInFully();
  });
}

test("A149 guesses at an instance two hours ahead, swept by one that is right: nine at most", async ({
  acme,
  harness,
}) => {
  const alice = await acme.person({ totp: true });
  const ahead = 2 * HOUR;
  await harness.skew(ahead);
  const wrong = wrongCode(alice.authenticators[0]!.secret, harness.time() + ahead);
  const token = await alice.challenge(elsewhere(harness));
  let looked = 0;
  for (let minute = 0; minute < 12; minute += 1) {
    for (let guess = 0; guess < 5; guess += 1) {
      const reply = await alice.verify(token, wrong, elsewhere(harness));
      if (reply.status === 401) looked += 1;
    }
    await harness.scheduled();
  }
  expect(looked).toBeGreaterThan(2);
  expect(looked).toBeLessThanOrEqual(9);
});

test("A149 a method that was disabled at an instance that was ahead stays disabled", async ({
  acme,
  harness,
}) => {
  const alice = await acme.person({ totp: true });
  await harness.skew(2 * HOUR);
  const wrong = wrongCode(alice.authenticators[0]!.secret, harness.time() + 2 * HOUR);
  const token = await alice.challenge(elsewhere(harness));
  await alice.verify(token, wrong, elsewhere(harness));
  await harness.sql("UPDATE throttle SET in_row = 99 WHERE method = 'totp'");
  await alice.verify(token, wrong, elsewhere(harness));
  const disabled = "SELECT 1 FROM throttle WHERE method = 'totp' AND not_before = 253402300799";
  expect(await harness.sql(disabled)).toHaveLength(1);
  await harness.scheduled();
  expect(await harness.sql(disabled)).toHaveLength(1);
});
