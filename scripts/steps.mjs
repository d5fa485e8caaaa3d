// Steps that say what they do, how long it may take and how long it took.
// Node built-ins only: this runs before any package is installed.

import { spawn, spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the repository. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** The Node that wrangler wants (22), from the npm package `node`. */
export const NODE_22 = join(ROOT, "node_modules/node/bin/node");

const timings = [];

/** A failure that already says what to do next; printed without a stack. */
export class Stop extends Error {}

/** Runs one named step. `estimate` is said only where a person would wonder. */
export async function step(title, estimate, work) {
  console.log(`\n▸ ${title}${estimate ? ` (${estimate})` : ""}`);
  const from = performance.now();
  try {
    return await work();
  } finally {
    const seconds = (performance.now() - from) / 1000;
    timings.push({ title, seconds });
    console.log(`  ${seconds.toFixed(1)} s`);
  }
}

/** What every step took, longest first. */
export function printTimings() {
  console.log("\nTime by step:");
  for (const { title, seconds } of [...timings].sort((a, b) => b.seconds - a.seconds)) {
    console.log(`  ${seconds.toFixed(1).padStart(7)} s  ${title}`);
  }
}

/** The environment of every command: our own Node packages and build tools first. */
export function environment(extra = {}) {
  return {
    ...process.env,
    PATH: [join(ROOT, "node_modules/.bin"), join(ROOT, "target/tools/bin"), process.env.PATH ?? ""].join(":"),
    WRANGLER_SEND_METRICS: "false",
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    REDOCLY_SUPPRESS_UPDATE_NOTICE: "true",
    REDOCLY_TELEMETRY: "off",
    WRANGLER_LOG: process.env.WRANGLER_LOG ?? "warn",
    ...extra,
  };
}

/** Runs a command, its output shown. Stops when it fails. */
export async function run(command, args, options) {
  const status = await exitStatus(command, args, options);
  if (status !== 0) {
    throw new Stop(`${[command, ...args].join(" ")} failed (exit ${status})`);
  }
}

/** Runs a command whose output is shown only when it fails. */
export async function runQuietly(command, args, { env = {}, cwd = ROOT } = {}) {
  const child = spawn(command, args, { cwd, env: environment(env), stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += chunk));
  const status = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(code ?? signal));
  });
  if (status !== 0) throw new Stop(`${[command, ...args].join(" ")} failed (exit ${status})\n${said}`);
}

/** Runs a command, its output shown, and answers its exit status. `tee` gets a copy of the output. */
export function exitStatus(command, args, { env = {}, cwd = ROOT, tee } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: environment(env),
      stdio: ["ignore", tee ? "pipe" : "inherit", tee ? "pipe" : "inherit"],
    });
    child.on("error", reject);
    for (const [from, to] of tee
      ? [
          [child.stdout, process.stdout],
          [child.stderr, process.stderr],
        ]
      : []) {
      from.on("data", (chunk) => {
        to.write(chunk);
        tee(chunk.toString());
      });
    }
    child.on("close", (code, signal) => resolve(code ?? signal));
  });
}

/** What a short command prints, or undefined where it is missing or fails. */
export function answer(command, args, { env = {}, cwd = ROOT } = {}) {
  const result = spawnSync(command, args, { cwd, env: environment(env), encoding: "utf8" });
  return result.status === 0 ? result.stdout.trim() : undefined;
}

/** Runs a script's main function; a `Stop` is printed as a sentence. */
export async function main(work) {
  try {
    await work();
  } catch (error) {
    console.error(`\n✗ ${error instanceof Stop ? error.message : error.stack}`);
    process.exitCode = 1;
  }
}
