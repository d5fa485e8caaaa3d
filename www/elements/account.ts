// <postern-account>: a new password, and turning the second step off.

import { html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { field, input } from "./field";
import { closeDialog, modal } from "./modal";
import { Part, partStyles } from "./part";
import { words } from "./words/security";

const SHORTEST = 8;

@customElement("postern-account")
export class PosternAccount extends Part {
  @state() private open: "password" | "turn-off" | undefined;
  /** What is wrong with the current password. */
  @state() private wrong: string | undefined;

  static override styles = partStyles;

  override render() {
    const { has_password, authenticators, policy, organization } = this.me;
    const enrolled = authenticators.length > 0;
    if (!has_password && !enrolled) return nothing;
    return html`
      ${
        has_password
          ? html`<section>
              <header>
                <h2>${words.common.password}</h2>
                <p class="small muted">${words.account.passwordMore}</p>
              </header>
              <div class="body">
                <button type="button" @click=${() => this.show("password")}>
                  ${words.account.changePassword}
                </button>
              </div>
            </section>`
          : nothing
      }
      ${
        enrolled
          ? html`<section>
              <header>
                <h2>${words.account.turnOff}</h2>
                <p class="small muted">${words.account.turnOffMore}</p>
              </header>
              <div class="body">
                ${
                  policy.mode === "required"
                    ? html`<p class="muted">${words.account.hasToStay(organization.name)}</p>`
                    : html`<button class="danger" type="button" @click=${() => this.show("turn-off")}>
                        ${words.account.turnOffAll}
                      </button>`
                }
              </div>
            </section>`
          : nothing
      }
      ${this.open === "password" ? this.passwordDialog() : nothing}
      ${this.open === "turn-off" ? this.turnOffDialog() : nothing}
    `;
  }

  private passwordDialog() {
    return html`<dialog ${modal()} aria-labelledby="dialog-heading" @close=${this.closed}>
      <form class="stack" novalidate @submit=${this.setPassword}>
        <h2 id="dialog-heading">${words.account.changePassword}</h2>
        <input type="hidden" autocomplete="username" value=${this.me.user.username} />
        <p>${words.account.changeMore}</p>
        ${
          this.me.authenticators.length === 0
            ? field({
                id: "current-password",
                label: words.account.currentPassword,
                type: "password",
                autocomplete: "current-password",
                first: true,
                error: this.wrong,
              })
            : nothing
        }
        ${field({
          id: "new-password",
          label: words.account.newPassword,
          type: "password",
          autocomplete: "new-password",
          hint: words.account.passwordHint(SHORTEST),
          first: this.me.authenticators.length > 0,
          error: this.error,
        })}
        <div class="actions">
          <button type="button" @click=${closeDialog}>${words.common.cancel}</button>
          <button class="primary" type="submit" aria-busy=${this.busy}>${words.account.savePassword}</button>
        </div>
      </form>
    </dialog>`;
  }

  private turnOffDialog() {
    return html`<dialog ${modal()} aria-labelledby="dialog-heading" @close=${this.closed}>
      <form class="stack" novalidate @submit=${this.turnOff}>
        <h2 id="dialog-heading">${words.account.turnOffSure}</h2>
        <p>${words.account.turnOffEnds}</p>
        ${
          this.me.has_password
            ? field({
                id: "password",
                label: words.common.password,
                type: "password",
                autocomplete: "current-password",
                first: true,
                error: this.error,
              })
            : this.error
              ? html`<p class="error" role="alert">${this.error}</p>`
              : nothing
        }
        <div class="actions">
          <button type="button" @click=${closeDialog}>${words.common.cancel}</button>
          <button class="danger" type="submit" aria-busy=${this.busy}>${words.account.turnOff}</button>
        </div>
      </form>
    </dialog>`;
  }

  private show(open: "password" | "turn-off"): void {
    this.error = this.wrong = undefined;
    this.open = open;
  }

  private closed = (): void => {
    this.open = undefined;
    this.error = undefined;
  };

  private setPassword = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const password = input(this.renderRoot, "new-password").value;
    if (!(await this.proved())) return;
    if ([...password].length < SHORTEST) {
      this.error = words.account.tooShort(SHORTEST);
    } else if (await this.change(() => this.api.setPassword(password), words.account.passwordChanged)) {
      this.renderRoot.querySelector("dialog")?.close();
    }
  };

  /** Without a second factor the password itself is the proof, and is asked for here. */
  private async proved(): Promise<boolean> {
    this.wrong = undefined;
    const field = this.renderRoot.querySelector<HTMLInputElement>("#current-password");
    if (!field) return true;
    if (!field.value) {
      this.wrong = words.account.enterCurrent;
      return false;
    }
    try {
      const { challenge } = await this.api.openStepUp();
      if (!challenge.methods.includes("password")) return true;
      const { session } = await this.api.verify(challenge.token, {
        method: "password",
        password: field.value,
      });
      this.api.freshUntil = session?.fresh_until_at;
      return true;
    } catch (error) {
      await this.refuse(error, "password");
      this.wrong = this.error;
      this.error = undefined;
      return false;
    }
  }

  private turnOff = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const password = this.me.has_password ? input(this.renderRoot, "password").value : undefined;
    if (password === "") {
      this.error = words.common.enterPassword;
      return;
    }
    if (await this.change(() => this.api.turnOff(password), words.account.turnedOff, "password")) {
      this.renderRoot.querySelector("dialog")?.close();
    }
  };
}
