// Who is told when a policy starts to require more.

import { newApplication, type Organization } from "../harness/client.ts";
import { expectNothingWritten, expectProblem } from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";
import type { Harness } from "../harness/harness.ts";

/** Whoever has a notice of this kind, once for each. */
async function told(harness: Harness, acme: Organization, kind = "policy_stricter"): Promise<string[]> {
  const sql = `SELECT u.external_id, m.address FROM mail m JOIN organization o ON o.id = m.organization
    JOIN user u ON (u.organization, u.id) = (m.organization, m.user)
    WHERE o.external_id = ?1 AND m.kind = ?2 ORDER BY u.external_id`;
  const rows = await harness.sql(sql, acme.id, kind);
  for (const { external_id: id, address } of rows) expect(address).toBe(`${id}@example.test`);
  return rows.map(({ external_id: id }) => id);
}

async function people(acme: Organization, people: Record<string, object>): Promise<void> {
  for (const [id, extra] of Object.entries(people)) {
    const body = { email: `${id}@example.test`, ...extra };
    const made = await acme.application.put(`${acme.path}/users/${id}`, body);
    expect(made.status, made.text).toBe(201);
  }
}

test("everyone of whom a policy starts to require more is told, once, with the change", async ({
  acme,
  harness,
}) => {
  await people(acme, {
    ann: { groups: ["staff"] },
    bob: {},
    cho: { state: "disabled" },
    dan: { groups: ["staff"], email: null },
  });
  // Nothing is asked of anyone who has no factor.
  expect((await acme.setPolicy({ mode: "optional" })).status).toBe(200);
  expect(await told(harness, acme)).toEqual([]);

  const scoped = { mode: "required", scope: { groups: ["staff"] } };
  const lost = acme.application.copy();
  lost.headers = { "x-fault": "d1-lose=3" };
  expect((await acme.setPolicy(scoped, undefined, lost)).status).toBe(200);
  expect(await told(harness, acme)).toEqual(["ann"]);
  // The same again, and less: nothing new to say.
  expect((await acme.setPolicy({ ...scoped, backup_codes: "recovery" })).status).toBe(200);
  expect((await acme.setPolicy({ scope: { groups: ["staff", "board"] } })).status).toBe(200);
  expect(await told(harness, acme)).toEqual(["ann"]);
  expect((await acme.setPolicy({ scope: "everyone" })).status).toBe(200);
  expect(await told(harness, acme)).toEqual(["ann", "bob"]);
});

test("an owner's change tells people too; one that is refused tells nobody", async ({ acme, harness }) => {
  await people(acme, { ann: {}, bob: {} });
  const owner = await acme.person({ role: "owner", totp: true });
  await owner.signInFully();
  await expectNothingWritten(harness, async () => {
    const { policy, version } = (await owner.browser.get(`${acme.path}/policy`)).json;
    const late = { policy: { ...policy, mode: "required" }, version: version - 1 };
    expectProblem(await owner.browser.put(`${acme.path}/policy`, late), "conflict");
    expectProblem(await newApplication(harness).put(`${acme.path}/policy`, late), "conflict");
  });
  const grace = harness.time() + 7 * 86_400;
  const set = await acme.setPolicy({ mode: "required", grace_until: grace }, undefined, owner.browser);
  expect(set.status, set.text).toBe(200);
  expect(await told(harness, acme)).toEqual(["ann", "bob"]);
  const later = await acme.setPolicy({ grace_until: grace + 86_400 });
  expect(later.status, later.text).toBe(200);
  expect(await told(harness, acme)).toEqual(["ann", "bob"]);
});

test("an organization of 12,000 is told in one batch", async ({ acme, harness }) => {
  await harness.sql(
    `INSERT INTO user (organization, id, external_id, created_at, version, username, email, role, groups, state)
     WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000)
     SELECT o.id, 'u_' || i, 'p' || i, 0, 1, 'p' || i, 'p' || i || '@example.test', 'member', '[]', 'active'
     FROM n, organization o WHERE o.external_id = ?1`,
    acme.id,
  );
  const by = acme.application.copy();
  by.headers = { "x-trace": "stricter" };
  const set = await acme.setPolicy({ mode: "required" }, undefined, by);
  expect(set.status, set.text).toBe(200);
  expect(await told(harness, acme)).toHaveLength(12_000);
  const { trips } = await harness.trace("stricter");
  const writing = trips.filter(({ statements }) => statements.some((sql) => /INSERT INTO mail/.test(sql)));
  expect(writing).toHaveLength(1);
  expect(writing[0]!.statements.filter((sql) => /INSERT INTO mail/.test(sql))).toHaveLength(3);
});
