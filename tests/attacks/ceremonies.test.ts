// ATTACKS.md section 3, what concerns passkeys: assertions replayed, swapped, fixed, of another ceremony.

import { newBrowser, newOrganization, passkeyQuestion, type Person } from "../harness/client.ts";
import { expectDecision, expectNothingChanged, expectProblem, expectSameRefusal } from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";
import type { Harness } from "../harness/harness.ts";
import { Passkey } from "../harness/passkey.ts";
import { count } from "../harness/races.ts";

/** What is stored of somebody's passkey. */
async function record(person: Person): Promise<any> {
  const [row] = await person.harness.sql(
    "SELECT credential FROM authenticator WHERE id = ?1",
    person.passkeys[0]!.id,
  );
  return JSON.parse(row.credential);
}

async function withKey(
  acme: { person: () => Promise<Person> },
  harness: Harness,
  count = 0,
): Promise<Person> {
  const person = await acme.person();
  await person.signIn();
  await person.enrollPasskey(new Passkey(harness.origin, "ES256", count));
  return person;
}

test("A25 replay of an assertion", async ({ acme, harness }) => {
  const ann = await withKey(acme, harness, 5);
  const challenge = await ann.question(newBrowser(harness));
  const credential = ann.passkeys[0]!.key.get(challenge.passkey);
  const post = (token: string) =>
    newBrowser(harness).post("/v1/challenges/verify", { challenge: token, method: "passkey", credential });
  expectDecision(await post(challenge.token), "complete");
  expect((await record(ann)).sign_count).toBe(6);
  const next = await ann.question(newBrowser(harness));
  await expectNothingChanged(harness, async () => {
    expectProblem(await post(challenge.token), "expired");
    expectProblem(await post(next.token), "not_accepted");
  });
});

for (const fault of ["", "kv=frozen"]) {
  test(`A26 parallel replay of an assertion ${fault}`, async ({ acme, harness }) => {
    test.setTimeout(240_000);
    const ann = await withKey(acme, harness);
    const { key } = ann.passkeys[0]!;
    // From here on KV answers what it holds now, for ever.
    await harness.faults(fault);
    for (let round = 0; round < 20; round += 1) {
      const alone = round % 2 === 1;
      const challenge = alone
        ? await passkeyQuestion(newBrowser(harness))
        : await ann.question(newBrowser(harness));
      const body = { challenge: challenge.token, method: "passkey", credential: key.get(challenge.passkey) };
      const wait: Record<string, string> = round % 4 < 2 ? {} : { "x-fault": "d1-wait=2" };
      const replies = await Promise.all(
        Array.from({ length: 50 }, () => newBrowser(harness).post("/v1/challenges/verify", body, wait)),
      );
      expect([count(replies, "complete"), count(replies, "expired")]).toEqual([1, 49]);
    }
  });
}

test("A27 fixation: a challenge planted on somebody else", async ({ acme, harness }) => {
  const [alice, mallory] = [await withKey(acme, harness), await withKey(acme, harness)];
  const { key } = alice.passkeys[0]!;
  const second = await mallory.question(newBrowser(harness));
  const opened = (await mallory.browser.post("/v1/challenges", { purpose: "step_up" })).json.challenge;
  const enrolling = await mallory.beginPasskey();
  await expectNothingChanged(harness, async () => {
    // Alice's passkey signs what Mallory was asked, and Mallory posts it.
    expectProblem(await mallory.assert(second, {}, newBrowser(harness), key), "not_accepted");
    expectProblem(await mallory.assert(opened, {}, mallory.browser, key), "not_accepted");
    // Mallory's step-up in Alice's session, and her enrollment in it.
    expectProblem(await alice.assert(opened, {}, alice.browser), "not_accepted");
    const made = new Passkey(harness.origin).create(enrolling.options);
    expectProblem(await alice.confirmPasskey(enrolling.token, made), "not_accepted");
    // A page of Mallory's own cannot have it signed for us.
    const alone = await passkeyQuestion(newBrowser(harness));
    const lured = await alice.assert(alone, { origin: "https://mallory.test" }, newBrowser(harness));
    expectProblem(lured, "not_accepted");
  });
});

test("A28 one user's challenge answered by another's passkey", async ({ acme, harness }) => {
  const [alice, mallory] = [await withKey(acme, harness), await withKey(acme, harness)];
  const other = await newOrganization(harness, "Other");
  const eve = await withKey(other, harness);
  for (const [asked, answers] of [
    [alice, mallory],
    [mallory, alice],
    [alice, eve],
    [eve, alice],
  ] as const) {
    const challenge = await asked.question(newBrowser(harness));
    await expectNothingChanged(harness, async () => {
      const { key } = answers.passkeys[0]!;
      expectProblem(await asked.assert(challenge, {}, newBrowser(harness), key), "not_accepted");
      const named = { userHandle: asked.passkeys[0]!.key.userHandle };
      expectProblem(await asked.assert(challenge, named, newBrowser(harness), key), "not_accepted");
    });
  }
});

test("A29 the nonce of one ceremony in another", async ({ acme, harness }) => {
  const ann = await withKey(acme, harness);
  // The clock goes back below, and no further than to the sign-in.
  await harness.advance(60);
  const question = await ann.question(newBrowser(harness));
  const alone = await passkeyQuestion(newBrowser(harness));
  const opened = (await ann.browser.post("/v1/challenges", { purpose: "step_up" })).json.challenge;
  const enrolling = await ann.beginPasskey();
  const tokens = [question.token, alone.token, opened.token, enrolling.token];
  const nonces = [question.passkey, alone.passkey, opened.passkey, enrolling.options].map((o) => o.challenge);
  await expectNothingChanged(harness, async () => {
    for (const [at, token] of tokens.entries()) {
      for (const [of, nonce] of nonces.entries()) {
        if (at === of && at < 3) continue;
        const answered = await ann.assert({ token, passkey: { challenge: nonce } }, {}, ann.browser);
        expectProblem(answered, "not_accepted", "throttled");
        await harness.advance(30);
        const made = new Passkey(harness.origin).create({ ...enrolling.options, challenge: nonce });
        if (at === 3 && of === 3) continue;
        expectProblem(await ann.confirmPasskey(token, made), "not_accepted");
      }
      if (at === 1) await harness.freeze(harness.time() - 240);
    }
  });
});

test("A55 an unknown passkey, an unknown person and a bad signature get one answer", async ({
  acme,
  harness,
}) => {
  const ann = await withKey(acme, harness);
  const { key } = ann.passkeys[0]!;
  const stranger = new Passkey(harness.origin);
  const handle = Buffer.from(key.userHandle, "base64url");
  const elsewhere = Buffer.from(handle);
  elsewhere[20]! ^= 1;
  const mistold = Buffer.from(handle);
  mistold[60]! ^= 1;
  const ask = async (told: object, by = key) =>
    ann.assert(await passkeyQuestion(newBrowser(harness)), told, newBrowser(harness), by);
  expectSameRefusal(
    await ask({ signature: key.sign(Buffer.from("something else")) }),
    await ask({ userHandle: key.userHandle }, stranger),
    await ask({ userHandle: elsewhere.toString("base64url") }),
    await ask({ userHandle: mistold.toString("base64url") }),
    await ask({ userHandle: null }),
    await ask({ userHandle: "AAAA" }),
    await ask({ flags: 0x01 }),
  );
});

test("A56 options for a name say nothing about its credentials", async ({ acme, nobody, harness }) => {
  const ann = await withKey(acme, harness);
  const fields = { organization: acme.id, username: ann.username };
  expectProblem(await nobody.post("/v1/sign-ins/passkey", fields), "malformed");
  const { passkey } = await passkeyQuestion(nobody);
  expect(passkey.allowCredentials).toEqual([]);
  const wrong = await nobody.post("/v1/sign-ins/password", { ...fields, password: "not the password 5" });
  expectProblem(wrong, "not_accepted");
  const known = ann.passkeys[0]!.key.id.toString("base64url");
  expect(wrong.text).not.toContain(known);
});

test("A115 a code and a passkey at once", async ({ acme, harness }) => {
  const ann = await acme.person({ totp: true, passkey: true });
  await harness.advance(30);
  const ready = await harness.stored();
  for (let round = 0; round < 20; round += 1) {
    await harness.restore(ready);
    const [one, two] = [await ann.question(newBrowser(harness)), await ann.question(newBrowser(harness))];
    const tabs = [newBrowser(harness), newBrowser(harness)] as const;
    const replies = await Promise.all([
      ann.verify(one.token, ann.code(), tabs[0]),
      ann.assert(two, {}, tabs[1]),
    ]);
    for (const reply of replies) expectDecision(reply, "complete");
    for (const tab of tabs) {
      const session = (await tab.get("/v1/me")).json;
      expect([session.user.id, session.session.aal]).toEqual([ann.username, "aal2"]);
    }
    // Both at one challenge: one of them.
    const both = await ann.question(newBrowser(harness));
    await harness.advance(30);
    const race = await Promise.all([
      ann.verify(both.token, ann.code(), newBrowser(harness)),
      ann.assert(both, {}, newBrowser(harness)),
    ]);
    expect([count(race, "complete"), count(race, "expired")]).toEqual([1, 1]);
  }
});

test("A116 a downgrade to a method that is not there", async ({ acme, harness }) => {
  const ann = await withKey(acme, harness);
  const bob = await acme.person({ totp: true });
  const browser = newBrowser(harness);
  const { token, methods } = await ann.question(browser);
  expect(methods).not.toContain("totp");
  await expectNothingChanged(harness, async () => {
    expectProblem(await ann.verify(token, "000000", browser), "not_accepted");
    expectProblem(await ann.verify(token, bob.code(), browser), "not_accepted");
    expectProblem(
      await ann.verify(token, bob.code(), browser, { authenticator: bob.authenticators[0]!.id }),
      "not_accepted",
    );
    for (const method of ["none", "password", "sso", "trusted_device", ""]) {
      const reply = await browser.post("/v1/challenges/verify", { challenge: token, method, code: "000000" });
      expectProblem(reply, "malformed", "not_accepted");
    }
    const password = { challenge: token, method: "password", password: ann.password };
    expectProblem(await browser.post("/v1/challenges/verify", password), "not_accepted");
    // Somebody without a passkey, asked by a code, answers with one.
    const question = await bob.question(browser);
    const foreign = { ...question, passkey: { challenge: "AAAA" } };
    expectProblem(await bob.assert(foreign, {}, browser, ann.passkeys[0]!.key), "not_accepted");
  });
});
