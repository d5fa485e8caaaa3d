// ATTACKS.md section 10, what concerns storage: D1 that fails at every call, answers that get lost,
// copies that are late, missing, damaged or refused.

import { APPLICATION_FLOWS } from "../harness/application-flows.ts";
import { Person, SESSION_COOKIE, newBrowser } from "../harness/client.ts";
import { expectDecision, expectProblem } from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";
import { effect, FLOWS } from "../harness/flows.ts";
import type { Reply } from "../harness/http.ts";

for (const flow of [...APPLICATION_FLOWS, ...FLOWS]) {
  test(`A97 D1 fails at each call: ${flow.name}`, async ({ acme, harness }) => {
    test.setTimeout(300_000);
    const go = await flow.prepare(acme, harness);
    const stored = await harness.stored();
    const expected = await go({});
    expect(expected.status, expected.text).toBe(flow.status);
    expect(expected.json?.decision).toBe(flow.decision);
    const whole = effect(stored.tables, await harness.tables());

    const seen: string[] = [];
    let changed = true;
    for (const fault of ["d1-fail", "d1-drop", "d1-lose"]) {
      for (let trip = 1; trip <= expected.trips; trip += 1) {
        for (const more of ["", "+"]) {
          if (changed) await harness.restore(stored);
          const reply = await go({ "x-fault": `${fault}=${trip}${more}` });
          const left = effect(stored.tables, await harness.tables());
          changed = Object.keys(left).length > 0;
          const told = `${fault}=${trip}${more}: ${reply.status} ${JSON.stringify(left)}`;
          seen.push(told);
          if (reply.status === 503) expectUnavailable(reply, changed);
          else expect(reply.status, `${told} ${reply.text}`).toBe(flow.status);
          // Before or after, never between.
          expect(
            !changed || JSON.stringify(left) === JSON.stringify(whole),
            `${told} is neither {} nor ${JSON.stringify(whole)}`,
          ).toBe(true);
          // A right answer for what did not happen would be a lie, and so would "nothing changed" after it did,
          // unless the answer was lost for good.
          if (reply.status === flow.status) expect(left, told).toEqual(whole);
          if (reply.status === 503 && fault !== "d1-lose") expect(left, told).toEqual({});
          // One lost answer is read back.
          if (fault === "d1-lose" && more === "") expect(reply.status, told).toBe(flow.status);
        }
      }
    }
    test.info().annotations.push({ type: "sweep", description: `${seen.length} runs` });
  });

  test(`A95 copies that fail in any way: ${flow.name}`, async ({ acme, harness }) => {
    const plain = await flow.prepare(acme, harness);
    const start = await harness.tables();
    expect((await plain({})).status).toBe(flow.status);
    const whole = effect(start, await harness.tables());
    for (const mode of ["miss", "garbage", "get-fails", "put-fails", "put-lost", "late", "frozen"]) {
      await harness.faults(`kv=${mode}`);
      const go = await flow.prepare(acme, harness);
      const before = await harness.tables();
      const reply = await go({});
      expect(reply.status, `${mode}: ${reply.text}`).toBe(flow.status);
      expect(reply.json?.decision, mode).toBe(flow.decision);
      const left = effect(before, await harness.tables());
      // That a challenge was opened is recorded only where D1 is asked anyway; all else must be the same.
      if (flow.decision === "challenge") left.event = whole.event ?? "";
      expect(left, mode).toEqual(flow.decision === "challenge" ? { event: "", ...whole } : whole);
    }
  });
}

/** A 503 says when to come again, and that nothing changed only where nothing did. */
function expectUnavailable(reply: Reply, changed: boolean): void {
  expectProblem(reply, "unavailable");
  expect(Number(reply.headers["retry-after"])).toBeGreaterThan(0);
  const unknown = reply.json.outcome === "unknown";
  expect(/nothing changed/.test(reply.json.title), reply.text).toBe(!unknown);
  if (changed) expect(unknown, reply.text).toBe(true);
}

test("A137 committed, and the answer and all that would tell of it are lost", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  const sessions = async () => (await harness.tables()).session!.length;
  const had = await sessions();
  const [token, code] = [await alice.challenge(), alice.code()];
  const lost = await alice.verify(token, code, alice.browser, {}, { "x-fault": "d1-lose=1+" });
  expectUnavailable(lost, true);
  expect(lost.json.outcome).toBe("unknown");
  expect(lost.setCookies).toEqual([]);
  expect(await sessions()).toBe(had + 1);
  // Tried again, it tells the truth, and opens nothing.
  expectProblem(await alice.verify(token, code), "expired");
  expect(await sessions()).toBe(had + 1);

  // A read that got no answer changed nothing, and says so.
  await alice.signInFully();
  const read = await alice.browser.get("/v1/me", { "x-fault": "d1-fail=1+" });
  expectUnavailable(read, false);
  expect(read.json.outcome).toBeUndefined();
});

for (const [what, ask, unknown] of [
  ["a read", (alice: Person) => alice.browser.get("/v1/me", { "x-fault": "d1-hang=1" }), false],
  [
    "a commit",
    (alice: Person) => alice.browser.delete("/v1/session", undefined, { "x-fault": "d1-hang=2" }),
    true,
  ],
] as const) {
  test(`A137 ${what} that D1 never answers is given up after ten seconds`, async ({ acme }) => {
    const alice = await acme.person({ totp: true });
    await alice.signInFully();
    const start = performance.now();
    const reply = await ask(alice);
    const lasted = performance.now() - start;
    expectUnavailable(reply, unknown);
    expect(reply.json.outcome === "unknown").toBe(unknown);
    expect(lasted).toBeGreaterThan(9_000);
    expect(lasted).toBeLessThan(15_000);
  });
}

test("A99 an answer lost after the commit, and the client that tries again", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  const token = await alice.challenge();
  const before = await harness.tables();
  const reply = await alice.verify(token, alice.code(), alice.browser, {}, { "x-fault": "d1-lose=1" });
  expectDecision(reply, "complete");
  const after = await harness.tables();
  expect(after.session!.length - before.session!.length).toBe(1);
  expect(after.event!.length - before.event!.length).toBe(1);
  // The token in the answer is the one that was stored by the first try.
  expect((await alice.browser.get("/v1/me")).status).toBe(200);
  expectProblem(await alice.verify(token, alice.code()), "expired");
});

test("A99 every answer lost once, fifty at once: each attempt counts once", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  const token = await alice.challenge();
  const before = await harness.tables();
  const replies = await Promise.all(
    Array.from({ length: 50 }, () =>
      alice.verify(token, "000000", newBrowser(harness), {}, { "x-fault": "d1-lose=1" }),
    ),
  );
  expect(replies.filter(({ status }) => status === 401).length).toBe(4);
  expect(replies.filter(({ status }) => status === 429).length).toBe(46);
  expect((await harness.tables()).event!.length - before.event!.length).toBe(4);
});

for (const mode of ["late", "frozen"]) {
  test(`A94 copies ${mode}: what was taken away stays away`, async ({ acme, harness }) => {
    const alice = await acme.person({ totp: true });
    await alice.signInFully();
    await alice.enroll("Tablet");
    await harness.advance(120);
    const cookie = await alice.trust(newBrowser(harness));
    await alice.signInFully();
    await harness.faults(`kv=${mode}`);
    // Every copy is read once as it is now, then it stays so.
    expectDecision(await alice.signIn(newBrowser(harness)), "challenge");
    const removed = await alice.browser.delete(`/v1/me/authenticators/${alice.authenticators[1]!.id}`);
    expect(removed.status, removed.text).toBe(204);
    await harness.advance(30);

    const token = await alice.challenge(newBrowser(harness));
    expectProblem(
      await alice.verify(token, alice.code(0, 1), newBrowser(harness)),
      "not_accepted",
      "expired",
    );
    const device = newBrowser(harness);
    const at = cookie.indexOf("=");
    device.cookies.set(cookie.slice(0, at), cookie.slice(at + 1));
    expectDecision(await alice.signIn(device), "challenge");
    // And what is still there works, at the price of a trip.
    const good = await alice.challenge(newBrowser(harness));
    expectDecision(await alice.verify(good, alice.code(), alice.browser), "complete");

    const held = alice.browser.cookies.get(SESSION_COOKIE);
    expect((await alice.browser.delete("/v1/session")).status).toBe(204);
    const thief = newBrowser(harness);
    thief.bearer = held;
    expectProblem(await thief.get("/v1/me"), "unauthenticated");
  });
}

test("A94 somebody who lost the last factor is asked for nothing, somebody who got one is asked", async ({
  acme,
  harness,
}) => {
  const alice = await acme.person();
  const bob = await acme.person({ totp: true });
  await alice.signIn();
  await bob.signInFully();
  await harness.faults("kv=frozen");
  await alice.signIn(newBrowser(harness));
  await bob.signIn(newBrowser(harness));
  await alice.enroll();
  const { password } = bob;
  const last = `/v1/me/authenticators/${bob.authenticators[0]!.id}`;
  expect((await bob.browser.delete(last, { password })).status).toBe(204);
  await harness.advance(60);
  // A copy without a factor may not let her in; a copy with one may ask him, and the truth corrects it.
  expectDecision(await alice.signIn(newBrowser(harness)), "challenge");
  expectDecision(await bob.signIn(newBrowser(harness)), "complete");
});

test("A95 copies of somebody deleted, whose name somebody else has now", async ({
  acme,
  application,
  harness,
}) => {
  const before = await acme.person({ totp: true });
  const path = `${acme.path}/users/${encodeURIComponent(before.username)}`;
  const ask = (extra = {}) =>
    application.post("/v1/sign-ins", {
      organization: acme.id,
      user: before.username,
      first_factor: { method: "password" },
      ...extra,
    });
  expectDecision(await ask(), "challenge");
  const trusted = (await before.trust()).split("=")[1];
  const copies = await harness.copies();

  expect((await application.delete(path)).status).toBe(204);
  expectProblem(await ask(), "not_found");
  const password = "another password 7";
  expect((await application.put(path, { password })).status).toBe(201);
  const after = new Person(harness, acme, before.username, password);
  expectDecision(await after.signIn(), "complete");
  await after.enroll();
  await harness.advance(60);

  // Everything that was written to KV since is late.
  const late = async () => {
    for (const [key, value] of Object.entries(copies)) if (value) await harness.setCopy(key, value);
  };
  const question = async () => (await ask()).json.challenge.token;
  const signsIn = async () => {
    await harness.advance(30);
    const reply = await after.verify(await question(), after.code());
    expect(reply.status, reply.text).toBe(200);
  };
  // Asked after the change: it is the one who has the name now.
  await late();
  await signsIn();
  await signsIn();
  await late();
  expectProblem(await before.useBackupCode(await question(), before.backupCodes[0]!), "not_accepted");
  await signsIn();
  await late();
  expectDecision(await ask({ trusted_device: trusted }), "challenge");
  await signsIn();
});
