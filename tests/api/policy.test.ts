// The policy: who may read, try and replace it, what a preview says, what an application is told of a decision.

import { newBrowser, newOrganization } from "../harness/client.ts";
import {
  expectDecision,
  expectNothingChanged,
  expectNothingWritten,
  expectProblem,
} from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";
import { count } from "../harness/races.ts";

test("an owner reads, tries and replaces the policy", async ({ acme, harness }) => {
  const owner = await acme.person({ role: "owner", totp: true });
  await owner.signInFully();
  const { browser } = owner;
  const read = await browser.get(`${acme.path}/policy`);
  expect(read.json.policy).toMatchObject({ mode: "optional", scope: "everyone" });
  expect((await acme.previewPolicy({ mode: "required" }, browser)).status).toBe(200);
  const put = await acme.setPolicy({ mode: "required" }, undefined, browser);
  expect(put.status, put.text).toBe(200);
  expect(put.json.version).toBeGreaterThan(read.json.version);
  const [event] = await harness.sql(
    "SELECT * FROM event WHERE action = 'policy.put' ORDER BY seq DESC LIMIT 1",
  );
  const detail = JSON.parse(event.detail);
  expect([event.actor, detail.old.mode, detail.new.mode]).toEqual(["owner", "optional", "required"]);
  // It is the organization's, and says whose doing it was.
  expect([event.user, typeof event.actor_id, typeof event.actor_name]).toEqual([null, "string", "string"]);

  await harness.advance(301);
  expect((await browser.get(`${acme.path}/policy`)).status).toBe(200);
  await expectNothingChanged(harness, async () => {
    expectProblem(await acme.setPolicy({ mode: "optional" }, undefined, browser), "step_up_required");
  });
});

test("two owners at once: one of them, and nothing of the other", async ({ acme, harness, application }) => {
  // One after the other: each moves the clock.
  const owners = [
    await acme.person({ role: "owner", totp: true }),
    await acme.person({ role: "owner", totp: true }),
  ];
  for (const owner of owners) await owner.signInFully();
  for (let round = 0; round < 20; round += 1) {
    const { policy, version } = (await application.get(`${acme.path}/policy`)).json;
    const days = (round % 2) + 5;
    const replies = await Promise.all(
      Array.from({ length: 50 }, (_, index) => {
        const by = index % 3 === 2 ? application : owners[index % 3]!.browser;
        const changed = { ...policy, trusted_devices: { days: days + index } };
        return by.put(`${acme.path}/policy`, { policy: changed, version });
      }),
    );
    const valid = replies.filter(({ status }) => status !== 400);
    expect(valid.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(count(valid, "conflict")).toBe(valid.length - 1);
    await harness.advance(1);
  }
});

test("a preview says whom a policy touches, and how", async ({ acme, harness, application }) => {
  const bound = await acme.person({ groups: ["staff"] });
  const enrolled = await acme.person({ groups: ["staff"], totp: true });
  await enrolled.trust();
  const guest = await acme.person();
  const single = await acme.person({ groups: ["staff"] });
  await application.post("/v1/sign-ins", {
    organization: acme.id,
    user: single.username,
    first_factor: { method: "sso", amr: ["pwd"] },
  });
  const tried = await expectNothingWritten(harness, () =>
    acme.previewPolicy({ mode: "required", scope: { groups: ["staff"] } }),
  );
  expect(tried.status, tried.text).toBe(200);
  const { preview, enrolled: asleep } = tried.json;
  expect([preview.people, asleep]).toEqual([4, 1]);
  const effects = Object.fromEntries(
    preview.effects.map((effect: { change: string; named: string[] }) => [effect.change, effect.named]),
  );
  expect(effects).toEqual({
    enrolls: [bound.username],
    loses_trust: [enrolled.username],
    exempt: [single.username],
  });
  expect(JSON.stringify(effects)).not.toContain(guest.username);

  const grace = harness.time() + 86_400;
  const later = (await acme.previewPolicy({ mode: "required", grace_until: grace })).json.preview;
  const enrolls = later.effects.filter((effect: { change: string }) => effect.change === "enrolls");
  expect(enrolls).toMatchObject([{ from: grace, people: 2 }]);
  const off = (await acme.previewPolicy({ mode: "off" })).json.preview;
  expect(off.effects).toMatchObject([{ change: "falls_asleep", people: 1, named: [enrolled.username] }]);
  expect((await acme.previewPolicy({})).json.preview).toMatchObject({ affected: 0, effects: [] });
});

test("policies that make no sense are told so, field by field", async ({ acme, harness }) => {
  const now = harness.time();
  const bad: [Record<string, unknown>, string][] = [
    [{ mode: "sometimes" }, "mode"],
    [{ scope: { groups: [] } }, "scope"],
    [{ scope: { roles: ["king"] } }, "scope"],
    [{ scope: "nobody" }, "scope"],
    [{ grace_until: now - 1 }, "grace_until"],
    [{ grace_until: -5 }, "grace_until"],
    [{ grace_until: now + 400 * 86_400 }, "grace_until"],
    [{ trusted_devices: { days: 0 } }, "trusted_devices"],
    [{ trusted_devices: { days: 31 } }, "trusted_devices"],
    [{ trusted_devices: { days: -1 } }, "trusted_devices"],
    [{ surfaces: { control_panel: { max_age: 59 } } }, "surfaces"],
    [{ surfaces: { control_panel: { max_age: -1 } } }, "surfaces"],
    [{ surfaces: { control_panel: { max_age: 1e15 } } }, "surfaces"],
    [{ surfaces: { control_panel: { asked: false, every_sign_in: true } } }, "surfaces"],
    [{ surfaces: { "Control Panel": {} } }, "surfaces"],
    [{ surfaces: { control_panel: { ask: true } } }, "surfaces"],
    [{ sso: "maybe" }, "sso"],
    [{ unknown: 1 }, "unknown"],
  ];
  await expectNothingWritten(harness, async () => {
    for (const [change, field] of bad) {
      for (const reply of [await acme.setPolicy(change), await acme.previewPolicy(change)]) {
        expectProblem(reply, "malformed");
        expect(`${reply.json.field} ${reply.json.detail}`, reply.text).toContain(field);
      }
    }
  });
});

test("a deployment that lists its surfaces takes no others", async ({ acme, harness, application }) => {
  const ann = await acme.person();
  await harness.vars({ SURFACES: "control_panel client_app" });
  try {
    const asked = (surface: string) =>
      application.post("/v1/sign-ins", {
        organization: acme.id,
        user: ann.username,
        first_factor: { method: "password" },
        surface,
      });
    expectDecision(await asked("client_app"), "complete");
    const unknown = [
      await asked("clientapp"),
      await ann.signIn(newBrowser(harness), { surface: "clientapp" }),
      await newBrowser(harness).post("/v1/sign-ins/passkey", { surface: "clientapp" }),
    ];
    for (const reply of unknown) {
      expectProblem(reply, "malformed");
      expect(reply.json.field).toBe("surface");
    }
    const rule = await acme.setPolicy({ surfaces: { clientapp: { asked: false } } });
    expectProblem(rule, "malformed");
    expect(rule.json.field).toBe("surfaces");
    expect((await acme.setPolicy({ surfaces: { client_app: { asked: false } } })).status).toBe(200);
  } finally {
    await harness.vars({});
  }
});

test("an application is told the rule that decided, if it asks", async ({ acme, application }) => {
  const ann = await acme.person({ totp: true });
  const body = { organization: acme.id, user: ann.username, first_factor: { method: "password" } };
  expect((await application.post("/v1/sign-ins", body)).json.rule).toBeUndefined();
  const explained = await application.post("/v1/sign-ins?explain=1", body);
  expect(explained.json).toMatchObject({
    decision: "challenge",
    reasons: ["evidence.enrolled"],
    rule: "mode",
  });
  await acme.setPolicy({ surfaces: { client_app: { asked: false } } });
  const free = await application.post("/v1/sign-ins?explain=1", { ...body, surface: "client_app" });
  expect(free.json).toMatchObject({ decision: "complete", rule: "surfaces.asked" });
  // Not everybody.
  const question = await ann.signIn();
  expect(question.json.rule).toBeUndefined();
});

test("what an identity provider said long ago proves nothing, and nothing of tomorrow", async ({
  acme,
  application,
  harness,
}) => {
  await acme.setPolicy({ mode: "required", sso: "evidence" });
  const ann = await acme.person();
  const ask = (first: object) =>
    application.post("/v1/sign-ins", {
      organization: acme.id,
      user: ann.username,
      first_factor: { method: "sso", amr: ["mfa"], ...first },
    });
  const now = harness.time();
  expectDecision(await ask({}), "complete");
  expectDecision(await ask({ auth_time: now - 3600 }), "complete");
  expectDecision(await ask({ auth_time: now - 86_401 }), "enroll");
  expectDecision(await ask({ auth_time: now + 59 }), "complete");
  expectProblem(await ask({ auth_time: now + 3600 }), "malformed");
  expectProblem(await ask({ auth_time: -1 }), "malformed");
  expectDecision(await ask({ amr: ["pwd"] }), "enroll");
});

test("the day grace ends, who has to enroll is told once", async ({ acme, harness }) => {
  const late = await acme.person();
  await acme.person({ totp: true });
  const until = harness.time() + 86_400;
  expect((await acme.setPolicy({ mode: "required", grace_until: until })).status).toBe(200);
  const told = () => harness.sql("SELECT address FROM mail WHERE kind = 'enrollment_due'");
  const [{ id }] = await harness.sql("SELECT id FROM organization WHERE external_id = ?1", acme.id);
  const recorded = () =>
    harness.sql("SELECT detail FROM event WHERE action = 'policy.grace_over' AND organization = ?1", id);
  const signedIn = await late.signIn();
  expectDecision(signedIn, "complete");
  expect(signedIn.json.deadline_at).toBe(until);
  await harness.scheduled();
  expect((await told()).map(({ address }) => address)).not.toContain(late.username);
  await harness.advance(86_400);
  for (let minute = 0; minute < 3; minute += 1) await harness.scheduled();
  expect((await told()).filter(({ address }) => address === late.username)).toHaveLength(1);
  expect(await recorded()).toEqual([{ detail: '{"people":1}' }]);
  expectDecision(await late.signIn(newBrowser(harness)), "enroll");
});

test("somebody of another organization learns nothing of this one's policy", async ({ acme, harness }) => {
  const other = await newOrganization(harness, "Other");
  const owner = await other.person({ role: "owner", totp: true });
  await owner.signInFully();
  const { browser } = owner;
  const missing = await browser.get("/v1/organizations/never-was/policy");
  for (const reply of [
    await browser.get(`${acme.path}/policy`),
    await browser.put(`${acme.path}/policy`, { policy: { mode: "required" }, version: 1 }),
    await browser.post(`${acme.path}/policy/preview`, { policy: { mode: "required" } }),
  ]) {
    expectProblem(reply, "not_found");
    expect({ ...reply.json, request_id: "" }).toEqual({ ...missing.json, request_id: "" });
  }
});
