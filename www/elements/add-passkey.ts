// <postern-add-passkey>: the browser makes a passkey, the server keeps its public half.

import { html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { Problem } from "./api";
import { field, input } from "./field";
import { passkeyIcon } from "./icons";
import { say } from "./messages";
import { closeDialog, modal } from "./modal";
import { Part, partStyles } from "./part";
import { knowsPasskeys, makePasskey } from "./passkey";
import { words } from "./words/security";

@customElement("postern-add-passkey")
export class PosternAddPasskey extends Part {
  /** Whether this is the first thing to do on the page. */
  @property({ type: Boolean }) primary = false;
  /** Made, and not known to have arrived: sent again rather than made again. */
  @state() private naming = false;
  private name = "";
  @state() private made: { token: string; credential: RegistrationResponseJSON } | undefined;

  static override styles = partStyles;

  override render() {
    const able = knowsPasskeys();
    return html`<div class="choice">
      ${passkeyIcon}
      <div class="what">
        <strong>${words.authenticators.passkey}</strong>
        <p class="small muted">
          ${able ? words.authenticators.passkeyMore : words.authenticators.noPasskeys}
        </p>
      </div>
      ${
        able
          ? html`<button
              class=${this.primary ? "primary" : ""}
              type="button"
              aria-busy=${this.busy}
              @click=${this.begin}
            >
              ${this.busy ? words.authenticators.waiting : this.made ? words.common.tryAgain : words.authenticators.addPasskey}
            </button>`
          : nothing
      }
      <p class="error" role="alert">${this.error ?? nothing}</p>
      ${this.naming ? this.dialog() : nothing}
    </div>`;
  }

  private dialog() {
    return html`<dialog ${modal()} aria-labelledby="dialog-heading" @close=${() => (this.naming = false)}>
      <form class="stack" novalidate @submit=${this.named}>
        <h2 id="dialog-heading">${words.authenticators.addPasskey}</h2>
        <p>${words.authenticators.addPasskeyMore}</p>
        ${field({
          id: "passkey-name",
          label: words.common.name,
          maxlength: 64,
          hint: words.authenticators.passkeyHint,
          first: true,
        })}
        <div class="actions">
          <button type="button" @click=${closeDialog}>${words.common.cancel}</button>
          <button class="primary" type="submit">${words.authenticators.continue}</button>
        </div>
      </form>
    </dialog>`;
  }

  private begin = (): void => {
    if (this.busy) return;
    this.error = undefined;
    if (this.made) void this.add();
    else this.naming = true;
  };

  private named = (event: SubmitEvent): void => {
    event.preventDefault();
    this.name = input(this.renderRoot, "passkey-name").value.trim();
    this.renderRoot.querySelector("dialog")?.close();
    void this.add();
  };

  private add = async (): Promise<void> => {
    if (this.busy) return;
    this.busy = true;
    this.error = undefined;
    try {
      this.made ??= await this.make();
      const { authenticator, backup_codes } = await this.api.confirmPasskey(
        this.made.token,
        this.made.credential,
        this.name,
      );
      this.made = undefined;
      this.tell({
        message: words.authenticators.passkeyReady(authenticator.name),
        backupCodes: backup_codes,
      });
    } catch (error) {
      if (!(error instanceof Problem && UNDECIDED.has(error.code))) this.made = undefined;
      await this.refuse(error);
    } finally {
      this.busy = false;
    }
  };

  private async make() {
    const { enrollment } = await this.api.enrollPasskey();
    return { token: enrollment.token, credential: await makePasskey(enrollment.options) };
  }

  protected override async refuse(error: unknown): Promise<void> {
    await super.refuse(error);
    if (this.error === undefined) return;
    const unknown = error instanceof Problem && error.unknown;
    this.error = say(error, this.made && !unknown ? "page" : "add-passkey");
  }
}

/** Answers after which the same passkey may still be confirmed. */
const UNDECIDED = new Set(["unreachable", "unavailable", "fault", "throttled", "step_up_required"]);
