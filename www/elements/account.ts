// <postern-account>: a new password, and turning the second step off.

import { html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { field, input } from "./field";
import { closeDialog, modal } from "./modal";
import { Part, partStyles } from "./part";

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
                <h2>Password</h2>
                <p class="small muted">Your first step.</p>
              </header>
              <div class="body">
                <button type="button" @click=${() => this.show("password")}>Change password</button>
              </div>
            </section>`
          : nothing
      }
      ${
        enrolled
          ? html`<section>
              <header>
                <h2>Turn off</h2>
                <p class="small muted">Go back to one step.</p>
              </header>
              <div class="body">
                ${
                  policy.mode === "required"
                    ? html`<p class="muted">
                        ${organization.name} asks for a second step, so it can’t be turned off.
                      </p>`
                    : html`<button class="danger" type="button" @click=${() => this.show("turn-off")}>
                        Turn off two-step sign-in
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
        <h2 id="dialog-heading">Change password</h2>
        <input type="hidden" autocomplete="username" value=${this.me.user.username} />
        <p>Everything else that is signed in as you is signed out, and trusted devices are forgotten.</p>
        ${
          this.me.authenticators.length === 0
            ? field({
                id: "current-password",
                label: "Current password",
                type: "password",
                autocomplete: "current-password",
                first: true,
                error: this.wrong,
              })
            : nothing
        }
        ${field({
          id: "new-password",
          label: "New password",
          type: "password",
          autocomplete: "new-password",
          hint: "At least 8 characters. Long beats complicated.",
          first: this.me.authenticators.length > 0,
          error: this.error,
        })}
        <div class="actions">
          <button type="button" @click=${closeDialog}>Cancel</button>
          <button class="primary" type="submit" aria-busy=${this.busy}>Save password</button>
        </div>
      </form>
    </dialog>`;
  }

  private turnOffDialog() {
    return html`<dialog ${modal()} aria-labelledby="dialog-heading" @close=${this.closed}>
      <form class="stack" novalidate @submit=${this.turnOff}>
        <h2 id="dialog-heading">Turn off two-step sign-in?</h2>
        <p>
          All your authenticators, backup codes and trusted devices end. From then on your password alone
          signs you in.
        </p>
        ${
          this.me.has_password
            ? field({
                id: "password",
                label: "Password",
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
          <button type="button" @click=${closeDialog}>Cancel</button>
          <button class="danger" type="submit" aria-busy=${this.busy}>Turn off</button>
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
      this.error = `Use at least ${SHORTEST} characters.`;
    } else if (await this.change(() => this.api.setPassword(password), "Your password is changed.")) {
      this.renderRoot.querySelector("dialog")?.close();
    }
  };

  /** Without a second factor the password itself is the proof, and is asked for here. */
  private async proved(): Promise<boolean> {
    this.wrong = undefined;
    const field = this.renderRoot.querySelector<HTMLInputElement>("#current-password");
    if (!field) return true;
    if (!field.value) {
      this.wrong = "Enter your current password.";
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
      this.error = "Enter your password.";
      return;
    }
    if (await this.change(() => this.api.turnOff(password), "Two-step sign-in is off.", "password")) {
      this.renderRoot.querySelector("dialog")?.close();
    }
  };
}
