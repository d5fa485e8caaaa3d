// Numbers, dates, times and lists as the browser's language writes them. The API speaks unix seconds.

import { now } from "../time";
import { locale } from "./language";
import { words } from "./sign-in";

const numbers = new Intl.NumberFormat(locale);
const shares = new Intl.NumberFormat(locale, { style: "percent" });
const spans = new Intl.NumberFormat(locale, { style: "unit", unit: "minute", unitDisplay: "long" });
const days = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
// Days that are counted are those of UTC.
const shortDays = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" });
const moments = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
const wholeDays = new Intl.DateTimeFormat(locale, { dateStyle: "full" });
const clocks = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
const exactly = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "long" });
const distances = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
const conjunctions = new Intl.ListFormat(locale, { type: "conjunction" });
const disjunctions = new Intl.ListFormat(locale, { type: "disjunction" });

/** `1,234`. */
export function number(value: number): string {
  return numbers.format(value);
}

/** `42%` of a part of a whole; of nothing, `0%`. */
export function share(part: number, whole: number): string {
  return shares.format(whole === 0 ? 0 : part / whole);
}

/** `5 minutes`. */
export function minutes(count: number): string {
  return spans.format(count);
}

/** A day, of unix seconds. */
export function day(at: number): string {
  return days.format(at * 1000);
}

/** `3 Nov`, of the unix seconds at which it begins in UTC. */
export function shortDay(at: number): string {
  return shortDays.format(at * 1000);
}

/** A day and its time, of unix seconds. */
export function moment(at: number): string {
  return moments.format(at * 1000);
}

/** A day with its weekday, of unix seconds. */
export function wholeDay(at: number): string {
  return wholeDays.format(at * 1000);
}

/** The time of day, of unix seconds. */
export function clock(at: number): string {
  return clocks.format(at * 1000);
}

/** A moment to the second, with its zone, of unix seconds. */
export function exact(at: number): string {
  return exactly.format(at * 1000);
}

/** `3 days ago` or `in 2 hours`; beyond two weeks the day. */
export function distance(at: number, from = now()): string {
  const seconds = Math.round(at - from);
  const size = Math.abs(seconds);
  if (size < 3600) return distances.format(Math.trunc(seconds / 60), "minute");
  if (size < 86_400) return distances.format(Math.trunc(seconds / 3600), "hour");
  if (size < 14 * 86_400) return distances.format(Math.trunc(seconds / 86_400), "day");
  return day(at);
}

/** How long ago something was: `just now`, `yesterday`, `3 days ago`, then a date. */
export function ago(at: number, from = now()): string {
  return from - at < 60 ? words.common.justNow : distance(at, from);
}

/** `a, b and c`. */
export function all(names: string[]): string {
  return conjunctions.format(names);
}

/** `a, b or c`. */
export function either(names: string[]): string {
  return disjunctions.format(names);
}
