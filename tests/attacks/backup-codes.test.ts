// ATTACKS.md section 2.

import { patiently } from "../harness/http.ts";
import { newBrowser, type Person } from "../harness/client.ts";
import {
  expectDecision,
  expectNothingChanged,
  expectNothingWritten,
  expectProblem,
  expectSameRefusal,
} from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";
import type { Harness } from "../harness/harness.ts";
import { challenges, count, outcomes } from "../harness/races.ts";

/** A code of the right format that is not among these. */
function wrongBackupCode(codes: string[], from = 0): string {
  for (let guess = from; ; guess += 1) {
    const code = String(guess).padStart(8, "0");
    if (!codes.includes(code)) return code;
  }
}

async function remaining(person: Person): Promise<number> {
  return (await person.browser.get("/v1/me")).json.backup_codes.remaining;
}

async function unused(harness: Harness, person: Person): Promise<number> {
  const [row] = await harness.sql(
    `SELECT count(*) n FROM backup_code b JOIN user u ON (u.organization, u.id) = (b.organization, b.user)
     WHERE u.username = ?1 AND b.used_at IS NULL`,
    person.username,
  );
  return row.n;
}

for (const wait of ["", "d1-wait=2"]) {
  const how = wait ? " with a wait before the commit" : "";

  test(`A16 race on one backup code${how}`, async ({ acme, harness }) => {
    test.setTimeout(600_000);
    for (let person = 0; person < 2; person += 1) {
      const alice = await acme.person({ totp: true });
      for (let round = 0; round < 10; round += 1) {
        // Even rounds: fifty challenges; odd rounds: one challenge fifty times.
        const tokens = await challenges(alice, round % 2 === 0 ? 50 : 1);
        const before = await harness.tables();
        const replies = await Promise.all(
          Array.from({ length: 50 }, (_, index) =>
            alice.useBackupCode(
              tokens[index % tokens.length]!,
              alice.backupCodes[round]!,
              newBrowser(harness),
              { "x-fault": wait },
            ),
          ),
        );
        expect(outcomes(replies)).toMatchObject({ 200: 1 });
        const refused = ["not_accepted", "expired", "throttled"].map((code) => count(replies, code));
        expect(refused.reduce((sum, each) => sum + each)).toBe(49);
        expect((await harness.tables()).session!.length - before.session!.length).toBe(1);
        expect(await unused(harness, alice)).toBe(9 - round);
        await harness.advance(120);
      }
    }
  });
}

test("A16 ten good codes at once over ten challenges", async ({ acme, harness }) => {
  test.setTimeout(300_000);
  const alice = await acme.person({ totp: true });
  const tokens = await challenges(alice, 10);
  const ready = await harness.stored();
  for (let round = 0; round < 20; round += 1) {
    await harness.restore(ready);
    const replies = await Promise.all(
      tokens.map((token, index) =>
        patiently(() => alice.useBackupCode(token, alice.backupCodes[index]!, newBrowser(harness))),
      ),
    );
    expect(outcomes(replies)).toEqual({ 200: 10 });
    expect(await unused(harness, alice)).toBe(0);
  }
});

test("A17 an old code against a fresh set", async ({ acme, harness }) => {
  test.setTimeout(600_000);
  const alice = await acme.person({ totp: true });
  await alice.signInFully();
  let oldWorked = 0;
  for (let round = 0; round < 50; round += 1) {
    if (round % 4 === 0) await alice.signInFully();
    const token = await alice.challenge(newBrowser(harness));
    const [used, fresh] = await Promise.all([
      alice.useBackupCode(token, alice.backupCodes[round % 10]!, newBrowser(harness), {
        "x-fault": round % 2 ? "d1-wait=2" : "",
      }),
      alice.browser.post("/v1/me/backup-codes", {}, { "x-fault": round % 3 ? "d1-wait=2" : "" }),
    ]);
    expect([200, 401, 410]).toContain(used.status);
    if (used.status === 200) oldWorked += 1;
    if (fresh.status === 200) {
      alice.backupCodes = fresh.json.backup_codes.codes;
      expect(await unused(harness, alice)).toBe(10);
    } else {
      // The use came first and moved something the new set rested on: the set is as it was, less one.
      expect(await unused(harness, alice)).toBe(9);
      alice.backupCodes = (await refreshed(alice)).json.backup_codes.codes;
    }
    await harness.advance(60);
  }
  test.info().annotations.push({ type: "old code worked first", description: `${oldWorked} of 50` });
});

async function refreshed(person: Person) {
  await person.stepUp();
  return person.browser.post("/v1/me/backup-codes", {});
}

test("A19 the code of another user and of a dead set", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  const mallory = await acme.person({ totp: true });
  const token = await alice.challenge(newBrowser(harness));
  const foreign = await expectNothingChanged(harness, () =>
    alice.useBackupCode(token, mallory.backupCodes[0]!, mallory.browser),
  );
  const hers = await mallory.challenge();
  expectDecision(await mallory.useBackupCode(hers, mallory.backupCodes[0]!), "complete");

  const dead = alice.backupCodes[3]!;
  await alice.signInFully();
  expect((await alice.browser.post("/v1/me/backup-codes", {})).status).toBe(200);
  const again = await alice.challenge(newBrowser(harness));
  const old = await expectNothingChanged(harness, () =>
    alice.useBackupCode(again, dead, newBrowser(harness)),
  );
  expectSameRefusal(foreign, old);
});

test("A20 guessing backup codes", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  const token = await alice.challenge(newBrowser(harness));
  const replies = [];
  for (let guess = 0; guess < 6; guess += 1) {
    replies.push(
      await alice.useBackupCode(token, wrongBackupCode(alice.backupCodes, guess), newBrowser(harness)),
    );
  }
  expect(outcomes(replies)).toEqual({ 401: 4, 429: 2 });
  const right = await expectNothingWritten(harness, () =>
    alice.useBackupCode(token, alice.backupCodes[0]!, newBrowser(harness)),
  );
  expectProblem(right, "throttled");
  // A counter of its own: the app still works.
  expectDecision(await alice.verify(token, alice.code()), "complete");
});

test("A21 codes are shown once", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  await alice.signInFully();
  const made = await alice.browser.post("/v1/me/backup-codes", {});
  expect(made.status, made.text).toBe(200);
  expect(made.headers["cache-control"]).toBe("no-store");
  const codes: string[] = made.json.backup_codes.codes;
  for (const path of ["/v1/me/backup-codes", "/v1/me/backup-codes/"]) {
    expectProblem(await alice.browser.get(path), "method_not_allowed", "not_found");
  }
  const elsewhere = [
    (await alice.browser.get("/v1/me")).text,
    (await alice.browser.get("/v1/session")).text,
    (await acme.application.get(`${acme.path}/users/${encodeURIComponent(alice.username)}`)).text,
    JSON.stringify(await harness.tables()),
    JSON.stringify(await harness.copies()),
    harness.printed(),
  ].join("\n");
  for (const code of codes) expect(elsewhere).not.toContain(code);
});

test("A22 a new set without an authenticator, too early, or in a lesser session", async ({
  acme,
  harness,
}) => {
  const bob = await acme.person();
  await bob.signIn();
  await expectNothingWritten(harness, async () => {
    expectProblem(await bob.browser.post("/v1/me/backup-codes", {}), "conflict", "step_up_required");
  });
  await bob.verify(await bob.openStepUp(), "", bob.browser, {
    method: "password",
    code: undefined,
    password: bob.password,
  });
  const without = await expectNothingChanged(harness, () => bob.browser.post("/v1/me/backup-codes", {}));
  expectProblem(without, "conflict");

  const alice = await acme.person({ totp: true });
  const early = newBrowser(harness);
  await alice.challenge(early);
  expectProblem(await early.post("/v1/me/backup-codes", {}), "unauthenticated");

  await alice.trust();
  const trusted = newBrowser(harness);
  for (const [name, value] of alice.browser.cookies)
    if (name.includes("device")) trusted.cookies.set(name, value);
  expectDecision(await alice.signIn(trusted), "complete");
  const bySkip = await expectNothingChanged(harness, () => trusted.post("/v1/me/backup-codes", {}));
  expectProblem(bySkip, "step_up_required");

  const restricted = newBrowser(harness);
  const used = await alice.useBackupCode(
    await alice.challenge(restricted),
    alice.backupCodes[0]!,
    restricted,
  );
  expectDecision(used, "complete");
  expect(used.json.session).toMatchObject({ aal: "aal2", restricted: true });
  const byCode = await expectNothingChanged(harness, () => restricted.post("/v1/me/backup-codes", {}));
  expectProblem(byCode, "forbidden", "step_up_required");
});

test("after a real authenticator the restricted session may mint codes again", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  await alice.useBackupCode(await alice.challenge(), alice.backupCodes[0]!);
  expect(await remaining(alice)).toBe(9);
  await alice.stepUp();
  const made = await alice.browser.post("/v1/me/backup-codes", {});
  expect(made.status, made.text).toBe(200);
  expect(await remaining(alice)).toBe(10);
  void harness;
});

test("A23 a new set by CSRF or with a stale step-up", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  await alice.signInFully();
  await expectNothingChanged(harness, async () => {
    const forged = await alice.browser.post("/v1/me/backup-codes", {}, { origin: "https://evil.example" });
    expectProblem(forged, "cross_origin");
    const form = await alice.browser.send({
      method: "POST",
      path: "/v1/me/backup-codes",
      headers: { origin: "https://evil.example", "content-type": "application/x-www-form-urlencoded" },
      body: "a=1",
    });
    expectProblem(form, "cross_origin", "unsupported_media_type");
  });
  await harness.advance(301);
  const stale = await expectNothingChanged(harness, () => alice.browser.post("/v1/me/backup-codes", {}));
  expectProblem(stale, "step_up_required");
  expectDecision(
    await alice.useBackupCode(
      await alice.challenge(newBrowser(harness)),
      alice.backupCodes[0]!,
      newBrowser(harness),
    ),
    "complete",
  );
});

test("a backup code may be typed with any space, dash or look-alike, and full width", async ({
  acme,
  harness,
}) => {
  const alice = await acme.person({ totp: true });
  const fullWidth = (text: string) =>
    text.replace(/[!-~]/g, (c) => String.fromCodePoint(c.codePointAt(0)! + 0xfee0));
  const alike = (text: string) => text.replaceAll("0", "O").replaceAll("1", "l");
  const write: ((first: string, second: string) => string)[] = [
    (first, second) => `${first} ${second}`,
    (first, second) => ` ${first}-${second} `,
    (first, second) => `${first}\u2013${second}\n`,
    (first, second) => `${first}\u00a0\u2212\u00a0${second}`,
    (first, second) => alike(first + second),
    (first, second) => fullWidth(`${first}-${second}`),
  ];
  for (const [index, typed] of write.entries()) {
    const code = alice.backupCodes[index]!;
    const browser = newBrowser(harness);
    const reply = await alice.useBackupCode(
      await alice.challenge(browser),
      typed(code.slice(0, 4), code.slice(4)),
      browser,
    );
    expectDecision(reply, "complete");
  }
  const token = await alice.challenge(newBrowser(harness));
  await expectNothingWritten(harness, async () => {
    for (const typed of ["1234567U", "1234567\u0667", "1234_5678", "1234567"]) {
      expectProblem(await alice.useBackupCode(token, typed), "malformed");
    }
  });
});

for (const fault of ["", "kv=put-lost"]) {
  test(`no backup code is offered when none is left${fault && ", once a late copy did"}`, async ({
    acme,
    application,
    harness,
  }) => {
    test.setTimeout(120_000);
    const alice = await acme.person({ totp: true });
    const body = { organization: acme.id, user: alice.username, first_factor: { method: "password" } };
    const offered = async () => {
      const reply = await application.post("/v1/sign-ins", body);
      expectDecision(reply, "challenge");
      expect(reply.trips).toBe(0);
      return reply.json.challenge.methods;
    };
    for (const [index, code] of alice.backupCodes.entries()) {
      expect(await offered()).toEqual(["totp", "backup_code"]);
      const [token] = await challenges(alice, 1);
      const headers = { "x-fault": index === 9 ? fault : "" };
      expectDecision(await alice.useBackupCode(token!, code, newBrowser(harness), headers), "complete");
    }
    if (fault) {
      expect(await offered()).toEqual(["totp", "backup_code"]);
      const [token] = await challenges(alice, 1);
      const spent = await alice.useBackupCode(token!, alice.backupCodes[9]!, newBrowser(harness));
      expectProblem(spent, "not_accepted");
    }
    expect(await offered()).toEqual(["totp"]);
    expect((await alice.signIn(newBrowser(harness))).json.challenge.methods).toEqual(["totp"]);
    await alice.signInFully();
    const stepUp = await alice.browser.post("/v1/challenges", { purpose: "step_up" });
    expect(stepUp.json.challenge.methods).toEqual(["totp"]);

    expect((await alice.browser.post("/v1/me/backup-codes", {})).status).toBe(200);
    expect(await offered()).toEqual(["totp", "backup_code"]);
  });
}
