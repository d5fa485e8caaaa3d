// Whether an exported audit log is whole: the core reads it line by line, the browser verifies the signatures.
// Fetched with its wasm when a page first verifies something.

import init, { AuditLogVerifier } from "../wasm/pkg-audit/postern_web_audit.js";

/** The first thing that is wrong with a log. */
export interface Broken {
  /** The line of the file, from 1. */
  line: number;
  /** The number of the event in its log, from 1. */
  number?: number;
  /** The id of the event in this line. */
  id?: string;
  why:
    | "unreadable"
    | "edited"
    | "missing"
    | "inserted"
    | "moved"
    | "checkpoint"
    | "unsigned"
    | "forged"
    | "cut"
    | "diverged";
}

/** A log that is whole. */
export interface Whole {
  /** Which log of which deployment. */
  origin: string;
  /** Events that came before those of the file. */
  before: number;
  /** Events that are as they were sealed. */
  sealed: number;
  /** Of these, those whose personal data was taken out with their person. */
  redacted: number;
  /** Events that are younger than the last checkpoint: nothing is said of them. */
  unsealed: number;
  checkpoints: number;
  /** Checkpoints that were kept elsewhere, and are among those of the log. */
  met: number;
  /** The keys that signed them. */
  keys: string[];
}

export type Found = { whole: Whole } | { broken: Broken };

export interface Options {
  /** Takes checkpoints by these keys only; by those that the file names where there are none. */
  keys?: string[];
  /** Checkpoints by these keys that were kept elsewhere: each has to be among those of the log. */
  checkpoints?: string[];
  /** Told how many lines were read. */
  progress?: (lines: number) => void;
}

interface Pushed {
  signatures: { text: string; name: string; key: number[]; signature: number[]; forged: Broken }[];
  broken: Broken | null;
}

/** Reads a log that comes in pieces of text. */
export async function verifyAuditLog(text: AsyncIterable<string>, options: Options = {}): Promise<Found> {
  await init();
  const verifier = new AuditLogVerifier(options.keys ?? [], options.checkpoints ?? []);
  const keys = new Map<string, CryptoKey>();
  try {
    let lines = 0;
    let rest = "";
    for await (const piece of text) {
      const read = rest + piece;
      const end = read.lastIndexOf("\n") + 1;
      rest = read.slice(end);
      const broken = await push(verifier, read.slice(0, end), keys);
      if (broken) return { broken };
      lines += read.slice(0, end).split("\n").length - 1;
      options.progress?.(lines);
    }
    const broken = await push(verifier, rest, keys);
    return broken ? { broken } : (JSON.parse(verifier.finish()) as Found);
  } finally {
    verifier.free();
  }
}

async function push(
  verifier: AuditLogVerifier,
  lines: string,
  keys: Map<string, CryptoKey>,
): Promise<Broken | null> {
  const { signatures, broken } = JSON.parse(verifier.push(lines)) as Pushed;
  for (const { text, name, key, signature, forged } of signatures) {
    const known = keys.get(name) ?? (await imported(key));
    keys.set(name, known);
    const signed = new TextEncoder().encode(text);
    if (!(await crypto.subtle.verify("Ed25519", known, new Uint8Array(signature), signed))) return forged;
  }
  return broken;
}

function imported(key: number[]): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", new Uint8Array(key), "Ed25519", false, ["verify"]);
}

/** The text of a file, piece by piece. */
export async function* pieces(file: Blob): AsyncGenerator<string> {
  const reader = file
    .stream()
    .pipeThrough(new TextDecoderStream("utf-8", { ignoreBOM: true }))
    .getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
