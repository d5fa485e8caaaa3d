// What this tab keeps, so that a session that ends or a reload loses nothing that was typed.

import type { Me } from "../api";

/** Keeps `value`, or nothing where it is undefined. Each person has their own, also in a tab that they share. */
export function keep(me: Me, name: string, value: unknown): void {
  try {
    if (value === undefined) sessionStorage.removeItem(key(me, name));
    else sessionStorage.setItem(key(me, name), JSON.stringify(value));
  } catch {
    // Where storage is switched off, a reload forgets.
  }
}

export function kept<T>(me: Me, name: string): T | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(key(me, name)) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}

function key(me: Me, name: string): string {
  return `postern.${name} ${me.organization.id} ${me.user.id}`;
}
