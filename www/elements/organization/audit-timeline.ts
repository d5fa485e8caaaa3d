// Events by day: a heading for each day, and under it what happened, as sentences that open the record.

import { css, html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { AuditEvent } from "./api";
import { isRefused, reason, sentence } from "./audit-said";
import { now } from "../time";
import { clock, wholeDay, words } from "../words";

interface Day {
  name: string;
  events: AuditEvent[];
}

/** The events, which are in order, by the day on which they happened here. */
function byDay(events: AuditEvent[]): Day[] {
  const days: Day[] = [];
  for (const event of events) {
    const name = dayName(event.at);
    const last = days.at(-1);
    if (last?.name === name) last.events.push(event);
    else days.push({ name, events: [event] });
  }
  return days;
}

function dayName(at: number): string {
  const day = wholeDay(at);
  if (day === wholeDay(now())) return words.audit.today;
  return day === wholeDay(now() - 86_400) ? words.audit.yesterday : day;
}

export function timeline(events: AuditEvent[], busy: boolean, open: (event: AuditEvent) => void) {
  return html`<div class=${busy ? "days updating" : "days"}>
    ${byDay(events).map(
      ({ name, events }, at) =>
        html`<section aria-labelledby="day-${at}">
          <h2 id="day-${at}" aria-label=${words.audit.dayOf(name, events.length)}>${name}</h2>
          <ol>
            ${repeat(
              events,
              ({ id }) => id,
              (event) => entry(event, open),
            )}
          </ol>
        </section>`,
    )}
  </div>`;
}

function entry(event: AuditEvent, open: (event: AuditEvent) => void) {
  const from = [event.authenticator?.name, event.browser, event.ip].filter(Boolean).join(" · ");
  const odd = event.outcome === "possible_clone";
  const by = isRefused(event) ? "refused" : odd ? "odd" : event.actor.kind === "user" ? "" : "kept";
  return html`<li class=${by}>
    <time datetime=${new Date(event.at * 1000).toISOString()}>${clock(event.at)}</time>
    <div class="what">
      <button class="entry" type="button" aria-haspopup="dialog" @click=${() => open(event)}>
        ${sentence(event)}
      </button>
      ${odd ? html`<span class="tag warn">${reason(event)}</span>` : nothing}
    </div>
    ${from ? html`<p class="small muted">${from}</p>` : nothing}
  </li>`;
}

export const timelineStyles = css`
  .days section {
    display: block;
    padding-block: 0 1.5rem;
    border: 0;
  }
  .days h2 {
    position: sticky;
    top: 0;
    z-index: 1;
    padding-block: 0.75rem 0.5rem;
    border-bottom: 1px solid var(--line);
    background: var(--paper);
    font-size: 1.125rem;
  }
  .days ol {
    --rail: 5rem;
    position: relative;
  }
  /* The line that the day runs along. */
  .days ol::before {
    content: "";
    position: absolute;
    inset: 1.25rem auto 1.25rem var(--rail);
    border-inline-start: 1px solid var(--line);
  }
  .days li {
    position: relative;
    display: grid;
    grid-template-columns: var(--rail) minmax(0, 1fr) fit-content(40%);
    gap: 0 1rem;
    padding-block: 0.4375rem;
  }
  .days li::before {
    content: "";
    position: absolute;
    top: 1rem;
    inset-inline-start: calc(var(--rail) - 0.25rem);
    width: 0.5625rem;
    height: 0.5625rem;
    border: 2px solid var(--edge);
    border-radius: 50%;
    background: var(--paper);
  }
  .days li.kept::before {
    border-color: var(--accent);
    background: var(--accent);
  }
  .days li:is(.refused, .odd)::before {
    border-color: var(--danger);
    border-radius: 1px;
    background: var(--danger);
    transform: rotate(45deg);
  }
  .days time {
    padding-top: 0.125rem;
    color: var(--muted);
    font-size: 0.875rem;
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  .days .what {
    padding-inline-start: 0.5rem;
    min-width: 0;
    overflow-wrap: anywhere;
  }
  .days li p {
    padding-top: 0.125rem;
    text-align: end;
  }
  button.entry {
    display: inline;
    min-height: 1.5rem;
    padding: 0;
    border: 0;
    border-radius: 0.125rem;
    font-weight: 400;
    line-height: 1.5;
    text-align: start;
    overflow-wrap: anywhere;
  }
  button.entry::after {
    content: "";
    position: absolute;
    inset: 0;
  }
  .days li:hover {
    background: color-mix(in oklab, var(--sunken) 45%, transparent);
  }
  .days li.refused .entry {
    color: var(--danger);
  }
  @media (max-width: 60rem) {
    .days li {
      grid-template-columns: var(--rail) minmax(0, 1fr);
    }
    .days li p {
      grid-column: 2;
      padding: 0 0 0 0.5rem;
      text-align: start;
    }
  }
  @media (max-width: 34rem) {
    .days ol {
      --rail: 4.625rem;
    }
    .days time {
      font-size: 0.8125rem;
    }
  }
`;
