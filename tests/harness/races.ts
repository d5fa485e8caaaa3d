// Many requests at once, and what became of them.

import { newApplication, newBrowser, type Person } from "./client.ts";
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
