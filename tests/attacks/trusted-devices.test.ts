// ATTACKS.md section 5.

import { deviceCookie, newBrowser, newOrganization, type Caller, type Person } from "../harness/client.ts";
import { wrongCode } from "../harness/codes.ts";
import {
  expectDecision,
  expectNothingChanged,
  expectNothingWritten,
  expectProblem,
} from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";
import type { Harness } from "../harness/harness.ts";
import { count, outcomes } from "../harness/races.ts";

const DAY = 86_400;

/** A browser that holds only a device's cookie. */
function remembered(harness: Harness, cookie: string): Caller {
  const browser = newBrowser(harness);
  const at = cookie.indexOf("=");
  browser.cookies.set(cookie.slice(0, at), cookie.slice(at + 1));
  return browser;
}

async function liveDevices(harness: Harness, person: Person): Promise<number> {
  const [row] = await harness.sql(
    `SELECT count(*) n FROM trusted_device d JOIN user u ON (u.organization, u.id) = (d.organization, d.user)
     WHERE u.username = ?1 AND d.ended_at IS NULL AND d.user_version = u.version`,
    person.username,
  );
  return row.n;
}

test("a trusted device skips the question and leaves aal1", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  const browser = remembered(harness, await alice.trust());
  const reply = await alice.signIn(browser);
  expectDecision(reply, "complete");
  expect(reply.json.session).toMatchObject({ aal: "aal1", trusted_device: true });
  // One of them reads the password's gate before the slow hash.
  expect(reply.trips).toBe(2);
  expect((await browser.get("/v1/me")).json.trusted_devices).toMatchObject([{ current: true }]);
});

test("trust that is given is recorded, with its end, and a wrong code gives none", async ({
  acme,
  harness,
}) => {
  const alice = await acme.person({ totp: true });
  const grants = async () =>
    harness.sql(
      `SELECT e.actor, e.method, e.subject, e.outcome, e.at, e.detail ->> 'expires_at' AS expires_at, d.id AS device
       FROM event e JOIN user u ON (u.organization, u.id) = (e.organization, e.user)
       LEFT JOIN trusted_device d ON (d.organization, d.user, d.id) = (e.organization, e.user, e.subject)
       WHERE u.username = ?1 AND e.action = 'trusted_device.grant'`,
      alice.username,
    );
  const wrong = await alice.verify(
    await alice.challenge(),
    wrongCode(alice.authenticators[0]!.secret, harness.time()),
    alice.browser,
    {
      trust_device: true,
    },
  );
  expectProblem(wrong, "not_accepted");
  await alice.signInFully(newBrowser(harness));
  expect(await grants()).toEqual([]);
  await alice.trust();
  const [grant, ...others] = await grants();
  expect(others).toEqual([]);
  expect(grant).toMatchObject({ actor: "user", method: "totp", outcome: "accepted", at: harness.time() });
  expect(grant.subject).toBe(grant.device);
  expect(grant.expires_at).toBe(harness.time() + 30 * DAY);
  // Once, though its answer was lost.
  await harness.advance(30);
  const token = await alice.challenge(newBrowser(harness));
  const lost = { "x-fault": "d1-lose=1" };
  const again = await alice.verify(token, alice.code(), newBrowser(harness), { trust_device: true }, lost);
  expect(again.status, again.text).toBe(200);
  expect(await grants()).toHaveLength(2);
});

test("a trusted device that an application presents costs one trip", async ({ acme }) => {
  const alice = await acme.person({ totp: true });
  const [, token = ""] = (await alice.trust()).split(/=(.*)/s);
  const ask = () =>
    acme.application.post("/v1/sign-ins", {
      organization: acme.id,
      user: alice.username,
      first_factor: { method: "password" },
      trusted_device: token,
      session: "bearer",
    });
  const reply = await ask();
  expectDecision(reply, "complete");
  expect(reply.json.session).toMatchObject({ aal: "aal1", trusted_device: true });
  expect(reply.trips).toBe(1);
});

test("A46 a stolen cookie without the password", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  const thief = remembered(harness, await alice.trust());
  await expectNothingChanged(harness, async () => {
    for (const path of ["/v1/me", "/v1/session", "/v1/me/trusted-devices"]) {
      expectProblem(await thief.get(path), "unauthenticated");
    }
    expectProblem(await alice.signIn(thief, { password: "not the password 1" }), "not_accepted");
  });
});

test("A47 a stolen cookie with the password, after its rotation", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  const cookie = await alice.trust();
  const hers = remembered(harness, cookie);
  expectDecision(await alice.signIn(hers), "complete");
  const rotated = deviceCookie(hers)!;
  expect(rotated).not.toBe(cookie);

  await harness.advance(30);
  const soon = remembered(harness, cookie);
  expectDecision(await alice.signIn(soon), "complete");
  expect(deviceCookie(soon)).toBe(rotated);

  await harness.advance(61);
  const thief = remembered(harness, cookie);
  expectDecision(await alice.signIn(thief), "challenge");
  const events = await harness.sql(
    "SELECT trust FROM event WHERE trust IS NOT NULL ORDER BY seq DESC LIMIT 1",
  );
  expect(events[0].trust).toBe("reused");
  expectDecision(await alice.signIn(hers), "challenge");
  expect(await liveDevices(harness, alice)).toBe(0);
  const mails = await harness.sql("SELECT kind FROM mail ORDER BY created_at DESC");
  expect(mails.length).toBeGreaterThan(0);
});

for (const ahead of [600, 3600]) {
  test(`A47 a token rotated at an instance ${ahead} s ahead is no longer good for the one before it`, async ({
    acme,
    harness,
  }) => {
    const alice = await acme.person({ totp: true });
    const cookie = await alice.trust();
    await harness.skew(ahead);
    const hers = remembered(harness, cookie);
    hers.headers["x-instance"] = "2";
    expectDecision(await alice.signIn(hers), "complete");
    await harness.advance(300);
    const thief = remembered(harness, cookie);
    expectDecision(await alice.signIn(thief), "challenge");
    expect(deviceCookie(thief)).not.toBe(deviceCookie(hers));
  });
}

for (const wrong of [-120, 600]) {
  test(`A47 a token shown twice at once, first at an instance off by ${wrong} s, is no theft`, async ({
    acme,
    harness,
  }) => {
    const alice = await acme.person({ totp: true });
    const cookie = await alice.trust();
    await harness.advance(600);
    await harness.skew(wrong);
    const first = remembered(harness, cookie);
    first.headers["x-instance"] = "2";
    expectDecision(await alice.signIn(first), "complete");
    const second = remembered(harness, cookie);
    expectDecision(await alice.signIn(second), "complete");
    expect(deviceCookie(second)).toBe(deviceCookie(first));
    const sent = "SELECT 1 FROM mail WHERE kind = 'trusted_device_reused' AND address = ?1";
    expect(await harness.sql(sent, alice.username)).toEqual([]);
  });
}

test("A47 one device token fifty times at once", async ({ acme, application, harness }) => {
  test.setTimeout(300_000);
  const alice = await acme.person({ totp: true });
  // Through an application, where no slow hash stands before the race.
  let token = (await alice.trust()).replace(/^[^=]*=/, "");
  for (let round = 0; round < 20; round += 1) {
    const body = {
      organization: acme.id,
      user: alice.username,
      first_factor: { method: "password" },
      trusted_device: token,
      session: "bearer",
    };
    const wait = { "x-fault": round % 2 ? "d1-wait=2" : "" };
    const replies = await Promise.all(
      Array.from({ length: 50 }, () => application.post("/v1/sign-ins", body, wait)),
    );
    expect(outcomes(replies)).toEqual({ 200: 50 });
    expect(count(replies, "complete")).toBe(50);
    const next = new Set(replies.map(({ json }) => json.trusted_device));
    expect(next.size).toBe(1);
    token = [...next][0]!;
    await harness.advance(61);
  }
});

test("A48 replay on another user or organization", async ({ acme, harness }) => {
  const umbrella = await newOrganization(harness, "Umbrella");
  const alice = await acme.person({ totp: true });
  const cookie = await alice.trust();
  for (const other of [await acme.person({ totp: true }), await umbrella.person({ totp: true })]) {
    const browser = remembered(harness, cookie);
    const reply = await expectNothingChanged(harness, () => other.signIn(browser));
    expectDecision(reply, "challenge");
  }
  expectDecision(await alice.signIn(remembered(harness, cookie)), "complete");
});

for (const all of [false, true]) {
  test(`A49 after ${all ? "all devices were" : "this device was"} revoked, at another instance too`, async ({
    acme,
    harness,
  }) => {
    const alice = await acme.person({ totp: true });
    const cookie = await alice.trust();
    await alice.stepUp();
    const { trusted_devices: devices } = (await alice.browser.get("/v1/me/trusted-devices")).json;
    expect(devices.length).toBe(1);
    const path = all ? "/v1/me/trusted-devices" : `/v1/me/trusted-devices/${devices[0].id}`;
    const gone = await alice.browser.delete(path);
    expect(gone.status, gone.text).toBe(204);
    for (const instance of ["2", "1"]) {
      const browser = remembered(harness, cookie);
      browser.headers["x-instance"] = instance;
      expectDecision(await alice.signIn(browser), "challenge");
    }
  });
}

test.describe("A51 trust ends with", () => {
  const changes: Record<string, (alice: Person) => Promise<unknown>> = {
    "a password changed by the person": async (alice) => {
      await alice.stepUp();
      const reply = await alice.browser.put("/v1/me/password", { password: alice.password });
      expect(reply.status, reply.text).toBeLessThan(300);
    },
    "a password changed by the application": async (alice) => {
      const path = `${alice.organization.path}/users/${encodeURIComponent(alice.username)}`;
      const reply = await alice.organization.application.patch(path, { password: alice.password });
      expect(reply.status, reply.text).toBe(200);
    },
    "an authenticator added": async (alice) => {
      await alice.stepUp();
      await alice.enroll("Tablet");
    },
    "an authenticator removed": async (alice) => {
      await alice.stepUp();
      const reply = await alice.browser.delete(`/v1/me/authenticators/${alice.authenticators[1]!.id}`);
      expect(reply.status, reply.text).toBe(204);
    },
    "new backup codes": async (alice) => {
      await alice.stepUp();
      const reply = await alice.browser.post("/v1/me/backup-codes", {});
      expect(reply.status, reply.text).toBe(200);
    },
    "signing out everywhere": async (alice) => {
      await alice.stepUp();
      const reply = await alice.browser.delete("/v1/me/sessions");
      expect(reply.status, reply.text).toBe(204);
    },
  };
  for (const [what, change] of Object.entries(changes)) {
    test(what, async ({ acme, harness }) => {
      const alice = await acme.person({ totp: true });
      await alice.signInFully();
      await alice.enroll("Tablet");
      await harness.advance(60);
      const cookie = await alice.trust();
      expectDecision(await alice.signIn(remembered(harness, cookie)), "complete");
      const browser = remembered(harness, deviceCookie(alice.browser) ?? cookie);
      await change(alice);
      expectDecision(await alice.signIn(browser), "challenge");
      expect(await liveDevices(harness, alice)).toBe(0);
    });
  }
});

test("A52 after its day, also when used daily", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  const from = harness.time() + 30;
  const browser = remembered(harness, await alice.trust());
  for (let day = 1; day <= 29; day += 1) {
    await harness.freeze(from + day * DAY);
    expectDecision(await alice.signIn(browser), "complete");
  }
  await harness.freeze(from + 30 * DAY - 1);
  expectDecision(await alice.signIn(browser), "complete");
  await harness.freeze(from + 30 * DAY + 1);
  expectDecision(await alice.signIn(browser), "challenge");
});

test("A52 a disabled user", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  const cookie = await alice.trust();
  await harness.sql(
    "UPDATE user SET state = 'disabled', version = version + 1 WHERE username = ?1",
    alice.username,
  );
  expectProblem(await alice.signIn(remembered(harness, cookie)), "not_accepted");
  expectProblem(await alice.browser.get("/v1/me"), "unauthenticated");
});

test("A53 trust is no step-up", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  const browser = remembered(harness, await alice.trust());
  expectDecision(await alice.signIn(browser), "complete");
  const id = alice.authenticators[0]!.id;
  await expectNothingChanged(harness, async () => {
    for (const attempt of [
      () => browser.post("/v1/me/totp", {}),
      () => browser.post("/v1/me/backup-codes", {}),
      () => browser.delete(`/v1/me/authenticators/${id}`),
      () => browser.delete("/v1/me/mfa", { password: alice.password }),
      () => browser.put("/v1/me/password", { password: "another password 6" }),
      () => browser.delete("/v1/me/trusted-devices"),
    ]) {
      expectProblem(await attempt(), "step_up_required");
    }
  });
});

test("A113 self-made trust", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  const cookie = await alice.trust();
  const name = cookie.slice(0, cookie.indexOf("="));
  const value = cookie.slice(cookie.indexOf("=") + 1);
  const flipped = value.slice(0, -5) + (value.at(-5) === "A" ? "B" : "A") + value.slice(-4);
  for (const made of [
    "",
    "x",
    "A".repeat(43),
    "A".repeat(4_000),
    "' OR 1=1 --",
    value.slice(0, -1),
    `${value}A`,
  ]) {
    const browser = remembered(harness, `${name}=${made}`);
    const reply = await expectNothingChanged(harness, () => alice.signIn(browser));
    expectDecision(reply, "challenge");
  }
  const many = newBrowser(harness);
  many.headers.cookie = Array.from({ length: 100 }, (_, index) => `${name}=${index}${value.slice(3)}`).join(
    "; ",
  );
  expectDecision(await alice.signIn(many), "challenge");
  const hers = remembered(harness, cookie);
  expectDecision(await alice.signIn(hers), "complete");
  // A real series with a made-up token is not an old token of it: hers goes on.
  expectDecision(await alice.signIn(remembered(harness, `${name}=${flipped}`)), "challenge");
  expectDecision(await alice.signIn(hers), "complete");
});

test("A114 trust asked for at the wrong moment", async ({ acme, harness }) => {
  const alice = await acme.person({ totp: true });
  const browser = newBrowser(harness);
  await expectNothingWritten(harness, async () => {
    expectProblem(await alice.signIn(browser, { trust_device: true }), "malformed");
  });
  expect(deviceCookie(browser)).toBeUndefined();

  const token = await alice.challenge(browser);
  const wrong = wrongCode(alice.authenticators[0]!.secret, harness.time());
  expectProblem(await alice.verify(token, wrong, browser, { trust_device: true }), "not_accepted");
  expect(deviceCookie(browser)).toBeUndefined();

  const byCode = await browser.post("/v1/challenges/verify", {
    challenge: token,
    method: "backup_code",
    code: alice.backupCodes[0],
    trust_device: true,
  });
  expect([200, 400]).toContain(byCode.status);
  expect(deviceCookie(browser)).toBeUndefined();
  expect(await liveDevices(harness, alice)).toBe(0);
});
