// <postern-backup-codes>: a fresh set, to be saved now because nothing shows it again.
// Tells its page `postern-saved` when the person says so.

import { LitElement, css, html } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "./copy-button";
import { controls, theme } from "./styles";
import { now } from "./time";
import { day } from "./words/formats";
import { words } from "./words/security";

@customElement("postern-backup-codes")
export class PosternBackupCodes extends LitElement {
  @property({ attribute: false }) codes: string[] = [];
  /** Whose they are, for the file and the paper. */
  @property() account = "";
  @property() organization = "";
  @state() private saved = false;

  static override styles = [
    theme,
    controls,
    css`
      ol {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: 0.375rem 1.5rem;
        padding: 1.25rem;
        border-radius: var(--radius);
        background: var(--sunken);
        font: 400 1.125rem/1.6 var(--mono);
        font-variant-numeric: tabular-nums;
        justify-items: center;
      }
      code {
        font: inherit;
        white-space: nowrap;
      }
      span + span {
        margin-inline-start: 0.5em;
      }
      .paper {
        display: none;
      }
      @media (max-width: 24rem) {
        ol {
          padding: 1rem 0.5rem;
          gap: 0.375rem;
        }
      }
      @media print {
        ol {
          border: 1px solid #000;
          background: none;
          font-size: 14pt;
        }
        .screen {
          display: none;
        }
        .paper {
          display: block;
        }
      }
    `,
  ];

  override render() {
    return html`
      <div class="stack">
        <p class="screen">${words.backupCodes.save} <strong>${words.backupCodes.notAgain}</strong></p>
        <p class="paper">${this.heading} · ${day(now())}<br />${words.backupCodes.worksOnce}</p>
        <ol aria-label=${words.backupCodes.heading} dir="ltr">
          ${this.codes.map(
            (code) => html`<li><code>${groups(code).map((group) => html`<span>${group}</span>`)}</code></li>`,
          )}
        </ol>
        <div class="row screen">
          <postern-copy-button .text=${this.codes.join("\n")}></postern-copy-button>
          <button class="small" type="button" @click=${this.download}>${words.backupCodes.download}</button>
          <button class="small" type="button" @click=${() => window.print()}>
            ${words.backupCodes.print}
          </button>
        </div>
        <label class="check screen">
          <input type="checkbox" name="saved" @change=${this.check} />
          ${words.backupCodes.saved}
        </label>
        <button class="primary wide screen" type="button" ?disabled=${!this.saved} @click=${this.done}>
          ${words.backupCodes.done}
        </button>
      </div>
    `;
  }

  private get heading(): string {
    return words.backupCodes.title(this.organization, this.account);
  }

  private check = (event: Event): void => {
    this.saved = (event.target as HTMLInputElement).checked;
  };

  private download = (): void => {
    const text = `${this.heading}\n${words.backupCodes.madeOn(day(now()))}\n\n${this.codes.join("\n")}\n`;
    const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = words.backupCodes.file;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  };

  private done = (): void => {
    this.dispatchEvent(new CustomEvent("postern-saved", { bubbles: true, composed: true }));
  };
}

/** `12345678` in two groups of four, a recovery code in groups of five: easier to copy by hand. */
function groups(code: string): string[] {
  return code.match(code.length === 8 ? /.{4}/g : /.{1,5}/g) ?? [code];
}
