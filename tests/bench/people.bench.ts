// How long owners wait for their people in an organization of 100,000: lists, filters, search and the overview, each
// first page with its counts, over HTTP and D1. `npm run bench`.

import { availableParallelism, loadavg } from "node:os";
import { test as base } from "@playwright/test";
import { newOrganization } from "../harness/client.ts";
import { Harness } from "../harness/harness.ts";
import setup from "../harness/setup.ts";
import { median } from "./fixtures.ts";

const PEOPLE = 100_000;
/** People that one statement adds. */
const PORTION = 10_000;
const ROUNDS = 21;
const TARGET_MS = 50;

/** Names that begin with each letter; everyone is in one group, one in 500 in another. */
const ADD = `
INSERT INTO user (organization, id, external_id, created_at, version, username, name, email, role, groups, state, handle)
WITH RECURSIVE n(i) AS (SELECT ?2 UNION ALL SELECT i + 1 FROM n WHERE i < ?3)
SELECT o.id, printf('u_%026d', i), printf('p%06d', i), unixepoch(), 1, printf('p%06d', i),
  char(97 + i * 7 % 26) || printf('name %06d', i), printf('p%06d@acme.test', i), iif(i % 1000 = 0, 'admin', 'member'),
  iif(i % 500 = 0, '["all","night"]', '["all"]'), iif(i % 100 = 0, 'disabled', 'active'), ?4
FROM organization o, n WHERE o.external_id = ?1`;

const QUESTIONS: Record<string, string> = {
  list: "/users",
  "list, 10 a page": "/users?limit=10",
  "list, the second page": "/users?cursor=p000100",
  "list by name": "/users?sort=name",
  missing: "/users?enrollment=missing",
  "a group of everyone": "/users?group=all",
  "a group of everyone, by name": "/users?group=all&sort=name",
  "a group of 200": "/users?group=night",
  disabled: "/users?state=disabled",
  admins: "/users?role=admin",
  "search, one letter": "/users?search=a",
  "search, a name": "/users?search=hname%20000001",
  overview: "/overview",
};

base(`the people of an organization of ${PEOPLE.toLocaleString("en")}`, async () => {
  const clear = await setup();
  const harness = await Harness.start();
  try {
    const acme = await newOrganization(harness);
    for (let from = 1; from < PEOPLE; from += PORTION) {
      await harness.sql(ADD, acme.id, from, from + PORTION - 1, "A".repeat(43));
    }
    // Without the client of the tests, which holds each answer against the document.
    const headers = { authorization: `Bearer ${harness.apiKey}` };
    for (const [what, path] of Object.entries(QUESTIONS)) {
      const times: number[] = [];
      for (let round = -2; round < ROUNDS; round += 1) {
        const from = performance.now();
        const answer = await fetch(harness.origin + acme.path + path, { headers });
        const text = await answer.text();
        const took = performance.now() - from;
        base.expect(answer.status, text).toBe(200);
        // The first two warm up.
        if (round >= 0) times.push(took);
      }
      const reached = median(times) <= TARGET_MS ? "reached" : "missed";
      console.log(
        `  ${what.padEnd(30)} ${median(times).toFixed(1).padStart(6)} ms (${TARGET_MS} ${reached}; ` +
          `${Math.min(...times).toFixed(1)} to ${Math.max(...times).toFixed(1)})`,
      );
    }
    console.log(`  load ${loadavg()[0]!.toFixed(1)} on ${availableParallelism()} cores`);
  } finally {
    await harness.stop();
    clear();
  }
});
