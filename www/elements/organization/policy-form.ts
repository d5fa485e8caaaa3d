// <postern-policy-form>: every matter of a policy as a form. Tells `policy-draft` with the whole policy at each change.

import { LitElement, css, html, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { live } from "lit/directives/live.js";
import "./groups";
import "./policy-surfaces";
import { controls, theme } from "../styles";
import { words } from "../words";
import type { Policy } from "./api";
import { choice, choiceStyles } from "./policy-choice";
import { DEFAULTS, type Matter, type ProblemName, type Surfaces } from "./policy-draft";

type Role = "member" | "admin" | "owner";

/** Offered when a day is first asked for: time to tell people, and a morning. */
const DAYS_AHEAD = 14;
const MORNING = 9;

@customElement("postern-policy-form")
export class PosternPolicyForm extends LitElement {
  @property({ attribute: false }) policy!: Policy;
  @property({ attribute: false }) problems = new Map<Matter, ProblemName>();
  /** The groups that people are in, to choose from. */
  @property({ attribute: false }) groups: string[] = [];
  /** The applications of the deployment; none where it names none. */
  @property({ attribute: false }) surfaces: string[] = [];
  @property({ type: Boolean }) disabled = false;

  static override styles = [
    theme,
    controls,
    choiceStyles,
    css`
      .form > section + section {
        margin-top: 1.5rem;
      }
      h2 {
        padding-bottom: 1rem;
        font-size: 1.625rem;
      }
      .roles {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem 1.5rem;
      }
      .days input {
        max-width: 6rem;
      }
    `,
  ];

  override render() {
    const { parts } = words.policy;
    const on = this.policy.mode !== "off";
    return html`<fieldset class="form" ?disabled=${this.disabled}>
      <section>
        <h2>${parts.who}</h2>
        ${this.mode()} ${this.who()}
      </section>
      ${
        on
          ? html`<section>
              <h2>${parts.often}</h2>
              ${this.trust()}
              <postern-policy-surfaces
                .rules=${this.policy.surfaces}
                .known=${this.surfaces}
                .problems=${this.problems}
                ?disabled=${this.disabled}
                @policy-surfaces=${(event: CustomEvent<Surfaces>) => this.set({ surfaces: event.detail })}
              ></postern-policy-surfaces>
              ${this.sso()}
            </section>`
          : nothing
      }
      <section>
        <h2>${parts.more}</h2>
        ${this.stepUp()} ${on ? this.codes() : nothing} ${this.clone()} ${this.help()}
      </section>
    </fieldset>`;
  }

  /** Brings the first field that is wrong into view. */
  focusProblem(): void {
    const inner = "postern-groups, postern-policy-surfaces";
    const parts = [...this.renderRoot.querySelectorAll<LitElement>(inner)];
    const roots = [this, ...parts].map(({ renderRoot }) => renderRoot);
    const find = (which: string) => roots.map((root) => root.querySelector<HTMLElement>(which)).find(Boolean);
    (find('[aria-invalid="true"]') ?? find("#group, .roles input"))?.focus();
  }

  private mode() {
    const { mode: text } = words.policy;
    return choice<Policy["mode"]>({
      id: "mode",
      title: text.title,
      more: text.more,
      value: this.policy.mode,
      options: [
        { value: "off", ...text.off },
        { value: "optional", ...text.optional, usual: true },
        { value: "required", ...text.required },
      ],
      choose: (mode) => this.set({ mode }),
    });
  }

  /** What has no say in the mode that is chosen is not shown. */
  private who() {
    const { mode, prompt, grace_until: until } = this.policy;
    if (mode === "off") return nothing;
    if (mode === "optional") return [this.prompt(), prompt === "off" ? nothing : this.scope()];
    return [this.scope(), this.grace(), until === null ? nothing : this.prompt()];
  }

  private prompt() {
    const { prompt: text } = words.policy;
    const { prompt } = this.policy;
    const error = this.problem("prompt");
    return choice<"off" | "days">({
      id: "prompt",
      title: text.title,
      more: text.more,
      inner: true,
      value: prompt === "off" ? "off" : "days",
      options: [
        {
          value: "days",
          ...text.days,
          usual: true,
          inside: html`<div class="field days">
            <label for="again">${text.count}</label>
            <input
              id="again"
              type="number"
              min="1"
              max="365"
              .value=${live(prompt === "off" || !prompt.days ? "" : String(prompt.days))}
              aria-invalid=${error ? "true" : nothing}
              aria-describedby=${error ? "again-error" : nothing}
              @input=${(event: Event) => this.set({ prompt: { days: numberIn(event) } })}
            />
            <p class="error" id="again-error" role="alert">${error ?? nothing}</p>
          </div>`,
        },
        { value: "off", ...text.off },
      ],
      choose: (value) => this.set({ prompt: value === "off" ? "off" : DEFAULTS.prompt }),
    });
  }

  private scope() {
    const { scope: text } = words.policy;
    const required = this.policy.mode === "required";
    const { scope } = this.policy;
    const groups = typeof scope === "object" && "groups" in scope ? scope.groups : [];
    const roles = typeof scope === "object" && "roles" in scope ? scope.roles : [];
    const kind = scope === "everyone" ? scope : "groups" in scope ? "groups" : "roles";
    const given = { everyone: "everyone", groups: { groups }, roles: { roles } } as const;
    return choice<"everyone" | "groups" | "roles">({
      id: "scope",
      title: required ? text.title : text.promptTitle,
      more: required ? text.more : text.promptMore,
      inner: true,
      value: kind,
      error: this.problem("scope"),
      options: [
        { value: "everyone", ...text.everyone, usual: true },
        {
          value: "groups",
          ...text.groups,
          inside: html`<postern-groups
            .chosen=${groups}
            .known=${this.groups}
            ?disabled=${this.disabled}
            @postern-groups=${(event: CustomEvent<string[]>) => this.set({ scope: { groups: event.detail } })}
          ></postern-groups>`,
        },
        { value: "roles", ...text.roles, inside: this.roles(roles) },
      ],
      choose: (value) => this.set({ scope: given[value] }),
    });
  }

  private roles(chosen: Role[]) {
    const { scope: text } = words.policy;
    const all: Role[] = ["owner", "admin", "member"];
    const toggle = (role: Role) =>
      all.filter((one) => (one === role ? !chosen.includes(one) : chosen.includes(one)));
    return html`<div class="roles" role="group" aria-label=${text.which}>
      ${all.map(
        (role) =>
          html`<label class="check">
            <input
              type="checkbox"
              .checked=${live(chosen.includes(role))}
              @change=${() => this.set({ scope: { roles: toggle(role) } })}
            />
            ${text.roleNames[role]}
          </label>`,
      )}
    </div>`;
  }

  private grace() {
    const { grace: text } = words.policy;
    const until = this.policy.grace_until;
    const error = this.problem("grace_until");
    return choice<"now" | "by">({
      id: "grace",
      title: text.title,
      more: text.more,
      inner: true,
      value: until === null ? "now" : "by",
      options: [
        { value: "now", ...text.now, usual: true },
        {
          value: "by",
          ...text.by,
          inside: html`<div class="field">
            <label for="until">${text.moment}</label>
            <input
              id="until"
              type="datetime-local"
              .value=${live(until ? localTime(until) : "")}
              aria-invalid=${error ? "true" : nothing}
              aria-describedby=${error ? "until-error" : nothing}
              @change=${this.setDay}
            />
            <p class="error" id="until-error" role="alert">${error ?? nothing}</p>
          </div>`,
        },
      ],
      choose: (value) => this.set({ grace_until: value === "now" ? null : someMorning() }),
    });
  }

  private trust() {
    const { trust: text } = words.policy;
    const { trusted_devices: trust } = this.policy;
    const error = this.problem("trusted_devices");
    return choice<"off" | "days">({
      id: "trust",
      title: text.title,
      more: text.more,
      value: trust === "off" ? "off" : "days",
      options: [
        {
          value: "days",
          ...text.days,
          usual: true,
          inside: html`<div class="field days">
            <label for="days">${text.count}</label>
            <input
              id="days"
              type="number"
              min="1"
              max="30"
              .value=${live(trust === "off" || !trust.days ? "" : String(trust.days))}
              aria-invalid=${error ? "true" : nothing}
              aria-describedby=${error ? "days-error" : nothing}
              @input=${(event: Event) => this.set({ trusted_devices: { days: numberIn(event) } })}
            />
            <p class="error" id="days-error" role="alert">${error ?? nothing}</p>
          </div>`,
        },
        { value: "off", ...text.off },
      ],
      choose: (value) => this.set({ trusted_devices: value === "off" ? "off" : { days: 30 } }),
    });
  }

  private sso() {
    const { sso: text } = words.policy;
    return choice<Policy["sso"]>({
      id: "sso",
      title: text.title,
      more: text.more,
      value: this.policy.sso,
      options: [
        { value: "exempt", ...text.exempt, usual: true },
        { value: "evidence", ...text.evidence },
        { value: "always", ...text.always },
      ],
      choose: (sso) => this.set({ sso }),
    });
  }

  private stepUp() {
    const { stepUp: text } = words.policy;
    return choice<Policy["step_up"]>({
      id: "step-up",
      title: text.title,
      more: text.more,
      value: this.policy.step_up,
      options: [
        { value: "second_factor", ...text.second_factor, usual: true },
        { value: "password_allowed", ...text.password_allowed },
      ],
      choose: (step_up) => this.set({ step_up }),
    });
  }

  private codes() {
    const { codes: text } = words.policy;
    return choice<Policy["backup_codes"]>({
      id: "codes",
      title: text.title,
      more: text.more,
      value: this.policy.backup_codes,
      options: [
        { value: "digits8", ...text.digits8, usual: true },
        { value: "recovery", ...text.recovery },
      ],
      choose: (backup_codes) => this.set({ backup_codes }),
    });
  }

  private clone() {
    const { clone: text } = words.policy;
    return choice<Policy["sign_count_regression"]>({
      id: "clone",
      title: text.title,
      more: text.more,
      value: this.policy.sign_count_regression,
      options: [
        { value: "accept", ...text.accept, usual: true },
        { value: "refuse", ...text.refuse },
      ],
      choose: (sign_count_regression) => this.set({ sign_count_regression }),
    });
  }

  private help() {
    const { help: text } = words.policy;
    return choice<"no" | "yes">({
      id: "help",
      title: text.title,
      more: text.more,
      value: this.policy.show_admins ? "yes" : "no",
      options: [
        { value: "no", ...text.no, usual: true },
        { value: "yes", ...text.yes },
      ],
      choose: (value) => this.set({ show_admins: value === "yes" }),
    });
  }

  private setDay = (event: Event): void => {
    const { value } = event.currentTarget as HTMLInputElement;
    const at = Math.floor(new Date(value).getTime() / 1000);
    // Nothing chosen is no moment to come, and is named as such.
    this.set({ grace_until: Number.isNaN(at) ? 0 : at });
  };

  private problem(matter: Matter): string | undefined {
    const name = this.problems.get(matter);
    return name && words.policy.problems[name];
  }

  private set(change: Partial<Policy>): void {
    const detail: Policy = { ...this.policy, ...change };
    this.dispatchEvent(new CustomEvent<Policy>("policy-draft", { detail }));
  }
}

/** Nothing filled in is no number of days, and is named as such. */
function numberIn(event: Event): number {
  const { valueAsNumber: value } = event.currentTarget as HTMLInputElement;
  return Number.isNaN(value) ? 0 : value;
}

/** As `<input type="datetime-local">` has it, in this place's time. */
export function localTime(at: number): string {
  const here = new Date(at * 1000);
  const offset = here.getTimezoneOffset() * 60_000;
  return new Date(here.getTime() - offset).toISOString().slice(0, 16);
}

function someMorning(): number {
  const day = new Date();
  day.setDate(day.getDate() + DAYS_AHEAD);
  day.setHours(MORNING, 0, 0, 0);
  return Math.floor(day.getTime() / 1000);
}
