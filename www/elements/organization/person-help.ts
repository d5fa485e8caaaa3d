// <postern-person-help>: what an owner or admin does for a person: unlock, sign out, revoke. Says first what will end.

import { css, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { type Ended, OrganizationApi, type Person, type PersonSecurity } from "./api";
import { organizationStyles } from "./styles";
import type { Me } from "../api";
import { closeDialog, modal } from "../modal";
import { Part } from "../part";
import { words } from "../words";

@customElement("postern-person-help")
export class PosternPersonHelp extends Part {
  @property({ attribute: false }) person!: Person;
  @property({ attribute: false }) security!: PersonSecurity;
  /** What is about to be done. */
  @state() private sure: "sign-out" | "revoke" | undefined;

  static override styles = [
    ...organizationStyles,
    css`
      dialog .danger {
        background: var(--danger);
        color: var(--surface);
      }
    `,
  ];

  override render() {
    const one = words.person;
    const refused = whyNot(this.me.user, this.person);
    return html`<section>
        <header><h2>${one.help}</h2></header>
        <div class="body">
          ${refused ? html`<p class="muted">${refused}</p>` : this.ways()}
          ${this.error && !this.sure ? html`<p class="error" role="alert">${this.error}</p>` : nothing}
        </div>
      </section>
      ${this.sure ? this.dialog(this.sure) : nothing}`;
  }

  private ways() {
    const one = words.person;
    const { locks, sessions, trusted_devices, authenticators } = this.security;
    return html`<p class="row">
      ${
        locks.length > 0
          ? html`<button type="button" aria-busy=${this.busy} @click=${this.unlock}>${one.unlock}</button>`
          : nothing
      }
      <button
        type="button"
        ?disabled=${sessions.length + trusted_devices.length === 0}
        @click=${() => (this.sure = "sign-out")}
      >
        ${one.signOut}
      </button>
      <button
        class="danger"
        type="button"
        ?disabled=${authenticators.length === 0}
        @click=${() => (this.sure = "revoke")}
      >
        ${one.revoke}
      </button>
    </p>`;
  }

  private dialog(what: "sign-out" | "revoke") {
    const one = words.person;
    const { name } = this;
    const revoke = what === "revoke";
    const numbers = this.numbers();
    const required = this.security.policy.mode === "required";
    return html`<dialog ${modal()} aria-labelledby="sure" @close=${() => (this.sure = undefined)}>
      <div class="stack">
        <h2 id="sure">${revoke ? one.revokeSure(name) : one.signOutSure(name)}</h2>
        ${
          revoke
            ? html`<p>${one.revokeMore}</p>
                <ul class="numbers">
                  ${one.ends(numbers).map((line) => html`<li>${line}</li>`)}
                </ul>
                <p>${required ? one.afterwards.required(name) : one.afterwards.otherwise(name)}</p>`
            : html`<p>${one.signOutMore(numbers)}</p>`
        }
        ${this.person.email === null ? nothing : html`<p class="muted">${one.told}</p>`}
        <p class="error" role="alert">${this.error ?? nothing}</p>
        <div class="actions">
          <button type="button" data-first @click=${closeDialog}>${words.frame.cancel}</button>
          <button
            class=${revoke ? "danger" : "primary"}
            type="button"
            aria-busy=${this.busy}
            @click=${revoke ? this.revoke : this.signOut}
          >
            ${revoke ? one.revokeNow : one.signOut}
          </button>
        </div>
      </div>
    </dialog>`;
  }

  private get name(): string {
    return this.person.name ?? this.person.username;
  }

  private numbers(): Ended {
    const { authenticators, backup_codes, trusted_devices, sessions, locks } = this.security;
    return {
      authenticators: authenticators.length,
      backup_codes: backup_codes?.remaining ?? 0,
      trusted_devices: trusted_devices.length,
      sessions: sessions.length,
      locks: locks.length,
    };
  }

  private unlock = (): Promise<void> =>
    this.help(
      (of) => of.unlock(this.person.id, words.person.purpose.unlock),
      words.person.unlocked(this.name),
    );

  private signOut = (): Promise<void> =>
    this.help(
      (of) => of.signOut(this.person.id, words.person.purpose.signOut),
      words.person.signedOut(this.name),
    );

  private revoke = (): Promise<void> => {
    const { authenticators } = this.numbers();
    return this.help(
      (of) => of.revoke(this.person.id, authenticators, words.person.purpose.revoke),
      words.person.revoked(this.name),
    );
  };

  private async help(does: (of: OrganizationApi) => Promise<unknown>, message: string): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.error = undefined;
    try {
      await does(new OrganizationApi(this.api, this.me));
      this.renderRoot.querySelector("dialog")?.close();
      this.dispatchEvent(new CustomEvent("postern-helped", { detail: { message } }));
    } catch (error) {
      await this.refuse(error);
    } finally {
      this.busy = false;
    }
  }
}

/** Why this helper may not help; the server has the same rule (`Role::helped_by` in the core). */
function whyNot(helper: Me["user"], person: Person): string | undefined {
  const { notAbove } = words.person;
  if (helper.id === person.id) return notAbove.self;
  return helper.role === "owner" || person.role === "member" ? undefined : notAbove.above;
}
