// The kinds of people that are looked for most, with how many there are, as links that narrow the list.

import { css, html, nothing } from "lit";
import { follow } from "./address";
import type { Counts } from "./api";
import { number, words } from "../words";

const KINDS = ["help", "enrollment", "exempt", "restricted", "locked", "state"] as const;
const NO_KIND = Object.fromEntries(KINDS.map((name) => [name, ""]));

/** The kinds of people that are looked for most, with how many there are. */
export function peopleKinds(
  asked: URLSearchParams,
  counts: Counts | undefined,
  asking: string | number | undefined,
  address: (changes: Record<string, string>) => string,
) {
  const { list } = words;
  const kinds: [string, string | number | undefined, Record<string, string>][] = [
    [list.all, counts?.people, {}],
    [words.requests.kind, asking, { help: "1" }],
    [list.enrolled, counts?.enrolled, { enrollment: "enrolled" }],
    [list.missing, counts?.missing, { enrollment: "missing" }],
    [list.exempt, counts?.exempt, { exempt: "1" }],
    [list.restricted, counts?.restricted, { restricted: "1" }],
    [list.locked, counts?.locked, { locked: "1" }],
    [list.disabled, counts?.disabled, { state: "disabled" }],
  ];
  const ordinary = [list.all, list.enrolled, list.missing];
  return html`<nav class="kinds" aria-label=${list.show}>
    ${kinds.map(([label, count, kind]) => {
      const current = KINDS.every((name) => (asked.get(name) ?? undefined) === kind[name]);
      if (!ordinary.includes(label) && !count && !current) return nothing;
      return html`<a
        href=${address({ ...NO_KIND, ...kind })}
        aria-current=${current ? "true" : nothing}
        @click=${follow}
        >${label} <span>${typeof count === "number" ? number(count) : (count ?? "")}</span></a
      >`;
    })}
  </nav>`;
}

export const kindStyles = css`
  .kinds {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
    margin-bottom: 1.5rem;
  }
  .kinds a {
    display: inline-flex;
    gap: 0.5rem;
    align-items: center;
    min-height: 2.25rem;
    padding: 0.25rem 0.875rem;
    border: 1px solid var(--line);
    border-radius: 2rem;
    color: var(--ink);
    text-decoration: none;
    font-size: 0.9375rem;
  }
  .kinds a:hover {
    background: var(--sunken);
  }
  .kinds a[aria-current] {
    border-color: var(--accent);
    background: var(--tint);
  }
  .kinds a span {
    color: var(--muted);
    font-variant-numeric: tabular-nums;
  }
  @media (max-width: 46rem) {
    .kinds {
      flex-wrap: nowrap;
      margin-inline: -1rem;
      padding-inline: 1rem;
      overflow-x: auto;
      scrollbar-width: none;
    }
    .kinds a {
      flex: none;
    }
  }
`;
