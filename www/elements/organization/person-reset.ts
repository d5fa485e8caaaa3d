// <postern-person-reset>: the way to help a person that is recommended: a mailed link by which they replace their
// second steps. Says first what will happen; where a link is under way, until when it works.

import { css, html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { PersonLink } from "./person-link";
import { organizationStyles } from "./styles";
import type { Problem } from "../api";
import { closeDialog, modal } from "../modal";
import { span } from "../time";
import { all, moment, words } from "../words";

/** For how long a link may work, minutes. */
const CHOICES = [60, 240, 720, 1440] as const;

@customElement("postern-person-reset")
export class PosternPersonReset extends PersonLink {
  @state() private asking = false;

  static override styles = [
    ...organizationStyles,
    css`
      :host {
        display: grid;
        gap: 0.75rem;
      }
      .steps {
        list-style: decimal;
      }
      .note {
        display: grid;
        gap: 0.75rem;
      }
    `,
  ];

  override render() {
    const { reset } = words;
    const pending = this.security.reset;
    const why = this.whyNot();
    const send = html`<button
      class=${pending === null ? "primary" : nothing}
      type="button"
      ?disabled=${why !== undefined}
      aria-describedby=${why === undefined ? nothing : "why-not"}
      @click=${() => (this.asking = true)}
    >
      ${pending === null ? reset.send : reset.sendAgain}
    </button>`;
    return html`
      ${
        pending === null
          ? html`<p>${reset.about}</p>
              <p class="row">${send}</p>`
          : html`<div class="note">
              <p><strong>${reset.pending(moment(pending.expires_at))}</strong> ${reset.pendingMore}</p>
              <p class="row">
                <button type="button" aria-busy=${this.busy} @click=${this.takeBack}>
                  ${reset.takeBack}
                </button>
                ${send}
              </p>
            </div>`
      }
      ${why === undefined ? nothing : html`<p class="small muted" id="why-not">${why}</p>`}
      ${this.error && !this.asking ? html`<p class="error" role="alert">${this.error}</p>` : nothing}
      ${this.asking ? this.dialog() : nothing}
    `;
  }

  /** Why no link can be sent. */
  private whyNot(): string | undefined {
    const { whyNot } = words.reset;
    if (this.person.state === "disabled") return whyNot.disabled;
    if (this.security.authenticators.length === 0) return whyNot.notEnrolled;
    return this.addresses.length === 0 ? whyNot.noAddress : undefined;
  }

  private dialog() {
    const { reset } = words;
    const { authenticators, backup_codes, trusted_devices, sessions, locks } = this.security;
    const numbers = {
      authenticators: authenticators.length,
      backup_codes: backup_codes?.remaining ?? 0,
      trusted_devices: trusted_devices.length,
      sessions: sessions.length,
      locks: locks.length,
    };
    const { ends } = words.person;
    const counts = [numbers.authenticators, numbers.backup_codes, numbers.trusted_devices, numbers.sessions];
    const old = ends(numbers).filter((_, nth) => counts[nth] !== 0);
    return html`<dialog ${modal()} aria-labelledby="reset-heading" @close=${this.closed}>
      <form class="stack" @submit=${this.send}>
        <h2 id="reset-heading">${reset.sure(this.name)}</h2>
        <ol class="numbers steps">
          <li>${reset.mails(all(this.addresses))}</li>
          <li>${reset.opens(this.name)}</li>
          <li>${reset.until}</li>
          <li>${reset.then(all(old))}</li>
        </ol>
        <div class="field">
          <label for="minutes">${reset.worksFor}</label>
          <select id="minutes" data-first>
            ${CHOICES.map((minutes) => html`<option value=${minutes}>${reset.spans[minutes]}</option>`)}
          </select>
        </div>
        <p class="small muted">${reset.sureWho(this.name)}</p>
        <p class="error" role="alert">${this.error ?? nothing}</p>
        <div class="actions">
          <button type="button" @click=${closeDialog}>${words.frame.cancel}</button>
          <button class="primary" aria-busy=${this.busy}>${reset.send}</button>
        </div>
      </form>
    </dialog>`;
  }

  private closed = (): void => {
    this.asking = false;
    this.error = undefined;
  };

  private send = (event: Event): Promise<void> => {
    event.preventDefault();
    const { reset } = words;
    const minutes = Number(this.renderRoot.querySelector<HTMLSelectElement>("#minutes")?.value);
    return this.does(
      (of) => of.startReset(this.person.id, minutes, reset.purpose.send),
      reset.sent(this.name),
    );
  };

  private takeBack = (): Promise<void> => {
    const { reset } = words;
    return this.does((of) => of.cancelReset(this.person.id, reset.purpose.takeBack), reset.takenBack);
  };

  protected override inWords({ code, conflict, retryAfter }: Problem): string | undefined {
    const { refused } = words.reset;
    if (code === "throttled") return refused.often(span(retryAfter ?? 3600));
    if (code === "policy_forbids") return refused.policy;
    switch (conflict) {
      case "no_address":
        return words.reset.whyNot.noAddress;
      case "nothing_to_replace":
        return refused.nothing;
      case "no_reset":
        return refused.noReset;
      default:
        return undefined;
    }
  }
}
