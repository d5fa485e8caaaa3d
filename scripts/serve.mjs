// Starts `wrangler dev` as a child process and ends it by its process id. Used by `npm start` and by the tests.

import { spawn } from "node:child_process";
import { join } from "node:path";
import { environment, NODE_22, ROOT, Stop } from "./steps.mjs";

/** wrangler itself, not the launcher in .bin: the process we start is then the one we end. */
const WRANGLER = join(ROOT, "node_modules/wrangler/wrangler-dist/cli.js");
const NODE_FLAGS = ["--no-warnings"];

/** Runs one wrangler command to its end; its output is shown only when it fails. */
export function wrangler(args, { env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(NODE_22, [...NODE_FLAGS, WRANGLER, ...args], {
      cwd: ROOT,
      env: environment({ CI: "true", ...env }),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    child.stdout.on("data", (chunk) => (said += chunk));
    child.stderr.on("data", (chunk) => (said += chunk));
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0
        ? resolve(said)
        : reject(new Stop(`wrangler ${args.join(" ")} failed (exit ${code})\n${said}`)),
    );
  });
}

/** Applies what is new in worker/migrations to the local database under `state`. */
export function migrate(state, config = join(ROOT, "wrangler.toml")) {
  return wrangler(
    ["d1", "migrations", "apply", "postern", "--local", "--persist-to", state].concat("--config", config),
  );
}

/**
 * Serves on 127.0.0.1 and answers once `ready` does.
 * `log` gets wrangler's output; `stop` ends the child and waits for it.
 *
 * @param {{ port: number, state: string, config?: string, args?: string[], ready?: string,
 *           log?: (text: string) => void, within?: number }} options
 */
export async function serve(options) {
  const { port, state, config, args = [], ready = "/healthz", log = () => {}, within = 120_000 } = options;
  const child = spawn(
    NODE_22,
    [...NODE_FLAGS, WRANGLER, "dev"]
      .concat("--config", config ?? join(ROOT, "wrangler.toml"))
      .concat("--ip", "127.0.0.1", "--port", String(port), "--inspector-port", "0")
      .concat("--persist-to", state, "--show-interactive-dev-session=false", args),
    // A group of its own, so that Ctrl-C in the terminal reaches us first and we end it in order.
    // A registry of its own too: wrangler connects all its servers on a machine by their Workers' names.
    {
      cwd: ROOT,
      env: environment({ WRANGLER_REGISTRY_PATH: join(state, "registry") }),
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    },
  );
  let said = "";
  const hear = (chunk) => {
    said = (said + chunk).slice(-20_000);
    log(chunk.toString());
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  let ended;
  const gone = new Promise((resolve) => {
    child.on("close", (code, signal) => resolve((ended = code ?? signal)));
    child.on("error", (error) => resolve((ended = error.message)));
  });
  // Whoever started the server may end without a word; the server must not stay behind.
  const abandon = () => child.kill("SIGTERM");
  process.once("exit", abandon);
  const stop = async () => {
    process.off("exit", abandon);
    if (ended === undefined) child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), 5_000);
    await gone;
    clearTimeout(late);
  };

  const origin = `http://127.0.0.1:${port}`;
  const until = Date.now() + within;
  while (true) {
    if (ended !== undefined) throw new Stop(`wrangler dev ended (${ended})\n${said}`);
    const healthy = await fetch(origin + ready, { signal: AbortSignal.timeout(2_000) }).then(
      (response) => response.ok,
      () => false,
    );
    if (healthy) return { origin, pid: child.pid, gone, stop };
    if (Date.now() > until) {
      await stop();
      throw new Stop(`${origin}${ready} did not answer within ${within / 1000} s\n${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}
