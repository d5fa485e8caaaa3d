// The sign-in page: the first step here, the second in <postern-challenge>, the offer to enroll where there is one, then
// on to where it was meant to go.
// Rendered without a shadow root, so that every password manager finds the form.

import { LitElement, html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import "../elements/challenge";
import { Api, type Challenge, type Decision, Problem } from "../elements/api";
import { Countdown } from "../elements/countdown";
import { field, input } from "../elements/field";
import { passkeyIcon } from "../elements/icons";
import { say } from "../elements/messages";
import { knowsPasskeys, usePasskey } from "../elements/passkey";
import { signalUnknown, takesUnknown } from "../elements/passkey-signals";
import { controls, theme } from "../elements/styles";
import { now, span } from "../elements/time";
import { day } from "../elements/words/formats";
import { words } from "../elements/words/sign-in";
import { destination, security } from "./destination";
import { mark } from "./mark";
import { arrived, left, onOtherTab, present } from "./presence";
import { forget, remember, remembered } from "./remembered";
import { speak } from "./speak";
import { type Answer, Suggestions } from "./suggestions";

interface Offer {
  /** After "not now", enrolling is offered again when so many days are over. */
  days: number;
  /** From when it is no offer (unix seconds). */
  deadline: number | undefined;
}

const DAY = 86_400;

speak(words.signIn.title);

for (const { styleSheet } of [theme, controls]) if (styleSheet) document.adoptedStyleSheets.push(styleSheet);

@customElement("sign-in-page")
export class SignInPage extends LitElement {
  @state() private organization = given();
  @state() private challenge: Challenge | undefined;
  /** A sign-in that was enough, and comes with the offer to enroll. */
  @state() private offer: Offer | undefined;
  @state() private error: { field: string; text: string } | undefined;
  @state() private busy: "password" | "passkey" | "suggestion" | "offer" | undefined;
  /** Typed before, and kept for the next try. */
  private username = "";
  /** What was signed by a passkey that the server refused. */
  @state() private refused: Answer | undefined;
  @state() private said: string | undefined;

  private leaving = false;
  private readonly api = new Api();
  private readonly wait = new Countdown(this);
  private readonly suggestions = new Suggestions(this, this.api, (answer) => {
    void this.alone(() => answer, "suggestion");
  });

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override firstUpdated(): void {
    this.focusFirst();
    if (present()) void this.goOn();
    onOtherTab((present) => {
      if (present) void this.goOn();
    });
  }

  override render() {
    return html`
      <hgroup>
        ${mark}
        <h1 tabindex=${this.offer ? "-1" : nothing}>${this.heading()}</h1>
        ${
          this.organization && !this.offer
            ? html`<p class="where muted">
                ${this.challenge ? this.whose(this.challenge) : words.signIn.to(this.organization)}
                ${
                  this.challenge
                    ? nothing
                    : html`<button class="link" type="button" @click=${this.elsewhere}>
                        ${words.signIn.elsewhere}
                      </button>`
                }
              </p>`
            : nothing
        }
      </hgroup>
      ${
        this.offer
          ? this.offered(this.offer)
          : this.challenge
            ? html`<postern-challenge
                .api=${this.api}
                .challenge=${this.challenge}
                @postern-decision=${(event: CustomEvent<Decision>) => void this.follow(event.detail)}
                @postern-start-over=${this.startOver}
              ></postern-challenge>`
            : this.firstStep()
      }
    `;
  }

  private heading(): string {
    if (this.offer) return words.signIn.offer.title;
    return this.challenge ? words.signIn.oneMoreStep : words.signIn.title;
  }

  /** When it is asked again, or no longer: whichever comes first. */
  private offered({ days, deadline }: Offer) {
    const { offer: text } = words.signIn;
    const again = now() + days * DAY;
    const must = deadline !== undefined && deadline <= again ? deadline : undefined;
    return html`<div class="stack offer">
      <p>${text.more(this.organization)}</p>
      <button class="primary wide" type="button" @click=${this.enroll}>${text.enroll}</button>
      <button class="wide" type="button" aria-busy=${this.busy === "offer"} @click=${this.notNow}>
        ${text.notNow}
      </button>
      <p class="small muted">${must === undefined ? text.again(days, day(again)) : text.must(day(must))}</p>
    </div>`;
  }

  private enroll = (): void => {
    this.leaving = true;
    location.assign(security());
  };

  /** Goes on whatever comes of it: an answer that got lost is asked for again at the next sign-in. */
  private notNow = async (): Promise<void> => {
    if (this.busy) return;
    this.busy = "offer";
    await this.api.declinePrompt().catch(() => undefined);
    location.assign(destination() ?? "/security");
  };

  private whose({ organization }: Challenge): string {
    const { who, signingInTo } = words.signIn;
    return this.username ? who(this.username, organization.name) : signingInTo(organization.name);
  }

  private firstStep() {
    const error = (id: string) => (this.error?.field === id ? this.error.text : undefined);
    return html`
      <form class="stack" novalidate @submit=${this.submit}>
        ${
          this.organization
            ? nothing
            : field({
                id: "organization",
                label: words.signIn.organization,
                autocomplete: "organization",
                error: error("organization"),
              })
        }
        ${field({
          id: "username",
          label: words.signIn.username,
          value: this.username,
          // Where passkeys are suggested too.
          autocomplete: "username webauthn",
          error: error("username"),
        })}
        ${field({
          id: "password",
          label: words.common.password,
          type: "password",
          autocomplete: "current-password",
          error: error("password"),
        })}
        <button
          class="primary wide"
          type="submit"
          ?disabled=${this.wait.left > 0}
          aria-busy=${this.busy === "password"}
        >
          ${this.wait.left > 0 ? words.common.tryAgainIn(span(this.wait.left)) : words.signIn.signIn}
        </button>
        <a class="forgot" href=${forgotten(this.organization)}>${words.signIn.forgot}</a>
      </form>
      ${knowsPasskeys() ? this.passkey(error("passkey")) : nothing}
    `;
  }

  private passkey(error: string | undefined) {
    const waiting = this.busy === "passkey";
    return html`<div class="stack passkey">
      <p class="or small muted">${words.signIn.or}</p>
      <button class="wide" type="button" aria-busy=${waiting} @click=${() => this.alone(this.ask)}>
        ${passkeyIcon}${waiting ? words.common.waitingForPasskey : words.signIn.withPasskey}
      </button>
      <p class="error" role="alert">${error ?? nothing}</p>
      ${
        this.refused && takesUnknown()
          ? html`<button class="link" type="button" @click=${this.forgetPasskey}>
              ${words.signIn.forgetPasskey}
            </button>`
          : nothing
      }
      <p class="small muted" role="status">${this.said ?? nothing}</p>
    </div>`;
  }

  private submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (this.busy || this.wait.left > 0) return;
    const organization = this.organization || input(this, "organization").value.trim().toLowerCase();
    const username = input(this, "username").value.trim();
    const password = input(this, "password").value;
    if (!organization) return this.miss("organization", words.signIn.enterOrganization);
    if (!username) return this.miss("username", words.signIn.enterUsername);
    if (!password) return this.miss("password", words.common.enterPassword);
    this.begin("password");
    try {
      await this.suggestions.stop();
      const decision = await this.api.signIn(organization, username, password);
      remember(organization);
      this.organization = organization;
      this.username = username;
      await this.follow(decision);
    } catch (error) {
      if (error instanceof Problem && error.code === "throttled") {
        this.wait.start(now() + (error.retryAfter ?? 30));
        this.miss("password", words.common.tooManyTries);
      } else {
        const at =
          error instanceof Problem && ["organization", "username"].includes(error.field ?? "")
            ? error.field
            : "";
        this.miss(at || "password", say(error, "sign-in"));
      }
    } finally {
      this.end();
    }
  };

  /** A passkey and nothing else, from the button or among the suggestions. */
  private async alone(
    show: () => Answer | Promise<Answer>,
    by: "passkey" | "suggestion" = "passkey",
  ): Promise<void> {
    if (this.busy) return;
    this.begin(by);
    let answer: Answer | undefined;
    try {
      await this.suggestions.stop();
      answer = await show();
      await this.follow(
        await this.api.verify(answer.question.token, { method: "passkey", credential: answer.credential }),
      );
    } catch (error) {
      this.error = { field: "passkey", text: say(error, "passkey-alone") };
      if (error instanceof Problem && error.code === "not_accepted") this.refused = answer;
    } finally {
      this.end();
    }
  }

  private ask = async (): Promise<Answer> => {
    const { challenge: question } = await this.api.askForPasskey();
    return { question, credential: await usePasskey(question.passkey) };
  };

  /** Only when asked to: the server refuses a bad signature with the same words. */
  private forgetPasskey = (): void => {
    const { question, credential } = this.refused ?? {};
    if (question?.passkey.rpId && credential) signalUnknown(question.passkey.rpId, credential.id);
    this.refused = undefined;
    this.error = undefined;
    this.said = words.signIn.passkeyForgotten;
  };

  private begin(busy: "password" | "passkey" | "suggestion"): void {
    this.busy = busy;
    this.error = undefined;
    this.refused = undefined;
    this.said = undefined;
  }

  private end(): void {
    this.busy = undefined;
    if (!this.challenge && !this.leaving) this.suggestions.start();
  }

  private async follow(decision: Decision): Promise<void> {
    switch (decision.decision) {
      case "challenge":
        this.challenge = decision.challenge;
        break;
      case "refuse":
        this.miss("password", words.signIn.refused);
        break;
      case "enroll":
        await this.leave(security());
        break;
      case "complete":
        await this.complete(decision);
    }
  }

  /** The security page is where one enrolls: on the way there, nothing is offered first. */
  private async complete({ prompt, deadline_at: deadline }: Decision): Promise<void> {
    const to = destination();
    if (!prompt || to === undefined) return this.leave(to ?? "/security");
    if (!(await this.hasSession())) return;
    this.leaving = true;
    this.challenge = undefined;
    this.offer = { days: prompt.again_after_days, deadline };
    arrived();
    await this.updateComplete;
    this.querySelector<HTMLElement>("h1")?.focus();
  }

  private async leave(to: string): Promise<void> {
    if (!(await this.hasSession())) return;
    this.leaving = true;
    arrived();
    location.assign(to);
  }

  /** A browser that keeps no cookie would come straight back; says so. */
  private async hasSession(): Promise<boolean> {
    try {
      await this.api.session();
    } catch (error) {
      if (error instanceof Problem && error.code === "unauthenticated") {
        this.challenge = undefined;
        this.miss("password", words.signIn.cookieNotKept);
        return false;
      }
      // Where to go can be found out there as well.
    }
    return true;
  }

  /** Somebody who is signed in already need not do it again. */
  private async goOn(): Promise<void> {
    try {
      await this.api.session();
    } catch {
      left();
      return;
    }
    if (this.busy || this.offer) return;
    this.leaving = true;
    await this.suggestions.stop();
    location.replace(destination() ?? "/security");
  }

  private startOver = (): void => {
    this.challenge = undefined;
    this.error = undefined;
    this.suggestions.start();
    void this.updateComplete.then(() => this.focusFirst());
  };

  private elsewhere = (): void => {
    forget();
    this.organization = "";
    void this.updateComplete.then(() => this.focusFirst());
  };

  private focusFirst(): void {
    const empty = [...this.querySelectorAll<HTMLInputElement>("input")].find((field) => !field.value);
    empty?.focus();
  }

  private miss(at: string, text: string): void {
    // A field that is not shown cannot say what is wrong with it.
    const shown = this.querySelector(`#${at}`) ? at : "password";
    this.error = { field: shown, text };
    void this.updateComplete.then(() => {
      const wrong = this.querySelector<HTMLInputElement>(`#${shown}`);
      wrong?.focus();
      wrong?.select();
    });
  }
}

/** Where a link to a new password is asked for. */
function forgotten(organization: string): string {
  return organization ? `/password?${new URLSearchParams({ organization })}` : "/password";
}

/** `?organization=acme` wins over what this browser remembers. */
function given(): string {
  const asked = new URLSearchParams(location.search).get("organization")?.trim().toLowerCase();
  return asked || remembered() || "";
}
