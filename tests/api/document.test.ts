// What the harness holds against the API's document after every test is seen when it departs from it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { ROOT } from "../../scripts/steps.mjs";
import { departures, note } from "../harness/document.ts";
import type { Reply } from "../harness/exchange.ts";

const session = { path: "/v1/session" };
const view = {
  id: `s_${"a".repeat(26)}`,
  aal: "aal1",
  amr: ["pwd"],
  restricted: false,
  trusted_device: false,
  enrolling: false,
  born_at: 1_790_000_000,
  expires_at: 1_790_000_000,
  fresh_until_at: null,
};
const who = { username: "ann", organization: { id: "acme", name: "Acme" } };
const answer = { ...who, decision: "complete", reasons: [], session: view };
const refusal = {
  type: "urn:postern:problem:unauthenticated",
  title: "?",
  status: 401,
  code: "unauthenticated",
  request_id: "r",
};

for (const [what, reply, departs] of [
  ["an answer as described", replied(200, answer), undefined],
  ["a member that is not described", replied(200, { ...answer, more: 1 }), "more"],
  ["one further in", replied(200, { ...answer, session: { ...view, more: 1 } }), "more"],
  ["a member that is missing", replied(200, { ...who, decision: "complete", reasons: [] }), "session"],
  ["a member of another type", replied(200, { ...answer, session: { ...view, aal: 2 } }), "/session/aal"],
  ["a status that is not described", replied(201, answer), "no such status"],
  ["a refusal as described", problem(401, refusal), undefined],
  ["a problem's code of another route", problem(401, { ...refusal, code: "not_accepted" }), "no such code"],
  ["a problem's code that there is not", problem(401, { ...refusal, code: "no" }), "/code"],
] as const)
  test(what, () => {
    departures();
    note(session, reply);
    const found = departures().join("; ");
    if (departs) expect(found).toContain(departs);
    else expect(found).toBe("");
  });

test("every schema, member and parameter says what it is", () => {
  const document = JSON.parse(readFileSync(join(ROOT, "docs/openapi.json"), "utf8"));
  const silent: string[] = [];
  const look = (schema: any, at: string) => {
    if (!schema || typeof schema !== "object") return;
    for (const [name, member] of Object.entries<any>(schema.properties ?? {})) {
      // A reference is described where it leads.
      if (!member.description && !member.$ref && !member.oneOf && member.const === undefined)
        silent.push(`${at}.${name}`);
      look(member, `${at}.${name}`);
    }
    for (const within of [schema.oneOf, schema.anyOf, schema.allOf, schema.items].flat()) look(within, at);
  };
  for (const [name, schema] of Object.entries<any>(document.components.schemas)) {
    if (!schema.description) silent.push(name);
    look(schema, name);
  }
  for (const operation of Object.values<any>(document.paths).flatMap((path) => Object.values<any>(path)))
    for (const { name, description } of operation.parameters ?? [])
      if (!description) silent.push(`${operation.operationId} ${name}`);
  expect(silent).toEqual([]);
});

function replied(status: number, json: object, type = "application/json"): Reply {
  const text = JSON.stringify(json);
  return { status, headers: { "content-type": type }, setCookies: [], text, json, trips: 0 };
}

function problem(status: number, json: object): Reply {
  return replied(status, json, "application/problem+json");
}
