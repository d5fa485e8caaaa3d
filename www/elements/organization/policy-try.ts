// <postern-policy-try>: what one person would be asked, at a place and a time, under the draft and as it is now.

import { LitElement, css, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { live } from "lit/directives/live.js";
import { controls, theme } from "../styles";
import { now } from "../time";
import { words } from "../words";
import type { Policy } from "./api";
import { same } from "./policy-draft";
import type { Attempt, Decision, Engine } from "./policy-engine";
import { localTime } from "./policy-form";
import { surfaceName } from "./policy-text";

/** Suggestions at most; typing more letters brings the others. */
const SUGGESTED = 30;
const DAY = 86_400;

@customElement("postern-policy-try")
export class PosternPolicyTry extends LitElement {
  @property({ attribute: false }) engine!: Engine;
  @property({ attribute: false }) inForce!: Policy;
  @property({ attribute: false }) draft!: Policy;
  @property({ type: Boolean }) valid = true;
  @property({ attribute: false }) surfaces: string[] = [];
  @state() private typed = "";
  @state() private attempt: Attempt = {
    how: "password",
    trusted: false,
    surface: undefined,
    at: now() + DAY,
  };

  static override styles = [
    theme,
    controls,
    css`
      :host {
        display: grid;
        gap: 0.875rem;
        align-content: start;
      }
      h2 {
        font-size: 1.625rem;
      }
      .said {
        display: grid;
        gap: 0.75rem;
      }
      .said:empty {
        display: none;
      }
      .said strong {
        display: block;
        font-weight: 600;
      }
      .which {
        font-size: 0.8125rem;
      }
      .field .error:empty {
        display: none;
      }
      @media print {
        :host {
          display: none;
        }
      }
    `,
  ];

  override render() {
    const { attempt: text } = words.policy;
    const { how, trusted, surface, at } = this.attempt;
    const found = this.person();
    const names = [...new Set([...this.surfaces, ...Object.keys(this.draft.surfaces)])].sort();
    const unknown = this.typed !== "" && !found && this.suggested().length === 0;
    return html`
      <h2>${text.title}</h2>
      <p class="small muted">${text.more}</p>
      <div class="field">
        <label for="person">${text.person}</label>
        <input
          id="person"
          list="people"
          autocomplete="off"
          spellcheck="false"
          placeholder=${text.personMore}
          aria-invalid=${unknown ? "true" : nothing}
          aria-describedby="person-error"
          @input=${(event: Event) => (this.typed = valueOf(event))}
        />
        <datalist id="people">
          ${this.suggested().map((one) => html`<option value=${one.label}></option>`)}
        </datalist>
        <p class="error" id="person-error" role="alert">${unknown ? text.unknown : nothing}</p>
      </div>
      ${
        names.length === 0
          ? nothing
          : html`<div class="field">
              <label for="where">${text.where}</label>
              <select
                id="where"
                @change=${(event: Event) => this.set({ surface: valueOf(event) || undefined })}
              >
                <option value="" ?selected=${surface === undefined}>${text.anywhere}</option>
                ${names.map(
                  (name) =>
                    html`<option value=${name} ?selected=${name === surface}>${surfaceName(name)}</option>`,
                )}
              </select>
            </div>`
      }
      <div class="field">
        <label for="when">${text.when}</label>
        <input id="when" type="datetime-local" .value=${live(localTime(at))} @change=${this.setMoment} />
      </div>
      <div class="field">
        <label for="how">${text.how}</label>
        <select id="how" @change=${(event: Event) => this.set({ how: valueOf(event) as Attempt["how"] })}>
          ${(Object.keys(text.hows) as Attempt["how"][]).map(
            (one) => html`<option value=${one} ?selected=${one === how}>${text.hows[one]}</option>`,
          )}
        </select>
      </div>
      <label class="check">
        <input type="checkbox" .checked=${live(trusted)} @change=${() => this.set({ trusted: !trusted })} />
        ${text.trusted}
      </label>
      <div class="said" role="status">${found ? this.said(found) : nothing}</div>
    `;
  }

  private said({ user, name }: { user: string; name: string }) {
    const { attempt: text } = words.policy;
    const current = this.engine.decide(this.inForce, user, this.attempt);
    const drafted = this.valid && !same(this.inForce, this.draft);
    const draft = drafted ? this.engine.decide(this.draft, user, this.attempt) : undefined;
    return html`
      ${draft ? answer(text.draft, draft, name) : nothing}
      ${current ? answer(draft ? text.current : undefined, current, name) : nothing}
    `;
  }

  private suggested() {
    const start = this.typed.trim().toLowerCase();
    if (start === "") return [];
    const found = [];
    for (const { name, facts } of this.engine.people) {
      const label = labelOf(facts.user, name);
      if (label.toLowerCase().includes(start)) found.push({ user: facts.user, label });
      if (found.length === SUGGESTED) break;
    }
    return found;
  }

  /** The person who was chosen, or the only one whose name begins so. */
  private person(): { user: string; name: string } | undefined {
    const typed = this.typed.trim().toLowerCase();
    if (typed === "") return undefined;
    const isMeant = (name: string | null, user: string) =>
      [labelOf(user, name), user, name ?? ""].some((one) => one.toLowerCase() === typed);
    const found = this.engine.people.find(({ name, facts }) => isMeant(name, facts.user));
    return found && { user: found.facts.user, name: found.name ?? found.facts.user };
  }

  private setMoment = (event: Event): void => {
    const at = Math.floor(new Date(valueOf(event)).getTime() / 1000);
    if (!Number.isNaN(at)) this.set({ at });
  };

  private set(change: Partial<Attempt>): void {
    this.attempt = { ...this.attempt, ...change };
  }
}

function answer(which: string | undefined, { decision, reasons, prompt }: Decision, name: string) {
  const { attempt: text } = words.policy;
  const said = reasons.map((reason) => text.reasons[reason] ?? reason);
  if (prompt !== undefined) said.push(text.prompted);
  return html`<div class=${which === words.policy.attempt.current ? "muted" : "note"}>
    ${which ? html`<span class="which">${which}</span>` : nothing}
    <strong>${text.decisions[decision](name)}</strong>
    <span class="small">${said.join(" ")}</span>
  </div>`;
}

function labelOf(user: string, name: string | null): string {
  return name === null || name === user ? user : `${name} (${user})`;
}

function valueOf(event: Event): string {
  return (event.currentTarget as HTMLInputElement | HTMLSelectElement).value;
}
