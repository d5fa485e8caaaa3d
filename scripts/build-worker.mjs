// Builds the Worker into build/: index.js (glue) and index_bg.wasm. `wrangler.toml` calls this.
// Cargo decides what has to be compiled; what follows runs only when its output changed.

import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { packages, rust, tools } from "./machine.mjs";
import { main, ROOT, run, runQuietly, Stop } from "./steps.mjs";
import { FEATURES } from "./wasm-features.mjs";

/** What the Worker may weigh, compressed as Cloudflare counts it (DESIGN 12). */
const MOST_KIB = 300;

const target = process.env.CARGO_TARGET_DIR ?? join(ROOT, "target");
const out = join(ROOT, "build");

await main(async () => {
  await rust();
  await packages();
  await tools();

  // The same command as worker-build's own, so that it finds nothing left to compile.
  await run("cargo", ["build", "--lib", "--release", "--target", "wasm32-unknown-unknown", "--quiet"], {
    cwd: join(ROOT, "worker"),
  });
  const compiled = readFileSync(join(target, "wasm32-unknown-unknown/release/postern_worker.wasm"));
  const self = readFileSync(new URL(import.meta.url));
  const lock = readFileSync(join(ROOT, "package-lock.json"));
  const from = createHash("sha256").update(compiled).update(self).update(lock).digest("hex");
  const stamp = join(out, "built-from");
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== from) {
    await assemble();
    writeFileSync(stamp, from);
  }
  weigh();
});

async function assemble() {
  const staging = join(ROOT, "target/worker-build");
  await runQuietly("worker-build", [join(ROOT, "worker"), "--release", "--no-opt", "--out-dir", staging], {
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
    ...["-Oz", "--strip-debug", ...FEATURES],
    ...["-o", join(out, "index_bg.wasm")],
  ]);
  copyFileSync(join(staging, "index.js"), join(out, "index.js"));
}

function weigh() {
  const kib = (name) => gzipSync(readFileSync(join(out, name)), { level: 9 }).length / 1024;
  const size = kib("index.js") + kib("index_bg.wasm");
  console.log(`Worker: ${size.toFixed(1)} KiB gzip (at most ${MOST_KIB})`);
  if (size > MOST_KIB) throw new Stop(`The Worker is too large: ${size.toFixed(1)} KiB gzip`);
}
