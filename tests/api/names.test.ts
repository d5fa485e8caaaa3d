// Names and passwords as people type them: what looks the same is the same, what cannot be seen is refused.

import { newBrowser } from "../harness/client.ts";
import { expectDecision, expectNothingWritten, expectProblem } from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";

const HIDDEN = [
  "\u200b",
  "\u200d",
  "\u200e",
  "\u202e",
  "\u2066",
  "\u00ad",
  "\ufeff",
  "\u0000",
  "\u061c",
  "\u{e0041}",
];

test("C16 a user name and a password typed composed, decomposed or wide are the same", async ({
  acme,
  application,
  harness,
}) => {
  const composed = { username: "Zo\u00eb@example.test", password: "K\u00fcste und Meer 7" };
  const made = await application.put(`${acme.path}/users/zoe`, composed);
  expect(made.status, made.text).toBe(201);
  expect(made.json.user.username).toBe("zo\u00eb@example.test");
  const signIn = (username: string, password: string) =>
    newBrowser(harness).post("/v1/sign-ins/password", { organization: acme.id, username, password });
  for (const username of [
    "zo\u00eb@example.test",
    "Zoe\u0308@example.test",
    "ZOE\u0308@EXAMPLE.TEST",
    "\uff5a\uff4f\u00eb@example.test",
  ]) {
    for (const password of [
      "K\u00fcste und Meer 7",
      "Ku\u0308ste und Meer 7",
      "Ku\u0308ste\u00a0und\u3000Meer 7",
    ]) {
      expectDecision(await signIn(username, password), "complete");
    }
  }
  expectProblem(await signIn("zoe@example.test", composed.password), "not_accepted");
  expectProblem(await signIn(composed.username, "Kuste und Meer 7"), "not_accepted");
  // Its owner's other spelling is not somebody else's name.
  const twin = await application.put(`${acme.path}/users/twin`, { username: "ZOE\u0308@example.test" });
  expectProblem(twin, "conflict");
});

test("C16 a new password of one's own may be typed either way", async ({ acme, harness }) => {
  const ann = await acme.person({ totp: true });
  await ann.signInFully();
  const set = await ann.browser.put("/v1/me/password", { password: "Cafe\u0301 au lait 9" });
  expect(set.status, set.text).toBe(204);
  for (const password of ["Caf\u00e9 au lait 9", "Cafe\u0301 au lait 9"]) {
    expectDecision(await ann.signIn(newBrowser(harness), { password }), "challenge");
  }
  await ann.stepUp();
  const hidden = await ann.browser.put("/v1/me/password", { password: "Caf\u200be au lait 9" });
  expectProblem(hidden, "malformed");
  expect(hidden.json).toMatchObject({ field: "password", detail: expect.stringContaining("invisible") });
});

test("C16 what cannot be seen is refused in every name, with a reason", async ({
  acme,
  application,
  harness,
}) => {
  const ann = await acme.person({ totp: true });
  await ann.signInFully();
  const { enrollment } = (await ann.browser.post("/v1/me/totp", {})).json;
  const { policy, version } = (await application.get(`${acme.path}/policy`)).json;
  const person = `${acme.path}/users/${encodeURIComponent(ann.username)}`;
  const places: Record<string, (name: string) => Promise<any>> = {
    username: (username) => application.patch(person, { username }),
    name: (name) => application.patch(person, { name }),
    groups: (group) => application.patch(person, { groups: ["staff", group] }),
    "name of an organization": (name) => application.put(acme.path, { name }),
    "name of an authenticator": (name) =>
      ann.browser.patch(`/v1/me/authenticators/${ann.authenticators[0]!.id}`, { name }),
    "name of a new app": (name) =>
      ann.browser.post("/v1/me/totp/confirm", { enrollment: enrollment.id, code: "000000", name }),
    "scope of a policy": (group) =>
      application.put(`${acme.path}/policy`, { policy: { ...policy, scope: { groups: [group] } }, version }),
  };
  await expectNothingWritten(harness, async () => {
    for (const [place, go] of Object.entries(places)) {
      for (const hidden of HIDDEN) {
        const reply = await go(`An${hidden}n`);
        expectProblem(reply, "malformed");
        expect(reply.json.field, `${place}: ${reply.text}`).toBe(place.split(" ")[0]);
        expect(reply.json.detail, `${place}: ${reply.text}`).toContain("invisible");
      }
    }
  });
});

test("C16 names in every script and emoji of several parts stay as they are", async ({
  acme,
  application,
}) => {
  for (const name of [
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "\u{1f468}\u200d\u{1f469}\u200d\u{1f467} family",
    "\u{1f469}\u{1f3fd}\u200d\u{1f4bb}",
    "\u2764\ufe0f",
    "\u05d1\u05e0\u05e7 \u05d9\u05e9\u05e8\u05d0\u05dc",
  ]) {
    const reply = await application.put(`${acme.path}/users/ann`, {
      username: "ann",
      name,
      email: null,
      role: "member",
      groups: [name],
      state: "active",
    });
    expect(reply.status, reply.text).toBeLessThan(300);
    expect(reply.json.user).toMatchObject({ name, groups: [name] });
    expect((await application.put(acme.path, { name })).json.organization.name).toBe(name);
  }
});

test("B11 a surface outside the documented pattern is refused wherever it is named", async ({
  acme,
  application,
  harness,
}) => {
  const ann = await acme.person();
  const { policy, version } = (await application.get(`${acme.path}/policy`)).json;
  const places: Record<string, (surface: string) => Promise<any>> = {
    "surface at the password": (surface) => ann.signIn(newBrowser(harness), { surface }),
    "surface at a passkey": (surface) => newBrowser(harness).post("/v1/sign-ins/passkey", { surface }),
    "surface at an application's": (surface) =>
      application.post("/v1/sign-ins", {
        organization: acme.id,
        user: ann.username,
        first_factor: { method: "password" },
        surface,
      }),
    "surfaces of a policy": (surface) =>
      application.put(`${acme.path}/policy`, {
        policy: { ...policy, surfaces: { [surface]: { asked: false } } },
        version,
      }),
  };
  await expectNothingWritten(harness, async () => {
    for (const [place, go] of Object.entries(places)) {
      for (const surface of [
        "__proto__",
        "_",
        "-panel",
        "Panel",
        "a b",
        "",
        "a".repeat(64),
        "панель",
        "a\u0000",
      ]) {
        const reply = await go(surface);
        expectProblem(reply, "malformed");
        expect(reply.json.field, `${place}: ${reply.text}`).toBe(place.split(" ")[0]);
      }
    }
  });
});
