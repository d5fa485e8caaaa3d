// One matter of a policy: a heading, a sentence and choices, with what belongs to the chosen one below it.

import { css, html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { words } from "../words";

export interface Option<T extends string> {
  value: T;
  label: string;
  more: string;
  /** Whether it is what holds where nothing is set. */
  usual?: boolean;
  /** What belongs to it, shown while it is chosen. */
  inside?: TemplateResult | undefined;
}

export interface Matters<T extends string> {
  id: string;
  title: string;
  more: string;
  value: T;
  options: Option<T>[];
  error?: string | undefined;
  /** Belongs to the matter above it. */
  inner?: boolean;
  choose: (value: T) => void;
}

/** A matter with one of several answers. */
export function choice<T extends string>(of: Matters<T>): TemplateResult {
  return matter(of, html`<div class="options">${of.options.map((option) => oneOption(of, option))}</div>`);
}

/** Any matter: its heading, its sentence, its error, and `body`. */
export function matter(
  of: { id: string; title: string; more: string; error?: string | undefined; inner?: boolean },
  body: unknown,
): TemplateResult {
  const described = of.error ? `${of.id}-more ${of.id}-error` : `${of.id}-more`;
  return html`
    <fieldset class=${of.inner ? "matter inner" : "matter"} id=${of.id} aria-describedby=${described}>
      <legend><h3>${of.title}</h3></legend>
      <p class="muted" id="${of.id}-more">${of.more}</p>
      ${body}
      <p class="error" id="${of.id}-error" role="alert">${of.error ?? nothing}</p>
    </fieldset>
  `;
}

export function oneOption<T extends string>(
  of: Pick<Matters<T>, "id" | "value" | "choose">,
  { value, label, more, usual, inside }: Option<T>,
): TemplateResult {
  const id = `${of.id}-${value}`;
  const chosen = of.value === value;
  return html`
    <div class="option ${chosen ? "chosen" : ""}">
      <input
        type="radio"
        id=${id}
        name=${of.id}
        .checked=${live(chosen)}
        aria-describedby=${usual ? `${id}-usual ${id}-more` : `${id}-more`}
        @change=${() => of.choose(value)}
      />
      <div class="name">
        <label for=${id}>${label}</label>
        ${usual ? html`<span class="usual" id="${id}-usual">${words.policy.usual}</span>` : nothing}
      </div>
      <p class="small muted" id="${id}-more">${more}</p>
      ${chosen && inside ? html`<div class="inside">${inside}</div>` : nothing}
    </div>
  `;
}

export const choiceStyles = css`
  fieldset {
    min-width: 0;
    margin: 0;
    padding: 0;
    border: 0;
  }
  legend {
    padding: 0;
  }
  h3 {
    font: 500 1.1875rem/1.25 var(--serif);
    letter-spacing: -0.01em;
  }
  .matter {
    padding-block: 1.75rem;
    border-top: 1px solid var(--line);
  }
  .matter > legend {
    /* Inside its own line and padding, as any other heading. */
    float: inline-start;
    width: 100%;
  }
  .matter > legend + * {
    clear: both;
  }
  .matter > .muted {
    padding-top: 0.25rem;
    max-width: 36rem;
  }
  .matter > .error:empty {
    display: none;
  }
  .matter > .error {
    margin-top: 0.5rem;
  }
  .matter.inner {
    padding-inline-start: 1.5rem;
    margin-inline-start: 0.5625rem;
    border-top: 0;
    border-inline-start: 2px solid var(--tint);
    padding-block: 0.25rem 1.25rem;
  }
  .options {
    display: grid;
    gap: 0.25rem;
    margin-top: 0.75rem;
  }
  .option {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: 0 0.75rem;
    padding-block: 0.375rem;
  }
  .option > input {
    width: 1.25rem;
    height: 1.25rem;
    margin: 0.125rem 0 0;
    accent-color: var(--accent);
  }
  .option > .muted,
  .option > .inside {
    grid-column: 2;
  }
  .option > .name {
    display: flex;
    flex-wrap: wrap;
    gap: 0 0.5rem;
    align-items: center;
  }
  .option label {
    cursor: pointer;
  }
  .usual {
    padding-inline: 0.5rem;
    border-radius: 1rem;
    background: var(--tint);
    font-weight: 400;
    font-size: 0.8125rem;
    line-height: 1.4;
  }
  .inside {
    display: grid;
    gap: 0.75rem;
    padding-block: 0.75rem 0.5rem;
  }
  .inside > .field {
    max-width: 20rem;
  }
  /* To be read: what holds stands out, though it cannot be changed. */
  :disabled :is(label, .check) {
    cursor: default;
  }
  :disabled .option:not(.chosen) label {
    color: var(--muted);
    font-weight: 400;
  }
  .option > input:disabled {
    appearance: none;
    border: 1px solid var(--line);
    border-radius: 50%;
  }
  .option.chosen > input:disabled {
    border: 0.375rem solid var(--accent);
  }
  @media (forced-colors: active) {
    .usual {
      border: 1px solid;
    }
  }
  @media print {
    .option:not(.chosen),
    .usual {
      display: none;
    }
  }
`;
