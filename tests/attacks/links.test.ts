// ATTACKS section 8: links in mails.

import { newBrowser } from "../harness/client.ts";
import { expect, test } from "../harness/fixtures.ts";
import { notMe } from "../harness/links.ts";
import { outcomes } from "../harness/races.ts";

test("A120 fifty say at once by one link that it was not them, twenty times: each counts once", async ({
  acme,
  harness,
}) => {
  const ann = await acme.person();
  const browser = newBrowser(harness);
  for (let round = 0; round < 20; round++) {
    const token = await notMe(ann);
    const replies = await Promise.all(
      Array.from({ length: 50 }, () =>
        browser.post("/v1/mail/not-me", { token }, round % 2 ? { "x-fault": "d1-wait=2" } : {}),
      ),
    );
    expect(outcomes(replies)).toEqual({ 204: 1, 410: 49 });
  }
  const said = await harness.sql(
    "SELECT count(*) AS count FROM event e JOIN user u ON u.id = e.user WHERE action = 'mail.not_me' AND u.username = ?",
    ann.username,
  );
  expect(said).toEqual([{ count: 20 }]);
});
