// The test vectors of WebAuthn section 16, and ceremonies recorded from real authenticators, posted to the released
// Worker. The same verdicts as natively in tests/passkeys/{w3c,field}.rs.
//
// Their nonces were drawn by others. So the tests seal the tokens themselves, and the Worker is told that it is the
// relying party of each vector.

import { readFileSync } from "node:fs";
import { newBrowser, type Caller, type Organization, type Person } from "../harness/client.ts";
import { corpus } from "../harness/corpus.ts";
import { expectDecision, expectProblem } from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";
import type { Harness } from "../harness/harness.ts";
import type { Reply } from "../harness/http.ts";
import { base64url, RP_ID, sha256, UV } from "../harness/passkey.ts";
import { idBytes, newId, sealed } from "../harness/sealing.ts";

/** Who was asked for what. */
interface Asked {
  rpId: string;
  origin: string;
  nonce: Buffer;
}

/** As a page posts it: `credential.toJSON()`. */
type Posted = any;

/** Bytes of our nonces. No token holds one of another length. */
const NONCE = 32;

test.afterEach(({ harness }) => harness.vars({ ORIGINS: harness.origin, RP_ID }));

test("four pairs of section 16 come out as the standard says", async ({ acme }) => {
  const holder = await Holder.of(acme);
  const file = new URL("../vectors/webauthn-l3-section-16.json", import.meta.url);
  for (const vector of JSON.parse(readFileSync(file, "utf8")).tests) {
    const read = (ceremony: any): [Asked, Posted] => {
      const id = bytes(vector.credential_id);
      const response: Record<string, string> = {};
      for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature"]) {
        if (ceremony[name] !== undefined) response[name] = bytes(ceremony[name]);
      }
      const nonce = Buffer.from(ceremony.challenge, "hex");
      return [
        { rpId: "example.org", origin: "https://example.org", nonce },
        { id, rawId: id, type: "public-key", clientExtensionResults: {}, response },
      ];
    };
    const flaw = vector.expect === "accepted" ? undefined : `passkey.${vector.expect}`;
    await holder.pair(vector.name, read(vector.registration), read(vector.authentication), flaw);
  }
});

test("all pairs of section 16 come out as the standard says", async ({ acme }) => {
  const holder = await Holder.of(acme);
  const vectors = corpus<any>("webauthn/w3c-level3-section16.json");
  const flaws: Record<string, string> = {
    "none-es256-crossOrigin": "passkey.cross_origin",
    // Not offered.
    "packed-es512": "passkey.algorithm",
  };
  for (const { id, registration, authentication } of vectors) {
    const read = (ceremony: any): [Asked, Posted] => [
      {
        rpId: "example.org",
        origin: "https://example.org",
        nonce: Buffer.from(ceremony.challenge_b64u, "base64url"),
      },
      ceremony.credential,
    ];
    await holder.pair(id, read(registration), read(authentication), flaws[id]);
  }
  expect(vectors).toHaveLength(10);
});

test("registrations seen in the field come out as recorded", async ({ acme }) => {
  const holder = await Holder.of(acme);
  const vectors = corpus<any>("webauthn/real-registrations.json");
  const counts = {
    accepted: 0,
    refused: 0,
    "with a nonce that we never issue": 0,
    "of a relying party that no deployment is": 0,
  };
  for (const vector of vectors) {
    const { facts, credential } = vector;
    const asked = read(vector);
    if (!`.${new URL(asked.origin).hostname}`.endsWith(`.${asked.rpId}`)) {
      // Run through the core: tests/passkeys.
      counts["of a relying party that no deployment is"] += 1;
      continue;
    }
    // The verdicts hold for a relying party that offers ES384 and ES512 too, and `either` for those that judge
    // statements.
    let flaw: string | undefined;
    if (vector.expect.verdict === "reject" || facts.alg_name === "ES512") {
      flaw = facts.alg_name === "EdDSA" ? "passkey.authenticator_data" : "passkey.algorithm";
    } else if (asked.nonce.length !== NONCE && isSelf(facts, credential)) {
      // What is put in place of the nonce is not what the key signed.
      flaw = "passkey.signature";
    }
    if (asked.nonce.length !== NONCE) counts["with a nonce that we never issue"] += 1;
    const record = await holder.registers(vector.id, asked, credential, flaw);
    counts[flaw === undefined ? "accepted" : "refused"] += 1;
    if (flaw !== undefined) continue;
    expect(record, vector.id).toMatchObject({
      id: credential.id,
      public_key: facts.public_key_cose_b64u,
      sign_count: facts.sign_count,
      uv_initialized: facts.flags.uv,
      backup_eligible: facts.flags.be,
      backup_state: facts.flags.bs,
      aaguid: bytes(facts.aaguid),
    });
  }
  expect(counts).toEqual({
    accepted: 60,
    refused: 7,
    "with a nonce that we never issue": 36,
    "of a relying party that no deployment is": 2,
  });
});

test("authentications seen in the field come out as recorded", async ({ acme }) => {
  const holder = await Holder.of(acme);
  const vectors = corpus<any>("webauthn/real-authentications.json");
  let signed = 0;
  for (const vector of vectors) {
    const { facts, response } = vector;
    expect(vector.expect.verdict, vector.id).toBe("accept");
    const id = vector.credential_id ?? "AA";
    const record = {
      id,
      public_key: vector.public_key_cose_b64u,
      sign_count: vector.stored_sign_count,
      uv_initialized: false,
      transports: [],
      backup_eligible: facts.flags.be,
      backup_state: false,
      aaguid: base64url(Buffer.alloc(16)),
    };
    await holder.holds(record);
    const posted = { id, rawId: id, type: "public-key", response };
    const asked = read(vector);
    if (asked.nonce.length === NONCE) {
      await holder.signsIn(vector.id, asked, posted);
      signed += 1;
    } else {
      // Signed, so nothing can be put in its place. Run through the core and WebCrypto without a token: tests/bench.
      await holder.isNotAsked(asked, posted);
    }
  }
  expect([vectors.length, signed]).toEqual([16, 10]);
});

/** Somebody whose passkeys come and go. */
class Holder {
  private readonly sql: Harness["sql"];

  private constructor(
    private readonly harness: Harness,
    private readonly person: Person,
    private readonly organization: string,
    private readonly user: string,
    private readonly session: string,
    /** The user handle. */
    private readonly handle: Buffer,
  ) {
    this.sql = harness.sql.bind(harness);
  }

  /** A new person with a session. */
  static async of(acme: Organization): Promise<Holder> {
    const person = await acme.person();
    await person.signIn();
    const sql = "SELECT organization, id, handle FROM user WHERE username = ?1";
    const [{ organization, id, handle }] = await person.harness.sql(sql, person.username);
    const [session] = await person.harness.sql("SELECT id FROM session WHERE user = ?1", id);
    const parts = [idBytes(organization), idBytes(id), Buffer.from(handle, "base64url")];
    return new Holder(person.harness, person, organization, id, session.id, Buffer.concat(parts));
  }

  /** Registers, and signs in with what was registered. `flaw`: why the registration is refused. */
  async pair(
    name: string,
    registration: [Asked, Posted],
    authentication: [Asked, Posted],
    flaw: string | undefined,
  ): Promise<void> {
    const record = await this.registers(name, ...registration, flaw);
    if (record === undefined) return;
    await this.holds(record);
    await this.signsIn(name, ...authentication);
  }

  /** Confirms a passkey; answers the credential record as stored. `flaw`: why it is refused. */
  async registers(name: string, asked: Asked, credential: Posted, flaw: string | undefined): Promise<any> {
    await this.holdsNothing();
    const [fitting, posted] = withOurNonce(asked, credential);
    const token = sealed("passkeyEnrollment", {
      id: newId("c"),
      nonce: base64url(fitting.nonce),
      organization: this.organization,
      user: this.user,
      session: this.session,
      expires_at: this.harness.time() + 300,
    });
    await this.become(fitting);
    const reply = await this.person.confirmPasskey(token, posted);
    if (flaw !== undefined) {
      expectProblem(reply, "not_accepted");
      expect(await this.flaw(), name).toBe(flaw);
      expect(await this.stored(), name).toBeUndefined();
      return undefined;
    }
    expect(reply.status, `${name} ${reply.text}`).toBe(200);
    return this.stored();
  }

  /** One passkey, enrolled long ago. */
  async holds(record: object): Promise<void> {
    await this.holdsNothing();
    await this.sql(
      `INSERT INTO authenticator (organization, user, id, kind, credential, created_at, name)
       VALUES (?1, ?2, ?3, 'passkey', ?4, ?5, 'Passkey')`,
      ...[this.organization, this.user, newId("a"), JSON.stringify(record), this.harness.time()],
    );
    await this.sql("UPDATE user SET version = version + 1 WHERE id = ?1", this.user);
    const along =
      "UPDATE session SET user_version = (SELECT version FROM user WHERE id = ?1) WHERE user = ?1";
    await this.sql(along, this.user);
  }

  /** Vectors share credentials, and each is one user's only. */
  private async holdsNothing(): Promise<void> {
    await this.sql("DELETE FROM authenticator WHERE kind = 'passkey'");
    await this.sql("DELETE FROM throttle");
  }

  /**
   * The assertion as a second factor, again, and alone: the nonce is the vector's in all of them, the tokens are not.
   * The user handles of the vectors are absent or not ours. They are not signed, so alone it is ours that is posted.
   */
  async signsIn(name: string, asked: Asked, posted: Posted): Promise<void> {
    const response = { ...posted.response, userHandle: null };
    const credential = { ...posted, response };
    const authData = Buffer.from(response.authenticatorData, "base64url");
    const [uv, count] = [(authData[32]! & UV) !== 0, authData.readUInt32BE(33)];

    const first = await this.answer(await this.challenge(asked), asked, credential);
    expectDecision(first, "complete");
    expect(first.json.session, name).toMatchObject({ aal: "aal2", restricted: false });
    expect(first.json.session.amr.includes("user"), name).toBe(uv);
    expect(await this.outcome(), name).toBe("accepted");
    expect(await this.stored(), name).toMatchObject({ sign_count: count });

    // A counter that is kept did not go up.
    const again = await this.answer(await this.challenge(asked), asked, credential);
    expectDecision(again, "complete");
    expect(await this.outcome(), name).toBe(count === 0 ? "accepted" : "possible_clone");

    const alone = { ...posted, response: { ...response, userHandle: base64url(this.handle) } };
    const reply = await this.answer(this.question(asked), asked, alone);
    if (uv) expectDecision(reply, "complete");
    else {
      expectProblem(reply, "not_accepted");
      expect(await this.flaw(), name).toBe("passkey.user_verification");
    }

    // And one bit of the signature.
    const bytes = Buffer.from(response.signature, "base64url");
    bytes[bytes.length - 1]! ^= 1;
    const forged = { ...posted, response: { ...response, signature: base64url(bytes) } };
    expectProblem(await this.answer(await this.challenge(asked), asked, forged), "not_accepted");
    expect(await this.flaw(), name).toBe("passkey.signature");
  }

  /** A token with such a nonce is none of ours. */
  async isNotAsked(asked: Asked, posted: Posted): Promise<void> {
    for (const token of [await this.challenge(asked), this.question(asked)]) {
      expectProblem(await this.answer(token, asked, posted), "not_accepted");
    }
  }

  private async answer(challenge: string, asked: Asked, credential: Posted): Promise<Reply> {
    await this.become(asked);
    const browser: Caller = newBrowser(this.harness);
    browser.headers = { origin: asked.origin };
    return browser.post("/v1/challenges/verify", { challenge, method: "passkey", credential });
  }

  /** A second factor after the password. */
  private async challenge({ nonce }: Asked): Promise<string> {
    const now = this.harness.time();
    const [{ version }] = await this.sql("SELECT version FROM user WHERE id = ?1", this.user);
    return sealed("signIn", {
      id: newId("c"),
      purpose: "sign_in",
      organization: this.organization,
      user: this.user,
      evidence: [{ method: "password", at: now }],
      user_version: version,
      nonce: base64url(nonce),
      opened_at: now,
      expires_at: now + 600,
    });
  }

  /** A sign-in by whichever passkey. */
  private question({ nonce }: Asked): string {
    const now = this.harness.time();
    return sealed("passkeySignIn", {
      id: newId("c"),
      nonce: base64url(nonce),
      opened_at: now,
      expires_at: now + 300,
    });
  }

  /** The Worker is the relying party of a vector from here on, and the person is on its pages. */
  private async become({ rpId, origin }: Asked): Promise<void> {
    await this.harness.vars({ ORIGINS: origin, RP_ID: rpId });
    const { browser } = this.person;
    browser.headers = { origin };
    // Cookies have other names on localhost.
    const prefix = origin.startsWith("http://localhost") ? "" : "__Host-";
    for (const [name, value] of [...browser.cookies]) {
      browser.cookies.delete(name);
      browser.cookies.set(prefix + name.replace("__Host-", ""), value);
    }
  }

  /** What came of the last thing tried. */
  private async outcome(): Promise<string> {
    return (await this.event()).outcome;
  }

  /** Why the last thing tried was refused, as the audit log says. */
  private async flaw(): Promise<string> {
    const { outcome, detail } = await this.event();
    expect(outcome).toBe("wrong");
    return JSON.parse(detail).flaw;
  }

  private async event(): Promise<any> {
    const sql =
      "SELECT outcome, detail FROM event WHERE user = ?1 AND action <> 'enrollment.start' ORDER BY seq DESC LIMIT 1";
    return (await this.sql(sql, this.user))[0];
  }

  private async stored(): Promise<any> {
    const rows = await this.sql("SELECT credential FROM authenticator WHERE user = ?1", this.user);
    expect(rows.length).toBeLessThan(2);
    return rows[0] && JSON.parse(rows[0].credential);
  }
}

/**
 * The same ceremony with a nonce that a token of ours can hold. The client data of a registration is signed only under
 * statements that nobody judges, and under self attestation.
 */
function withOurNonce(asked: Asked, credential: Posted): [Asked, Posted] {
  if (asked.nonce.length === NONCE) return [asked, credential];
  const nonce = sha256(asked.nonce);
  const text = Buffer.from(credential.response.clientDataJSON, "base64url").toString();
  const fitting = text.replace(base64url(asked.nonce), base64url(nonce));
  const response = { ...credential.response, clientDataJSON: base64url(Buffer.from(fitting)) };
  return [
    { ...asked, nonce },
    { ...credential, response },
  ];
}

function isSelf(facts: any, credential: Posted): boolean {
  const object = Buffer.from(credential.response.attestationObject, "base64url");
  return facts.fmt === "packed" && !object.includes("cx5c");
}

function read(vector: any): Asked {
  const nonce = Buffer.from(vector.challenge_b64u, "base64url");
  return { rpId: vector.rp_id, origin: vector.origin, nonce };
}

/** Hexadecimal digits as base64url. */
function bytes(hex: string): string {
  return base64url(Buffer.from(hex, "hex"));
}
