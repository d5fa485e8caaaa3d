// <postern-audit-verify>: whether the audit log is whole, or a file of it. All of it is done in the browser.

import { css, html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { OrganizationApi } from "./api";
import { OrganizationPart } from "./part";
import { organizationStyles } from "./styles";
import { type Broken, type Found, pieces, verifyAuditLog, type Whole } from "../audit-log";
import { closeDialog, modal } from "../modal";
import { number, words } from "../words";

@customElement("postern-audit-verify")
export class PosternAuditVerify extends OrganizationPart {
  /** Lines so far. */
  @state() private lines = 0;
  @state() private found: Found | undefined;
  /** Whether the dialog was left. */
  private left = false;

  static override styles = [
    ...organizationStyles,
    css`
      .result {
        display: grid;
        gap: 0.5rem;
        padding: 1rem;
        border: 1px solid var(--line);
        border-inline-start: 4px solid var(--accent);
        border-radius: var(--radius);
      }
      .result.bad {
        border-inline-start-color: var(--danger);
      }
      .key {
        font-family: var(--mono);
        font-size: 0.8125rem;
        overflow-wrap: anywhere;
      }
    `,
  ];

  override render() {
    const { auditFile: text, frame } = words;
    return html`<dialog ${modal()} class="wide" aria-labelledby="verify" @close=${this.closed}>
      <div class="stack">
        <h2 id="verify">${text.verifyTitle}</h2>
        <p class="muted">${text.verifyAbout}</p>
        <div role="status">
          ${this.busy ? html`<p>${text.verified(number(this.lines))}</p>` : this.result()}
        </div>
        ${this.error ? html`<p class="error" role="alert">${this.error}</p>` : nothing}
        <div class="actions">
          <input type="file" accept=".ndjson,application/x-ndjson" hidden @change=${this.ofFile} />
          <button type="button" ?disabled=${this.busy} @click=${this.choose}>${text.verifyFile}</button>
          <button class="primary" type="button" data-first aria-busy=${this.busy} @click=${this.ofLog}>
            ${text.verifyLog}
          </button>
          <button type="button" @click=${closeDialog}>${frame.close}</button>
        </div>
      </div>
    </dialog>`;
  }

  private result() {
    if (!this.found) return nothing;
    return "whole" in this.found ? whole(this.found.whole) : broken(this.found.broken);
  }

  private closed = (): void => {
    this.left = true;
    this.dispatchEvent(new Event("postern-closed"));
  };

  private ofLog = (): Promise<void> => this.verify(new OrganizationApi(this.api, this.me).auditLog("ndjson"));

  private choose = (): void => this.renderRoot.querySelector<HTMLInputElement>("input")?.click();

  private ofFile = (event: Event): void => {
    const input = event.currentTarget as HTMLInputElement;
    const file = input.files?.[0];
    if (file) void this.verify(pieces(file));
    input.value = "";
  };

  private async verify(text: AsyncIterable<string>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.error = undefined;
    this.found = undefined;
    this.lines = 0;
    try {
      this.found = await verifyAuditLog(this.until(text), { progress: (lines) => (this.lines = lines) });
    } catch (error) {
      if (error instanceof DOMException) this.error = words.auditFile.noEd25519;
      else await this.refuse(error);
    } finally {
      this.busy = false;
    }
  }

  /** Ends when the dialog is left. */
  private async *until(text: AsyncIterable<string>): AsyncGenerator<string> {
    for await (const piece of text) {
      if (this.left) return;
      yield piece;
    }
  }
}

function whole(found: Whole) {
  const { auditFile: text } = words;
  return html`<div class="result">
    <p><strong>${text.whole}</strong></p>
    <p>${text.log(found.origin)}</p>
    <p>
      ${text.sealed(found.sealed, number(found.sealed))}
      ${found.before > 0 ? text.before(number(found.before)) : nothing}
    </p>
    ${found.unsealed > 0 ? html`<p>${text.unsealed(found.unsealed, number(found.unsealed))}</p>` : nothing}
    ${found.redacted > 0 ? html`<p>${text.redacted(found.redacted, number(found.redacted))}</p>` : nothing}
    ${
      found.keys.length > 0
        ? html`<p class="muted small">${text.keys}</p>
            ${found.keys.map((key) => html`<p class="key">${key}</p>`)}`
        : nothing
    }
  </div>`;
}

function broken(found: Broken) {
  const { auditFile: text } = words;
  const event = found.number === undefined ? undefined : number(found.number);
  return html`<div class="result bad">
    <p><strong>${text.broken}</strong></p>
    <p>${text.why[found.why](event)}</p>
    <p class="muted small">
      ${text.line(number(found.line))} ${found.id ? html`<span class="key">${found.id}</span>` : nothing}
    </p>
  </div>`;
}
