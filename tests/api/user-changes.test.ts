// A user who exists: replaced whole, changed in part, and told what an application changed.

import type { Caller, Organization } from "../harness/client.ts";
import { expectNothingWritten, expectProblem } from "../harness/expect.ts";
import { expect, test as base } from "../harness/fixtures.ts";
import type { Harness } from "../harness/harness.ts";

const WHOLE = {
  username: "ann@example.test",
  name: "Ann",
  email: "ann@example.test",
  role: "admin",
  groups: ["staff", "ops"],
  state: "active",
};

interface Ann {
  path: string;
  put(body: object): ReturnType<Caller["put"]>;
  patch(body: object): ReturnType<Caller["patch"]>;
  read(): Promise<any>;
  /** What the last change was recorded as. */
  event(): Promise<any>;
  /** Every notice, as kind and address. */
  notices(): Promise<string[]>;
}

const test = base.extend<{ ann: Ann }>({
  ann: async ({ acme, application, harness }, use) => {
    const ann = await make(acme, application, harness);
    await use(ann);
  },
});

async function make(acme: Organization, application: Caller, harness: Harness): Promise<Ann> {
  const path = `${acme.path}/users/ann`;
  const made = await application.put(path, WHOLE);
  expect(made.status, made.text).toBe(201);
  const own = "FROM event e JOIN organization o ON o.id = e.organization WHERE o.external_id = ?1";
  return {
    path,
    put: (body) => application.put(path, body),
    patch: (body) => application.patch(path, body),
    read: async () => (await application.get(path)).json.user,
    event: async () => {
      const sql = `SELECT e.* ${own} AND e.action = 'user.put' ORDER BY e.seq DESC LIMIT 1`;
      const [event] = await harness.sql(sql, acme.id);
      return { ...event, detail: JSON.parse(event.detail) };
    },
    notices: async () => {
      const sql = `SELECT m.kind, m.address FROM mail m JOIN organization o ON o.id = m.organization
        WHERE o.external_id = ?1 ORDER BY m.kind, m.address`;
      return (await harness.sql(sql, acme.id)).map(({ kind, address }) => `${kind} ${address}`);
    },
  };
}

test("PUT of a user who exists takes the whole and never guesses", async ({ ann, harness }) => {
  await expectNothingWritten(harness, async () => {
    for (const field of Object.keys(WHOLE)) {
      const { [field as keyof typeof WHOLE]: _, ...rest } = WHOLE;
      const reply = await ann.put(rest);
      expectProblem(reply, "malformed");
      expect(reply.json.field, reply.text).toBe(field);
    }
    const few = await ann.put({ name: "Ann" });
    expectProblem(few, "malformed");
    expect(few.json.field).toBe("username");
  });
  expect(await ann.read()).toMatchObject(WHOLE);
  const other = { ...WHOLE, name: null, email: null, role: "member", groups: [], state: "disabled" };
  expect((await ann.put(other)).status).toBe(200);
  expect(await ann.read()).toMatchObject(other);
});

test("a user who is new has defaults", async ({ acme, application }) => {
  const reply = await application.put(`${acme.path}/users/new`, {});
  expect(reply.status, reply.text).toBe(201);
  expect(reply.json.user).toMatchObject({
    username: "new",
    name: null,
    email: null,
    role: "member",
    groups: [],
    state: "active",
  });
});

test("PATCH changes what it names, and null takes away", async ({ acme, ann, application, harness }) => {
  let now: Record<string, unknown> = { ...WHOLE };
  for (const change of [
    { name: "Ann Archer" },
    { name: null },
    { email: "archer@example.test" },
    { email: null },
    { role: "member" },
    { groups: [] },
    { state: "disabled" },
    { username: "archer", state: "active", groups: ["ops"] },
    {},
  ]) {
    const reply = await ann.patch(change);
    expect(reply.status, reply.text).toBe(200);
    now = { ...now, ...change };
    expect(reply.json.user).toMatchObject(now);
    expect(await ann.read()).toMatchObject(now);
  }
  await expectNothingWritten(harness, async () => {
    for (const field of ["username", "role", "groups", "state", "password"]) {
      const reply = await ann.patch({ [field]: null });
      expectProblem(reply, "malformed");
      expect(reply.json.field, reply.text).toBe(field);
    }
    expectProblem(await application.patch(`${acme.path}/users/somebody-else`, { name: "X" }), "not_found");
  });
});

test("what an application changes is recorded: whose and what", async ({ ann }) => {
  const created = await ann.event();
  expect(created).toMatchObject({ actor: "application", subject: "ann", outcome: "accepted" });
  expect(created.detail.created).toBe(true);
  expect(created.detail.new).toEqual({ role: "admin", groups: ["staff", "ops"], state: "active" });

  const changes: [object, object][] = [
    [
      { name: "Ann Archer", role: "admin" },
      { changed: ["name"], old: {}, new: {} },
    ],
    [
      { role: "member", groups: ["ops"] },
      {
        changed: ["role", "groups"],
        old: { role: "admin", groups: ["staff", "ops"] },
        new: { role: "member", groups: ["ops"] },
      },
    ],
    [{ state: "disabled" }, { changed: ["state"], old: { state: "active" }, new: { state: "disabled" } }],
    [{ email: "archer@example.test" }, { changed: ["email"], old: {}, new: {} }],
    [{ password: "a password of hers 4" }, { changed: ["password"], old: {}, new: {} }],
    [{}, { changed: [], old: {}, new: {} }],
  ];
  for (const [change, detail] of changes) {
    expect((await ann.patch(change)).status).toBe(200);
    const event = await ann.event();
    expect(event.user).toBe(created.user);
    expect(event.subject).toBe("ann");
    expect(event.detail).toEqual({ created: false, ...detail });
    // Neither names nor addresses nor passwords.
    expect(JSON.stringify(event)).not.toMatch(/Archer|example\.test|of hers/);
  }
});

test("a change by the application is mailed: the address to both, a password to the one there was", async ({
  ann,
}) => {
  expect(await ann.notices()).toEqual([]);
  const steps: [object, string[]][] = [
    [{ name: "Ann Archer", email: WHOLE.email }, []],
    [
      { email: "archer@example.test" },
      ["address_changed ann@example.test", "address_changed archer@example.test"],
    ],
    [{ password: "a password of hers 4" }, ["password_changed archer@example.test"]],
    [{ email: null }, ["address_changed archer@example.test"]],
    [{ password: "another of hers 5" }, []],
    [{ email: "new@example.test" }, ["address_changed new@example.test"]],
    [
      { email: "thief@example.test", password: "not one of hers 6" },
      [
        "address_changed new@example.test",
        "address_changed thief@example.test",
        "password_changed new@example.test",
      ],
    ],
  ];
  const all: string[] = [];
  for (const [change, notices] of steps) {
    expect((await ann.patch(change)).status).toBe(200);
    all.push(...notices);
    expect(await ann.notices(), JSON.stringify(change)).toEqual(all.toSorted());
  }
  const whole = { ...WHOLE, name: "Ann Archer", role: "admin" };
  expect((await ann.put({ ...whole, email: "ann@example.test" })).status).toBe(200);
  all.push("address_changed thief@example.test", "address_changed ann@example.test");
  expect(await ann.notices()).toEqual(all.toSorted());
});

test("A124 what looks like SQL or JSON is a name like any other, or no name", async ({
  acme,
  ann,
  application,
  harness,
}) => {
  for (const text of [
    "' OR 1=1--",
    "'; DROP TABLE user; --",
    '"), ("x", "owner")',
    '","role":"owner","x":"',
    "$.role",
    "%",
    "_",
    "null",
    "true",
    "123",
    "[]",
    "\\u0000",
    ":given",
    "?1",
  ]) {
    const reply = await ann.patch({ name: text, groups: [text, "staff"] });
    expect(reply.status, reply.text).toBe(200);
    expect(await ann.read()).toMatchObject({ ...WHOLE, name: text, groups: [text, "staff"] });
  }
  await expectNothingWritten(harness, async () => {
    for (const [path, field] of [
      [`${acme.path}/users/${encodeURIComponent("' OR 1=1--")}`, "user"],
      [`${acme.path}/users/${encodeURIComponent('a" OR "a"="a')}`, "user"],
      [`/v1/organizations/${encodeURIComponent("' OR 1=1--")}/users/ann`, "org"],
    ] as const) {
      for (const go of [
        () => application.get(path),
        () => application.put(path, WHOLE),
        () => application.patch(path, { name: "X" }),
        () => application.delete(path),
      ]) {
        const reply = await go();
        expectProblem(reply, "malformed");
        expect(reply.json.field, reply.text).toBe(field);
      }
    }
    for (const cursor of ["' OR 1=1--", "%", "a%", '"', "a".repeat(129)]) {
      const reply = await application.get(`${acme.path}/users?cursor=${encodeURIComponent(cursor)}`);
      expectProblem(reply, "malformed");
      expect(reply.json.field, reply.text).toBe("cursor");
    }
    // A wildcard is a character like any other: nothing comes before it, and ann does after.
    const after = await application.get(`${acme.path}/users?cursor=_`);
    expect(after.json.users.map(({ id }: { id: string }) => id)).toEqual(["ann"]);
    expectProblem(
      await ann.patch({ groups: Array.from({ length: 101 }, (_, index) => `g${index}`) }),
      "malformed",
    );
    expectProblem(await ann.patch({ name: "x".repeat(2_000_000) }), "too_large");
    expectProblem(await ann.patch({ name: "x".repeat(60_000) }), "malformed");
  });
});

test("a change whose answer is lost is made and mailed once", async ({ acme, ann, application, harness }) => {
  const lost = { "x-fault": "d1-lose=1" };
  const changed = await application.patch(ann.path, { email: "archer@example.test" }, lost);
  expect(changed.status, changed.text).toBe(200);
  expect(await ann.notices()).toHaveLength(2);
  const again = await application.put(`${acme.path}/users/bob`, { email: "bob@example.test" }, lost);
  expect(again.status, again.text).toBe(201);
  const events = await harness.sql(
    "SELECT count(*) AS n FROM event e JOIN organization o ON o.id = e.organization WHERE o.external_id = ?1 AND e.action = 'user.put'",
    acme.id,
  );
  expect(events).toEqual([{ n: 3 }]);
});

test("the last active owner is not demoted, disabled or deleted", async ({ acme, application, harness }) => {
  const path = (who: string) => `${acme.path}/users/${who}`;
  const owner = { ...WHOLE, username: "owner", email: null, role: "owner" };
  expect((await application.put(path("owner"), { role: "owner" })).status).toBe(201);
  expect((await application.put(path("asleep"), { role: "owner", state: "disabled" })).status).toBe(201);
  await expectNothingWritten(harness, async () => {
    for (const go of [
      () => application.patch(path("owner"), { role: "member" }),
      () => application.patch(path("owner"), { role: "admin" }),
      () => application.patch(path("owner"), { state: "disabled" }),
      () => application.patch(path("owner"), { name: "X", role: "owner", state: "disabled" }),
      () => application.put(path("owner"), { ...owner, role: "member" }),
      () => application.put(path("owner"), { ...owner, state: "disabled" }),
      () => application.delete(path("owner")),
    ]) {
      const reply = await go();
      expectProblem(reply, "conflict");
      expect(reply.json.detail).toContain("owner");
    }
  });
  // Everything else about the last one may change, and whoever does not count may go.
  expect((await application.patch(path("owner"), { name: "Olga", groups: ["board"] })).status).toBe(200);
  expect((await application.put(path("owner"), owner)).status).toBe(200);
  expect((await application.delete(path("asleep"))).status).toBe(204);
  expect((await application.put(path("second"), { role: "owner" })).status).toBe(201);
  expect((await application.patch(path("owner"), { role: "member" })).status).toBe(200);
  expectProblem(await application.delete(path("second")), "conflict");
  expect((await application.delete(path("owner"))).status).toBe(204);
});
