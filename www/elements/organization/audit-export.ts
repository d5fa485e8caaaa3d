// <postern-audit-export>: the audit log as a file. A long log comes in pieces, and says how far it is.

import { css, html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { OrganizationApi } from "./api";
import { download } from "./download";
import { OrganizationPart } from "./part";
import { organizationStyles } from "./styles";
import { closeDialog, modal } from "../modal";
import { number, words } from "../words";

const FORMATS = {
  ndjson: { name: "audit-log.ndjson", type: "application/x-ndjson" },
  csv: { name: "audit-log.csv", type: "text/csv" },
};

type Format = keyof typeof FORMATS;

@customElement("postern-audit-export")
export class PosternAuditExport extends OrganizationPart {
  @state() private format: Format = "ndjson";
  /** Lines so far. */
  @state() private done = 0;
  /** Whether the dialog was left. */
  private left = false;

  static override styles = [
    ...organizationStyles,
    css`
      fieldset {
        margin: 0;
        padding: 0;
        border: 0;
      }
      legend {
        padding: 0;
        margin-bottom: 0.75rem;
      }
      label {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: 0.75rem;
        align-items: baseline;
        font-weight: inherit;
      }
      label span {
        display: block;
      }
    `,
  ];

  override render() {
    const { auditFile: text, frame } = words;
    return html`<dialog ${modal()} aria-labelledby="export" @close=${this.closed}>
      <div class="stack">
        <h2 id="export">${text.exportTitle}</h2>
        <fieldset class="stack" ?disabled=${this.busy}>
          <legend class="muted">${text.exportAbout}</legend>
          ${(Object.keys(FORMATS) as Format[]).map(
            (format) =>
              html`<label>
                <input
                  type="radio"
                  name="format"
                  .checked=${format === this.format}
                  @change=${() => (this.format = format)}
                />
                <span
                  >${text.formats[format]} <span class="muted small">${text.formatsAbout[format]}</span></span
                >
              </label>`,
          )}
        </fieldset>
        <p class="muted small" role="status">${this.busy ? text.written(number(this.done)) : nothing}</p>
        ${this.error ? html`<p class="error" role="alert">${this.error}</p>` : nothing}
        <div class="actions">
          <button type="button" @click=${closeDialog}>${frame.cancel}</button>
          <button class="primary" type="button" data-first aria-busy=${this.busy} @click=${this.save}>
            ${text.save}
          </button>
        </div>
      </div>
    </dialog>`;
  }

  private closed = (): void => {
    this.left = true;
    this.dispatchEvent(new Event("postern-closed"));
  };

  private save = async (event: Event): Promise<void> => {
    if (this.busy) return;
    const dialog = (event.currentTarget as Element).closest("dialog");
    this.busy = true;
    this.error = undefined;
    this.done = 0;
    try {
      const { name, type } = FORMATS[this.format];
      const parts: string[] = [];
      for await (const part of new OrganizationApi(this.api, this.me).auditLog(this.format)) {
        if (this.left) return;
        parts.push(part);
        this.done += part.split("\n").length - 1;
      }
      download(new Blob(parts, { type }), name);
      this.tell({ message: words.auditFile.saved });
      dialog?.close();
    } catch (error) {
      await this.refuse(error);
    } finally {
      this.busy = false;
    }
  };
}
