// The rule NC of ATTACKS.md is worth what its eye sees: here it is shown changes made behind its back.

import { newBrowser, type Organization } from "../harness/client.ts";
import { differences, expectNothingChanged, expectNothingWritten } from "../harness/expect.ts";
import { expect, testApart } from "../harness/fixtures.ts";
import { Harness } from "../harness/harness.ts";

/** What these tests change behind the Worker's back would mislead other files. */
const test = testApart();

/** What a refused attempt may leave. */
const RECORDS = ["event", "mail", "organization_day", "throttle"];

/** Triggers refuse what no job does. */
const KEPT = ["checkpoint", "checkpoint_key", "sealed"];

/** Written by whichever request comes first in a minute, so the rule looks away. */
const UNSEEN = ["session.last_used_at"];

/** Constraints hold these to a few words. */
const OTHER: Record<string, string> = {
  "link.purpose": "'invitation'",
  "organization.language": "'de'",
  "session.enrolling": "1 - enrolling",
  // A link's event, changed above, marked a second challenge that differs from the first by the usual space.
  "spent_challenge.id": "id || '.'",
  "user.enrolled": "1 - enrolled",
  "user.factors": "3 - factors",
  "user.language": "'de'",
  "user.role": "'owner'",
  "user.state": "'disabled'",
};

/** What only one kind of authenticator has. */
const WHERE: Record<string, string> = {
  "authenticator.secret": "kind = 'totp'",
  "authenticator.parameters": "kind = 'totp'",
  "authenticator.last_step": "kind = 'totp'",
  "authenticator.credential": "kind = 'passkey'",
  "schema_version.version": "version = (SELECT max(version) FROM schema_version)",
};

/** Keys that other tables hold on to, and a kind there is only one of. */
const FIXED = /\.(organization|user)$|^(organization|user)\.id$|^authenticator\.kind$|^set_up\.one$/;

/** Somebody with a row in every table. */
async function everything(acme: Organization, harness: Harness): Promise<void> {
  const alice = await acme.person({ totp: true, passkey: true });
  await alice.trust();
  await harness.sql(`UPDATE user SET groups = '["staff"]'`);
  const elsewhere = newBrowser(harness);
  await alice.signInFully(elsewhere);
  expect((await elsewhere.post("/v1/me/totp", {})).status).toBe(200);
  const token = await alice.challenge(newBrowser(harness));
  expect((await alice.verify(token, "000000")).status).toBe(401);
  const reset = `${acme.path}/users/${encodeURIComponent(alice.username)}/reset-mfa`;
  expect((await acme.application.post(reset, {})).status).toBe(200);
  await harness.sql("INSERT OR IGNORE INTO set_up VALUES (1, 0, 'somewhere')");
  expect(await harness.sql("SELECT 1 FROM spent_challenge LIMIT 1")).toHaveLength(1);
}

test("NC sees a change in every column of every table", async ({ acme, harness }) => {
  await everything(acme, harness);
  const tables = Object.entries(await harness.tables()).filter(
    ([table]) => ![...RECORDS, ...KEPT].includes(table),
  );
  let seen = 0;
  for (const [table, rows] of tables) {
    expect(rows.length, table).toBeGreaterThan(0);
    const columns = await harness.sql("SELECT name, type FROM pragma_table_info(?1)", table);
    for (const { name, type } of columns) {
      const place = `${table}.${name}`;
      if (FIXED.test(place)) continue;
      const same = type === "INTEGER" ? `coalesce(${name}, 0) + 1` : `coalesce(${name}, '{}') || ' '`;
      const where = WHERE[place] ?? "TRUE";
      const change = () =>
        harness.sql(`UPDATE ${table} SET ${name} = ${OTHER[place] ?? same} WHERE ${where}`);
      if (UNSEEN.includes(place)) await expectNothingChanged(harness, change);
      else
        await expect(expectNothingChanged(harness, change), place).rejects.toThrow(
          new RegExp(`[+-] ${table} `),
        );
      seen += 1;
    }
  }
  expect(seen).toBeGreaterThan(50);
});

test("NC sees a row that goes and a row that comes", async ({ acme, harness }) => {
  await everything(acme, harness);
  // Tries that were counted, and nothing spent yet, are records: tests before this one left some.
  await harness.sql("DELETE FROM spent_challenge WHERE tries_left > 0");
  for (const table of ["backup_code", "enrollment", "session", "spent_challenge", "trusted_device"]) {
    const before = await harness.tables();
    const gone = () => harness.sql(`DELETE FROM ${table}`);
    await expect(expectNothingChanged(harness, gone), table).rejects.toThrow(`- ${table} `);
    const found = differences(before, await harness.tables());
    expect(found).toHaveLength(before[table]!.length);
    // And the other way round, it came.
    expect(differences(await harness.tables(), before)).toEqual(found.map((row) => row.replace("-", "+")));
  }
});

test("NC lets records pass, and nothing written does not", async ({ acme, harness }) => {
  await everything(acme, harness);
  const records = [
    `INSERT INTO event (id, organization, at, action, outcome, actor) SELECT hex(randomblob(8)), id, 0, '', '', '' FROM organization`,
    "UPDATE throttle SET in_row = in_row + 1",
    "UPDATE mail SET sent_at = 1",
  ];
  for (const record of records) {
    await expectNothingChanged(harness, () => harness.sql(record));
    const again = record.replace("= 1", "= 2");
    await expect(
      expectNothingWritten(harness, () => harness.sql(again)),
      record,
    ).rejects.toThrow();
  }
});

test("NC sees what a request did that was refused", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  const token = await alice.challenge();
  // A refusal, and a session that somebody opened meanwhile: a gate that was forgotten.
  const forgotten = async () => {
    expect((await alice.verify(token, "000000")).status).toBe(401);
    await harness.sql(
      `INSERT INTO session (organization, user, id, born_at, enrolling, token_hash, evidence, grounds, user_version, last_used_at)
       SELECT organization, id, 'planted', 0, 0, '', '[]', '[]', version, 0 FROM user WHERE username = ?1`,
      alice.username,
    );
  };
  await expect(expectNothingChanged(harness, forgotten)).rejects.toThrow("planted");
});
