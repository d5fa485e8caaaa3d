// What the audit log is narrowed to, as the address says it, and as chips that take a filter away.

import { css, html, nothing } from "lit";
import { follow } from "./address";
import type { AuditAsked } from "./api";
import { day, moment, words } from "../words";

export const FILTERS = ["person", "actor", "action", "outcome", "method", "from", "until"] as const;
export type Filter = (typeof FILTERS)[number];

/** The kinds that are looked for most, by the actions they stand for. */
export const KINDS: Record<keyof typeof words.audit.kinds, string> = {
  all: "",
  signIn: "sign_in.,challenge.,step_up.,session.",
  factors: "enrollment.,authenticator.,backup_codes.,trusted_device.,prompt.,mfa.off",
  help: "help.,reset.,mfa.revoke,user.unlock,user.sign_out,password.,mail.",
  people: "user.put,user.delete,invitation.",
  rules: "policy.,organization.",
  log: "audit.,user.export",
};

export type Kind = keyof typeof KINDS;

const DAY_SECONDS = 86_400;

/** What the address asks for. */
export function asked(address: URLSearchParams): AuditAsked {
  const given = FILTERS.flatMap((name) => {
    const value = address.get(name)?.trim();
    return value ? [[name, value]] : [];
  });
  return Object.fromEntries(given) as AuditAsked;
}

/** The address of the page with these filters changed. */
export function addressWith(address: URLSearchParams, changes: Partial<Record<Filter, string>>): string {
  const query = new URLSearchParams(address);
  for (const [name, value] of Object.entries(changes)) {
    if (value === "") query.delete(name);
    else query.set(name, value);
  }
  return `/audit${query.size > 0 ? `?${query}` : ""}`;
}

/** Kinds of events, as links that narrow the log. */
export function kinds(address: URLSearchParams) {
  const { kinds: labels, kindsLabel } = words.audit;
  const current = address.get("action") ?? "";
  return html`<nav class="kinds" aria-label=${kindsLabel}>
    ${(Object.keys(KINDS) as Kind[]).map(
      (kind) =>
        html`<a
          href=${addressWith(address, { action: KINDS[kind] })}
          aria-current=${current === KINDS[kind] ? "true" : nothing}
          @click=${follow}
          >${labels[kind]}</a
        >`,
    )}
  </nav>`;
}

/** The filters that hold, each as a link that takes it away. `named` knows people by their ids. */
export function chips(address: URLSearchParams, named: (id: string) => string) {
  const { audit } = words;
  const held = FILTERS.flatMap((name) => {
    const value = address.get(name);
    const label = value ? said(name, value, named) : undefined;
    return label === undefined ? [] : [{ name, label }];
  });
  if (held.length === 0) return nothing;
  return html`<ul class="chips">
    ${held.map(
      ({ name, label }) =>
        html`<li>
          <a
            class="chip"
            href=${addressWith(address, { [name]: "" })}
            aria-label=${audit.removeFilter(label)}
            @click=${follow}
            >${label} ${CROSS}</a
          >
        </li>`,
    )}
    <li><a href="/audit" @click=${follow}>${audit.clear}</a></li>
  </ul>`;
}

/** A filter in words; none for a kind, which is shown among the kinds. */
function said(name: Filter, value: string, named: (id: string) => string): string | undefined {
  const { audit } = words;
  const chip = audit.chips[name];
  switch (name) {
    case "person":
      return chip(named(value));
    case "actor":
      return chip(audit.actors[value] ?? named(value));
    case "action":
      return Object.values(KINDS).includes(value)
        ? undefined
        : chip(
            value
              .split(",")
              .map((action) => words.events[action] ?? action)
              .join(", "),
          );
    case "outcome":
      return chip(
        value === "accepted" || value === "refused"
          ? audit.outcomeKinds[value]
          : (audit.reasons[value] ?? value),
      );
    case "method":
      return chip(words.person.methods[value] ?? value);
    case "from":
      return chip(isMidnight(Number(value)) ? day(Number(value)) : moment(Number(value)));
    case "until":
      return chip(isMidnight(Number(value)) ? day(Number(value) - DAY_SECONDS / 2) : moment(Number(value)));
  }
}

/** Whether a day begins then, here. */
function isMidnight(at: number): boolean {
  const date = new Date(at * 1000);
  return date.getHours() === 0 && date.getMinutes() === 0 && date.getSeconds() === 0;
}

/** `2026-11-27` of a moment, here; empty where there is none. */
export function dateOf(at: string | null, before = 0): string {
  if (!at || !Number.isFinite(Number(at))) return "";
  const date = new Date((Number(at) - before) * 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** When a day begins here that a field names, or the one after it; empty where it names none. */
export function beginning(date: string, after = 0): string {
  const [year, month, of] = date.split("-").map(Number);
  if (!year || !month || !of) return "";
  return String(new Date(year, month - 1, of + after).getTime() / 1000);
}

const CROSS = html`<svg
  width="12"
  height="12"
  viewBox="0 0 12 12"
  fill="none"
  stroke="currentColor"
  stroke-width="1.6"
  stroke-linecap="round"
  aria-hidden="true"
>
  <path d="M2 2l8 8M10 2l-8 8"></path>
</svg>`;

export const chipStyles = css`
  .chips {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem 0.75rem;
    align-items: center;
    margin-bottom: 1.5rem;
    font-size: 0.9375rem;
  }
  .chip {
    display: inline-flex;
    gap: 0.5rem;
    align-items: center;
    min-height: 2.25rem;
    padding: 0.25rem 0.75rem;
    border-radius: 2rem;
    background: var(--tint);
    color: var(--ink);
    text-decoration: none;
    overflow-wrap: anywhere;
  }
  .chip:hover {
    background: var(--sunken);
  }
  .chip svg {
    flex: none;
    color: var(--muted);
  }
`;
