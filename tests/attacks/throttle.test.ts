// ATTACKS.md section 1, the cases of guessing: how many, how fast, at whose cost.

import { deviceCookie, newBrowser, type Caller, type Person } from "../harness/client.ts";
import { wrongCode } from "../harness/codes.ts";
import { expectDecision, expectNothingWritten, expectProblem } from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";
import type { Harness } from "../harness/harness.ts";
import type { Reply } from "../harness/http.ts";
import { challenges, outcomes } from "../harness/races.ts";

const DAY = 86_400;

/** A wrong code over a new challenge. */
async function guess(
  harness: Harness,
  person: Person,
  browser: Caller = newBrowser(harness),
): Promise<Reply> {
  const [token = ""] = await challenges(person, 1);
  return person.verify(token, wrong(harness, person), browser);
}

function wrong(harness: Harness, person: Person): string {
  return wrongCode(person.authenticators[0]!.secret, harness.time());
}

async function right(harness: Harness, person: Person): Promise<Reply> {
  const [token = ""] = await challenges(person, 1);
  return person.verify(token, person.code(), newBrowser(harness));
}

/** A code over a new challenge, when the gate is shut: as if the answer had never come. */
async function shut(harness: Harness, person: Person, code: string): Promise<Reply> {
  const [token = ""] = await challenges(person, 1);
  const reply = await expectNothingWritten(harness, () => person.verify(token, code, newBrowser(harness)));
  expectProblem(reply, "throttled");
  return reply;
}

test("the ladder of waits", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  const waits: number[] = [];
  for (let tried = 1; tried <= 9; tried += 1) {
    expectProblem(await guess(harness, alice), "not_accepted");
    const [row] = await harness.sql(
      `SELECT not_before FROM throttle t JOIN user u ON (u.organization, u.id) = (t.organization, t.user)
       WHERE u.username = ?1 AND method = 'totp'`,
      alice.username,
    );
    const wait = Math.max(0, row.not_before - harness.time());
    waits.push(wait);
    if (tried === 9) break;
    if (wait > 0) {
      await harness.advance(wait - 1);
      const early = await shut(harness, alice, wrong(harness, alice));
      expect(early.headers["retry-after"]).toBe("1");
      await harness.advance(1);
    }
  }
  expect(waits.slice(0, 8)).toEqual([0, 0, 0, 30, 60, 120, 300, 900]);
  // The ninth ends the day: it opens again 24 h after the first.
  expect(waits[8]).toBeGreaterThan(DAY - 2_000);
});

test("A10 guessing past the limit", async ({ acme, harness }) => {
  test.setTimeout(600_000);
  const alice = await acme.person({ totp: true });
  const evaluated: number[] = [];
  while (evaluated.length < 100) {
    const reply = await guess(harness, alice);
    if (reply.status === 429) {
      // The right code is answered like a wrong one.
      const correct = await shut(harness, alice, alice.code());
      expect(correct.headers["retry-after"]).toBe(reply.headers["retry-after"]);
      await harness.advance(Number(reply.headers["retry-after"]));
      continue;
    }
    expectProblem(reply, "not_accepted");
    evaluated.push(harness.time());
  }
  for (const from of evaluated) {
    expect(evaluated.filter((at) => from <= at && at < from + DAY).length).toBeLessThanOrEqual(18);
  }
  // Counted from the first of each window.
  for (let first = 0; first < evaluated.length;) {
    const inside = evaluated.filter((at) => evaluated[first]! <= at && at < evaluated[first]! + DAY).length;
    expect(inside).toBeLessThanOrEqual(9);
    first += inside;
  }
  // A hundred in a row: off until another factor speaks for her.
  await harness.advance(30 * DAY);
  expectProblem(await right(harness, alice), "throttled", "not_accepted");
  const browser = newBrowser(harness);
  const used = await alice.useBackupCode(await alice.challenge(browser), alice.backupCodes[0]!, browser);
  expectDecision(used, "complete");
  const stepUp = await alice.openStepUp(browser);
  expectDecision(await alice.useBackupCode(stepUp, alice.backupCodes[1]!, browser), "complete");
  expectDecision(await right(harness, alice), "complete");
});

test("A11 guesses spread over challenges, addresses and instances", async ({ acme, harness }) => {
  test.setTimeout(600_000);
  const alice = await acme.person({ totp: true });
  const tokens = await challenges(alice, 50);
  const wrong = wrongCode(alice.authenticators[0]!.secret, harness.time());
  const ready = await harness.stored();
  for (let round = 0; round < 20; round += 1) {
    await harness.restore(ready);
    const replies = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        alice.verify(
          tokens[index % 50]!,
          wrong,
          newBrowser(harness),
          {},
          {
            "x-instance": String(1 + ((index + Math.floor(index / 50)) % 2)),
            "cf-connecting-ip": `203.0.113.${index % 50}`,
            "x-fault": round % 2 ? "d1-wait=2" : "",
          },
        ),
      ),
    );
    expect(outcomes(replies)).toEqual({ 401: 4, 429: 196 });
    const after = await harness.tables();
    expect(after.event!.length - ready.tables.event!.length).toBe(4);
    expect(after.throttle!.length - ready.tables.throttle!.length).toBe(1);
  }
});

test("A12 parallel at the limit", async ({ acme, harness }) => {
  test.setTimeout(300_000);
  const alice = await acme.person({ totp: true });
  const tokens = await challenges(alice, 100);
  const wrong = wrongCode(alice.authenticators[0]!.secret, harness.time());
  const ready = await harness.stored();
  for (let left = 1; left <= 4; left += 1) {
    for (let round = 0; round < 5; round += 1) {
      await harness.restore(ready);
      for (let used = left; used < 4; used += 1) expectProblem(await guess(harness, alice), "not_accepted");
      const replies = await Promise.all(
        tokens.map((token) => alice.verify(token, wrong, newBrowser(harness))),
      );
      expect(outcomes(replies)).toEqual({ 401: left, 429: 100 - left });
    }
  }
});

test("A12 199 wrong codes and a right one", async ({ acme, harness }) => {
  test.setTimeout(300_000);
  const alice = await acme.person({ totp: true });
  const tokens = await challenges(alice, 50);
  const wrong = wrongCode(alice.authenticators[0]!.secret, harness.time());
  const ready = await harness.stored();
  for (let round = 0; round < 20; round += 1) {
    await harness.restore(ready);
    const lucky = (round * 37) % 200;
    const replies = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        alice.verify(tokens[index % 50]!, index === lucky ? alice.code() : wrong, newBrowser(harness)),
      ),
    );
    const counted = outcomes(replies);
    // A success forgives the wait once, never the day.
    expect(counted[401] ?? 0).toBeLessThanOrEqual(9);
    expect(counted[200] ?? 0).toBeLessThanOrEqual(1);
  }
});

test("A13 a fresh allowance from the victim's own sign-ins", async ({ acme, harness }) => {
  test.setTimeout(600_000);
  const alice = await acme.person({ totp: true });
  const from = harness.time();
  let evaluated = 0;
  for (let day = 0; day < 30; day += 1) {
    await harness.freeze(from + day * (DAY + 60));
    for (let visit = 0; visit < 5; visit += 1) {
      for (let tried = 0; tried < 3; tried += 1) {
        const reply = await guess(harness, alice);
        if (reply.status === 401) evaluated += 1;
        else expectProblem(reply, "throttled");
      }
      await harness.advance(60);
      await right(harness, alice);
    }
  }
  expect(evaluated).toBe(30 * 9);
});

test("A14 lock-out as a weapon", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  const cookie = await alice.trust();
  await harness.advance(60);
  // Without the first factor nothing of hers moves.
  await expectNothingWritten(harness, async () => {
    for (let tried = 0; tried < 20; tried += 1) {
      const reply = await newBrowser(harness).post("/v1/challenges/verify", {
        challenge: "x".repeat(200),
        method: "totp",
        code: "000000",
      });
      expectProblem(reply, "not_accepted");
    }
  });
  // With it, only the app waits.
  const replies = [];
  for (let tried = 0; tried < 6; tried += 1) replies.push(await guess(harness, alice));
  expect(outcomes(replies)).toEqual({ 401: 4, 429: 2 });
  expectProblem(await right(harness, alice), "throttled");
  const browser = newBrowser(harness);
  const byCode = await alice.useBackupCode(await alice.challenge(browser), alice.backupCodes[0]!, browser);
  expectDecision(byCode, "complete");
  // The browser she is known by has a lane of its own.
  const known = newBrowser(harness);
  const at = cookie.indexOf("=");
  known.cookies.set(cookie.slice(0, at), cookie.slice(at + 1));
  expectDecision(await alice.signIn(known), "complete");
  expect(deviceCookie(known)).toBeDefined();
  expectDecision(await alice.verify(await alice.openStepUp(known), alice.code(), known), "complete");
  // Nobody else waits.
  const bob = await acme.person({ totp: true });
  expectDecision(await right(harness, bob), "complete");
});

test("A14 a browser known to an application keeps its lane where trust is not enough", async ({
  acme,
  application,
  harness,
}) => {
  await acme.setPolicy({ surfaces: { control_panel: { every_sign_in: true } } });
  const alice = await acme.person({ totp: true });
  const token = (await alice.trust()).replace(/^[^=]*=/, "");
  await harness.advance(60);
  for (let tried = 0; tried < 6; tried += 1) await guess(harness, alice);
  const ask = async (device: object): Promise<string> => {
    const reply = await application.post("/v1/sign-ins", {
      organization: acme.id,
      user: alice.username,
      first_factor: { method: "password" },
      surface: "control_panel",
      ...device,
    });
    expectDecision(reply, "challenge");
    return reply.json.challenge.token;
  };
  const answer = async (device: object) => alice.verify(await ask(device), alice.code(), newBrowser(harness));
  expectProblem(await answer({}), "throttled");
  expectProblem(await answer({ trusted_device: `${token}x` }), "throttled");
  expectDecision(await answer({ trusted_device: token }), "complete");
});

test("a try that names no authenticator costs one per secret", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  await alice.signInFully();
  for (const name of ["Tablet", "Laptop"]) {
    await alice.enroll(name);
    await harness.advance(60);
    await alice.signInFully();
  }
  await harness.advance(60);
  let spent = 0;
  const from = harness.time();
  while (harness.time() < from + DAY - 4_000) {
    const reply = await guess(harness, alice);
    if (reply.status === 429) {
      const wait = Number(reply.headers["retry-after"]);
      if (harness.time() + wait >= from + DAY - 4_000) break;
      await harness.advance(wait);
    } else spent += 3;
  }
  expect(spent).toBeLessThanOrEqual(9);
});

test("two apps: when too few tries are left for both, one is to be named, and its code is right", async ({
  acme,
  harness,
}) => {
  const alice = await acme.person({ totp: true });
  await alice.signInFully();
  await alice.enroll("Tablet");
  await harness.advance(60);
  const wrong = alice.authenticators.map(({ secret }) => wrongCode(secret, harness.time()));
  const challenge = await alice.question();
  expect(challenge.authenticators).toEqual([
    { id: alice.authenticators[0]!.id, kind: "totp", name: "Phone" },
    { id: alice.authenticators[1]!.id, kind: "totp", name: "Tablet" },
  ]);
  // Eight of the day's nine.
  for (let tried = 0; tried < 4; tried += 1) {
    expectProblem(await alice.verify(challenge.token, wrong[0]!), "not_accepted");
  }
  await harness.advance(30);
  const counted = async () =>
    harness.sql(
      `SELECT t.* FROM throttle t JOIN user u ON (u.organization, u.id) = (t.organization, t.user)
       WHERE u.username = ?1 AND t.method = 'totp'`,
      alice.username,
    );
  const before = await counted();
  // Right, wrong: the same answer, and neither is counted or recorded.
  for (const code of [alice.code(0, 0), alice.code(0, 1), wrong[0]!]) {
    const reply = await expectNothingWritten(harness, () => alice.verify(challenge.token, code));
    expectProblem(reply, "authenticator_required");
  }
  expect(await counted()).toEqual(before);
  const tablet = { authenticator: alice.authenticators[1]!.id };
  const named = await alice.verify(challenge.token, alice.code(0, 1), alice.browser, tablet);
  expectDecision(named, "complete");
  // And a step-up likewise, until the day's last try is gone.
  await harness.advance(30);
  const stepUp = await alice.openStepUp();
  expectProblem(await alice.verify(stepUp, alice.code(0, 1)), "authenticator_required");
  expectProblem(await alice.verify(stepUp, wrong[1]!, alice.browser, tablet), "not_accepted");
  expectProblem(await alice.verify(stepUp, alice.code(0, 1), alice.browser, tablet), "throttled");
});

test("wrong passwords are slowed down alike for people who exist and people who do not", async ({
  acme,
  harness,
}) => {
  const alice = await acme.person();
  const answers = async (username: string) => {
    const seen: number[] = [];
    for (let tried = 0; tried < 12; tried += 1) {
      const reply = await newBrowser(harness).post("/v1/sign-ins/password", {
        organization: acme.id,
        username,
        password: `not the password ${tried}`,
      });
      seen.push(reply.status);
    }
    return seen;
  };
  expect(await answers("nobody-of-this-name@example.test")).toEqual(await answers(alice.username));
});

/** Sets the counter of a person's app codes, as so many refusals would have. */
async function count(harness: Harness, person: Person, inWindow: number, inRow: number): Promise<void> {
  await harness.sql(
    `INSERT INTO throttle SELECT organization, id, 'totp', '', ?2, ?3, ?4, 0 FROM user WHERE username = ?1`,
    person.username,
    harness.time(),
    inWindow,
    inRow,
  );
}

test.describe("issue 9, 21h", () => {
  test("with the day used up a right code hears when it is over, however many apps there are", async ({
    acme,
    harness,
  }) => {
    const alice = await acme.person({ totp: true });
    const bob = await acme.person({ totp: true });
    // Ten more apps: without a name a code would cost more than a day has.
    await harness.sql(
      `INSERT INTO authenticator
         (organization, user, id, kind, created_at, name, last_used_at, secret, parameters, last_step, credential)
       SELECT a.organization, a.user, n.id, a.kind, a.created_at, a.name, a.last_used_at,
         a.secret, a.parameters, a.last_step, a.credential
       FROM authenticator a JOIN user u ON (u.organization, u.id) = (a.organization, a.user)
       JOIN (SELECT 'a_' || b.value || '${"a".repeat(24)}' || e.value AS id
             FROM json_each('["b", "c"]') b, json_each('["a", "e", "i", "m", "q"]') e) n
       WHERE u.username = ?1`,
      bob.username,
    );
    await harness.sql("UPDATE user SET version = version + 1 WHERE username = ?1", bob.username);
    for (const person of [alice, bob]) {
      await count(harness, person, 9, 3);
      for (const code of [person.code(), wrong(harness, person)]) {
        const reply = await shut(harness, person, code);
        expect(reply.headers["retry-after"]).toBe(String(DAY));
      }
    }
  });

  test("what a hundred in a row disabled is not offered, and says what to do", async ({ acme, harness }) => {
    const alice = await acme.person({ totp: true });
    const cookie = await alice.trust();
    await harness.advance(60);
    const methods = async (browser = newBrowser(harness)) => (await alice.question(browser)).methods;
    expect(await methods()).toEqual(["totp", "backup_code"]);
    await count(harness, alice, 8, 99);
    expectProblem(await guess(harness, alice), "not_accepted");

    const reply = await shut(harness, alice, alice.code());
    expect(reply.headers["retry-after"]).toBeUndefined();
    expect(reply.json.detail).toMatch(/another factor.*reset/s);
    expect((await shut(harness, alice, wrong(harness, alice))).json.detail).toBe(reply.json.detail);
    // Asked by us, or by an application on a copy, at both instances.
    expect(await methods()).toEqual(["backup_code"]);
    for (const instance of ["1", "2"]) {
      const asked = await acme.application.post(
        "/v1/sign-ins",
        { organization: acme.id, user: alice.username, first_factor: { method: "password" } },
        { "x-instance": instance },
      );
      expect(asked.json.challenge.methods).toEqual(["backup_code"]);
      if (instance === "1") expect(asked.trips).toBe(0);
    }
    // In the lane of her trusted browser nothing is disabled.
    const known = newBrowser(harness);
    const equals = cookie.indexOf("=");
    known.cookies.set(cookie.slice(0, equals), cookie.slice(equals + 1));
    expectDecision(await alice.signIn(known), "complete");
    expect((await known.post("/v1/challenges", { purpose: "step_up" })).json.challenge.methods).toEqual([
      "totp",
      "backup_code",
    ]);

    // A step-up by another factor enables it, and it is offered again; the day is as it was.
    const browser = newBrowser(harness);
    const [first = "", second = ""] = alice.backupCodes;
    expectDecision(await alice.useBackupCode(await alice.challenge(browser), first, browser), "complete");
    const opened = await browser.post("/v1/challenges", { purpose: "step_up" });
    expect(opened.json.challenge.methods).toEqual(["backup_code"]);
    const stepUp = await alice.useBackupCode(opened.json.challenge.token, second, browser);
    expectDecision(stepUp, "complete");
    expect(await methods()).toEqual(["totp", "backup_code"]);
    const later = await shut(harness, alice, alice.code());
    expect(Number(later.headers["retry-after"])).toBeGreaterThan(0);
    expect(Number(later.headers["retry-after"])).toBeLessThanOrEqual(DAY);
    await harness.advance(Number(later.headers["retry-after"]));
    expectDecision(await right(harness, alice), "complete");
  });
});

test("A149 the 24 hours, sliding", async ({ acme, harness }) => {
  test.setTimeout(600_000);
  const alice = await acme.person({ totp: true });
  const evaluated: number[] = [];
  /** Wrong codes until the gate shuts for the day; a good sign-in of hers forgives the waits. */
  const spend = async (most: number) => {
    for (let spent = 0; spent < most;) {
      const reply = await guess(harness, alice);
      if (reply.status === 401) {
        evaluated.push(harness.time());
        spent += 1;
        continue;
      }
      const wait = Number(reply.headers["retry-after"]);
      if (wait > 4_000) return;
      await harness.advance(wait);
    }
  };
  const from = harness.time();
  for (let day = 0; day < 12; day += 2) {
    // One begins the window, eight come at its end, nine more right after.
    await harness.freeze(from + day * DAY + day * 4_000);
    await spend(1);
    const began = evaluated.at(-1)!;
    await harness.freeze(began + DAY - 1_500);
    expectDecision(await right(harness, alice), "complete");
    await spend(8);
    expect(harness.time()).toBeLessThan(began + DAY);
    expectProblem(await guess(harness, alice), "throttled");
    await harness.freeze(Math.max(began + DAY, harness.time() + 30));
    await spend(20);
  }
  const inAny = (seconds: number) =>
    Math.max(
      ...evaluated.map((at) => evaluated.filter((other) => at <= other && other < at + seconds).length),
    );
  expect(inAny(DAY)).toBe(17);
  // Nine a day on average: two windows' borders add eight at most, however long it goes on.
  for (const days of [2, 4, 8]) expect(inAny(days * DAY)).toBeLessThanOrEqual(days * 9 + 8);
  expect(evaluated.length).toBeLessThanOrEqual(12 * 9);
});
