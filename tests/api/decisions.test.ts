// The table of decisions through the Worker: each row as a live session under its policy.

import { newBrowser, type Caller, type Person } from "../harness/client.ts";
import { evidence, policy, rows, type Row } from "../harness/decisions.ts";
import { expect, test } from "../harness/fixtures.ts";

const STATUS: Record<string, [number, string | undefined]> = {
  complete: [200, undefined],
  challenge: [403, "step_up_required"],
  enroll: [403, "enrollment_required"],
  refuse: [401, "unauthenticated"],
};

test("the table of decisions, on live sessions", async ({ acme, harness, application }) => {
  test.setTimeout(300_000);
  const now = harness.time();
  const table = rows();
  expect(table.length).toBe(2304);

  // One session for each person and each thing shown; its evidence is written as the row says.
  const people = new Map<string, Person>();
  for (const role of ["owner", "member"]) {
    people.set(`${role} none`, await acme.person({ role }));
    people.set(`${role} totp`, await acme.person({ role, totp: true }));
  }
  await harness.freeze(now);
  const asked = await acme.setPolicy({ mode: "off" }, 2);
  expect(asked.status, asked.text).toBe(200);
  const sessions = new Map<string, Caller>();
  const key = (row: Row) => [row.role, row.enrolled, row.signIn, row.device, row.restricted].join(" ");
  for (const row of table) {
    if (sessions.has(key(row))) continue;
    const person = people.get(`${row.role} ${row.enrolled}`)!;
    const body = {
      organization: acme.id,
      user: person.username,
      first_factor: { method: "password" },
      surface: "control_panel",
      session: "bearer",
    };
    const { session } = (await application.post("/v1/sign-ins", body)).json;
    const caller = newBrowser(harness);
    caller.bearer = session.token;
    sessions.set(key(row), caller);
    await harness.sql(
      "UPDATE session SET evidence = ?1 WHERE id = ?2",
      JSON.stringify(evidence(row, now)),
      session.id,
    );
  }
  expect(sessions.size).toBe(64);

  // Our own routes are no surface: they ask as if the one that is not asked were like any other.
  const known = new Map(table.map((row) => [cause(row), row.decision]));
  const here = (row: Row) =>
    known.get(cause(row.surface === "not_asked" ? { ...row, surface: "default" } : row))!;

  const wrong: string[] = [];
  const policies = new Map<string, Row[]>();
  for (const row of table) {
    const written = JSON.stringify(policy(row, now));
    policies.set(written, [...(policies.get(written) ?? []), row]);
  }
  for (const [written, under] of policies) {
    // A deadline that has passed cannot be set, only come to be.
    await harness.sql("UPDATE organization SET policy = ?1 WHERE external_id = ?2", written, acme.id);
    const answers = await Promise.all(
      under.map(async (row) => {
        const caller = sessions.get(key(row))!;
        const [status, code] = STATUS[here(row)]!;
        const reply = await caller.get("/v1/me");
        const explained = (await caller.get("/v1/session?explain=1")).json;
        const why = explained.reasons?.at(-1);
        const right =
          reply.status === status &&
          (status === 200 || reply.json.code === code) &&
          explained.decision === row.decision &&
          why === row.why &&
          (explained.rule === undefined) === (row.role === "member") &&
          (explained.assurance === undefined) === (row.decision !== "complete");
        return right
          ? []
          : [`${Object.values(row).join(" ")}: ${reply.status} ${why} ${reply.text.slice(0, 80)}`];
      }),
    );
    wrong.push(...answers.flat());
  }
  expect(wrong.slice(0, 20)).toEqual([]);
});

/** What a decision follows from. */
function cause(row: Row): string {
  const { decision: _, why: __, ...rest } = row;
  return Object.values(rest).join(" ");
}
