// What is typed at set-up, step by step, and what can be said of it before the server is asked.

import type { components } from "./openapi";

export type SetUpBody = components["schemas"]["SetUpBody"];
export type SetUpField = "code" | keyof SetUpBody;
export type Draft = Record<Exclude<SetUpField, "mode">, string> & { mode: SetUpBody["mode"] };

/** The fields of each step. */
export const STEPS: SetUpField[][] = [
  ["code"],
  ["organization_name", "organization"],
  ["name", "email", "username", "password"],
  ["mode"],
];

export const EMPTY: Draft = {
  code: "",
  organization_name: "",
  organization: "",
  name: "",
  email: "",
  username: "",
  password: "",
  mode: "required",
};

/** The step that a field belongs to. */
export function stepOf(field: string): number {
  return STEPS.findIndex((fields) => fields.some((one) => one === field));
}

/** The first field of a step that is empty, or cannot be right; what only the server knows is left to it. */
export function wrongIn(step: number, draft: Draft): { field: SetUpField; missing: boolean } | undefined {
  for (const field of STEPS[step] ?? []) {
    if (!draft[field]) return { field, missing: true };
    if (RULES[field]?.test(draft[field]) === false) return { field, missing: false };
  }
  return undefined;
}

const RULES: Partial<Record<SetUpField, RegExp>> = {
  code: /^[A-Za-z0-9_-]+$/,
  organization: /^[a-z0-9][a-z0-9_-]{0,62}$/,
  email: /^[^@\s]+@[^@\s]+\.[^@\s]+$/,
  username: /^[A-Za-z0-9._~@+-]{1,128}$/,
  password: /^.{8,}$/s,
};

/** A short name made of a name: `Müller & Söhne` is `muller-sohne`. */
export function shortNameOf(name: string): string {
  return name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, 32)
    .replace(/-+$/, "");
}
