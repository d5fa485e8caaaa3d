// `npm run screenshots`: a picture of every state of every page in target/screenshots, as the accessibility tests
// come by them: light and dark, a desktop and a phone.

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { packages, rust, tools } from "./machine.mjs";
import { main, ROOT, run } from "./steps.mjs";

const folder = join(ROOT, "target/screenshots");

await main(async () => {
  await rust();
  await packages();
  await tools();
  await run("npm", ["run", "--silent", "build"]);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const config = ["--config", "tests/playwright.config.ts", "--project", "browser"];
  await run("playwright", ["test", ...config, "accessibility", "organization", "set-up"], {
    env: { POSTERN_SCREENSHOTS: folder },
  });
  console.log(`\nPictures: ${folder}`);
});
