// Times as people say them. The API speaks unix seconds.

export function now(): number {
  return Math.floor(Date.now() / 1000);
}

/** `0:45`, `12:05`, `1:00:00`. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const two = (value: number) => String(value).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** `today`, `yesterday`, `3 days ago`, then a date. */
export function ago(at: number, from = now()): string {
  const seconds = Math.max(0, from - at);
  if (seconds < 60) return "just now";
  if (seconds < 3600) return relative.format(-Math.floor(seconds / 60), "minute");
  if (seconds < 86_400) return relative.format(-Math.floor(seconds / 3600), "hour");
  if (seconds < 14 * 86_400) return relative.format(-Math.floor(seconds / 86_400), "day");
  return day(at);
}

export function day(at: number): string {
  return dates.format(at * 1000);
}

export function moment(at: number): string {
  return moments.format(at * 1000);
}

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const dates = new Intl.DateTimeFormat("en", { dateStyle: "medium" });
const moments = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });
