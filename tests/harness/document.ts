// Every answer of the API, held against the document that describes it: its status, its problem's code, its body
// with no member that is not described.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import type { Reply, Sent } from "./exchange.ts";

const DOCUMENT = closed(
  JSON.parse(readFileSync(join(import.meta.dirname, "../../docs/openapi.json"), "utf8")),
);
const PROBLEM = "/components/schemas/Problem";

const ajv = new Ajv2020({ strict: false, validateFormats: false }).addSchema(DOCUMENT, "api");
const validators = new Map<string, ValidateFunction>();
const paths = Object.keys(DOCUMENT.paths).map((path) => ({
  path,
  pattern: new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`),
}));

let seen: string[] = [];

/** What was answered since this was last asked and the document does not say. */
export function departures(): string[] {
  const found = seen;
  seen = [];
  return found;
}

/** Notes where `reply` is not what the document says of the operation. */
export function note(sent: Sent, reply: Reply): void {
  const method = sent.method ?? "GET";
  const path = sent.path.split("?")[0]!;
  const depart = (what: string) => seen.push(`${method} ${path}: ${reply.status}: ${what}`);
  const problem = reply.headers["content-type"] === "application/problem+json";
  // The answer to a HEAD has no body, whatever it is.
  if (problem && method !== "HEAD") wrong(PROBLEM, reply.json, depart);
  // What the harness answers itself, a page, or a refusal before there is an operation.
  const template = paths.find(({ pattern }) => pattern.test(path))?.path ?? "";
  const operation = DOCUMENT.paths[template]?.[method.toLowerCase()];
  if (!operation || (problem && reply.json?.request_id === "-")) return;
  const response = operation.responses[reply.status];
  if (!response) {
    // Not ours, where it is neither an answer of the API nor a problem: workerd's own, of a Worker that crashed.
    if (problem || reply.status < 400) depart(`no such status (${reply.json?.code})`);
  } else if (problem) {
    if (!response["x-codes"]?.includes(reply.json.code)) depart(`no such code (${reply.json.code})`);
  } else if (response.content?.["application/json"]) {
    const at = ["paths", template, method.toLowerCase(), "responses", reply.status, "content"];
    wrong([...at, "application/json", "schema"].map(escaped).join(""), reply.json, depart);
  } else if (reply.text !== "" && !response.content?.[mediaType(reply)]) {
    depart("a body");
  }
}

/** The type of a reply's body, without its parameters. */
function mediaType(reply: Reply): string {
  return String(reply.headers["content-type"]).split(";")[0]!;
}

/** One segment of a JSON pointer in a URI (RFC 6901 section 6). */
function escaped(segment: string | number): string {
  return `/${encodeURIComponent(String(segment).replaceAll("~", "~0").replaceAll("/", "~1"))}`;
}

function wrong(pointer: string, value: unknown, depart: (what: string) => void): void {
  let validate = validators.get(pointer);
  if (!validate) {
    validate = ajv.compile({ $ref: `api#${pointer}` });
    validators.set(pointer, validate);
  }
  if (validate(value)) return;
  for (const { instancePath, message, params } of validate.errors ?? [])
    depart(`${instancePath} ${message} (${JSON.stringify(params)})`);
}

/** The document whose objects have no members but those described: a client may take others, we answer none. */
function closed(document: any): any {
  const parts = new Set<string>();
  walk(document, (schema) => schema.allOf?.forEach((part: any) => parts.add(part.$ref?.split("/").at(-1))));
  const open = new Set([...parts].map((name) => document.components.schemas[name]));
  walk(document, (schema) => {
    for (const part of schema.allOf ?? []) open.add(part);
    const members = schema.properties || schema.allOf;
    if (members && !open.has(schema)) schema.unevaluatedProperties ??= false;
  });
  return document;
}

/** Every schema of a part of the document, outermost first. */
function walk(part: any, visit: (schema: any) => void): void {
  if (typeof part !== "object" || part === null) return;
  if (part.type !== undefined || part.allOf) visit(part);
  for (const inner of Object.values(part)) walk(inner, visit);
}
