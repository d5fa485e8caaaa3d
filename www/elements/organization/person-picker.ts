// <postern-person-picker>: finds a person of the organization as one types. `postern-picked` says whom.

import { css, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { OrganizationApi } from "./api";
import { OrganizationPart } from "./part";
import { organizationStyles } from "./styles";
import { words } from "../words";

export interface Picked {
  id: string;
  name: string;
}

/** How long a person may pause while typing before the list follows, ms. */
const PAUSE = 200;
const MOST = 8;

@customElement("postern-person-picker")
export class PosternPersonPicker extends OrganizationPart {
  /** The name of the person who is chosen. */
  @property() name = "";
  @state() private found: Picked[] | undefined;
  /** Which of them Enter takes. */
  @state() private active = 0;
  private pause: ReturnType<typeof setTimeout> | undefined;
  /** What was asked for last, to tell an answer that is late. */
  private asked = "";

  static override styles = [
    ...organizationStyles,
    css`
      .field {
        position: relative;
      }
      label {
        font-size: 0.875rem;
      }
      [role="listbox"] {
        position: absolute;
        z-index: 2;
        inset: calc(100% + 0.25rem) 0 auto;
        min-width: min(18rem, 100%);
        padding: 0.375rem;
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--surface);
        box-shadow: 0 0.75rem 2rem rgb(0 0 0 / 0.16);
      }
      [role="option"] {
        display: grid;
        padding: 0.5rem 0.625rem;
        border-radius: calc(var(--radius) - 0.125rem);
        overflow-wrap: anywhere;
        cursor: pointer;
      }
      [role="option"][aria-selected="true"],
      [role="option"]:hover {
        background: var(--tint);
      }
      .nobody {
        padding: 0.5rem 0.625rem;
        color: var(--muted);
      }
      @media (forced-colors: active) {
        [role="option"][aria-selected="true"] {
          outline: 2px solid Highlight;
          outline-offset: -2px;
        }
      }
    `,
  ];

  override render() {
    const { audit } = words;
    const { found } = this;
    const isOpen = found !== undefined;
    return html`<div class="field" @focusout=${this.left}>
      <label for="person">${audit.person}</label>
      <input
        id="person"
        role="combobox"
        aria-autocomplete="list"
        aria-expanded=${isOpen}
        aria-controls="people"
        aria-activedescendant=${found?.[this.active] ? `person-${this.active}` : nothing}
        autocomplete="off"
        spellcheck="false"
        maxlength="64"
        placeholder=${audit.personHint}
        .value=${this.name}
        @input=${this.typed}
        @keydown=${this.pressed}
      />
      <p class="visually-hidden" role="status">${found ? audit.personFound(found.length) : nothing}</p>
      <div ?hidden=${!isOpen} id="people" role="listbox" aria-label=${audit.person}>
        ${found?.map(
          (person, at) =>
            html`<div
              id="person-${at}"
              role="option"
              aria-selected=${at === this.active}
              @pointerdown=${(event: Event) => event.preventDefault()}
              @click=${() => this.pick(person)}
            >
              ${person.name}
              ${person.id === person.name ? nothing : html`<span class="small muted">${person.id}</span>`}
            </div>`,
        )}
      </div>
      ${
        found?.length === 0
          ? html`<p class="nobody small" aria-hidden="true">${audit.personFound(0)}</p>`
          : nothing
      }
    </div>`;
  }

  private typed = (event: Event): void => {
    const typed = (event.currentTarget as HTMLInputElement).value.trim();
    clearTimeout(this.pause);
    this.asked = typed;
    if (typed === "") {
      this.found = undefined;
      if (this.name !== "") this.pick({ id: "", name: "" });
    } else this.pause = setTimeout(() => this.search(typed), PAUSE);
  };

  private async search(typed: string): Promise<void> {
    try {
      const { users } = await new OrganizationApi(this.api, this.me).people({
        search: typed,
        limit: MOST,
        sort: "name",
      });
      if (typed !== this.asked) return;
      this.found = users.map((user) => ({
        id: user.id,
        name: "unreadable" in user ? user.id : (user.name ?? user.username),
      }));
      this.active = 0;
    } catch (error) {
      await this.refuse(error);
    }
  }

  private pressed = (event: KeyboardEvent): void => {
    const { found } = this;
    if (event.key === "Escape" && found) {
      event.preventDefault();
      this.found = undefined;
    } else if (event.key === "Enter") {
      event.preventDefault();
      const person = found?.[this.active];
      if (person) this.pick(person);
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && found && found.length > 0) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : found.length - 1;
      this.active = (this.active + step) % found.length;
    }
  };

  private pick(person: Picked): void {
    this.found = undefined;
    this.asked = "";
    this.dispatchEvent(new CustomEvent<Picked>("postern-picked", { detail: person }));
  }

  /** What was typed and not chosen does not stay as if it were a filter. */
  private left = (): void => {
    clearTimeout(this.pause);
    this.found = undefined;
    this.asked = "";
    const input = this.renderRoot.querySelector("input");
    if (input) input.value = this.name;
  };
}
