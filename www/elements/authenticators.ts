// <postern-authenticators>: the passkeys and apps a person has bound; add, rename, remove.

import { html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "./add-passkey";
import "./enroll";
import type { Authenticator, Confirmed, Enrollment } from "./api";
import { field, input } from "./field";
import { appIcon, passkeyIcon } from "./icons";
import { closeDialog, modal } from "./modal";
import { Part, partStyles } from "./part";
import { ago, day } from "./words/formats";
import { words } from "./words/security";

type Open =
  { dialog: "add"; enrollment: Enrollment } | { dialog: "rename" | "remove"; authenticator: Authenticator };

@customElement("postern-authenticators")
export class PosternAuthenticators extends Part {
  /** Nothing but getting back in matters now. */
  @property({ type: Boolean }) recovering = false;
  @state() private open: Open | undefined;
  /** Whether the ways to add another one are shown. */
  @state() private adding = false;

  static override styles = partStyles;

  override render() {
    const { authenticators, policy } = this.me;
    const none = authenticators.length === 0;
    return html`
      <section>
        <header>
          <h2>${words.authenticators.heading}</h2>
          <p class="small muted">${words.authenticators.lead}</p>
        </header>
        <div class="body">
          ${
            none
              ? html`<p>${words.authenticators.none}</p>`
              : html`<ul class="list">
                  ${authenticators.map((authenticator) => this.item(authenticator))}
                </ul>`
          }
          ${
            authenticators.length === 1 && policy.mode !== "off" && !this.recovering && !this.adding
              ? html`<p class="note small">
                  <strong>${words.authenticators.addSecond}</strong>${words.authenticators.addSecondMore}
                </p>`
              : nothing
          }
          ${this.more(none)}
        </div>
      </section>
      ${this.dialog()}
    `;
  }

  private more(none: boolean) {
    const { authenticators, organization, policy } = this.me;
    if (policy.mode === "off")
      return html`<p class="note small">
        ${words.authenticators.switchedOff(organization.name)}
        ${none ? nothing : words.authenticators.switchedOffMore}
      </p>`;
    if (none || this.recovering || this.adding) return this.choices(none || this.recovering);
    return html`<button type="button" @click=${this.another}>
      ${words.authenticators.another(authenticators.length)}
    </button>`;
  }

  private another = (): void => {
    this.adding = true;
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>(".choices")?.focus());
  };

  private choices(none: boolean) {
    return html`<div class="choices" tabindex="-1" @postern-changed=${this.added}>
      <postern-add-passkey .api=${this.api} .me=${this.me} ?primary=${none}></postern-add-passkey>
      <div class="choice">
        ${appIcon}
        <div class="what">
          <strong>${words.authenticators.app}</strong>
          <p class="small muted">${words.authenticators.appMore}</p>
        </div>
        <button type="button" @click=${this.add}>${words.authenticators.addApp}</button>
        <p class="error" role="alert">${this.open ? nothing : (this.error ?? nothing)}</p>
      </div>
    </div>`;
  }

  private item(authenticator: Authenticator) {
    const { name, created_at, last_used_at, synced } = authenticator;
    const from = kind(authenticator);
    return html`<li>
      ${authenticator.kind === "passkey" ? passkeyIcon : appIcon}
      <div class="what">
        <strong>${name}</strong
        >${this.me.policy.mode === "off" ? html` <span class="tag">${words.authenticators.notAskedFor}</span>` : nothing}${synced === undefined ? nothing : html` <span class="tag">${synced ? words.authenticators.synced : words.authenticators.notSynced}</span>`}
        <p class="small muted">
          ${words.authenticators.about(from, day(created_at), last_used_at === null ? undefined : ago(last_used_at))}
        </p>
      </div>
      <div class="row">
        <button class="small" type="button" @click=${() => this.show({ dialog: "rename", authenticator })}>
          ${words.authenticators.rename}<span class="visually-hidden"
            >${words.authenticators.aboutOne(name)}</span
          >
        </button>
        <button class="small" type="button" @click=${() => this.show({ dialog: "remove", authenticator })}>
          ${words.authenticators.remove}<span class="visually-hidden"
            >${words.authenticators.aboutOne(name)}</span
          >
        </button>
      </div>
    </li>`;
  }

  private dialog() {
    switch (this.open?.dialog) {
      case "add":
        return html`<dialog class="wide" ${modal()} aria-labelledby="dialog-heading" @close=${this.closed}>
          <div class="stack">
            <h2 id="dialog-heading" tabindex="-1" data-first>${words.authenticators.addAppHeading}</h2>
            <postern-enroll
              .api=${this.api}
              .enrollment=${this.open.enrollment}
              suggestion=${this.suggestion()}
              @postern-enrolled=${this.enrolled}
            ></postern-enroll>
            <div class="actions">
              <button type="button" @click=${closeDialog}>${words.common.cancel}</button>
            </div>
          </div>
        </dialog>`;
      case "rename":
        return html`<dialog ${modal()} aria-labelledby="dialog-heading" @close=${this.closed}>
          <form class="stack" novalidate @submit=${this.rename}>
            <h2 id="dialog-heading">${words.authenticators.edit(this.open.authenticator.name)}</h2>
            ${field({
              id: "name",
              label: words.common.name,
              value: this.open.authenticator.name,
              maxlength: 64,
              first: true,
              error: this.error,
            })}
            <div class="actions">
              <button type="button" @click=${closeDialog}>${words.common.cancel}</button>
              <button class="primary" type="submit" aria-busy=${this.busy}>${words.common.save}</button>
            </div>
          </form>
        </dialog>`;
      case "remove":
        return this.removal(this.open.authenticator);
      default:
        return nothing;
    }
  }

  private removal(authenticator: Authenticator) {
    const { name, provider } = authenticator;
    const passkey = authenticator.kind === "passkey";
    const { authenticators, organization, policy } = this.me;
    const last = authenticators.length === 1;
    const kept = last && policy.mode === "required";
    const asks = last && !kept && this.me.has_password;
    return html`<dialog ${modal()} aria-labelledby="dialog-heading" @close=${this.closed}>
      <form class="stack" novalidate @submit=${this.unbind}>
        <h2 id="dialog-heading">
          ${kept ? words.authenticators.hasToStay : words.authenticators.removeSure(name)}
        </h2>
        <p>
          ${
            kept
              ? words.authenticators.hasToStayMore(organization.name, name)
              : last
                ? words.authenticators.last
                : words.authenticators.othersStay(passkey, authenticators.length - 1)
          }
        </p>
        ${
          kept
            ? nothing
            : html`<p class="muted">
                ${passkey ? words.authenticators.deleteThere(provider) : words.authenticators.deleteInApp}
              </p>`
        }
        ${
          asks
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
          <button type="button" @click=${closeDialog}>
            ${kept ? words.common.close : words.common.cancel}
          </button>
          ${kept ? nothing : html`<button class="danger" type="submit" aria-busy=${this.busy}>${words.authenticators.remove}</button>`}
        </div>
      </form>
    </dialog>`;
  }

  private show(open: Open): void {
    this.error = undefined;
    this.open = open;
  }

  private closed = (): void => {
    this.open = undefined;
    this.error = undefined;
  };

  private close(): void {
    this.renderRoot.querySelector("dialog")?.close();
  }

  private add = async (): Promise<void> => {
    this.error = undefined;
    try {
      const { enrollment } = await this.api.enroll();
      this.show({ dialog: "add", enrollment });
    } catch (error) {
      await this.refuse(error);
    }
  };

  private added = (): void => {
    this.adding = false;
  };

  private enrolled = (event: CustomEvent<Confirmed>): void => {
    const { authenticator, backup_codes } = event.detail;
    this.close();
    this.adding = false;
    this.tell({ message: words.authenticators.ready(authenticator.name), backupCodes: backup_codes });
  };

  private rename = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (this.open?.dialog !== "rename") return;
    const { id } = this.open.authenticator;
    const name = input(this.renderRoot, "name").value.trim();
    if (!name) {
      this.error = words.common.nameIt;
    } else if (this.me.authenticators.some((other) => other.id !== id && isLike(other.name, name))) {
      this.error = words.authenticators.nameTaken;
    } else if (await this.change(() => this.api.rename(id, name), words.authenticators.renamed(name))) {
      this.close();
    }
  };

  private unbind = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (this.open?.dialog !== "remove") return;
    const { id, name } = this.open.authenticator;
    const last = this.me.authenticators.length === 1;
    const password = last && this.me.has_password ? input(this.renderRoot, "password").value : undefined;
    if (password === "") {
      this.error = words.common.enterPassword;
      return;
    }
    const remove = () => (last ? this.api.removeLast(id, password) : this.api.remove(id));
    if (await this.change(remove, words.authenticators.removed(name), "password")) this.close();
  };

  /** The first name of its kind that is not taken. */
  private suggestion(): string {
    const taken = new Set(this.me.authenticators.map(({ name }) => name));
    for (let count = 1; ; count += 1) {
      const name = count === 1 ? words.enroll.suggestion : words.enroll.suggestionAgain(count);
      if (!taken.has(name)) return name;
    }
  }
}

/** As the server compares names. */
function isLike(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** `Passkey in 1Password`; nothing where the name says it already. */
function kind({ kind, provider, name }: Authenticator): string | undefined {
  const { app, passkey, passkeyIn } = words.authenticators;
  if (kind !== "passkey") return app;
  if (provider && provider !== name) return passkeyIn(provider);
  return name === passkey ? undefined : passkey;
}
