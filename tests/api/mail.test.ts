// Mail that leaves for real: to a server that verifies its signature, and by the platform's own binding.

import PostalMime from "postal-mime";
import { expect, test } from "../harness/fixtures.ts";
import { MailServer } from "../harness/mail-server.ts";

test.afterEach(async ({ harness }) => harness.vars({ MAIL_FROM: "" }));

test("a notice reaches the application's server, signed, and once where that takes it late", async ({
  acme,
  harness,
}) => {
  const mail = await MailServer.start(harness);
  try {
    const { username: ann } = await acme.person({ totp: true });
    const added = mail.of("authenticator_added", ann);
    expect(added).toHaveLength(1);
    expect(added[0]!.data).toMatchObject({ organization: acme.id, language: "en" });
    expect(added[0]!.data.links.not_me).toMatch(/^http:\/\/localhost:\d+\/not-me#pl_no_/);

    // A server that fails, and one that sends us elsewhere: nothing is followed, all is tried again.
    for (const [status, headers] of [
      [500, {}],
      [302, { location: "/elsewhere" }],
    ] as const) {
      Object.assign(mail, { status, headers });
      await acme.application.post(`${acme.path}/users/${ann}/sign-out`, {});
      expect(mail.of("signed_out", ann)).toHaveLength(0);
      Object.assign(mail, { status: 204, headers: {} });
      await harness.scheduled();
      expect(mail.of("signed_out", ann), "not before its time").toHaveLength(0);
      await harness.advance(60);
      await harness.scheduled();
      expect(mail.of("signed_out", ann)).toHaveLength(1);
      mail.mails.length = 0;
    }
    expect(mail.refused, "all were ours").toBe(0);
  } finally {
    await mail.stop(harness);
  }
});

test("the platform's binding takes what we write, and others read it", async ({ acme, harness }) => {
  await harness.vars({ MAIL_FROM: "postern@example.test" });
  const { username } = await acme.person();
  await acme.application.patch(`${acme.path}/users/${username}`, { name: "Jürgen Groß", language: "de" });
  const signedOut = await acme.application.post(`${acme.path}/users/${username}/sign-out`, {});
  expect(signedOut.status, signedOut.text).toBe(200);
  const waiting = await harness.sql(
    "SELECT kind, error FROM mail WHERE sent_at IS NULL AND address = ?1",
    username,
  );
  expect(waiting).toEqual([]);
  // What wrangler keeps of mail that was sent, read by a parser that is not ours.
  const sent = `${harness.origin}/cdn-cgi/local/explorer/api/local/email/sending`;
  const { result } = await (await fetch(sent)).json();
  const { messageId } = result.find(({ to }: { to: string[] }) => to.includes(username));
  const { raw } = (await (await fetch(`${sent}?email_id=${encodeURIComponent(messageId)}`)).json()).result;
  const read = await PostalMime.parse(raw);
  expect(read.from?.address).toBe("postern@example.test");
  expect(read.to?.map(({ address }) => address)).toEqual([username]);
  expect(read.text).toContain("Jürgen Groß");
  expect(read.html).toContain('lang="de"');
});
