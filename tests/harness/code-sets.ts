// Backup codes for people who are only prepared: to hash the ten codes of a set takes most of a second, so the first few
// sets that a server issues are stored again for those who come later.

import type { Harness } from "./harness.ts";
import { newId } from "./sealing.ts";

/** So many people in a row have different codes. */
const MANY = 4;

const next = new WeakMap<Harness, number>();

/** Remembers the set that was issued to a person. */
export async function remember(harness: Harness, [organization, user]: Key, codes: string[]): Promise<void> {
  if (harness.codeSets.length >= MANY) return;
  const [{ key, parameters, look_ups }] = await harness.sql(
    `SELECT s.key, s.parameters, json_group_array(c.look_up) AS look_ups
     FROM backup_code_set s JOIN backup_code c ON (c.organization, c.user) = (s.organization, s.user)
     JOIN user u ON (u.organization, u.id) = (s.organization, s.user)
     JOIN organization o ON o.id = u.organization
     WHERE o.external_id = ?1 AND u.external_id = ?2`,
    organization,
    user,
  );
  harness.codeSets.push({ codes: [...codes], key, parameters, look_ups: JSON.parse(look_ups) });
}

/** Stores a set for a person who has none, as the first authenticator would; answers its codes, if there are any yet. */
export async function lend(harness: Harness, [organization, user]: Key): Promise<string[] | undefined> {
  if (harness.codeSets.length < MANY) return undefined;
  const turn = next.get(harness) ?? 0;
  next.set(harness, turn + 1);
  const { codes, key, parameters, look_ups } = harness.codeSets[turn % MANY]!;
  // None where the policy asks for codes of another format.
  const [stored] = await harness.sql(
    `INSERT INTO backup_code_set (organization, user, id, key, parameters, created_at)
     SELECT u.organization, u.id, ?3, ?4, ?5, ?6 FROM user u JOIN organization o ON o.id = u.organization
     WHERE o.external_id = ?1 AND u.external_id = ?2 AND o.policy ->> '$.backup_codes' = ?5 ->> '$.format'
     RETURNING organization, user`,
    organization,
    user,
    newId("b"),
    key,
    parameters,
    harness.time(),
  );
  if (stored === undefined) return undefined;
  await harness.sql(
    "INSERT INTO backup_code (organization, user, look_up) SELECT ?1, ?2, value FROM json_each(?3)",
    stored.organization,
    stored.user,
    JSON.stringify(look_ups),
  );
  return [...codes];
}

/** How an application calls an organization, and a user in it. */
type Key = [organization: string, user: string];
