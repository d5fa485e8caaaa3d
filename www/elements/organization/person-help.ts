// <postern-person-help>: what an owner or admin does for a person: send a reset link, unlock, sign out,
// revoke. Says first what will end.

import { html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { type Ended, OrganizationApi, type Person, type PersonSecurity } from "./api";
import "./person-invitation";
import "./person-reset";
import { OrganizationPart } from "./part";
import { organizationStyles } from "./styles";
import { Problem } from "../api";
import { closeDialog, modal } from "../modal";
import { distance, moment, words } from "../words";

type Deed = "sign-out" | "revoke" | "delete";

@customElement("postern-person-help")
export class PosternPersonHelp extends OrganizationPart {
  @property({ attribute: false }) person!: Person;
  @property({ attribute: false }) security!: PersonSecurity;
  /** What is about to be done. */
  @state() private sure: Deed | undefined;

  static override styles = organizationStyles;

  override render() {
    const one = words.person;
    const { why_not: why } = this.security;
    return html`<section>
        <header><h2>${one.help}</h2></header>
        <div class="body">
          ${this.asked()} ${why === null ? this.ways() : html`<p class="muted">${one.notAbove[why]}</p>`}
          ${this.error && !this.sure ? html`<p class="error" role="alert">${this.error}</p>` : nothing}
        </div>
      </section>
      ${this.sure ? this.dialog(this.sure) : nothing}`;
  }

  /** That the person asked for help, and from where. */
  private asked() {
    const { asked_for_help: asked } = this.security;
    if (asked === null) return nothing;
    const { requests } = words;
    const from = [moment(asked.at), asked.browser, asked.ip].filter(Boolean).join(" · ");
    return html`<div class="note warn">
      <p><strong>${requests.waits(this.name, distance(asked.at))}</strong> ${requests.waitsMore}</p>
      <p class="small">${from}</p>
    </div>`;
  }

  private ways() {
    const one = words.person;
    const { locks, sessions, trusted_devices, authenticators, password } = this.security;
    const invitation = html`<postern-person-invitation
      .api=${this.api}
      .me=${this.me}
      .person=${this.person}
      .security=${this.security}
    ></postern-person-invitation>`;
    const reset = html`<postern-person-reset
      .api=${this.api}
      .me=${this.me}
      .person=${this.person}
      .security=${this.security}
    ></postern-person-reset>`;
    return html`${password ? nothing : invitation} ${password || authenticators.length > 0 ? reset : nothing}
      <p class="muted">${one.otherWays}</p>
      <p class="row">
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
        <button class="danger" type="button" @click=${() => (this.sure = "delete")}>
          ${words.personForm.delete}
        </button>
      </p>`;
  }

  private dialog(deed: Deed) {
    const { title, body, label, act } = this.deed(deed);
    return html`<dialog ${modal()} aria-labelledby="sure" @close=${() => (this.sure = undefined)}>
      <div class="stack">
        <h2 id="sure">${title}</h2>
        ${body}
        ${(this.person.email ?? this.person.second_email) === null || deed === "delete" ? nothing : html`<p class="muted">${words.person.told}</p>`}
        <p class="error" role="alert">${this.error ?? nothing}</p>
        <div class="actions">
          <button type="button" data-first @click=${closeDialog}>${words.frame.cancel}</button>
          <button
            class=${deed === "sign-out" ? "primary" : "danger"}
            type="button"
            aria-busy=${this.busy}
            @click=${act}
          >
            ${label}
          </button>
        </div>
      </div>
    </dialog>`;
  }

  /** What is said before it is done. */
  private deed(deed: Deed) {
    const { person: one, personForm: form } = words;
    const { name } = this;
    const numbers = this.numbers();
    switch (deed) {
      case "sign-out":
        return {
          title: one.signOutSure(name),
          body: html`<p>${one.signOutMore(numbers)}</p>`,
          label: one.signOut,
          act: this.signOut,
        };
      case "revoke":
        return {
          title: one.revokeSure(name),
          body: html`<p>${one.revokeMore}</p>
            <ul class="numbers">
              ${one.ends(numbers).map((line) => html`<li>${line}</li>`)}
            </ul>
            <p>
              ${
                this.security.policy.mode === "required"
                  ? one.afterwards.required(name)
                  : one.afterwards.otherwise(name)
              }
            </p>`,
          label: one.revokeNow,
          act: this.revoke,
        };
      case "delete":
        return {
          title: form.deleteSure(name),
          body: html`<p>${form.deleteMore}</p>`,
          label: form.deleteNow,
          act: this.delete,
        };
    }
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

  private delete = (): Promise<void> =>
    this.help(
      (of) => of.delete(this.person.id, words.personForm.purpose.delete),
      words.personForm.deleted(this.name),
      "postern-deleted",
    );

  private async help(
    does: (of: OrganizationApi) => Promise<unknown>,
    message: string,
    done = "postern-helped",
  ): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.error = undefined;
    try {
      await does(new OrganizationApi(this.api, this.me));
      this.renderRoot.querySelector("dialog")?.close();
      this.dispatchEvent(new CustomEvent(done, { detail: { message } }));
    } catch (error) {
      const last = error instanceof Problem && error.conflict === "last_owner";
      if (last) this.error = words.personForm.lastOwner;
      else await this.refuse(error);
    } finally {
      this.busy = false;
    }
  }
}
