// ATTACKS.md sections 2 and 12, A18, A125 and A126: a slow hash holds the isolate. Here is measured what others notice of many;
// how many of them run is counted in slow-hashes.test.ts.

import { newBrowser, type Organization, type Person } from "../harness/client.ts";
import { expectDecision } from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";
import { FLOODS, NOTHING } from "../harness/floods.ts";
import type { Reply } from "../harness/http.ts";
import { challenges, outcomes } from "../harness/races.ts";

/** How much longer a sign-in may take than it does when nothing else happens. */
const TIMES = 5;

/** So many sign-ins would fit between two requests of a flood that goes on. */
const PACE = 2;

/** Requests of a flood that goes on. */
const STEADY = 50;

const ROUNDS = 3;

/** Milliseconds of a sign-in by an authenticator app: the application asks, the person answers. */
async function timed(person: Person): Promise<number> {
  const start = performance.now();
  const [token = ""] = await challenges(person, 1);
  const reply = await person.verify(token, person.code(), newBrowser(person.harness));
  const took = performance.now() - start;
  expectDecision(reply, "complete");
  return took;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Sign-ins of all these people, one after another. */
async function signIns(acme: Organization, people: Person[]): Promise<number[]> {
  await acme.harness.advance(30);
  const times = [];
  for (const person of people) times.push(await timed(person));
  return times;
}

/** The same while so many requests come; `pace` milliseconds apart. */
async function during(
  acme: Organization,
  people: Person[],
  many: number,
  ask: (number: number) => Promise<Reply>,
  pace: number,
): Promise<number[]> {
  await acme.harness.advance(30);
  let over = false;
  const sent = Array.from({ length: many }, async (_, number) => {
    if (pace > 0) await pause(number * pace);
    return ask(number);
  });
  const flooded = Promise.all(sent).finally(() => (over = true));
  if (pace > 0) await pause(3 * pace);
  const times = [];
  for (const person of people) if (!over) times.push(await timed(person));
  console.log(JSON.stringify(outcomes(await flooded)), times.map(Math.round).join(" "));
  return times;
}

for (const flood of FLOODS) {
  test(`${flood.id} ${flood.many} ${flood.name} while somebody else signs in`, async ({ acme }) => {
    test.setTimeout(600_000);
    const people: Person[] = [];
    for (let made = 0; made < 12; made += 1) people.push(await acme.person({ totp: true }));
    await signIns(acme, people);
    const [quiet, paced, burst, control]: number[][] = [[], [], [], []];
    for (let round = 0; round < ROUNDS; round += 1) {
      quiet!.push(...(await signIns(acme, people)));
      const pace = PACE * median(quiet!);
      paced!.push(...(await during(acme, people, STEADY, await flood.prepare(acme), pace)));
      control!.push(...(await during(acme, people.slice(0, 1), flood.many, await NOTHING(acme), 0)));
      burst!.push(...(await during(acme, people.slice(0, 1), flood.many, await flood.prepare(acme), 0)));
    }
    const [usual, longer] = [median(quiet!), median(paced!)];
    const told = `${flood.name}: a sign-in takes ${usual.toFixed(1)} ms; while they come one after another ${longer.toFixed(1)} ms (${(longer / usual).toFixed(1)} times); ${flood.many} at once ${median(burst!).toFixed(0)} ms, with as many that hash nothing ${median(control!).toFixed(0)} ms`;
    console.log(told);
    test.info().annotations.push({ type: flood.id, description: told });
    expect(longer).toBeLessThanOrEqual(TIMES * usual);
    // All at once, a request waits for those before it to be read, whatever they want.
    expect(median(burst!)).toBeLessThanOrEqual(TIMES * Math.max(usual, median(control!)));
  });
}

test("A18 fifty guesses of backup codes while somebody signs in", async ({ acme }) => {
  test.setTimeout(300_000);
  const waited: number[] = [];
  const alone: number[] = [];
  for (let round = 0; round < 10; round += 1) {
    const alice = await acme.person({ totp: true });
    const bob = await acme.person({ totp: true });
    const tokens = await challenges(alice, 50);
    const first = performance.now();
    await bob.challenge(newBrowser(bob.harness));
    alone.push(performance.now() - first);
    const flood = Promise.all(
      tokens.map((token, number) =>
        alice.useBackupCode(token, String(number).padStart(8, "0"), newBrowser(alice.harness)),
      ),
    );
    const start = performance.now();
    const token = await bob.challenge();
    waited.push(performance.now() - start);
    const code = performance.now();
    expectDecision(await bob.verify(token, bob.code()), "complete");
    waited.push(performance.now() - code);

    const counted = outcomes(await flood);
    expect((counted[401] ?? 0) + (counted[429] ?? 0), JSON.stringify(counted)).toBe(50);
    expect(counted[401] ?? 0).toBeLessThanOrEqual(4);
  }
  const [longest, usual] = [Math.max(...waited), median(alone)];
  const told = `longest wait of the one who signs in: ${longest.toFixed(0)} ms, ${usual.toFixed(0)} alone`;
  console.log(told);
  test.info().annotations.push({ type: "A18", description: told });
  // Two seconds, or 25 password steps where other work makes the machine slower than that.
  expect(longest).toBeLessThan(Math.max(2_000, 25 * usual));
});

function median(values: number[]): number {
  return values.toSorted((p, q) => p - q)[Math.floor(values.length / 2)]!;
}
