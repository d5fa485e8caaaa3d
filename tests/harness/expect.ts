// Statements about answers and about what they left behind.

import { expect } from "@playwright/test";
import type { Harness, Tables } from "./harness.ts";
import type { Reply } from "./http.ts";

/** Tables in which a refused attempt may leave something: what happened, how often, how long to wait, whom to tell. */
const RECORDS = new Set(["event", "organization_day", "throttle", "mail"]);

const STATUS: Record<string, number> = {
  malformed: 400,
  unauthenticated: 401,
  not_accepted: 401,
  forbidden: 403,
  step_up_required: 403,
  enrollment_required: 403,
  policy_forbids: 403,
  cross_origin: 403,
  not_found: 404,
  method_not_allowed: 405,
  authenticator_required: 409,
  conflict: 409,
  expired: 410,
  too_large: 413,
  unsupported_media_type: 415,
  throttled: 429,
  fault: 500,
  unavailable: 503,
};

/** The answer is the problem document of one of these codes. */
export function expectProblem(reply: Reply, ...codes: string[]): void {
  const code = reply.json?.code;
  expect(codes, `${reply.status} ${reply.text}`).toContain(code);
  expect(reply.status, reply.text).toBe(STATUS[code]);
  expect(reply.headers["content-type"]).toBe("application/problem+json");
  expect(reply.json.status).toBe(reply.status);
  expect(typeof reply.json.title).toBe("string");
  expect(typeof reply.json.request_id).toBe("string");
  if (code === "throttled") {
    // A method that is disabled says what to do instead: waiting does not help.
    if (reply.json.detail === undefined) expect(Number(reply.headers["retry-after"])).toBeGreaterThan(0);
    else expect(reply.headers["retry-after"]).toBeUndefined();
  }
}

/** The answer is 200 and decides `decision`. */
export function expectDecision(reply: Reply, decision: string): void {
  expect(reply.status, reply.text).toBe(200);
  expect(reply.json.decision, reply.text).toBe(decision);
}

/** NC: runs `work` and asserts that all tables but audit and throttle are equal before and after. */
export async function expectNothingChanged<T>(harness: Harness, work: () => Promise<T>): Promise<T> {
  const before = await harness.tables();
  const result = await work();
  expect(differences(before, await harness.tables())).toEqual([]);
  return result;
}

/** NC, and the records too: as if the request had never come. */
export async function expectNothingWritten<T>(harness: Harness, work: () => Promise<T>): Promise<T> {
  const before = await harness.tables();
  const result = await work();
  expect(differences(before, await harness.tables(), new Set())).toEqual([]);
  return result;
}

/** The rows that only one of two dumps has, each with its table. */
export function differences(before: Tables, after: Tables, except = RECORDS): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names]
    .filter((name) => !except.has(name))
    .flatMap((name) => {
      const [was, is] = [rows(name, before), rows(name, after)].map((all) =>
        // Tries that are counted, like those in the throttle: nothing is spent yet.
        except === RECORDS ? new Set([...all].filter((row) => !/"tries_left":[1-9]/.test(row))) : all,
      ) as [Set<string>, Set<string>];
      return [
        ...[...was].filter((row) => !is.has(row)).map((row) => `- ${name} ${row}`),
        ...[...is].filter((row) => !was.has(row)).map((row) => `+ ${name} ${row}`),
      ];
    });
}

/** That a session was used is written down at most once a minute, by whichever request comes then. */
function rows(table: string, tables: Tables): Set<string> {
  const all = tables[table] ?? [];
  return new Set(table === "session" ? all.map((row) => row.replace(/"last_used_at":\d+/, "")) : all);
}

/** 401*: the one refusal. Two of them differ in nothing but the request id and the date. */
export function expectSameRefusal(...replies: Reply[]): void {
  const plain = replies.map((reply) => {
    expectProblem(reply, "not_accepted");
    const headers = { ...reply.headers };
    for (const name of Object.keys(headers)) {
      if (/^(date|x-d1-|x-kv-|x-request-id|content-length)/.test(name)) delete headers[name];
    }
    const length = reply.text.length;
    return { status: reply.status, headers, body: { ...reply.json, request_id: "" }, length };
  });
  for (const other of plain) expect(other).toEqual(plain[0]);
}
