// `npm start`: everything from a fresh checkout to a sign-in page with people in it.
// Does only what is missing; the second start is ready in seconds.

import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packages, rust, tools } from "./machine.mjs";
import { seed } from "./seed.mjs";
import { migrate, serve } from "./serve.mjs";
import { main, ROOT, run, step, Stop } from "./steps.mjs";

const PORT = Number(process.env.PORT ?? 8787);
const STATE = join(ROOT, ".wrangler/state");
const SECRETS = join(ROOT, ".dev.vars");

/** wrangler's own lines are shown once the list of people is printed. */
let listening = false;

await main(async () => {
  if (Number(process.versions.node.split(".")[0]) < 20) throw new Stop("Node 20 or newer is needed.");
  await rust();
  await packages();
  await tools();
  await step("Building the Worker", "the first time about 3 minutes", () =>
    run(process.execPath, ["scripts/build-worker.mjs"]),
  );
  await step("Building the pages", "the first time about 1 minute", () =>
    run(process.execPath, ["scripts/build-www.mjs"]),
  );
  writeSecrets();
  await step("Bringing the local database up to date", "about 3 s", () => migrate(STATE));
  const server = await step("Starting wrangler dev", "about 5 s", () =>
    serve({ port: PORT, state: STATE, log: (text) => (listening ? process.stdout.write(text) : null) }),
  );
  let job;
  process.on("SIGINT", server.stop);
  process.on("SIGTERM", server.stop);
  try {
    const people = await step("Seeding two organizations through the API", "the first time about 20 s", () =>
      seed(server.origin, secret("POSTERN_API_KEY")),
    );
    const open = await setUpIsOpen(server.origin);
    listening = true;
    welcome(people, open);
    // In production the platform does this: mail that waits, deadlines, what is over.
    job = setInterval(() => fetch(`${server.origin}/cdn-cgi/local/scheduled`).catch(() => {}), 60_000);
    await server.gone;
  } finally {
    clearInterval(job);
    await server.stop();
  }
});

/** Fresh random secrets in .dev.vars, each once: other keys could not open what is already stored. */
function writeSecrets() {
  const written = existsSync(SECRETS) ? readFileSync(SECRETS, "utf8") : "";
  const missing = Object.entries({
    POSTERN_KEYS: () => `k1:${randomBytes(32).toString("base64")}`,
    POSTERN_API_KEY: () => randomBytes(32).toString("base64url"),
    POSTERN_SETUP_CODE: () => randomBytes(24).toString("base64url"),
  }).filter(([name]) => !new RegExp(`^${name}=`, "m").test(written));
  if (missing.length === 0) return;
  const lines = missing.map(([name, make]) => `${name}="${make()}"\n`).join("");
  const apart = written === "" || written.endsWith("\n") ? written : `${written}\n`;
  writeFileSync(SECRETS, apart + lines, { mode: 0o600 });
  console.log(`\n▸ Wrote to .dev.vars: ${missing.map(([name]) => name).join(", ")}`);
}

function secret(name) {
  const value = readFileSync(SECRETS, "utf8").match(new RegExp(`^${name}="?([^"\\n]+)"?$`, "m"))?.[1];
  if (value === undefined) throw new Stop(`.dev.vars does not set ${name}`);
  return value;
}

/** Whether the code was not used so far. */
async function setUpIsOpen(origin) {
  const headers = { authorization: `Bearer ${secret("POSTERN_SETUP_CODE")}` };
  return (await fetch(`${origin}/v1/set-up`, { headers })).ok;
}

function welcome(people, open) {
  const page = `http://localhost:${PORT}`;
  const width = Math.max(...people.map(({ username }) => username.length));
  console.log(`
Postern runs. Sign in to the organization demo:

  ${page}/               sign-in, then your security page
  ${page}/overview       for Ann and Cho, once they have a second step: 30 people in every state
  ${page}/cdn-cgi/local/explorer   the mails that were sent, and the database
  ${page}/healthz        is it alive?

  username${" ".repeat(width - 8)}   password             role`);
  for (const { username, password, role, fresh } of people) {
    const note = fresh ? "" : "  (was here before; the password as first seeded)";
    console.log(`  ${username.padEnd(width)}   ${password.padEnd(20)} ${role}${note}`);
  }
  if (open) {
    console.log(`
  Or set up an organization of your own, once, with the set-up code of .dev.vars:

  ${page}/set-up#${secret("POSTERN_SETUP_CODE")}`);
  }
  console.log(`
  The API key of the demo application is in .dev.vars. Ctrl-C ends the server.
`);
}
