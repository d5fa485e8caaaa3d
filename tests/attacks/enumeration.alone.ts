// ATTACKS.md section 6: who has an account, and who has a second factor, is nobody's business (A54, A57).

import { randomBytes } from "node:crypto";
import { newBrowser, type Organization } from "../harness/client.ts";
import { expectProblem, expectSameRefusal } from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";
import type { Harness } from "../harness/harness.ts";
import { effect } from "../harness/flows.ts";
import { difference, kolmogorovSmirnov, sample, type Asked } from "../harness/timing.ts";

const SECONDS = 55;
const TRIES = 3;

/** A wrong password for a name; all names and passwords are of one length. */
function guess(harness: Harness, organization: string, username: () => string): Asked {
  return () =>
    newBrowser(harness).post("/v1/sign-ins/password", {
      organization,
      username: username(),
      password: `wrong ${randomBytes(8).toString("hex")}`,
    });
}

const newName = () => `person-${randomBytes(4).toString("hex")}@example.test`;

/** Every kind is refused in the same words and takes as long as the first; what differs is tried again. */
async function expectAlike(harness: Harness, kinds: Record<string, Asked>): Promise<void> {
  // What noise would hide: each kind asks the database as often, and leaves as much.
  const shapes: Record<string, string> = {};
  for (const [kind, ask] of Object.entries(kinds)) {
    const before = await harness.tables();
    const { trips } = await ask();
    shapes[kind] = JSON.stringify({ trips, ...effect(before, await harness.tables()) });
  }
  const [shape] = Object.values(shapes);
  expect(shapes).toEqual(Object.fromEntries(Object.keys(kinds).map((kind) => [kind, shape])));

  const told: string[] = [];
  // Kinds that every try so far told from the first: noise picks another one each time.
  let apart = Object.keys(kinds).slice(1);
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    // Waits would answer instead; both kinds begin each round as if never refused.
    const forget = () => harness.sql("DELETE FROM throttle");
    const { times, replies } = await sample(kinds, SECONDS, forget);
    expectSameRefusal(...Object.values(replies));
    const first = Object.keys(kinds)[0]!;
    apart = apart.filter((other) => {
      const { mean, p } = difference(times[first]!, times[other]!);
      const line = `${other} against ${first}: means differ by ${(mean * 100).toFixed(2)} %, p = ${p.toFixed(4)}, ${times[first]!.length} samples each`;
      told.push(line);
      console.log(line);
      // Means that differ by more than a twentieth must also be unlikely to come from one distribution.
      return p <= 0.01 || (mean > 0.05 && p <= 0.05);
    });
    if (apart.length === 0) break;
  }
  test.info().annotations.push({ type: "timing", description: told.join("; ") });
  expect(apart, `told apart in ${TRIES} of ${TRIES} tries`).toEqual([]);
}

test("A54 a wrong password for somebody and for nobody, with a second factor and without", async ({
  acme,
  harness,
}) => {
  test.setTimeout(400_000);
  const plain = await acme.person();
  const enrolled = await acme.person({ totp: true });
  // As long as the known one.
  const nowhere = acme.id.replace(/.$/, "x");
  await expectAlike(harness, {
    "an unknown user": guess(harness, acme.id, newName),
    "an unknown organization": guess(harness, nowhere, newName),
    "a user": guess(harness, acme.id, () => plain.username),
    "a user with a second factor": guess(harness, acme.id, () => enrolled.username),
  });
});

test("A57 a wrong password for somebody disabled, without a password, elsewhere", async ({
  acme,
  harness,
}) => {
  test.setTimeout(400_000);
  const disabled = await acme.person({ totp: true });
  await change(acme, disabled.username, { state: "disabled" });
  const bySso = newName();
  await change(acme, bySso, { name: "Somebody", email: bySso });
  await expectAlike(harness, {
    "an unknown user": guess(harness, acme.id, newName),
    "a disabled user": guess(harness, acme.id, () => disabled.username),
    "a user without a password": guess(harness, acme.id, () => bySso),
  });
});

test("A57 every public start there is was measured here", async ({ nobody }) => {
  const { paths } = (await nobody.get("/openapi.json")).json;
  const starts = Object.entries<any>(paths).filter(([, { post }]) => post?.["x-access"] === "public");
  expect(starts.map(([path]) => path)).toEqual([
    // Take the sealed token of a mail, which no name leads to: what is none costs no trip.
    "/v1/invitations/accept",
    "/v1/invitations/open",
    "/v1/mail/not-me",
    // Answers before anyone is looked up: the native test of A57 counts its trips and statements.
    "/v1/passwords/forgotten",
    "/v1/passwords/open",
    "/v1/passwords/reset",
    "/v1/resets/open",
    "/v1/sign-ins/passkey",
    "/v1/sign-ins/password",
  ]);
  // A passkey alone is asked for without a name: there is nobody to tell apart.
  expectProblem(await nobody.post("/v1/sign-ins/passkey", { username: newName() }), "malformed");
});

test("a difference is seen, and chance is not", () => {
  const noise = () => 40 + Math.abs(gauss()) * 2;
  const many = (shift: number) => Array.from({ length: 400 }, () => noise() + shift);
  expect(kolmogorovSmirnov(many(0), many(1))).toBeLessThan(0.01);
  expect(difference(many(0), many(5)).mean).toBeGreaterThan(0.05);
  const alike = Array.from({ length: 200 }, () => kolmogorovSmirnov(many(0), many(0)));
  expect(alike.filter((p) => p <= 0.01).length).toBeLessThan(10);
});

/** Normally distributed, by Box and Muller. */
function gauss(): number {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}

async function change(acme: Organization, username: string, body: object): Promise<void> {
  const path = `${acme.path}/users/${encodeURIComponent(username)}`;
  const known = (await acme.application.get(path)).status === 200;
  const reply = await acme.application.call(known ? "PATCH" : "PUT", path, body);
  expect(reply.status, reply.text).toBe(known ? 200 : 201);
}
