// A144 of ATTACKS.md: the batch of every route that writes, sent again because its answer was lost, once, twice or for
// good, while others change something in between. (Without others: A97.)

import { randomBytes } from "node:crypto";
import { APPLICATION_FLOWS } from "../harness/application-flows.ts";
import { newBrowser, newOrganization, type Organization } from "../harness/client.ts";
import { expectProblem } from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";
import { effect, FLOWS } from "../harness/flows.ts";
import type { Harness } from "../harness/harness.ts";
import { meanwhile, writingTrip } from "../harness/races.ts";

/** Others change everyone and the policy of an organization, so that no decision of before holds any more. */
const others = (acme: Organization) => [
  {
    sql: `UPDATE user SET name = 'Other', version = version + 1
          WHERE organization = (SELECT id FROM organization WHERE external_id = ?1)`,
    values: [acme.id],
  },
  {
    sql: `UPDATE organization SET name = 'Other', policy = json_set(policy, '$.surfaces', json('{"other":{}}')),
            policy_version = policy_version + 1 WHERE external_id = ?1`,
    values: [acme.id],
  },
];

for (const flow of [...APPLICATION_FLOWS, ...FLOWS]) {
  test(`A144 sent again: ${flow.name}`, async ({ harness }) => {
    test.setTimeout(300_000);
    const acme = await newOrganization(harness);
    const go = await flow.prepare(acme, harness);
    const stored = await harness.stored();
    const trip = await writingTrip(harness, go);
    test.skip(trip === undefined, "nothing is written before the reply");
    const first = trip!;

    await harness.restore(stored);
    expect((await go({})).status).toBe(flow.status);
    for (const { sql, values } of others(acme)) await harness.sql(sql, ...values);
    const whole = effect(stored.tables, await harness.tables());

    for (const [words, lost] of [
      ["once", `d1-lose=${first}`],
      ["twice", `d1-lose=${first}, d1-lose=${first + 1}`],
      ["for good", `d1-lose=${first}+`],
    ] as const) {
      await harness.restore(stored);
      const reply = await go({ "x-fault": `${lost}, ${meanwhile(first + 1, ...others(acme))}` });
      const told = `${words}: ${reply.status} ${reply.text}`;
      if (words === "for good") expectProblem(reply, "unavailable");
      else expect(reply.status, told).toBe(flow.status);
      // Done once, with one event, and the others' change stands.
      expect(effect(stored.tables, await harness.tables()), told).toEqual(whole);
      const [now] = await harness.sql(
        "SELECT name, policy FROM organization WHERE external_id = ?1",
        acme.id,
      );
      expect([now.name, JSON.parse(now.policy).surfaces], told).toEqual(["Other", { other: {} }]);
    }
  });
}

test("A144 a policy put again does not undo what another put meanwhile", async ({
  acme,
  harness,
  application,
}) => {
  const path = `${acme.path}/policy`;
  const { policy, version } = (await application.get(path)).json;
  const another = {
    sql: `UPDATE organization SET policy = json_set(policy, '$.mode', 'required'),
            policy_version = policy_version + 1 WHERE external_id = ?1`,
    values: [acme.id],
  };
  const body = { policy: { ...policy, trusted_devices: { days: 9 } }, version };
  const reply = await application.put(path, body, { "x-fault": `d1-lose=3, ${meanwhile(4, another)}` });
  expect(reply.status, reply.text).toBe(200);
  const now = (await application.get(path)).json;
  expect([now.policy.mode, now.policy.trusted_devices.days]).toEqual(["required", 9]);
  // What was put is answered with the version that it had, over which nothing is written by mistake.
  expect(reply.json.policy.mode).toBe("optional");
  expect(reply.json.version).toBeLessThan(now.version);
  expectProblem(await application.put(path, { ...body, version: reply.json.version }), "conflict");
  expect(await events(harness, acme, "policy.put")).toHaveLength(1);
});

test("A144 a user deleted again: who has the name by then stays", async ({ acme, harness, application }) => {
  const before = await acme.person();
  const path = `${acme.path}/users/${encodeURIComponent(before.username)}`;
  const row = () => harness.sql("SELECT id FROM user WHERE external_id = ?1", before.username);
  const [was] = await row();
  const another = {
    sql: `INSERT INTO user (organization, id, external_id, created_at, version, username, role, groups, state, handle)
          SELECT id, 'u_' || ?3, ?2, 1, 1, ?2, 'member', '[]', 'active', ?4 FROM organization WHERE external_id = ?1`,
    values: [acme.id, before.username, "a".repeat(26), "A".repeat(43)],
  };
  const lost = { "x-fault": `d1-lose=1, d1-lose=2, ${meanwhile(2, another)}` };
  const reply = await application.delete(path, undefined, lost);
  expect(reply.status, reply.text).toBe(204);
  expect(await row()).toEqual([{ id: `u_${"a".repeat(26)}` }]);
  expect((await events(harness, acme, "user.delete")).map(({ user }) => user)).toEqual([was.id]);
});

test("A144 a user put again: what another put meanwhile stays", async ({ acme, harness, application }) => {
  const person = await acme.person();
  const path = `${acme.path}/users/${encodeURIComponent(person.username)}`;
  const another = {
    sql: "UPDATE user SET role = 'owner', version = version + 1 WHERE external_id = ?1",
    values: [person.username],
  };
  const body = { username: person.username, name: "New", email: person.username, role: "admin" };
  const whole = { ...body, groups: [], state: "active" };
  const reply = await application.put(path, whole, { "x-fault": `d1-lose=1, ${meanwhile(2, another)}` });
  expect(reply.status, reply.text).toBe(200);
  const [now] = await harness.sql("SELECT name, role FROM user WHERE external_id = ?1", person.username);
  expect(now).toEqual({ name: "New", role: "owner" });
});

test("A144 a wrong password for a name that nobody has counts once, also the one that closes the gate", async ({
  acme,
  harness,
}) => {
  let tried = 0;
  for (const lost of ["d1-lose=2", "d1-lose=2, d1-lose=3", "d1-lose=2+"]) {
    const username = `nobody-${randomBytes(6).toString("hex")}`;
    const body = { organization: acme.id, username, password: "not the password 3" };
    const before = new Set((await harness.tables()).throttle);
    for (let guess = 1; guess <= 8; guess += 1) {
      await harness.advance(600);
      await newBrowser(harness).post("/v1/sign-ins/password", body, { "x-fault": lost });
      const counted = (await harness.tables()).throttle!.filter((row) => !before.has(row));
      // The name's own row, and that of the network it was tried from.
      expect(counted, lost).toHaveLength(2);
      for (const row of counted)
        expect(JSON.parse(row), lost).toMatchObject({ in_row: guess, in_window: guess });
    }
    expect(await events(harness, acme, "sign_in.first_factor")).toHaveLength(8 * (tried += 1));
  }
});

test("A144 the end of grace, found by several instances at once: one event, one notice each, no error", async ({
  acme,
  harness,
}) => {
  for (const lost of ["", ", d1-lose=4"]) {
    const person = await acme.person();
    const until = harness.time() + 60;
    expect((await acme.setPolicy({ mode: "required", grace_until: until })).status).toBe(200);
    await harness.advance(61);
    const [from, before] = [harness.printed().length, await events(harness, acme, "policy.grace_over")];
    const jobs = await Promise.all(Array.from({ length: 5 }, () => harness.scheduled(`d1-wait=200${lost}`)));
    // All of them meant to write it.
    const writes = (sql: string) => sql.includes("INSERT INTO event");
    const wrote = jobs.filter((trips) => trips.some(({ statements }) => statements.some(writes)));
    expect(wrote.length).toBeGreaterThan(1);
    expect(await events(harness, acme, "policy.grace_over")).toHaveLength(before.length + 1);
    const mail = await harness.sql(
      "SELECT 1 FROM mail WHERE kind = 'enrollment_due' AND address = ?1",
      person.username,
    );
    expect(mail).toHaveLength(1);
    expect(harness.printed().slice(from)).not.toMatch(/error|grace:/i);
  }
});

/** What was recorded in an organization. */
function events(harness: Harness, acme: Organization, action: string): Promise<any[]> {
  return harness.sql(
    `SELECT e.* FROM event e JOIN organization o ON o.id = e.organization
     WHERE o.external_id = ?1 AND e.action = ?2`,
    acme.id,
    action,
  );
}
