// <postern-person>: one person as owners and admins see them: what they keep, what the policy asks of them and why, and
// what can be done to help.

import { css, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { follow, go } from "./address";
import { OrganizationApi, type Person, type PersonSecurity } from "./api";
import { formOf } from "./person-form";
import "./person-help";
import { personEvents } from "./person-events";
import { OrganizationPart } from "./part";
import { section } from "./pieces";
import { organizationStyles } from "./styles";
import { typedBefore } from "./unsaved";
import { Problem } from "../api";
import { appIcon, passkeyIcon } from "../icons";
import { day, distance, moment, words } from "../words";

@customElement("postern-person")
export class PosternPerson extends OrganizationPart {
  /** The person's id. */
  @property() user = "";
  /** The list as it was left. */
  @property() back = "/people";
  @state() private person: Person | undefined;
  @state() private security: PersonSecurity | undefined;
  @state() private gone = false;
  @state() private editing = false;
  /** The reader comes from elsewhere on this page, and goes on reading at the top. */
  private arriving = false;

  static override styles = [
    ...organizationStyles,
    css`
      .facts {
        padding-bottom: 2rem;
      }
      .ruling {
        font-size: 1.125rem;
      }
      .reasons {
        display: grid;
        gap: 0.25rem;
        color: var(--muted);
      }
      .list .icon {
        align-self: start;
      }
      ol.list li {
        align-items: baseline;
        padding-block: 0.625rem;
      }
      ol.list time {
        color: var(--muted);
        font-size: 0.875rem;
      }
    `,
  ];

  override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has("user")) {
      this.person = this.security = undefined;
      this.arriving = true;
      void this.load();
    }
  }

  override render() {
    const { person, security } = this;
    const one = words.person;
    return html`
      <a class="back" href=${this.back} @click=${follow}>${one.back}</a>
      ${
        this.gone
          ? html`<div class="headline"><h1 tabindex="-1">${one.gone}</h1></div>
              <p class="muted">${one.goneMore}</p>`
          : nothing
      }
      ${this.error ? html`<p class="error" role="alert">${this.error}</p>` : nothing}
      ${person && security ? this.page(person, security) : nothing}
      ${!person && !this.gone && !this.error ? html`<p class="empty muted" role="status">${words.frame.loading}</p>` : nothing}
    `;
  }

  override updated(): void {
    const heading = this.renderRoot.querySelector("h1");
    if (!this.arriving || !heading) return;
    this.arriving = false;
    heading.focus();
  }

  private page(person: Person, security: PersonSecurity) {
    const one = words.person;
    const name = person.name ?? person.username;
    const own = person.id === this.me.user.id;
    const helped = [security.asked_for_help, security.invitation, security.reset].some((way) => way !== null);
    return html`
      <div class="headline">
        <h1 tabindex="-1">${name}</h1>
        <p>
          <span class="tag">${words.frame.roles[person.role]}</span>
          ${person.state === "disabled" ? html`<span class="tag warn">${one.disabled}</span>` : nothing}
          ${own ? html`<span class="tag">${one.you}</span>` : nothing}
          ${
            own || security.why_not === null
              ? html`<button class="small" type="button" @click=${() => (this.editing = true)}>
                  ${words.personForm.edit}
                </button>`
              : nothing
          }
        </p>
      </div>
      ${
        this.editing
          ? html`<postern-person-form
              .api=${this.api}
              .me=${this.me}
              .person=${person}
              @postern-saved=${this.done}
              @postern-closed=${() => (this.editing = false)}
            ></postern-person-form>`
          : nothing
      }
      <dl class="facts">
        <dt>${one.username}</dt>
        <dd>${person.username}</dd>
        ${
          person.id === person.username
            ? nothing
            : html`<dt>${one.id}</dt>
                <dd>${person.id}</dd>`
        }
        <dt>${one.email}</dt>
        <dd>${person.email ?? one.none}</dd>
        ${
          person.second_email === null
            ? nothing
            : html`<dt>${one.secondEmail}</dt>
                <dd>${person.second_email}</dd>`
        }
        <dt>${one.language}</dt>
        <dd>${person.language === null ? one.sameLanguage : words.frame.languages[person.language]}</dd>
        <dt>${one.groups}</dt>
        <dd>${person.groups.length > 0 ? person.groups.join(", ") : one.none}</dd>
        <dt>${one.added}</dt>
        <dd>${day(person.created_at)}</dd>
      </dl>
      ${helped ? this.help(person, security) : nothing} ${this.asked(name, security)} ${this.locks(security)}
      ${this.factors(security)} ${this.devices(security)} ${this.sessions(security)}
      ${helped ? nothing : this.help(person, security)} ${personEvents(security.events, person.id)}
    `;
  }

  /** What can be done: on top of the page for a person who asked for it, or is being helped. */
  private help(person: Person, security: PersonSecurity) {
    return html`<postern-person-help
      .api=${this.api}
      .me=${this.me}
      .person=${person}
      .security=${security}
      @postern-helped=${this.done}
      @postern-deleted=${this.deleted}
      @postern-stale=${this.load}
    ></postern-person-help>`;
  }

  /** What the policy asks, and why. */
  private asked(name: string, { policy }: PersonSecurity) {
    const one = words.person;
    return section(
      one.atSignIn,
      one.atSignInMore,
      html`
        <p class="ruling">${one.decision[policy.decision](name)}</p>
        <ul class="reasons">
          ${policy.reasons.map((reason) => html`<li>${one.reasons[reason] ?? reason}</li>`)}
        </ul>
        ${policy.enroll_by === null ? nothing : html`<p class="note warn">${one.enrollBy(moment(policy.enroll_by))}</p>`}
      `,
    );
  }

  private locks({ locks }: PersonSecurity) {
    const one = words.person;
    if (locks.length === 0) return nothing;
    return section(
      one.locks,
      one.locksMore,
      html`
        <ul class="list">
          ${locks.map(({ method, until }) => {
            const label = one.methods[method] ?? method;
            return html`<li>
              ${until === null ? one.lockedForGood(label) : one.lockedUntil(label, moment(until))}
            </li>`;
          })}
        </ul>
      `,
    );
  }

  private factors({ authenticators, backup_codes }: PersonSecurity) {
    const one = words.person;
    return section(
      one.factors,
      one.factorsMore,
      html`
        ${authenticators.length === 0 ? html`<p>${one.noFactors}</p>` : nothing}
        <ul class="list">
          ${authenticators.map(({ kind, name, created_at, last_used_at }) => {
            const passkey = kind === "passkey";
            return html`<li>
              ${passkey ? passkeyIcon : appIcon}
              <div class="what">
                <strong>${name}</strong>
                <p class="small muted">
                  ${passkey ? one.passkey : one.totp} · ${one.addedOn(day(created_at))} ·
                  ${last_used_at === null ? one.neverUsed : one.lastUsed(distance(last_used_at))}
                </p>
              </div>
            </li>`;
          })}
        </ul>
        ${
          backup_codes === null
            ? nothing
            : html`<p>
                ${one.codes(backup_codes.remaining)}<span class="muted"
                  >, ${backup_codes.saved_at === null ? one.codesNotSaved : one.codesSaved}</span
                >
              </p>`
        }
      `,
    );
  }

  private devices({ trusted_devices }: PersonSecurity) {
    const one = words.person;
    return section(
      one.devices,
      one.devicesMore,
      html`
        ${trusted_devices.length === 0 ? html`<p class="muted">${one.noDevices}</p>` : nothing}
        <ul class="list">
          ${trusted_devices.map(
            ({ name, expires_at, last_used_at }) =>
              html`<li>
                <div class="what">
                  <strong>${name}</strong>
                  <p class="small muted">
                    ${one.trustedUntil(day(expires_at))} ·
                    ${last_used_at === null ? one.neverUsed : one.lastUsed(distance(last_used_at))}
                  </p>
                </div>
              </li>`,
          )}
        </ul>
      `,
    );
  }

  private sessions({ sessions }: PersonSecurity) {
    const one = words.person;
    return section(
      one.sessions,
      one.sessionsMore,
      html`
        ${sessions.length === 0 ? html`<p class="muted">${one.noSessions}</p>` : nothing}
        <ul class="list">
          ${sessions.map(
            ({ name, born_at, last_used_at }) =>
              html`<li>
                <div class="what">
                  <strong>${name}</strong>
                  <p class="small muted">
                    ${one.signedIn(moment(born_at))} · ${one.active(distance(last_used_at))}
                  </p>
                </div>
              </li>`,
          )}
        </ul>
      `,
    );
  }

  private load = async (): Promise<void> => {
    const of = new OrganizationApi(this.api, this.me);
    const { user } = this;
    this.error = undefined;
    this.gone = false;
    try {
      const [{ user: person }, security] = await Promise.all([of.person(user), of.security(user)]);
      if (user !== this.user) return;
      this.person = person;
      this.security = security;
      // A form that a session's end closed is open again.
      this.editing ||= typedBefore(this.me, formOf(person.id)) !== undefined;
      document.title = `${person.name ?? person.username} · Postern`;
    } catch (error) {
      if (error instanceof Problem && error.code === "not_found") this.gone = true;
      else await this.refuse(error);
    }
  };

  private done = (event: CustomEvent<{ message: string }>): void => {
    this.tell({ message: event.detail.message });
    void this.load();
  };

  private deleted = (event: CustomEvent<{ message: string }>): void => {
    this.tell({ message: event.detail.message });
    go(this, this.back, true);
  };
}
