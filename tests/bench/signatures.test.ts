// Signatures in every broken form, from Wycheproof, through our reading and WebCrypto inside workerd: the verdicts that
// tests/passkeys/signatures.rs gets from the native verifier. And the assertions that no token of ours can ask for.

import { corpus, corpusFile } from "../harness/corpus.ts";
import { base64url, cbor } from "../harness/passkey.ts";
import { expect, test } from "./fixtures.ts";

/** How a Wycheproof key is written as `COSE_Key`, and what the native verifier accepts and refuses. */
const FILES: Record<string, { cose: (publicKey: any) => Buffer; accepted: number; refused: number }> = {
  ecdsa_secp256r1_sha256: { cose: (key) => ec2(-7, 1, key), accepted: 118, refused: 205 },
  ed25519: { cose: (key) => okp(-8, 6, key), accepted: 58, refused: 43 },
  rsa_signature_2048_sha256: { cose: (key) => rsa(-257, key), accepted: 6, refused: 167 },
};

for (const [name, { cose, accepted, refused }] of Object.entries(FILES)) {
  test(`${name} inside workerd agrees with Wycheproof`, async ({ inside: { ask } }) => {
    const counts = { accepted: 0, refused: 0 };
    for (const group of corpusFile(`crypto/wycheproof-${name}.json`).testGroups) {
      const signatures = group.tests.map(({ msg, sig }: any) => ({ message: hex(msg), signature: hex(sig) }));
      const key = base64url(cose(group.publicKey));
      const { spki, verdicts } = await ask("signatures", { cose: key, signatures });
      expect(spki).toBe(hex(group.publicKeyDer));
      for (const [index, one] of group.tests.entries()) {
        if (one.result !== "acceptable") {
          expect(verdicts[index], `${one.tcId} ${one.comment}`).toBe(one.result === "valid");
        }
        counts[verdicts[index] ? "accepted" : "refused"] += 1;
      }
    }
    expect(counts).toEqual({ accepted, refused });
  });
}

test("keys on other curves are not offered", async ({ inside: { ask } }) => {
  for (const [name, alg, crv] of [
    ["ecdsa_secp384r1_sha384", -35, 2],
    ["ecdsa_secp521r1_sha512", -36, 3],
  ] as const) {
    for (const { publicKey } of corpusFile(`crypto/wycheproof-${name}.json`).testGroups.slice(0, 5)) {
      const asked = (cose: Buffer) => ask("signatures", { cose: base64url(cose), signatures: [] });
      expect(await asked(ec2(alg, crv, publicKey))).toEqual({ refused: "algorithm" });
      // Nor do they pass for keys on P-256.
      expect(await asked(ec2(-7, crv, publicKey))).toEqual({ refused: "malformed" });
      expect(await asked(ec2(-7, 1, publicKey))).toEqual({ refused: "malformed" });
    }
  }
});

test("authentications seen in the field hold, whatever their nonce", async ({ inside: { ask } }) => {
  const vectors = corpus<any>("webauthn/real-authentications.json");
  for (const vector of vectors) {
    const id = vector.credential_id ?? "AA";
    const { flags, sign_count } = vector.facts;
    const record = {
      id,
      public_key: vector.public_key_cose_b64u,
      sign_count: vector.stored_sign_count,
      uv_initialized: false,
      transports: [],
      backup_eligible: flags.be,
      backup_state: false,
      aaguid: base64url(Buffer.alloc(16)),
    };
    const given = (response: object) => ({
      rpId: vector.rp_id,
      origin: vector.origin,
      nonce: vector.challenge_b64u,
      record: JSON.stringify(record),
      response: JSON.stringify({ id, rawId: id, type: "public-key", response }),
    });
    const stored = { ...record, sign_count, uv_initialized: flags.uv };
    expect(await ask("assertion", given(vector.response)), vector.id).toEqual({ record: stored });

    const signature = Buffer.from(vector.response.signature, "base64url");
    signature[signature.length - 1]! ^= 1;
    const forged = given({ ...vector.response, signature: base64url(signature) });
    expect(await ask("assertion", forged), vector.id).toEqual({ refused: "passkey.signature" });
  }
  expect(vectors).toHaveLength(16);
});

function ec2(alg: number, crv: number, { uncompressed }: any): Buffer {
  const point = Buffer.from(uncompressed, "hex").subarray(1);
  const half = point.length / 2;
  return cose([1, 2], [3, alg], [-1, crv], [-2, point.subarray(0, half)], [-3, point.subarray(half)]);
}

function okp(alg: number, crv: number, { pk }: any): Buffer {
  return cose([1, 1], [3, alg], [-1, crv], [-2, Buffer.from(pk, "hex")]);
}

function rsa(alg: number, { modulus, publicExponent }: any): Buffer {
  return cose([1, 3], [3, alg], [-1, unsigned(modulus)], [-2, unsigned(publicExponent)]);
}

function cose(...parameters: [number, unknown][]): Buffer {
  return cbor(new Map(parameters));
}

/** Without zeros in front. */
function unsigned(digits: string): Buffer {
  const bytes = Buffer.from(digits, "hex");
  return bytes.subarray(bytes.findIndex((byte) => byte !== 0));
}

/** Hexadecimal digits as base64url. */
function hex(digits: string): string {
  return base64url(Buffer.from(digits, "hex"));
}
