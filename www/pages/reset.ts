// Back in by the link of a reset: the first step here, then a new authenticator on the security page. Opening the page
// changes nothing, as programs that look through mail open every link.

import { LitElement, html } from "lit";
import { customElement, state } from "lit/decorators.js";
import { Api, Problem, type Schemas } from "../elements/api";
import { Countdown } from "../elements/countdown";
import { field, input } from "../elements/field";
import { say } from "../elements/messages";
import { controls, theme } from "../elements/styles";
import { now, span } from "../elements/time";
import { moment } from "../elements/words/formats";
import { words } from "../elements/words/mail";
import { words as common } from "../elements/words/sign-in";
import { security } from "./destination";
import { linked } from "./linked";
import { arrived } from "./presence";
import { remember } from "./remembered";
import { speak } from "./speak";
import { told } from "./told";

speak(words.reset.title);

for (const { styleSheet } of [theme, controls]) if (styleSheet) document.adoptedStyleSheets.push(styleSheet);

@customElement("reset-page")
export class ResetPage extends LitElement {
  private readonly api = new Api();
  private readonly token = linked();
  private readonly wait = new Countdown(this);
  @state() private opened: Schemas["OpenedReset"] | undefined;
  @state() private end: "over" | "unreadable" | undefined = this.token ? undefined : "unreadable";
  /** The link could not be asked about. */
  @state() private failure: string | undefined;
  @state() private error: string | undefined;
  @state() private busy = false;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override firstUpdated(): void {
    if (!this.end) void this.open();
  }

  override render() {
    const { reset } = words;
    if (this.end === "over") {
      return told(
        reset.over,
        html`<p>${reset.overMore}</p>
          <a class="button wide" href="/sign-in">${reset.toSignIn}</a>`,
      );
    }
    if (this.end === "unreadable") return told(reset.unreadable, html`<p>${reset.unreadableMore}</p>`);
    if (!this.opened) {
      return told(
        reset.title,
        this.failure
          ? html`<p class="error" role="alert">${this.failure}</p>
              <button class="wide" type="button" @click=${this.open}>${reset.again}</button>`
          : html`<p class="muted" role="status">${reset.opening}</p>`,
      );
    }
    return told(reset.title, this.firstStep(this.opened));
  }

  private firstStep(opened: Schemas["OpenedReset"]) {
    const { reset } = words;
    if (!opened.password) return html`<p>${reset.elsewhere(opened.organization_name)}</p>`;
    return html`<p>${reset.lead(opened.organization_name)}</p>
      <p>${reset.happens}</p>
      <ul class="listed">
        ${reset.effects.map((effect) => html`<li>${effect}</li>`)}
      </ul>
      <p class="small muted">${reset.until(moment(opened.expires_at))}</p>
      <form class="stack" novalidate @submit=${this.submit}>
        ${field({
          id: "username",
          label: common.signIn.username,
          value: opened.username,
          autocomplete: "username",
          fixed: true,
        })}
        ${field({
          id: "password",
          label: common.common.password,
          type: "password",
          autocomplete: "current-password",
          error: this.error,
        })}
        <button class="primary wide" type="submit" ?disabled=${this.wait.left > 0} aria-busy=${this.busy}>
          ${this.wait.left > 0 ? common.common.tryAgainIn(span(this.wait.left)) : reset.goOn}
        </button>
      </form>`;
  }

  private open = async (): Promise<void> => {
    this.failure = undefined;
    try {
      this.opened = await this.api.openReset(this.token);
      await this.updateComplete;
      this.querySelector<HTMLInputElement>("#password")?.focus();
    } catch (error) {
      if (!this.isOver(error)) this.failure = say(error);
    }
  };

  private submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const { opened } = this;
    if (this.busy || !opened || this.wait.left > 0) return;
    const password = input(this, "password").value;
    if (!password) return this.miss(common.common.enterPassword);
    this.busy = true;
    this.error = undefined;
    try {
      await this.api.signIn(opened.organization, opened.username, password, this.token);
      remember(opened.organization);
      arrived();
      location.assign(security());
    } catch (error) {
      const code = error instanceof Problem ? error.code : "";
      if (code === "throttled" && error instanceof Problem) {
        this.wait.start(now() + (error.retryAfter ?? 30));
        this.miss(common.common.tooManyTries);
      } else if (code === "not_accepted") this.miss(words.reset.wrongPassword);
      else if (!this.isOver(error)) this.miss(say(error));
    } finally {
      this.busy = false;
    }
  };

  /** Whether nothing can come of the link any more: the page says so. */
  private isOver(error: unknown): boolean {
    const code = error instanceof Problem ? error.code : "";
    if (code === "expired") this.end = "over";
    else if (code === "not_accepted" || code === "malformed") this.end = "unreadable";
    else return false;
    void this.updateComplete.then(() => this.querySelector("h1")?.focus());
    return true;
  }

  private miss(text: string): void {
    this.error = text;
    void this.updateComplete.then(() => this.querySelector<HTMLInputElement>("#password")?.select());
  }
}
