// What an application does: organizations and the people in them.

import { randomBytes } from "node:crypto";
import { newBrowser, newOrganization } from "../harness/client.ts";
import { expectDecision, expectNothingWritten, expectProblem } from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";

test("an organization is made once and renamed after that", async ({ application, harness }) => {
  const path = `/v1/organizations/o-${randomBytes(6).toString("hex")}`;
  expectProblem(await application.get(path), "not_found");
  const made = await application.put(path, { name: "Acme" });
  expect(made.status, made.text).toBe(201);
  expect(made.json.organization).toMatchObject({ name: "Acme", created_at: harness.time() });
  const again = await application.put(path, { name: "Acme Corporation" });
  expect(again.status, again.text).toBe(200);
  expect((await application.get(path)).json.organization.name).toBe("Acme Corporation");
});

test("ids of organizations are lower case letters, digits, _ and -", async ({ application, harness }) => {
  await expectNothingWritten(harness, async () => {
    for (const id of [
      "-a",
      "_a",
      "A",
      "a b",
      "a%2Fb",
      "a".repeat(64),
      "%C3%A4",
      "a.b",
      "a%00",
      "%27%20OR%201=1--",
    ]) {
      const reply = await application.put(`/v1/organizations/${id.replace(" ", "%20")}`, { name: "Acme" });
      expectProblem(reply, "malformed");
      expect(reply.json, reply.text).toMatchObject({
        field: "org",
        detail: "1 to 63 of a-z, 0-9, _ and -, starting with a letter or digit",
      });
    }
  });
});

test("only the application's key opens the application's routes", async ({ acme, harness, nobody }) => {
  const owner = await acme.person({ role: "owner", totp: true });
  await owner.signInFully();
  const keys = [
    undefined,
    "",
    "wrong",
    `${harness.apiKey}x`,
    harness.apiKey.slice(0, -1),
    harness.apiKey.toUpperCase(),
  ];
  await expectNothingWritten(harness, async () => {
    for (const key of keys) {
      const caller = nobody.copy();
      caller.bearer = key;
      expectProblem(await caller.get(acme.path), "unauthenticated");
      expectProblem(await caller.put(acme.path, { name: "Mine" }), "unauthenticated");
      expectProblem(await caller.put(`${acme.path}/users/mallory`, {}), "unauthenticated");
    }
  });
});

test("a user is made, changed, read, listed and deleted", async ({ acme, application, harness }) => {
  const path = `${acme.path}/users/ext-17`;
  const made = await application.put(path, {
    name: "Ann",
    email: "ann@example.test",
    role: "admin",
    groups: ["staff"],
  });
  expect(made.status, made.text).toBe(201);
  expect(made.json.user).toMatchObject({
    id: "ext-17",
    username: "ext-17",
    name: "Ann",
    email: "ann@example.test",
    role: "admin",
    groups: ["staff"],
    state: "active",
    enrolled: false,
    created_at: harness.time(),
  });
  expect(JSON.stringify(made.json)).not.toContain("password");
  const changed = await application.put(path, {
    username: "ann",
    name: "Ann Archer",
    email: "ann@example.test",
    role: "admin",
    groups: ["staff"],
    state: "active",
  });
  expect(changed.status, changed.text).toBe(200);
  expect((await application.get(path)).json.user).toMatchObject({ username: "ann", name: "Ann Archer" });

  const gone = await application.delete(path);
  expect(gone.status, gone.text).toBe(204);
  expectProblem(await application.get(path), "not_found");
  expectProblem(await application.delete(path), "not_found");
});

test("the list of users comes in pages", async ({ acme, application }) => {
  const ids = Array.from({ length: 7 }, (_, index) => `user-${index}`);
  for (const id of ids) expect((await application.put(`${acme.path}/users/${id}`, {})).status).toBe(201);
  const seen: string[] = [];
  let cursor = "";
  for (let page = 0; page < 10; page += 1) {
    const reply = await application.get(
      `${acme.path}/users?limit=3${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    expect(reply.status, reply.text).toBe(200);
    seen.push(...reply.json.users.map(({ id }: { id: string }) => id));
    cursor = reply.json.next_cursor ?? "";
    if (!cursor) break;
  }
  expect(seen.sort()).toEqual(ids);
  for (const query of ["limit=0", "limit=-1", "limit=x", "limit=100000", "cursor=%00", "cursor=zzz"]) {
    const reply = await application.get(`${acme.path}/users?${query}`);
    expect([200, 400], `${query}: ${reply.text}`).toContain(reply.status);
  }
});

test("two people cannot have one user name, whatever its case", async ({ acme, application }) => {
  expect((await application.put(`${acme.path}/users/a`, { username: "Ann@Example.test" })).status).toBe(201);
  expectProblem(await application.put(`${acme.path}/users/b`, { username: "ANN@example.TEST" }), "conflict");
});

test("passwords: 8 to 256 characters, and none of the most common ones", async ({
  acme,
  application,
  harness,
}) => {
  const path = `${acme.path}/users/ann`;
  await expectNothingWritten(harness, async () => {
    for (const password of [
      "",
      "short",
      "1234567",
      "password",
      "12345678",
      "Password1",
      "qwertyuiop",
      "x".repeat(257),
    ]) {
      const reply = await application.put(path, { password });
      expectProblem(reply, "malformed");
      expect(reply.json.field, `${password}: ${reply.text}`).toBe("password");
      // The answer does not repeat what was sent.
      if (password.length > 10) expect(reply.text).not.toContain(password);
    }
  });
  for (const password of [
    "correct horse 8",
    "пароль на кухне 7",
    "x1".repeat(128),
    " leading and trailing ",
  ]) {
    const set = {
      username: "ann",
      name: null,
      email: null,
      role: "member",
      groups: [],
      state: "active",
      password,
    };
    expect((await application.put(path, set)).status).toBeLessThan(300);
    const browser = newBrowser(harness);
    const signIn = (word: string) =>
      browser.post("/v1/sign-ins/password", { organization: acme.id, username: "ann", password: word });
    expectDecision(await signIn(password), "complete");
    expectProblem(
      await signIn(password.trim() === password ? ` ${password}` : password.trim()),
      "not_accepted",
    );
  }
});

test("somebody deleted is out at once", async ({ acme, application }) => {
  const ann = await acme.person({ totp: true });
  await ann.signInFully();
  const open = await ann.challenge(ann.browser.copy());
  expect((await application.delete(`${acme.path}/users/${encodeURIComponent(ann.username)}`)).status).toBe(
    204,
  );
  expectProblem(await ann.browser.get("/v1/session"), "unauthenticated");
  expectProblem(await ann.signIn(), "not_accepted");
  expectProblem(await ann.verify(open, ann.code()), "not_accepted", "expired");
});

test("external ids may hold anything of their alphabet, percent-encoded or not", async ({
  acme,
  application,
}) => {
  for (const id of ["a", "ann@example.test", "A-B_c.d~e+f", "x".repeat(128)]) {
    const reply = await application.put(`${acme.path}/users/${encodeURIComponent(id)}`, {});
    expect(reply.status, reply.text).toBe(201);
    expect(reply.json.user.id).toBe(id);
    expect((await application.get(`${acme.path}/users/${encodeURIComponent(id)}`)).status).toBe(200);
  }
  for (const id of ["x".repeat(129), "%20", "a%2Fb", "%F0%9F%92%A5", "%00"]) {
    const reply = await application.put(`${acme.path}/users/${id}`, {});
    expectProblem(reply, "malformed");
    expect(reply.json, reply.text).toMatchObject({
      field: "user",
      detail: "1 to 128 of A-Z, a-z, 0-9, and . _ ~ @ + -",
    });
  }
  // No text at all, and so no path of ours.
  expectProblem(await application.put(`${acme.path}/users/%FF`, {}), "not_found");
});

test("a path value that cannot be an id says why", async ({ acme }) => {
  const ann = await acme.person({ totp: true });
  await ann.signInFully();
  const id = ann.authenticators[0]!.id;
  for (const route of ["authenticators", "sessions", "trusted-devices"]) {
    for (const wrong of [
      "x",
      id.toUpperCase(),
      id.slice(0, -1),
      `${id}a`,
      "%00",
      "..%2F",
      "'%20OR%201=1--",
    ]) {
      const reply = await ann.browser.delete(`/v1/me/${route}/${wrong}`);
      expectProblem(reply, "malformed");
      expect(reply.json, reply.text).toMatchObject({
        field: "id",
        detail: "an id is a letter, _, and 26 of a-z and 2-7",
      });
    }
    // An id all the same, of something else: nothing of this kind has it.
    const other = id.replace("a_", "e_");
    expectProblem(await ann.browser.delete(`/v1/me/${route}/${other}`), "not_found");
  }
});

test("A70 another organization's people do not exist", async ({ acme, application, harness }) => {
  const other = await newOrganization(harness, "Umbrella");
  const ann = await acme.person();
  expectProblem(
    await application.get(`${other.path}/users/${encodeURIComponent(ann.username)}`),
    "not_found",
  );
  expectProblem(
    await application.delete(`${other.path}/users/${encodeURIComponent(ann.username)}`),
    "not_found",
  );
});
