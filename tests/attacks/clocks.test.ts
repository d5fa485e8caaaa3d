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

/** Both steps at an instance whose clock is ahead, with what an app shows whose clock is ahead too. */
async function signInAhead(person: Person, ahead: number, extra = {}): Promise<Caller> {
  const browser = elsewhere(person.harness);
  await person.harness.skew(ahead);
  const code = codeAt(person.authenticators[0]!.secret, person.harness.time() + ahead);
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
    expect(differences(before, await harness.tables(), new Set())).toEqual([]);
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

test("A148 a session of an instance that was ahead lives no longer for it", async ({ acme, harness }) => {
  const ann = await acme.person({ totp: true });
  const [soon, later] = [await signInAhead(ann, 600), await signInAhead(ann, YEAR)];
  const born = harness.time();
  await harness.advance(0);
  // Minutes ahead: it goes on, from now.
  const seen = await back(soon).get("/v1/session");
  expect(seen.status, seen.text).toBe(200);
  expect(await session(harness, seen.json.session.id)).toMatchObject({ born_at: born, last_used_at: born });
  // A proof that is still to come is not fresh.
  expectProblem(await soon.post("/v1/me/backup-codes", {}), "step_up_required");
  // A year ahead: it is not there, also not in a year.
  expectProblem(await back(later).get("/v1/session"), "unauthenticated");
  await harness.scheduled();
  const left = await harness.sql("SELECT born_at FROM session WHERE born_at > ?1", born + HOUR);
  expect(left).toEqual([]);
  for (let passed = 0; passed < DAY; passed += HOUR / 2) {
    expect((await soon.get("/v1/session")).status).toBe(200);
    await harness.advance(HOUR / 2);
  }
  expectProblem(await soon.get("/v1/session"), "unauthenticated");
  await harness.freeze(born + YEAR);
  expectProblem(await later.get("/v1/session"), "unauthenticated");
});

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

test("A5 a code accepted at an instance that was ahead is used when its time comes", async ({
  acme,
  harness,
}) => {
  const alice = await acme.person({ totp: true });
  const ahead = 600;
  const code = codeAt(alice.authenticators[0]!.secret, harness.time() + ahead);
  await signInAhead(alice, ahead);
  await harness.advance(30);
  await used(alice);
  await harness.advance(ahead - 30);
  const mallory = newBrowser(harness);
  expectProblem(await alice.verify(await alice.challenge(mallory), code, mallory), "not_accepted");
});

test("A5 a code that confirmed an app at an instance that was ahead is used, and shuts out none", async ({
  acme,
  harness,
}) => {
  const alice = await acme.person();
  const browser = elsewhere(harness);
  const ahead = 600;
  await harness.skew(ahead);
  expectDecision(await alice.signIn(browser), "complete");
  const { id, secret } = (await browser.post("/v1/me/totp", {})).json.enrollment;
  const code = codeAt(secret, harness.time() + ahead);
  const confirmed = await browser.post("/v1/me/totp/confirm", { enrollment: id, code, name: "Phone" });
  expect(confirmed.status, confirmed.text).toBe(200);
  alice.authenticators.push({ id: confirmed.json.authenticator.id, name: "Phone", secret });
  await harness.advance(30);
  await used(alice);
  await harness.advance(ahead - 30);
  const mallory = newBrowser(harness);
  expectProblem(await alice.verify(await alice.challenge(mallory), code, mallory), "not_accepted");
});

for (const ahead of [600, YEAR]) {
  test(`A148 a code accepted ${ahead} s ahead does not shut out the app`, async ({ acme, harness }) => {
    const ann = await acme.person({ totp: true });
    await signInAhead(ann, ahead);
    await harness.advance(0);
    expectDecision(await ann.verify(await ann.challenge(), ann.code()), "complete");
    // And that one counts once.
    const again = await ann.verify(await ann.challenge(newBrowser(harness)), ann.code(), newBrowser(harness));
    expectProblem(again, "not_accepted");
  });

  test(`A148 refusals counted ${ahead} s ahead shut nobody out for longer than a day`, async ({
    acme,
    harness,
  }) => {
    const ann = await acme.person({ totp: true });
    await harness.skew(ahead);
    const { secret } = ann.authenticators[0]!;
    const token = await ann.challenge(elsewhere(harness));
    const statuses: number[] = [];
    for (let guess = 0; guess < 6; guess += 1) {
      const reply = await ann.verify(token, wrongCode(secret, harness.time() + ahead), elsewhere(harness));
      statuses.push(reply.status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 429, 429]);
    await harness.advance(0);
    await harness.scheduled();
    if (ahead < DAY) await harness.advance(ahead + 60);
    expectDecision(await ann.verify(await ann.challenge(), ann.code()), "complete");
  });

  test(`A148 trust given ${ahead} s ahead, and what was opened there`, async ({ acme, harness }) => {
    const ann = await acme.person({ totp: true });
    const trusted = await signInAhead(ann, ahead, { trust_device: true });
    const opened = await ann.question(elsewhere(harness));
    await harness.advance(0);
    const [name = "", value = ""] = deviceCookie(trusted)!.split(/=(.*)/s);
    const browser = newBrowser(harness);
    browser.cookies.set(name, value);
    expectDecision(await ann.signIn(browser), "challenge");
    expectProblem(await ann.verify(opened.token, ann.code()), "expired");
  });

  test(`A148 a change made ${ahead} s ahead, and one after it`, async ({ acme, harness }) => {
    const ann = await acme.person({ totp: true });
    const there = await signInAhead(ann, ahead);
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
