// <postern-audit-record>: everything that is known of one event, in a dialog. `postern-closed` says that it was left.

import { css, html, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { follow } from "./address";
import type { AuditEvent } from "./api";
import {
  actorName,
  changes,
  fieldName,
  isRefused,
  others,
  personName,
  reason,
  sentence,
  written,
} from "./audit-said";
import { OrganizationPart } from "./part";
import { organizationStyles } from "./styles";
import "../copy-button";
import { closeDialog, modal } from "../modal";
import { exact, words } from "../words";

@customElement("postern-audit-record")
export class PosternAuditRecord extends OrganizationPart {
  @property({ attribute: false }) event!: AuditEvent;

  static override styles = [
    ...organizationStyles,
    css`
      h3 {
        font-size: 1rem;
      }
      dl {
        gap: 0.5rem 1.5rem;
      }
      code {
        font-family: var(--mono);
        font-size: 0.875em;
        overflow-wrap: anywhere;
      }
      .links {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem 1.5rem;
      }
      table {
        font-size: 0.9375rem;
      }
      h2:focus {
        outline: none;
      }
      th,
      td,
      tbody th {
        padding-block: 0.5rem;
      }
      tbody th {
        font-size: inherit;
      }
      td {
        width: 40%;
      }
      @media (max-width: 34rem) {
        dl {
          grid-template-columns: minmax(0, 1fr);
          gap: 0;
        }
        dt {
          font-size: 0.875rem;
        }
        dd {
          margin-bottom: 0.5rem;
        }
      }
    `,
  ];

  override render() {
    const { event } = this;
    const { audit, frame } = words;
    return html`<dialog ${modal()} class="wide" aria-labelledby="what" @close=${this.closed}>
      <div class="stack">
        <h2 id="what" tabindex="-1" data-first>${sentence(event)}</h2>
        <dl>${this.fields().map(([name, value]) => this.line(name, value))}</dl>
        ${event.personal_removed ? html`<p class="note">${audit.removed}</p>` : nothing} ${this.changes()}
        ${this.more()} ${this.links()}
        <div class="actions">
          <postern-copy-button
            .text=${JSON.stringify(event, null, 2)}
            .label=${audit.copy}
          ></postern-copy-button>
          <button type="button" @click=${closeDialog}>${frame.close}</button>
        </div>
      </div>
    </dialog>`;
  }

  private fields(): [keyof typeof words.audit.record, unknown][] {
    const { event } = this;
    const code = (text: string | null) => (text === null ? null : html`<code>${text}</code>`);
    const { accepted } = words.audit;
    const kind =
      event.actor.id === null || event.actor.kind === "user"
        ? ""
        : ` · ${words.frame.roles[event.actor.kind as "owner"] ?? event.actor.kind}`;
    const outcome = isRefused(event)
      ? reason(event)
      : event.outcome === "accepted"
        ? accepted
        : reason(event);
    const { authenticator } = event;
    const authenticatorKind =
      authenticator?.kind === "passkey"
        ? words.person.passkey
        : authenticator?.kind === "totp"
          ? words.person.totp
          : authenticator?.kind;
    return [
      ["at", html`<time datetime=${new Date(event.at * 1000).toISOString()}>${exact(event.at)}</time>`],
      ["actor", `${event.actor.kind === "user" ? personName(event) : actorName(event)}${kind}`],
      [
        "person",
        event.person
          ? html`${personName(event)} ${event.person.id === null ? nothing : code(event.person.id)}`
          : null,
      ],
      ["action", code(event.action)],
      ["outcome", html`${outcome} ${code(event.outcome)}`],
      ["method", event.method === null ? null : (words.person.methods[event.method] ?? event.method)],
      [
        "authenticator",
        authenticator ? [authenticator.name, authenticatorKind].filter(Boolean).join(" · ") : null,
      ],
      ["trusted_device", code(event.trusted_device)],
      ["subject", event.subject === event.person?.id ? null : code(event.subject)],
      ["ip", event.ip],
      ["browser", event.browser],
      ["user_agent", code(event.user_agent)],
      ["request_id", code(event.request_id)],
      ["id", code(event.id)],
    ];
  }

  private line(name: keyof typeof words.audit.record, value: unknown) {
    if (value === null || value === undefined || value === "") return nothing;
    return html`<dt>${words.audit.record[name]}</dt>
      <dd>${value}</dd>`;
  }

  private changes() {
    const { after, before, changes: heading, field } = words.audit;
    const changed = changes(this.event);
    if (changed.length === 0) return nothing;
    return html`<div>
      <h3 id="changes">${heading}</h3>
      <table aria-labelledby="changes">
        <thead>
          <tr>
            <th scope="col">${field}</th>
            <th scope="col">${before}</th>
            <th scope="col">${after}</th>
          </tr>
        </thead>
        <tbody>
          ${changed.map(
            (one) =>
              html`<tr>
                <th scope="row">${fieldName(one.field)}</th>
                <td>${written(one.before)}</td>
                <td>${written(one.after)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  private more() {
    const rest = others(this.event);
    if (rest.length === 0) return nothing;
    return html`<details>
      <summary>${words.audit.detail}</summary>
      <dl>
        ${rest.map(
          ([name, value]) =>
            html`<dt>${name in words.audit.fields ? fieldName(name) : html`<code>${name}</code>`}</dt>
              <dd>${written(value)}</dd>`,
        )}
      </dl>
    </details>`;
  }

  /** To what else there is of the people in it. */
  private links() {
    const { actor, person } = this.event;
    const { allBy, allOf, toPerson } = words.audit;
    const to = (query: Record<string, string>) => `/audit?${new URLSearchParams(query)}`;
    const isThere = person && !person.deleted && person.id !== null;
    const byKeeper = actor.kind !== "user" && actor.id !== null;
    if (!byKeeper && !(person && person.id !== null)) return nothing;
    return html`<p class="links">
      ${
        person && person.id !== null
          ? html`<a href=${to({ person: person.id })} @click=${this.follow}
              >${allOf(personName(this.event))}</a
            >`
          : nothing
      }
      ${
        byKeeper && actor.id !== null
          ? html`<a href=${to({ actor: actor.id })} @click=${this.follow}>${allBy(actorName(this.event))}</a>`
          : nothing
      }
      ${
        isThere
          ? html`<a href="/people?${new URLSearchParams({ user: person.id as string })}"
              >${toPerson(personName(this.event))}</a
            >`
          : nothing
      }
    </p>`;
  }

  private follow = (event: MouseEvent): void => {
    follow(event);
    if (event.defaultPrevented) this.renderRoot.querySelector("dialog")?.close();
  };

  private closed = (): void => {
    this.dispatchEvent(new CustomEvent("postern-closed"));
  };
}
