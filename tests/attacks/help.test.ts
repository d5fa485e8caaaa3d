// ATTACKS.md A118: what helpers do for others, raced by what ends their right to.

import { expect, test } from "../harness/fixtures.ts";
import { outcomes } from "../harness/races.ts";

const ROUNDS = 20;
const AT_ONCE = 50;

test("A118 nothing is done by a helper after they were demoted", async ({ acme, application, harness }) => {
  test.setTimeout(300_000);
  const adam = await acme.person({ role: "admin", totp: true });
  const mia = await acme.person();
  await adam.signInFully();
  const user = (username: string) => `${acme.path}/users/${encodeURIComponent(username)}`;
  const stored = await harness.stored();
  const seen: Record<number, number> = {};
  for (let round = 0; round < ROUNDS; round += 1) {
    await harness.restore(stored);
    const wait: Record<string, string> = round % 2 ? { "x-fault": "d1-wait=2" } : {};
    // Unlocking leaves the person's version alone, so only the helper's demotion stands in the way.
    const helps = Array.from({ length: AT_ONCE }, async (_, nth) => {
      if (nth === AT_ONCE / 2) return application.patch(user(adam.username), { role: "member" });
      return adam.browser.copy().post(`${user(mia.username)}/unlock`, {}, wait);
    });
    const replies = await Promise.all(helps);
    for (const [status, many] of Object.entries(outcomes(replies)))
      seen[Number(status)] = (seen[Number(status)] ?? 0) + many;
    const events = await harness.sql(
      `SELECT e.action, e.seq FROM event e JOIN organization o ON o.id = e.organization
       WHERE o.external_id = ?1 AND e.action IN ('user.put', 'user.unlock') ORDER BY e.seq DESC LIMIT 1`,
      acme.id,
    );
    expect(events[0].action, `round ${round}`).toBe("user.put");
  }
  // Some came before, and some were let in before and committed too late.
  expect(seen[409] ?? 0, JSON.stringify(seen)).toBeGreaterThan(0);
  expect(Object.keys(seen).every((status) => ["200", "403", "409"].includes(status))).toBe(true);
});
