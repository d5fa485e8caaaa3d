// What happened to one person last, in sentences.

import { html, nothing } from "lit";
import type { PersonSecurity } from "./api";
import { section } from "./pieces";
import { distance, moment, words } from "../words";

/** The last `events` of the person with this id. */
export function personEvents(events: PersonSecurity["events"], id: string) {
  const one = words.person;
  return section(
    one.events,
    one.eventsMore,
    html`
      ${events.length === 0 ? html`<p class="muted">${one.noEvents}</p>` : nothing}
      <ol class="list">
        ${events.map((event) => {
          const method = event.method === null ? undefined : (one.methods[event.method] ?? event.method);
          const actor = one.actors[event.actor] ?? event.actor;
          const outcome = one.outcomes[event.outcome] ?? event.outcome;
          const from = [method, event.browser, event.ip].filter(Boolean).join(" · ");
          return html`<li>
            <div class="what">
              ${words.events[event.action] ?? event.action} ${actor}
              ${outcome ? html`<span class="tag warn">${outcome}</span>` : nothing}
              ${from ? html`<p class="small muted">${from}</p>` : nothing}
            </div>
            <time datetime=${new Date(event.at * 1000).toISOString()} title=${moment(event.at)}
              >${distance(event.at)}</time
            >
          </li>`;
        })}
      </ol>
      ${events.length === 0 ? nothing : html`<a href="/audit?${new URLSearchParams({ person: id })}">${one.allEvents}</a>`}
    `,
  );
}
