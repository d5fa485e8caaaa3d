// A passkey in software: makes and signs what an authenticator would, right or as wrong as told.

import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";

export const RP_ID = "localhost";

export type Algorithm = "ES256" | "EdDSA" | "RS256";

/** Flags of the authenticator data (WebAuthn L3 section 6.1). */
export const UP = 0x01;
export const UV = 0x04;
export const BE = 0x08;
export const BS = 0x10;
export const AT = 0x40;
export const ED = 0x80;

/** What an attacker would say differently. */
export interface Told {
  type?: string;
  challenge?: string;
  origin?: string;
  /** More members of the client data, or other values for those there are. */
  clientData?: Record<string, unknown>;
  /** The client data as text, instead. */
  clientDataText?: string | Buffer;
  rpId?: string;
  rpIdHash?: Buffer;
  flags?: number;
  signCount?: number;
  signature?: Buffer;
  userHandle?: string | null;
  id?: Buffer;
  /** The authenticator data, instead. */
  authData?: (whole: Buffer) => Buffer;
  attestationObject?: (authData: Buffer) => Buffer;
  /** Members of the response as posted. */
  posted?: Record<string, unknown>;
}

type Json = any;

/** One credential and its key. Counts like a security key if `signCount` is given, else not at all. */
export class Passkey {
  readonly id: Buffer;
  userHandle = "";
  private readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  aaguid = Buffer.alloc(16);

  constructor(
    readonly origin: string,
    readonly algorithm: Algorithm = "ES256",
    public signCount = 0,
    public flags = UP | UV | BE | BS,
    id: Buffer = randomBytes(32),
  ) {
    this.id = id;
    const pair =
      algorithm === "ES256"
        ? generateKeyPairSync("ec", { namedCurve: "P-256" })
        : algorithm === "EdDSA"
          ? generateKeyPairSync("ed25519")
          : generateKeyPairSync("rsa", { modulusLength: 2048 });
    this.privateKey = pair.privateKey;
    this.publicKey = pair.publicKey;
  }

  /** `navigator.credentials.create()`, as JSON. */
  create(options: Json, told: Told = {}): Json {
    this.userHandle = options.user.id;
    const clientData = this.clientData("webauthn.create", options.challenge, told);
    let authData = this.authData(told, (told.flags ?? this.flags) | AT, this.attested());
    authData = told.authData?.(authData) ?? authData;
    const attestationObject =
      told.attestationObject?.(authData) ??
      cbor(
        new Map<string, unknown>([
          ["fmt", "none"],
          ["attStmt", new Map()],
          ["authData", authData],
        ]),
      );
    return this.posted(told, {
      clientDataJSON: base64url(clientData),
      attestationObject: base64url(attestationObject),
      transports: ["internal", "hybrid"],
    });
  }

  /** `navigator.credentials.get()`, as JSON. */
  get(options: Json, told: Told = {}): Json {
    if (this.signCount > 0) this.signCount += 1;
    const clientData = this.clientData("webauthn.get", options.challenge, told);
    let authData = this.authData(told, told.flags ?? this.flags, Buffer.alloc(0));
    authData = told.authData?.(authData) ?? authData;
    const message = Buffer.concat([authData, sha256(clientData)]);
    const signature = told.signature ?? this.sign(message);
    const userHandle = told.userHandle === undefined ? this.userHandle : told.userHandle;
    return this.posted(told, {
      clientDataJSON: base64url(clientData),
      authenticatorData: base64url(authData),
      signature: base64url(signature),
      ...(userHandle === null ? {} : { userHandle }),
    });
  }

  sign(message: Buffer): Buffer {
    return this.algorithm === "EdDSA"
      ? sign(null, message, this.privateKey)
      : sign("sha256", message, this.privateKey);
  }

  /** `COSE_Key` (RFC 9052 section 7). */
  coseKey(): Buffer {
    const jwk = this.publicKey.export({ format: "jwk" });
    const bytes = (text: string | undefined) => Buffer.from(text ?? "", "base64url");
    const key: [number, unknown][] =
      this.algorithm === "ES256"
        ? [
            [1, 2],
            [3, -7],
            [-1, 1],
            [-2, bytes(jwk.x)],
            [-3, bytes(jwk.y)],
          ]
        : this.algorithm === "EdDSA"
          ? [
              [1, 1],
              [3, -8],
              [-1, 6],
              [-2, bytes(jwk.x)],
            ]
          : [
              [1, 3],
              [3, -257],
              [-1, bytes(jwk.n)],
              [-2, bytes(jwk.e)],
            ];
    return cbor(new Map(key));
  }

  /** Attested credential data (section 6.5.1). */
  private attested(): Buffer {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(this.id.length);
    return Buffer.concat([this.aaguid, length, this.id, this.coseKey()]);
  }

  private authData(told: Told, flags: number, rest: Buffer): Buffer {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(told.signCount ?? this.signCount);
    const hash = told.rpIdHash ?? sha256(Buffer.from(told.rpId ?? RP_ID));
    return Buffer.concat([hash, Buffer.from([flags]), count, rest]);
  }

  private clientData(type: string, challenge: string, told: Told): Buffer {
    if (told.clientDataText !== undefined) return Buffer.from(told.clientDataText);
    const data = {
      type: told.type ?? type,
      challenge: told.challenge ?? challenge,
      origin: told.origin ?? this.origin,
      crossOrigin: false,
      ...told.clientData,
    };
    return Buffer.from(JSON.stringify(data));
  }

  private posted(told: Told, response: Json): Json {
    const id = base64url(told.id ?? this.id);
    return {
      id,
      rawId: id,
      type: "public-key",
      authenticatorAttachment: "platform",
      clientExtensionResults: {},
      response,
      ...told.posted,
    };
  }
}

export function base64url(bytes: Buffer): string {
  return bytes.toString("base64url");
}

export function sha256(bytes: Buffer): Buffer {
  return createHash("sha256").update(bytes).digest();
}

/** Canonical CBOR (CTAP2) of maps, texts, bytes and whole numbers. */
export function cbor(value: unknown): Buffer {
  if (typeof value === "number") return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === "string")
    return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)]);
  if (value instanceof Map) {
    const members = [...value].flatMap(([key, item]) => [cbor(key), cbor(item)]);
    return Buffer.concat([head(5, value.size), ...members]);
  }
  throw new Error(`no CBOR for ${String(value)}`);
}

function head(major: number, argument: number): Buffer {
  if (argument < 24) return Buffer.from([(major << 5) | argument]);
  if (argument < 0x100) return Buffer.from([(major << 5) | 24, argument]);
  if (argument < 0x10000) return Buffer.from([(major << 5) | 25, argument >> 8, argument & 0xff]);
  const long = Buffer.alloc(5);
  long[0] = (major << 5) | 26;
  long.writeUInt32BE(argument, 1);
  return long;
}
