// A policy that is being edited: what differs between two, what makes no sense, and how the changes of two people go
// together. A draft is a whole policy; what is not filled in yet is in it as it stands, and named by `problems`.

import type { Policy } from "./api";

export type Field = keyof Policy;
export type Surfaces = Policy["surfaces"];
export type SurfaceRule = Surfaces[string];
/** A field of the policy, or one surface's rule: `surfaces.client_app`. */
export type Matter = Exclude<Field, "surfaces"> | `surfaces.${string}`;
export type ProblemName = "group" | "role" | "past" | "far" | "prompt" | "days" | "age";

export const DEFAULT_RULE: SurfaceRule = { asked: true, every_sign_in: false, max_age: null };

/** What holds where nothing is set. */
export const DEFAULTS: Policy = {
  mode: "optional",
  scope: "everyone",
  grace_until: null,
  prompt: { days: 14 },
  surfaces: {},
  trusted_devices: { days: 30 },
  sso: "exempt",
  step_up: "second_factor",
  backup_codes: "digits8",
  sign_count_regression: "accept",
  show_admins: false,
};

const FIELDS = Object.keys(DEFAULTS) as Field[];
const MAX_PROMPT_DAYS = 365;
const MAX_TRUST_DAYS = 30;
const MIN_AGE = 60;
const MAX_AGE = 30 * 86_400;
const MAX_GRACE = 366 * 86_400;

/** With every field there, and no rule that says what holds anyway. */
export function complete(policy: Partial<Policy>): Policy {
  const surfaces = Object.entries(policy.surfaces ?? {}).map(
    ([name, rule]) => [name, { ...DEFAULT_RULE, ...rule }] as const,
  );
  const told = surfaces.filter(([, rule]) => !same(rule, DEFAULT_RULE));
  return {
    ...DEFAULTS,
    ...policy,
    grace_until: policy.grace_until ?? null,
    surfaces: Object.fromEntries(told.sort(([one], [other]) => (one < other ? -1 : 1))),
  };
}

export function ruleOf(policy: Policy, surface: string): SurfaceRule {
  return policy.surfaces[surface] ?? DEFAULT_RULE;
}

/** The matters in which two policies differ, in the order of the page. */
export function differences(one: Policy, other: Policy): Matter[] {
  return FIELDS.flatMap((field): Matter[] => {
    if (field !== "surfaces") return same(one[field], other[field]) ? [] : [field];
    const names = [...new Set([...Object.keys(one.surfaces), ...Object.keys(other.surfaces)])].sort();
    return names
      .filter((name) => !same(ruleOf(one, name), ruleOf(other, name)))
      .map((name): Matter => `surfaces.${name}`);
  });
}

/** `policy` with one matter as in `from`. */
export function taking(policy: Policy, matter: Matter, from: Policy): Policy {
  const surface = surfaceOf(matter);
  if (surface === undefined) return { ...policy, [matter]: from[matter as Field] };
  return complete({ ...policy, surfaces: { ...policy.surfaces, [surface]: ruleOf(from, surface) } });
}

export function surfaceOf(matter: Matter): string | undefined {
  return matter.startsWith("surfaces.") ? matter.slice("surfaces.".length) : undefined;
}

/** The changes of two people to one policy. */
export interface Merge {
  /** What both changed, each in another way: one of them has to be chosen. */
  both: Matter[];
  /** What only the other one changed. */
  theirs: Matter[];
  /** Theirs, with what only we changed, and ours where both did. */
  merged: Policy;
}

export function merge(base: Policy, mine: Policy, theirs: Policy): Merge {
  const own = new Set(differences(base, mine));
  const others = differences(base, theirs);
  const apart = new Set(differences(mine, theirs));
  let merged = theirs;
  for (const matter of own) merged = taking(merged, matter, mine);
  return {
    both: others.filter((matter) => own.has(matter) && apart.has(matter)),
    theirs: others.filter((matter) => !own.has(matter)),
    merged,
  };
}

/** What the server would refuse, by matter; `before` is the policy in force, `now` in unix seconds. */
export function problems(draft: Policy, before: Policy, now: number): Map<Matter, ProblemName> {
  const found = new Map<Matter, ProblemName>();
  const { scope, grace_until: until, prompt, trusted_devices: trust } = draft;
  if (typeof scope === "object" && "groups" in scope && scope.groups.length === 0)
    found.set("scope", "group");
  if (typeof scope === "object" && "roles" in scope && scope.roles.length === 0) found.set("scope", "role");
  if (until !== null && until !== before.grace_until) {
    if (until <= now) found.set("grace_until", "past");
    else if (until - now > MAX_GRACE) found.set("grace_until", "far");
  }
  if (prompt !== "off" && !within(prompt.days, 1, MAX_PROMPT_DAYS)) found.set("prompt", "prompt");
  if (trust !== "off" && !within(trust.days, 1, MAX_TRUST_DAYS)) found.set("trusted_devices", "days");
  for (const [name, { max_age: age }] of Object.entries(draft.surfaces)) {
    if (age !== null && !within(age, MIN_AGE, MAX_AGE)) found.set(`surfaces.${name}`, "age");
  }
  return found;
}

function within(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

/** Whether two values of JSON say the same, whatever the order of their members. */
export function same(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((item, at) => same(item, other[at]));
  if (typeof one !== "object" || typeof other !== "object" || !one || !other) return one === other;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => same((one as Values)[name], (other as Values)[name]))
  );
}

type Values = Record<string, unknown>;
