// The changes between two policies as a table of words: what was, what will be.

import { css, html } from "lit";
import { words } from "../words";
import type { Policy } from "./api";
import type { Matter } from "./policy-draft";
import { titleOf, valueOf } from "./policy-text";

export function changes(matters: Matter[], from: Policy, to: Policy) {
  const { review: text } = words.policy;
  return html`<dl class="changes">
    ${matters.map(
      (matter) =>
        html`<div>
          <dt>${titleOf(matter)}</dt>
          <dd>
            <span class="visually-hidden">${text.was}: </span><del>${valueOf(matter, from)}</del>
            <span aria-hidden="true">→</span>
            <span class="visually-hidden">${text.is}: </span><ins>${valueOf(matter, to)}</ins>
          </dd>
        </div>`,
    )}
  </dl>`;
}

export const changeStyles = css`
  .changes > div {
    padding-block: 0.625rem;
    border-top: 1px solid var(--line);
  }
  .changes > div:last-child {
    border-bottom: 1px solid var(--line);
  }
  dt {
    font-size: 0.9375rem;
    color: var(--muted);
  }
  dd {
    overflow-wrap: anywhere;
  }
  del {
    color: var(--muted);
    text-decoration-thickness: 1px;
  }
  ins {
    font-weight: 600;
    text-decoration: none;
  }
`;
