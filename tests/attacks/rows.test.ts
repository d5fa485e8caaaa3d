// ATTACKS.md section 12, A133: rows for free. What is over leaves no trace and costs no hash; what may be tried ends.

import { newBrowser, type Person } from "../harness/client.ts";
import { codeAt, wrongCode } from "../harness/codes.ts";
import { expectDecision, expectNothingWritten, expectProblem } from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";
import type { Harness } from "../harness/harness.ts";
import type { Reply } from "../harness/http.ts";
import { Passkey } from "../harness/passkey.ts";
import { challenges, outcomes } from "../harness/races.ts";

/** Trips of an attempt that was refused before its hash. */
const BEFORE_THE_HASH = 1;

async function events(harness: Harness): Promise<number> {
  const [row] = await harness.sql("SELECT count(*) n FROM event WHERE action <> 'challenge.open'");
  return row.n;
}

/** So many at once, again and again. */
async function portions(many: number, ask: (number: number) => Promise<Reply>): Promise<Reply[]> {
  const replies: Reply[] = [];
  for (let from = 0; from < many; from += 50) {
    const some = Array.from({ length: Math.min(50, many - from) }, (_, index) => ask(from + index));
    replies.push(...(await Promise.all(some)));
  }
  return replies;
}

/** A thousand answers to a challenge that is over: none is recorded, none is hashed. */
async function expectOver(harness: Harness, alice: Person, token: string): Promise<void> {
  const wrong = wrongCode(alice.authenticators[0]!.secret, harness.time());
  const all = await expectNothingWritten(harness, () =>
    portions(1_000, (number) =>
      alice.verify(token, number % 2 === 0 ? alice.code() : wrong, newBrowser(harness)),
    ),
  );
  expect(outcomes(all)).toEqual({ 410: 1_000 });
  await expectNothingWritten(harness, async () => {
    for (let number = 0; number < 50; number += 1) {
      const code = number % 2 === 0 ? alice.backupCodes[number % 10]! : String(number).padStart(8, "0");
      const reply = await alice.useBackupCode(token, code, newBrowser(harness));
      expectProblem(reply, "expired");
      expect(reply.trips).toBeLessThanOrEqual(BEFORE_THE_HASH);
    }
  });
  // And the wait is as it was.
  await harness.advance(30);
  const [another = ""] = await challenges(alice, 1);
  expectDecision(await alice.verify(another, alice.code(), newBrowser(harness)), "complete");
}

test("A133 a spent challenge leaves no trace and costs no hash", async ({ acme, harness }) => {
  test.setTimeout(300_000);
  const alice = await acme.person({ totp: true });
  const [token = ""] = await challenges(alice, 1);
  expectDecision(await alice.verify(token, alice.code()), "complete");
  await harness.advance(30);
  await expectOver(harness, alice, token);
});

test("A133 an outdated challenge leaves no trace and costs no hash", async ({ acme, harness }) => {
  test.setTimeout(300_000);
  const alice = await acme.person({ totp: true });
  const [token = ""] = await challenges(alice, 1);
  await alice.signInFully();
  expect((await alice.browser.delete("/v1/me/sessions")).status).toBe(204);
  await harness.advance(30);
  await expectOver(harness, alice, token);
});

test("A133 a forged challenge leaves no trace and costs no hash", async ({ acme, harness }) => {
  test.setTimeout(300_000);
  const alice = await acme.person({ totp: true });
  const [token = ""] = await challenges(alice, 1);
  const forged = token.slice(0, -8) + (token.endsWith("AAAAAAAA") ? "BBBBBBBB" : "AAAAAAAA");
  const all = await expectNothingWritten(harness, () =>
    portions(1_000, (number) =>
      number % 2 === 0
        ? alice.verify(forged, alice.code(), newBrowser(harness))
        : alice.useBackupCode(forged, alice.backupCodes[0]!, newBrowser(harness)),
    ),
  );
  expect(outcomes(all)).toEqual({ 401: 1_000 });
  expect(all.filter(({ trips }) => trips > 0)).toEqual([]);
});

for (const wait of ["", "d1-wait=2"]) {
  const how = wait ? " with a wait before the commit" : "";

  test(`A133 one challenge answered fifty times at once is recorded once${how}`, async ({
    acme,
    harness,
  }) => {
    test.setTimeout(300_000);
    const alice = await acme.person({ totp: true });
    for (let round = 0; round < 20; round += 1) {
      await harness.advance(30);
      const [token = ""] = await challenges(alice, 1);
      const before = await events(harness);
      const replies = await Promise.all(
        Array.from({ length: 50 }, () =>
          alice.verify(token, alice.code(), newBrowser(harness), {}, { "x-fault": wait }),
        ),
      );
      expect(outcomes(replies)).toEqual({ 200: 1, 410: 49 });
      expect((await events(harness)) - before).toBe(1);
    }
  });

  test(`A133 an app's enrollment ends after ten wrong codes${how}`, async ({ acme, harness }) => {
    test.setTimeout(300_000);
    const alice = await acme.person();
    await alice.signIn();
    for (const [ask, how_many] of [
      [portions, 300],
      [oneAfterAnother, 30],
    ] as const) {
      const { enrollment } = (await alice.browser.post("/v1/me/totp", { restart: true })).json;
      const confirm = (code: string, headers = {}) =>
        alice.browser
          .copy()
          .post("/v1/me/totp/confirm", { enrollment: enrollment.id, code, name: "Phone" }, headers);
      const wrong = wrongCode(enrollment.secret, harness.time());
      const before = await events(harness);
      const replies = await ask(how_many, () => confirm(wrong, { "x-fault": wait }));
      expect(outcomes(replies)).toEqual({ 401: 10, 410: how_many - 10 });
      expect((await events(harness)) - before).toBe(10);
      const right = await expectNothingWritten(harness, () =>
        confirm(codeAt(enrollment.secret, harness.time())),
      );
      expectProblem(right, "expired");
      expect(right.trips).toBe(BEFORE_THE_HASH);
      expect((await alice.browser.get("/v1/me")).json.enrollment).toBeNull();
    }
    // A new one is as good as the first, and nine mistakes are none too many.
    const { enrollment } = (await alice.browser.post("/v1/me/totp", {})).json;
    const body = { enrollment: enrollment.id, name: "Phone" };
    const wrong = wrongCode(enrollment.secret, harness.time());
    for (let tried = 0; tried < 9; tried += 1) {
      expectProblem(
        await alice.browser.post("/v1/me/totp/confirm", { ...body, code: wrong }),
        "not_accepted",
      );
    }
    const code = codeAt(enrollment.secret, harness.time());
    expect((await alice.browser.post("/v1/me/totp/confirm", { ...body, code })).status).toBe(200);
  });

  test(`A133 a passkey's enrollment ends after ten wrong answers${how}`, async ({ acme, harness }) => {
    test.setTimeout(300_000);
    const alice = await acme.person();
    await alice.signIn();
    const { token, options } = await alice.beginPasskey();
    const key = new Passkey(harness.origin);
    const wrong = key.create(options, { origin: "https://evil.example" });
    const before = await events(harness);
    const replies = await portions(300, () =>
      alice.browser
        .copy()
        .post("/v1/me/passkeys/confirm", { enrollment: token, credential: wrong }, { "x-fault": wait }),
    );
    expect(outcomes(replies)).toEqual({ 401: 10, 410: 290 });
    expect((await events(harness)) - before).toBe(10);
    const right = await expectNothingWritten(harness, () =>
      alice.confirmPasskey(token, key.create(options), alice.browser),
    );
    expectProblem(right, "expired");
    // Looked at before the ten hashes of a first set of backup codes.
    expect(right.trips).toBe(2);
    await alice.enrollPasskey(key);
  });
}

async function oneAfterAnother(many: number, ask: (number: number) => Promise<Reply>): Promise<Reply[]> {
  const replies: Reply[] = [];
  for (let number = 0; number < many; number += 1) replies.push(await ask(number));
  return replies;
}

test("A133 an enrollment is begun ten times in ten minutes", async ({ acme, harness }) => {
  test.setTimeout(300_000);
  const alice = await acme.person();
  await alice.signIn();
  const start = (body: object) => alice.browser.copy().post("/v1/me/totp", body);
  const before = await events(harness);
  const replies = await portions(1_000, () => start({ restart: true }));
  expect(outcomes(replies)).toEqual({ 200: 10, 429: 990 });
  for (const reply of replies) if (reply.status === 429) expectProblem(reply, "throttled");
  expect((await events(harness)) - before).toBe(10);
  // The newest one is shown as often as it is asked for, and works.
  const again = await expectNothingWritten(harness, () => portions(100, () => start({})));
  expect(outcomes(again)).toEqual({ 200: 100 });
  await harness.advance(599);
  await expectNothingWritten(harness, async () => {
    expectProblem(await start({ restart: true }), "throttled", "step_up_required");
  });
  await harness.advance(1);
  await alice.signIn();
  expect((await start({ restart: true })).status).toBe(200);
});
