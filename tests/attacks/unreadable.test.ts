// Rows that this version cannot read: one of them takes no list, no preview and no other organization with it.

import { newBrowser, newOrganization, type Organization, type Person } from "../harness/client.ts";
import { expect, test } from "../harness/fixtures.ts";

const HERS = "(organization, user) IN (SELECT organization, id FROM user WHERE external_id = ?1)";

test("a user who cannot be read is marked in the list, and the pages go on", async ({
  acme,
  application,
  harness,
}) => {
  const people = [await acme.person(), await acme.person(), await acme.person()];
  const names = people.map(({ username }) => username).sort();
  await harness.sql("UPDATE user SET created_at = -1 WHERE external_id = ?1", names[1]);
  const list = (query = "") => application.get(`${acme.path}/users${query}`);
  const all = await list();
  expect(all.status, all.text).toBe(200);
  expect(all.json.users.map(({ id }: { id: string }) => id)).toEqual(names);
  expect(all.json.users[1]).toEqual({ id: names[1], unreadable: true });
  expect(all.json.users[2]).toMatchObject({ username: names[2], state: "active" });

  const seen: string[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const page = await list(`?limit=1${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    expect(page.json.users).toHaveLength(1);
    seen.push(page.json.users[0].id);
    cursor = page.json.next_cursor;
  }
  expect(seen).toEqual(names);
});

test("a preview and a stricter policy go on without those who cannot be read, and say how many", async ({
  acme,
  harness,
}) => {
  const alice = await acme.person();
  const bob = await acme.person();
  const carol = await acme.person();
  await harness.sql(`UPDATE user SET groups = '[{"no":"group"}]' WHERE external_id = ?1`, bob.username);
  await harness.sql(
    `INSERT INTO event (id, organization, user, at, action, actor, outcome, detail)
     SELECT 'unreadable ' || id, organization, id, 1, 'sign_in.first_factor', 'user', 'accepted', '{"amr":7}'
     FROM user WHERE external_id = ?1`,
    carol.username,
  );
  const tried = await acme.previewPolicy({ mode: "required" });
  expect(tried.status, tried.text).toBe(200);
  expect(tried.json).toMatchObject({ unreadable: 2, preview: { people: 1 } });
  const put = await acme.setPolicy({ mode: "required" });
  expect(put.status, put.text).toBe(200);
  const told = await harness.sql(
    "SELECT address FROM mail WHERE kind = 'policy_stricter' AND address IN (?1, ?2, ?3)",
    alice.username,
    bob.username,
    carol.username,
  );
  expect(told).toEqual([{ address: alice.username }]);
});

test("authenticators, devices and sessions that cannot be read leave the others in the lists", async ({
  acme,
  harness,
}) => {
  const alice = await acme.person({ totp: true });
  await alice.trust();
  await harness.advance(30);
  await alice.signInFully(newBrowser(harness));
  const add = (table: string, columns: string, values: string) =>
    harness.sql(
      `INSERT INTO ${table} (organization, user, ${columns})
       SELECT organization, id, ${values} FROM user WHERE external_id = ?1`,
      alice.username,
    );
  const lengths = async () => {
    const { browser } = alice;
    const me = await browser.get("/v1/me");
    const [sessions, devices] = [
      await browser.get("/v1/me/sessions"),
      await browser.get("/v1/me/trusted-devices"),
    ];
    for (const reply of [me, sessions, devices]) expect(reply.status, reply.text).toBe(200);
    return {
      authenticators: me.json.authenticators.length,
      mine: me.json.trusted_devices.length,
      devices: devices.json.trusted_devices.length,
      sessions: sessions.json.sessions.length,
    };
  };
  const before = await lengths();
  expect(before).toMatchObject({ authenticators: 1, mine: 1, devices: 1 });

  await harness.sql(
    `INSERT INTO authenticator (organization, user, id, kind, created_at, name, secret, parameters, last_step)
     SELECT a.organization, a.user, 'a_' || ?2, 'totp', -1, 'Bad', a.secret, a.parameters, 0
     FROM authenticator a WHERE ${HERS}`,
    alice.username,
    "a".repeat(26),
  );
  const { version, epoch } = await versions(alice);
  await add(
    "trusted_device",
    "id, created_at, expires_at, user_version, trust_epoch, name, token_hash, rotated_at",
    `'d_bad', 0, 9999999999, ${version}, ${epoch}, 'Bad', 'x', 0`,
  );
  await add(
    "session",
    "id, born_at, enrolling, token_hash, evidence, grounds, user_version, last_used_at",
    `'s_bad', ${harness.time()}, 0, 'x', '[{"method":"telepathy"}]', '[]', ${version}, ${harness.time()}`,
  );
  expect(await lengths()).toEqual(before);
});

async function versions({ harness, username }: Person): Promise<{ version: number; epoch: number }> {
  const [row] = await harness.sql(
    `SELECT u.version, o.trust_epoch AS epoch FROM user u JOIN organization o ON o.id = u.organization
     WHERE u.external_id = ?1`,
    username,
  );
  return row;
}

test("policies that cannot be read keep no other organization waiting when grace ends", async ({
  harness,
}) => {
  const until = harness.time() + 60;
  // One run of the job takes ten organizations, and tests before this one left some whose grace ends, too.
  await harness.sql("UPDATE organization SET policy = json_remove(policy, '$.grace_until')");
  // Sixty of them, before all others in the order of ids.
  const ids = Array.from({ length: 60 }, (_, at) => {
    const letters = [Math.floor(at / 26), at % 26].map((digit) => String.fromCharCode(97 + digit)).join("");
    return `o_${"a".repeat(22)}${letters}aa`;
  });
  for (const id of ids) {
    await harness.sql(
      `INSERT INTO organization (id, external_id, created_at, name, policy, policy_version, trust_epoch)
       VALUES (?1, ?1, 0, 'Bad', json_object('mode', 'required', 'grace_until', ?2, 'scope', 'somebody'), 1, 1)`,
      id,
      until,
    );
  }
  try {
    const good: [Organization, Person][] = [];
    for (let count = 0; count < 12; count += 1) {
      const acme = await newOrganization(harness);
      good.push([acme, await acme.person()]);
      expect((await acme.setPolicy({ mode: "required", grace_until: until })).status).toBe(200);
    }
    // One of them has somebody who cannot be read.
    await harness.sql("UPDATE user SET groups = '[7]' WHERE external_id = ?1", good[3]![1].username);
    const other = await good[3]![0].person();
    await harness.advance(61);
    const from = harness.printed().length;
    const ended = async () => {
      const places = good.map((_, at) => `?${at + 1}`).join();
      const rows = await harness.sql(
        `SELECT o.external_id FROM event e JOIN organization o ON o.id = e.organization
         WHERE e.action = 'policy.grace_over' AND o.external_id IN (${places})`,
        ...good.map(([acme]) => acme.id),
      );
      return rows.length;
    };
    await harness.scheduled();
    expect(await ended()).toBe(10);
    await harness.scheduled();
    expect(await ended()).toBe(12);
    const mail = "SELECT 1 FROM mail WHERE kind = 'enrollment_due' AND address = ?1";
    for (const [at, [, person]] of good.entries()) {
      expect(await harness.sql(mail, person.username)).toHaveLength(at === 3 ? 0 : 1);
    }
    expect(await harness.sql(mail, other.username)).toHaveLength(1);
    // Each is named in the log.
    for (const id of ids) expect(harness.printed().slice(from)).toContain(`grace of ${id}`);
  } finally {
    await harness.sql("DELETE FROM organization WHERE name = 'Bad'");
  }
});
