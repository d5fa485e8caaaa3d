// <postern-selection>: what can be done for several people at once. Says in numbers what will end before it does.

import { css, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { OrganizationApi, type Selection } from "./api";
import { OrganizationPart } from "./part";
import { organizationStyles } from "./styles";
import { Problem } from "../api";
import { closeDialog, modal } from "../modal";
import { words } from "../words";

@customElement("postern-selection")
export class PosternSelection extends OrganizationPart {
  /** The ids of the people that are chosen, with their names. */
  @property({ attribute: false }) chosen: ReadonlyMap<string, string> = new Map();
  /** What would end; undefined until it is asked for. */
  @state() private preview: Selection | undefined;

  static override styles = [
    ...organizationStyles,
    css`
      .bar {
        position: sticky;
        bottom: 0;
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem 1rem;
        align-items: center;
        padding: 0.75rem 1rem;
        border-radius: var(--radius);
        background: var(--tint);
      }
      .bar p {
        flex: 1 1 8rem;
      }
    `,
  ];

  override render() {
    const { selection } = words;
    return html`<div class="bar" role="region" aria-label=${selection.region}>
        <p role="status">${selection.chosen(this.chosen.size)}</p>
        <button class="small" type="button" @click=${this.clear}>${selection.clear}</button>
        <button class="danger small" type="button" aria-busy=${this.busy} @click=${this.look}>
          ${words.person.revoke}
        </button>
      </div>
      ${this.error && !this.preview ? html`<p class="error" role="alert">${this.error}</p>` : nothing}
      ${this.preview ? this.dialog(this.preview) : nothing}`;
  }

  private dialog(preview: Selection) {
    const { person, selection } = words;
    const left = preview.users.filter(({ outcome }) => outcome !== "ends");
    const name = (id: string) => this.chosen.get(id) ?? id;
    return html`<dialog ${modal()} aria-labelledby="sure" @close=${() => (this.preview = undefined)}>
      <div class="stack">
        <h2 id="sure">${selection.sure(preview.people)}</h2>
        ${
          preview.people === 0
            ? nothing
            : html`<p>${person.revokeMore}</p>
                <ul class="numbers">
                  ${person.ends(preview.ended).map((line) => html`<li>${line}</li>`)}
                </ul>`
        }
        ${
          left.length === 0
            ? nothing
            : html`<p>${selection.left(left.length)}</p>
                <ul class="numbers">
                  ${left.map(({ id, outcome }) => html`<li>${name(id)}: ${selection.why[outcome]}</li>`)}
                </ul>`
        }
        <p class="error" role="alert">${this.error ?? nothing}</p>
        <div class="actions">
          <button type="button" data-first @click=${closeDialog}>${words.frame.cancel}</button>
          <button
            class="danger"
            type="button"
            aria-busy=${this.busy}
            ?disabled=${preview.people === 0}
            @click=${this.revoke}
          >
            ${person.revokeNow}
          </button>
        </div>
      </div>
    </dialog>`;
  }

  private look = async (): Promise<void> => {
    this.busy = true;
    this.error = undefined;
    try {
      this.preview = await new OrganizationApi(this.api, this.me).previewRevocation([...this.chosen.keys()]);
    } catch (error) {
      await this.refuse(error);
    } finally {
      this.busy = false;
    }
  };

  private revoke = async (): Promise<void> => {
    const { preview } = this;
    if (this.busy || !preview) return;
    this.busy = true;
    this.error = undefined;
    try {
      const of = new OrganizationApi(this.api, this.me);
      const { people } = await of.revokeAll([...this.chosen.keys()], preview, words.person.purpose.revoke);
      this.renderRoot.querySelector("dialog")?.close();
      this.tell({ message: words.selection.revoked(people) });
      this.clear();
    } catch (error) {
      if (error instanceof Problem && error.code === "conflict") {
        await this.look();
        this.error = words.selection.moved;
      } else await this.refuse(error);
    } finally {
      this.busy = false;
    }
  };

  private clear = (): void => {
    this.dispatchEvent(new CustomEvent("postern-cleared"));
  };
}
