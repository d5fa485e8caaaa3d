// A labeled input with its hint and its error in place (WCAG 2.2, 3.3.1 and 3.3.2).
// A template and not an element: the input stays in its form, where Enter, autofill and password managers look.

import { html, nothing, type TemplateResult } from "lit";
import { words } from "./words/sign-in";

export interface Field {
  id: string;
  label: string;
  type?: "text" | "password";
  autocomplete?: string;
  /** A code: wide characters, written left to right also on a page of the other direction. */
  code?: boolean;
  /** Digits only: a number pad. */
  numeric?: boolean;
  /** Ask for focus when a dialog opens. */
  first?: boolean;
  value?: string;
  /** Shown, for people and for password managers, and not to be changed. */
  fixed?: boolean;
  maxlength?: number;
  hint?: string | undefined;
  error?: string | undefined;
  oninput?: () => void;
}

/** Shows what was typed into a password field, or covers it again. */
function reveal(event: Event): void {
  const button = event.currentTarget as HTMLButtonElement;
  const typed = button.parentElement?.querySelector("input");
  if (!typed) return;
  const shows = typed.type === "password";
  typed.type = shows ? "text" : "password";
  button.setAttribute("aria-pressed", String(shows));
}

export function field(of: Field): TemplateResult {
  const described = [of.error && `${of.id}-error`, of.hint && `${of.id}-hint`].filter(Boolean).join(" ");
  const secret = of.type === "password";
  return html`
    <div class="field">
      <label for=${of.id}>${of.label}</label>
      <div class=${secret ? "typed secret" : "typed"}>
        <input
          id=${of.id}
          name=${of.id}
          class=${of.code ? "code" : nothing}
          type=${of.type ?? "text"}
          dir=${of.code ? "ltr" : nothing}
          .defaultValue=${of.value ?? ""}
          autocomplete=${of.autocomplete ?? "off"}
          inputmode=${of.numeric ? "numeric" : nothing}
          autocapitalize="none"
          spellcheck="false"
          maxlength=${of.maxlength ?? nothing}
          ?readonly=${of.fixed}
          ?data-first=${of.first}
          aria-describedby=${described || nothing}
          aria-invalid=${of.error ? "true" : nothing}
          @input=${of.oninput ?? nothing}
        />
        ${
          secret
            ? html`<button class="link reveal" type="button" aria-pressed="false" @click=${reveal}>
                ${words.common.show}<span class="visually-hidden">${words.common.showMore}</span>
              </button>`
            : nothing
        }
      </div>
      ${of.hint ? html`<p class="small muted" id="${of.id}-hint">${of.hint}</p>` : nothing}
      <p class="error" id="${of.id}-error" role="alert">${of.error ?? nothing}</p>
    </div>
  `;
}

/** The digits of `123 456`, `123–456` or `１２３４５６`; other characters stay, and the server refuses them. */
export function digits(text: string): string {
  return text.normalize("NFKC").replace(/[\s\p{Pd}\p{Cf}]/gu, "");
}

export function input(root: ParentNode, id: string): HTMLInputElement {
  const found = root.querySelector<HTMLInputElement>(`#${id}`);
  if (!found) throw new Error(`no input ${id}`);
  return found;
}
