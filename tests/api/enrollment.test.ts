// Adding, naming and removing TOTP apps.

import { newBrowser, SESSION_COOKIE, type Person } from "../harness/client.ts";
import { codeAt, wrongCode } from "../harness/codes.ts";
import {
  expectDecision,
  expectNothingChanged,
  expectNothingWritten,
  expectProblem,
} from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";

const confirm = (person: Person, enrollment: { id: string; secret: string }, at: number, name = "Phone") =>
  person.browser.post("/v1/me/totp/confirm", {
    enrollment: enrollment.id,
    code: codeAt(enrollment.secret, at),
    name,
  });

test("the first authenticator raises the session, brings codes and ends the other sessions", async ({
  acme,
  harness,
}) => {
  const ann = await acme.person();
  const elsewhere = newBrowser(harness);
  await ann.signIn();
  await ann.signIn(elsewhere);
  const old = ann.browser.copy();
  const { enrollment } = (await ann.browser.post("/v1/me/totp", {})).json;
  expect(enrollment.secret).toMatch(/^[A-Z2-7]{32}$/);
  expect(enrollment.expires_at).toBe(harness.time() + 600);
  expect(enrollment.key_uri).toContain(`secret=${enrollment.secret}`);

  const reply = await confirm(ann, enrollment, harness.time());
  expect(reply.status, reply.text).toBe(200);
  expect(reply.json.authenticator).toMatchObject({ kind: "totp", name: "Phone", created_at: harness.time() });
  expect(reply.json.session).toMatchObject({ aal: "aal2", restricted: false });
  expect(reply.json.backup_codes.format).toBe("digits8");
  const codes: string[] = reply.json.backup_codes.codes;
  expect(codes.length).toBe(10);
  expect(new Set(codes).size).toBe(10);
  for (const code of codes) expect(code).toMatch(/^\d{8}$/);

  expect(ann.browser.cookies.get(SESSION_COOKIE)).not.toBe(old.cookies.get(SESSION_COOKIE));
  expectProblem(await old.get("/v1/session"), "unauthenticated");
  expectProblem(await elsewhere.get("/v1/session"), "unauthenticated");
  const me = (await ann.browser.get("/v1/me")).json;
  expect(me.authenticators).toMatchObject([{ name: "Phone" }]);
  expect(me.backup_codes).toMatchObject({ remaining: 10, format: "digits8" });
  expect(me.enrollment).toBeNull();
  // Not shown again.
  expect(JSON.stringify(me)).not.toContain(codes[0]);
  expect(JSON.stringify(me)).not.toContain(enrollment.secret);
});

test("a secret is sealed at rest", async ({ acme, harness }) => {
  const ann = await acme.person();
  await ann.signIn();
  const { enrollment } = (await ann.browser.post("/v1/me/totp", {})).json;
  const hex = Buffer.from(base32(enrollment.secret)).toString("hex");
  const pending = JSON.stringify(await harness.tables());
  expect(pending).not.toContain(enrollment.secret);
  const codes: string[] = (await confirm(ann, enrollment, harness.time())).json.backup_codes.codes;
  const stored = JSON.stringify(await harness.tables()) + JSON.stringify(await harness.copies());
  for (const secret of [enrollment.secret, hex, ...codes, ann.password]) expect(stored).not.toContain(secret);
});

test("a wrong code keeps the enrollment, ten minutes end it", async ({ acme, harness }) => {
  const ann = await acme.person();
  await ann.signIn();
  const { enrollment } = (await ann.browser.post("/v1/me/totp", {})).json;
  const wrong = await expectNothingChanged(harness, () =>
    ann.browser.post("/v1/me/totp/confirm", {
      enrollment: enrollment.id,
      code: wrongCode(enrollment.secret, harness.time()),
      name: "Phone",
    }),
  );
  expectProblem(wrong, "not_accepted");
  await harness.advance(601);
  const late = await expectNothingChanged(harness, () => confirm(ann, enrollment, harness.time()));
  expectProblem(late, "expired");
  // By now the password is to be shown again.
  expectProblem(await ann.browser.post("/v1/me/totp", {}), "step_up_required");
  await ann.signIn();
  const again = (await ann.browser.post("/v1/me/totp", {})).json.enrollment;
  expect(again.secret).not.toBe(enrollment.secret);
  expect((await confirm(ann, again, harness.time())).status).toBe(200);
});

test("a pending enrollment changes no sign-in", async ({ acme, harness }) => {
  const ann = await acme.person();
  await ann.signIn();
  await ann.browser.post("/v1/me/totp", {});
  expectDecision(await ann.signIn(newBrowser(harness)), "complete");
});

test("several authenticators, each with its name; the last one takes the codes with it", async ({
  acme,
  harness,
}) => {
  const ann = await acme.person({ totp: true });
  await ann.signInFully();
  const second = await ann.enroll("Tablet");
  expect(second.json.backup_codes).toBeUndefined();
  await harness.advance(60);
  const [phone, tablet] = ann.authenticators;
  const renamed = await ann.browser.patch(`/v1/me/authenticators/${phone!.id}`, { name: "Old phone" });
  expect(renamed.status, renamed.text).toBe(200);
  expect(renamed.json.authenticator).toMatchObject({ id: phone!.id, name: "Old phone" });

  const token = await ann.challenge(newBrowser(harness));
  expectDecision(await ann.verify(token, ann.code(0, 1), newBrowser(harness)), "complete");

  for (const { id } of [phone!, tablet!]) {
    const reply = await ann.browser.delete(`/v1/me/authenticators/${id}`, { password: ann.password });
    expect(reply.status, reply.text).toBe(204);
  }
  expectDecision(await ann.signIn(newBrowser(harness)), "complete");
  const counted = await harness.sql(
    `SELECT count(*) n FROM backup_code b JOIN user u ON (u.organization, u.id) = (b.organization, b.user)
     WHERE u.username = ?1`,
    ann.username,
  );
  expect(counted[0].n).toBe(0);
});

test("A71 somebody else's authenticator does not exist", async ({ acme, harness }) => {
  const ann = await acme.person({ totp: true });
  const bob = await acme.person({ totp: true });
  await bob.signInFully();
  const path = `/v1/me/authenticators/${ann.authenticators[0]!.id}`;
  await expectNothingWritten(harness, async () => {
    expectProblem(await bob.browser.patch(path, { name: "Mine" }), "not_found");
    expectProblem(await bob.browser.delete(path), "not_found");
    for (const strange of ["/v1/me/authenticators/nothing", "/v1/me/authenticators/%27%20OR%201=1--"]) {
      expectProblem(await bob.browser.patch(strange, { name: "Mine" }), "malformed");
      expectProblem(await bob.browser.delete(strange), "malformed");
    }
  });
});

test("names are kept as written, within limits", async ({ acme, harness }) => {
  const ann = await acme.person({ totp: true });
  await ann.signInFully();
  const path = `/v1/me/authenticators/${ann.authenticators[0]!.id}`;
  for (const name of ["Ann’s phone", "电话", "📱 work", `<img src=x onerror="alert(1)">`, "a&b=c%20d"]) {
    const reply = await ann.browser.patch(path, { name });
    expect(reply.status, reply.text).toBe(200);
    expect((await ann.browser.get("/v1/me")).json.authenticators[0].name).toBe(name);
  }
  await expectNothingWritten(harness, async () => {
    for (const name of ["", "   ", "x".repeat(5_000), "line\nbreak", "nul\u0000"]) {
      expectProblem(await ann.browser.patch(path, { name }), "malformed");
    }
  });
});

function base32(text: string): number[] {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  let bits = "";
  for (const char of text) bits += alphabet.indexOf(char).toString(2).padStart(5, "0");
  return (bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2));
}
