// What the pages of the organization have in common: a headline, sections with a heading beside them, tables that
// become lists on a phone.

import { css, type CSSResult } from "lit";
import { partStyles } from "../part";

const pages = css`
  .headline {
    display: flex;
    flex-wrap: wrap;
    gap: 1rem 2rem;
    align-items: end;
    justify-content: space-between;
    padding-block: 2.5rem 2rem;
  }
  .headline h1 {
    flex: 1 1 20rem;
    max-width: 18em;
    font-size: clamp(1.75rem, 1.4rem + 1.8vw, 2.5rem);
  }
  /* Focused so that reading goes on there, not to be used. */
  h1[tabindex="-1"]:focus {
    outline: none;
  }
  .back {
    display: inline-block;
    margin-top: 1.5rem;
    padding-block: 0.25rem;
  }
  .back + .headline {
    padding-top: 0.75rem;
  }
  a {
    color: var(--accent);
    text-underline-offset: 0.2em;
    text-decoration-thickness: 1px;
  }
  a:hover {
    text-decoration-thickness: 2px;
  }
  :is(td, p) > .tag:first-child {
    margin-inline-start: 0;
  }
  a.button {
    color: var(--ink);
    text-decoration: none;
  }
  .tag.warn {
    background: var(--warn-tint);
    color: var(--warn-ink);
  }
  table {
    width: 100%;
    border-collapse: collapse;
  }
  th,
  td {
    padding: 0.75rem 1.25rem 0.75rem 0;
    border-bottom: 1px solid var(--line);
    text-align: start;
    vertical-align: top;
    overflow-wrap: anywhere;
  }
  th {
    padding-block: 0.5rem;
    color: var(--muted);
    font-weight: 400;
    font-size: 0.875rem;
    white-space: nowrap;
  }
  th:last-child,
  td:last-child {
    padding-inline-end: 0;
  }
  tbody th {
    padding-block: 0.75rem;
    color: inherit;
    font-size: 1rem;
    white-space: normal;
  }
  tbody tr:hover {
    background: color-mix(in oklab, var(--sunken) 45%, transparent);
  }
  dl {
    display: grid;
    grid-template-columns: max-content minmax(0, 1fr);
    gap: 0.375rem 1.5rem;
  }
  dt {
    color: var(--muted);
  }
  dd {
    overflow-wrap: anywhere;
  }
  .empty {
    display: grid;
    gap: 0.5rem;
    justify-items: start;
    padding-block: 2.5rem;
  }
  .updating {
    opacity: 0.6;
    transition: opacity 0.2s 0.2s;
  }
  dialog .danger {
    border-color: transparent;
    background: var(--danger);
    color: var(--surface);
  }
  .numbers {
    display: grid;
    gap: 0.25rem;
    padding-inline-start: 1.25rem;
    list-style: disc;
  }
  @media (max-width: 46rem) {
    .headline {
      padding-block: 1.75rem 1.5rem;
    }
    table.rows,
    .rows tbody {
      display: block;
    }
    .rows thead {
      position: absolute;
      width: 1px;
      height: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }
    .rows tr {
      display: grid;
      grid-template-columns: minmax(0, 1fr) auto;
      gap: 0 1rem;
      padding-block: 0.75rem;
      border-bottom: 1px solid var(--line);
    }
    .rows :is(td, tbody th) {
      padding: 0;
      border: 0;
    }
    .rows td.wide-only {
      display: none;
    }
  }
`;

export const organizationStyles: CSSResult[] = [...partStyles, pages];
