// A labeled input with its hint and its error in place (WCAG 2.2, 3.3.1 and 3.3.2).
// A template and not an element: the input stays in its form, where Enter, autofill and password managers look.

import { html, nothing, type TemplateResult } from "lit";

export interface Field {
  id: string;
  label: string;
  type?: "text" | "password";
  autocomplete?: string;
  /** A numeric code: number pad, wide digits, no spell checking. */
  code?: boolean;
  /** Ask for focus when a dialog opens. */
  first?: boolean;
  value?: string;
  maxlength?: number;
  hint?: string | undefined;
  error?: string | undefined;
  oninput?: () => void;
}

export function field(of: Field): TemplateResult {
  const described = [of.error && `${of.id}-error`, of.hint && `${of.id}-hint`].filter(Boolean).join(" ");
  return html`
    <div class="field">
      <label for=${of.id}>${of.label}</label>
      <input
        id=${of.id}
        name=${of.id}
        class=${of.code ? "code" : nothing}
        type=${of.type ?? "text"}
        .defaultValue=${of.value ?? ""}
        autocomplete=${of.autocomplete ?? "off"}
        inputmode=${of.code ? "numeric" : nothing}
        autocapitalize="none"
        spellcheck="false"
        maxlength=${of.maxlength ?? nothing}
        ?data-first=${of.first}
        aria-describedby=${described || nothing}
        aria-invalid=${of.error ? "true" : nothing}
        @input=${of.oninput ?? nothing}
      />
      ${of.hint ? html`<p class="small muted" id="${of.id}-hint">${of.hint}</p>` : nothing}
      <p class="error" id="${of.id}-error" role="alert">${of.error ?? nothing}</p>
    </div>
  `;
}

/** The digits of `123 456` or `123-456`; other characters stay, and the server refuses them. */
export function digits(text: string): string {
  return text.replace(/[\s-]/g, "");
}

export function input(root: ParentNode, id: string): HTMLInputElement {
  const found = root.querySelector<HTMLInputElement>(`#${id}`);
  if (!found) throw new Error(`no input ${id}`);
  return found;
}
