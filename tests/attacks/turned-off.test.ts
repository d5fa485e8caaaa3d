// A policy that turns everything off repeats the number of people affected: that number is a condition of the commit.

import { type Caller, type Organization } from "../harness/client.ts";
import { codeAt } from "../harness/codes.ts";
import { expectNothingChanged, expectProblem } from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";
import type { Harness } from "../harness/harness.ts";
import type { Reply } from "../harness/http.ts";
import { meanwhile, writingTrip } from "../harness/races.ts";

/** Asks for `off` with the number that is right now. */
async function off(
  acme: Organization,
  by: Caller,
): Promise<(headers?: Record<string, string>) => Promise<Reply>> {
  const { policy, version } = (await acme.application.get(`${acme.path}/policy`)).json;
  const { enrolled } = (await acme.previewPolicy({})).json;
  const body = { policy: { ...policy, mode: "off" }, version, affected: enrolled };
  return (headers) => by.put(`${acme.path}/policy`, body, headers);
}

/** One more person enrolled, in one statement. */
async function oneMore(acme: Organization): Promise<{ sql: string; values: unknown[] }> {
  const person = await acme.person();
  const sql = `INSERT INTO authenticator (organization, user, id, kind, created_at, name, secret, parameters, last_step)
    SELECT u.organization, u.id, 'a_' || hex(randomblob(13)), 'totp', 0, 'Phone', 'x',
      '{"algorithm":"sha1","digits":6,"period":30}', 0 FROM user u WHERE u.external_id = ?1`;
  return { sql, values: [person.username] };
}

for (const who of ["an application", "an owner"]) {
  test(`off, asked by ${who}, while one more person enrolls`, async ({ acme, harness }) => {
    await acme.person({ totp: true });
    const owner = await acme.person({ role: "owner", totp: true });
    await owner.signInFully();
    const by = who === "an owner" ? owner.browser : acme.application;
    const trip = await writingTrip(harness, await off(acme, by));
    expect((await acme.setPolicy({ mode: "optional" })).status).toBe(200);
    await harness.advance(1);

    const put = await off(acme, by);
    const reply = await put({ "x-fault": meanwhile(trip!, await oneMore(acme)) });
    expectProblem(reply, "conflict");
    expect(reply.json.detail).toContain("number of people");
    expect((await acme.application.get(`${acme.path}/policy`)).json.policy.mode).toBe("optional");
    // The old number is no more use either.
    await expectNothingChanged(harness, async () => expectProblem(await put(), "conflict"));
    const looked = await (await off(acme, by))();
    expect(looked.status, looked.text).toBe(200);
    const [event] = await harness.sql(
      "SELECT outcome FROM event WHERE action = 'policy.put' ORDER BY seq DESC LIMIT 1",
    );
    expect(event.outcome).toBe("accepted");
  });
}

for (const wait of [0, 2]) {
  test(`off and an enrollment at once: never both, 20 rounds, ${wait} ms before each write`, async ({
    acme,
    harness,
  }) => {
    test.setTimeout(600_000);
    const fault: Record<string, string> = wait ? { "x-fault": `d1-wait=${wait}` } : {};
    // One who is affected, whoever wins.
    await acme.person({ totp: true });
    const person = await acme.person();
    await person.signIn();
    const confirm = await confirmation(person.browser, harness);
    const put = await off(acme, acme.application);
    const ready = await harness.stored();
    for (let round = 0; round < 20; round += 1) {
      await harness.restore(ready);
      const puts = Array.from({ length: 50 }, () => put(fault));
      const [confirmed, ...replies] = await Promise.all([confirm(fault), ...puts]);
      const turned = replies.filter(({ status }) => status === 200).length;
      expect(turned).toBeLessThanOrEqual(1);
      expect(turned + Number(confirmed.status === 200), `${confirmed.status} ${confirmed.text}`).toBe(1);
      for (const reply of replies.filter(({ status }) => status !== 200)) expectProblem(reply, "conflict");
    }
  });
}

async function confirmation(
  browser: Caller,
  harness: Harness,
): Promise<(headers: Record<string, string>) => Promise<Reply>> {
  const { enrollment } = (await browser.post("/v1/me/totp", {})).json;
  const body = { enrollment: enrollment.id, code: codeAt(enrollment.secret, harness.time()), name: "Phone" };
  return (headers) => browser.copy().post("/v1/me/totp/confirm", body, headers);
}
