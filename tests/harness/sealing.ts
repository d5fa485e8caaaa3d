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
  notMe: { prefix: "pl_no_", purpose: "not me link" },
  passkeyEnrollment: { prefix: "pe_pk_", purpose: "passkey enrollment" },
};

/** A TOTP secret as it is stored in the row that `path` leads to: organization, user, authenticator or enrollment. */
export function sealedSecret(path: [string, string, string], secret: Buffer): string {
  return blob("totp secret", ["totp secret", ...path].join("\n"), secret);
}

/** A token that holds `record`. */
export function sealed(kind: keyof typeof KINDS, record: object): string {
  const { prefix, purpose } = KINDS[kind];
  return prefix + blob(purpose, purpose, Buffer.from(JSON.stringify(record)));
}

function blob(purpose: string, place: string, plaintext: Buffer): string {
  const key = Buffer.from(hkdfSync("sha256", ROOT_KEY.secret, "", `postern v1 ${purpose}`, 32));
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(place));
  const id = Buffer.from(ROOT_KEY.id);
  const parts = [Buffer.from([id.length]), id, nonce];
  const sealed = [cipher.update(plaintext), cipher.final(), cipher.getAuthTag()];
  return Buffer.concat([...parts, ...sealed]).toString("base64url");
}

/** A new id of ours: `c` for challenges, `a` for authenticators, `b` for sets of backup codes, `l` for links. */
export function newId(kind: "a" | "b" | "c" | "l"): string {
  const secret = new Secret({ buffer: new Uint8Array(randomBytes(16)).buffer });
  return `${kind}_${secret.base32.toLowerCase()}`;
}

/** The 16 bytes of an id. */
export function idBytes(id: string): Buffer {
  return Buffer.from(Secret.fromBase32(id.slice(2).toUpperCase()).bytes);
}
