// Builds the Worker that tests/bench asks into target/bench: the crate beside it, and what it is compared with.

import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { packages, rust, tools } from "./machine.mjs";
import { main, ROOT, run } from "./steps.mjs";
import { buildWorkerCrate } from "./worker-crate.mjs";

const bench = join(ROOT, "tests/bench");
const out = join(ROOT, "target/bench");

await main(async () => {
  await rust();
  await packages();
  await tools();
  await buildWorkerCrate({
    folder: join(bench, "wasm"),
    library: "postern_bench",
    staging: join(ROOT, "target/bench-build"),
    out,
  });
  const bundle = (name, ...args) =>
    run("esbuild", [
      join(bench, `${name}.mjs`),
      ...["--bundle", "--format=esm", "--target=es2022", "--log-level=warning", "--external:cloudflare:*"],
      ...[`--outfile=${join(out, `${name}.js`)}`, ...args],
    ]);
  await bundle("worker", "--external:./index.js");
  await bundle("better-auth", "--external:node:*", "--minify");
  copyFileSync(join(bench, "wrangler.toml"), join(out, "wrangler.toml"));
});
