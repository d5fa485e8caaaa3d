// The Worker of target/bench, served as the harness serves the release.

import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base } from "@playwright/test";
import { serve } from "../../scripts/serve.mjs";
import { ROOT } from "../../scripts/steps.mjs";
import { freePort } from "../harness/harness.ts";

export interface Inside {
  /** Asks one question of worker.mjs. */
  ask: (question: string, given: object) => Promise<any>;
  /** Seconds of CPU that workerd has taken so far; undefined where the system does not say. */
  cpu: () => number | undefined;
}

export const test = base.extend<object, { inside: Inside }>({
  inside: [
    async ({}, use) => {
      // A copy, so that nobody's next build changes it under a running test.
      const folder = mkdtempSync(join(tmpdir(), "postern-bench-"));
      cpSync(join(ROOT, "target/bench"), folder, { recursive: true });
      const config = join(folder, "wrangler.toml");
      const server = await serve({ port: await freePort(), state: folder, config, ready: "/" });
      const ask = async (question: string, given: object) => {
        const body = JSON.stringify(given);
        const reply = await fetch(`${server.origin}/${question}`, { method: "POST", body });
        if (!reply.ok) throw new Error(`${question}: ${reply.status} ${await reply.text()}`);
        return reply.json();
      };
      await use({ ask, cpu: () => cpuOf("workerd", server.pid) });
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
    { scope: "worker", timeout: 120_000 },
  ],
});

export { expect } from "@playwright/test";

/** What the scheduler counted for all threads of the processes of this name below `ancestor` (Linux). */
export function cpuOf(name: string, ancestor: number | undefined): number | undefined {
  try {
    const parents = new Map<number, { parent: number; command: string }>();
    for (const pid of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
      const [, command = "", parent] = /\((.*)\) . (\d+)/.exec(optional(`/proc/${pid}/stat`)) ?? [];
      parents.set(Number(pid), { parent: Number(parent), command });
    }
    const below = (pid: number): boolean =>
      pid === ancestor || (parents.has(pid) && below(parents.get(pid)!.parent));
    let nanoseconds = 0;
    for (const [pid, { command }] of parents) {
      if (command !== name || !below(pid)) continue;
      for (const thread of readdirSync(`/proc/${pid}/task`)) {
        nanoseconds += Number(optional(`/proc/${pid}/task/${thread}/schedstat`).split(" ")[0]);
      }
    }
    return nanoseconds === 0 ? undefined : nanoseconds / 1e9;
  } catch {
    return undefined;
  }
}

export function median(numbers: number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The text of a file that may just have gone. */
function optional(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
