// Bigger corpora, read where they are: beside the checkout, not in it.

import { existsSync, readFileSync } from "node:fs";
import { test } from "@playwright/test";

/** The vectors of a corpus; where it is missing, the test that asks is skipped and says so. */
export function corpus<Vector>(path: string): Vector[] {
  return corpusFile(path).vectors;
}

/** The whole file of a corpus, likewise. */
export function corpusFile(path: string): any {
  const file = new URL(`../../../shared/vectors/${path}`, import.meta.url);
  test.skip(!existsSync(file), `the corpus ${path} is not beside this checkout`);
  return JSON.parse(readFileSync(file, "utf8"));
}
