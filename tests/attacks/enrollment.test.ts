// ATTACKS.md section 1, races on an enrollment.

import { newBrowser } from "../harness/client.ts";
import { codeAt } from "../harness/codes.ts";
import { expectDecision } from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";
import { count, outcomes } from "../harness/races.ts";

for (const wait of ["", "d1-wait=2"]) {
  const how = wait ? " with a wait before the commit" : "";

  test(`A103 one enrollment confirmed fifty times at once${how}`, async ({ acme, harness }) => {
    test.setTimeout(600_000);
    for (let round = 0; round < 20; round += 1) {
      // The first authenticator brings backup codes, ten slow hashes for each request: once is enough.
      const first = round === 0;
      const alice = await acme.person({ totp: !first });
      await (first ? alice.signIn() : alice.signInFully());
      const { enrollment } = (await alice.browser.post("/v1/me/totp", {})).json;
      const body = {
        enrollment: enrollment.id,
        code: codeAt(enrollment.secret, harness.time()),
        name: "Phone",
      };
      const tabs = Array.from({ length: 50 }, () => alice.browser.copy());
      const replies = await Promise.all(
        tabs.map((tab) => tab.post("/v1/me/totp/confirm", body, { "x-fault": wait })),
      );
      expect(outcomes(replies)).toMatchObject({ 200: 1 });
      // A first authenticator brings backup codes, ten slow hashes: most are sent away before.
      const refused = [
        "conflict",
        "not_found",
        "expired",
        "unauthenticated",
        ...(first ? ["throttled"] : []),
      ];
      expect(refused.map((code) => count(replies, code)).reduce((sum, each) => sum + each)).toBe(49);

      const left = await harness.sql(
        `SELECT (SELECT count(*) FROM authenticator a WHERE (a.organization, a.user) = (u.organization, u.id)) authenticators,
           (SELECT count(*) FROM backup_code b WHERE (b.organization, b.user) = (u.organization, u.id)) codes,
           (SELECT count(*) FROM enrollment n WHERE (n.organization, n.user) = (u.organization, u.id)) pending,
           (SELECT count(*) FROM session s WHERE (s.organization, s.user) = (u.organization, u.id)
              AND s.ended_at IS NULL) sessions
         FROM user u WHERE u.username = ?1`,
        alice.username,
      );
      expect(left).toEqual([
        { authenticators: first ? 1 : 2, codes: 10, pending: 0, sessions: first ? 1 : 2 },
      ]);
      // What the winner was handed works: the session, and the codes.
      const won = replies.findIndex(({ status }) => status === 200);
      const me = await tabs[won]!.get("/v1/me");
      expect(me.json?.authenticators, me.text).toHaveLength(first ? 1 : 2);
      if (!first) continue;
      const [code = ""] = replies[won]!.json.backup_codes.codes;
      const token = await alice.challenge(newBrowser(harness));
      expectDecision(await alice.useBackupCode(token, code, newBrowser(harness)), "complete");
    }
  });
}
