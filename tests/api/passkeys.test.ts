// Passkeys through the API: enrolled, as second factor, as step-up, alone, listed, removed.

import { passkeyQuestion, newBrowser } from "../harness/client.ts";
import { expectDecision, expectProblem } from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";
import { Passkey, UP, type Algorithm } from "../harness/passkey.ts";

for (const algorithm of ["ES256", "EdDSA", "RS256"] as Algorithm[]) {
  test(`a passkey with ${algorithm}: enrolled, second factor, step-up, alone`, async ({ acme, harness }) => {
    const ann = await acme.person();
    await ann.signIn();
    const started = await ann.beginPasskey();
    expect(started.options).toMatchObject({
      rp: { id: "localhost", name: "Acme" },
      user: { name: ann.username, displayName: "Somebody" },
      attestation: "none",
      excludeCredentials: [],
      authenticatorSelection: { residentKey: "preferred", userVerification: "preferred" },
    });
    expect(started.options.pubKeyCredParams.map((p: { alg: number }) => p.alg)).toEqual([-8, -7, -257]);
    const key = new Passkey(harness.origin, algorithm);
    const confirmed = await ann.confirmPasskey(started.token, key.create(started.options));
    expect(confirmed.status, confirmed.text).toBe(200);
    expect(confirmed.json.authenticator).toMatchObject({ kind: "passkey", name: "Passkey", synced: true });
    expect(confirmed.json.backup_codes.codes).toHaveLength(10);
    expect(confirmed.json.session).toMatchObject({ aal: "aal2", amr: ["pwd", "swk", "user", "mfa"] });

    // A second factor, in one trip.
    const browser = newBrowser(harness);
    const question = await ann.question(browser);
    expect(question.methods).toEqual(["passkey", "backup_code"]);
    expect(question.passkey).toMatchObject({
      rpId: "localhost",
      userVerification: "preferred",
      allowCredentials: [
        { type: "public-key", id: key.id.toString("base64url"), transports: ["internal", "hybrid"] },
      ],
    });
    const verified = await ann.assert(question, {}, browser, key);
    expectDecision(verified, "complete");
    expect(verified.json.session).toMatchObject({ aal: "aal2", restricted: false });
    expect(verified.trips).toBe(1);

    // A step-up must verify the user.
    await harness.advance(600);
    const opened = (await browser.post("/v1/challenges", { purpose: "step_up" })).json.challenge;
    expect(opened.passkey.userVerification).toBe("required");
    expectDecision(await ann.assert(opened, {}, browser, key), "complete");
    const added = await browser.post("/v1/me/passkeys", {});
    expect(added.json.enrollment.options.excludeCredentials).toHaveLength(1);

    // Alone.
    const alone = newBrowser(harness);
    const asked = await passkeyQuestion(alone, { surface: "control_panel" });
    expect(asked.passkey).toMatchObject({ allowCredentials: [], userVerification: "required" });
    const signedIn = await ann.assert(asked, {}, alone, key);
    expectDecision(signedIn, "complete");
    expect(signedIn.json.session).toMatchObject({ aal: "aal2", amr: ["swk", "user", "mfa"] });
    expect(signedIn.trips).toBe(1);
    const me = (await alone.get("/v1/me")).json;
    expect(me.passkeys).toEqual({ rp_id: "localhost", user_handle: key.userHandle });
    expect(me.authenticators).toMatchObject([
      { kind: "passkey", credential_id: key.id.toString("base64url"), synced: true },
    ]);
  });
}

test("a passkey that does not verify its user is one factor", async ({ acme, harness }) => {
  const ann = await acme.person();
  await ann.signIn();
  await ann.enrollPasskey(new Passkey(harness.origin, "ES256", 0, UP));
  const browser = newBrowser(harness);
  const verified = await ann.assert(await ann.question(browser), {}, browser);
  expectDecision(verified, "complete");
  expect(verified.json.session).toMatchObject({ aal: "aal2", amr: ["pwd", "hwk", "mfa"] });
  const alone = newBrowser(harness);
  expectProblem(await ann.assert(await passkeyQuestion(alone), {}, alone), "not_accepted");
});

test("a passkey that counts its signatures signs in again and again", async ({ acme, harness }) => {
  const ann = await acme.person();
  await ann.signIn();
  await ann.enrollPasskey(new Passkey(harness.origin, "ES256", 1));
  for (const expected of [2, 3]) {
    const browser = newBrowser(harness);
    expectDecision(await ann.assert(await ann.question(browser), {}, browser), "complete");
    expect((await browser.get("/v1/me")).status).toBe(200);
    const [row] = await harness.sql(
      "SELECT credential ->> 'sign_count' AS count, json_type(credential, '$.sign_count') AS type FROM authenticator WHERE id = ?1",
      ann.passkeys[0]!.id,
    );
    expect(row).toEqual({ count: expected, type: "integer" });
  }
});

test("the name of the provider, and names of one's own", async ({ acme, harness }) => {
  const ann = await acme.person();
  await ann.signIn();
  const key = new Passkey(harness.origin);
  key.aaguid = Buffer.from("bada5566a7aa401fbd9645619a55120d", "hex");
  const { id } = await ann.enrollPasskey(key);
  const read = async () => (await ann.browser.get("/v1/me")).json.authenticators[0];
  expect(await read()).toMatchObject({ name: "1Password", provider: "1Password" });
  const renamed = await ann.browser.patch(`/v1/me/authenticators/${id}`, { name: "My own" });
  expect(renamed.json.authenticator).toMatchObject({ name: "My own", provider: "1Password" });
  expect(await read()).toMatchObject({ name: "My own", provider: "1Password" });
});

test("removing the last passkey ends the backup codes; it signs nobody in any more", async ({
  acme,
  harness,
}) => {
  const ann = await acme.person({ passkey: true });
  const { id } = ann.passkeys[0]!;
  const alone = newBrowser(harness);
  const asked = await passkeyQuestion(alone);
  const { password } = ann;
  expect((await ann.browser.delete(`/v1/me/authenticators/${id}`, { password })).status).toBe(204);
  expectProblem(await ann.assert(asked, {}, alone), "not_accepted");
  expect((await ann.browser.get("/v1/me")).json).toMatchObject({ authenticators: [], backup_codes: null });
  expectDecision(await ann.signIn(newBrowser(harness)), "complete");
});

test("a passkey beside an app: either answers, a hundred at most", async ({ acme, harness }) => {
  const ann = await acme.person({ totp: true });
  await ann.signInFully();
  for (let index = 0; index < 100; index++) {
    await harness.advance(1);
    await ann.enrollPasskey();
    if (index % 20 === 19) await ann.stepUp();
  }
  expectProblem(await ann.browser.post("/v1/me/passkeys", {}), "conflict");
  const browser = newBrowser(harness);
  const question = await ann.question(browser);
  expect(question.methods).toEqual(["passkey", "totp", "backup_code"]);
  expect(question.token.length).toBeLessThanOrEqual(1024);
  expect(question.passkey.allowCredentials).toHaveLength(100);
  await harness.advance(30);
  expectDecision(await ann.verify(question.token, ann.code(), browser), "complete");
});

test("ceremonies last five minutes, and work once", async ({ acme, harness }) => {
  const ann = await acme.person({ passkey: true });
  const alone = newBrowser(harness);
  const [asked, question] = [await passkeyQuestion(alone), await ann.question(newBrowser(harness))];
  const { token, options } = await ann.beginPasskey();
  const made = new Passkey(harness.origin).create(options);
  await harness.advance(301);
  expectProblem(await ann.assert(asked, {}, alone), "expired");
  expectProblem(await ann.assert(question, {}, alone), "expired");
  expectProblem(await ann.confirmPasskey(token, made), "expired");

  const again = await passkeyQuestion(alone);
  expectDecision(await ann.assert(again, {}, alone), "complete");
  expectProblem(await ann.assert(again, {}, alone), "expired");
  await ann.signIn();
  const fresh = await ann.question();
  expectDecision(await ann.assert(fresh), "complete");
  const next = await ann.beginPasskey();
  const credential = new Passkey(harness.origin).create(next.options);
  expect((await ann.confirmPasskey(next.token, credential)).status).toBe(200);
  const other = new Passkey(harness.origin).create(next.options);
  expectProblem(await ann.confirmPasskey(next.token, other), "expired");
});
