// ATTACKS.md section 12: what a session rests on, what it may do with that, and when it ends.

import { newBrowser } from "../harness/client.ts";
import { expectDecision, expectNothingChanged, expectProblem } from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";

test("A130 no assurance token before the decision is complete", async ({ acme, application, harness }) => {
  const [bare, enrolled] = [await acme.person(), await acme.person({ totp: true })];
  const signIn = (user: string) =>
    application.post("/v1/sign-ins", {
      organization: acme.id,
      user,
      first_factor: { method: "password" },
      session: "bearer",
    });
  const challenged = await signIn(enrolled.username);
  expectDecision(challenged, "challenge");
  expect(challenged.json.assurance).toBeUndefined();
  expect((await signIn(bare.username)).json.assurance).toMatch(/^\S+\.\S+\.\S+$/);

  expect((await acme.setPolicy({ mode: "required" })).status).toBe(200);
  for (const reply of [await signIn(bare.username), await bare.signIn(newBrowser(harness))]) {
    expectDecision(reply, "enroll");
    expect(Object.keys(reply.json)).not.toContain("assurance");
  }
  const token = (await signIn(bare.username)).json.session.token;
  const browser = newBrowser(harness);
  browser.bearer = token;
  expect((await browser.get("/v1/session")).json.assurance).toBeUndefined();
  expect((await application.post("/v1/sessions/introspect", { token })).json.active).toBe(false);
});

test("a session that rests on a backup code changes neither the password nor the policy", async ({
  acme,
  harness,
}) => {
  const owner = await acme.person({ role: "owner", totp: true });
  const browser = owner.browser;
  await owner.useBackupCode(await owner.challenge(), owner.backupCodes[0]!);
  const password = { password: "another password 9" };
  await expectNothingChanged(harness, async () => {
    expectProblem(await browser.put("/v1/me/password", password), "forbidden");
    expectProblem(await browser.post("/v1/me/backup-codes", {}), "forbidden");
    expectProblem(await acme.setPolicy({ mode: "off" }, 1, browser), "forbidden");
    expectProblem(await acme.setPolicy({ backup_codes: "recovery" }, undefined, browser), "forbidden");
  });
  // Until a real one is shown.
  await owner.stepUp();
  expect((await acme.setPolicy({ backup_codes: "recovery" }, undefined, browser)).status).toBe(200);
  expect((await browser.put("/v1/me/password", password)).status).toBe(204);
});
