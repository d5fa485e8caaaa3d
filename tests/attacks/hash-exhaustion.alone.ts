// ATTACKS.md section 2, A18: a slow hash holds the isolate, so who may ask for one is limited.

import { newBrowser, type Person } from "../harness/client.ts";
import { expectDecision } from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";
import type { Reply } from "../harness/http.ts";
import { challenges, outcomes } from "../harness/races.ts";

/** Trips of an attempt that was refused by the gate before its hash; one that hashed has made two. */
const BEFORE_THE_HASH = 1;

async function timed<T>(work: Promise<T>): Promise<[T, number]> {
  const start = performance.now();
  const result = await work;
  return [result, performance.now() - start];
}

function guess(person: Person, token: string, number: number): Promise<Reply> {
  const code = String(number).padStart(8, "0");
  return person.useBackupCode(token, code, newBrowser(person.harness));
}

test("A18 fifty guesses of backup codes while somebody signs in", async ({ acme }) => {
  test.setTimeout(300_000);
  const waited: number[] = [];
  const alone: number[] = [];
  const hashed: number[] = [];
  for (let round = 0; round < 10; round += 1) {
    const alice = await acme.person({ totp: true });
    const bob = await acme.person({ totp: true });
    const tokens = await challenges(alice, 50);
    alone.push((await timed(bob.challenge(newBrowser(bob.harness))))[1]);
    const flood = Promise.all(tokens.map((token, number) => guess(alice, token, number)));
    const [token, first] = await timed(bob.challenge());
    const [reply, second] = await timed(bob.verify(token, bob.code()));
    expectDecision(reply, "complete");
    waited.push(first, second);

    const replies = await flood;
    expect(outcomes(replies)).toEqual({ 401: 4, 429: 46 });
    hashed.push(replies.filter(({ trips }) => trips > BEFORE_THE_HASH).length);

    // The gate is shut: nothing is hashed any more.
    const late = await Promise.all(tokens.map((one, number) => guess(alice, one, number)));
    expect(outcomes(late)).toEqual({ 429: 50 });
    expect(late.map(({ trips }) => trips)).toEqual(Array(50).fill(BEFORE_THE_HASH));
  }
  const longest = Math.max(...waited);
  const usual = alone.toSorted((p, q) => p - q)[alone.length / 2]!;
  const told = `longest wait of the one who signs in: ${longest.toFixed(0)} ms, ${usual.toFixed(0)} alone; hashes run for 50 guesses: ${hashed}`;
  console.log(told);
  test.info().annotations.push({ type: "A18", description: told });
  // Two seconds, or 25 password steps where other work makes the machine slower than that.
  expect(longest).toBeLessThan(Math.max(2_000, 25 * usual));
  expect(Math.max(...hashed)).toBeLessThan(25);
});
