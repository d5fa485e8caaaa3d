// Tokens as `src/sealing` and `src/challenges` make them, by Node's cryptography: for ceremonies whose nonce is not ours
// to draw, such as those of test vectors.

import { createCipheriv, hkdfSync, randomBytes } from "node:crypto";
import { Secret } from "otpauth";

/** `POSTERN_KEYS` of wrangler.toml. */
const ROOT_KEY = { id: "k1", secret: Buffer.from([...Array(32).keys()]) };

/** What a token is for: its first letters, and the name in its key and its additional data. */
const KINDS = {
  signIn: { prefix: "pc_in_", purpose: "sign-in challenge" },
  passkeySignIn: { prefix: "pc_pk_", purpose: "passkey sign-in" },
  passkeyEnrollment: { prefix: "pe_pk_", purpose: "passkey enrollment" },
};

/** A token that holds `record`. */
export function sealed(kind: keyof typeof KINDS, record: object): string {
  const { prefix, purpose } = KINDS[kind];
  const key = Buffer.from(hkdfSync("sha256", ROOT_KEY.secret, "", `postern v1 ${purpose}`, 32));
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(purpose));
  const id = Buffer.from(ROOT_KEY.id);
  const blob = Buffer.concat([
    Buffer.from([id.length]),
    id,
    nonce,
    cipher.update(JSON.stringify(record)),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
  return prefix + blob.toString("base64url");
}

/** A new id of ours: `c` for challenges, `a` for authenticators. */
export function newId(kind: "a" | "c"): string {
  const secret = new Secret({ buffer: new Uint8Array(randomBytes(16)).buffer });
  return `${kind}_${secret.base32.toLowerCase()}`;
}

/** The 16 bytes of an id. */
export function idBytes(id: string): Buffer {
  return Buffer.from(Secret.fromBase32(id.slice(2).toUpperCase()).bytes);
}
