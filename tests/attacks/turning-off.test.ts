// ATTACKS.md A129: turning off by another door. Removing the last authenticator takes what turning off takes.

import { newBrowser, type Caller, type Person } from "../harness/client.ts";
import {
  expectDecision,
  expectNothingChanged,
  expectNothingWritten,
  expectProblem,
} from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";
import type { Reply } from "../harness/http.ts";

/** The ways to go back to one factor. */
const DOORS: Record<string, (person: Person, body?: object, browser?: Caller) => Promise<Reply>> = {
  "turning off": (person, body, browser = person.browser) => browser.delete("/v1/me/mfa", body),
  "removing the last": (person, body, browser = person.browser) =>
    browser.delete(`/v1/me/authenticators/${person.authenticators[0]!.id}`, body),
};

for (const [how, leave] of Object.entries(DOORS)) {
  test(`A129 ${how} takes the password, in a session that rests on a backup code too`, async ({
    acme,
    harness,
  }) => {
    const ann = await acme.person({ totp: true });
    await ann.trust();
    const elsewhere = newBrowser(harness);
    await ann.signInFully(elsewhere);
    const browser = newBrowser(harness);
    await ann.useBackupCode(await ann.challenge(browser), ann.backupCodes[0]!, browser);
    await expectNothingWritten(harness, async () => {
      for (const body of [undefined, {}]) expectProblem(await leave(ann, body, browser), "malformed");
    });
    const guess = { password: "not the password 4" };
    const wrong = await expectNothingChanged(harness, () => leave(ann, guess, browser));
    expectProblem(wrong, "not_accepted");
    const [counted] = await harness.sql(
      "SELECT t.in_window FROM throttle t JOIN user u ON u.id = t.user WHERE u.username = ?1 AND t.method = 'password'",
      ann.username,
    );
    expect(counted.in_window).toBe(1);

    expect((await leave(ann, { password: ann.password }, browser)).status).toBe(204);
    expect((await browser.get("/v1/me")).json).toMatchObject({
      authenticators: [],
      backup_codes: null,
      trusted_devices: [],
      session: { aal: "aal1", restricted: false },
    });
    expectProblem(await elsewhere.get("/v1/session"), "unauthenticated");
    expectDecision(await ann.signIn(newBrowser(harness)), "complete");
    const [event] = await harness.sql("SELECT * FROM event ORDER BY seq DESC LIMIT 1 OFFSET 1");
    expect(event).toMatchObject({ action: "mfa.off", outcome: "accepted" });
    expect(event.subject).toBe(how === "turning off" ? null : ann.authenticators[0]!.id);
    const mails = await harness.sql(
      "SELECT kind FROM mail WHERE address = ?1 AND kind = 'mfa_off'",
      ann.username,
    );
    expect(mails).toHaveLength(1);
  });

  test(`A129 ${how} takes a second factor, where a password steps up too`, async ({ acme, harness }) => {
    await acme.setPolicy({ step_up: "password_allowed" });
    const ann = await acme.person({ totp: true });
    await ann.signInFully();
    await ann.enroll("Tablet");
    await harness.advance(301);
    const byPassword = { method: "password", password: ann.password, code: undefined };
    await ann.verify(await ann.openStepUp(), "", ann.browser, byPassword);
    // One of two is another matter.
    const { id } = ann.authenticators.pop()!;
    expect((await ann.browser.delete(`/v1/me/authenticators/${id}`)).status).toBe(204);
    const body = { password: ann.password };
    expectProblem(await expectNothingWritten(harness, () => leave(ann, body)), "step_up_required");
    await ann.stepUp();
    await harness.advance(301);
    expectProblem(await expectNothingWritten(harness, () => leave(ann, body)), "step_up_required");
    await ann.stepUp();
    expect((await leave(ann, body)).status).toBe(204);
  });

  test(`A129 ${how} while it is required`, async ({ acme, harness }) => {
    const ann = await acme.person({ totp: true });
    await acme.setPolicy({ mode: "required" });
    await ann.signInFully();
    const body = { password: ann.password };
    expectProblem(await expectNothingWritten(harness, () => leave(ann, body)), "policy_forbids");
    await acme.setPolicy({ mode: "off" }, 1);
    expect((await leave(ann, body)).status).toBe(204);
  });

  test(`A129 ${how}, guessing the password in a session that is taken over`, async ({ acme, harness }) => {
    const ann = await acme.person({ totp: true });
    await ann.signInFully();
    const guesses: Reply[] = [];
    for (let guess = 0; guess < 12; guess += 1) {
      guesses.push(await leave(ann, { password: `not the password ${guess}` }));
    }
    expect(guesses.map(({ status }) => status)).toContain(429);
    const right = await expectNothingWritten(harness, () => leave(ann, { password: ann.password }));
    expectProblem(right, "throttled");
  });
}

for (const wait of ["", "d1-wait=2"]) {
  test(`A129 both of two authenticators removed at once: one stays${wait && ", with a wait"}`, async ({
    acme,
    harness,
  }) => {
    test.setTimeout(300_000);
    const ann = await acme.person({ totp: true });
    await ann.signInFully();
    await ann.enroll("Tablet");
    const ready = await harness.stored();
    for (let round = 0; round < 20; round += 1) {
      await harness.restore(ready);
      const replies = await Promise.all(
        Array.from({ length: 50 }, (_, index) => {
          const path = `/v1/me/authenticators/${ann.authenticators[index % 2]!.id}`;
          return ann.browser.copy().delete(path, {}, { "x-fault": wait });
        }),
      );
      expect(replies.filter(({ status }) => status === 204)).toHaveLength(1);
      for (const reply of replies) if (reply.status !== 204) expect([400, 404, 409]).toContain(reply.status);
      expect((await ann.browser.copy().get("/v1/me")).json.authenticators).toHaveLength(1);
    }
  });
}
