// What each route costs in D1 round trips, and a proof in statements, counted around the binding and printed as a table.

import { newBrowser } from "../harness/client.ts";
import { expect, test } from "../harness/fixtures.ts";
import type { Reply } from "../harness/http.ts";
import { Passkey } from "../harness/passkey.ts";

test("D1 trips per route", async ({ acme, application, harness }) => {
  const seen: { route: string; trips: number; at_most: number; statements: number }[] = [];
  const note = (route: string, at_most: number, reply: Reply, status = 200): Reply => {
    expect(reply.status, `${route}: ${reply.text}`).toBe(status);
    // Of the last trip, which commits.
    const statements = Number(String(reply.headers["x-d1-statements"]).split(" ").at(-1));
    seen.push({ route, trips: reply.trips, at_most, statements });
    return reply;
  };
  const user = `${acme.path}/users/ann`;
  const password = "a long password 42";

  note("PUT organization (again)", 1, await application.put(acme.path, { name: "Acme" }));
  note("GET organization", 1, await application.get(acme.path));
  note("PUT user", 2, await application.put(user, { email: "ann@example.test", password }), 201);
  note("GET user", 1, await application.get(user));
  note("GET users", 1, await application.get(`${acme.path}/users`));

  const bob = await acme.person();
  note("POST sign-ins/password, no factor", 2, await bob.signIn());
  note("GET session", 1, await bob.browser.get("/v1/session"));
  note("GET me", 1, await bob.browser.get("/v1/me"));
  const started = note("POST me/totp", 2, await bob.browser.post("/v1/me/totp", {}));
  const { id, secret } = started.json.enrollment;
  bob.authenticators.push({ id, name: "Phone", secret });
  const confirmed = note(
    "POST me/totp/confirm",
    2,
    await bob.browser.post("/v1/me/totp/confirm", { enrollment: id, code: bob.code(), name: "Phone" }),
  );
  const authenticator = `/v1/me/authenticators/${confirmed.json.authenticator.id}`;
  note("PATCH me/authenticators", 2, await bob.browser.patch(authenticator, { name: "Old phone" }));
  await harness.advance(60);

  const browser = newBrowser(harness);
  const guess = { organization: acme.id, username: bob.username, password: "not the password" };
  const wrong = await newBrowser(harness).post("/v1/sign-ins/password", guess);
  note("POST sign-ins/password, a wrong password", 2, wrong, 401);
  const unknown = { ...guess, username: `x${bob.username}` };
  const refused = await newBrowser(harness).post("/v1/sign-ins/password", unknown);
  note("POST sign-ins/password, an unknown name", 2, refused, 401);
  const asked = note("POST sign-ins/password, a factor enrolled", 2, await bob.signIn(browser));
  const token = asked.json.challenge.token;
  note("POST challenges/verify, a wrong code", 1, await bob.verify(token, "000000", browser), 401);
  note("POST challenges/verify", 1, await bob.verify(token, bob.code(), browser));
  await bob.signIn(browser);
  await harness.advance(30);
  await bob.signInFully(browser);
  const { token: begun, options } = note("POST me/passkeys", 1, await browser.post("/v1/me/passkeys", {}))
    .json.enrollment;
  const key = new Passkey(harness.origin);
  const made = { enrollment: begun, credential: key.create(options) };
  note("POST me/passkeys/confirm", 2, await browser.post("/v1/me/passkeys/confirm", made));
  const passkey = await bob.question(newBrowser(harness));
  note("POST challenges/verify, a passkey", 1, await bob.assert(passkey, {}, newBrowser(harness), key));
  const alone = note("POST sign-ins/passkey", 0, await newBrowser(harness).post("/v1/sign-ins/passkey", {}));
  const answered = await bob.assert(alone.json.challenge, {}, newBrowser(harness), key);
  note("POST challenges/verify, a passkey alone", 1, answered);
  const codes = confirmed.json.backup_codes.codes;
  const used = await newBrowser(harness).post("/v1/challenges/verify", {
    challenge: await bob.challenge(newBrowser(harness)),
    method: "backup_code",
    code: codes[0],
  });
  note("POST challenges/verify, a backup code", 2, used);
  note("DELETE session", 2, await browser.delete("/v1/session"), 204);

  console.table(seen);
  expect(seen.filter(({ trips, at_most }) => !(trips <= at_most))).toEqual([]);
  const proofs = seen.filter(({ route }) => /^POST (sign-ins\/password|challenges\/verify)/.test(route));
  expect(Object.fromEntries(proofs.map(({ route, statements }) => [route, statements]))).toEqual({
    "POST sign-ins/password, no factor": 5,
    "POST sign-ins/password, a wrong password": 3,
    "POST sign-ins/password, an unknown name": 3,
    "POST sign-ins/password, a factor enrolled": 3,
    "POST challenges/verify, a wrong code": 8,
    "POST challenges/verify": 8,
    "POST challenges/verify, a passkey": 8,
    "POST challenges/verify, a passkey alone": 7,
    "POST challenges/verify, a backup code": 9,
  });
});
