// A143 of ATTACKS.md: what a proof is checked against changes while the proof is on its way, after the decision and
// before the commit. A decision that is made again begins with the proof.

import { randomBytes } from "node:crypto";
import {
  newApplication,
  newBrowser,
  passkeyQuestion,
  type Caller,
  type Organization,
  type Person,
} from "../harness/client.ts";
import { codeAt } from "../harness/codes.ts";
import { expectProblem } from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";
import type { Harness, Stored } from "../harness/harness.ts";
import type { Reply } from "../harness/http.ts";
import { Passkey } from "../harness/passkey.ts";
import { challenges, meanwhile, writingTrip } from "../harness/races.ts";
import { sealedSecret } from "../harness/sealing.ts";

type Send = (headers: Record<string, string>) => Promise<Reply>;

interface Change {
  sql: string;
  values?: unknown[];
}

// --- what can change -----------------------------------------------------------------------------------------

const USER = "(SELECT organization, id FROM user WHERE external_id = ?1)";

/** What a proof is checked against, and how others change it; `moved` says that something of the user did. */
const moved = (person: Person): Change => ({
  sql: "UPDATE user SET version = version + 1 WHERE external_id = ?1",
  values: [person.username],
});

const CHANGES: Record<string, (person: Person, harness: Harness) => Promise<Change[]>> = {
  "the password": async (person) => {
    const other = await person.organization.person();
    const sql = `UPDATE user SET password = (SELECT password FROM user WHERE external_id = ?2) WHERE external_id = ?1`;
    return [{ sql, values: [person.username, other.username] }, moved(person)];
  },
  "the secret of the app": async (person, harness) => {
    const rows = await harness.sql(
      `SELECT organization, user, id FROM authenticator WHERE kind = 'totp' AND (organization, user) IN ${USER}`,
      person.username,
    );
    const { organization, user, id } = rows[0];
    const secret = sealedSecret([organization, user, id], randomBytes(20));
    const sql = "UPDATE authenticator SET secret = ?2 WHERE id = ?1";
    return [{ sql, values: [id, secret] }, moved(person)];
  },
  // The codes stay, so that only a decision by the old set finds one.
  "the set of backup codes": async (person) => {
    const sql = `UPDATE backup_code_set SET parameters = json_set(parameters, '$.salt', ?2)
                 WHERE (organization, user) IN ${USER}`;
    return [{ sql, values: [person.username, randomBytes(16).toString("base64url")] }, moved(person)];
  },
  "the key of the passkey": async (person, harness) => {
    const other = await person.organization.person({ passkey: true });
    const key = `SELECT credential -> '$.public_key' AS key FROM authenticator WHERE (organization, user) IN ${USER}`;
    const [{ key: another }] = await harness.sql(key, other.username);
    const sql = `UPDATE authenticator SET credential = json_set(credential, '$.public_key', json(?2))
                 WHERE kind = 'passkey' AND (organization, user) IN ${USER}`;
    return [{ sql, values: [person.username, another] }, moved(person)];
  },
  "the policy, now required": async (person) => [
    {
      sql: `UPDATE organization SET policy = json_set(policy, '$.mode', 'required'),
              policy_version = policy_version + 1 WHERE external_id = ?1`,
      values: [person.organization.id],
    },
  ],
  "the role, now owner": async (person) => [
    { sql: "UPDATE user SET role = 'owner' WHERE external_id = ?1", values: [person.username] },
    moved(person),
  ],
  "the state, now disabled": async (person) => [
    { sql: "UPDATE user SET state = 'disabled' WHERE external_id = ?1", values: [person.username] },
    moved(person),
  ],
};

// --- what a proof is for -------------------------------------------------------------------------------------

interface Prepared {
  person: Person;
  go: Send;
}

interface Purpose {
  name: string;
  /** Every sending is from a tab of its own. */
  prepare: (acme: Organization, harness: Harness) => Promise<Prepared>;
  /** What the answer says when these change meanwhile. */
  answers: Record<string, string>;
}

/** Alice with a session of two factors, a moment ago. */
async function fresh(acme: Organization): Promise<Person> {
  const alice = await acme.person({ totp: true });
  await alice.signInFully();
  return alice;
}

const bySecondFactor = { "the state, now disabled": "expired", "the role, now owner": "expired" };
const changing = {
  "the policy, now required": "conflict",
  "the role, now owner": "conflict",
  "the state, now disabled": "conflict",
};

const PURPOSES: Purpose[] = [
  {
    name: "signing in by password",
    prepare: async (acme, harness) => {
      const person = await acme.person();
      const body = { organization: acme.id, username: person.username, password: person.password };
      return { person, go: (headers) => newBrowser(harness).post("/v1/sign-ins/password", body, headers) };
    },
    answers: {
      "the password": "not_accepted",
      "the policy, now required": "enroll",
      "the role, now owner": "enroll",
      "the state, now disabled": "not_accepted",
    },
  },
  {
    name: "signing in by password, a factor enrolled",
    prepare: async (acme, harness) => {
      const person = await acme.person({ totp: true });
      const body = { organization: acme.id, username: person.username, password: person.password };
      return { person, go: (headers) => newBrowser(harness).post("/v1/sign-ins/password", body, headers) };
    },
    answers: {
      "the password": "not_accepted",
      "the policy, now required": "challenge",
      "the state, now disabled": "not_accepted",
    },
  },
  {
    name: "signing in by password on a trusted browser",
    prepare: async (acme) => {
      const person = await acme.person({ totp: true });
      await person.trust();
      const body = { organization: acme.id, username: person.username, password: person.password };
      return { person, go: (headers) => person.browser.copy().post("/v1/sign-ins/password", body, headers) };
    },
    answers: { "the password": "not_accepted", "the state, now disabled": "not_accepted" },
  },
  {
    name: "signing in at an application",
    prepare: async (acme, harness) => {
      const person = await acme.person();
      const body = { organization: acme.id, user: person.username, first_factor: { method: "password" } };
      return { person, go: (headers) => newApplication(harness).post("/v1/sign-ins", body, headers) };
    },
    answers: {
      "the policy, now required": "enroll",
      "the role, now owner": "enroll",
      "the state, now disabled": "refuse",
    },
  },
  {
    name: "signing in by a code",
    prepare: async (acme, harness) => {
      const person = await acme.person({ totp: true });
      const token = await person.challenge();
      return {
        person,
        go: (headers) => person.verify(token, person.code(), newBrowser(harness), {}, headers),
      };
    },
    answers: {
      "the secret of the app": "expired",
      "the policy, now required": "complete",
      ...bySecondFactor,
    },
  },
  {
    name: "signing in by a backup code",
    prepare: async (acme, harness) => {
      const person = await acme.person({ totp: true });
      const [token, code] = [await person.challenge(), person.backupCodes[0]!];
      return { person, go: (headers) => person.useBackupCode(token, code, newBrowser(harness), headers) };
    },
    answers: { "the set of backup codes": "expired", ...bySecondFactor },
  },
  {
    name: "signing in by a passkey",
    prepare: async (acme, harness) => {
      const person = await acme.person({ passkey: true });
      const question = await person.question(newBrowser(harness));
      return {
        person,
        go: (headers) => person.assert(question, {}, newBrowser(harness), undefined, headers),
      };
    },
    answers: { "the key of the passkey": "expired", ...bySecondFactor },
  },
  {
    name: "signing in by a passkey alone",
    prepare: async (acme, harness) => {
      const person = await acme.person({ passkey: true });
      const question = await passkeyQuestion(newBrowser(harness));
      return {
        person,
        go: (headers) => person.assert(question, {}, newBrowser(harness), undefined, headers),
      };
    },
    answers: {
      "the key of the passkey": "not_accepted",
      "the policy, now required": "complete",
      "the role, now owner": "complete",
      "the state, now disabled": "not_accepted",
    },
  },
  {
    name: "stepping up by a code",
    prepare: async (acme, harness) => {
      const person = await fresh(acme);
      await harness.advance(30);
      const token = await person.openStepUp();
      return {
        person,
        go: (headers) => person.verify(token, person.code(), person.browser.copy(), {}, headers),
      };
    },
    answers: { "the secret of the app": "expired", ...bySecondFactor },
  },
  {
    name: "stepping up by a backup code",
    prepare: async (acme) => {
      const person = await fresh(acme);
      const [token, code] = [await person.openStepUp(), person.backupCodes[0]!];
      return { person, go: (headers) => person.useBackupCode(token, code, person.browser.copy(), headers) };
    },
    answers: { "the set of backup codes": "expired", ...bySecondFactor },
  },
  {
    name: "stepping up by a passkey",
    prepare: async (acme) => {
      const person = await acme.person({ passkey: true });
      const opened = await person.browser.post("/v1/challenges", { purpose: "step_up" });
      const { challenge } = opened.json;
      return {
        person,
        go: (headers) => person.assert(challenge, {}, person.browser.copy(), undefined, headers),
      };
    },
    answers: { "the key of the passkey": "expired", ...bySecondFactor },
  },
  {
    name: "stepping up by the password",
    prepare: async (acme) => {
      const person = await acme.person();
      await person.signIn();
      const body = { challenge: await person.openStepUp(), method: "password", password: person.password };
      return { person, go: (headers) => person.browser.copy().post("/v1/challenges/verify", body, headers) };
    },
    answers: { "the password": "expired", ...bySecondFactor },
  },
  {
    name: "turning it all off",
    prepare: async (acme) => {
      const person = await fresh(acme);
      const body = { password: person.password };
      return { person, go: (headers) => person.browser.copy().delete("/v1/me/mfa", body, headers) };
    },
    answers: { "the password": "conflict", ...changing },
  },
  {
    name: "enrolling an app",
    prepare: async (acme, harness) => {
      const person = await acme.person();
      await person.signIn();
      const { enrollment } = (await person.browser.post("/v1/me/totp", {})).json;
      const code = codeAt(enrollment.secret, harness.time());
      const body = { enrollment: enrollment.id, code, name: "Tablet" };
      return { person, go: (headers) => person.browser.copy().post("/v1/me/totp/confirm", body, headers) };
    },
    answers: { "the password": "conflict", ...changing },
  },
  {
    name: "enrolling a passkey",
    prepare: async (acme, harness) => {
      const person = await acme.person();
      await person.signIn();
      const { token, options } = await person.beginPasskey();
      const body = { enrollment: token, credential: new Passkey(harness.origin).create(options) };
      return {
        person,
        go: (headers) => person.browser.copy().post("/v1/me/passkeys/confirm", body, headers),
      };
    },
    answers: { "the password": "conflict", ...changing },
  },
];

/** What anything can be built on: sessions that may do more than enroll, browsers still trusted, authenticators. */
async function held(harness: Harness): Promise<string[]> {
  const { session, trusted_device, authenticator } = await harness.tables();
  const bare = (rows: string[]) => rows.map((row) => row.replace(/"(user_version|last_used_at)":\d+/g, ""));
  const sessions = session!.filter((row) => !/"enrolling":1/.test(row));
  const trusted = trusted_device!.filter((row) => /"ended_at":null/.test(row));
  return [...bare(sessions), ...trusted, ...authenticator!];
}

for (const { name, prepare, answers } of PURPOSES) {
  test(`A143 the truth swapped before the commit: ${name}`, async ({ acme, harness }) => {
    test.setTimeout(300_000);
    // Owners have to; who is none is free to.
    const required = { "the role, now owner": { mode: "required", scope: { roles: ["owner"] } } };
    const trip = await writingTrip(harness, (await prepare(acme, harness)).go);
    expect(trip).toBeDefined();
    const ready = new Map<unknown, Prepared & { stored: Stored }>();
    for (const [what, expected] of Object.entries(answers)) {
      const policy = Object.entries(required).find(([when]) => when === what)?.[1] ?? { mode: "optional" };
      if (!ready.has(policy.mode)) {
        expect((await acme.setPolicy({ scope: "everyone", ...policy })).status).toBe(200);
        await harness.advance(1);
        const prepared = await prepare(acme, harness);
        ready.set(policy.mode, { ...prepared, stored: await harness.stored() });
      }
      const { person, go, stored } = ready.get(policy.mode)!;
      await harness.restore(stored);
      const changes = await CHANGES[what]!(person, harness);
      const before = new Set(await held(harness));
      const reply = await go({ "x-fault": meanwhile(trip!, ...changes) });
      const told = `${what}: ${reply.status} ${reply.text}`;
      expect(reply.json?.code ?? reply.json?.decision, told).toBe(expected);
      if (expected === "complete") continue;
      const after = await held(harness);
      const come = after.filter((row) => !before.has(row));
      expect(
        come.filter((row) => !changed(what, row)),
        told,
      ).toEqual([]);
    }
  });
}

/** The row that the swap itself changed. */
function changed(what: string, row: string): boolean {
  return /app|passkey/.test(what) && /"kind":/.test(row);
}

// --- races ---------------------------------------------------------------------------------------------------

for (const wait of [0, 40]) {
  test(`A143 the old password, while it is changed: 20 rounds, ${wait} ms before each write`, async ({
    acme,
    harness,
    application,
  }) => {
    test.setTimeout(600_000);
    const fault: Record<string, string> = wait ? { "x-fault": `d1-wait=${wait}` } : {};
    for (let round = 0; round < 20; round += 1) {
      const alice = await acme.person();
      const own = newBrowser(harness);
      await alice.signIn(own);
      // Quick enough that no gate closes, and few enough that every one of them is hashed.
      const tries = [1, 2].map(() => signIn(alice, newBrowser(harness), fault));
      const password = `pw ${randomBytes(9).toString("base64url")}`;
      const change =
        round % 2 === 0
          ? application.put(`${acme.path}/users/${encodeURIComponent(alice.username)}`, {
              username: alice.username,
              email: alice.username,
              name: "Alice",
              role: "member",
              groups: [],
              state: "active",
              password,
            })
          : own.put("/v1/me/password", { password });
      const [changed, ...signedIn] = await Promise.all([change, ...tries]);
      expect(changed.status, changed.text).toBeLessThan(300);
      for (const { reply, browser } of signedIn) {
        // Before the change or not at all: what was opened before it has ended with it.
        if (reply.status === 200) expectProblem(await browser.get("/v1/me"), "unauthenticated");
        else expectProblem(reply, "not_accepted", "throttled");
      }
      const alive = await harness.sql(
        `SELECT s.id FROM session s JOIN user u ON (u.organization, u.id) = (s.organization, s.user)
         WHERE u.external_id = ?1 AND s.ended_at IS NULL AND coalesce(s.user_version, u.version) = u.version`,
        alice.username,
      );
      expect(alive.length, `round ${round}`).toBe(round % 2);
    }
  });
}

for (const wait of [0, 2]) {
  test(`A143 fifty codes of an app that is being removed: 20 rounds, ${wait} ms before each write`, async ({
    acme,
    harness,
  }) => {
    test.setTimeout(600_000);
    const fault: Record<string, string> = wait ? { "x-fault": `d1-wait=${wait}` } : {};
    const alice = await acme.person({ totp: true });
    await alice.signInFully();
    await alice.enroll("Tablet");
    await harness.advance(60);
    const tokens = await challenges(alice, 50);
    const code = alice.code();
    const ready = await harness.stored();
    for (let round = 0; round < 20; round += 1) {
      await harness.restore(ready);
      const browsers = tokens.map(() => newBrowser(harness));
      const path = `/v1/me/authenticators/${alice.authenticators[0]!.id}`;
      const verify = (token: string, at: number) => alice.verify(token, code, browsers[at], {}, fault);
      const [first, rest] = [tokens.slice(0, 25), tokens.slice(25)];
      const [before, removed, after] = await Promise.all([
        Promise.all(first.map((token, at) => verify(token, at))),
        alice.browser.copy().delete(path),
        Promise.all(rest.map((token, at) => verify(token, at + 25))),
      ]);
      // Whoever was first: the code was good once, and what rests on the app ended with it; or it was never good.
      expect([204, 409]).toContain(removed.status);
      const good = [...before, ...after].filter(({ status }) => status === 200);
      expect(good.length).toBeLessThanOrEqual(1);
      if (removed.status !== 204) continue;
      for (const browser of browsers) expectProblem(await browser.get("/v1/me"), "unauthenticated");
    }
  });
}

async function signIn(
  alice: Person,
  browser: Caller,
  headers: Record<string, string>,
): Promise<{ reply: Reply; browser: Caller }> {
  const { organization, username, password } = alice;
  const body = { organization: organization.id, username, password };
  return { reply: await browser.post("/v1/sign-ins/password", body, headers), browser };
}
