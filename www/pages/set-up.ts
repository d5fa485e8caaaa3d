// The set-up page: the operator's code, an organization, its owner and its policy, step by step; then signed in, and on
// to the owner's own second step and the policy's page. Rendered without a shadow root, as the sign-in page is.

import { LitElement, type TemplateResult, html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { Api, Problem } from "../elements/api";
import { type Field, field } from "../elements/field";
import { say } from "../elements/messages";
import { choiceStyles, oneOption } from "../elements/organization/policy-choice";
import {
  EMPTY,
  STEPS,
  type Draft,
  type SetUpField,
  shortNameOf,
  stepOf,
  wrongIn,
} from "../elements/set-up-draft";
import { controls, theme } from "../elements/styles";
import { words } from "../elements/words";
import { words as common } from "../elements/words/sign-in";
import { mark } from "./mark";
import { arrived } from "./presence";
import { remember } from "./remembered";
import { speak } from "./speak";

/** Where the new owner goes: the second step, then the page of the policy. */
const NEXT = `/security?${new URLSearchParams({ return: "/policy" })}`;

speak(words.setUp.title);

for (const { styleSheet } of [theme, controls, choiceStyles])
  if (styleSheet) document.adoptedStyleSheets.push(styleSheet);

@customElement("set-up-page")
export class SetUpPage extends LitElement {
  @state() private draft: Draft = { ...EMPTY, code: fromLink() };
  @state() private step = 0;
  @state() private error: { field?: SetUpField; text: string } | undefined;
  @state() private busy = false;
  /** `over`: by others, before; `made`: by this page, which could not sign in then. */
  @state() private end: "over" | "made" | undefined;

  /** What was filled in from another field, until it is typed over. */
  private readonly own = new Set<SetUpField>();
  private leaving = false;
  private readonly api = new Api();

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener("popstate", this.returned);
    addEventListener("beforeunload", this.guard);
    history.replaceState({ step: 0 }, "", location.pathname);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener("popstate", this.returned);
    removeEventListener("beforeunload", this.guard);
  }

  override firstUpdated(): void {
    if (this.draft.code) void this.goOn();
    else this.querySelector("input")?.focus();
  }

  override render() {
    if (this.end) return this.ended(this.end);
    const { setUp } = words;
    const { heading, lead, body } = this.shown();
    const last = this.step === STEPS.length - 1;
    return html`
      <hgroup>
        ${mark}
        <p class="small muted">${setUp.step(this.step + 1, STEPS.length)}</p>
        <h1 tabindex="-1">${heading}</h1>
        <p class="muted">${lead}</p>
      </hgroup>
      <form class="stack" novalidate @submit=${this.submit}>
        ${body}
        <p class="error" role="alert">${(!this.error?.field && this.error?.text) || nothing}</p>
        <button class="primary wide" type="submit" aria-busy=${this.busy}>
          ${last ? setUp.policy.make : common.common.goOn}
        </button>
        ${
          this.step > 0
            ? html`<button class="link back" type="button" @click=${() => history.back()}>
                ${setUp.back}
              </button>`
            : html`<p class="small muted">
                ${this.busy ? html`<span role="status">${setUp.code.checking}</span>` : html`${setUp.already} <a href="/sign-in">${setUp.signIn}</a>`}
              </p>`
        }
      </form>
    `;
  }

  private shown(): { heading: string; lead: string; body: TemplateResult } {
    const { code, organization, owner, policy, title } = words.setUp;
    switch (this.step) {
      case 0:
        return {
          heading: title,
          lead: code.lead,
          body: this.field("code", { label: code.label, hint: code.hint, type: "password" }),
        };
      case 1:
        return {
          ...organization,
          body: html`
            ${this.field("organization_name", { label: organization.name, hint: organization.nameHint, autocomplete: "organization", maxlength: 64 })}
            ${this.field("organization", { label: organization.id, hint: organization.idHint, maxlength: 63 })}
          `,
        };
      case 2:
        return {
          ...owner,
          body: html`
            ${this.field("name", { label: owner.name, autocomplete: "name", maxlength: 64 })}
            ${this.field("email", { label: owner.email, hint: owner.emailHint, autocomplete: "email", maxlength: 254 })}
            ${this.field("username", { label: owner.username, hint: owner.usernameHint, autocomplete: "username", maxlength: 128 })}
            ${this.field("password", {
              label: common.common.password,
              hint: owner.passwordHint,
              type: "password",
              autocomplete: "new-password",
            })}
          `,
        };
      default:
        return { ...policy, body: this.mode() };
    }
  }

  private field(id: Exclude<SetUpField, "mode">, of: Omit<Field, "id">): TemplateResult {
    const error = this.error?.field === id ? this.error.text : undefined;
    return field({ ...of, id, value: this.draft[id], error, oninput: () => this.typed(id) });
  }

  private mode(): TemplateResult {
    const { policy } = words.setUp;
    const of = {
      id: "mode",
      value: this.draft.mode,
      choose: (mode: Draft["mode"]) => (this.draft = { ...this.draft, mode }),
    };
    return html`
      <fieldset>
        <legend class="visually-hidden">${policy.heading}</legend>
        <div class="options">
          ${oneOption(of, { value: "required", label: policy.required, more: policy.requiredMore })}
          ${oneOption(of, { value: "optional", label: policy.optional, more: policy.optionalMore })}
        </div>
      </fieldset>
      <p class="small muted">${policy.next}</p>
    `;
  }

  private ended(how: "over" | "made") {
    const { heading, more } = words.setUp[how];
    const { organization } = this.draft;
    const query = new URLSearchParams({ organization, return: NEXT });
    return html`
      <hgroup role="status">
        ${mark}
        <h1 tabindex="-1">${heading}</h1>
        <p class="muted">${more}</p>
      </hgroup>
      <p>
        <a class="button wide" href=${how === "made" ? `/sign-in?${query}` : "/sign-in"}
          >${words.setUp.signIn}</a
        >
      </p>
    `;
  }

  /** Keeps what is typed, and fills in what can be made of it. */
  private typed(id: Exclude<SetUpField, "mode">): void {
    const typed = this.querySelector<HTMLInputElement>(`#${id}`)?.value ?? "";
    this.own.add(id);
    this.draft[id] = id === "password" ? typed : typed.trim();
    if (id === "organization_name") this.suggest("organization", shortNameOf(typed));
    if (id === "email") this.suggest("username", typed.trim());
  }

  private suggest(id: "organization" | "username", value: string): void {
    if (this.own.has(id)) return;
    this.draft[id] = value;
    const shown = this.querySelector<HTMLInputElement>(`#${id}`);
    if (shown) shown.value = value;
  }

  private submit = (event: SubmitEvent): void => {
    event.preventDefault();
    // What a password manager fills in need not be an event.
    for (const field of STEPS[this.step] ?? []) {
      const filled = this.querySelector<HTMLInputElement>(`#${field}`)?.value;
      if (filled !== undefined && filled !== this.draft[field] && field !== "mode") this.typed(field);
    }
    void this.goOn();
  };

  private async goOn(): Promise<void> {
    if (this.busy) return;
    const wrong = wrongIn(this.step, this.draft);
    if (wrong) {
      const { missing, bad } = words.setUp;
      return this.miss(wrong.field, (wrong.missing ? missing : bad)[wrong.field]);
    }
    this.error = undefined;
    this.busy = true;
    try {
      if (this.step === 0) await new Api("", this.draft.code).canSetUp();
      if (this.step === STEPS.length - 1) await this.make();
      else this.show(this.step + 1);
    } catch (error) {
      await this.refuse(error);
    } finally {
      this.busy = false;
    }
  }

  private async make(): Promise<void> {
    const { code, ...body } = this.draft;
    await new Api("", code).setUp(body);
    await this.enter("made");
  }

  /** Signs the new owner in; where that cannot be, says how it ended `otherwise`. */
  private async enter(otherwise: "over" | "made"): Promise<void> {
    const { organization, username, password } = this.draft;
    try {
      const { decision } = await this.api.signIn(organization, username, password);
      if (decision === "enroll" || decision === "complete") {
        await this.api.session();
        arrived();
        remember(organization);
        this.leaving = true;
        return location.assign(NEXT);
      }
    } catch {
      // The sign-in page says why.
    }
    this.finish(otherwise);
  }

  private async refuse(error: unknown): Promise<void> {
    const { code = "", field = "" } = error instanceof Problem ? error : {};
    const { setUp } = words;
    if (code === "not_accepted") return this.miss("code", setUp.code.wrong);
    // Where the answer to a first try got lost, set-up is over by this page's own doing.
    if (code === "expired") return this.draft.password ? this.enter("over") : this.finish("over");
    if (code === "conflict") return this.miss("organization", setUp.taken);
    if (code === "malformed" && field in setUp.bad)
      return this.miss(field as SetUpField, setUp.bad[field as SetUpField]);
    this.error = { text: say(error) };
  }

  private finish(end: "over" | "made"): void {
    this.leaving = true;
    this.end = end;
    void this.updateComplete.then(() => this.querySelector<HTMLElement>("h1")?.focus());
  }

  private miss(field: SetUpField, text: string): void {
    const step = stepOf(field);
    if (step !== this.step) this.show(step);
    this.error = { field, text };
    void this.updateComplete.then(() => this.querySelector<HTMLInputElement>(`#${field}`)?.focus());
  }

  private show(step: number): void {
    history.pushState({ step }, "");
    this.to(step);
  }

  private returned = ({ state }: PopStateEvent): void => {
    const step = typeof state?.step === "number" ? state.step : 0;
    // Forward past a step that was not gone through leads to the first one that is not filled in.
    const first = STEPS.findIndex((_, at) => at < step && wrongIn(at, this.draft) !== undefined);
    this.to(first < 0 ? step : first);
  };

  private to(step: number): void {
    this.error = undefined;
    this.step = step;
    void this.updateComplete.then(() => this.querySelector<HTMLElement>("h1")?.focus());
  }

  private guard = (event: BeforeUnloadEvent): void => {
    if (this.step > 0 && !this.leaving) event.preventDefault();
  };
}

/** `/set-up#code`: the fragment is sent to no server, and does not stay in the address. */
function fromLink(): string {
  return location.hash.slice(1).trim();
}
