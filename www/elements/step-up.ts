// <postern-step-up>: asks for a fresh proof in a dialog. `ask()` answers whether one was given.

import { LitElement, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "./challenge";
import type { Api, Challenge, Decision, Purpose } from "./api";
import { say } from "./messages";
import { closeDialog, modal } from "./modal";
import { controls, dialogs, theme } from "./styles";
import { words } from "./words/sign-in";

@customElement("postern-step-up")
export class PosternStepUp extends LitElement {
  @property({ attribute: false }) api!: Api;
  @state() private challenge: Challenge | undefined;
  @state() private error: string | undefined;
  private answer: ((proved: boolean) => void) | undefined;
  private proved = false;
  private purpose: Purpose | undefined;

  static override styles = [theme, controls, dialogs];

  async ask(purpose: Purpose): Promise<boolean> {
    this.answer?.(false);
    this.purpose = purpose;
    this.proved = false;
    this.error = undefined;
    await this.open();
    return new Promise((resolve) => {
      this.answer = resolve;
    });
  }

  override render() {
    if (!this.challenge && !this.error) return nothing;
    return html`
      <dialog ${modal()} aria-labelledby="heading" @close=${this.closed}>
        <div class="stack">
          <h2 id="heading">${words.stepUp.heading}</h2>
          ${
            this.error
              ? html`<p role="alert">${this.error}</p>`
              : html`<p>${words.stepUp.needed(this.purpose?.to ?? words.stepUp.purposes.goOn)}</p>
                  <postern-challenge
                    in-dialog
                    .api=${this.api}
                    .challenge=${this.challenge}
                    @postern-decision=${this.decided}
                    @postern-start-over=${this.again}
                  ></postern-challenge>`
          }
          <div class="actions">
            <button type="button" @click=${closeDialog}>${words.common.cancel}</button>
            ${
              this.error
                ? html`<button class="primary" type="button" @click=${this.again}>
                    ${words.common.tryAgain}
                  </button>`
                : nothing
            }
          </div>
        </div>
      </dialog>
    `;
  }

  private async open(): Promise<void> {
    try {
      const { challenge } = await this.api.openStepUp();
      const methods = challenge.methods.filter((method) => method !== this.purpose?.without);
      this.error = undefined;
      this.challenge = { ...challenge, methods };
    } catch (error) {
      this.error = say(error);
    }
  }

  private again = (event: Event): void => {
    event.stopPropagation();
    void this.open();
  };

  private decided = (event: CustomEvent<Decision>): void => {
    event.stopPropagation();
    this.api.freshUntil = event.detail.session?.fresh_until_at;
    this.proved = true;
    this.renderRoot.querySelector("dialog")?.close();
  };

  private closed = (): void => {
    this.challenge = undefined;
    this.error = undefined;
    this.answer?.(this.proved);
    this.answer = undefined;
  };
}
