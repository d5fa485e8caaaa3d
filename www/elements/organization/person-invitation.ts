// <postern-person-invitation>: a mailed link by which a person without a password chooses one. Where one is under way,
// since when and until when it works.

import { css, html, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import { PersonLink } from "./person-link";
import { organizationStyles } from "./styles";
import type { Problem } from "../api";
import { now, span } from "../time";
import { all, distance, moment, words } from "../words";

@customElement("postern-person-invitation")
export class PosternPersonInvitation extends PersonLink {
  static override styles = [
    ...organizationStyles,
    css`
      :host,
      .note {
        display: grid;
        gap: 0.75rem;
      }
    `,
  ];

  override render() {
    const { invitation } = words;
    const open = this.security.invitation;
    const why = this.whyNot();
    const send = html`<p class="row">
      <button
        class=${open === null && this.security.authenticators.length === 0 ? "primary" : nothing}
        type="button"
        ?disabled=${why !== undefined}
        aria-busy=${this.busy}
        aria-describedby=${why === undefined ? nothing : "why-not"}
        @click=${this.send}
      >
        ${open === null ? invitation.send : invitation.sendAgain}
      </button>
    </p>`;
    return html`
      ${
        open === null
          ? html`<p>
                <strong>${invitation.title}.</strong>
                ${
                  this.addresses.length === 0 ? invitation.aboutNobody : invitation.about(all(this.addresses))
                }
              </p>
              ${send}`
          : html`<div class=${`note${open.expires_at > now() ? "" : " warn"}`}>
              <p>
                <strong>${invitation.invited(distance(open.sent_at))}</strong>
                ${
                  open.expires_at > now()
                    ? invitation.works(moment(open.expires_at))
                    : invitation.over(moment(open.expires_at))
                }
              </p>
              ${send}
            </div>`
      }
      ${why === undefined ? nothing : html`<p class="small muted" id="why-not">${why}</p>`}
      ${this.error ? html`<p class="error" role="alert">${this.error}</p>` : nothing}
    `;
  }

  /** Why no invitation can be sent. */
  private whyNot(): string | undefined {
    const { whyNot } = words.invitation;
    if (this.person.state === "disabled") return whyNot.disabled;
    return this.addresses.length === 0 ? whyNot.noAddress : undefined;
  }

  private send = (): Promise<void> => {
    const { invitation } = words;
    return this.does((of) => of.invite(this.person.id, invitation.purpose), invitation.sent(this.name));
  };

  protected override inWords({ code, conflict, retryAfter }: Problem): string | undefined {
    const { refused, whyNot } = words.invitation;
    if (code === "throttled") return refused.often(span(retryAfter ?? 3600));
    switch (conflict) {
      case "has_password":
        return refused.hasPassword;
      case "no_address":
        return whyNot.noAddress;
      case "not_active":
        return whyNot.disabled;
      default:
        return undefined;
    }
  }
}
