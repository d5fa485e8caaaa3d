// <postern-backup-code-set>: how many codes are left, and a new set. The codes themselves: backup-codes.ts.

import { html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { closeDialog, modal } from "./modal";
import { Part, partStyles } from "./part";
import { day } from "./words/formats";
import { words } from "./words/security";

/** From here on the page warns. */
const FEW = 3;

@customElement("postern-backup-code-set")
export class PosternBackupCodeSet extends Part {
  /** Whether the server makes new sets. */
  @property({ type: Boolean }) renewable = false;
  /** Nothing but getting back in matters now. */
  @property({ type: Boolean }) recovering = false;
  /** Whether codes are on the screen that nobody saved yet. */
  @property({ type: Boolean }) showing = false;
  @state() private asking = false;

  static override styles = partStyles;

  override render() {
    const set = this.me.backup_codes;
    const enrolled = this.me.authenticators.length > 0;
    if (!set && !enrolled) return nothing;
    const left = set?.remaining ?? 0;
    return html`
      <section>
        <header>
          <h2>${words.backupCodes.heading}</h2>
          <p class="small muted">${words.backupCodes.lead}</p>
        </header>
        <div class="body">
          ${
            set
              ? html`<p>
                  <strong>${words.backupCodes.left(left)}</strong>
                  <span class="muted"
                    >·
                    ${set.saved_at === null ? words.backupCodes.made(day(set.created_at)) : words.backupCodes.savedOn(day(set.saved_at))}</span
                  >
                </p>`
              : html`<p>${words.backupCodes.none}</p>`
          }
          ${
            set && set.saved_at === null && this.me.policy.mode !== "off" && !this.showing && !this.recovering
              ? html`<p class="note warn small">
                  ${words.backupCodes.notSaved} ${this.renewable ? words.backupCodes.notSavedMore : nothing}
                </p>`
              : nothing
          }
          ${
            left <= FEW && enrolled && !this.recovering
              ? html`<p class="note warn small">
                  ${left === 0 ? words.backupCodes.lockedOut : words.backupCodes.few}
                  ${this.renewable ? words.backupCodes.makeInTime : nothing}
                </p>`
              : nothing
          }
          ${
            this.renewable && enrolled
              ? html`<button type="button" @click=${this.ask}>${words.backupCodes.make}</button>`
              : nothing
          }
        </div>
      </section>
      ${
        this.asking
          ? html`<dialog ${modal()} aria-labelledby="dialog-heading" @close=${this.closed}>
              <div class="stack">
                <h2 id="dialog-heading">${words.backupCodes.makeSure}</h2>
                <p>${words.backupCodes.makeMore}</p>
                ${this.error ? html`<p class="error" role="alert">${this.error}</p>` : nothing}
                <div class="actions">
                  <button type="button" @click=${closeDialog}>${words.common.cancel}</button>
                  <button class="primary" type="button" aria-busy=${this.busy} @click=${this.renew}>
                    ${words.backupCodes.makeNow}
                  </button>
                </div>
              </div>
            </dialog>`
          : nothing
      }
    `;
  }

  private ask = (): void => {
    this.asking = true;
  };

  private closed = (): void => {
    this.asking = false;
    this.error = undefined;
  };

  private renew = async (): Promise<void> => {
    if (this.busy) return;
    this.busy = true;
    this.error = undefined;
    try {
      const { backup_codes } = await this.api.replaceBackupCodes();
      this.renderRoot.querySelector("dialog")?.close();
      this.tell({ message: words.backupCodes.replaced, backupCodes: backup_codes });
    } catch (error) {
      await this.refuse(error);
    } finally {
      this.busy = false;
    }
  };
}
