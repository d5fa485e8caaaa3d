import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { migrate } from "../../scripts/serve.mjs";
import { ROOT } from "../../scripts/steps.mjs";
import { scratch } from "./scratch.ts";

/** What the servers are made of. */
const PARTS = ["build", "tests/harness", "worker/migrations", "www/dist"];

/**
 * A copy of everything that is served, so that nobody's next build changes it under a running test,
 * and a database with every migration applied; each server starts from a copy of that one.
 */
export default async function setup(): Promise<() => void> {
  const folder = scratch("postern-tests-");
  for (const part of PARTS) {
    mkdirSync(join(folder, part), { recursive: true });
    cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  }
  await migrate(join(folder, "state"), join(folder, "tests/harness/wrangler.toml"));
  process.env.POSTERN_TEST_FOLDER = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
