// ATTACKS.md sections 2 and 12, A18, A125 and A126: how many slow hashes run when many are asked for, and who gets one.
// What others notice of it is measured in hash-exhaustion.alone.ts.

import { randomBytes } from "node:crypto";
import { request } from "node:http";
import { newBrowser, type Person } from "../harness/client.ts";
import { expectDecision, expectProblem } from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";
import { FLOODS, newName } from "../harness/floods.ts";
import type { Harness } from "../harness/harness.ts";
import type { Reply } from "../harness/http.ts";
import { challenges, outcomes } from "../harness/races.ts";

/** Milliseconds that the isolate is left to others between two hashes. */
const REST = 40;

/** Trips of an attempt that was sent away or refused by the gate before its hash. */
const BEFORE_THE_HASH = 1;

function sentAway(replies: Reply[]): Reply[] {
  return replies.filter(({ status }) => status === 429);
}

function hashed(replies: Reply[]): Reply[] {
  return replies.filter(({ trips }) => trips > BEFORE_THE_HASH);
}

async function events(harness: Harness): Promise<number> {
  const [row] = await harness.sql("SELECT count(*) n FROM event WHERE action <> 'challenge.open'");
  return row.n;
}

for (const flood of FLOODS) {
  test(`${flood.id} ${flood.many} ${flood.name}: few run, the rest are sent away`, async ({
    acme,
    harness,
  }) => {
    test.setTimeout(300_000);
    const ask = await flood.prepare(acme);
    const before = await events(harness);
    const start = performance.now();
    const replies = await Promise.all(Array.from({ length: flood.many }, (_, number) => ask(number)));
    const lasted = performance.now() - start;

    const away = sentAway(replies);
    for (const reply of away) {
      expectProblem(reply, "throttled");
      expect(Number(reply.headers["retry-after"])).toBeLessThanOrEqual(30);
    }
    expect(away.length).toBeGreaterThan(flood.many / 2);
    // One at a time, and the isolate rests between two.
    expect(hashed(replies).length).toBeLessThanOrEqual(2 + lasted / REST);
    // Nothing is written for those who were sent away, nor for those who came too late (409).
    const judged = replies.filter(({ status }) => ![409, 410, 429].includes(status));
    expect((await events(harness)) - before).toBe(judged.length);
    // And then there is room again.
    const alice = await acme.person();
    expectDecision(await alice.signIn(), "complete");
  });
}

test("A125 a session that asks fifty times keeps nobody else out", async ({ acme }) => {
  test.setTimeout(300_000);
  const flood = FLOODS.find(({ name }) => name === "new sets of backup codes")!;
  for (let round = 0; round < 5; round += 1) {
    const alice = await acme.person();
    const ask = await flood.prepare(acme);
    const flooded = Promise.all(Array.from({ length: flood.many }, (_, number) => ask(number)));
    // At the first try, with a password and so with a hash of her own.
    expectDecision(await alice.signIn(newBrowser(alice.harness)), "complete");
    expect(sentAway(await flooded).length).toBeGreaterThan(flood.many / 2);
  }
});

test("A126 a known browser goes first, another network has a place", async ({ acme, harness }) => {
  test.setTimeout(300_000);
  const wrong = (organization: string, username: string) =>
    newBrowser(harness).post("/v1/sign-ins/password", {
      organization,
      username,
      password: "not the password",
    });
  const bob = await acme.person();
  for (let round = 0; round < 5; round += 1) {
    const alice = await acme.person({ totp: true });
    await alice.trust();
    // Names that somebody has, names that nobody has, organizations that nobody has.
    const strangers = Array.from({ length: 300 }, (_, number) =>
      number % 3 === 0
        ? wrong(acme.id, bob.username)
        : wrong(number % 3 === 1 ? acme.id : `acme-${number}`, newName()),
    );
    const known = await alice.signIn();
    const elsewhere = newBrowser(harness);
    elsewhere.headers["cf-connecting-ip"] = `203.0.113.${round}`;
    const reply = await bob.signIn(elsewhere);
    const replies = await Promise.all(strangers);
    expectDecision(known, "complete");
    // Bob's own gate may be shut by those who guess at him; there is room for him all the same.
    if (reply.status === 429) expect(Number(reply.headers["retry-after"])).toBeGreaterThan(1);
    expect(sentAway(replies).length).toBeGreaterThan(150);
    expect([...Object.keys(outcomes(replies))].sort()).toEqual(["401", "429"]);
  }
});

test("A125 made-up sessions take no place from anyone", async ({ acme, harness }) => {
  const tokens = Array.from({ length: 50 }, () => `ps_${randomBytes(80).toString("base64url")}`);
  for (const [method, path, body] of [
    ["post", "/v1/me/backup-codes", {}],
    ["put", "/v1/me/password", { password: "another password 7" }],
  ] as const) {
    const flood = tokens.map((token) => {
      const caller = newBrowser(harness);
      caller.bearer = token;
      return caller[method](path, body);
    });
    const alice = await acme.person();
    expectDecision(await alice.signIn(newBrowser(harness)), "complete");
    // Judged as what they are, and not sent away: they never stood in line.
    for (const reply of await Promise.all(flood)) expectProblem(reply, "unauthenticated");
  }
});

/** Another /64 of the /48 that one customer has. */
const hop = (number: number) => `2001:db8:77:${(number % 65_536).toString(16)}::1`;

for (const [what, known] of [
  ["no cookie", false],
  ["the known-browser cookie of somebody else", true],
] as const) {
  test(`A126 a known browser goes first before a flood that carries ${what}`, async ({ acme, harness }) => {
    test.setTimeout(300_000);
    const mallory = await acme.person();
    await mallory.signIn();
    const alice = await acme.person();
    await alice.signIn();
    let flooding = true;
    let sent = 0;
    const flood = Array.from({ length: 60 }, async () => {
      while (flooding) {
        const browser = known ? mallory.browser.copy() : newBrowser(harness);
        browser.headers["cf-connecting-ip"] = hop((sent += 1));
        const body = { organization: acme.id, username: newName(), password: "not the password" };
        await browser.post("/v1/sign-ins/password", body);
      }
    });
    let served = 0;
    for (let tried = 0; tried < 20; tried += 1) {
      const { status } = await alice.signIn(alice.browser.copy());
      if (status === 200) served += 1;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    flooding = false;
    await Promise.all(flood);
    expect(served).toBeGreaterThanOrEqual(18);
  });
}

test("A125 a client that goes away makes room", async ({ acme, harness }) => {
  const mallory = await acme.person({ totp: true });
  await mallory.signInFully();
  const { hostname, port } = new URL(harness.address);
  for (let round = 0; round < 3; round += 1) {
    const gone = Array.from({ length: 20 }, () => {
      const sent = request({
        hostname,
        port,
        method: "POST",
        path: "/v1/me/backup-codes",
        headers: {
          ...mallory.browser.headers,
          cookie: mallory.browser.cookieHeader(),
          "content-type": "application/json",
        },
      });
      sent.on("error", () => undefined);
      sent.end("{}");
      return sent;
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    for (const sent of gone) sent.destroy();
    // A place that is not given back is free after 15 s. Anyone else would be let in before that.
    const start = performance.now();
    const again = () => mallory.browser.post("/v1/me/backup-codes", {});
    for (let reply = await again(); reply.status !== 200; reply = await again()) {
      expectProblem(reply, "throttled", "conflict");
      expect(performance.now() - start).toBeLessThan(10_000);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
});

function guess(person: Person, token: string, number: number): Promise<Reply> {
  return person.useBackupCode(token, String(number).padStart(8, "0"), newBrowser(person.harness));
}

/** Guesses at a person's backup codes, fifty at once, until the gate is shut; how many were looked at. */
async function untilShut(alice: Person): Promise<number> {
  let wrong = 0;
  for (let round = 0; wrong < 4; round += 1) {
    expect(round).toBeLessThan(5);
    const tokens = await challenges(alice, 50);
    const replies = await Promise.all(tokens.map((token, number) => guess(alice, token, number)));
    expect(replies.every(({ status }) => status === 401 || status === 429)).toBe(true);
    expect(hashed(replies).length).toBeLessThan(25);
    wrong += outcomes(replies)[401] ?? 0;
  }
  return wrong;
}

test("A18 guesses of backup codes: past the limit no slow hash runs", async ({ acme }) => {
  const alice = await acme.person({ totp: true });
  expect(await untilShut(alice)).toBe(4);
  const tokens = await challenges(alice, 50);
  const late = await Promise.all(tokens.map((token, number) => guess(alice, token, number)));
  expect(outcomes(late)).toEqual({ 429: 50 });
  expect(hashed(late)).toEqual([]);
});

test("the shield takes a network of IPv6 for one client", async ({ harness }) => {
  const keys = new Set<string | undefined>();
  for (let host = 0; host < 320; host += 1) {
    const from = newBrowser(harness);
    from.headers["cf-connecting-ip"] =
      `2001:db8:7:7:${(host * 7919).toString(16).slice(-4)}::${host.toString(16)}`;
    const reply = await from.post(
      "/v1/challenges/verify",
      { challenge: "nothing", method: "totp", code: "000000" },
      { "x-trace": "shield" },
    );
    expectProblem(reply, "not_accepted");
    keys.add((await harness.trace("shield")).shieldKey);
  }
  expect([...keys]).toEqual(["2001:db8:7:7::"]);
});
