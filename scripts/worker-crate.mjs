// Builds a Worker crate into a folder: index.js (glue) and index_bg.wasm.
// Cargo decides what has to be compiled; what follows runs only when its output changed.

import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, run, runQuietly } from "./steps.mjs";
import { FEATURES } from "./wasm-features.mjs";

const target = process.env.CARGO_TARGET_DIR ?? join(ROOT, "target");

/**
 * @param {{ folder: string, library: string, staging: string, out: string }} crate where it is, what Cargo calls its
 *   library, and where the parts and the whole go
 */
export async function buildWorkerCrate({ folder, library, staging, out }) {
  // The same command as worker-build's own, so that it finds nothing left to compile.
  await run("cargo", ["build", "--lib", "--release", "--target", "wasm32-unknown-unknown", "--quiet"], {
    cwd: folder,
  });
  const compiled = readFileSync(join(target, `wasm32-unknown-unknown/release/${library}.wasm`));
  const self = readFileSync(new URL(import.meta.url));
  const lock = readFileSync(join(ROOT, "package-lock.json"));
  const from = createHash("sha256").update(compiled).update(self).update(lock).digest("hex");
  const stamp = join(out, "built-from");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === from) return;
  await runQuietly("worker-build", [folder, "--release", "--no-opt", "--out-dir", staging], {
    // Without these it would download them.
    env: {
      WASM_BINDGEN_BIN: join(ROOT, "target/tools/bin/wasm-bindgen"),
      ESBUILD_BIN: join(ROOT, "node_modules/.bin/esbuild"),
      WASM_OPT_BIN: join(ROOT, "node_modules/.bin/wasm-opt"),
      RUST_LOG: "error",
    },
  });
  mkdirSync(out, { recursive: true });
  await run("wasm-opt", [
    join(staging, "index_bg.wasm"),
    // By name: copies of one generic function stand together, where gzip sees that they are alike.
    ...["-Oz", "--converge", "--reorder-functions-by-name"],
    ...["--strip-debug", "--strip-producers", "--strip-target-features", ...FEATURES],
    ...["-o", join(out, "index_bg.wasm")],
  ]);
  copyFileSync(join(staging, "index.js"), join(out, "index.js"));
  writeFileSync(stamp, from);
}
