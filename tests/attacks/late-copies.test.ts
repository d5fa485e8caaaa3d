// ATTACKS.md A94: what an application asks while the copies are late, and what a change of the user ends.

import { newBrowser, Person, type Caller, type Organization } from "../harness/client.ts";
import { expectDecision, expectNothingWritten, expectProblem } from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";
import type { Harness } from "../harness/harness.ts";
import type { Reply } from "../harness/http.ts";
import { challenges, count, outcomes } from "../harness/races.ts";

/** A sign-in that an application asks about: answered by a copy, without D1 where the clock is known to be right. */
async function ask(acme: Organization, person: Person, instance?: 2): Promise<any> {
  const reply = await acme.application.post(
    "/v1/sign-ins",
    { organization: acme.id, user: person.username, first_factor: { method: "password" } },
    instance ? { "x-instance": "2" } : {},
  );
  expectDecision(reply, "challenge");
  // Where it is wrong: that it is, and what time it is.
  expect(reply.trips).toBe(instance ? 2 : 0);
  return reply.json.challenge;
}

/** Changes that move the user version, each made by somebody who may. */
const CHANGES: Record<string, (person: Person, acme: Organization, harness: Harness) => Promise<unknown>> = {
  "an authenticator more": async (person) => person.enroll("Tablet"),
  "new backup codes": async (person) => {
    const reply = await person.browser.post("/v1/me/backup-codes", {});
    expect(reply.status, reply.text).toBe(200);
    person.backupCodes = reply.json.backup_codes.codes;
  },
  "signing out everywhere": async (person) => {
    expect((await person.browser.delete("/v1/me/sessions")).status).toBe(204);
  },
  "a new password": async (person) => {
    const reply = await person.browser.put("/v1/me/password", { password: "another password 7" });
    expect(reply.status, reply.text).toBe(204);
  },
  "another group": async (person, acme) => {
    const path = `${acme.path}/users/${encodeURIComponent(person.username)}`;
    const { username } = person;
    const whole = { username, name: "Somebody", email: username, role: "member", state: "active" };
    expect((await acme.application.put(path, { ...whole, groups: ["night shift"] })).status).toBe(200);
  },
};

/** Somebody whose copies were read, and are from now on what they are. */
async function freshWithLateCopies(acme: Organization, harness: Harness, mode: string): Promise<Person> {
  const person = await acme.person({ totp: true, passkey: true });
  await harness.advance(60);
  await person.signInFully();
  await harness.faults(`kv=${mode}`);
  await ask(acme, person);
  return person;
}

for (const mode of ["late", "frozen"]) {
  for (const [name, change] of Object.entries(CHANGES)) {
    test(`A94 copies ${mode}: a challenge opened after ${name} works, one opened before does not`, async ({
      acme,
      harness,
    }) => {
      const alice = await freshWithLateCopies(acme, harness, mode);
      const before = await ask(acme, alice);
      await harness.advance(1);
      await change(alice, acme, harness);
      await harness.advance(29);
      const answers: ((question: any, browser: Caller) => Promise<Reply>)[] = [
        ({ token }, browser) => alice.verify(token, alice.code(), browser),
        ({ token }, browser) => alice.useBackupCode(token, alice.backupCodes[0]!, browser),
        (question, browser) => alice.assert(question, {}, browser),
      ];
      for (const answer of answers) {
        const dead = await expectNothingWritten(harness, () => answer(before, newBrowser(harness)));
        expectProblem(dead, "expired");
      }
      for (const answer of answers) {
        const browser = newBrowser(harness);
        const reply = await answer(await ask(acme, alice), browser);
        expectDecision(reply, "complete");
        // The copy was late: decided once more on the truth.
        expect(reply.headers["x-d1-trips"]).toBe("2");
        expect((await browser.get("/v1/me")).status).toBe(200);
      }
    });
  }

  test(`A94 copies ${mode}: what was removed answers no challenge that a late copy opened`, async ({
    acme,
    harness,
  }) => {
    const alice = await freshWithLateCopies(acme, harness, mode);
    const [phone] = alice.authenticators;
    expect((await alice.browser.delete(`/v1/me/authenticators/${phone!.id}`)).status).toBe(204);
    await harness.advance(30);
    const question = await ask(acme, alice);
    expect(question.methods).toContain("totp");
    expectProblem(await alice.verify(question.token, alice.code(), newBrowser(harness)), "not_accepted");
    expectDecision(await alice.assert(question, {}, newBrowser(harness)), "complete");
  });

  test(`A94 copies ${mode}: a length that a late copy does not know is not malformed`, async ({
    acme,
    harness,
  }) => {
    const alice = await freshWithLateCopies(acme, harness, mode);
    const eight = "UPDATE authenticator SET parameters = json_set(parameters, '$.digits', 8) WHERE id = ?1";
    await harness.sql(eight, alice.authenticators[0]!.id);
    const now = harness.time() * 1000;
    await harness.sql("UPDATE user SET version = ?1 WHERE username = ?2", now, alice.username);
    await harness.advance(30);
    const { token } = await ask(acme, alice);
    const six = await expectNothingWritten(harness, () => alice.verify(token, alice.code()));
    expectProblem(six, "malformed");
    expectDecision(await alice.verify(token, alice.code(0, 0, 8), newBrowser(harness)), "complete");
  });
}

test("A94 somebody disabled is refused whatever a late copy opened", async ({ acme, harness }) => {
  const alice = await freshWithLateCopies(acme, harness, "frozen");
  const path = `${acme.path}/users/${encodeURIComponent(alice.username)}`;
  const { username } = alice;
  const whole = { username, name: "Somebody", email: username, role: "member", groups: [] };
  expect((await acme.application.put(path, { ...whole, state: "disabled" })).status).toBe(200);
  await harness.advance(30);
  const { token } = await ask(acme, alice);
  const reply = await expectNothingWritten(harness, () => alice.verify(token, alice.code()));
  expectProblem(reply, "not_accepted");
});

test("A148 a challenge of an instance whose clock is ahead does not outlive a change", async ({
  acme,
  harness,
}) => {
  const alice = await acme.person({ totp: true });
  await alice.signInFully();
  await ask(acme, alice);
  // An isolate's first request looks at the schema.
  expect((await acme.application.get(acme.path, { "x-instance": "2" })).status).toBe(200);
  await harness.skew(300);
  const { token } = await ask(acme, alice, 2);
  await harness.advance(1);
  expect((await alice.browser.delete("/v1/me/sessions")).status).toBe(204);
  await harness.advance(29);
  expectProblem(await alice.verify(token, alice.code(), newBrowser(harness)), "expired");
});

for (const wait of ["", "d1-wait=2"]) {
  const how = wait ? " with a wait before the commit" : "";

  test(`A94 fifty challenges of a late copy, one code: one is accepted${how}`, async ({ acme, harness }) => {
    const alice = await freshWithLateCopies(acme, harness, "frozen");
    await alice.enroll("Tablet");
    await harness.advance(60);
    for (let round = 0; round < 20; round += 1) {
      const tokens = await challenges(alice, 50);
      const code = alice.code();
      const replies = await Promise.all(
        tokens.map((token) =>
          alice.verify(token, code, newBrowser(harness), {}, { "x-fault": `kv=frozen,${wait}` }),
        ),
      );
      expect(outcomes(replies)).toMatchObject({ 200: 1 });
      expect(count(replies, "complete") + count(replies, "not_accepted") + count(replies, "throttled")).toBe(
        50,
      );
      await harness.advance(60);
    }
  });

  test(`A94 signing out everywhere amid fifty answers to challenges opened before it${how}`, async ({
    acme,
    harness,
  }) => {
    test.setTimeout(300_000);
    const alice = await freshWithLateCopies(acme, harness, "frozen");
    for (let round = 0; round < 20; round += 1) {
      await alice.signInFully();
      const tokens = await challenges(alice, 50);
      await harness.advance(30);
      const browsers = tokens.map(() => newBrowser(harness));
      const code = alice.code();
      const faults = { "x-fault": `kv=frozen,${wait}` };
      const answers = tokens.map((token, index) =>
        index === (round * 7) % 50
          ? alice.browser.delete("/v1/me/sessions", undefined, faults)
          : alice.verify(token, code, browsers[index], {}, faults),
      );
      const replies = await Promise.all(answers);
      expect(replies.filter(({ status }) => status >= 500).length).toBe(0);
      expect(replies[(round * 7) % 50]!.status).toBe(204);
      for (const browser of browsers.filter(({ cookies }) => cookies.size > 0)) {
        expectProblem(await browser.get("/v1/session"), "unauthenticated");
      }
      const again = await Promise.all(
        tokens.map((token) => alice.verify(token, code, newBrowser(harness), {}, faults)),
      );
      expect(count(again, "expired")).toBe(50);
      expect((await alice.browser.get("/v1/session")).status).toBe(200);
      await harness.advance(60);
    }
  });
}

test("A94 somebody deleted and made again under the same name signs in, whatever is late", async ({
  acme,
  harness,
}) => {
  const before = await freshWithLateCopies(acme, harness, "frozen");
  const path = `${acme.path}/users/${encodeURIComponent(before.username)}`;
  const old = await ask(acme, before);
  await harness.advance(1);
  expect((await acme.application.delete(path)).status).toBe(204);
  const nobody = await ask(acme, before);
  expectProblem(await before.verify(nobody.token, before.code(), newBrowser(harness)), "not_accepted");
  const password = "another password 7";
  const whole = { username: before.username, role: "member", groups: [], state: "active", password };
  expect((await acme.application.put(path, whole)).status).toBe(201);
  const after = new Person(harness, acme, before.username, password);
  expectDecision(await after.signIn(), "complete");
  await after.enroll();
  await harness.advance(60);
  for (const answer of [
    (token: string, browser: Caller) => after.verify(token, after.code(), browser),
    (token: string, browser: Caller) => after.useBackupCode(token, after.backupCodes[0]!, browser),
  ]) {
    const browser = newBrowser(harness);
    const question = await ask(acme, after);
    // What the one before had is as wrong as anything.
    expectProblem(await before.verify(question.token, before.code(), newBrowser(harness)), "not_accepted");
    const reply = await answer(question.token, browser);
    expectDecision(reply, "complete");
    expect((await browser.get("/v1/me")).json.user.username).toBe(after.username);
    // Opened before: for the one before, who is gone.
    expectProblem(await answer(old.token, newBrowser(harness)), "expired");
  }
});
