// The engine that the Worker runs, in the browser: who would be asked what under a policy that is not saved. Fetched
// with its wasm when the page first previews something.

import init, * as web from "../../wasm/pkg-all/postern_web.js";
import type { Facts, Policy } from "./api";

export type Preview = web.PolicyPreview;
export type Effect = Preview["effects"][number];
export type Decision = web.PolicyDecision;

/** How a person signs in, as one tries it. */
export interface Attempt {
  how: "password" | "sso" | "sso_mfa";
  /** Whether the browser was trusted a moment before. */
  trusted: boolean;
  surface: string | undefined;
  /** Unix seconds. */
  at: number;
}

/** People that an effect names at most. */
const NAMED = 100;
/** An id as the engine reads one; which one does not matter to a policy. */
const SOME_AUTHENTICATOR = `a_${"a".repeat(26)}`;

export class Engine {
  private readonly facts: web.PersonFacts[];
  private readonly names: Map<string, string>;

  private constructor(readonly people: Facts["people"]) {
    this.facts = people.map(({ facts }) => facts);
    this.names = new Map(people.map(({ name, facts }) => [facts.user, name ?? facts.user]));
  }

  static async over(people: Facts["people"]): Promise<Engine> {
    await init();
    return new Engine(people);
  }

  preview(current: Policy, next: Policy, now: number): Preview {
    return web.previewPolicy(written(current), written(next), this.facts, now);
  }

  /** The names of those whom an effect concerns, as many as asked for: portions that are named in full. */
  named(current: Policy, next: Policy, now: number, of: Effect, count: number): string[] {
    const users = of.named.slice(0, count);
    if (users.length < Math.min(count, of.people)) {
      users.length = 0;
      for (let at = 0; at < this.facts.length && users.length < count; at += NAMED) {
        const portion = this.facts.slice(at, at + NAMED);
        const { effects } = web.previewPolicy(written(current), written(next), portion, now);
        users.push(...(effects.find((effect) => isSame(effect, of))?.named ?? []));
      }
    }
    return users.slice(0, count).map((user) => this.names.get(user) ?? user);
  }

  /** What one person's sign-in gets. */
  decide(policy: Policy, user: string, attempt: Attempt): Decision | undefined {
    const facts = this.facts.find((one) => one.user === user);
    if (!facts) return undefined;
    const enrolled = facts.authenticators > 0;
    const person: web.DecisionFacts = {
      role: facts.role,
      groups: facts.groups ?? [],
      authenticators: enrolled ? [SOME_AUTHENTICATOR] : [],
      backup_codes: enrolled,
    };
    const { at, how, trusted, surface } = attempt;
    const first: web.Evidence =
      how === "password"
        ? { method: "password", at }
        : { method: "sso", at, amr: how === "sso_mfa" ? ["mfa"] : ["pwd"] };
    const shown: web.Evidence[] = trusted ? [first, { method: "trusted_device", at }] : [first];
    return web.decidePolicy(written(policy), person, shown, surface, at);
  }
}

/** One effect is known by its change and its day. */
function isSame(one: Effect, other: Effect): boolean {
  return one.change === other.change && one.from === other.from;
}

/** As the engine's own type has it: a day that is not set is absent. */
function written({ grace_until: until, ...rest }: Policy): web.Policy {
  const policy = rest as web.Policy;
  return until === null ? policy : { ...policy, grace_until: until };
}
