// <postern-help>: for a person who cannot answer a challenge. Names the people to ask, and sends them a request.

import { LitElement, css, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { Api, Challenge, Help } from "./api";
import { say } from "./messages";
import { controls, theme } from "./styles";
import { ago } from "./time";

@customElement("postern-help")
export class PosternHelp extends LitElement {
  @property({ attribute: false }) api!: Api;
  @property({ attribute: false }) challenge!: Challenge;
  @state() private help: Help | undefined;
  @state() private error: string | undefined;
  @state() private busy = false;

  static override styles = [
    theme,
    controls,
    css`
      .link {
        justify-self: start;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.ask(false);
  }

  override render() {
    const { help } = this;
    return html`<div class="stack">
      <p tabindex="-1" data-first>
        If your phone is gone and you have no backup code, someone has to let you back in who knows that it’s
        you.
      </p>
      ${help ? this.whom(help) : this.error ? nothing : html`<p class="muted" role="status">One moment…</p>`}
      ${this.error ? html`<p class="error" role="alert">${this.error}</p>` : nothing}
      <button class="link" type="button" @click=${this.back}>Back to the ways to sign in</button>
    </div>`;
  }

  private whom({ people, can_send, sent_at }: Help) {
    const { name } = this.challenge.organization;
    const whom = people.length > 0 ? either.format(people) : `the people who run ${name}`;
    if (!can_send)
      return html`<p>
        Ask ${people.length > 0 ? whom : html`the support of the service you are signing in to`}. They can
        reset your second step.
      </p>`;
    if (sent_at !== null)
      return html`<p class="note" role="status">
        ${people.length > 0 ? all.format(people) : `The people who run ${name}`} got your request
        ${ago(sent_at)}. You hear from them by mail or in person; you can close this page.
      </p>`;
    return html`<p>Ask ${whom}. They can reset your second step.</p>
      <button class="primary wide" type="button" aria-busy=${this.busy} @click=${() => this.ask(true)}>
        Send them a request
      </button>`;
  }

  private async ask(send: boolean): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.error = undefined;
    try {
      this.help = await this.api.help(this.challenge.token, send);
    } catch (error) {
      this.error = say(error);
    } finally {
      this.busy = false;
    }
  }

  private back = (): void => {
    this.dispatchEvent(new CustomEvent("postern-back"));
  };

  override firstUpdated(): void {
    this.renderRoot.querySelector<HTMLElement>("[data-first]")?.focus();
  }
}

const all = new Intl.ListFormat("en", { type: "conjunction" });
const either = new Intl.ListFormat("en", { type: "disjunction" });
