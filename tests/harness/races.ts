// Many requests at once, and what became of them.

import { randomUUID } from "node:crypto";
import { newApplication, newBrowser, type Person } from "./client.ts";
import type { Harness } from "./harness.ts";
import type { Reply } from "./http.ts";

/** So many open challenges of one person, asked for by the application: no slow hash runs. */
export async function challenges(person: Person, many: number): Promise<string[]> {
  const application = newApplication(person.harness);
  return Promise.all(
    Array.from({ length: many }, async () => {
      const reply = await application.post("/v1/sign-ins", {
        organization: person.organization.id,
        user: person.username,
        first_factor: { method: "password" },
      });
      if (reply.status === 404) return person.challenge(newBrowser(person.harness));
      if (reply.json?.decision !== "challenge")
        throw new Error(`no challenge: ${reply.status} ${reply.text}`);
      return reply.json.challenge.token as string;
    }),
  );
}

/** In which of its trips a request records its event; none where it writes only after its reply. */
export async function writingTrip(
  harness: Harness,
  go: (headers: Record<string, string>) => Promise<Reply>,
): Promise<number | undefined> {
  const name = randomUUID();
  await go({ "x-trace": name });
  const { trips } = await harness.trace(name);
  const at = trips.findIndex(
    ({ afterReply, statements }) =>
      !afterReply && statements.some((sql) => sql.includes("INSERT INTO event")),
  );
  return at < 0 ? undefined : at + 1;
}

/** A fault: others run `statements` just before trip `trip` of the request. */
export function meanwhile(trip: number, ...statements: { sql: string; values?: unknown[] }[]): string {
  const all = statements.map(({ sql, values = [] }) => ({ sql, values }));
  return `d1-meanwhile=${trip}:${encodeURIComponent(JSON.stringify(all))}`;
}

/** How many answers have each status. */
export function outcomes(replies: Reply[]): Record<number, number> {
  const counted: Record<number, number> = {};
  for (const { status } of replies) counted[status] = (counted[status] ?? 0) + 1;
  return counted;
}

/** How many answers carry this decision or this problem code. */
export function count(replies: Reply[], word: string): number {
  return replies.filter(({ json }) => json?.decision === word || json?.code === word).length;
}
