// ATTACKS.md section 1, the cases of one code: replayed, moved, guessed at, written strangely.

import { newBrowser, newOrganization, type Person } from "../harness/client.ts";
import { codeAt, wrongCode } from "../harness/codes.ts";
import { corpus } from "../harness/corpus.ts";
import {
  expectDecision,
  expectNothingChanged,
  expectNothingWritten,
  expectProblem,
  expectSameRefusal,
} from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";
import { challenges, count, outcomes } from "../harness/races.ts";

/** The last events of a person, newest first. */
function eventsOf(
  harness: { sql(sql: string, ...values: unknown[]): Promise<{ outcome: string }[]> },
  person: Person,
) {
  return harness.sql(
    `SELECT e.* FROM event e JOIN user u ON (u.organization, u.id) = (e.organization, e.user)
     WHERE u.username = ?1 ORDER BY seq DESC`,
    person.username,
  );
}

for (const wait of ["", "d1-wait=2"]) {
  const how = wait ? " with a wait before the commit" : "";

  test(`A1 parallel replay of one code over 50 challenges${how}`, async ({ acme, harness }) => {
    const alice = await acme.person({ totp: true });
    for (let round = 0; round < 20; round += 1) {
      const tokens = await challenges(alice, 50);
      const code = alice.code();
      const before = await harness.tables();
      const replies = await Promise.all(
        tokens.map((token) => alice.verify(token, code, newBrowser(harness), {}, { "x-fault": wait })),
      );
      expect(outcomes(replies)).toMatchObject({ 200: 1 });
      expect(count(replies, "complete") + count(replies, "not_accepted") + count(replies, "throttled")).toBe(
        50,
      );
      const after = await harness.tables();
      expect(after.session!.length - before.session!.length).toBe(1);
      expect(after.spent_challenge!.length - before.spent_challenge!.length).toBe(1);
      await harness.advance(60);
    }
  });

  test(`A1 parallel replay of one code on one challenge${how}`, async ({ acme, harness }) => {
    const alice = await acme.person({ totp: true });
    for (let round = 0; round < 20; round += 1) {
      const token = await alice.challenge(newBrowser(harness));
      const code = alice.code();
      const before = await harness.tables();
      const replies = await Promise.all(
        Array.from({ length: 50 }, () =>
          alice.verify(token, code, newBrowser(harness), {}, { "x-fault": wait }),
        ),
      );
      expect(outcomes(replies)).toMatchObject({ 200: 1 });
      expect(count(replies, "complete") + count(replies, "expired") + count(replies, "throttled")).toBe(50);
      const after = await harness.tables();
      expect(after.session!.length - before.session!.length).toBe(1);
      await harness.advance(60);
    }
  });
}

test("A2 the same step in two sign-ins", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  const mallory = newBrowser(harness);
  const [hers, his] = [await alice.challenge(), await alice.challenge(mallory)];
  const code = alice.code();
  expectDecision(await alice.verify(hers, code), "complete");
  await harness.advance(1);
  const reply = await expectNothingChanged(harness, () => alice.verify(his, code, mallory));
  expectProblem(reply, "not_accepted");
  expect((await eventsOf(harness, alice))[0]?.outcome).toBe("replayed");
});

test("A3 a step that confirmed an enrollment is spent for sign-in", async ({ acme, harness }) => {
  const alice = await acme.person();
  await alice.signIn();
  await alice.enroll();
  const token = await alice.challenge(newBrowser(harness));
  const reply = await expectNothingChanged(harness, () =>
    alice.verify(token, alice.code(), newBrowser(harness)),
  );
  expectProblem(reply, "not_accepted");
});

test("A3 a step that signed in is spent for step-up", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  expectDecision(await alice.verify(await alice.challenge(), alice.code()), "complete");
  const opened = await alice.browser.post("/v1/challenges", { purpose: "step_up" });
  expect(opened.status, opened.text).toBe(200);
  const reply = await expectNothingChanged(harness, () =>
    alice.verify(opened.json.challenge.token, alice.code()),
  );
  expectProblem(reply, "not_accepted");
});

test("A4 an older step after a newer one", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  expectDecision(await alice.verify(await alice.challenge(), alice.code(1)), "complete");
  for (const step of [0, -1, 1]) {
    const token = await alice.challenge(newBrowser(harness));
    const reply = await expectNothingChanged(harness, () =>
      alice.verify(token, alice.code(step), newBrowser(harness)),
    );
    expectProblem(reply, "not_accepted");
  }
});

test("A5 replay at another instance", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  for (let round = 0; round < 20; round += 1) {
    const tokens = await challenges(alice, 50);
    const code = alice.code();
    const replies = await Promise.all(
      tokens.map((token, index) =>
        alice.verify(token, code, newBrowser(harness), {}, { "x-instance": String(1 + (index % 2)) }),
      ),
    );
    expect(outcomes(replies)).toMatchObject({ 200: 1 });
    expect(count(replies, "complete") + count(replies, "not_accepted") + count(replies, "throttled")).toBe(
      50,
    );
    await harness.advance(60);
  }
});

for (const [step, accepted] of [
  [-3, false],
  [-2, false],
  [-1, true],
  [0, true],
  [1, true],
  [2, false],
  [3, false],
] as const) {
  test(`A6 window probing: the code of T${step < 0 ? step : `+${step}`}`, async ({ acme, harness }) => {
    const alice = await acme.person();
    await alice.signIn();
    await alice.enroll();
    await harness.advance(300);
    const token = await alice.challenge(newBrowser(harness));
    if (accepted) expectDecision(await alice.verify(token, alice.code(step)), "complete");
    else {
      const reply = await expectNothingChanged(harness, () => alice.verify(token, alice.code(step)));
      expectProblem(reply, "not_accepted");
    }
  });
}

test("A6 clock skew: after the clock went back, used steps stay used", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  expectDecision(await alice.verify(await alice.challenge(), alice.code()), "complete");
  await harness.advance(-300);
  const token = await alice.challenge(newBrowser(harness));
  for (const step of [-1, 0, 1]) {
    const reply = await expectNothingChanged(harness, () =>
      alice.verify(token, alice.code(step), newBrowser(harness)),
    );
    expectProblem(reply, "not_accepted");
  }
});

test("A6 after both clocks went back three minutes, all used steps stay used", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  const first = alice.code();
  await alice.signInFully();
  await harness.advance(180);
  await alice.signInFully();
  await harness.advance(-180);
  const mallory = newBrowser(harness);
  expectProblem(await alice.verify(await alice.challenge(mallory), first, mallory), "not_accepted");
});

test("A6 after a right first factor, a code of the past says how far the clock is behind", async ({
  acme,
  harness,
}) => {
  const alice = await acme.person({ totp: true });
  await harness.advance(2 * 3600);
  const say = async (code: string, cost = 1) => {
    // Refusals lengthen the wait; here each is looked at.
    await harness.sql("DELETE FROM throttle");
    const token = await alice.challenge(newBrowser(harness));
    const reply = await expectNothingChanged(harness, () => alice.verify(token, code));
    expectProblem(reply, "not_accepted");
    const [counted] = await harness.sql("SELECT in_window FROM throttle WHERE method = 'totp'");
    expect(counted.in_window).toBe(cost);
    return reply;
  };
  for (const [step, minutes] of [
    [-2, 1],
    [-10, 5],
    [-60, 30],
    [-120, 60],
  ] as const) {
    const { json } = await say(alice.code(step));
    expect(json).toMatchObject({ hint: "clock_behind", clock_behind_minutes: minutes });
    expect(json.detail).toMatch(/clock/);
  }
  const wrong = wrongCode(alice.authenticators[0]!.secret, harness.time());
  const plain = [await say(wrong)];
  for (const step of [-121, -125, 2, 3, 10, 120]) plain.push(await say(alice.code(step)));
  // A newer code was accepted: which ones were used is not told.
  expectDecision(await alice.verify(await alice.challenge(), alice.code(-1)), "complete");
  plain.push(await say(alice.code(-1), 0));
  for (const step of [-2, -3, -10]) plain.push(await say(alice.code(step)));
  await harness.advance(300);
  for (const step of [-11, -12]) plain.push(await say(alice.code(step)));
  expectSameRefusal(...plain);
  // That step was never accepted, nor one after it.
  expect((await say(alice.code(-10))).json.clock_behind_minutes).toBe(5);
  // A step-up likewise.
  await alice.signInFully();
  await harness.advance(600);
  const stepUp = await alice.verify(await alice.openStepUp(), alice.code(-8));
  expect(stepUp.json).toMatchObject({ code: "not_accepted", clock_behind_minutes: 4 });
});

test("A6 a closed gate says nothing of clocks, and a late code sends what every code sends", async ({
  acme,
  harness,
}) => {
  const alice = await acme.person({ totp: true });
  await harness.advance(3600);
  const wrong = wrongCode(alice.authenticators[0]!.secret, harness.time());
  const statements = [];
  for (const code of [alice.code(-10), wrong, alice.code(-20), wrong]) {
    const reply = await alice.verify(await alice.challenge(newBrowser(harness)), code);
    expectProblem(reply, "not_accepted");
    statements.push([reply.headers["x-d1-trips"], reply.headers["x-d1-statements"]]);
  }
  for (const code of [alice.code(-10), wrong, alice.code()]) {
    const token = await alice.challenge(newBrowser(harness));
    const reply = await expectNothingWritten(harness, () => alice.verify(token, code));
    expectProblem(reply, "throttled");
    expect(Object.keys(reply.json).sort()).toEqual(["code", "request_id", "status", "title", "type"]);
    statements.push([reply.headers["x-d1-trips"], reply.headers["x-d1-statements"]]);
  }
  await harness.advance(30);
  const right = await alice.verify(await alice.challenge(newBrowser(harness)), alice.code());
  expectDecision(right, "complete");
  expect(new Set(statements.map(String)).size).toBe(1);
});

test("A7 digits of other scripts; full-width ones are read", async ({ acme, harness }) => {
  const digits = corpus<{ utf8_hex: string; name: string }>("hostile-input/unicode-digits.json");
  const alice = await acme.person({ totp: true });
  const token = await alice.challenge(newBrowser(harness));
  const code = alice.code();
  const fullWidth = [...code].map((digit) => String.fromCodePoint(0xff10 + Number(digit))).join("");
  const others = digits.filter(({ name }) => !/^FULLWIDTH DIGIT [A-Z]+$/.test(name));
  expect([digits.length, others.length]).toEqual([539, 531]);
  await expectNothingWritten(harness, async () => {
    for (const [index, { utf8_hex, name }] of others.entries()) {
      const at = index % 6;
      const strange = code.slice(0, at) + Buffer.from(utf8_hex, "hex").toString() + code.slice(at + 1);
      const reply = await alice.verify(token, strange, newBrowser(harness));
      expect(reply.json?.code, name).toBe("malformed");
    }
  });
  expectDecision(await alice.verify(token, fullWidth, newBrowser(harness)), "complete");
});

test("A8 white space and separators", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  const token = await alice.challenge(newBrowser(harness));
  const right = alice.code();
  const strange = ["\u00a0", "\t", "\n", "\r\n", "\u200b", "\u2009", ".", "_", "\u0000"].flatMap((mark) => [
    right.slice(0, 3) + mark + right.slice(3),
    mark + right,
    right + mark,
  ]);
  await expectNothingWritten(harness, async () => {
    for (const code of [
      ...strange,
      `+${right}`,
      "0x1e240",
      "1e5",
      "1e+05",
      "12345",
      "123456789",
      "",
      " ",
      "--",
    ]) {
      expectProblem(await alice.verify(token, code, newBrowser(harness)), "malformed");
    }
  });
  // As documented: ASCII spaces and hyphens are left out.
  for (const write of [
    (code: string) => `${code.slice(0, 3)} ${code.slice(3)}`,
    (code: string) => `${code.slice(0, 3)}-${code.slice(3)}`,
    (code: string) => ` ${code} `,
  ]) {
    await harness.advance(30);
    const fresh = await alice.challenge(newBrowser(harness));
    expectDecision(await alice.verify(fresh, write(alice.code()), newBrowser(harness)), "complete");
  }
});

test("A9 type juggling and size", async ({ acme, harness, nobody }) => {
  const alice = await acme.person({ totp: true });
  const token = await alice.challenge(newBrowser(harness));
  const raw = (code: string) =>
    nobody.send({
      method: "POST",
      path: "/v1/challenges/verify",
      headers: { "content-type": "application/json" },
      body: `{"challenge":${JSON.stringify(token)},"method":"totp","code":${code}}`,
    });
  await expectNothingWritten(harness, async () => {
    for (const code of ["123456", "012345", "true", "null", "[]", '["123456"]', "{}", '""', "1.0", "-1"]) {
      expectProblem(await raw(code), "malformed");
    }
    expectProblem(await raw(`"${"1".repeat(1_000_000)}"`), "too_large");
  });
  const zeros = wrongCode(alice.authenticators[0]!.secret, harness.time());
  expectProblem(await expectNothingChanged(harness, () => raw(`"${zeros}"`)), "not_accepted");
});

test("A9 a code as long as no app's is malformed and counts nothing", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  const [phone] = alice.authenticators;
  const named = { authenticator: phone!.id };
  const refused = async (token: string, code: string, detail: string) => {
    const reply = await expectNothingWritten(harness, () => alice.verify(token, code));
    expectProblem(reply, "malformed");
    expect(reply.json).toMatchObject({ field: "code", detail });
    expectProblem(
      await expectNothingWritten(harness, () => alice.verify(token, code, alice.browser, named)),
      "malformed",
    );
  };
  const token = await alice.challenge();
  for (let round = 0; round < 10; round += 1) {
    await refused(token, `${alice.code()}${round}`, "6 digits");
    await refused(token, `${alice.code()}${round}0`, "6 digits");
  }
  expectDecision(await alice.verify(token, alice.code()), "complete");
  // Imported from elsewhere, with eight digits.
  await harness.sql(
    "UPDATE authenticator SET parameters = json_set(parameters, '$.digits', 8) WHERE id = ?1",
    phone!.id,
  );
  await harness.sql("UPDATE user SET version = version + 1 WHERE username = ?1", alice.username);
  await harness.advance(30);
  const again = await alice.challenge();
  await refused(again, alice.code(), "8 digits");
  const code = codeAt(phone!.secret, harness.time(), 8);
  expectDecision(await alice.verify(again, `${code.slice(0, 4)} ${code.slice(4)}`), "complete");
});

test("a code as long as no app's does not confirm an enrollment", async ({ acme, harness }) => {
  const alice = await acme.person();
  await alice.signIn();
  const { enrollment } = (await alice.browser.post("/v1/me/totp", {})).json;
  const confirm = (code: string) =>
    alice.browser.post("/v1/me/totp/confirm", { enrollment: enrollment.id, code, name: "Phone" });
  for (const digits of [7, 8]) {
    const code = codeAt(enrollment.secret, harness.time(), digits);
    expectProblem(await expectNothingWritten(harness, () => confirm(code)), "malformed");
  }
  expect((await confirm(codeAt(enrollment.secret, harness.time()))).status).toBe(200);
});

test("A15 headers do not give a fresh allowance", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  const wrong = wrongCode(alice.authenticators[0]!.secret, harness.time());
  const tokens = await challenges(alice, 12);
  const disguises: Record<string, string | string[]>[] = [
    {},
    { "x-forwarded-for": "203.0.113.1" },
    { "x-forwarded-for": "203.0.113.2, 198.51.100.7" },
    { "x-real-ip": "203.0.113.3" },
    { forwarded: "for=203.0.113.4" },
    { "cf-connecting-ip": ["203.0.113.5", "203.0.113.6"] },
    { "cf-connecting-ip": "2001:db8:0:1::1" },
    { "cf-connecting-ip": "2001:db8:0:2::1" },
    { "true-client-ip": "203.0.113.8" },
    { "user-agent": "something else" },
  ];
  const replies = [];
  for (const [index, headers] of disguises.entries()) {
    replies.push(await alice.verify(tokens[index]!, wrong, newBrowser(harness), {}, headers));
  }
  expect(outcomes(replies)).toEqual({ 401: 4, 429: disguises.length - 4 });
  // The user's name in another case is the same user with the same counter.
  const shouting = await alice.signIn(newBrowser(harness), { username: alice.username.toUpperCase() });
  expectDecision(shouting, "challenge");
  expectProblem(await alice.verify(shouting.json.challenge.token, wrong), "throttled");
});

test("A101 the code of another user", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  const mallory = await acme.person({ totp: true });
  const token = await alice.challenge(newBrowser(harness));
  const reply = await expectNothingChanged(harness, () =>
    alice.verify(token, mallory.code(), mallory.browser),
  );
  expectProblem(reply, "not_accepted");
  expect((await eventsOf(harness, alice))[0]?.outcome).toBe("wrong");
  expectDecision(await mallory.verify(await mallory.challenge(), mallory.code()), "complete");
});

test("A102 the code of a removed and of a pending authenticator", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  await alice.signInFully();
  await alice.enroll("Tablet");
  await harness.advance(60);
  await alice.signInFully();
  const removed = await alice.browser.delete(`/v1/me/authenticators/${alice.authenticators[1]!.id}`);
  expect(removed.status, removed.text).toBe(204);
  await harness.advance(60);
  const token = await alice.challenge(newBrowser(harness));
  const gone = await expectNothingChanged(harness, () => alice.verify(token, alice.code(0, 1)));
  const named = await expectNothingChanged(harness, () =>
    alice.verify(token, alice.code(0, 1), alice.browser, { authenticator: alice.authenticators[1]!.id }),
  );

  await alice.signInFully();
  const started = await alice.browser.post("/v1/me/totp", {});
  expect(started.status, started.text).toBe(200);
  await harness.advance(30);
  const again = await alice.challenge(newBrowser(harness));
  const pending = await expectNothingChanged(harness, () =>
    alice.verify(again, codeAt(started.json.enrollment.secret, harness.time()), newBrowser(harness)),
  );
  expectSameRefusal(gone, named, pending);
});

test("A103 an enrollment confirmed by somebody else or elsewhere", async ({ acme, harness }) => {
  const alice = await acme.person();
  const mallory = await acme.person();
  const eve = await (await newOrganization(harness, "Umbrella")).person();
  const elsewhere = newBrowser(harness);
  for (const person of [alice, mallory, eve]) await person.signIn();
  await alice.signIn(elsewhere);
  const { enrollment } = (await alice.browser.post("/v1/me/totp", {})).json;
  const confirm = (browser: typeof elsewhere) =>
    browser.post("/v1/me/totp/confirm", {
      enrollment: enrollment.id,
      code: codeAt(enrollment.secret, harness.time()),
      name: "Mine now",
    });
  for (const browser of [mallory.browser, eve.browser, elsewhere]) {
    const reply = await expectNothingChanged(harness, () => confirm(browser));
    expectProblem(reply, "not_found", "not_accepted");
  }
  expect((await confirm(alice.browser)).status).toBe(200);
});

test("A104 the same secret until restart, then only the newest one", async ({ acme, harness }) => {
  const alice = await acme.person();
  await alice.signIn();
  const start = async (body: object) => (await alice.browser.post("/v1/me/totp", body)).json.enrollment;
  const first = await start({});
  expect(await start({})).toMatchObject({ id: first.id, secret: first.secret });
  const second = await start({ restart: true });
  expect(second.secret).not.toBe(first.secret);
  const confirm = (id: string, secret: string) =>
    alice.browser.post("/v1/me/totp/confirm", {
      enrollment: id,
      code: codeAt(secret, harness.time()),
      name: "Phone",
    });
  for (const [id, secret] of [
    [first.id, first.secret],
    [second.id, first.secret],
  ]) {
    expectProblem(
      await expectNothingChanged(harness, () => confirm(id, secret)),
      "not_accepted",
      "not_found",
    );
  }
  expect((await confirm(second.id, second.secret)).status).toBe(200);
});

test("A105 a secret or parameters chosen by the client", async ({ acme, harness }) => {
  const alice = await acme.person();
  await alice.signIn();
  for (const body of [
    { secret: "AAAAAAAAAAAAAAAA" },
    { digits: 1 },
    { period: 86_400 },
    { algorithm: "MD5" },
    { key_uri: "otpauth://totp/x?secret=AAAAAAAAAAAAAAAA" },
  ]) {
    const start = await expectNothingWritten(harness, () => alice.browser.post("/v1/me/totp", body));
    expectProblem(start, "malformed");
  }
  const { enrollment } = (await alice.browser.post("/v1/me/totp", {})).json;
  const confirmed = await expectNothingWritten(harness, () =>
    alice.browser.post("/v1/me/totp/confirm", {
      enrollment: enrollment.id,
      code: codeAt("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", harness.time()),
      name: "Phone",
      secret: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    }),
  );
  expectProblem(confirmed, "malformed");
});
