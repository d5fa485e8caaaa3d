// A draft that outlives its page in this tab, so that a session that ends or a reload loses nothing that was typed.

import type { Me } from "../api";
import type { Policy } from "./api";
import type { Stored } from "./policy-review";

export interface Kept {
  /** What the draft began from. */
  base: Stored;
  draft: Policy;
}

export function keep(me: Me, kept: Kept | undefined): void {
  try {
    if (kept) sessionStorage.setItem(key(me), JSON.stringify(kept));
    else sessionStorage.removeItem(key(me));
  } catch {
    // Where storage is switched off, a reload forgets.
  }
}

export function kept(me: Me): Kept | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(key(me)) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}

/** Each person has their own, also in a tab that they share. */
function key(me: Me): string {
  return `postern.policy-draft ${me.organization.id} ${me.user.id}`;
}
