// From a password to a session, and out again.

import { newBrowser, newOrganization, SESSION_COOKIE } from "../harness/client.ts";
import { wrongCode } from "../harness/codes.ts";
import {
  expectDecision,
  expectNothingChanged,
  expectNothingWritten,
  expectProblem,
  expectSameRefusal,
} from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";

test("a password is enough for somebody without an authenticator", async ({ acme, harness }) => {
  const ann = await acme.person();
  const reply = await ann.signIn();
  expectDecision(reply, "complete");
  expect(reply.json.session).toMatchObject({
    aal: "aal1",
    amr: ["pwd"],
    restricted: false,
    trusted_device: false,
  });
  expect(reply.json.session.born_at).toBe(harness.time());
  expect(reply.json.session.expires_at).toBe(harness.time() + 86_400);
  const me = await ann.browser.get("/v1/me");
  expect(me.status, me.text).toBe(200);
  expect(me.json.user).toMatchObject({ username: ann.username, role: "member" });
  expect(me.json.organization.name).toBe("Acme");
  expect(me.json).toMatchObject({
    authenticators: [],
    backup_codes: null,
    enrollment: null,
    has_password: true,
  });
});

test("the session cookie is for this host and out of reach of scripts", async ({ acme }) => {
  const ann = await acme.person();
  const [line] = (await ann.signIn()).setCookies;
  const [pair, ...attributes] = line!.split(";").map((part) => part.trim());
  expect(pair).toMatch(new RegExp(`^${SESSION_COOKIE}=[A-Za-z0-9._~-]{40,}$`));
  const set = new Set(attributes.map((text) => text.toLowerCase()));
  for (const needed of ["httponly", "path=/"]) expect(set).toContain(needed);
  // WebKit keeps no such cookie of http://localhost. With https it is there: worker/tests/native.rs.
  expect(set).not.toContain("secure");
  expect([...set].some((text) => text === "samesite=lax" || text === "samesite=strict")).toBe(true);
  expect([...set].some((text) => text.startsWith("domain="))).toBe(false);
});

test("a session token works as a bearer token too", async ({ acme, nobody }) => {
  const ann = await acme.person();
  await ann.signIn();
  nobody.bearer = ann.browser.cookies.get(SESSION_COOKIE);
  expect((await nobody.get("/v1/session")).status).toBe(200);
});

test("with an authenticator a password opens a challenge and nothing else", async ({ acme, harness }) => {
  const ann = await acme.person({ totp: true });
  const browser = newBrowser(harness);
  const before = await harness.tables();
  const reply = await ann.signIn(browser);
  expectDecision(reply, "challenge");
  expect(reply.json.challenge.methods).toEqual(["totp", "backup_code"]);
  expect(reply.json.challenge.authenticators).toEqual([
    { kind: "totp", id: ann.authenticators[0]!.id, name: "Phone" },
  ]);
  expect(reply.json.challenge.expires_at).toBe(harness.time() + 600);
  expect(reply.json.challenge.token.length).toBeLessThanOrEqual(1024);
  expect(browser.cookies.size).toBe(0);
  expect((await harness.tables()).session).toEqual(before.session);
  expectProblem(await browser.get("/v1/me"), "unauthenticated");

  const verified = await ann.verify(reply.json.challenge.token, ann.code(), browser);
  expectDecision(verified, "complete");
  expect(verified.json.session).toMatchObject({ aal: "aal2", restricted: false });
  expect([...verified.json.session.amr].sort()).toEqual(["mfa", "otp", "pwd"]);
  expect((await browser.get("/v1/me")).status).toBe(200);
});

test("a challenge names authenticators as their owner does, from a copy too; a passkey alone names nobody", async ({
  acme,
  application,
  harness,
}) => {
  const ann = await acme.person({ totp: true, passkey: true });
  await ann.signInFully();
  const byCopy = () =>
    application.post("/v1/sign-ins", {
      organization: acme.id,
      user: ann.username,
      first_factor: { method: "password" },
    });
  const names = (reply: { json: any }) =>
    reply.json.challenge.authenticators.map(({ name }: { name: string }) => name);
  expect(names(await byCopy())).toEqual(["Phone", "Passkey"]);
  const path = `/v1/me/authenticators/${ann.authenticators[0]!.id}`;
  expect((await ann.browser.patch(path, { name: "Work phone" })).status).toBe(200);
  const copied = await byCopy();
  expect(copied.headers["x-d1-trips"]).toBe("0");
  expect(names(copied)).toEqual(["Work phone", "Passkey"]);
  expect(names(await ann.signIn(newBrowser(harness)))).toEqual(["Work phone", "Passkey"]);
  const stepUp = await ann.browser.post("/v1/challenges", { purpose: "step_up" });
  expect(names(stepUp)).toEqual(["Work phone", "Passkey"]);
  const alone = await newBrowser(harness).post("/v1/sign-ins/passkey", {});
  expect(alone.json.challenge.authenticators).toBeUndefined();
});

test("a challenge is recorded when it is opened, after the reply, and never stands in its way", async ({
  acme,
  application,
  harness,
}) => {
  const ann = await acme.person({ totp: true });
  const events = (action: string) =>
    harness.sql(
      `SELECT at, outcome, detail FROM event WHERE action = ?1 AND user = (SELECT id FROM user WHERE username = ?2)`,
      action,
      ann.username,
    );
  const ask = (headers = {}) =>
    application.post(
      "/v1/sign-ins",
      {
        organization: acme.id,
        user: ann.username,
        first_factor: { method: "password" },
        surface: "client_app",
      },
      headers,
    );
  await ask();
  expect(await events("challenge.open")).toHaveLength(1);
  const asked = await ask();
  expectDecision(asked, "challenge");
  expect([asked.trips, asked.headers["x-d1-trips-later"]]).toEqual([0, "1"]);
  expectDecision(await ask({ "x-fault": "d1-fail=1+" }), "challenge");
  const opened = harness.time();
  const recorded = await events("challenge.open");
  expect(recorded.map(({ at, outcome }) => [at, outcome])).toEqual(Array(2).fill([opened, "accepted"]));
  expect(JSON.parse(recorded[0].detail)).toEqual({ purpose: "sign_in", surface: "client_app" });

  await harness.advance(30);
  expect((await ann.verify(asked.json.challenge.token, ann.code())).status).toBe(200);
  const [settled] = await events("sign_in.verify");
  expect(JSON.parse(settled.detail)).toEqual({ opened_at: opened });
  await ann.openStepUp();
  const [, , stepUp] = await events("challenge.open");
  expect(JSON.parse(stepUp.detail)).toEqual({ purpose: "step_up", surface: null });
});

test("signing out ends the session at once and takes the cookie back", async ({ acme, harness }) => {
  const ann = await acme.person();
  await ann.signIn();
  const stolen = ann.browser.copy();
  const reply = await ann.browser.delete("/v1/session");
  expect(reply.status, reply.text).toBe(204);
  // What the browser is known by stays: it keeps strangers from locking her out.
  expect([...ann.browser.cookies.keys()].filter((name) => !name.includes("-browser-"))).toEqual([]);
  expectProblem(await stolen.get("/v1/session"), "unauthenticated");
  expectProblem(await newBrowser(harness).delete("/v1/session"), "unauthenticated");
});

test("a session ends after an hour without use and after a day in any case", async ({ acme, harness }) => {
  const ann = await acme.person();
  await ann.signIn();
  await harness.advance(3_599);
  expect((await ann.browser.get("/v1/session")).status).toBe(200);
  await harness.advance(3_601);
  expectProblem(await ann.browser.get("/v1/session"), "unauthenticated");

  await ann.signIn();
  for (let hour = 0; hour < 25; hour += 1) {
    await harness.advance(3_400);
    if ((hour + 1) * 3_400 < 86_400)
      expect((await ann.browser.get("/v1/session")).status, `${hour}`).toBe(200);
  }
  await harness.advance(1_500);
  expectProblem(await ann.browser.get("/v1/session"), "unauthenticated");
});

test("a wrong password, an unknown user and an unknown organization are told apart by nobody", async ({
  acme,
  nobody,
}) => {
  const ann = await acme.person();
  const enrolled = await acme.person({ totp: true });
  const attempt = (organization: string, username: string) =>
    nobody.post("/v1/sign-ins/password", { organization, username, password: "not the password 9" });
  expectSameRefusal(
    await attempt(acme.id, ann.username),
    await attempt(acme.id, enrolled.username),
    await attempt(acme.id, "nobody-of-that-name@example.test"),
    await attempt("no-such-organization", ann.username),
  );
});

test("user names compare without regard to case", async ({ acme }) => {
  const ann = await acme.person();
  expectDecision(await ann.signIn(ann.browser, { username: ann.username.toUpperCase() }), "complete");
});

test("a wrong code is refused, recorded once and changes nothing else", async ({ acme, harness }) => {
  const ann = await acme.person({ totp: true });
  const token = await ann.challenge();
  const wrong = wrongCode(ann.authenticators[0]!.secret, harness.time());
  const before = await harness.tables();
  const reply = await expectNothingChanged(harness, () => ann.verify(token, wrong));
  expectProblem(reply, "not_accepted");
  expect((await harness.tables()).event!.length - before.event!.length).toBe(1);
  // The challenge is still good: a typo costs a try, not the sign-in.
  expectDecision(await ann.verify(token, ann.code()), "complete");
});

test("a challenge is over after ten minutes, after its use and after the factors changed", async ({
  acme,
  harness,
}) => {
  const ann = await acme.person({ totp: true });
  const late = await ann.challenge(newBrowser(harness));
  await harness.advance(601);
  expectProblem(await expectNothingWritten(harness, () => ann.verify(late, ann.code())), "expired");

  const spent = await ann.challenge();
  expectDecision(await ann.verify(spent, ann.code()), "complete");
  await harness.advance(30);
  expectProblem(await expectNothingChanged(harness, () => ann.verify(spent, ann.code())), "expired");

  const behind = await ann.challenge(newBrowser(harness));
  await ann.enroll("Tablet");
  await harness.advance(60);
  expectProblem(await expectNothingChanged(harness, () => ann.verify(behind, ann.code())), "expired");
});

test("A106 forged, edited and foreign challenges", async ({ acme, harness, nobody }) => {
  const ann = await acme.person({ totp: true });
  const token = await ann.challenge(newBrowser(harness));
  const flipped = [...token]
    .map((char, at) => (at === token.length - 20 ? (char === "A" ? "B" : "A") : char))
    .join("");
  const forged = [
    "x",
    "A".repeat(200),
    flipped,
    token.slice(0, -4),
    `${token}AAAA`,
    `${token}=`,
    token.toUpperCase(),
    ` ${token}`,
    "k1.AAAA",
    "..",
    "💥",
  ];
  for (const challenge of forged) {
    const reply = await expectNothingChanged(harness, () => ann.verify(challenge, ann.code(), nobody));
    expectProblem(reply, "not_accepted");
  }
  expectProblem(await ann.verify("", ann.code(), nobody), "malformed", "not_accepted");
});

test("changes from another site are refused", async ({ acme, harness, nobody }) => {
  const ann = await acme.person();
  await ann.signIn();
  const sites: Record<string, string>[] = [
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: `${harness.origin}.evil.example` },
    { origin: harness.origin.replace("http:", "https:") },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
  ];
  for (const headers of sites) {
    const reply = await expectNothingWritten(harness, () => ann.browser.post("/v1/me/totp", {}, headers));
    expectProblem(reply, "cross_origin");
    const signIn = await nobody.post(
      "/v1/sign-ins/password",
      { organization: acme.id, username: ann.username, password: ann.password },
      headers,
    );
    expectProblem(signIn, "cross_origin");
  }
});

test("unknown paths and methods are problems too", async ({ nobody, acme, application }) => {
  expectProblem(await nobody.get("/v1/nothing"), "not_found");
  expectProblem(await nobody.get("/v1/"), "not_found");
  expectProblem(await nobody.get("/v1/sign-ins/password"), "method_not_allowed");
  expectProblem(await nobody.delete("/v1/sign-ins/password"), "method_not_allowed");
  expectProblem(await application.patch(`${acme.path}/policy`, { mode: "off" }), "method_not_allowed");
  expectProblem(await nobody.call("POST", "/v1/me/", {}), "not_found");
});

test("answers are not kept by anyone", async ({ acme, nobody }) => {
  const ann = await acme.person();
  for (const reply of [
    await ann.signIn(),
    await ann.browser.get("/v1/me"),
    await ann.browser.post("/v1/me/totp", {}),
    await nobody.get("/v1/me"),
  ]) {
    expect(reply.headers["cache-control"]).toBe("no-store");
    expect(reply.headers["x-content-type-options"]).toBe("nosniff");
  }
});

test("health", async ({ nobody }) => {
  const reply = await nobody.get("/healthz");
  expect(reply.status).toBe(200);
  expect(reply.json).toEqual({ status: "ok" });
});

test("the same name in two organizations is two people", async ({ acme, harness, application }) => {
  const other = await newOrganization(harness, "Umbrella");
  const ann = await acme.person();
  const twin = await application.put(`${other.path}/users/${encodeURIComponent(ann.username)}`, {
    password: "another password 11",
  });
  expect(twin.status).toBe(201);
  const crossed = await ann.signIn(newBrowser(harness), { organization: other.id });
  expectProblem(crossed, "not_accepted");
});
