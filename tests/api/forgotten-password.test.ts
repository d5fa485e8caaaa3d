// A forgotten password of a person whose second factor is a passkey: what it signs is of the link, and of now.

import type { Person } from "../harness/client.ts";
import { expectProblem } from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";
import type { Harness } from "../harness/harness.ts";
import { MailServer } from "../harness/mail-server.ts";

const NEW = "an entirely new password";

test("A79 a passkey is shown with the link: what it signed for something else, or long ago, is not", async ({
  acme,
  harness,
}) => {
  const mail = await MailServer.start(harness);
  try {
    const ann = await acme.person({ passkey: true });
    const bob = await acme.person({ passkey: true });
    const [older, others, token] = [await link(mail, ann), await link(mail, bob), await link(mail, ann)];
    const { browser } = ann;
    const open = async (of = token) => (await browser.post("/v1/passwords/open", { token: of })).json;
    const sign = (options: any, by = ann) => by.passkeys[0]!.key.get(options);
    const reset = (credential: object) =>
      browser.post("/v1/passwords/reset", { token, password: NEW, method: "passkey", credential });

    const opened = await open();
    expect(opened).toMatchObject({ second_factor: true, methods: ["passkey", "backup_code"] });
    expect(opened.passkey.allowCredentials).toHaveLength(1);
    expect((await open()).passkey, "the same within five minutes").toEqual(opened.passkey);
    expectProblem(await browser.post("/v1/passwords/open", { token: older }), "expired");

    // The link alone, another person's passkey, and what was signed for another link or a sign-in.
    expectProblem(await browser.post("/v1/passwords/reset", { token, password: NEW }), "not_accepted");
    expectProblem(
      await browser.post("/v1/passwords/reset", { token, password: NEW, method: "passkey" }),
      "malformed",
    );
    expectProblem(await reset(sign(opened.passkey, bob)), "not_accepted");
    expectProblem(await reset(sign((await open(others)).passkey)), "not_accepted");
    expectProblem(await reset(sign((await ann.question()).passkey)), "not_accepted");
    expect(await wrong(harness, ann)).toBe(3);
    const signed = sign(opened.passkey);
    await harness.advance(600);
    expectProblem(await reset(signed), "not_accepted");

    const late = sign((await open()).passkey);
    await harness.advance(299);
    const done = await reset(late);
    expect(done.status, done.text).toBe(204);
    expectProblem(await reset(late), "expired");
    ann.password = NEW;
    const answer = await ann.assert(await ann.question());
    expect(answer.json.decision).toBe("complete");
  } finally {
    await mail.stop(harness);
  }
});

/** The token of a new link to `person`. */
async function link(mail: MailServer, { browser, organization, username }: Person): Promise<string> {
  const sent = mail.of("password_forgotten", username).length;
  await browser.post("/v1/passwords/forgotten", { organization: organization.id, username });
  await expect.poll(() => mail.of("password_forgotten", username)).toHaveLength(sent + 1);
  return mail.of("password_forgotten", username)[sent]!.data.links.act!.split("#")[1]!;
}

async function wrong(harness: Harness, { username }: Person): Promise<number> {
  const [row] = await harness.sql(
    `SELECT count(*) AS wrong FROM event e JOIN user u ON (u.organization, u.id) = (e.organization, e.user)
     WHERE u.username = ?1 AND e.action = 'password.reset' AND e.method = 'passkey' AND e.outcome = 'wrong'`,
    username,
  );
  return Number(row?.["wrong"]);
}
