// A forgotten password. Without a link: asks for one by mail. With the link of that mail: a new password, with the second
// step of a person who has one. Opening the page changes nothing, as programs that look through mail open every link.

import { LitElement, html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { Api, Problem, type Schemas } from "../elements/api";
import { Countdown } from "../elements/countdown";
import { digits, field, input } from "../elements/field";
import { say } from "../elements/messages";
import { controls, theme } from "../elements/styles";
import { now, span } from "../elements/time";
import { words } from "../elements/words/mail";
import { words as common } from "../elements/words/sign-in";
import { linked } from "./linked";
import { left } from "./presence";
import { remember, remembered } from "./remembered";
import { speak } from "./speak";
import { told } from "./told";

type Method = "totp" | "backup_code";

speak(words.password.title);

for (const { styleSheet } of [theme, controls]) if (styleSheet) document.adoptedStyleSheets.push(styleSheet);

@customElement("password-page")
export class PasswordPage extends LitElement {
  /** `?organization=acme`, else what this browser remembers. Read before the address is cleaned. */
  private readonly organization =
    new URLSearchParams(location.search).get("organization")?.trim().toLowerCase() || remembered() || "";
  private readonly api = new Api();
  private readonly token = linked();
  private readonly wait = new Countdown(this);
  @state() private shown: "ask" | "asked" | "opening" | "choose" | "done" | "over" | "unreadable" = this.token
    ? "opening"
    : "ask";
  @state() private opened: Schemas["OpenedPassword"] | undefined;
  @state() private method: Method = "totp";
  /** The link could not be asked about. */
  @state() private failure: string | undefined;
  @state() private error: { field: string; text: string } | undefined;
  @state() private busy = false;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override firstUpdated(): void {
    if (this.token) void this.open();
    else this.querySelector<HTMLInputElement>(this.organization ? "#username" : "#organization")?.focus();
  }

  override render() {
    const { password } = words;
    switch (this.shown) {
      case "ask":
        return told(password.title, this.ask());
      case "asked":
        return told(
          password.asked,
          html`<p>${password.askedMore}</p>
            <p>${password.nothingCame}</p>
            <a class="button wide" href="/sign-in">${password.toSignIn}</a>`,
        );
      case "opening":
        return told(
          password.title,
          this.failure
            ? html`<p class="error" role="alert">${this.failure}</p>
                <button class="wide" type="button" @click=${this.open}>${common.common.tryAgain}</button>`
            : html`<p class="muted" role="status">${password.opening}</p>`,
        );
      case "choose":
        return told(password.title, this.opened ? this.choose(this.opened) : nothing);
      case "done":
        return told(
          password.done,
          html`<p>${password.doneMore}</p>
            <a class="button wide" href="/sign-in">${common.signIn.signIn}</a>`,
        );
      case "over":
        return told(
          password.over,
          html`<p>${password.overMore}</p>
            <a class="button wide" href="/password">${password.askAgain}</a>`,
        );
      case "unreadable":
        return told(password.unreadable, html`<p>${password.unreadableMore}</p>`);
    }
  }

  private ask() {
    const { password } = words;
    return html`<p>${password.lead}</p>
      <form class="stack" novalidate @submit=${this.send}>
        ${field({
          id: "organization",
          label: common.signIn.organization,
          value: this.organization,
          autocomplete: "organization",
          error: this.errorOf("organization"),
        })}
        ${field({
          id: "username",
          label: common.signIn.username,
          autocomplete: "username",
          error: this.errorOf("username"),
        })}
        ${this.button(password.send)}
      </form>
      <a class="back" href="/sign-in">${password.toSignIn}</a>`;
  }

  private choose(opened: Schemas["OpenedPassword"]) {
    const { password } = words;
    if (opened.second_factor && opened.methods.length === 0) return html`<p>${password.passkeyOnly}</p>`;
    return html`<p>${password.chooseLead(opened.username, opened.organization_name)}</p>
      <form class="stack" novalidate @submit=${this.set}>
        <input name="username" autocomplete="username" .defaultValue=${opened.username} hidden readonly />
        ${field({
          id: "password",
          label: password.newPassword,
          type: "password",
          autocomplete: "new-password",
          hint: password.hint,
          error: this.errorOf("password"),
        })}
        ${opened.second_factor ? this.secondStep(opened) : nothing}
        <p class="small muted">${password.happens}</p>
        ${this.button(password.save)}
      </form>`;
  }

  private secondStep({ methods }: Schemas["OpenedPassword"]) {
    const byApp = this.method === "totp";
    const other: Method = byApp ? "backup_code" : "totp";
    return html`${field({
      id: "code",
      label: byApp ? common.common.codeOfApp : common.challenge.backupCode,
      autocomplete: byApp ? "one-time-code" : "off",
      code: true,
      numeric: true,
      hint: byApp ? undefined : common.challenge.worksOnce,
      error: this.errorOf("code"),
    })}
    ${
      methods.includes(other)
        ? html`<button class="link" type="button" @click=${() => this.by(other)}>
            ${common.challenge.use[other]}
          </button>`
        : nothing
    }`;
  }

  private button(text: string) {
    const { left } = this.wait;
    return html`<button class="primary wide" type="submit" ?disabled=${left > 0} aria-busy=${this.busy}>
      ${left > 0 ? common.common.tryAgainIn(span(left)) : text}
    </button>`;
  }

  private by(method: Method): void {
    this.method = method;
    this.error = undefined;
    void this.updateComplete.then(() => {
      const code = input(this, "code");
      code.value = "";
      code.focus();
    });
  }

  private send = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (this.busy || this.wait.left > 0) return;
    const organization = input(this, "organization").value.trim().toLowerCase();
    const username = input(this, "username").value.trim();
    if (!organization) return this.miss("organization", common.signIn.enterOrganization);
    if (!username) return this.miss("username", common.signIn.enterUsername);
    await this.alone("username", async () => {
      await this.api.forgotPassword(organization, username);
      this.show("asked");
    });
  };

  private open = async (): Promise<void> => {
    this.failure = undefined;
    try {
      const opened = await this.api.openPassword(this.token);
      this.opened = opened;
      this.method = opened.methods.includes("totp") ? "totp" : "backup_code";
      this.shown = "choose";
      await this.updateComplete;
      this.querySelector<HTMLInputElement>("#password")?.focus();
    } catch (error) {
      if (error instanceof Problem && ["not_accepted", "malformed"].includes(error.code)) {
        this.show("unreadable");
      } else if (error instanceof Problem && error.code === "expired") this.show("over");
      else this.failure = say(error);
    }
  };

  private set = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const { opened, method } = this;
    if (this.busy || !opened || this.wait.left > 0) return;
    const password = input(this, "password").value;
    if (!password) return this.miss("password", common.common.enterPassword);
    const proof = opened.second_factor ? { method, code: digits(input(this, "code").value) } : {};
    if (proof.code === "") {
      return this.miss(
        "code",
        method === "totp" ? words.password.enterCode : common.challenge.enterBackupCode,
      );
    }
    await this.alone(opened.second_factor ? "code" : "password", async () => {
      await this.api.resetPassword({ token: this.token, password, ...proof });
      remember(opened.organization);
      // Other pages of this browser are signed out, if they were signed in as this person.
      left();
      this.show("done");
    });
  };

  /** One thing at a time; what is wrong with it is said at the field that it concerns, else at `otherwise`. */
  private async alone(otherwise: string, work: () => Promise<void>): Promise<void> {
    this.busy = true;
    this.error = undefined;
    try {
      await work();
    } catch (error) {
      const problem = error instanceof Problem ? error : undefined;
      const at = problem?.field && this.querySelector(`input#${problem.field}`) ? problem.field : otherwise;
      if (problem?.code === "expired") this.show("over");
      else if (problem?.code === "throttled" && problem.retryAfter !== undefined) {
        this.wait.start(now() + problem.retryAfter);
        this.miss(at, common.common.tooManyTries);
      } else this.miss(at, say(error, at === "code" ? this.method : "page"));
    } finally {
      this.busy = false;
    }
  }

  private show(shown: PasswordPage["shown"]): void {
    this.shown = shown;
    void this.updateComplete.then(() => this.querySelector("h1")?.focus());
  }

  private errorOf(id: string): string | undefined {
    return this.error?.field === id ? this.error.text : undefined;
  }

  private miss(id: string, text: string): void {
    this.error = { field: id, text };
    void this.updateComplete.then(() => this.querySelector<HTMLInputElement>(`#${id}`)?.select());
  }
}
