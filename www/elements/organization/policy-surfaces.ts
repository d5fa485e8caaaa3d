// <postern-policy-surfaces>: a rule for each application. Tells `policy-surfaces` with all of them.

import { LitElement, css, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { live } from "lit/directives/live.js";
import { controls, theme } from "../styles";
import { words } from "../words";
import { choiceStyles, matter, oneOption } from "./policy-choice";
import { DEFAULT_RULE, type Matter, type ProblemName, type SurfaceRule, type Surfaces } from "./policy-draft";
import { UNITS, surfaceName, unitOf, type Unit } from "./policy-text";

const NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;
/** Offered when an application is first to ask again. */
const SOME_AGE = 3600;

@customElement("postern-policy-surfaces")
export class PosternPolicySurfaces extends LitElement {
  @property({ attribute: false }) rules: Surfaces = {};
  /** The applications of the deployment; where there are none, any may be named. */
  @property({ attribute: false }) known: string[] = [];
  @property({ attribute: false }) problems = new Map<Matter, ProblemName>();
  @property({ type: Boolean }) disabled = false;
  /** Named here, and without a rule so far. */
  @state() private added: string[] = [];
  @state() private wrong = false;
  /** The unit that was chosen: `24 hours` stays so while one types. */
  private units = new Map<string, Unit>();

  static override styles = [
    theme,
    controls,
    choiceStyles,
    css`
      .surface {
        padding-block: 1rem 0.5rem;
      }
      .surface + .surface {
        border-top: 1px solid var(--line);
      }
      .surface legend {
        float: inline-start;
        font-weight: 600;
      }
      .surface legend + * {
        clear: both;
      }
      .code {
        margin-inline-start: 0.5rem;
        font: 400 0.8125rem/1.5 var(--mono);
        color: var(--muted);
      }
      .options {
        margin-top: 0.25rem;
      }
      .age {
        display: flex;
        flex-wrap: wrap;
        gap: 0.75rem;
        padding-inline-start: 1.875rem;
      }
      .age .field:first-child {
        width: 6rem;
      }
      .age .field:last-child {
        width: 9rem;
      }
      .add {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem;
        align-items: start;
        padding-top: 1rem;
      }
      .add .field {
        flex: 1 1 12rem;
        max-width: 20rem;
      }
      .add button {
        min-height: 2.875rem;
        margin-top: 1.875rem;
      }
    `,
  ];

  override render() {
    const { surfaces: text } = words.policy;
    const names = [...new Set([...this.known, ...Object.keys(this.rules), ...this.added])].sort();
    return html`<fieldset ?disabled=${this.disabled}>
      ${matter(
        { id: "surfaces", title: text.title, more: names.length > 0 ? text.more : text.none },
        html`${names.map((name) => this.surface(name))}
        ${this.known.length > 0 || this.disabled ? nothing : this.adding()}`,
      )}
    </fieldset>`;
  }

  private surface(name: string) {
    const { surfaces: text } = words.policy;
    const rule = this.rules[name] ?? DEFAULT_RULE;
    const of = {
      id: `surface-${name}`,
      value: rule.asked ? ("asked" as const) : ("not-asked" as const),
      choose: (value: "asked" | "not-asked") => this.set(name, { ...DEFAULT_RULE, asked: value === "asked" }),
    };
    return html`<fieldset class="surface">
      <legend>${surfaceName(name)}<span class="code" dir="ltr">${name}</span></legend>
      <div class="options">
        ${oneOption(of, { value: "asked", ...text.asked, usual: true, inside: this.often(name, rule) })}
        ${oneOption(of, { value: "not-asked", ...text.notAsked })}
      </div>
    </fieldset>`;
  }

  private often(name: string, rule: SurfaceRule) {
    const { surfaces: text } = words.policy;
    return html`
      <label class="check">
        <input
          type="checkbox"
          .checked=${live(rule.every_sign_in)}
          @change=${() => this.set(name, { ...rule, every_sign_in: !rule.every_sign_in })}
        />
        ${text.every}
      </label>
      <label class="check">
        <input
          type="checkbox"
          .checked=${live(rule.max_age !== null)}
          @change=${() => this.set(name, { ...rule, max_age: rule.max_age === null ? SOME_AGE : null })}
        />
        ${text.again}
      </label>
      ${rule.max_age === null ? nothing : this.age(name, rule, rule.max_age)}
    `;
  }

  private age(name: string, rule: SurfaceRule, age: number) {
    const { surfaces: text, problems } = words.policy;
    const unit = this.units.get(name) ?? unitOf(age);
    const error = this.problems.get(`surfaces.${name}`);
    const id = `age-${name}`;
    const set = (count: number, of: Unit) => {
      this.units.set(name, of);
      const seconds = Math.round(count * UNITS[of]);
      this.set(name, { ...rule, max_age: Number.isFinite(seconds) ? seconds : 0 });
    };
    return html`<div>
      <div class="age">
        <div class="field">
          <label for=${id}>${text.after}</label>
          <input
            id=${id}
            type="number"
            min="1"
            step="any"
            .value=${live(age ? String(age / UNITS[unit]) : "")}
            aria-invalid=${error ? "true" : nothing}
            aria-describedby=${error ? `${id}-error` : nothing}
            @input=${(event: Event) => set((event.currentTarget as HTMLInputElement).valueAsNumber, unit)}
          />
        </div>
        <div class="field">
          <label for="${id}-unit">${text.unit}</label>
          <select
            id="${id}-unit"
            @change=${(event: Event) => set(age / UNITS[unit], (event.currentTarget as HTMLSelectElement).value as Unit)}
          >
            ${(Object.keys(UNITS) as Unit[]).map(
              (one) => html`<option value=${one} ?selected=${one === unit}>${text.units[one]}</option>`,
            )}
          </select>
        </div>
      </div>
      ${error ? html`<p class="error" id="${id}-error" role="alert">${problems[error]}</p>` : nothing}
    </div>`;
  }

  private adding() {
    const { surfaces: text } = words.policy;
    const hint = this.wrong ? "surface-error surface-hint" : "surface-hint";
    return html`<form class="add" @submit=${this.add}>
      <div class="field">
        <label for="surface">${text.name}</label>
        <input
          id="surface"
          dir="ltr"
          maxlength="63"
          autocomplete="off"
          autocapitalize="none"
          spellcheck="false"
          aria-invalid=${this.wrong ? "true" : nothing}
          aria-describedby=${hint}
        />
        <p class="small muted" id="surface-hint">${text.nameMore}</p>
        <p class="error" id="surface-error" role="alert">${this.wrong ? text.nameWrong : nothing}</p>
      </div>
      <button>${text.addButton}</button>
    </form>`;
  }

  private add = (event: Event): void => {
    event.preventDefault();
    const input = this.renderRoot.querySelector<HTMLInputElement>("#surface");
    const name = input?.value.trim() ?? "";
    this.wrong = !NAME.test(name);
    if (this.wrong || !input) {
      input?.focus();
      return;
    }
    this.added = [...this.added, name];
    input.value = "";
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector<HTMLElement>(`#surface-${name}-asked`)?.focus(),
    );
  };

  private set(name: string, rule: SurfaceRule): void {
    const detail: Surfaces = { ...this.rules, [name]: rule };
    this.dispatchEvent(new CustomEvent<Surfaces>("policy-surfaces", { detail }));
  }
}
