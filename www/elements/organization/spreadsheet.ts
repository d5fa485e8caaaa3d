// <postern-spreadsheet>: the list of people as a file. A long list comes in pieces, and says how far it is.

import { html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { OrganizationApi } from "./api";
import { download } from "./download";
import { OrganizationPart } from "./part";
import { organizationStyles } from "./styles";
import { number, words } from "../words";

/** People in one piece. */
const PIECE = 5000;

@customElement("postern-spreadsheet")
export class PosternSpreadsheet extends OrganizationPart {
  /** What the list is narrowed to. */
  @property({ attribute: false }) asked = new URLSearchParams();
  /** How many people are in it so far. */
  @state() private done = 0;

  static override styles = organizationStyles;

  override render() {
    const { list } = words;
    return html`<p class="row">
      <button class="small" type="button" aria-busy=${this.busy} @click=${this.save}>${list.export}</button>
      <span class="muted small" role="status">
        ${this.busy && this.done > 0 ? list.exporting(number(this.done)) : nothing}
      </span>
      ${this.error ? html`<span class="error" role="alert">${this.error}</span>` : nothing}
    </p>`;
  }

  private save = async (): Promise<void> => {
    if (this.busy) return;
    this.busy = true;
    this.error = undefined;
    this.done = 0;
    try {
      const of = new OrganizationApi(this.api, this.me);
      const asked = new URLSearchParams(this.asked);
      asked.delete("user");
      const pieces: string[] = [];
      let query: string | undefined = asked.size > 0 ? `?${asked}` : "";
      while (query !== undefined) {
        const piece: { text: string; next: string | undefined } = await of.spreadsheet(query);
        pieces.push(piece.text);
        this.done += PIECE;
        query = piece.next;
      }
      download(new Blob(pieces, { type: "text/csv" }), "people.csv");
      this.tell({ message: words.list.exported });
    } catch (error) {
      await this.refuse(error);
    } finally {
      this.busy = false;
    }
  };
}
