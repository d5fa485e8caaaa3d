// What happened, in a sentence; and what is between the old and the new values of a change.

import type { AuditEvent } from "./api";
import { all, words } from "../words";
import type { Said } from "../words/en/audit";

type Values = Record<string, unknown>;

/** A setting, as it was and as it is. */
export interface Changed {
  field: string;
  before: unknown;
  after: unknown;
}

/** Whether it did not come about. */
export function isRefused({ outcome }: AuditEvent): boolean {
  return outcome !== "accepted" && outcome !== "possible_clone";
}

/** What happened, in one sentence. */
export function sentence(event: AuditEvent): string {
  const { refusal, refusals, sentences, unknownAction } = words.audit;
  const { action } = event;
  const said = saidOf(event);
  if (!isRefused(event)) return sentences[action]?.(said) ?? unknownAction(action, said.actor);
  const refused = refusals[action]?.(said) ?? refusal(words.events[action] ?? action, said.person);
  return `${refused}: ${reason(event)}`;
}

/** Why it was refused, or what was odd about it. */
export function reason({ outcome, method }: AuditEvent): string {
  const { reasons } = words.audit;
  return reasons[`${outcome} ${method}`] ?? reasons[outcome] ?? outcome;
}

/** Whose doing it was. */
export function actorName({ actor }: AuditEvent): string {
  const { actors, deleted } = words.audit;
  if (actor.name !== null) return actor.name;
  return actor.id === null ? (actors[actor.kind] ?? actor.kind) : deleted(actor.id);
}

/** Whose account it concerns. */
export function personName({ person }: AuditEvent): string {
  const { deleted, deletedUnknown, somebody } = words.audit;
  if (!person) return somebody;
  if (person.name !== null) return person.name;
  return person.id === null ? deletedUnknown : deleted(person.id);
}

/** What the settings are that changed, old and new. */
export function changes({ detail }: AuditEvent): Changed[] {
  const [old, next] = [valuesOf(detail?.["old"]), valuesOf(detail?.["new"])];
  const fields = [...new Set([...Object.keys(old), ...Object.keys(next)])];
  return fields
    .map((field) => ({ field, before: old[field], after: next[field] }))
    .filter(({ before, after }) => JSON.stringify(before) !== JSON.stringify(after));
}

/** What else the event says. */
export function others({ detail }: AuditEvent): [string, unknown][] {
  return Object.entries(detail ?? {}).filter(([name]) => name !== "old" && name !== "new");
}

/** What a setting is called. */
export function fieldName(field: string): string {
  return words.audit.fields[field] ?? field;
}

/** A value as one reads it: text as it is, lists with commas, all else as JSON. */
export function written(value: unknown): string {
  const { no, nothingThere, yes } = words.audit;
  if (value === undefined || value === null || value === "") return nothingThere;
  if (typeof value === "boolean") return value ? yes : no;
  if (Array.isArray(value)) return value.length === 0 ? nothingThere : value.map(written).join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}

function saidOf(event: AuditEvent): Said {
  const { actor, detail, method, person } = event;
  const named = Array.isArray(detail?.["changed"]) ? (detail["changed"] as unknown[]) : [];
  const fields = new Set([...changes(event).map(({ field }) => field), ...named.map(String)]);
  return {
    actor: actorName(event),
    person: personName(event),
    own: actor.id !== null && actor.id === person?.id,
    method: method === null ? undefined : (words.audit.methods[method] ?? method),
    changed: all([...fields].map(fieldName)),
    created: detail?.["created"] === true,
  };
}

function valuesOf(value: unknown): Values {
  return value && typeof value === "object" && !Array.isArray(value) ? (value as Values) : {};
}
