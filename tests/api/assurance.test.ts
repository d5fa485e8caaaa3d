// The assurance token, checked offline by a library that nobody here wrote, and the strict check online.

import { createLocalJWKSet, errors, jwtVerify } from "jose";
import { newBrowser } from "../harness/client.ts";
import { expectDecision, expectProblem } from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";

test("an assurance token verifies with jose from the published keys, for five minutes", async ({
  acme,
  harness,
}) => {
  const ann = await acme.person({ totp: true });
  const reply = await ann.signInFully();
  expectDecision(reply, "complete");
  const published = await ann.browser.get("/.well-known/jwks.json");
  expect(published.headers["cache-control"]).toContain("public");
  const keys = createLocalJWKSet(published.json);
  const check = (at: number) =>
    jwtVerify(reply.json.assurance, keys, {
      issuer: harness.origin,
      audience: acme.id,
      algorithms: ["EdDSA"],
      currentDate: new Date(at * 1000),
    });
  const { payload } = await check(harness.time());
  expect(payload).toMatchObject({
    sub: ann.username,
    org: acme.id,
    sid: reply.json.session.id,
    aal: "aal2",
    amr: ["pwd", "otp", "mfa"],
    auth_time: harness.time(),
    restricted: false,
    trusted_device: false,
    exp: harness.time() + 300,
  });
  await check(harness.time() + 299);
  await expect(check(harness.time() + 300)).rejects.toThrow(errors.JWTExpired);
});

test("an assurance token with one changed character is refused", async ({ acme, harness }) => {
  const ann = await acme.person();
  const reply = await ann.signIn();
  const keys = createLocalJWKSet((await ann.browser.get("/.well-known/jwks.json")).json);
  const [header, claims, signature] = (reply.json.assurance as string).split(".") as [string, string, string];
  const raised = JSON.parse(Buffer.from(claims, "base64url").toString());
  expect(raised.aal).toBe("aal1");
  raised.aal = "aal2";
  const forged = [header, Buffer.from(JSON.stringify(raised)).toString("base64url"), signature].join(".");
  const options = { currentDate: new Date(harness.time() * 1000) };
  await expect(jwtVerify(forged, keys, options)).rejects.toThrow(errors.JWSSignatureVerificationFailed);
});

test("introspection says what a session proves, and at once when it proves nothing any more", async ({
  acme,
  harness,
}) => {
  const ann = await acme.person();
  const asked = await acme.application.post("/v1/sign-ins", {
    organization: acme.id,
    user: ann.username,
    first_factor: { method: "sso", amr: ["pwd", "otp"] },
    session: "bearer",
  });
  const token: string = asked.json.session.token;
  const introspect = () => acme.application.post("/v1/sessions/introspect", { token });
  expect((await introspect()).json).toMatchObject({
    active: true,
    sub: ann.username,
    aal: "aal1",
    amr: ["pwd", "otp"],
    exp: harness.time() + 86_400,
  });
  expectProblem(await ann.browser.post("/v1/sessions/introspect", { token }), "unauthenticated");
  const session = ann.browser.copy();
  session.bearer = token;
  expect((await session.delete("/v1/session")).status).toBe(204);
  expect((await introspect()).json).toEqual({ active: false });
});

test("introspection is use, once a minute, unless it is asked not to be", async ({ acme, harness }) => {
  const ann = await acme.person();
  const { token } = (await ann.signIn(newBrowser(harness), { session: "bearer" })).json.session;
  const introspect = (more = {}) => acme.application.post("/v1/sessions/introspect", { token, ...more });
  const lastUse = async () => {
    const [row] = await harness.sql(
      `SELECT s.last_used_at AS at FROM session s JOIN user u ON (u.organization, u.id) = (s.organization, s.user)
       WHERE u.external_id = ?1`,
      ann.username,
    );
    return row.at;
  };
  const born = await lastUse();
  await harness.advance(59);
  expect((await introspect()).json.active).toBe(true);
  expect(await lastUse()).toBe(born);
  await harness.advance(1);
  expect((await introspect({ touch: false })).json.active).toBe(true);
  expect(await lastUse()).toBe(born);
  // After the reply, which costs one trip as before.
  expect((await introspect()).trips).toBe(1);
  expect(await lastUse()).toBe(born + 60);

  // Looked at every half hour it goes on, until a day is over; only looked at, it ends after one.
  for (let half = 0; half < 3; half += 1) {
    await harness.advance(1800);
    expect((await introspect()).json.active).toBe(true);
  }
  await harness.advance(1800);
  expect((await introspect({ touch: false })).json.active).toBe(true);
  await harness.advance(1800);
  expect((await introspect()).json).toEqual({ active: false });
  expect(await lastUse()).toBe(born + 60 + 3 * 1800);
  for (const touch of ["no", 0, null]) {
    expect((await introspect({ touch })).status, `${touch}`).toBe(400);
  }
});
