// What a stranger without the password can do to an owner, and can learn: A127, A132, A136 of ATTACKS.md.

import { createHash } from "node:crypto";
import { newBrowser, type Caller, type Organization, type Person } from "../harness/client.ts";
import { expectDecision, expectNothingChanged, expectProblem } from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";
import { effect } from "../harness/flows.ts";
import type { Harness } from "../harness/harness.ts";
import type { Reply } from "../harness/http.ts";
import { outcomes } from "../harness/races.ts";

const DAY = 86_400;

/** A browser in network number `network`. */
function from(harness: Harness, network: number, host = 7): Caller {
  const browser = newBrowser(harness);
  browser.headers["cf-connecting-ip"] = `198.51.${network}.${host}`;
  return browser;
}

function guess(browser: Caller, organization: string, username: string): Promise<Reply> {
  return browser.post("/v1/sign-ins/password", { organization, username, password: "not the password" });
}

const at = (person: Person, browser: Caller) => guess(browser, person.organization.id, person.username);

/** The counters of a person's password: lane to wrong proofs of the day. */
async function counted(harness: Harness, person: Person): Promise<Record<string, number>> {
  const rows = await harness.sql(
    `SELECT lane, in_window FROM throttle t JOIN user u ON (u.organization, u.id) = (t.organization, t.user)
     WHERE u.username = ?1 AND method = 'password' ORDER BY lane`,
    person.username,
  );
  return Object.fromEntries(rows.map(({ lane, in_window }) => [lane, in_window]));
}

test.describe("A127 keeping the owner out", () => {
  test("four wrong passwords a second from one address, then from fifty networks", async ({
    acme,
    harness,
  }) => {
    test.setTimeout(600_000);
    const alice = await acme.person();
    const [known, mallory] = [from(harness, 1), from(harness, 2)];
    expectDecision(await alice.signIn(known), "complete");
    const began = harness.time();
    const answers = { known: 0, elsewhere: 0, guessed: 0 };
    for (let second = 0; second < 96; second += 1) {
      for (let nth = 0; nth < 4; nth += 1) {
        if ((await at(alice, mallory)).status === 401) answers.guessed += 1;
      }
      if (second % 3 === 0) {
        const device = from(harness, 3);
        if ((await alice.signIn(known)).status === 200) answers.known += 1;
        if ((await alice.signIn(device)).status === 200) answers.elsewhere += 1;
      }
      await harness.advance(1);
    }
    expect(answers).toMatchObject({ known: 32, elsewhere: 32 });
    // 5 s, 10, 20, 40: the waits let so many through, and no other network waits with them.
    expect(answers.guessed).toBeLessThanOrEqual(11);

    // Fifty networks use up the account's hundred of the day: then no unknown browser gets in.
    for (let network = 10; network < 60; network += 1) {
      const browser = from(harness, network);
      let reply = await at(alice, browser);
      for (; reply.status === 401; reply = await at(alice, browser)) answers.guessed += 1;
      expectProblem(reply, "throttled");
    }
    expect(answers.guessed).toBe(100);
    expectDecision(await alice.signIn(known), "complete");
    const shut = await alice.signIn(from(harness, 3));
    expectProblem(shut, "throttled");
    expect(shut.headers["retry-after"]).toBe(String(began + DAY - harness.time()));
    // What a stranger gets wrong is nothing in the owner's own lane.
    expect(Object.keys(await counted(harness, alice)).filter((lane) => lane.startsWith("w_"))).toEqual([]);

    await harness.freeze(began + DAY);
    expectDecision(await alice.signIn(from(harness, 3)), "complete");
    expectProblem(await at(alice, mallory), "not_accepted");
  });

  for (const wait of ["", "d1-wait=2"]) {
    test(`sixty at once where five are left${wait ? ", with a wait before the commit" : ""}`, async ({
      acme,
      harness,
    }) => {
      test.setTimeout(600_000);
      for (let round = 0; round < 20; round += 1) {
        const alice = await acme.person();
        expectProblem(await at(alice, from(harness, 1)), "not_accepted");
        await harness.sql(
          `UPDATE throttle SET in_window = 95 WHERE method = 'password' AND lane = ''
           AND user = (SELECT id FROM user WHERE username = ?1)`,
          alice.username,
        );
        let evaluated = 0;
        for (let burst = 0; burst < 30; burst += 1) {
          const replies = await Promise.all(
            Array.from({ length: 60 }, (_, network) => {
              const browser = from(harness, 10 + network);
              browser.headers["x-fault"] = wait;
              browser.headers["x-instance"] = String(1 + (network % 2));
              return at(alice, browser);
            }),
          );
          const { 401: wrong = 0, 429: shut = 0 } = outcomes(replies);
          expect(wrong + shut).toBe(60);
          evaluated += wrong;
          if (wrong === 0) break;
        }
        expect(evaluated).toBe(5);
        expect((await counted(harness, alice))[""]).toBe(100);
      }
    });
  }

  test("a known browser that is used to guess shuts itself and nothing else", async ({ acme, harness }) => {
    test.setTimeout(600_000);
    const alice = await acme.person();
    const [known, other] = [from(harness, 1), from(harness, 1)];
    for (const browser of [known, other]) expectDecision(await alice.signIn(browser), "complete");
    let guessed = 0;
    const began = harness.time();
    while (harness.time() < began + DAY - 600) {
      const reply = await at(alice, known);
      if (reply.status === 401) guessed += 1;
      else await harness.advance(Number(reply.headers["retry-after"]));
    }
    expect(guessed).toBe(100);
    await harness.freeze(began + DAY - 300);
    expectProblem(await alice.signIn(known), "throttled");
    // It has no second lane as a stranger.
    expect(await counted(harness, alice)).toMatchObject({ known: 100 });
    expect((await counted(harness, alice))[""]).toBeUndefined();
    expectDecision(await alice.signIn(other), "complete");
    expectDecision(await alice.signIn(from(harness, 1)), "complete");
  });

  test("lanes made by someone who can sign in are bounded together", async ({ acme, harness }) => {
    test.setTimeout(600_000);
    const alice = await acme.person();
    let guessed = 0;
    for (let browser = 0; browser < 80; browser += 1) {
      const known = from(harness, 1);
      expect((await alice.signIn(known)).status).toBe(200);
      for (let nth = 0; nth < 5; nth += 1) {
        const reply = await at(alice, known);
        if (reply.status === 401) guessed += 1;
        else expectProblem(reply, "throttled");
      }
    }
    expect(guessed).toBe(300);
  });

  test("a known browser is known to one person, and cannot be made up", async ({ acme, harness }) => {
    const [alice, bob] = [await acme.person(), await acme.person()];
    const known = from(harness, 1);
    expectDecision(await alice.signIn(known), "complete");
    const [[name, value] = ["", ""]] = [...known.cookies].filter(([name]) => name.includes("browser"));
    expectDecision(await bob.signIn(known), "complete");
    const [, [hisName] = [""]] = [...known.cookies].filter(([name]) => name.includes("browser"));
    expect(hisName).not.toBe(name);

    // Alice's cookie under Bob's name, and cookies that are made up: strangers, all of them.
    const forged = [
      value.slice(0, -1) + (value.endsWith("A") ? "B" : "A"),
      value.replace("pb_", "pd_"),
      value.split(".")[0]!,
      "",
    ];
    for (const [index, cookie] of [value, ...forged].entries()) {
      const browser = from(harness, 100 + index);
      browser.cookies.set(hisName, cookie);
      expectProblem(await at(bob, browser), "not_accepted");
    }
    for (const [index, cookie] of forged.entries()) {
      const browser = from(harness, 120 + index);
      browser.cookies.set(name, cookie);
      expectProblem(await at(alice, browser), "not_accepted");
    }
    expect((await counted(harness, bob))[""]).toBe(5);
    expect((await counted(harness, alice))[""]).toBe(4);
    expect(Object.keys(await counted(harness, alice)).filter((lane) => lane.startsWith("w_"))).toEqual([]);
  });

  test("what a password thief has is no known browser: it takes the second factor", async ({
    acme,
    harness,
  }) => {
    const alice = await acme.person({ totp: true });
    const thief = from(harness, 1);
    expectDecision(await alice.signIn(thief), "challenge");
    expect([...thief.cookies.keys()]).toEqual([]);
    const hers = from(harness, 1);
    await alice.signInFully(hers);
    expect([...hers.cookies.keys()].filter((name) => name.includes("browser")).length).toBe(1);
    // Bearer tokens are for applications: they have no cookies.
    const reply = await alice.signIn(hers, { session: "bearer" });
    expectDecision(reply, "challenge");
  });

  test("addresses of one /64 are one network, and a session is no stranger", async ({ acme, harness }) => {
    const alice = await acme.person();
    const statuses: number[] = [];
    for (let nth = 0; nth < 8; nth += 1) {
      const browser = newBrowser(harness);
      browser.headers["cf-connecting-ip"] = `2001:db8:0:1:${nth.toString(16)}::1`;
      statuses.push((await at(alice, browser)).status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 401, 429, 429]);
    const neighbor = newBrowser(harness);
    neighbor.headers["cf-connecting-ip"] = "2001:db8:0:2::1";
    expectProblem(await at(alice, neighbor), "not_accepted");

    // With the account's cap used up, she still steps up by her password.
    await harness.sql(
      `UPDATE throttle SET in_window = 100, not_before = window_from + ${DAY} WHERE method = 'password' AND lane = ''
       AND user = (SELECT id FROM user WHERE username = ?1)`,
      alice.username,
    );
    expectProblem(await alice.signIn(), "throttled");
    const known = from(harness, 1);
    await harness.sql("DELETE FROM throttle WHERE lane = ''");
    expectDecision(await alice.signIn(known), "complete");
    for (let nth = 0; nth < 3; nth += 1) {
      const token = await alice.openStepUp(known);
      const wrong = { challenge: token, method: "password", password: "not the password" };
      expectProblem(await known.post("/v1/challenges/verify", wrong), "not_accepted");
    }
    expect(await counted(harness, alice)).toMatchObject({ session: 3, known: 3 });
    expect((await counted(harness, alice))[""]).toBeUndefined();
  });
});

test.describe("A132 who is there", () => {
  /** What one wrong password answers and costs, for each kind of name at the same moment. */
  async function each(harness: Harness, kinds: Record<string, () => Promise<Reply>>, tries: number) {
    const seen: Record<string, unknown[]> = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, []]));
    for (let tried = 0; tried < tries; tried += 1) {
      for (const [kind, ask] of Object.entries(kinds)) {
        const before = await harness.tables();
        const { status, headers, json, trips } = await ask();
        const { request_id: _, ...body } = json;
        seen[kind]!.push({
          status,
          wait: headers["retry-after"],
          statements: headers["x-d1-statements"],
          trips,
          body,
          wrote: effect(before, await harness.tables()),
        });
      }
      await harness.advance(tried % 3);
    }
    const [first] = Object.values(seen);
    expect(seen).toEqual(Object.fromEntries(Object.keys(kinds).map((kind) => [kind, first])));
    return first!.map((answer: any) => answer.status);
  }

  async function kinds(acme: Organization, harness: Harness) {
    const known = await acme.person();
    const enrolled = await acme.person({ totp: true });
    const disabled = await acme.person();
    await harness.sql(
      "UPDATE user SET state = 'disabled', version = version + 1 WHERE username = ?1",
      disabled.username,
    );
    const stranger = `person-${"0".repeat(8)}@example.test`;
    const ask = (organization: string, username: string) => () =>
      guess(from(harness, 1), organization, username);
    return {
      "a user": ask(acme.id, known.username),
      "a user with a second factor": ask(acme.id, enrolled.username),
      "a disabled user": ask(acme.id, disabled.username),
      "an unknown user": ask(acme.id, stranger),
      "an unknown organization": ask(`${acme.id.slice(0, -1)}x`, stranger),
      "no name of an organization at all": ask(`No Such\n${acme.id}`, stranger),
    };
  }

  test("twenty in a row, and again after a day and a sweep", async ({ acme, harness }) => {
    test.setTimeout(300_000);
    const names = await kinds(acme, harness);
    const first = await each(harness, names, 20);
    expect(first.filter((status) => status === 401).length).toBeGreaterThanOrEqual(6);
    expect(first.slice(0, 7)).toEqual([401, 401, 401, 401, 401, 401, 429]);
    await harness.advance(DAY);
    for (let minute = 0; minute < 2; minute += 1) {
      await harness.scheduled();
      await harness.advance(3_700);
    }
    expect(await each(harness, names, 20)).toEqual(first);
    // Days of which only one has a sweep in it are alike too.
    await harness.advance(DAY + 7_400);
    expect(await each(harness, names, 8)).toEqual(first.slice(0, 8));
  });

  test("at once: of unknown names no more are looked at than of known ones", async ({ acme, harness }) => {
    test.setTimeout(300_000);
    const names = await kinds(acme, harness);
    for (const [kind, ask] of Object.entries(names)) {
      let evaluated = 0;
      for (let burst = 0; burst < 10; burst += 1) {
        const replies = await Promise.all(Array.from({ length: 50 }, ask));
        const { 401: wrong = 0, 429: shut = 0 } = outcomes(replies);
        expect(wrong + shut, kind).toBe(50);
        evaluated += wrong;
      }
      expect(evaluated, kind).toBe(6);
    }
  });

  test("what no user is called is kept under a key, and swept", async ({ acme, harness }) => {
    const typed = "my secret passphrase";
    const elsewhere = "nowhere-0000";
    // The sweep also asks the database for the time, which no test moves: what it finds is from before.
    const before = DAY + 7_400;
    await harness.advance(-before);
    // The newest event stays, so the one to be swept comes first.
    for (const organization of [elsewhere, acme.id]) {
      expectProblem(await guess(from(harness, 1), organization, typed), "not_accepted");
    }
    const events = await harness.sql(
      "SELECT organization, user FROM event WHERE user LIKE '?%' ORDER BY seq DESC",
    );
    const [here, there] = events;
    const hash = createHash("sha256").update(typed).digest("base64url");
    expect(here.user).toMatch(/^\?[\w-]{43}$/);
    expect([there.user, `?${hash}`]).not.toContain(here.user);
    expect(there.organization).toBe("?");
    expect(JSON.stringify(await harness.tables())).not.toContain(typed);
    expect(JSON.stringify(await harness.tables())).not.toContain(hash);

    const left = async () => {
      const [row] = await harness.sql(
        `SELECT (SELECT count(*) FROM throttle WHERE user IN (?1, ?2)) AS counters,
                (SELECT count(*) FROM event WHERE user = ?2) AS events`,
        here.user,
        there.user,
      );
      return row;
    };
    await harness.advance(before);
    await harness.scheduled();
    // What was tried in an organization stays in its audit trail.
    expect(await left()).toEqual({ counters: 0, events: 0 });
    const kept = await harness.sql("SELECT 1 FROM event WHERE user = ?1", here.user);
    expect(kept.length).toBe(1);
  });
});

test.describe("A136 a browser shared by several people", () => {
  const trusted = (browser: Caller) => [...browser.cookies.keys()].filter((name) => name.includes("device"));

  /** Five people who trust one browser, each having signed out. */
  async function five(acme: Organization, browser: Caller): Promise<Person[]> {
    const people: Person[] = [];
    for (let nth = 0; nth < 5; nth += 1) {
      const person = await acme.person({ totp: true });
      await person.trust(browser);
      people.push(person);
    }
    return people;
  }

  test("each keeps their own; one revokes, one is deleted", async ({ acme, harness }) => {
    const browser = newBrowser(harness);
    const people = await five(acme, browser);
    expect(trusted(browser).length).toBe(5);
    for (const person of people) expectDecision(await person.signIn(browser), "complete");

    const [ann, bob, ...others] = people as [Person, Person, ...Person[]];
    await ann.signIn(browser);
    await ann.stepUp(browser);
    const { trusted_devices: devices } = (await browser.get("/v1/me/trusted-devices")).json;
    expect(devices).toMatchObject([{ current: true }]);
    const revoked = await browser.delete(`/v1/me/trusted-devices/${devices[0].id}`);
    expect(revoked.status, revoked.text).toBe(204);
    const path = `${acme.path}/users/${encodeURIComponent(bob.username)}`;
    const deleted = await acme.application.delete(path);
    expect(deleted.status, deleted.text).toBe(204);

    expectDecision(await ann.signIn(browser), "challenge");
    expectProblem(await bob.signIn(browser), "not_accepted");
    for (const person of others) expectDecision(await person.signIn(browser), "complete");
  });

  test("a sixth replaces the oldest", async ({ acme, harness }) => {
    const browser = newBrowser(harness);
    const [first, ...others] = await five(acme, browser);
    const sixth = await acme.person({ totp: true });
    await sixth.trust(browser);
    expect(trusted(browser).length).toBe(5);
    expectDecision(await first!.signIn(browser), "challenge");
    for (const person of [...others, sixth]) expectDecision(await person.signIn(browser), "complete");
    expect(browser.cookieHeader().length).toBeLessThan(3_000);
  });

  test("cookies swapped between people count for neither", async ({ acme, harness }) => {
    const browser = newBrowser(harness);
    const [ann, bob] = (await five(acme, browser)) as [Person, Person];
    const swapped = browser.copy();
    const [annsName, bobsName] = trusted(browser) as [string, string];
    swapped.cookies.set(annsName, browser.cookies.get(bobsName)!);
    swapped.cookies.set(bobsName, browser.cookies.get(annsName)!);
    for (const person of [ann, bob]) {
      const reply = await expectNothingChanged(harness, () => person.signIn(swapped.copy()));
      expectDecision(reply, "challenge");
    }
    for (const person of [ann, bob]) expectDecision(await person.signIn(browser), "complete");
  });

  test("five at once, again and again: no rotation is lost", async ({ acme, harness }) => {
    test.setTimeout(600_000);
    const browser = newBrowser(harness);
    const people = await five(acme, browser);
    for (let round = 0; round < 20; round += 1) {
      const wait = { "x-fault": round % 2 ? "d1-wait=2" : "" };
      let left = people;
      // A hash at a time, and few that wait: who was turned away comes again.
      while (left.length > 0) {
        const replies = await Promise.all(
          left.map((person) =>
            browser.post(
              "/v1/sign-ins/password",
              { organization: acme.id, username: person.username, password: person.password },
              wait,
            ),
          ),
        );
        for (const reply of replies) if (reply.status !== 429) expectDecision(reply, "complete");
        left = left.filter((_, index) => replies[index]!.status === 429);
      }
      expect(trusted(browser).length).toBe(5);
      await harness.advance(61);
    }
  });
});
