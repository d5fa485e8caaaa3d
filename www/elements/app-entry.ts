// The entry as the app will show it: issuer, account, a ring that runs down. The digits are covered, because a code
// that the page gives away proves nothing; they are shown to compare clocks, after a code that did not match.

import { css, html, svg, type TemplateResult } from "lit";
import { words } from "./words/security";

export interface AppEntry {
  issuer: string;
  account: string;
  /** Left out while it is covered. */
  code?: string | undefined;
  /** Of `period` seconds. */
  secondsLeft: number;
  period: number;
}

export function appEntry({ issuer, account, code, secondsLeft, period }: AppEntry): TemplateResult {
  return html`<div class="entry" data-testid="preview">
    <div class="names">
      <strong>${issuer}</strong>
      <span class="small muted">${account}</span>
    </div>
    <span class="digits" dir="ltr">
      ${
        code === undefined
          ? html`<span aria-hidden="true">••• •••</span
              ><span class="visually-hidden">${words.enroll.sixDigits}</span>`
          : `${code.slice(0, 3)} ${code.slice(3)}`
      }
    </span>
    <svg class="ring" viewBox="0 0 24 24" width="24" height="24" fill="none" aria-hidden="true">
      ${svg`<circle class="track" cx="12" cy="12" r="9"></circle>
        <circle cx="12" cy="12" r="9" pathLength=${period} stroke-dasharray="${secondsLeft} ${period}"></circle>`}
    </svg>
  </div>`;
}

/** Issuer and account of a key URI. */
export function entryNames(keyUri: string): Pick<AppEntry, "issuer" | "account"> {
  const url = new URL(keyUri);
  const label = decodeURIComponent(url.pathname).replace(/^\/*(totp\/)?/, "");
  const issuer = url.searchParams.get("issuer") ?? "";
  const account = label.startsWith(`${issuer}:`) ? label.slice(issuer.length + 1) : label;
  return { issuer, account: account.trim() };
}

export const appEntryStyles = css`
  .entry {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    gap: 0.5rem 0.75rem;
    align-items: center;
    padding: 0.75rem 1rem;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--paper);
  }
  .entry .names {
    display: grid;
    grid-column: 1 / -1;
    line-height: 1.3;
  }
  /* Cut off as apps do it: a long name is no reason for a tall entry. */
  .entry .names > * {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .entry .digits {
    font: 500 1.25rem/1 var(--mono);
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  .entry .ring {
    transform: rotate(-90deg);
    background: none;
  }
  .entry .ring circle {
    stroke: var(--accent);
    stroke-width: 2.5;
  }
  .entry .ring .track {
    stroke: var(--line);
  }
`;
