// <postern-challenge>: answers an open challenge with a passkey, a code, a backup code or a password.
// Tells its page `postern-decision` when it is done and `postern-start-over` when it has to begin again.

import { LitElement, css, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { keyed } from "lit/directives/keyed.js";
import { Api, type Challenge, Problem, type Proof } from "./api";
import { Countdown } from "./countdown";
import "./help";
import { digits, field, input } from "./field";
import { passkeyIcon } from "./icons";
import { say } from "./messages";
import { knowsPasskeys, usePasskey } from "./passkey";
import { controls, theme } from "./styles";
import { now, span } from "./time";
import { words } from "./words/sign-in";

type Method = "passkey" | "totp" | "backup_code" | "password";
const METHODS: readonly Method[] = ["passkey", "totp", "backup_code", "password"];

/** When the end of a challenge is worth a warning, in seconds (WCAG 2.2, 2.2.1). */
const SOON = 60;

@customElement("postern-challenge")
export class PosternChallenge extends LitElement {
  @property({ attribute: false }) api = new Api();
  @property({ attribute: false }) challenge: Challenge | undefined;
  /** Leaves out "Start over", where a dialog has its own way out. */
  @property({ type: Boolean, attribute: "in-dialog" }) inDialog = false;

  @state() private chosen: Method | undefined;
  @state() private error: string | undefined;
  @state() private busy = false;
  @state() private over = false;
  /** Whether none of the ways can be used. */
  @state() private lost = false;
  /** How it was answered when no answer came back: it may have been accepted. */
  private unsure: Method | undefined;
  /** The server has too few tries left to compare a code with every app. */
  @state() private fewTries = false;

  private readonly wait = new Countdown(this);
  private wasEnded = false;
  private readonly end = new Countdown(this);
  /** What a passkey signs is good for a shorter time than the rest of the challenge. */
  private readonly ceremony = new Countdown(this);
  /** Ends what the browser is asking. */
  private asking: AbortController | undefined;
  private tried = "";

  static override styles = [
    theme,
    controls,
    css`
      .ways {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem 1.5rem;
        justify-content: space-between;
      }
      button .icon {
        margin-inline-end: 0.625rem;
      }
      .refused {
        color: var(--danger);
        font-size: 0.9375rem;
      }
      .refused:empty {
        display: none;
      }
    `,
  ];

  private get methods(): Method[] {
    const { methods = [], passkey } = this.challenge ?? {};
    const able = passkey && knowsPasskeys();
    return METHODS.filter((method) => methods.includes(method) && (method !== "passkey" || able));
  }

  private get method(): Method | undefined {
    return this.chosen ?? this.methods[0];
  }

  /** How many digits a code may have. */
  private get lengths(): number[] {
    return this.challenge?.code_lengths ?? [];
  }

  private get apps() {
    return this.challenge?.authenticators.filter(({ kind }) => kind === "totp") ?? [];
  }

  /** Whether a code is refused unless it says which app it is from. */
  private get mustName(): boolean {
    return this.fewTries || this.apps.length > MOST_TRIED_AT_ONCE;
  }

  /** Whether a passkey comes too late; codes may still be in time. */
  private get late(): boolean {
    return this.ceremony.left === 0;
  }

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (!changed.has("challenge") || !this.challenge) return;
    this.chosen = undefined;
    this.error = undefined;
    this.over = false;
    this.lost = false;
    this.unsure = undefined;
    this.fewTries = false;
    this.tried = "";
    this.end.start(this.challenge.expires_at);
    this.asking?.abort();
    this.ceremony.start(now() + (this.challenge.passkey?.timeout ?? 0) / 1000);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.asking?.abort();
  }

  override updated(changed: Map<PropertyKey, unknown>): void {
    if (changed.has("challenge") || changed.has("chosen") || changed.get("lost"))
      this.renderRoot.querySelector<HTMLElement>(FIRST)?.focus();
    const ended = this.over || (this.challenge !== undefined && this.end.left === 0);
    if (ended && !this.wasEnded) this.renderRoot.querySelector<HTMLElement>("button")?.focus();
    this.wasEnded = ended;
  }

  override render() {
    const challenge = this.challenge;
    if (!challenge) return nothing;
    if (this.over || this.end.left === 0) return this.ended();
    const { method } = this;
    if (this.lost)
      return html`<postern-help
        .api=${this.api}
        .challenge=${challenge}
        @postern-back=${() => (this.lost = false)}
      ></postern-help>`;
    if (!method) return this.nothingToShow();
    const late = method === "passkey" && this.late;
    return html`
      <form class="stack" novalidate @submit=${this.submit}>
        ${late ? nothing : this.question(method, challenge)} ${this.button(method)}
        ${
          this.end.left < SOON
            ? html`<p class="note warn small" role="status">
                ${this.inDialog ? words.challenge.endsSoon.question : words.challenge.endsSoon.signIn}
              </p>`
            : nothing
        }
        <div class="ways">
          ${this.methods
            .filter((other) => other !== method)
            .map(
              (other) =>
                html`<button class="link" type="button" @click=${() => this.choose(other)}>
                  ${words.challenge.use[other]}
                </button>`,
            )}
          ${
            this.inDialog || late
              ? nothing
              : html`<button class="link" type="button" @click=${this.startOver}>
                  ${words.common.startOver}
                </button>`
          }
          ${this.noWay()}
        </div>
      </form>
    `;
  }

  private question(method: Method, challenge: Challenge) {
    return html`
      <p class="muted">
        ${method === "totp" ? words.challenge.leadOfApp(this.lengths) : words.challenge.lead[method]}
      </p>
      ${method === "totp" ? this.appChooser() : nothing} ${keyed(method, this.proof(method))}
      ${
        (method === "totp" || method === "passkey") && challenge.trust_device_days
          ? html`<label class="check">
              <input type="checkbox" name="trust" />
              ${words.challenge.trust(challenge.trust_device_days)}
            </label>`
          : nothing
      }
    `;
  }

  private noWay() {
    return html`<button class="link" type="button" @click=${this.giveUp}>
      ${words.challenge.noneOfThese}
    </button>`;
  }

  private giveUp = (): void => {
    this.asking?.abort();
    this.lost = true;
  };

  /** Which app a code is from, where that is a question. */
  private appChooser() {
    const { apps, mustName } = this;
    if (apps.length < 2 && !mustName) return nothing;
    return html`<div class="field">
      <label for="authenticator">${words.challenge.whichApp}</label>
      <select id="authenticator" name="authenticator" aria-describedby="code-error">
        <option value="">${mustName ? words.challenge.chooseOne : words.challenge.anyApp}</option>
        ${apps.map(({ id, name }) => html`<option value=${id}>${name}</option>`)}
      </select>
    </div>`;
  }

  private button(method: Method) {
    const { wait } = this;
    if (wait.left > 0)
      return html`<button class="primary wide" type="submit" disabled>
        ${words.common.tryAgainIn(span(wait.left))}
      </button>`;
    if (method !== "passkey")
      return html`<button class="primary wide" type="submit">${words.challenge.verify}</button>`;
    if (this.late)
      return html`<p class="note warn small" role="alert">${words.challenge.late}</p>
        <button class="primary wide" type="button" @click=${this.startOver}>
          ${words.common.startOver}
        </button>`;
    return html`<button class="primary wide" type="submit" aria-busy=${this.busy}>
      ${passkeyIcon}${this.busy ? words.common.waitingForPasskey : words.challenge.use.passkey}
    </button>`;
  }

  private proof(method: Method) {
    const error = this.error;
    switch (method) {
      case "passkey":
        return html`<p class="refused" role="alert">${error ?? nothing}</p>`;
      case "totp":
        return field({
          id: "code",
          label: words.common.codeOfApp,
          autocomplete: "one-time-code",
          code: true,
          numeric: true,
          error,
          oninput: this.sendWhole,
        });
      case "backup_code":
        return field({
          id: "backup-code",
          label: words.challenge.backupCode,
          hint: words.challenge.worksOnce,
          code: true,
          error,
        });
      case "password":
        return field({
          id: "password",
          label: words.common.password,
          type: "password",
          autocomplete: "current-password",
          error,
        });
    }
  }

  private ended() {
    return html`
      <div class="stack">
        <p class="note warn" role="alert">
          ${
            this.over && this.unsure
              ? html`${words.challenge.replyLost}
                ${this.unsure === "backup_code" ? words.challenge.codeUsedUp : nothing}`
              : this.inDialog
                ? words.challenge.ended.question
                : words.challenge.ended.signIn
          }
        </p>
        <button class="primary wide" type="button" @click=${this.startOver}>
          ${this.inDialog ? words.challenge.askAgain : words.challenge.signInAgain}
        </button>
      </div>
    `;
  }

  /** The one way there is, and this browser does not know it. */
  private nothingToShow() {
    return html`<div class="stack">
      <p class="note warn" role="alert">${words.challenge.cannotUsePasskey}</p>
      ${
        this.inDialog
          ? nothing
          : html`<button class="wide" type="button" @click=${this.startOver}>
              ${words.common.startOver}
            </button>`
      }
      ${this.noWay()}
    </div>`;
  }

  /**
   * A whole code is sent without pressing anything, and the same one not twice. Where codes of several lengths are
   * possible, a shorter one may be the beginning of a longer one.
   */
  private sendWhole = (): void => {
    const code = digits(this.renderRoot.querySelector<HTMLInputElement>("#code")?.value ?? "");
    const [only, ...others] = this.lengths;
    if (others.length > 0 || code.length !== only || !/^[0-9]+$/.test(code)) return;
    if (code !== this.tried) void this.verify();
  };

  private submit = (event: SubmitEvent): void => {
    event.preventDefault();
    void this.verify();
  };

  private choose(method: Method): void {
    this.asking?.abort();
    this.chosen = method;
    this.error = undefined;
    // Each method has its own wait.
    this.wait.start(0);
  }

  private startOver = (): void => {
    this.dispatchEvent(new CustomEvent("postern-start-over", { bubbles: true, composed: true }));
  };

  private async verify(): Promise<void> {
    if (this.busy || this.wait.left > 0) return;
    const { challenge, method } = this;
    if (!challenge || !method) return;
    this.busy = true;
    try {
      const proof = method === "passkey" ? await this.assert(challenge) : this.read(method);
      if (!proof) return;
      const decision = await this.api.verify(challenge.token, proof);
      this.dispatchEvent(
        new CustomEvent("postern-decision", { detail: decision, bubbles: true, composed: true }),
      );
    } catch (error) {
      if (error instanceof Problem && error.unknown) this.unsure = method;
      this.refuse(this.inDialog ? await this.api.looked(error) : error, method);
    } finally {
      this.busy = false;
    }
    // Whoever typed the next code while this one was on its way need not type it again.
    if (this.error) this.sendWhole();
  }

  /** What the browser answers for the person. */
  private async assert({ passkey }: Challenge): Promise<Proof | undefined> {
    if (!passkey || this.late) return undefined;
    this.error = undefined;
    this.asking = new AbortController();
    const { signal } = this.asking;
    try {
      // Not longer than the server waits.
      const credential = await usePasskey({ ...passkey, timeout: this.ceremony.left * 1000 }, { signal });
      return { method: "passkey", credential, ...this.trust() };
    } catch (error) {
      // Whoever chose another way knows that this one has ended.
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  private trust(): { trust_device?: boolean } {
    const asked = this.renderRoot.querySelector<HTMLInputElement>("[name=trust]")?.checked;
    return asked ? { trust_device: true } : {};
  }

  private read(method: Exclude<Method, "passkey">): Proof | undefined {
    const form = this.renderRoot;
    if (method === "password") {
      const password = input(form, "password").value;
      return password ? { method, password } : this.miss(words.common.enterPassword);
    }
    if (method === "backup_code") {
      const code = input(form, "backup-code").value.trim();
      return code ? { method, code } : this.miss(words.challenge.enterBackupCode);
    }
    const code = digits(input(form, "code").value);
    if (!/^[0-9]+$/.test(code) || !this.lengths.includes(code.length))
      return this.miss(words.challenge.digits(this.lengths));
    const app = form.querySelector<HTMLSelectElement>("#authenticator");
    if (this.mustName && !app?.value) {
      this.askForApp();
      return undefined;
    }
    this.tried = code;
    const proof: Proof = { method, code, ...this.trust() };
    if (app?.value) proof.authenticator = app.value;
    return proof;
  }

  private miss(message: string): undefined {
    this.error = message;
    this.focusProof();
    return undefined;
  }

  private askForApp(): void {
    this.error = words.messages.authenticatorRequired;
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector<HTMLElement>("#authenticator")?.focus(),
    );
  }

  private refuse(error: unknown, method: Method): void {
    const code = error instanceof Problem ? error.code : undefined;
    if (code === "authenticator_required") {
      this.fewTries = true;
      this.askForApp();
      return;
    }
    if (code === "expired") {
      if (method === "passkey" && !this.unsure) this.ceremony.start(0);
      else this.over = true;
      return;
    }
    if (error instanceof Problem && code === "throttled" && error.retryAfter !== undefined) {
      this.wait.start(now() + error.retryAfter);
      // The button counts; a message that counted too would be read aloud every second.
      this.error = words.common.tooManyTries;
    } else {
      this.error = say(error, method);
    }
    this.focusProof();
  }

  private focusProof(): void {
    void this.updateComplete.then(() => {
      const proof = this.renderRoot.querySelector<HTMLElement>(FIRST);
      proof?.focus();
      if (proof instanceof HTMLInputElement) proof.select();
    });
  }
}

/** Where an answer begins: its field, or the button where there is nothing to type. */
const FIRST = ".field input, form:not(:has(.field)) button[type=submit]";

/** Wrong proofs a day: a code is compared with all apps only while that costs no more than these. */
const MOST_TRIED_AT_ONCE = 9;
