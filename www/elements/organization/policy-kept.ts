// A draft of the policy that outlives its page in this tab.

import type { Me } from "../api";
import type { Policy } from "./api";
import type { Stored } from "./policy-review";
import * as tab from "./tab";

export interface Kept {
  /** What the draft began from. */
  base: Stored;
  draft: Policy;
}

const NAME = "policy-draft";

export function keep(me: Me, kept: Kept | undefined): void {
  tab.keep(me, NAME, kept);
}

export function kept(me: Me): Kept | undefined {
  return tab.kept(me, NAME);
}
