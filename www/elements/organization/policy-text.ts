// A policy in words: what it does today, what a matter is called, and what holds in it.

import { number, moment, words, locale } from "../words";
import type { Policy } from "./api";
import { ruleOf, surfaceOf, type Matter, type SurfaceRule } from "./policy-draft";

const lists = new Intl.ListFormat(locale, { type: "conjunction" });

export const UNITS = { minutes: 60, hours: 3600, days: 86_400 } as const;
export type Unit = keyof typeof UNITS;

/** The greatest unit that says it in a whole number. */
export function unitOf(seconds: number): Unit {
  if (seconds > 0 && seconds % UNITS.days === 0) return "days";
  return seconds > 0 && seconds % UNITS.hours === 0 ? "hours" : "minutes";
}

/** `2 hours`. */
function duration(seconds: number): string {
  const unit = unitOf(seconds);
  const singular = { minutes: "minute", hours: "hour", days: "day" }[unit];
  return new Intl.NumberFormat(locale, { style: "unit", unit: singular, unitDisplay: "long" }).format(
    seconds / UNITS[unit],
  );
}

/** `client_app` as people read it: `Client app`. */
export function surfaceName(surface: string): string {
  const spaced = surface.replace(/[_-]+/g, " ").trim() || surface;
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** What the policy does to everyone, and how often; `now` in unix seconds. */
export function summary(policy: Policy, now: number): { first: string; more: string } {
  const { summary: text } = words.policy;
  const { trusted_devices: trust } = policy;
  const more = trust === "off" ? text.noTrust : text.trust(trust.days, number(trust.days));
  if (policy.mode === "off") return { first: text.off, more: "" };
  if (policy.mode === "optional") return { first: text.optional, more };
  const until =
    policy.grace_until !== null && policy.grace_until > now ? moment(policy.grace_until) : undefined;
  if (policy.scope === "everyone")
    return { first: until === undefined ? text.everyone : text.everyoneBy(until), more };
  const who = bound(policy.scope);
  return { first: until === undefined ? text.some(who) : text.someBy(who, until), more };
}

/** Those whom `required` binds, as part of a sentence. */
function bound(scope: Exclude<Policy["scope"], "everyone">): string {
  const { summary: text } = words.policy;
  if ("groups" in scope) return text.groups(lists.format(scope.groups), scope.groups.length);
  return lists.format(scope.roles.map((role) => text.roles[role]));
}

export function titleOf(matter: Matter): string {
  const { policy } = words;
  const surface = surfaceOf(matter);
  if (surface !== undefined) return policy.surfaces.rule(surfaceName(surface));
  return TITLES[matter as keyof typeof TITLES];
}

const TITLES = {
  mode: words.policy.mode.title,
  scope: words.policy.scope.title,
  grace_until: words.policy.grace.title,
  prompt: words.policy.prompt.title,
  trusted_devices: words.policy.trust.title,
  sso: words.policy.sso.title,
  step_up: words.policy.stepUp.title,
  backup_codes: words.policy.codes.title,
  sign_count_regression: words.policy.clone.title,
  show_admins: words.policy.help.title,
};

/** What holds in one matter. */
export function valueOf(matter: Matter, policy: Policy): string {
  const text = words.policy;
  const surface = surfaceOf(matter);
  if (surface !== undefined) return ruleText(ruleOf(policy, surface));
  switch (matter) {
    case "mode":
      return text.mode[policy.mode].label;
    case "scope":
      return policy.scope === "everyone" ? text.scope.everyone.label : bound(policy.scope);
    case "grace_until":
      return policy.grace_until === null
        ? text.grace.now.label
        : `${text.grace.moment} ${moment(policy.grace_until)}`;
    case "prompt":
      return policy.prompt === "off"
        ? text.prompt.off.label
        : text.prompt.line(policy.prompt.days, number(policy.prompt.days));
    case "trusted_devices":
      return policy.trusted_devices === "off"
        ? text.trust.off.label
        : text.trust.line(policy.trusted_devices.days, number(policy.trusted_devices.days));
    case "sso":
      return text.sso[policy.sso].label;
    case "step_up":
      return text.stepUp[policy.step_up].label;
    case "backup_codes":
      return text.codes[policy.backup_codes].label;
    case "sign_count_regression":
      return text.clone[policy.sign_count_regression].label;
    default:
      return policy.show_admins ? text.help.yes.label : text.help.no.label;
  }
}

/** `asks, before every sign-in, again after 1 hour`. */
function ruleText({ asked, every_sign_in: every, max_age: age }: SurfaceRule): string {
  const { line } = words.policy.surfaces;
  if (!asked) return line.notAsked;
  const parts = [line.asked];
  if (every) parts.push(line.every);
  if (age !== null) parts.push(line.again(duration(age)));
  return parts.join(", ");
}
