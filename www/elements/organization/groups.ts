// <postern-groups>: chosen groups as chips, and a field that suggests others as one types.

import { LitElement, css, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { controls, theme } from "../styles";
import { words } from "../words";

/** Suggestions at most; typing more letters brings the others. */
const SUGGESTED = 50;

@customElement("postern-groups")
export class PosternGroups extends LitElement {
  @property({ attribute: false }) chosen: string[] = [];
  @property({ attribute: false }) known: string[] = [];
  @property({ type: Boolean }) disabled = false;
  /** What is chosen, where it is not the policy that chooses. */
  @property() label = words.policy.scope.chosen;
  @state() private typed = "";

  static override styles = [
    theme,
    controls,
    css`
      :host {
        display: grid;
        gap: 0.75rem;
      }
      .chips {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem;
      }
      .chips li {
        display: flex;
        align-items: center;
        max-width: 100%;
        padding-inline-start: 0.75rem;
        border-radius: 2rem;
        background: var(--tint);
        overflow-wrap: anywhere;
      }
      .chips button {
        flex: none;
        min-height: 2rem;
        width: 2rem;
        padding: 0;
        border: 0;
        border-radius: 2rem;
        font-size: 1.125rem;
      }
      .chips li:not(:has(button)) {
        padding: 0.25rem 0.75rem;
      }
      .add {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem;
        align-items: end;
      }
      .add .field {
        flex: 1 1 12rem;
        max-width: 20rem;
      }
      .add button {
        min-height: 2.875rem;
      }
      @media (forced-colors: active) {
        .chips li {
          border: 1px solid;
        }
      }
    `,
  ];

  override render() {
    const { scope: text } = words.policy;
    return html`
      ${
        this.chosen.length === 0
          ? nothing
          : html`<ul class="chips" aria-label=${this.label}>
              ${this.chosen.map(
                (group) =>
                  html`<li>
                    ${group}
                    ${
                      this.disabled
                        ? nothing
                        : html`<button
                            type="button"
                            aria-label=${text.remove(group)}
                            @click=${() => this.without(group)}
                          >
                            ×
                          </button>`
                    }
                  </li>`,
              )}
            </ul>`
      }
      ${this.disabled ? nothing : this.adding()}
    `;
  }

  private adding() {
    const { scope: text } = words.policy;
    const start = this.typed.trim().toLowerCase();
    const suggested = this.known
      .filter((group) => !this.chosen.includes(group) && group.toLowerCase().includes(start))
      .slice(0, SUGGESTED);
    return html`<form class="add" @submit=${this.add}>
        <div class="field">
          <label for="group">${text.add}</label>
          <input
            id="group"
            list="groups"
            maxlength="64"
            autocomplete="off"
            autocapitalize="none"
            spellcheck="false"
            aria-describedby="group-hint"
            .value=${this.typed}
            @input=${this.type}
          />
          <datalist id="groups">${suggested.map((group) => html`<option value=${group}></option>`)}</datalist>
        </div>
        <button>${text.addButton}</button>
      </form>
      <p class="small muted" id="group-hint">${text.addMore}</p>`;
  }

  private type = (event: Event): void => {
    this.typed = (event.currentTarget as HTMLInputElement).value;
  };

  private add = (event: Event): void => {
    event.preventDefault();
    const group = this.typed.trim();
    this.typed = "";
    if (group && !this.chosen.includes(group)) this.tell([...this.chosen, group]);
    this.renderRoot.querySelector<HTMLElement>("#group")?.focus();
  };

  private without(group: string): void {
    this.tell(this.chosen.filter((one) => one !== group));
    this.renderRoot.querySelector<HTMLElement>("#group")?.focus();
  }

  private tell(detail: string[]): void {
    this.dispatchEvent(new CustomEvent<string[]>("postern-groups", { detail }));
  }
}
