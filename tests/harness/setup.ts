import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate } from "../../scripts/serve.mjs";
import { ROOT } from "../../scripts/steps.mjs";

/** A database with every migration applied, made once; each server starts from a copy of it. */
export default async function setup(): Promise<() => void> {
  const state = mkdtempSync(join(tmpdir(), "postern-tests-"));
  await migrate(state, join(ROOT, "tests/harness/wrangler.toml"));
  process.env.POSTERN_TEST_STATE = state;
  return () => rmSync(state, { recursive: true, force: true });
}
