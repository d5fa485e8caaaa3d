// What is deployed is what was tested, without what the tests put around it.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../scripts/steps.mjs";
import { expect, test } from "../harness/fixtures.ts";

const HARNESS = join(ROOT, "tests/harness");

/** Every file under a folder, with its bytes. */
function files(folder: string): [string, Buffer][] {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => statSync(path).isFile())
    .map((path) => [path, readFileSync(path)]);
}

/** The words by which a test reaches into the Worker, as the harness spells them, and its keys. */
function markers(): string[] {
  const layer = files(HARNESS).filter(([path]) => path.endsWith(".mjs"));
  const text = layer.map(([, bytes]) => bytes.toString()).join("\n");
  const words = text.match(/\bx-(?!request-id)[a-z0-9]+(-[a-z0-9]+)*\b|\b(d1|put|get)-[a-z]+\b|__[a-z]+/g);
  const config = readFileSync(join(HARNESS, "wrangler.toml"), "utf8");
  const values = [...config.matchAll(/^POSTERN_\w+ = "(?:k1:)?(.+)"$/gm)].map(([, value]) => value!);
  return [...new Set([...(words ?? []), ...values])];
}

function found(release: [string, Buffer][]): string[] {
  return release.flatMap(([path, bytes]) =>
    markers()
      .filter((marker) => bytes.includes(marker))
      .map((marker) => `${marker} in ${path}`),
  );
}

test("A93 the release holds nothing of the harness", async () => {
  expect(markers()).toEqual(
    expect.arrayContaining(["x-fault", "x-instance", "x-late", "x-trace", "d1-lose", "__harness"]),
  );
  expect(markers().some((marker) => marker.includes("application-key"))).toBe(true);
  const worker = files(join(ROOT, "build"));
  expect(worker.map(([path]) => path.replace(/.*\//, ""))).toEqual(
    expect.arrayContaining(["index.js", "index_bg.wasm"]),
  );
  expect(found(worker)).toEqual([]);
  expect(found(files(join(ROOT, "www/dist")))).toEqual([]);
});

test("A93 a harness left in the release would be found", async () => {
  const [wasm] = files(join(ROOT, "build")).filter(([path]) => path.endsWith(".wasm"));
  // Words are in there as they are: neither compressed nor encoded.
  for (const ours of ["/v1/sign-ins/password", "spent_challenge"]) expect(wasm![1].includes(ours)).toBe(true);
  for (const marker of markers()) {
    const planted = Buffer.concat([wasm![1], Buffer.from(marker)]);
    expect(found([["planted", planted]]), marker).toContain(`${marker} in planted`);
  }
  expect(found(files(HARNESS)).length).toBeGreaterThan(20);
});
