// `npm test`: everything there is to check, from formatting to a real browser. Ends with one line that counts.
// `npm test -- --only native` (or api, …) runs a part, `npm test -- --grep A1` a part of the HTTP tests.

import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs, stripVTControlCharacters } from "node:util";
import { circles } from "./circles.mjs";
import { packages, pyotp, rust, testers, tools } from "./machine.mjs";
import { answer, exitStatus, main, printTimings, ROOT, step, Stop } from "./steps.mjs";

const PARTS = [
  "format",
  "lint",
  "types",
  "native",
  "workerd",
  "api",
  "attacks",
  "browser",
  "engines",
  "alone",
];
/** Measures, and says nothing about right and wrong: only when asked for. */
const BENCH = "bench";
const { values: flags } = parseArgs({
  options: { only: { type: "string" }, grep: { type: "string" } },
});
const wanted = (part) => flags.only?.split(",").includes(part) ?? part !== BENCH;

const counts = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
const remarks = [];

await main(async () => {
  for (const part of flags.only?.split(",") ?? []) {
    const parts = [...PARTS, BENCH];
    if (!parts.includes(part)) throw new Stop(`no such part: ${part} (there are ${parts.join(", ")})`);
  }
  await rust();
  await packages();
  const missing = await testers();
  if (missing.length > 0)
    remarks.push(`missing, what needs them failed or was skipped: ${missing.join(", ")}`);

  if (wanted("format")) {
    await format();
    await map();
  }
  if (wanted("lint")) await lint();
  if (wanted("native")) await native();
  await tools();
  if (wanted("types")) await types();
  if (wanted("workerd") || wanted(BENCH)) await workerd();
  if (["api", "attacks", "browser", "engines", "alone"].some(wanted)) {
    process.env.POSTERN_PYTHON = (await pyotp()) ?? "";
    if (!process.env.POSTERN_PYTHON) remarks.push("no pyotp: key URIs were read by otpauth only");
    const built = await buildWorker();
    const drawn = await buildPages();
    if (built && drawn) await served();
  }
  report();
});

async function format() {
  await check("Formatting of Rust", "cargo", ["fmt", "--all", "--check"]);
  await check("Formatting of everything else", "prettier", [
    "--check",
    "--log-level",
    "warn",
    "scripts",
    "tests",
    "www",
  ]);
}

/** The README names files that exist. */
async function map() {
  await step("Files that the README names", "", () => {
    const text = readFileSync(join(ROOT, "README.md"), "utf8");
    const paths = [...text.matchAll(/`((?:src|worker|www|tests|scripts|docs)\/[\w./-]+)`/g)].map(
      ([, path]) => path,
    );
    const missing = paths.filter((path) => !existsSync(join(ROOT, path)));
    outcome(paths.length > 20 && missing.length === 0, `the README names ${missing.join(", ")}`);
  });
}

async function types() {
  await document();
  // The browser package's types are made with it.
  if (!(await buildPages())) return;
  await check("Types of the tests", "tsc", ["--noEmit", "-p", "tests/tsconfig.json"]);
  await check("Types of the pages", "tsc", ["--noEmit", "-p", "www/tsconfig.json"]);
}

/** The API's document is made from the types of the routes. */
async function document() {
  const title = "The API's document is what the types say";
  const holds = await step(title, "", () => {
    const args = ["run", "--quiet", "-p", "postern-worker", "--example", "openapi"];
    return answer("cargo", args) === readFileSync(join(ROOT, "docs/openapi.json"), "utf8").trim();
  });
  outcome(holds, `${title}: npm run build:openapi makes it anew`);
  // As recommended, with warnings as errors: examples are compared with their schemas, too.
  await check("The API's document is valid OpenAPI", "redocly", [
    "lint",
    "--extends=recommended-strict",
    "docs/openapi.json",
  ]);
}

function buildPages() {
  return check("Building the pages (about 1 minute when cold)", "npm", ["run", "--silent", "build:www"]);
}

async function lint() {
  await check("Clippy over the workspace", "cargo", [
    "clippy",
    "--workspace",
    "--all-targets",
    "--quiet",
    "--",
    "-D",
    "warnings",
  ]);
  await step("The core asks nobody for time or randomness", "", () => {
    const tree = answer("cargo", ["tree", "-p", "postern", "-e", "normal", "--prefix", "none"]) ?? "";
    const found = tree.split("\n").filter((line) => /^(getrandom|rand|rand_core) /.test(line));
    // rand_core alone is a trait without a generator behind it.
    const bad = found.filter((line) => !line.startsWith("rand_core "));
    outcome(tree !== "" && bad.length === 0, `the core depends on ${bad.join(", ") || "an unreadable tree"}`);
  });
  await step("No circles of files", "", () => {
    const found = circles().map((files) => files.join(" ↔ "));
    outcome(found.length === 0, `files that use each other in a circle: ${found.join("; ")}`);
  });
  // Reads TypeScript with a package that is there by now.
  const { wording } = await import("./wording.mjs");
  await step("No sentence outside the tables of words", "", () => {
    const found = wording();
    outcome(
      found.length === 0,
      `sentences that belong into www/elements/words:\n    ${found.join("\n    ")}`,
    );
  });
}

async function native() {
  await cargoTest("Native tests", ["test", "--workspace", "--quiet"]);
}

async function cargoTest(title, args, env = {}) {
  let said = "";
  const status = await step(title, "the first time some minutes", () =>
    exitStatus("cargo", args, { env, tee: (text) => (said += text) }),
  );
  let failed = 0;
  for (const line of said.matchAll(/test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/g)) {
    counts.passed += Number(line[1]);
    failed += Number(line[2]);
    counts.skipped += Number(line[3]);
  }
  counts.failed += failed;
  // A crate that does not compile counts no test.
  if (status !== 0 && failed === 0) counts.failed += 1;
  if (status !== 0) failures.push(title);
}

/** The core and WebCrypto, asked directly inside workerd. */
async function workerd() {
  const built = await check("Building what is asked inside workerd (about 3 minutes when cold)", "node", [
    "scripts/build-bench.mjs",
  ]);
  const config = "tests/bench/playwright.config.ts";
  if (built && wanted("workerd")) await playwright("Tests inside workerd", ["workerd"], [], config);
  if (built && wanted(BENCH) && (await buildWorker()))
    await playwright("Speed inside workerd", [BENCH], [], config);
}

function buildWorker() {
  return check("Building the Worker (about 3 minutes when cold)", "npm", ["run", "--silent", "build:worker"]);
}

/** API, attack and browser tests: two servers side by side, then what needs the machine for itself. */
async function served() {
  const projects = ["api", "attacks", "browser", "engines"].filter(wanted);
  if (projects.length > 0) await playwright("Tests over HTTP and in browsers", projects, []);
  if (wanted("alone")) await playwright("Tests that measure time, alone", ["alone"], ["--workers=1"]);
}

async function playwright(title, projects, more, config = "tests/playwright.config.ts") {
  const file = join(ROOT, "test-results", `${projects.join("-")}.json`);
  mkdirSync(join(ROOT, "test-results"), { recursive: true });
  rmSync(file, { force: true });
  const status = await step(title, "", () =>
    exitStatus(
      "playwright",
      ["test", "--config", config, "--pass-with-no-tests"]
        .concat(projects.flatMap((name) => ["--project", name]))
        .concat(flags.grep ? ["--grep", flags.grep] : [], more),
      { env: { PLAYWRIGHT_JSON_OUTPUT_FILE: file } },
    ),
  );
  try {
    const { stats, suites } = JSON.parse(readFileSync(file, "utf8"));
    counts.passed += stats.expected;
    counts.failed += stats.unexpected + stats.flaky;
    counts.skipped += stats.skipped;
    failures.push(...suites.flatMap(failedTests));
  } catch {
    counts.failed += 1;
  }
  if (status !== 0) failures.push(title);
}

/** The failed tests of a suite and of those in it, each with the first lines of what it said. */
function failedTests(suite) {
  const own = (suite.specs ?? [])
    .filter((spec) => !spec.ok)
    .map((spec) => {
      const errors = spec.tests.flatMap((test) => test.results.flatMap((result) => result.errors));
      const said = stripVTControlCharacters(errors[0]?.message ?? "")
        .split("\n")
        .slice(0, 12);
      return [`${spec.file}:${spec.line} › ${spec.title}`, ...said].join("\n    ");
    });
  return own.concat((suite.suites ?? []).flatMap(failedTests));
}

/** A check that is one test: it holds or it does not. */
async function check(title, command, args) {
  const status = await step(title, "", () => exitStatus(command, args));
  return outcome(status === 0, title);
}

function outcome(holds, otherwise) {
  counts[holds ? "passed" : "failed"] += 1;
  if (!holds) failures.push(otherwise);
  return holds;
}

function report() {
  printTimings();
  for (const remark of remarks) console.log(`\nNote: ${remark}`);
  for (const failure of failures) console.log(`\n✗ ${failure}`);
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
  console.log(`\n${counts.passed} passed, ${counts.failed} failed${skipped}`);
  if (counts.failed > 0 || failures.length > 0) process.exitCode = 1;
}
