// <postern-backup-code-set>: how many codes are left, and a new set. The codes themselves: backup-codes.ts.

import { html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { closeDialog, modal } from "./modal";
import { Part, partStyles } from "./part";
import { day } from "./time";

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
          <h2>Backup codes</h2>
          <p class="small muted">For the day your phone is gone. Each works once.</p>
        </header>
        <div class="body">
          ${
            set
              ? html`<p>
                  <strong>${left === 0 ? "None" : left} left</strong>
                  <span class="muted"
                    >·
                    ${set.saved_at === null ? `made ${day(set.created_at)}` : `saved on ${day(set.saved_at)}`}</span
                  >
                </p>`
              : html`<p>You have none.</p>`
          }
          ${
            set && set.saved_at === null && this.me.policy.mode !== "off" && !this.showing && !this.recovering
              ? html`<p class="note warn small">
                  You haven’t said that you saved them, and they can’t be shown again.
                  ${this.renewable ? "If you don’t have them, make new ones." : nothing}
                </p>`
              : nothing
          }
          ${
            left <= FEW && enrolled && !this.recovering
              ? html`<p class="note warn small">
                  ${left === 0 ? "Without them, a lost phone locks you out." : "That’s not many."}
                  ${this.renewable ? "Make a new set while you can." : nothing}
                </p>`
              : nothing
          }
          ${
            this.renewable && enrolled
              ? html`<button type="button" @click=${this.ask}>Make new backup codes</button>`
              : nothing
          }
        </div>
      </section>
      ${
        this.asking
          ? html`<dialog ${modal()} aria-labelledby="dialog-heading" @close=${this.closed}>
              <div class="stack">
                <h2 id="dialog-heading">Make new backup codes?</h2>
                <p>You get ten new ones. The old ones stop working at once, also those on paper.</p>
                ${this.error ? html`<p class="error" role="alert">${this.error}</p>` : nothing}
                <div class="actions">
                  <button type="button" @click=${closeDialog}>Cancel</button>
                  <button class="primary" type="button" aria-busy=${this.busy} @click=${this.renew}>
                    Make new codes
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
      this.tell({ message: "Your old backup codes have stopped working.", backupCodes: backup_codes });
    } catch (error) {
      await this.refuse(error);
    } finally {
      this.busy = false;
    }
  };
}
