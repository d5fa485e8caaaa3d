// <postern-help>: for a person who cannot answer a challenge. Names the people to ask, and sends them a request.

import { LitElement, css, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { Api, Challenge, Help } from "./api";
import { say } from "./messages";
import { controls, theme } from "./styles";
import { ago, all, either } from "./words/formats";
import { words } from "./words/sign-in";

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
      <p tabindex="-1" data-first>${words.help.lead}</p>
      ${help ? html`${this.whom(help)}${support(help)}` : this.error ? nothing : html`<p class="muted" role="status">${words.common.oneMoment}</p>`}
      ${this.error ? html`<p class="error" role="alert">${this.error}</p>` : nothing}
      <button class="link" type="button" @click=${this.back}>${words.help.back}</button>
    </div>`;
  }

  private whom({ people, can_send, sent_at }: Help) {
    const { name } = this.challenge.organization;
    const known = people.length > 0;
    if (!can_send) return html`<p>${known ? words.help.ask(either(people)) : words.help.askSupport}</p>`;
    if (sent_at !== null)
      return html`<p class="note" role="status">
        ${known ? words.help.sent(all(people), ago(sent_at)) : words.help.sentToRunners(name, ago(sent_at))}
      </p>`;
    return html`<p>${known ? words.help.ask(either(people)) : words.help.askRunners(name)}</p>
      <button class="primary wide" type="button" aria-busy=${this.busy} @click=${() => this.ask(true)}>
        ${words.help.send}
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

/** Whom to ask when nobody here can help, as the organization says. */
function support({ support }: Help) {
  return support === null ? nothing : html`<p>${words.help.support(support)}</p>`;
}
