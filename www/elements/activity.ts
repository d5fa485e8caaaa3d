// <postern-activity>: what happened to one's own account lately. Where it cannot be had, nothing is shown.

import { html, nothing, type PropertyValues } from "lit";
import { customElement, state } from "lit/decorators.js";
import type { OwnEvent } from "./api";
import { Part, partStyles } from "./part";
import { ago, moment } from "./words/formats";
import { words } from "./words/security";

/** Events shown before more are asked for. */
const FEW = 5;

@customElement("postern-activity")
export class PosternActivity extends Part {
  @state() private events: OwnEvent[] = [];
  @state() private showsAll = false;

  static override styles = partStyles;

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("me")) void this.load();
  }

  override render() {
    const { activity } = words;
    const { events, showsAll } = this;
    if (events.length === 0) return nothing;
    return html`<section>
      <header>
        <h2>${activity.title}</h2>
        <p class="small muted">${activity.more}</p>
      </header>
      <div class="body">
        <ol class="list">
          ${(showsAll ? events : events.slice(0, FEW)).map(entry)}
        </ol>
        ${
          showsAll || events.length <= FEW
            ? nothing
            : html`<button class="link" type="button" @click=${() => (this.showsAll = true)}>
                ${activity.all(events.length)}
              </button>`
        }
      </div>
    </section>`;
  }

  private async load(): Promise<void> {
    try {
      this.events = (await this.api.activity()).events;
    } catch {
      // What stands in the way is said where the account is.
      this.events = [];
    }
  }
}

function entry(event: OwnEvent) {
  const { activity } = words;
  const actor = event.by === null ? (activity.actors[event.actor] ?? event.actor) : activity.by(event.by);
  const outcome = activity.outcomes[event.outcome] ?? event.outcome;
  const from = [event.browser, event.ip].filter(Boolean).join(" · ");
  return html`<li>
    <div class="what">
      ${activity.events[event.action] ?? event.action} ${actor}
      ${outcome ? html`<span class="tag">${outcome}</span>` : nothing}
      ${from ? html`<p class="small muted">${from}</p>` : nothing}
    </div>
    <time class="small muted" datetime=${new Date(event.at * 1000).toISOString()} title=${moment(event.at)}
      >${ago(event.at)}</time
    >
  </li>`;
}
