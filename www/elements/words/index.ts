// The words of the organization's pages, in the language that the browser asks for. English is complete by being the
// first; another language has the type of it, so that a word that is missing does not compile.

import { de } from "./de";
import { en } from "./en";

export type Words = typeof en;

const LANGUAGES: Record<string, Words> = { en, de };

/** The first language of the browser's that is here, with its region for dates and numbers: `de-AT`. */
export const locale: string =
  navigator.languages.find((tag) => (tag.split("-")[0] ?? "") in LANGUAGES) ?? "en";

export const words: Words = LANGUAGES[locale.split("-")[0] ?? "en"] ?? en;

const numbers = new Intl.NumberFormat(locale);
const shares = new Intl.NumberFormat(locale, { style: "percent" });
const days = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
const moments = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
const distances = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });

/** `1,234`. */
export function number(value: number): string {
  return numbers.format(value);
}

/** `42%` of a part of a whole; of nothing, `0%`. */
export function share(part: number, whole: number): string {
  return shares.format(whole === 0 ? 0 : part / whole);
}

/** A day, of unix seconds. */
export function day(at: number): string {
  return days.format(at * 1000);
}

/** A day and its time, of unix seconds. */
export function moment(at: number): string {
  return moments.format(at * 1000);
}

/** `3 days ago` or `in 2 hours`; beyond two weeks the day. */
export function distance(at: number, from = Date.now() / 1000): string {
  const seconds = Math.round(at - from);
  const size = Math.abs(seconds);
  if (size < 3600) return distances.format(Math.trunc(seconds / 60), "minute");
  if (size < 86_400) return distances.format(Math.trunc(seconds / 3600), "hour");
  if (size < 14 * 86_400) return distances.format(Math.trunc(seconds / 86_400), "day");
  return day(at);
}
