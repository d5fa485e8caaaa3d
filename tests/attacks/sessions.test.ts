// ATTACKS.md section 6, and of section 3 what concerns every kind of challenge.

import { newBrowser, SESSION_COOKIE, type Caller } from "../harness/client.ts";
import { codeAt } from "../harness/codes.ts";
import {
  expectDecision,
  expectNothingChanged,
  expectNothingWritten,
  expectProblem,
} from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";
import type { Reply } from "../harness/http.ts";
import { challenges } from "../harness/races.ts";

test("A29 a challenge of one purpose used for another", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  const signIn = await alice.challenge(newBrowser(harness));
  await alice.signInFully();
  const stepUp = await alice.openStepUp();
  await harness.advance(30);
  // A step-up answered without its session opens none.
  const outside = newBrowser(harness);
  const reply = await expectNothingChanged(harness, () => alice.verify(stepUp, alice.code(), outside));
  expectProblem(reply, "not_accepted", "unauthenticated");
  expect(outside.cookies.size).toBe(0);
  // A sign-in challenge answered from a session makes that session no fresher.
  await harness.advance(301);
  const late = await alice.challenge(newBrowser(harness));
  await alice.verify(late, alice.code(), newBrowser(harness));
  expectProblem(await alice.browser.post("/v1/me/backup-codes", {}), "step_up_required");
  void signIn;
});

test("A107 a flood of sign-in questions leaves nothing but records", async ({ acme, harness }) => {
  test.setTimeout(600_000);
  const alice = await acme.person({ totp: true });
  await expectNothingChanged(harness, async () => {
    for (let burst = 0; burst < 100; burst += 1) await challenges(alice, 100);
  });
});

test("A58 session fixation", async ({ acme, harness }) => {
  const alice = await acme.person();
  const mallory = await acme.person();
  await mallory.signIn();
  const planted = mallory.browser.cookies.get(SESSION_COOKIE)!;
  for (const value of [planted, "chosen-by-somebody-else"]) {
    const browser = newBrowser(harness);
    browser.cookies.set(SESSION_COOKIE, value);
    expectDecision(await alice.signIn(browser), "complete");
    expect(browser.cookies.get(SESSION_COOKIE)).not.toBe(value);
    expect((await browser.get("/v1/me")).json.user.username).toBe(alice.username);
    const old = newBrowser(harness);
    old.cookies.set(SESSION_COOKIE, "chosen-by-somebody-else");
    expectProblem(await old.get("/v1/me"), "unauthenticated");
  }
  expect((await mallory.browser.get("/v1/me")).json.user.username).toBe(mallory.username);
});

test("the token changes whenever assurance rises", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  await alice.signInFully();
  const before = alice.browser.copy();
  await alice.stepUp();
  expect(alice.browser.cookies.get(SESSION_COOKIE)).not.toBe(before.cookies.get(SESSION_COOKIE));
  expectProblem(await before.get("/v1/session"), "unauthenticated");
  void harness;
});

test("A60 enrolling at challenge stage though an authenticator exists", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  const browser = newBrowser(harness);
  const token = await alice.challenge(browser);
  const asBearer = newBrowser(harness);
  asBearer.bearer = token;
  const asCookie = newBrowser(harness);
  asCookie.cookies.set(SESSION_COOKIE, token);
  await expectNothingWritten(harness, async () => {
    for (const caller of [browser, asBearer, asCookie]) {
      expectProblem(await caller.post("/v1/me/totp", {}), "unauthenticated");
      expectProblem(await caller.post("/v1/me/backup-codes", {}), "unauthenticated");
      expectProblem(await caller.get("/v1/me"), "unauthenticated");
      expectProblem(await caller.post("/v1/challenges", { purpose: "step_up" }), "unauthenticated");
    }
  });
});

test("A61 turning off with the password only", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  await alice.signInFully();
  await harness.advance(301);
  const opened = await alice.browser.post("/v1/challenges", { purpose: "step_up" });
  expect(opened.json.challenge.methods).not.toContain("password");
  const byPassword = await expectNothingChanged(harness, () =>
    alice.browser.post("/v1/challenges/verify", {
      challenge: opened.json.challenge.token,
      method: "password",
      password: alice.password,
    }),
  );
  expectProblem(byPassword, "not_accepted");
  await expectNothingChanged(harness, async () => {
    for (const attempt of [
      () => alice.browser.delete("/v1/me/mfa", { password: alice.password }),
      () => alice.browser.delete(`/v1/me/authenticators/${alice.authenticators[0]!.id}`),
      () => alice.browser.post("/v1/me/backup-codes", {}),
    ]) {
      expectProblem(await attempt(), "step_up_required");
    }
  });
});

test("turning off wants a second factor and the password, and takes everything with it", async ({
  acme,
  harness,
}) => {
  const alice = await acme.person({ totp: true });
  await alice.trust();
  await alice.stepUp();
  await expectNothingChanged(harness, async () => {
    expectProblem(await alice.browser.delete("/v1/me/mfa", {}), "malformed", "not_accepted");
    expectProblem(
      await alice.browser.delete("/v1/me/mfa", { password: "not the password 5" }),
      "not_accepted",
    );
  });
  const off = await alice.browser.delete("/v1/me/mfa", { password: alice.password });
  expect(off.status, off.text).toBeLessThan(300);
  const reply = await alice.signIn(newBrowser(harness));
  expectDecision(reply, "complete");
  expect(reply.json.session.trusted_device).toBe(false);
  const me = (await alice.browser.get("/v1/me")).json;
  expect(me).toMatchObject({ authenticators: [], backup_codes: null });
});

test("A62 a stale step-up", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  await alice.signInFully();
  await harness.advance(200);
  await alice.stepUp();
  const rename = (name: string) =>
    alice.browser.patch(`/v1/me/authenticators/${alice.authenticators[0]!.id}`, { name });
  for (let change = 0; change < 10; change += 1) {
    await harness.advance(29);
    expect((await alice.browser.post("/v1/me/backup-codes", {})).status).toBe(200);
  }
  await harness.advance(11);
  const late = await expectNothingChanged(harness, () => alice.browser.post("/v1/me/backup-codes", {}));
  expectProblem(late, "step_up_required");
  void rename;
});

test("A63 a borrowed step-up", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  const elsewhere = newBrowser(harness);
  await alice.signInFully();
  await alice.signInFully(elsewhere);
  await harness.advance(301);
  const old = alice.browser.copy();
  await alice.stepUp();
  expectProblem(await elsewhere.post("/v1/me/backup-codes", {}), "step_up_required");
  expectProblem(await old.post("/v1/me/backup-codes", {}), "unauthenticated");

  // One session's step-up answered in another.
  const borrowed = await alice.openStepUp();
  await harness.advance(301);
  const reply = await expectNothingChanged(harness, () => alice.verify(borrowed, alice.code(), elsewhere));
  expectProblem(reply, "not_accepted", "expired");
  expectProblem(await elsewhere.post("/v1/me/backup-codes", {}), "step_up_required");

  // Somebody else's session, with the right code of the challenge's owner.
  const mallory = await acme.person({ totp: true });
  await mallory.signInFully();
  const hers = await alice.openStepUp();
  const foreign = await expectNothingChanged(harness, () =>
    alice.verify(hers, alice.code(), mallory.browser),
  );
  expectProblem(foreign, "not_accepted");
});

test("one step-up answered fifty times at once", async ({ acme, harness }) => {
  test.setTimeout(300_000);
  const alice = await acme.person({ totp: true });
  await alice.signInFully();
  for (let round = 0; round < 20; round += 1) {
    await harness.advance(60);
    const token = await alice.openStepUp();
    const code = alice.code();
    const tabs = Array.from({ length: 50 }, () => alice.browser.copy());
    const replies = await Promise.all(
      tabs.map((tab) => alice.verify(token, code, tab, {}, { "x-fault": "d1-wait=2" })),
    );
    expect(replies.filter(({ status }) => status === 200).length).toBe(1);
    const won = replies.findIndex(({ status }) => status === 200);
    alice.browser = tabs[won]!;
    expect((await alice.browser.get("/v1/session")).status).toBe(200);
  }
});

test("A67 after sign-out, also for requests in flight", async ({ acme, harness }) => {
  for (let round = 0; round < 20; round += 1) {
    const alice = await acme.person();
    await alice.signIn();
    const tabs = Array.from({ length: 20 }, () => alice.browser.copy());
    const [out, ...replies] = await Promise.all([
      alice.browser.copy().delete("/v1/session", undefined, { "x-fault": "d1-wait=2" }),
      ...tabs.map((tab) => tab.get("/v1/me")),
    ]);
    expect(out.status).toBe(204);
    for (const reply of replies) expect([200, 401]).toContain(reply.status);
    expectProblem(await tabs[0]!.get("/v1/me"), "unauthenticated");
  }
  void harness;
});

test("A115 two second factors at once", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  for (let round = 0; round < 9; round += 1) {
    const token = await alice.challenge(newBrowser(harness));
    const tabs = [newBrowser(harness), newBrowser(harness)] as const;
    const replies = await Promise.all([
      alice.verify(token, alice.code(), tabs[0]),
      alice.useBackupCode(token, alice.backupCodes[round]!, tabs[1]),
    ]);
    expect(replies.filter(({ status }) => status === 200).length).toBe(1);
    for (const tab of tabs) {
      const me = await tab.get("/v1/me");
      if (me.status === 200) expect(me.json.user.username).toBe(alice.username);
    }
    await harness.advance(60);
  }
});

test("A116 downgrade", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  const token = await alice.challenge(newBrowser(harness));
  const post = (body: object) =>
    newBrowser(harness).post("/v1/challenges/verify", { challenge: token, ...body });
  await expectNothingChanged(harness, async () => {
    for (const method of ["none", "", "TOTP", "sso", "trusted_device", "recovery"]) {
      expectProblem(await post({ method, code: alice.code() }), "malformed", "not_accepted");
    }
    expectProblem(await post({ method: "password", password: alice.password }), "not_accepted");
    expectProblem(await post({ method: "passkey", code: alice.code() }), "malformed", "not_accepted");
    expectProblem(await post({ code: alice.code() }), "malformed");
  });
});

test("sessions are listed, one ended, all others ended", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  const others: Caller[] = [newBrowser(harness), newBrowser(harness), newBrowser(harness)];
  for (const browser of others) await alice.signInFully(browser);
  await alice.signInFully();
  const list = async (): Promise<{ id: string; current: boolean }[]> =>
    (await alice.browser.get("/v1/me/sessions")).json.sessions;
  const sessions = await list();
  expect(sessions.filter(({ current }) => current).length).toBe(1);
  const first = (await others[0]!.get("/v1/session")).json.session.id;
  expect((await alice.browser.delete(`/v1/me/sessions/${first}`)).status).toBe(204);
  expectProblem(await others[0]!.get("/v1/session"), "unauthenticated");
  expect((await others[1]!.get("/v1/session")).status).toBe(200);
  expect((await alice.browser.delete("/v1/me/sessions")).status).toBe(204);
  for (const browser of others) expectProblem(await browser.get("/v1/session"), "unauthenticated");
  expect((await alice.browser.get("/v1/session")).status).toBe(200);
  expect((await list()).length).toBe(1);
});

test("sixty verifies with signing out everywhere amid them leave no session behind", async ({
  acme,
  harness,
}) => {
  test.setTimeout(300_000);
  const alice = await acme.person({ totp: true });
  await alice.signInFully();
  await alice.enroll("Tablet");
  await harness.advance(60);
  await alice.signInFully();
  const tokens = await challenges(alice, 60);
  const at = harness.time();
  const ready = await harness.stored();
  for (let round = 0; round < 20; round += 1) {
    await harness.restore(ready);
    const work: Promise<Reply>[] = tokens.map((token, index) => {
      const step = (index % 3) - 1;
      const secret = alice.authenticators[index % 2]!.secret;
      return alice.verify(
        token,
        codeAt(secret, at + step * 30),
        newBrowser(harness),
        {},
        { "x-fault": "d1-wait=2" },
      );
    });
    work.splice(30, 0, alice.browser.copy().delete("/v1/me/sessions"));
    await Promise.all(work);
    const alive = await harness.sql(
      `SELECT count(*) n FROM session s JOIN user u ON (u.organization, u.id) = (s.organization, s.user)
       WHERE u.username = ?1 AND s.ended_at IS NULL`,
      alice.username,
    );
    // The one that signed the others out.
    expect(alive[0].n).toBeLessThanOrEqual(1);
  }
});
