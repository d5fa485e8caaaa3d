// <postern-audit>: what happened in the organization, the newest first, day by day. What it is narrowed to stands in
// the page's address, so that it can be linked to and gone back to.

import { css, html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { go } from "./address";
import { type AuditEvent, type AuditPage, OrganizationApi } from "./api";
import {
  asked,
  addressWith,
  beginning,
  chipStyles,
  chips,
  dateOf,
  type Filter,
  kinds,
} from "./audit-filters";
import "./audit-record";
import { actorName, personName } from "./audit-said";
import { timeline, timelineStyles } from "./audit-timeline";
import "./audit-tools";
import { OrganizationPart } from "./part";
import { kindStyles } from "./people-kinds";
import "./person-picker";
import type { Picked } from "./person-picker";
import { organizationStyles } from "./styles";
import { moment, number, words } from "../words";

const PAGE = 50;
/** Pages looked at in a row for a first event. */
const MOST_LOOKS = 10;
const OTHERS = ["application", "system", "operator"] as const;

@customElement("postern-audit")
export class PosternAudit extends OrganizationPart {
  /** What the address asks for. */
  @state() private address = new URLSearchParams(location.search);
  @state() private events: AuditEvent[] | undefined;
  @state() private last: AuditPage | undefined;
  @state() private count: AuditPage["count"] = null;
  /** The event whose record is open. */
  @state() private open: AuditEvent | undefined;
  /** The filters of what is shown, to tell an answer that is late. */
  private shown: string | undefined;
  /** Names of people by id, as far as they were seen. */
  private readonly names = new Map<string, string>();

  static override styles = [
    ...organizationStyles,
    kindStyles,
    chipStyles,
    timelineStyles,
    css`
      .headline p {
        flex-basis: 100%;
        margin-top: -0.5rem;
      }
      form {
        display: grid;
        grid-template-columns: minmax(0, 2fr) repeat(2, minmax(0, 1fr)) repeat(2, 10rem);
        gap: 1rem;
        margin-bottom: 1.5rem;
      }
      form label {
        font-size: 0.875rem;
      }
      .field input[type="date"] {
        min-width: 0;
        padding-inline: 0.625rem;
        font-size: 1rem;
      }
      .found {
        margin-bottom: 0.5rem;
        color: var(--muted);
        font-size: 0.9375rem;
      }
      .more {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem 1rem;
        align-items: center;
        margin-block: 1.5rem;
      }
      @media (max-width: 60rem) {
        form {
          grid-template-columns: repeat(2, minmax(0, 1fr));
        }
        form > :first-child {
          grid-column: 1 / -1;
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener("popstate", this.look);
    this.addEventListener("postern-go", this.go as EventListener);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener("popstate", this.look);
    this.removeEventListener("postern-go", this.go as EventListener);
  }

  override willUpdate(): void {
    const filters = JSON.stringify(asked(this.address));
    if (this.me && filters !== this.shown) {
      this.shown = filters;
      void this.load();
    }
  }

  override render() {
    if (!this.me) return;
    const { audit } = words;
    const person = this.address.get("person");
    return html`
      <div class="headline">
        <h1>${person ? audit.of(this.named(person)) : audit.title}</h1>
        <postern-audit-tools .api=${this.api} .me=${this.me}></postern-audit-tools>
        <p class="muted">${audit.about}</p>
      </div>
      ${kinds(this.address)} ${this.narrowing()} ${chips(this.address, this.named)}
      ${this.error ? html`<p class="error" role="alert">${this.error}</p>` : nothing}
      <p class="found" role="status">${this.found()}</p>
      ${
        this.events?.length === 0
          ? this.none()
          : timeline(this.events ?? [], this.busy, (event) => (this.open = event))
      }
      ${this.more()}
      ${
        this.open
          ? html`<postern-audit-record
              .api=${this.api}
              .me=${this.me}
              .event=${this.open}
              @postern-closed=${() => (this.open = undefined)}
            ></postern-audit-record>`
          : nothing
      }
    `;
  }

  private narrowing() {
    const { audit } = words;
    const value = (name: Filter) => this.address.get(name) ?? "";
    const person = value("person");
    const actor = value("actor");
    const isKeeper = actor !== "" && !OTHERS.some((other) => other === actor);
    return html`<form
      role="search"
      aria-label=${audit.filters}
      @submit=${(event: Event) => event.preventDefault()}
    >
      <postern-person-picker
        .api=${this.api}
        .me=${this.me}
        .name=${person === "" ? "" : this.named(person)}
        @postern-picked=${this.picked}
      ></postern-person-picker>
      <div class="field">
        <label for="actor">${audit.doneBy}</label>
        <select id="actor" .value=${actor} @change=${this.choose}>
          <option value="">${audit.anyone}</option>
          ${isKeeper ? html`<option value=${actor} selected>${this.named(actor)}</option>` : nothing}
          ${OTHERS.map((other) => html`<option value=${other} ?selected=${other === actor}>${audit.actors[other]}</option>`)}
        </select>
      </div>
      <div class="field">
        <label for="outcome">${audit.outcome}</label>
        <select id="outcome" @change=${this.choose}>
          ${(["", "accepted", "refused"] as const).map(
            (outcome) =>
              html`<option value=${outcome} ?selected=${outcome === value("outcome")}>
                ${audit.outcomeKinds[outcome]}
              </option>`,
          )}
        </select>
      </div>
      <div class="field">
        <label for="from">${audit.since}</label>
        <input id="from" type="date" .value=${dateOf(value("from"))} @change=${this.choose} />
      </div>
      <div class="field">
        <label for="until">${audit.until}</label>
        <input id="until" type="date" .value=${dateOf(value("until"), 1)} @change=${this.choose} />
      </div>
    </form>`;
  }

  /** How much is shown, to be read and heard. */
  private found() {
    const { count, events, last } = this;
    if (!events || !count || events.length === 0) return nothing;
    const { found, shown, shownOfMore } = words.audit;
    const all = Math.max(count.events, events.length);
    if (last?.next_cursor === null) return found(events.length);
    return (count.or_more ? shownOfMore : shown)(number(events.length), number(all));
  }

  private none() {
    const { audit } = words;
    const { last } = this;
    const isEnd = last?.next_cursor === null;
    return html`<div class="empty">
      <p><strong>${isEnd ? audit.nothing : audit.nothingYet}</strong></p>
      ${isEnd ? html`<p class="muted">${audit.nothingMore}</p>` : nothing}
    </div>`;
  }

  private more() {
    const { events, last } = this;
    if (!events || !last) return nothing;
    const { audit } = words;
    if (last.next_cursor === null)
      return events.length === 0 || this.shown !== "{}"
        ? nothing
        : html`<p class="more small muted">${audit.end}</p>`;
    return html`<div class="more">
      <button type="button" aria-busy=${this.busy} @click=${() => this.load(last.next_cursor ?? undefined)}>
        ${last.searched_until === null ? audit.older : audit.further}
      </button>
      ${
        last.searched_until === null
          ? nothing
          : html`<p class="small muted">${audit.searched(moment(last.searched_until))}</p>`
      }
    </div>`;
  }

  private named = (id: string): string => this.names.get(id) ?? id;

  private picked = (event: CustomEvent<Picked>): void => {
    const { id, name } = event.detail;
    if (id !== "") this.names.set(id, name);
    this.narrow({ person: id });
  };

  private choose = (event: Event): void => {
    const { id, value } = event.currentTarget as HTMLInputElement;
    if (id === "from") this.narrow({ from: beginning(value) });
    else if (id === "until") this.narrow({ until: beginning(value, 1) });
    else this.narrow({ [id]: value });
  };

  private narrow(changes: Partial<Record<Filter, string>>): void {
    go(this, addressWith(this.address, changes));
  }

  private go = (event: CustomEvent<{ to: string }>): void => {
    event.stopPropagation();
    history.pushState(null, "", event.detail.to);
    this.look();
  };

  private look = (): void => {
    this.address = new URLSearchParams(location.search);
  };

  /** The first page, or the one after `cursor`. Where events are rare, looks on until there is one. */
  private async load(cursor?: string): Promise<void> {
    const filters = this.shown;
    this.busy = true;
    this.error = undefined;
    try {
      const api = new OrganizationApi(this.api, this.me);
      let at = cursor;
      for (let look = 0; look < MOST_LOOKS; look += 1) {
        const page = await api.events({
          ...asked(this.address),
          limit: PAGE,
          ...(at === undefined ? {} : { cursor: at }),
        });
        if (filters !== this.shown) return;
        this.take(page, at === undefined);
        if (page.events.length > 0 || page.next_cursor === null) return;
        at = page.next_cursor;
      }
    } catch (error) {
      if (filters === this.shown) await this.refuse(error);
    } finally {
      if (filters === this.shown) this.busy = false;
    }
  }

  private take(page: AuditPage, isFirst: boolean): void {
    for (const event of page.events) {
      if (event.person?.id) this.names.set(event.person.id, personName(event));
      if (event.actor.id !== null) this.names.set(event.actor.id, actorName(event));
    }
    this.events = isFirst ? page.events : [...(this.events ?? []), ...page.events];
    this.count = page.count ?? this.count;
    this.last = page;
  }
}
