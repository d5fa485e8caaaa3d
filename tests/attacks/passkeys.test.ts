// ATTACKS.md section 4 over HTTP: what authenticators and browsers would never write, signed correctly where a
// signature exists. The same and more runs natively in tests/passkeys/.

import { newBrowser, newOrganization, passkeyQuestion, type Caller, type Person } from "../harness/client.ts";
import { corpus } from "../harness/corpus.ts";
import { expectDecision, expectNothingChanged, expectProblem, expectSameRefusal } from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";
import type { Harness } from "../harness/harness.ts";
import type { Reply } from "../harness/http.ts";
import { AT, BE, BS, ED, Passkey, UP, UV, cbor, sha256, type Told } from "../harness/passkey.ts";
import { count, outcomes } from "../harness/races.ts";

/** Somebody with a passkey, and a question for it that never wears out: refusals spend nothing. */
class Target {
  private question: any;
  private enrolling: any;
  private registered = 0;

  private constructor(
    readonly harness: Harness,
    readonly person: Person,
    readonly key: Passkey,
    readonly tab: Caller,
  ) {}

  static async of(acme: any, harness: Harness, key = new Passkey(harness.origin)): Promise<Target> {
    const person: Person = await acme.person();
    await person.signIn();
    await person.enrollPasskey(key);
    return new Target(harness, person, key, newBrowser(harness));
  }

  /** A second factor, told otherwise. */
  async assert(told: Told): Promise<Reply> {
    // Refusals lengthen the wait; here each is looked at.
    await this.harness.sql("DELETE FROM throttle");
    this.question ??= await this.person.question(this.tab);
    return this.person.assert(this.question, told, this.tab, this.key);
  }

  /** A new passkey, told otherwise. */
  async register(told: Told, key = new Passkey(this.harness.origin)): Promise<Reply> {
    // The tenth refusal ends an enrollment; here each is looked at.
    if (this.registered % 9 === 0) this.enrolling = await this.person.beginPasskey();
    this.registered += 1;
    return this.person.confirmPasskey(this.enrolling.token, key.create(this.enrolling.options, told));
  }

  async record(): Promise<any> {
    const [row] = await this.harness.sql(
      "SELECT credential, last_used_at FROM authenticator WHERE credential ->> 'id' = ?1",
      this.key.id.toString("base64url"),
    );
    return { ...JSON.parse(row.credential), last_used_at: row.last_used_at };
  }

  events(outcome: string): Promise<any[]> {
    return this.harness.sql(
      "SELECT * FROM event WHERE outcome = ?1 AND user = (SELECT id FROM user WHERE username = ?2)",
      outcome,
      this.person.username,
    );
  }

  async mails(kind: string): Promise<number> {
    const found = await this.harness.sql(
      "SELECT 1 FROM mail WHERE kind = ?1 AND address = ?2",
      kind,
      this.person.username,
    );
    return found.length;
  }
}

/** Refused as an assertion and as a registration, and nothing changed. */
async function refusedBoth(target: Target, tolds: Told[], ...codes: string[]): Promise<void> {
  await expectNothingChanged(target.harness, async () => {
    for (const told of tolds) {
      expectProblem(await target.assert(told), ...codes);
      expectProblem(await target.register(told), ...codes);
    }
  });
}

test("A30 the wrong kind of response", async ({ acme, harness }) => {
  const target = await Target.of(acme, harness);
  const { person, key, tab } = target;
  const question = await person.question(tab);
  const enrolling = await person.beginPasskey();
  const assertion = key.get(question.passkey);
  const made = new Passkey(harness.origin).create(enrolling.options);
  const verify = (credential: object) =>
    tab.post("/v1/challenges/verify", { challenge: question.token, method: "passkey", credential });
  await expectNothingChanged(harness, async () => {
    expectProblem(await person.confirmPasskey(enrolling.token, assertion), "malformed");
    expectProblem(await verify(made), "malformed");
    for (const change of [
      { type: "password" },
      { type: 1 },
      { id: "AAAA" },
      { rawId: "AAAA" },
      { rawId: "" },
    ]) {
      expectProblem(await verify({ ...assertion, ...change }), "malformed");
      expectProblem(await person.confirmPasskey(enrolling.token, { ...made, ...change }), "malformed");
    }
    const both = { challenge: question.token, method: "passkey", credential: assertion, code: "000000" };
    expectProblem(await tab.post("/v1/challenges/verify", both), "malformed");
    expectProblem(
      await tab.post("/v1/challenges/verify", { challenge: question.token, method: "passkey" }),
      "malformed",
    );
  });
});

test("A31 the type of the client data", async ({ acme, harness }) => {
  const target = await Target.of(acme, harness);
  await expectNothingChanged(harness, async () => {
    for (const type of ["webauthn.create", "payment.get", "WEBAUTHN.GET", ""]) {
      expectProblem(await target.assert({ type }), "not_accepted");
    }
    for (const type of ["webauthn.get", "payment.get", ""]) {
      expectProblem(await target.register({ type }), "not_accepted");
    }
    for (const act of [target.assert.bind(target), target.register.bind(target)]) {
      expectProblem(await act({ clientData: { type: undefined } }), "not_accepted");
    }
  });
});

test("A32 origins that are not ours", async ({ acme, harness }) => {
  const target = await Target.of(acme, harness);
  const { origin } = harness;
  const { host, port } = new URL(origin);
  const origins = [
    `https://${host}`,
    `http://localhost:${Number(port) + 1}`,
    "http://localhost",
    `http://sub.${host}`,
    `http://localhost.evil.com:${port}`,
    `${origin}@evil`,
    `http://localhost.:${port}`,
    origin.toUpperCase(),
    `${origin}/`,
    "http://xn--lcalhost-2wa:8787",
    "null",
    "android:apk-key-hash:7d1043473d55bfa90e8530d35801d4e381bc69f0",
    "",
  ];
  await refusedBoth(
    target,
    origins.map((origin) => ({ origin })),
    "not_accepted",
  );
});

test("A33 questions from other sites' frames", async ({ acme, harness }) => {
  const target = await Target.of(acme, harness);
  const clientData = [
    { crossOrigin: true },
    { crossOrigin: "true" },
    { crossOrigin: null },
    { topOrigin: "https://evil.test" },
    { topOrigin: harness.origin },
    { topOrigin: null },
  ];
  await refusedBoth(
    target,
    clientData.map((clientData) => ({ clientData })),
    "not_accepted",
  );
});

test("A34 another RP ID", async ({ acme, harness }) => {
  const target = await Target.of(acme, harness);
  await refusedBoth(
    target,
    [
      { rpId: harness.origin },
      { rpId: "host" },
      { rpId: "evil.test" },
      { rpId: "LOCALHOST" },
      { rpIdHash: Buffer.alloc(32) },
    ],
    "not_accepted",
  );
});

test("A35 nobody was present", async ({ acme, harness }) => {
  await refusedBoth(await Target.of(acme, harness), [{ flags: UV | BE | BS }, { flags: 0 }], "not_accepted");
});

test("A36 a user who was not verified", async ({ acme, harness }) => {
  const target = await Target.of(acme, harness);
  const { person, key } = target;
  const told = { flags: UP | BE | BS };
  const opened = (await person.browser.post("/v1/challenges", { purpose: "step_up" })).json.challenge;
  await expectNothingChanged(harness, async () => {
    const alone = await passkeyQuestion(newBrowser(harness));
    expectProblem(await person.assert(alone, told, newBrowser(harness), key), "not_accepted");
    expectProblem(await person.assert(opened, told, person.browser, key), "not_accepted");
  });
  expectDecision(await target.assert(told), "complete");
  const [session] = await harness.sql(
    `SELECT evidence FROM session WHERE evidence LIKE '%passkey%' AND evidence NOT LIKE '%user_verified%'
     AND user = (SELECT id FROM user WHERE username = ?1)`,
    person.username,
  );
  expect(JSON.parse(session.evidence).map((e: { method: string }) => e.method)).toEqual([
    "password",
    "passkey",
  ]);
});

test("A37 an assertion refused late leaves nothing in the record", async ({ acme, harness }) => {
  const target = await Target.of(acme, harness, new Passkey(harness.origin, "ES256", 9, UP | BE));
  await acme.setPolicy({ sign_count_regression: "refuse" });
  const before = await target.record();
  const told = { signCount: 4, flags: UP | UV | BE | BS };
  await expectNothingChanged(harness, async () => expectProblem(await target.assert(told), "not_accepted"));
  expect(await target.record()).toEqual(before);
  const [event] = await target.events("count_regressed");
  expect(event).toMatchObject({ action: "sign_in.verify", method: "passkey" });
  expect(await target.mails("possible_clone")).toBe(1);

  // A disabled user, a spent challenge: nothing either.
  const path = `${acme.path}/users/${encodeURIComponent(target.person.username)}`;
  const question = await passkeyQuestion(newBrowser(harness));
  await acme.application.patch(path, { state: "disabled" });
  const disabled = await target.person.assert(question, {}, newBrowser(harness), target.key);
  expectProblem(disabled, "not_accepted");
  expect(await target.record()).toEqual(before);
});

test("A38 sign counts that do not go up", async ({ acme, harness }) => {
  const target = await Target.of(acme, harness, new Passkey(harness.origin, "ES256", 5));
  const { person } = target;
  const show = async (signCount: number) => {
    const reply = await person.assert(
      await person.question(newBrowser(harness)),
      { signCount },
      newBrowser(harness),
    );
    expectDecision(reply, "complete");
    return [(await target.record()).sign_count, (await target.events("possible_clone")).length];
  };
  expect(await show(6)).toEqual([6, 0]);
  expect(await show(6)).toEqual([6, 1]);
  expect(await show(2)).toEqual([6, 2]);
  expect(await show(0)).toEqual([6, 3]);
  expect(await show(2 ** 32 - 1)).toEqual([2 ** 32 - 1, 3]);
  expect(await show(1)).toEqual([2 ** 32 - 1, 4]);
  expect(await target.mails("possible_clone")).toBe(4);

  // Two at once: none is lost.
  const other = await Target.of(acme, harness, new Passkey(harness.origin, "ES256", 1));
  const questions = await Promise.all(
    Array.from({ length: 10 }, () => other.person.question(newBrowser(harness))),
  );
  const ready = await harness.stored();
  for (let round = 0; round < 20; round += 1) {
    await harness.restore(ready);
    const replies = await Promise.all(
      questions.map((question, index) =>
        other.person.assert(question, { signCount: 10 + index }, newBrowser(harness), other.key),
      ),
    );
    expect(count(replies, "complete")).toBe(10);
    expect((await other.record()).sign_count).toBe(19);
  }
});

test("A39 backup flags that contradict themselves or the registration", async ({ acme, harness }) => {
  const synced = await Target.of(acme, harness);
  await refusedBoth(synced, [{ flags: UP | UV | BS }], "not_accepted");
  await expectNothingChanged(harness, async () => {
    expectProblem(await synced.assert({ flags: UP | UV }), "not_accepted");
  });
  const bound = await Target.of(acme, harness, new Passkey(harness.origin, "ES256", 0, UP | UV));
  await expectNothingChanged(harness, async () => {
    expectProblem(await bound.assert({ flags: UP | UV | BE }), "not_accepted");
    expectProblem(await bound.assert({ flags: UP | UV | BE | BS }), "not_accepted");
  });
  // Whoever showed another factor before hears what is wrong and what to do, if it is their key that signs.
  for (const [target, flags] of [
    [synced, UP | UV],
    [bound, UP | UV | BE],
  ] as const) {
    const reply = await target.assert({ flags });
    expectProblem(reply, "not_accepted");
    expect(reply.json.hint).toBe("passkey_changed");
    expect(reply.json.detail).toMatch(/remove the passkey and add it again/);
    const [event] = (await target.events("wrong")).slice(-1);
    expect(JSON.parse(event.detail).flaw).toBe("passkey.backup_eligibility");
    const forged = await target.assert({ flags, signature: target.key.sign(Buffer.from("something else")) });
    const alone = async (told: Told) => {
      await harness.sql("DELETE FROM throttle");
      const tab = newBrowser(harness);
      return target.person.assert(await passkeyQuestion(tab), told, tab, target.key);
    };
    expectSameRefusal(forged, await alone({ flags }), await alone({ origin: "https://evil.test" }));
    const [last] = (await target.events("wrong")).slice(-2);
    expect(JSON.parse(last.detail).flaw).toBe("passkey.backup_eligibility");
  }
  // It may stop being synced, and be again: that is what the flag is for.
  expectDecision(await synced.assert({ flags: UP | UV | BE }), "complete");
  expect((await synced.record()).backup_state).toBe(false);
});

for (const algorithm of ["ES256", "EdDSA", "RS256"] as const) {
  test(`A40 signatures by ${algorithm} that are none`, async ({ acme, harness }) => {
    const target = await Target.of(acme, harness, new Passkey(harness.origin, algorithm));
    const good = target.key.sign(Buffer.from("something else"));
    const flipped = Buffer.from(good);
    flipped[flipped.length - 1]! ^= 1;
    const sequence = (...parts: number[][]) => {
      const body = parts.flat();
      return Buffer.from([0x30, body.length, ...body]);
    };
    const signatures = [
      good,
      flipped,
      Buffer.alloc(0),
      Buffer.alloc(64),
      Buffer.alloc(64, 0xff),
      Buffer.alloc(256, 1),
      Buffer.concat([good, Buffer.from([0])]),
      good.subarray(0, -1),
      sequence([2, 1, 0], [2, 1, 0]),
      sequence([2, 1, 1], [2, 1, 0]),
      sequence([2, 1, 0x81], [2, 1, 1]),
      Buffer.from([0x30, 0x80, 2, 1, 1, 2, 1, 1, 0, 0]),
    ];
    await expectNothingChanged(harness, async () => {
      for (const signature of signatures) expectProblem(await target.assert({ signature }), "not_accepted");
    });
  });
}

test("A41 keys of algorithms we did not offer", async ({ acme, harness }) => {
  const target = await Target.of(acme, harness);
  const key = new Passkey(harness.origin);
  const { x, y } = key.publicKey.export({ format: "jwk" });
  const [X, Y] = [Buffer.from(x!, "base64url"), Buffer.from(y!, "base64url")];
  const cose = (...members: [number, unknown][]) => cbor(new Map(members));
  const rsa = (bits: number, e: Buffer) =>
    cose(
      [1, 3],
      [3, -257],
      [-1, Buffer.concat([Buffer.from([0x80]), Buffer.alloc(bits / 8 - 1, 3)])],
      [-2, e],
    );
  const F4 = Buffer.from([1, 0, 1]);
  const keys = [
    cose([1, 2], [3, -257], [-1, 1], [-2, X], [-3, Y]),
    cose([1, 1], [3, -7], [-1, 6], [-2, X]),
    cose([1, 1], [3, -8], [-1, 7], [-2, X]),
    cose([1, 2], [3, -35], [-1, 2], [-2, Buffer.alloc(48, 1)], [-3, Buffer.alloc(48, 1)]),
    cose([1, 3], [3, -65535], [-1, Buffer.alloc(256, 0x81)], [-2, F4]),
    cose([1, 2], [3, 0], [-1, 1], [-2, X], [-3, Y]),
    cose([1, 4], [3, 5], [-1, Buffer.alloc(32)]),
    cose([1, 2], [-1, 1], [-2, X], [-3, Y]),
    cose([1, 2], [3, -7], [-1, 1], [-2, X], [-3, X]),
    cose([1, 2], [3, -7], [-1, 1], [-2, Buffer.alloc(32)], [-3, Buffer.alloc(32)]),
    rsa(16_384, F4),
    rsa(1024, F4),
    rsa(2048, Buffer.from([1])),
    rsa(2048, Buffer.from([2])),
  ];
  await expectNothingChanged(harness, async () => {
    for (const coseKey of keys) {
      const authData = (whole: Buffer) =>
        Buffer.concat([Buffer.from(whole).subarray(0, 37 + 16 + 2 + 32), Buffer.from(coseKey)]);
      const reply = await target.register({ authData }, key);
      expectProblem(reply, "malformed", "not_accepted");
    }
  });
});

test("A42 a passkey that is somebody's already", async ({ acme, harness }) => {
  const alice = await Target.of(acme, harness);
  const mallory = await Target.of(acme, harness);
  const other = await Target.of(await newOrganization(harness, "Other"), harness);
  await expectNothingChanged(harness, async () => {
    for (const target of [alice, mallory, other]) {
      expectProblem(await target.register({}, alice.key), "conflict");
      // The same id under a key of one's own.
      const imitation = new Passkey(harness.origin, "ES256", 0, UP | UV | BE | BS, alice.key.id);
      expectProblem(await target.register({}, imitation), "conflict");
    }
  });
  alice.key.userHandle = (await alice.person.browser.get("/v1/me")).json.passkeys.user_handle;
  expectDecision(await alice.assert({}), "complete");

  // Five people with ten tabs each, who have already what a first passkey would bring.
  const people: Person[] = [];
  for (let made = 0; made < 5; made += 1) people.push(await acme.person({ passkey: true }));
  for (let round = 0; round < 20; round += 1) {
    const key = new Passkey(harness.origin);
    const tries = await Promise.all(
      people.map(async (person) => {
        const { token, options } = await person.beginPasskey();
        const credential = key.create(options);
        return Array.from({ length: 10 }, () => ({ person, token, credential, tab: person.browser.copy() }));
      }),
    );
    const replies = await Promise.all(
      tries.flat().map(async (one) => {
        const reply = await one.person.confirmPasskey(one.token, one.credential, one.tab);
        if (reply.status === 200) one.person.browser = one.tab;
        return reply;
      }),
    );
    expect(outcomes(replies)[200], JSON.stringify(outcomes(replies))).toBe(1);
    expect(replies.filter(({ status }) => status >= 500)).toEqual([]);
    const rows = await harness.sql(
      "SELECT id FROM authenticator WHERE credential ->> 'id' = ?1",
      key.id.toString("base64url"),
    );
    expect(rows).toHaveLength(1);
  }
});

test("A43 a credential or a user handle of somebody else", async ({ acme, harness }) => {
  const alice = await Target.of(acme, harness);
  const mallory = await Target.of(acme, harness);
  const eve = await Target.of(await newOrganization(harness, "Other"), harness);
  const handle = alice.key.userHandle;
  const alone = async (target: Target, told: Told) =>
    target.person.assert(await passkeyQuestion(newBrowser(harness)), told, newBrowser(harness), target.key);
  await expectNothingChanged(harness, async () => {
    expectProblem(await alice.assert({ id: mallory.key.id }), "not_accepted");
    expectProblem(await alice.assert({ userHandle: mallory.key.userHandle }), "not_accepted");
    expectProblem(await alone(mallory, { userHandle: handle }), "not_accepted");
    expectProblem(await alone(mallory, { userHandle: eve.key.userHandle }), "not_accepted");
    expectProblem(await alone(mallory, { userHandle: null }), "not_accepted");
    expectProblem(await alone(mallory, { userHandle: "" }), "not_accepted");
    expectProblem(await alone(mallory, { userHandle: "x".repeat(4000) }), "not_accepted", "malformed");
    expectProblem(await alone(mallory, { id: alice.key.id, userHandle: handle }), "not_accepted");
  });
});

test("A44 attestation objects that are not well-formed", async ({ acme, harness }) => {
  const target = await Target.of(acme, harness);
  const items = corpus<{ hex: string }>("hostile-input/cbor-not-wellformed-rfc8949-f.json");
  expect(items.length).toBeGreaterThanOrEqual(65);
  await expectNothingChanged(harness, async () => {
    for (const { hex } of items) {
      const broken = Buffer.from(hex, "hex");
      for (const told of [
        { attestationObject: () => broken },
        { authData: (whole: Buffer) => Buffer.concat([whole.subarray(0, 87), broken]) },
        { flags: UP | UV | BE | BS | ED, authData: (whole: Buffer) => Buffer.concat([whole, broken]) },
      ])
        expectProblem(await target.register(told), "malformed", "not_accepted");
    }
  });
});

test("A44 an attestation object cut at each byte", async ({ acme, harness }) => {
  const target = await Target.of(acme, harness);
  const whole = (authData: Buffer) =>
    cbor(
      new Map<string, unknown>([
        ["fmt", "none"],
        ["attStmt", new Map()],
        ["authData", authData],
      ]),
    );
  const key = new Passkey(harness.origin);
  await expectNothingChanged(harness, async () => {
    for (let at = 0; at < 190; at += 1) {
      const cut = (authData: Buffer) => whole(authData).subarray(0, at);
      expectProblem(await target.register({ attestationObject: cut }, key), "malformed", "not_accepted");
    }
  });
});

test("A45 CBOR bombs", async ({ acme, harness }) => {
  const target = await Target.of(acme, harness);
  const bombs = [
    Buffer.alloc(10_000, 0x81),
    Buffer.alloc(10_000, 0xa1),
    Buffer.from("ba00000000ffffffff", "hex"),
    Buffer.from("bbffffffffffffffff", "hex"),
    Buffer.from("9bffffffffffffffff", "hex"),
    Buffer.from("5bffffffffffffffff", "hex"),
    Buffer.from("7bffffffffffffffff", "hex"),
    Buffer.from("5f4101ff", "hex"),
    Buffer.from("a2616101616101", "hex"),
    Buffer.from("1800", "hex"),
  ];
  await expectNothingChanged(harness, async () => {
    for (const bomb of bombs) {
      const from = Date.now();
      const reply = await target.register({ attestationObject: () => bomb });
      expectProblem(reply, "malformed", "not_accepted");
      expect(Date.now() - from).toBeLessThan(1000);
    }
    const twice = (authData: Buffer) =>
      Buffer.concat([
        Buffer.from([0xa4]),
        ...["fmt", "none", "attStmt", new Map(), "authData", authData, "authData", authData].map(cbor),
      ]);
    expectProblem(await target.register({ attestationObject: twice }), "malformed", "not_accepted");
    const statement = (size: number) => (authData: Buffer) =>
      cbor(
        new Map<string, unknown>([
          ["fmt", "packed"],
          ["attStmt", new Map([["x5c", [Buffer.alloc(size)]]])],
          ["authData", authData],
        ]),
      );
    expectProblem(await target.register({ attestationObject: statement(1024 * 1024) }), "too_large");
    expectProblem(await target.register({ attestationObject: statement(64 * 1024) }), "too_large");
  });
});

test("A108 authenticator data that is too short, too long, or not what its flags say", async ({
  acme,
  harness,
}) => {
  const target = await Target.of(acme, harness);
  const length = (bytes: number) => (whole: Buffer) => {
    const changed = Buffer.from(whole);
    changed.writeUInt16BE(bytes, 37 + 16);
    return changed;
  };
  const flags = (value: number) => (whole: Buffer) => {
    const changed = Buffer.from(whole);
    changed[32] = value;
    return changed;
  };
  const all = UP | UV | BE | BS;
  await expectNothingChanged(harness, async () => {
    for (const authData of [
      flags(all),
      flags(all | AT | ED),
      length(0),
      length(1024),
      length(0xffff),
      (whole: Buffer) => Buffer.concat([whole, Buffer.from([0])]),
      (whole: Buffer) => whole.subarray(0, 37),
      (whole: Buffer) => whole.subarray(0, 36),
      () => Buffer.alloc(0),
    ])
      expectProblem(await target.register({ authData }), "malformed", "not_accepted");
    for (const authData of [
      flags(all | AT),
      flags(all | ED),
      (whole: Buffer) => Buffer.concat([whole, Buffer.from([0])]),
      (whole: Buffer) => whole.subarray(0, 36),
    ])
      expectProblem(await target.assert({ authData }), "malformed", "not_accepted");
  });
});

test("A110 attestation statements", async ({ acme, harness }) => {
  const target = await Target.of(acme, harness);
  const object = (fmt: string, attStmt: Map<string, unknown>) => (authData: Buffer) =>
    cbor(
      new Map<string, unknown>([
        ["fmt", fmt],
        ["attStmt", attStmt],
        ["authData", authData],
      ]),
    );
  const refused = [
    object("none", new Map([["sig", Buffer.alloc(8)]])),
    object(
      "packed",
      new Map<string, unknown>([
        ["alg", -8],
        ["sig", Buffer.alloc(64)],
      ]),
    ),
    object(
      "packed",
      new Map<string, unknown>([
        ["alg", -7],
        ["sig", Buffer.alloc(64)],
      ]),
    ),
    object("x".repeat(20_000), new Map()),
  ];
  await expectNothingChanged(harness, async () => {
    for (const attestationObject of refused) {
      const reply = await target.register({ attestationObject });
      expectProblem(reply, "malformed", "not_accepted");
    }
  });
  // Self attestation that holds is stored as none.
  const key = new Passkey(harness.origin);
  const { token, options } = await target.person.beginPasskey();
  const clientData = JSON.stringify({
    type: "webauthn.create",
    challenge: options.challenge,
    origin: harness.origin,
  });
  const attestationObject = (authData: Buffer) => {
    const sig = key.sign(Buffer.concat([authData, sha256(Buffer.from(clientData))]));
    return object(
      "packed",
      new Map<string, unknown>([
        ["alg", -7],
        ["sig", sig],
      ]),
    )(authData);
  };
  const credential = key.create(options, { clientDataText: clientData, attestationObject });
  expect((await target.person.confirmPasskey(token, credential)).status).toBe(200);
  const stored = await harness.sql("SELECT credential FROM authenticator WHERE credential LIKE '%packed%'");
  expect(stored).toEqual([]);
});

test("A111 a registration for another user", async ({ acme, harness }) => {
  const [alice, mallory] = [await Target.of(acme, harness), await Target.of(acme, harness)];
  const { token, options } = await mallory.person.beginPasskey();
  const credential = new Passkey(harness.origin).create(options);
  await expectNothingChanged(harness, async () => {
    expectProblem(await alice.person.confirmPasskey(token, credential), "not_accepted");
    for (const extra of [
      { user: alice.person.username },
      { user_id: options.user.id },
      { organization: "x" },
    ]) {
      const body = { enrollment: token, credential, ...extra };
      expectProblem(await mallory.person.browser.post("/v1/me/passkeys/confirm", body), "malformed");
      expectProblem(await mallory.person.browser.post("/v1/me/passkeys", extra), "malformed");
    }
  });
  // A session of the same person that did not ask.
  const other = newBrowser(harness);
  expectDecision(
    await mallory.person.assert(await mallory.person.question(other), {}, other, mallory.key),
    "complete",
  );
  expectProblem(await mallory.person.confirmPasskey(token, credential, other), "not_accepted");
});

test("A112 client data that no browser writes", async ({ acme, harness }) => {
  const target = await Target.of(acme, harness);
  const { person, key, tab } = target;
  const question = await person.question(tab);
  const plain = {
    type: "webauthn.get",
    challenge: question.passkey.challenge,
    origin: harness.origin,
    crossOrigin: false,
  };
  const text = JSON.stringify(plain);
  const assert = async (clientDataText: string | Buffer) => {
    await harness.sql("DELETE FROM throttle");
    return person.assert(question, { clientDataText }, tab, key);
  };
  const malformed: (string | Buffer)[] = [
    Buffer.concat([Buffer.from(text), Buffer.from([0xff])]),
    text.replace("{", `{"challenge":"AAAA",`),
    text.replace('"webauthn.get"', '["webauthn.get"]'),
    text.replace(harness.origin, `${harness.origin}\\u0000`),
    "[]",
    "",
    `${text}x`,
  ];
  await expectNothingChanged(harness, async () => {
    for (const body of malformed) expectProblem(await assert(body), "malformed");
    expectProblem(await assert(text.replace("}", `,"x":"${"x".repeat(9000)}"}`)), "malformed", "too_large");
  });
  // The standard has a byte order mark stripped; escapes mean what they stand for.
  const escaped = text.replaceAll("/", "\\/").replace("webauthn", "w\\u0065bauthn");
  expectDecision(
    await assert(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(escaped)])),
    "complete",
  );
});

test("what is refused is recorded once, with the reason; a flood waits", async ({ acme, harness }) => {
  const target = await Target.of(acme, harness);
  const { person, tab } = target;
  const question = await person.question(tab);
  const replies: Reply[] = [];
  for (let count = 0; count < 40; count += 1) {
    replies.push(await person.assert(question, { origin: "https://evil.test" }, tab));
  }
  const refused = count(replies, "not_accepted");
  expect(refused).toBeLessThan(10);
  expect(count(replies, "throttled")).toBe(40 - refused);
  const mine = await harness.sql(
    `SELECT id FROM event WHERE outcome = 'wrong' AND method = 'passkey' AND detail ->> 'flaw' = 'passkey.origin'
     AND user = (SELECT id FROM user WHERE username = ?1)`,
    person.username,
  );
  expect(mine).toHaveLength(refused);
  // The owner is not kept waiting: what holds meets no gate.
  expectDecision(await person.assert(question, {}, tab), "complete");
});
