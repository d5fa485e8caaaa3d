// Builds what the browser gets: the wasm package into www/wasm/pkg, the types of the API's document into
// www/elements/openapi.d.ts, then the pages into www/dist, and beside them the document.

import { createHash } from "node:crypto";
import { copyFileSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { packages, rust, tools } from "./machine.mjs";
import { main, ROOT, run, runQuietly } from "./steps.mjs";
import { FEATURES } from "./wasm-features.mjs";

const target = process.env.CARGO_TARGET_DIR ?? join(ROOT, "target");
const packed = (out) => join(ROOT, "www/wasm", out);

/** What a page needs to enroll an app, everything but the audit log, and that. */
const ENTRIES = [
  { out: "pkg", name: "postern_web", build: ["-p", "postern-web"] },
  { out: "pkg-all", name: "postern_web", build: ["-p", "postern-web", "--features", "postern-web/all"] },
  { out: "pkg-audit", name: "postern_web_audit", build: ["-p", "postern-web-audit"] },
];

await main(async () => {
  await rust();
  await packages();
  await tools();
  for (const entry of ENTRIES) await wasm(entry);
  await runQuietly("npm", ["run", "--silent", "build:api-types"]);
  await pages();
  weigh();
});

async function wasm({ out: folder, name, build }) {
  const lib = ["build", "--lib", "--release", "--target", "wasm32-unknown-unknown", "--quiet"];
  await run("cargo", [...lib, ...build]);
  const compiled = join(target, `wasm32-unknown-unknown/release/${name}.wasm`);
  const self = readFileSync(new URL(import.meta.url));
  const from = createHash("sha256").update(readFileSync(compiled)).update(self).digest("hex");
  const out = packed(folder);
  const stamp = join(out, "built-from");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === from) return;
  rmSync(out, { recursive: true, force: true });
  await run("wasm-bindgen", [compiled, "--target", "web", "--out-dir", out]);
  const bound = join(out, `${name}_bg.wasm`);
  await run("wasm-opt", [bound, "-Oz", "--strip-debug", "--strip-producers", ...FEATURES, "-o", bound]);
  writeFileSync(stamp, from);
}

async function pages() {
  const dist = join(ROOT, "www/dist");
  const stamp = join(dist, ".built-from");
  const from = sources().digest("hex");
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== from) {
    await run("vite", ["build", "--config", join(ROOT, "www/vite.config.ts"), "--logLevel", "warn"], {
      cwd: join(ROOT, "www"),
    });
    writeFileSync(stamp, from);
  }
  copyFileSync(join(ROOT, "docs/openapi.json"), join(dist, "openapi.json"));
}

function weigh() {
  const sizes = ENTRIES.map(({ out, name }) => {
    const files = [`${name}_bg.wasm`, `${name}.js`].map((file) => readFileSync(join(packed(out), file)));
    return files.reduce((sum, file) => sum + gzipSync(file, { level: 9 }).length, 0);
  });
  const [enroll, all, audit] = sizes.map((size) => (size / 1024).toFixed(1));
  console.log(
    `Browser package, wasm and glue: ${enroll} KiB gzip to enroll, ${all} with everything, ${audit} to verify a log`,
  );
}

/** A hash over everything vite reads. */
function sources() {
  const hash = createHash("sha256").update(readFileSync(join(ROOT, "package-lock.json")));
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (["dist", "node_modules", "target", "src-rust"].includes(entry.name)) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      else hash.update(path).update(readFileSync(path));
    }
  };
  walk(join(ROOT, "www"));
  return hash;
}
