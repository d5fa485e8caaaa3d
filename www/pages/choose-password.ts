// A password chosen by the link of a mail, with the second step of a person who has one. Opening the page changes nothing,
// as programs that look through mail open every link.

import { LitElement, html, nothing } from "lit";
import { state } from "lit/decorators.js";
import { Api, Problem, type Schemas } from "../elements/api";
import { Countdown } from "../elements/countdown";
import { digits, field, input } from "../elements/field";
import { say } from "../elements/messages";
import { knowsPasskeys, usePasskey } from "../elements/passkey";
import { controls, theme } from "../elements/styles";
import { now, span } from "../elements/time";
import { words } from "../elements/words/mail";
import { words as common } from "../elements/words/sign-in";
import { linked } from "./linked";
import { left } from "./presence";
import { remember } from "./remembered";
import { told } from "./told";

type Method = "totp" | "passkey" | "backup_code";

const METHODS: readonly Method[] = ["totp", "passkey", "backup_code"];
export type Opened = Schemas["OpenedPassword"];

/** What the page says that differs from link to link. */
export interface Said {
  title: string;
  save: string;
  done: string;
  over: string;
  overMore: string;
}

for (const { styleSheet } of [theme, controls]) if (styleSheet) document.adoptedStyleSheets.push(styleSheet);

export abstract class ChoosePassword extends LitElement {
  protected readonly api = new Api();
  protected readonly token = linked();
  private readonly wait = new Countdown(this);
  @state() private shown: "opening" | "choose" | "done" | "over" | "unreadable" = this.token
    ? "opening"
    : "unreadable";
  @state() private opened: Opened | undefined;
  @state() private method: Method = "totp";
  /** The link could not be asked about. */
  @state() private failure: string | undefined;
  @state() private error: { field: string; text: string } | undefined;
  @state() private busy = false;

  protected abstract readonly said: Said;
  protected abstract openLink(token: string): Promise<Opened>;
  protected abstract useLink(body: Schemas["ChosenPassword"]): Promise<unknown>;
  /** Whom the link is for, and what it leads to. */
  protected abstract lead(opened: Opened): unknown;
  /** What happens when the password is set. */
  protected abstract happens(opened: Opened): unknown;
  /** What comes next. */
  protected abstract afterwards(opened: Opened): unknown;
  /** Where to go with a link that is over. */
  protected abstract wayOut(): unknown;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override firstUpdated(): void {
    if (this.token) void this.open();
  }

  override render() {
    const { said, opened } = this;
    const { password } = words;
    switch (this.shown) {
      case "opening":
        return told(
          said.title,
          this.failure
            ? html`<p class="error" role="alert">${this.failure}</p>
                <button class="wide" type="button" @click=${this.open}>${common.common.tryAgain}</button>`
            : html`<p class="muted" role="status">${password.opening}</p>`,
        );
      case "choose":
        return told(said.title, opened ? this.choose(opened) : nothing);
      case "done":
        return told(
          said.done,
          html`${opened ? this.afterwards(opened) : nothing}
            <a class="button wide" href="/sign-in">${common.signIn.signIn}</a>`,
        );
      case "over":
        return told(
          said.over,
          html`<p>${said.overMore}</p>
            ${this.wayOut()}`,
        );
      case "unreadable":
        return told(password.unreadable, html`<p>${password.unreadableMore}</p>`);
    }
  }

  private choose(opened: Opened) {
    const { password } = words;
    if (opened.second_factor && this.methods.length === 0) return html`<p>${password.passkeyOnly}</p>`;
    return html`${this.lead(opened)}
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
        ${opened.second_factor ? this.secondStep() : nothing}
        <p class="small muted">${this.happens(opened)}</p>
        ${this.button(this.said.save)}
      </form>`;
  }

  private secondStep() {
    const { method } = this;
    const shown =
      method === "passkey"
        ? html`<p class="small">${words.password.passkeyNext}</p>
            <p class="error" role="alert">${this.errorOf("passkey") ?? nothing}</p>`
        : field({
            id: "code",
            label: method === "totp" ? common.common.codeOfApp : common.challenge.backupCode,
            autocomplete: method === "totp" ? "one-time-code" : "off",
            code: true,
            numeric: true,
            hint: method === "totp" ? undefined : common.challenge.worksOnce,
            error: this.errorOf("code"),
          });
    const others = this.methods.filter((other) => other !== method);
    return html`${shown}
    ${others.map(
      (other) =>
        html`<button class="link" type="button" @click=${() => this.by(other)}>
          ${common.challenge.use[other]}
        </button>`,
    )}`;
  }

  /** How the second step can be shown in this browser, what people have at hand first. */
  private get methods(): Method[] {
    const offered = this.opened?.methods ?? [];
    return METHODS.filter((method) => offered.includes(method) && (method !== "passkey" || knowsPasskeys()));
  }

  protected button(text: string) {
    const { left } = this.wait;
    return html`<button class="primary wide" type="submit" ?disabled=${left > 0} aria-busy=${this.busy}>
      ${left > 0 ? common.common.tryAgainIn(span(left)) : text}
    </button>`;
  }

  private by(method: Method): void {
    this.method = method;
    this.error = undefined;
    void this.updateComplete.then(() => {
      const code = this.querySelector<HTMLInputElement>("#code");
      if (code) code.value = "";
      (code ?? this.querySelector<HTMLElement>("button.link"))?.focus();
    });
  }

  private open = async (): Promise<void> => {
    this.failure = undefined;
    try {
      const opened = await this.openLink(this.token);
      this.opened = opened;
      this.method = this.methods[0] ?? "totp";
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
    if (this.waits || !opened) return;
    const password = input(this, "password").value;
    if (!password) return this.miss("password", common.common.enterPassword);
    const asks = opened.second_factor && method !== "passkey";
    const code = asks ? digits(input(this, "code").value) : undefined;
    if (code === "") {
      return this.miss(
        "code",
        method === "totp" ? words.password.enterCode : common.challenge.enterBackupCode,
      );
    }
    await this.alone(asks ? "code" : "password", async () => {
      const proof = opened.second_factor ? await this.prove(method, code) : {};
      await this.useLink({ token: this.token, password, ...proof });
      remember(opened.organization);
      // Other pages of this browser are signed out, if they were signed in as this person.
      left();
      this.show("done");
    });
  };

  /** What is sent of the second step. */
  private async prove(method: Method, code = "") {
    if (method !== "passkey") return { method, code };
    // Asked for anew: what it signs is good for some minutes.
    const { passkey } = await this.openLink(this.token);
    if (!passkey) throw new DOMException("no passkey", "NotAllowedError");
    return { method, credential: await usePasskey(passkey) };
  }

  /** One thing at a time; what is wrong with it is said at the field that it concerns, else at `otherwise`. */
  protected async alone(otherwise: string, work: () => Promise<void>): Promise<void> {
    this.busy = true;
    this.error = undefined;
    try {
      await work();
    } catch (error) {
      const problem = error instanceof Problem ? error : undefined;
      const named =
        problem?.field && this.querySelector(`input#${problem.field}`) ? problem.field : undefined;
      const at = named ?? (this.signs ? "passkey" : otherwise);
      if (problem?.code === "expired") this.show("over");
      else if (problem?.code === "throttled" && problem.retryAfter !== undefined) {
        this.wait.start(now() + problem.retryAfter);
        this.miss(at, common.common.tooManyTries);
      } else this.miss(at, say(error, at === "code" || at === "passkey" ? this.method : "page"));
    } finally {
      this.busy = false;
    }
  }

  /** Whether a passkey is the second step. */
  private get signs(): boolean {
    return this.opened?.second_factor === true && this.method === "passkey";
  }

  private show(shown: ChoosePassword["shown"]): void {
    this.shown = shown;
    this.goOn();
  }

  /** Goes on reading at the heading. */
  protected goOn(): void {
    void this.updateComplete.then(() => this.querySelector("h1")?.focus());
  }

  /** Whether nothing can be sent now. */
  protected get waits(): boolean {
    return this.busy || this.wait.left > 0;
  }

  protected errorOf(id: string): string | undefined {
    return this.error?.field === id ? this.error.text : undefined;
  }

  protected miss(id: string, text: string): void {
    this.error = { field: id, text };
    void this.updateComplete.then(() => this.querySelector<HTMLInputElement>(`#${id}`)?.select());
  }
}
