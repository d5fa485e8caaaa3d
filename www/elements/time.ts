// Times that are no matter of language; the others are in words/formats.ts. The API speaks unix seconds.

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
