// ATTACKS.md, A134: what the operator got wrong is said to the operator and charged to nobody.

import { newApplication, newBrowser, newOrganization, type Person } from "../harness/client.ts";
import { expectDecision, expectNothingWritten, expectProblem } from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";
import { Harness } from "../harness/harness.ts";
import { send } from "../harness/http.ts";

const KEY = Buffer.from([...Array(32).keys()]).toString("base64");
const RIGHT = {
  POSTERN_KEYS: `k1:${KEY}`,
  POSTERN_API_KEY: "harness-application-key-0123456789abcdef",
  RP_ID: "localhost",
  SURFACES: "",
};

test.afterEach(({ harness }) => harness.vars({ ...RIGHT, ORIGINS: harness.origin }));

/** Everything that Postern answers while something is wrong, and that none of it leaves a trace. */
async function expectNotServed(
  harness: Harness,
  person: Person,
  token: string,
  wrong: object,
): Promise<void> {
  const browser = newBrowser(harness);
  await expectNothingWritten(harness, async () => {
    for (const reply of [
      await person.signIn(browser),
      await person.signIn(browser, { password: "not the password 1" }),
      await person.verify(token, person.code(), browser),
      await person.verify(token, "000000", browser),
      await person.useBackupCode(token, person.backupCodes[0]!, browser),
      await person.browser.get("/v1/me"),
      await person.browser.delete("/v1/me/sessions"),
      await person.organization.application.get(person.organization.path),
      await newApplication(harness).post("/v1/sign-ins", {}),
      await browser.get("/.well-known/jwks.json"),
    ]) {
      expectProblem(reply, "unavailable");
      expect(reply.json.wrong).toBeUndefined();
      expect(Number(reply.headers["retry-after"])).toBeGreaterThan(0);
      expect(reply.trips).toBeLessThanOrEqual(1);
    }
    // The job neither.
    await harness.scheduled();
  });
  const health = await newBrowser(harness).get("/healthz");
  expectProblem(health, "unavailable");
  expect(health.json.wrong).toEqual([{ ...wrong, expected: expect.stringMatching(/./) }]);
}

const CASES: [name: string, vars: Record<string, string>][] = [
  ["no keys", { POSTERN_KEYS: "" }],
  ["a key that is too short", { POSTERN_KEYS: "k1:c2hvcnQ=" }],
  ["a key twice", { POSTERN_KEYS: `k1:${KEY},k2:${KEY}` }],
  ["no API key", { POSTERN_API_KEY: "" }],
  ["a short API key", { POSTERN_API_KEY: "too short" }],
  ["no origins", { ORIGINS: "" }],
  ["an origin with a slash", { ORIGINS: "http://localhost:8787/" }],
  ["an origin with a path", { ORIGINS: "http://localhost:8787/sign-in" }],
  ["an origin with capitals", { ORIGINS: "http://Localhost:8787" }],
  ["an origin with the scheme's port", { ORIGINS: "https://login.localhost:443" }],
  ["origins with a comma", { ORIGINS: "http://localhost:8787, http://localhost:8788" }],
  ["an origin by http", { ORIGINS: "http://login.example.com" }],
  ["an origin twice", { ORIGINS: "http://localhost:8787 http://localhost:8787" }],
  ["an address as origin", { ORIGINS: "https://127.0.0.1" }],
  ["no RP ID", { RP_ID: "" }],
  ["an RP ID with a port", { RP_ID: "localhost:8787" }],
  ["an RP ID with a scheme", { RP_ID: "http://localhost" }],
  ["an RP ID of another host", { RP_ID: "example.com" }],
  ["surfaces with a comma", { SURFACES: "control_panel, client_app" }],
];

test.describe("A134 settings that are wrong", () => {
  for (const [name, vars] of CASES) {
    test(name, async ({ acme, harness }) => {
      const person = await acme.person({ totp: true });
      await person.signInFully();
      await harness.advance(30);
      const token = await person.challenge(newBrowser(harness));
      const from = harness.printed().length;
      const [setting = ""] = Object.keys(vars);

      await harness.vars(vars);
      await expectNotServed(harness, person, token, { setting });

      // Said in the log, once, and no value with it.
      await expect.poll(() => harness.printed().slice(from)).toContain(`wrong setting: ${setting}: expected`);
      const printed = harness.printed().slice(from);
      expect(printed.split("wrong setting:").length).toBe(2);
      expect(printed).not.toContain(KEY);

      await harness.vars({ ...RIGHT, ORIGINS: harness.origin });
      expect((await newBrowser(harness).get("/healthz")).json).toEqual({ status: "ok" });
      expectDecision(await person.verify(token, person.code(), newBrowser(harness)), "complete");
    });
  }

  test("all at once: each is named", async ({ harness, nobody }) => {
    await harness.vars({
      POSTERN_KEYS: "k1",
      POSTERN_API_KEY: "k1",
      ORIGINS: "k1",
      RP_ID: "K1",
      SURFACES: "K1",
    });
    const { wrong } = (await nobody.get("/healthz")).json;
    const names = wrong.map(({ setting }: { setting: string }) => setting);
    expect(names).toEqual(["POSTERN_KEYS", "POSTERN_API_KEY", "ORIGINS", "RP_ID", "SURFACES"]);
  });
});

test("A134 a schema that is older than the Worker", async () => {
  // A server of its own: nothing has asked its Worker anything yet.
  const harness = await Harness.start();
  try {
    await harness.freeze(Math.floor(Date.now() / 1000));
    const [{ newest }] = await harness.sql("SELECT max(version) AS newest FROM schema_version");
    const health = (instance: string) =>
      send(harness.address, { method: "GET", path: "/healthz", headers: { "x-instance": instance } });

    await harness.sql("DELETE FROM schema_version WHERE version = ?1", newest);
    const reply = await health("1");
    expectProblem(reply, "unavailable");
    expect(reply.json.wrong).toEqual([
      { setting: "DB", expected: expect.stringContaining(`version ${newest}`) },
    ]);
    const put = await newApplication(harness).put("/v1/organizations/acme", { name: "Acme" });
    expectProblem(put, "unavailable");
    // It is not looked at with every request.
    expect(put.trips).toBe(0);
    await expect.poll(() => harness.printed()).toContain("wrong setting: DB: expected");

    // A database from before there were versions.
    await harness.sql("ALTER TABLE schema_version RENAME TO hidden");
    expect((await health("2")).json.wrong).toEqual(reply.json.wrong);

    // Applied: both instances find out by themselves.
    await harness.sql("ALTER TABLE hidden RENAME TO schema_version");
    await harness.sql("INSERT INTO schema_version (version) VALUES (?1)", newest);
    await harness.advance(10);
    for (const instance of ["1", "2"]) expect((await health(instance)).status).toBe(200);
    const acme = await newOrganization(harness);
    // And look no more.
    expect((await acme.application.get(acme.path)).trips).toBe(1);

    // A newer one is there before the Worker that needs it.
    await harness.sql("INSERT INTO schema_version (version) VALUES (?1)", newest + 1);
    expect((await health("1")).status).toBe(200);
  } finally {
    await harness.stop();
  }
});

test("A134 a database that does not answer when an isolate starts is asked again", async () => {
  const harness = await Harness.start();
  try {
    const headers = { "x-fault": "d1-fail=1+" };
    const reply = await send(harness.address, { method: "GET", path: "/healthz", headers });
    expectProblem(reply, "unavailable");
    expect(reply.json.wrong).toBeUndefined();
    const again = await send(harness.address, { method: "GET", path: "/healthz" });
    expect(again.status).toBe(200);
  } finally {
    await harness.stop();
  }
});
