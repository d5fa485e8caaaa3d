// The released Worker beside one with better-auth: the CPU of a start, and of a TOTP that is verified, in turns.
// `npm run bench`. CPU is what the scheduler counted for workerd, so that other work on the machine disturbs little.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { migrate, serve, wrangler } from "../../scripts/serve.mjs";
import { ROOT } from "../../scripts/steps.mjs";
import { codeAt } from "../harness/codes.ts";
import { freePort } from "../harness/harness.ts";
import { scratch } from "../harness/scratch.ts";
import { cpuOf, expect, median, test } from "./fixtures.ts";

const STARTS = 15;
/** Of better-auth, at most. */
const START_TARGET = 0.4;
const TURNS = 12;
/** Verified in one turn. Each of ours is a user of its own, whose ten backup codes take most of a second to hash. */
const VERIFIED = 8;
const ALL = (TURNS + 1) * VERIFIED;

const WORKERD = join(ROOT, "node_modules/workerd/bin/workerd");
const ORIGIN = "http://localhost:8787";
const API_KEY = "bench-application-key-0123456789abcdef";
const TEXTS = {
  ORIGINS: ORIGIN,
  RP_ID: "localhost",
  POSTERN_KEYS: "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
  POSTERN_API_KEY: API_KEY,
};

/** The first module is the Worker; `first` is a request that everything must be set up for. */
const WORKERS = {
  empty: { modules: ["empty.js"], first: "/" },
  postern: { modules: ["index.js", "index_bg.wasm"], first: "/.well-known/jwks.json" },
  "better-auth": { modules: ["better-auth.js"], first: "/api/auth/ok" },
};
type Name = keyof typeof WORKERS;
const NAMES = Object.keys(WORKERS) as Name[];

/** Stands for D1, KV and the shield: the schema is the newest, no row is anywhere else, nothing is refused. */
const PARTS = `
import { WorkerEntrypoint } from "cloudflare:workers";
const answer = ({ sql }) => ({
  success: true,
  meta: {},
  results: { columns: ["version"], rows: sql.includes("AS version") ? [[4294967295]] : [] },
});
export default class extends WorkerEntrypoint {
  limit() { return { success: true }; }
  async fetch(request) {
    const asked = await request.json();
    return Response.json(Array.isArray(asked) ? asked.map(answer) : answer(asked));
  }
}`;

test("CPU of a start of workerd, and of the first answer", async () => {
  const folder = workers();
  const starts: Record<Name, Started[]> = { empty: [], postern: [], "better-auth": [] };
  for (let round = -1; round < STARTS; round += 1) {
    for (const name of NAMES) {
      const taken = await started(folder, name);
      // The first one brings the files into memory.
      if (round >= 0) starts[name].push(taken);
    }
  }
  for (const name of NAMES) console.log(`  ${name.padEnd(12)} ${kib(folder, name)} KiB gzip`);
  for (const [what, target] of [
    ["start", START_TARGET],
    ["answer", undefined],
  ] as const) {
    const own = (name: Name) => starts[name].map((taken, round) => taken[what] - starts.empty[round]![what]);
    console.log(`  ${what} beyond an empty Worker: ${ms(own("postern"))} to ${ms(own("better-auth"))}`);
    const ratios = own("postern").map((taken, round) => taken / own("better-auth")[round]!);
    printRatio(what, ratios, target);
  }
  rmSync(folder, { recursive: true });
});

test("CPU for a TOTP verified over HTTP", async () => {
  // Getting ready hashes for minutes.
  test.setTimeout(900_000);
  const folder = workers();
  const peers = { postern: await postern(folder), "better-auth": await betterAuth(folder) };
  const seconds = { postern: [] as number[], "better-auth": [] as number[] };
  for (let turn = -1; turn < TURNS; turn += 1) {
    for (const name of ["postern", "better-auth"] as const) {
      const { verify, server } = peers[name];
      const from = cpuOf("workerd", server.pid)!;
      for (let time = 0; time < VERIFIED; time += 1) await verify();
      // The first turn warms up.
      if (turn >= 0) seconds[name].push((cpuOf("workerd", server.pid)! - from) / VERIFIED);
    }
  }
  for (const [name, taken] of Object.entries(seconds))
    console.log(`  ${name.padEnd(12)} ${ms(taken)} a verify`);
  printRatio(
    "verify",
    seconds.postern.map((taken, turn) => taken / seconds["better-auth"][turn]!),
  );
  for (const { server } of Object.values(peers)) await server.stop();
  rmSync(folder, { recursive: true });
});

interface Peer {
  server: Awaited<ReturnType<typeof serve>>;
  /** Answers one more of the sign-ins that were begun; all of workerd counts, D1 too. */
  verify: () => Promise<void>;
}

/** A user for each verify, who has enrolled and given a password: here a code holds once. */
async function postern(folder: string): Promise<Peer> {
  const config = configured(folder, "postern", `migrations_dir = "${join(ROOT, "worker/migrations")}"`);
  await migrate(join(folder, "postern"), config);
  const server = await served(folder, "postern", config, "/healthz");
  const application = { authorization: `Bearer ${API_KEY}` };
  const ask = (method: string, path: string, body: object, headers: object) =>
    asked(server.origin, method, `/v1${path}`, body, { origin: ORIGIN, ...headers });
  await ask("PUT", "/organizations/bench", { name: "Bench" }, application);
  const begun: { challenge: string; secret: string }[] = [];
  for (let index = 0; index < ALL; index += 1) {
    const user = `user-${index}`;
    await ask("PUT", `/organizations/bench/users/${user}`, { name: user }, application);
    const password = { method: "password" };
    const signIn = { organization: "bench", user, first_factor: password, session: "bearer" };
    const first = await ask("POST", "/sign-ins", signIn, application);
    const session = { authorization: `Bearer ${first.json.session.token}` };
    const { enrollment } = (await ask("POST", "/me/totp", {}, session)).json;
    const { id, secret } = enrollment;
    // The step before this one, so that this one's code is still to be used.
    const confirm = { enrollment: id, code: codeAt(secret, now() - 30), name: "Phone" };
    await ask("POST", "/me/totp/confirm", confirm, session);
    const second = await ask("POST", "/sign-ins", signIn, application);
    begun.push({ challenge: second.json.challenge.token, secret });
  }
  const verify = async () => {
    const { challenge, secret } = begun.pop()!;
    const body = { challenge, method: "totp", code: codeAt(secret, now()) };
    const { json } = await ask("POST", "/challenges/verify", body, {});
    expect(json.decision).toBe("complete");
  };
  return { server, verify };
}

/** One user, who has enrolled and given a password as often as a code is verified: there a code holds again. */
async function betterAuth(folder: string): Promise<Peer> {
  const config = configured(folder, "better-auth", "");
  const state = ["--local", "--persist-to", join(folder, "better-auth")];
  await wrangler(["d1", "execute", "postern", ...state, "--config", config, "--command", SCHEMA]);
  const server = await served(folder, "better-auth", config, "/api/auth/ok");
  const ask = (path: string, body: object, cookie = "") =>
    asked(server.origin, "POST", `/api/auth${path}`, body, { origin: ORIGIN, cookie });
  const person = { email: "user@example.test", password: "a long password 42" };
  const signedUp = await ask("/sign-up/email", { ...person, name: "User" });
  const { totpURI } = (await ask("/two-factor/enable", { password: person.password }, signedUp.cookie)).json;
  const secret = new URL(totpURI).searchParams.get("secret")!;
  const code = () => codeAt(secret, now());
  await ask("/two-factor/verify-totp", { code: code() }, signedUp.cookie);
  const begun: string[] = [];
  for (let index = 0; index < ALL; index += 1) {
    const signedIn = await ask("/sign-in/email", person);
    expect(signedIn.json.twoFactorRedirect).toBe(true);
    begun.push(signedIn.cookie);
  }
  const verify = async () => {
    const { json } = await ask("/two-factor/verify-totp", { code: code() }, begun.pop()!);
    expect(typeof json.token).toBe("string");
  };
  return { server, verify };
}

/** Writes wrangler's configuration of one of the two. */
function configured(folder: string, name: "postern" | "better-auth", database: string): string {
  const config = `
    name = "${name}"
    main = "${WORKERS[name].modules[0]}"
    compatibility_date = "2026-10-01"
    [[d1_databases]]
    binding = "DB"
    database_name = "postern"
    database_id = "bench"
    ${database}
    [[kv_namespaces]]
    binding = "COPIES"
    id = "bench"
    [[ratelimits]]
    name = "SHIELD"
    namespace_id = "1001"
    simple = { limit = 1000000, period = 60 }
    [vars]
    ${Object.entries(TEXTS)
      .map(([key, text]) => `${key} = "${text}"`)
      .join("\n")}`;
  const file = join(folder, `${name}.toml`);
  writeFileSync(file, config);
  return file;
}

async function served(folder: string, name: string, config: string, ready: string) {
  return serve({ port: await freePort(), state: join(folder, name), config, ready });
}

/** Sends JSON; answers what came back, and its cookies as a browser sends them again. */
async function asked(origin: string, method: string, path: string, body: object, headers: object) {
  const reply = await fetch(origin + path, {
    method,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${text}`);
  const cookie = reply.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
  return { json: JSON.parse(text), cookie };
}

/** Unix seconds. */
const now = () => Math.floor(Date.now() / 1000);

/** Both Workers, and an empty one, in a folder. */
function workers(): string {
  const folder = scratch("postern-bench-");
  cpSync(join(ROOT, "build"), folder, { recursive: true });
  cpSync(join(ROOT, "target/bench/better-auth.js"), join(folder, "better-auth.js"));
  writeFileSync(join(folder, "empty.js"), "export default { fetch: () => new Response() };");
  writeFileSync(join(folder, "parts.js"), PARTS);
  return folder;
}

/** Seconds of CPU. */
interface Started {
  /** Until it is said that there is nothing at an address. */
  start: number;
  /** From then until the first answer that everything is set up for: ours asks the database once, and derives a key. */
  answer: number;
}

/** Starts workerd alone, without wrangler, and asks twice. */
async function started(folder: string, name: Name): Promise<Started> {
  const { modules, first } = WORKERS[name];
  const port = await freePort();
  const texts = Object.entries(TEXTS).map(([key, text]) => `(name = "${key}", text = "${text}")`);
  const parts = modules.map((file) => {
    return `(name = "${file}", ${file.endsWith(".wasm") ? "wasm" : "esModule"} = embed "${file}")`;
  });
  const config = `
    using Workerd = import "/workerd/workerd.capnp";
    const config :Workerd.Config = (
      services = [
        (name = "main", worker = (
          compatibilityDate = "2026-10-01",
          modules = [${parts.join(", ")}],
          bindings = [
            (name = "DB", wrapped = (
              moduleName = "cloudflare-internal:d1-api",
              innerBindings = [(name = "fetcher", service = "parts")],
            )),
            (name = "COPIES", kvNamespace = "parts"),
            (name = "SHIELD", service = "parts"),
            ${texts.join(", ")},
          ],
        )),
        (name = "parts", worker = (
          compatibilityDate = "2026-10-01",
          modules = [(name = "parts.js", esModule = embed "parts.js")],
        )),
      ],
      sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
    );`;
  const file = join(folder, `${name}.capnp`);
  writeFileSync(file, config);
  const child = spawn(WORKERD, ["serve", file], { stdio: ["ignore", "inherit", "inherit"] });
  const gone = once(child, "exit");
  try {
    const nothing = await patient(`http://127.0.0.1:${port}/nothing`);
    await nothing.text();
    const start = cpuOf("workerd", child.pid);
    const reply = await fetch(`http://127.0.0.1:${port}${first}`);
    expect(reply.status, await reply.text()).toBe(200);
    const all = cpuOf("workerd", child.pid);
    if (start === undefined || all === undefined) throw new Error("this system does not count CPU");
    return { start, answer: all - start };
  } finally {
    child.kill();
    await gone;
  }
}

/** The first answer, however long it takes until somebody listens. */
async function patient(url: string): Promise<Response> {
  const until = Date.now() + 60_000;
  while (true) {
    try {
      return await fetch(url);
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
}

function kib(folder: string, name: Name): string {
  const bytes = WORKERS[name].modules.map(
    (file) => gzipSync(readFileSync(join(folder, file)), { level: 9 }).length,
  );
  return (bytes.reduce((sum, size) => sum + size, 0) / 1024).toFixed(1);
}

const ms = (seconds: number[]) => `${(median(seconds) * 1000).toFixed(1)} ms`;

function printRatio(what: string, ratios: number[], target?: number): void {
  const ratio = median(ratios);
  const bar = target === undefined ? "" : `at most ${target} ${ratio <= target ? "reached" : "missed"}; `;
  console.log(
    `  ${what} ratio ${ratio.toFixed(2)} (${bar}${ratios.length} rounds, ${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}; ` +
      `load ${loadavg()[0]!.toFixed(1)} on ${availableParallelism()} cores)`,
  );
}

/** What better-auth's own \`generate\` makes of the two plugins, for SQLite. */
const SCHEMA = `
  create table "user" ("id" text not null primary key, "name" text not null, "email" text not null unique, "emailVerified" integer not null, "image" text, "createdAt" date not null, "updatedAt" date not null, "twoFactorEnabled" integer);
  create table "session" ("id" text not null primary key, "expiresAt" date not null, "token" text not null unique, "createdAt" date not null, "updatedAt" date not null, "ipAddress" text, "userAgent" text, "userId" text not null references "user" ("id") on delete cascade);
  create table "account" ("id" text not null primary key, "accountId" text not null, "providerId" text not null, "userId" text not null references "user" ("id") on delete cascade, "accessToken" text, "refreshToken" text, "idToken" text, "accessTokenExpiresAt" date, "refreshTokenExpiresAt" date, "scope" text, "password" text, "createdAt" date not null, "updatedAt" date not null);
  create table "verification" ("id" text not null primary key, "identifier" text not null, "value" text not null, "expiresAt" date not null, "createdAt" date not null, "updatedAt" date not null);
  create table "twoFactor" ("id" text not null primary key, "secret" text not null, "backupCodes" text not null, "userId" text not null references "user" ("id") on delete cascade, "verified" integer, "failedVerificationCount" integer, "lockedUntil" date);
  create index "session_userId_idx" on "session" ("userId");
  create index "account_userId_idx" on "account" ("userId");
  create index "verification_identifier_idx" on "verification" ("identifier");
  create index "twoFactor_secret_idx" on "twoFactor" ("secret");
  create index "twoFactor_userId_idx" on "twoFactor" ("userId");`;
