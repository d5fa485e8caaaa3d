// The last owner stays, whoever is first.

import { expect, test } from "../harness/fixtures.ts";
import type { Reply } from "../harness/http.ts";
import { outcomes } from "../harness/races.ts";

test("two owners demoted, disabled and deleted at once: one stays", async ({
  acme,
  application,
  harness,
}) => {
  test.setTimeout(300_000);
  const owners = ["ann", "bob"].map((who) => `${acme.path}/users/${who}`);
  const seen: Record<number, number> = {};
  for (let round = 0; round < 20; round += 1) {
    for (const path of owners) {
      const made = await application.put(path, {
        username: path.slice(-3),
        name: null,
        email: null,
        role: "owner",
        groups: [],
        state: "active",
      });
      expect(made.status, made.text).toBeLessThan(300);
    }
    const headers: Record<string, string> = round % 2 === 0 ? {} : { "x-fault": "d1-wait=2" };
    const go = (index: number): Promise<Reply> => {
      const path = owners[index % 2]!;
      switch ((index >> 1) % 3) {
        case 0:
          return application.patch(path, { role: "member" }, headers);
        case 1:
          return application.patch(path, { state: "disabled" }, headers);
        default:
          return application.delete(path, undefined, headers);
      }
    };
    const replies = await Promise.all(Array.from({ length: 50 }, (_, index) => go(index)));
    for (const [status, times] of Object.entries(outcomes(replies))) {
      expect(["200", "204", "404", "409"], `round ${round}`).toContain(status);
      seen[Number(status)] = (seen[Number(status)] ?? 0) + times;
    }
    const left = await harness.sql(
      `SELECT u.external_id FROM user u JOIN organization o ON o.id = u.organization
       WHERE o.external_id = ?1 AND u.role = 'owner' AND u.state = 'active'`,
      acme.id,
    );
    expect(left, `round ${round}`).toHaveLength(1);
    expect(outcomes(replies)[409], `round ${round}`).toBeGreaterThan(0);
  }
  console.table(seen);
});
