// The policy engine in the browser package: the same table as natively and in the Worker. No server takes part.

import { readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import * as web from "../../www/wasm/pkg-all/postern_web.js";
import { evidence, policy, rows } from "../harness/decisions.ts";

const NOW = 1_800_000_000;
const PHONE = "a_aibaeaqcaibaeaqcaibaeaqcai";

test.beforeAll(() => {
  const wasm = new URL("../../www/wasm/pkg-all/postern_web_bg.wasm", import.meta.url);
  web.initSync({ module: readFileSync(wasm) });
});

test("the table of decisions, in the browser's wasm", () => {
  const table = rows();
  expect(table.length).toBe(2304);
  const wrong = table.flatMap((row) => {
    const enrolled = row.enrolled === "totp";
    const person: web.DecisionFacts = {
      role: row.role as web.Role,
      authenticators: enrolled ? [PHONE] : [],
      backup_codes: enrolled,
    };
    const shown = evidence(row, NOW) as unknown as web.Evidence[];
    const said = web.decidePolicy(policy(row, NOW), person, shown, "control_panel", NOW);
    const right = said.decision === row.decision && said.reasons.at(-1) === row.why;
    return right ? [] : [`${Object.values(row).join(" ")}: ${said.decision} ${said.reasons.join(" ")}`];
  });
  expect(wrong.slice(0, 20)).toEqual([]);
});

test("a preview in the browser says what the Worker would", () => {
  const people: web.PersonFacts[] = [
    { user: "ann", role: "member", authenticators: 0 },
    { user: "bob", role: "member", authenticators: 1, trusted_devices: 2 },
    { user: "cy", role: "member", authenticators: 0, sso: true, amr: ["pwd"] },
  ];
  const preview = web.previewPolicy({ mode: "optional" }, { mode: "required" }, people, NOW);
  expect(preview).toEqual({
    people: 3,
    affected: 2,
    effects: [
      { change: "enrolls", from: NOW, people: 1, named: ["ann"] },
      { change: "loses_trust", from: NOW, people: 1, named: ["bob"] },
      { change: "exempt", from: NOW, people: 1, named: ["cy"] },
    ],
  });
  expect(() => web.previewPolicy({}, { grace_until: NOW - 1 }, people, NOW)).toThrow(/grace_until/);
  expect(() => web.previewPolicy({}, { mode: "sometimes" } as object, people, NOW)).toThrow(/mode/);
  expect(() => web.previewPolicy({}, { unknown: 1 } as object, people, NOW)).toThrow(/unknown/);
});
