// Whether answers can be told apart: by what they say, and by how long they take.

import type { Reply } from "./http.ts";

/** One kind of request; every call is a new one. */
export type Asked = () => Promise<Reply>;

/** Milliseconds of each kind of request, asked in turn, in another order each time. */
export interface Samples {
  times: Record<string, number[]>;
  replies: Record<string, Reply>;
}

/** Asks all kinds again and again for so long, `between` before each round; the first rounds warm up. */
export async function sample(
  kinds: Record<string, Asked>,
  seconds: number,
  between: () => Promise<unknown>,
): Promise<Samples> {
  const names = Object.keys(kinds);
  const samples: Samples = { times: Object.fromEntries(names.map((name) => [name, []])), replies: {} };
  const end = performance.now() + seconds * 1000;
  for (let round = 0; performance.now() < end; round += 1) {
    await between();
    for (const name of shuffled(names)) {
      const start = performance.now();
      const reply = await kinds[name]!();
      if (round >= 10) samples.times[name]!.push(performance.now() - start);
      samples.replies[name] = reply;
    }
  }
  return samples;
}

/** How two samples differ. */
export interface Difference {
  /** Of the means of the middle halves, as a part of the smaller one: the rest is other work on the machine. */
  mean: number;
  /** That both come from one distribution (Kolmogorov and Smirnov). */
  p: number;
}

export function difference(a: number[], b: number[]): Difference {
  const [one, other] = [middleMean(a), middleMean(b)];
  return { mean: Math.abs(one - other) / Math.min(one, other), p: kolmogorovSmirnov(a, b) };
}

/** The two-sample test: how likely a distance as large as theirs is, if both are alike. */
export function kolmogorovSmirnov(a: number[], b: number[]): number {
  const [x, y] = [a.toSorted((p, q) => p - q), b.toSorted((p, q) => p - q)];
  let [i, j, distance] = [0, 0, 0];
  while (i < x.length && j < y.length) {
    const at = Math.min(x[i]!, y[j]!);
    while (i < x.length && x[i]! <= at) i += 1;
    while (j < y.length && y[j]! <= at) j += 1;
    distance = Math.max(distance, Math.abs(i / x.length - j / y.length));
  }
  const root = Math.sqrt((x.length * y.length) / (x.length + y.length));
  const lambda = (root + 0.12 + 0.11 / root) * distance;
  if (lambda < 0.2) return 1;
  let p = 0;
  for (let k = 1; k <= 100; k += 1) p += 2 * (k % 2 ? 1 : -1) * Math.exp(-2 * (k * lambda) ** 2);
  return Math.min(1, Math.max(0, p));
}

function middleMean(values: number[]): number {
  const quarter = Math.floor(values.length / 4);
  const middle = values.toSorted((p, q) => p - q).slice(quarter, values.length - quarter);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

function shuffled<T>(items: T[]): T[] {
  return items
    .map((item) => [Math.random(), item] as const)
    .toSorted(([p], [q]) => p - q)
    .map(([, item]) => item);
}
