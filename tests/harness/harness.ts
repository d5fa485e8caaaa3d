// The server under test and the handles that only tests have: its clock, its tables, its copies.

import { cpSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { serve } from "../../scripts/serve.mjs";
import { send } from "./http.ts";
import { scratch } from "./scratch.ts";

/** Every table's rows as sorted JSON text. */
export type Tables = Record<string, string[]>;

/** All that is stored at a moment. */
export interface Stored {
  at: number;
  tables: Tables;
  copies: Record<string, string | null>;
}

/** A set of backup codes as it is stored, and the codes. */
export interface CodeSet {
  codes: string[];
  key: string;
  parameters: string;
  look_ups: string[];
}

export interface Trip {
  method: string;
  statements: string[];
  afterReply: boolean;
  fault?: string;
  error?: string;
}

export class Harness {
  private constructor(
    /** Where requests go: always 127.0.0.1. */
    readonly address: string,
    /** What a browser calls it, and what ORIGINS holds. */
    readonly origin: string,
    readonly apiKey: string,
    private readonly end: () => Promise<void>,
    private readonly log: string[],
  ) {}

  /** Starts a server on a free port with a database of its own. */
  static async start(): Promise<Harness> {
    const folder = process.env.POSTERN_TEST_FOLDER;
    if (folder === undefined) throw new Error("harness/setup.ts did not run");
    const state = scratch("postern-worker-");
    cpSync(join(folder, "state"), state, { recursive: true });
    const port = await freePort();
    const log: string[] = [];
    const server = await serve({
      port,
      state,
      config: join(folder, "tests/harness/wrangler.toml"),
      args: ["--config", join(folder, "tests/harness/other.toml")],
      ready: "/__harness/clock",
      log: (text: string) => log.push(text),
    });
    const end = async () => {
      await server.stop();
      rmSync(state, { recursive: true, force: true });
    };
    const origin = `http://localhost:${port}`;
    const harness = new Harness(server.origin, origin, "harness-application-key-0123456789abcdef", end, log);
    await harness.vars({ ORIGINS: origin });
    return harness;
  }

  stop(): Promise<void> {
    return this.end();
  }

  /** What wrangler and the Worker printed so far. */
  printed(): string {
    return this.log.join("");
  }

  // --- the clock: both instances tell the same time unless one is set apart --------------------------------

  private now = 0;

  /** Stops the clock at a time (unix seconds). */
  async freeze(at: number): Promise<void> {
    this.now = at;
    await this.both("POST", "clock", { at: at * 1000 });
  }

  /** Moves the stopped clock on, or back when negative. */
  async advance(seconds: number): Promise<void> {
    await this.freeze(this.now + seconds);
  }

  /** The second instance's clock is so many seconds ahead of ours and of the database's, until the next move. */
  async skew(seconds: number): Promise<void> {
    const body = { at: this.now * 1000, ahead: seconds * 1000 };
    await this.call("POST", "clock", body, { "x-instance": "2" });
  }

  /** Gives the real time back. */
  async thaw(): Promise<void> {
    this.now = 0;
    await this.both("POST", "clock", {});
  }

  /** What the Worker takes for now (unix seconds). */
  time(): number {
    return this.now === 0 ? Math.floor(Date.now() / 1000) : this.now;
  }

  // --- storage ---------------------------------------------------------------------------------------------

  /** Rows of one statement, run on the database itself. */
  async sql(sql: string, ...values: unknown[]): Promise<any[]> {
    const [result] = await this.call("POST", "sql", { sql, values });
    return result.rows;
  }

  async tables(): Promise<Tables> {
    return this.call("GET", "tables");
  }

  /** The copies in KV: key to base64. */
  async copies(prefix = ""): Promise<Record<string, string | null>> {
    return this.call("GET", `kv?prefix=${encodeURIComponent(prefix)}`);
  }

  async stored(): Promise<Stored> {
    return { at: this.now, tables: await this.tables(), copies: await this.copies() };
  }

  /** Makes the clock and everything stored what they were: one preparation serves many rounds. */
  async restore({ at, tables, copies }: Stored): Promise<void> {
    if (at !== this.now) await this.freeze(at);
    await this.call("PUT", "tables", tables);
    await this.call("PUT", "copies", copies);
  }

  async setCopy(key: string, value: string): Promise<void> {
    await this.call("PUT", "kv", { key, value });
  }

  async dropCopies(prefix = ""): Promise<void> {
    await this.call("DELETE", `kv?prefix=${encodeURIComponent(prefix)}`);
  }

  // --- the rest --------------------------------------------------------------------------------------------

  /** Faults for every request that brings no `x-fault` of its own; "" ends them. */
  async faults(faults: string): Promise<void> {
    await this.both("POST", "faults", { faults });
  }

  /** Puts other values in front of the Worker's variables and secrets: of one instance, or of both. */
  async vars(vars: Record<string, string>, instance?: 1 | 2): Promise<void> {
    if ("POSTERN_KEYS" in vars) this.codeSets = [];
    if (instance === undefined) await this.both("POST", "vars", vars);
    else await this.call("POST", "vars", vars, { "x-instance": String(instance) });
  }

  /** Every D1 trip of the request that carried `x-trace: <name>`. */
  async trace(
    name: string,
  ): Promise<{ trips: Trip[]; kvReads: number; kvWrites: number; shieldKey?: string }> {
    return this.call("GET", `trace?id=${encodeURIComponent(name)}`);
  }

  /** Sets of backup codes whose hashes are known, under the root key that is in use (code-sets.ts). */
  codeSets: CodeSet[] = [];

  /** Names of the two isolates: others than before mean that one crashed or was loaded again. */
  async isolates(): Promise<string> {
    const second = await this.call("GET", "isolate", undefined, { "x-instance": "2" });
    return `${await this.call("GET", "isolate")} ${second}`;
  }

  /** Runs the Worker's scheduled handler once, with these faults, at one of the instances; answers its trips. */
  async scheduled(faults = "", instance: 1 | 2 = 1): Promise<Trip[]> {
    return this.call("POST", "scheduled", { faults }, { "x-instance": String(instance) });
  }

  private async both(method: string, name: string, body: unknown): Promise<void> {
    await this.call(method, name, body);
    await this.call(method, name, body, { "x-instance": "2" });
  }

  private async call(method: string, name: string, body?: unknown, headers: Record<string, string> = {}) {
    const reply = await send(this.address, {
      method,
      path: `/__harness/${name}`,
      headers: { "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (reply.status !== 200) throw new Error(`harness ${method} ${name}: ${reply.text}`);
    return reply.json;
  }
}

/** A port that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
