// Builds the Worker into build/. `wrangler.toml` calls this.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { packages, rust, tools } from "./machine.mjs";
import { main, ROOT, Stop } from "./steps.mjs";
import { buildWorkerCrate } from "./worker-crate.mjs";

/** What the Worker may weigh, compressed as Cloudflare counts it: its limit is 3 MiB, and what is larger starts later. */
const MOST_KIB = 900;

const out = join(ROOT, "build");

await main(async () => {
  await rust();
  await packages();
  await tools();
  await buildWorkerCrate({
    folder: join(ROOT, "worker/wasm"),
    library: "postern_edge",
    staging: join(ROOT, "target/worker-build"),
    out,
  });
  weigh();
});

function weigh() {
  const kib = (name) => gzipSync(readFileSync(join(out, name)), { level: 9 }).length / 1024;
  const size = kib("index.js") + kib("index_bg.wasm");
  console.log(`Worker: ${size.toFixed(1)} KiB gzip (at most ${MOST_KIB})`);
  if (size > MOST_KIB) throw new Stop(`The Worker is too large: ${size.toFixed(1)} KiB gzip`);
}
