// <postern-security>: everything a person keeps here, on one page. Loads once, again after each change.
// Tells its page `postern-signed-in` when there is a session, `postern-signed-out` when there is none (any more), and
// `postern-let-in` when a person without an authenticator has added one and kept the backup codes.

import { LitElement, css, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "./account";
import "./activity";
import "./authenticators";
import "./backup-code-set";
import "./backup-codes";
import "./devices";
import { isRecovering } from "./recovery";
import "./step-up";
import "./toast";
import { Api, type Me, type OpenSession, Problem, type Purpose, type SessionAnswer } from "./api";
import { say } from "./messages";
import { modal } from "./modal";
import type { Change } from "./part";
import { signalAccount } from "./passkey-signals";
import { controls, dialogs, theme } from "./styles";
import type { PosternStepUp } from "./step-up";
import type { PosternToast } from "./toast";
import { moment } from "./words/formats";
import { words } from "./words/security";

@customElement("postern-security")
export class PosternSecurity extends LitElement {
  @property({ attribute: false }) api = new Api();
  @state() private me: Me | undefined;
  /** Undefined where the server does not answer for sessions; it then has no step-up either. */
  @state() private sessions: OpenSession[] | undefined;
  @state() private fresh: { codes: string[]; news: string } | undefined;
  /** Who is signed in, also where nothing else may be shown. */
  private who: Pick<SessionAnswer, "username" | "organization"> | undefined;
  /** Why there is nothing to show. */
  @state() private obstacle: unknown;
  /** Whether there was no authenticator yet. */
  private hadNone = false;
  /** One question at a time, whoever needs the answer. */
  private asking: Promise<boolean> | undefined;

  static override styles = [
    theme,
    controls,
    dialogs,
    css`
      .top {
        display: flex;
        gap: 1rem;
        align-items: center;
        justify-content: space-between;
        padding-block: 1.25rem;
      }
      .top button {
        flex: none;
      }
      .top a {
        margin-inline-start: auto;
        color: var(--accent);
        text-underline-offset: 0.2em;
      }
      .who {
        min-width: 0;
        overflow-wrap: anywhere;
      }
      .state {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: 1.5rem 2rem;
        align-items: end;
        padding-block: 2.5rem 2.75rem;
      }
      /* Where no part of the page draws the line that it stands on. */
      .state:last-child {
        border-bottom: 1px solid var(--line);
      }
      .state .words {
        display: grid;
        gap: 0.75rem;
      }
      h1 {
        max-width: 16em;
        font-size: clamp(2rem, 1.4rem + 2.6vw, 3rem);
      }
      .arch {
        width: 5.5rem;
        height: auto;
        margin-bottom: -2.75rem;
        color: var(--edge);
      }
      .arch .inner {
        color: var(--accent);
      }
      .state .note {
        justify-self: start;
        margin-top: 0.5rem;
      }
      @media (max-width: 46rem) {
        .state {
          padding-block: 1.5rem 2rem;
        }
        .arch {
          width: 4rem;
          margin-bottom: -2rem;
        }
      }
      /* On paper the codes stand alone. */
      @media print {
        :host([shows-codes]) :is(.top, .state, .parts) {
          display: none;
        }
        dialog {
          position: static;
          margin: 0;
          max-width: none;
          width: 100%;
          max-height: none;
          border: 0;
          box-shadow: none;
        }
        dialog::backdrop,
        dialog h2 {
          display: none;
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.api.stepUp = (purpose) =>
      (this.asking ??= this.stepUp(purpose).finally(() => (this.asking = undefined)));
    void this.load();
  }

  override render() {
    return html`
      <div @postern-changed=${this.changed} @postern-stale=${this.load} @postern-signed-out=${this.load}>
        ${this.me ? this.account(this.me) : this.obstacle ? this.withheld() : html`<p class="state muted" role="status">${words.common.oneMoment}</p>`}
      </div>
      ${this.fresh ? this.codes(this.fresh) : nothing}
      <postern-step-up .api=${this.api}></postern-step-up>
      <postern-toast></postern-toast>
    `;
  }

  /** Shown now or never, whether or not the account can be. */
  private codes({ codes, news }: { codes: string[]; news: string }) {
    return html`<dialog
      ${modal()}
      aria-labelledby="fresh-heading"
      closedby="none"
      @cancel=${(event: Event) => event.preventDefault()}
      @close=${this.savedCodes}
    >
      <div class="stack">
        <h2 id="fresh-heading" tabindex="-1" data-first>${words.security.saveCodes}</h2>
        <p class="muted" role="status">${news}</p>
        <postern-backup-codes
          .codes=${codes}
          account=${this.me?.user.username ?? ""}
          organization=${this.me?.organization.name ?? ""}
          @postern-saved=${this.keepCodes}
        ></postern-backup-codes>
      </div>
    </dialog>`;
  }

  /** What stands between a session and the account. */
  private withheld() {
    const code = this.obstacle instanceof Problem ? this.obstacle.code : "";
    if (code === "enrollment_required") {
      return html`
        <div class="top">
          <p class="who">
            ${this.who ? html`<strong>${this.who.username}</strong> <span class="muted">${words.common.at(this.who.organization.name)}</span>` : nothing}
          </p>
          <button class="small" type="button" @click=${this.signOut}>${words.common.signOut}</button>
        </div>
        <div class="state">
          <div class="words">
            <h1>${words.security.addFirst}</h1>
            <p class="muted">
              ${words.security.addFirstMore(this.who?.organization.name ?? words.security.yourOrganization)}
            </p>
          </div>
          ${arch(false)}
        </div>
        <div class="parts">
          <postern-authenticators .api=${this.api} .me=${NOTHING_YET}></postern-authenticators>
        </div>
      `;
    }
    const proof = code === "step_up_required";
    return html`<div class="top">
        <span></span>
        <button class="small" type="button" @click=${this.signOut}>${words.common.signOut}</button>
      </div>
      <div class="state">
        <div class="words" role="alert">
          <h1>${proof ? words.security.proveFirst : words.security.unavailable}</h1>
          <p class="muted">${proof ? words.security.proveFirstMore : say(this.obstacle)}</p>
          <p class="row">
            <button class=${proof ? "primary" : ""} type="button" @click=${this.load}>
              ${proof ? words.common.goOn : words.common.tryAgain}
            </button>
          </p>
        </div>
        ${arch(false)}
      </div>`;
  }

  private account(me: Me) {
    const { user, organization, session } = me;
    const account = this.sessions !== undefined;
    const recovering = isRecovering(me);
    return html`
      <div class="top">
        <p class="who">
          <strong>${user.name ?? user.username}</strong>
          <span class="muted">${words.common.at(organization.name)}</span>
        </p>
        ${user.role === "member" ? nothing : html`<a href="/overview">${words.security.organization}</a>`}
        <button class="small" type="button" @click=${this.signOut}>${words.common.signOut}</button>
      </div>
      <div class="state">
        <div class="words">
          <h1>${headline(me)}</h1>
          <p class="muted">${words.security.signedInAs(user.username)}</p>
          ${
            me.policy.enroll_by && !recovering
              ? html`<p class="note warn">
                  ${words.security.enrollBy(moment(me.policy.enroll_by), organization.name)}
                </p>`
              : nothing
          }
        </div>
        ${arch(me.authenticators.length > 0 && me.policy.mode !== "off")}
      </div>
      <div class="parts">
        ${
          this.obstacle
            ? html`<p class="note warn" role="status">
                ${words.security.outOfDate} ${say(this.obstacle)}
                <button class="link" type="button" @click=${this.load}>${words.security.lookAgain}</button>
              </p>`
            : nothing
        }
        ${recovering ? html`<postern-recovery .api=${this.api} .me=${me}></postern-recovery>` : nothing}
        <postern-authenticators .api=${this.api} .me=${me} ?recovering=${recovering}></postern-authenticators>
        <postern-backup-code-set
          .api=${this.api}
          .me=${me}
          ?renewable=${account && !session.restricted && me.policy.mode !== "off"}
          ?recovering=${recovering}
          ?showing=${this.fresh !== undefined}
        ></postern-backup-code-set>
        <postern-devices .api=${this.api} .me=${me} .sessions=${this.sessions}></postern-devices>
        ${account && !recovering ? html`<postern-account .api=${this.api} .me=${me}></postern-account>` : nothing}
        ${account ? html`<postern-activity .api=${this.api} .me=${me}></postern-activity>` : nothing}
      </div>
    `;
  }

  override updated(): void {
    const shows = this.fresh !== undefined;
    this.toggleAttribute("shows-codes", shows);
    if (shows) addEventListener("beforeunload", warn);
    else removeEventListener("beforeunload", warn);
  }

  /** Brings the page up to date, unless a dialog is open that has to do with how things were. */
  look(): void {
    if (!this.asking && !this.fresh) void this.load();
  }

  private load = async (): Promise<void> => {
    try {
      if (!this.me) {
        const answer = await this.api.session();
        this.who = answer;
        this.api.freshUntil = answer.session.fresh_until_at;
        if (answer.session.enrolling) throw new Problem("enrollment_required", 403);
      }
      const [me, sessions] = await Promise.all([this.api.me(), this.loadSessions()]);
      this.me = me;
      this.api.freshUntil = me.session.fresh_until_at;
      this.sessions = sessions;
      this.hadNone ||= me.authenticators.length === 0;
      this.obstacle = undefined;
      signalAccount(me);
      this.tell("postern-signed-in");
    } catch (error) {
      const code = error instanceof Problem ? error.code : "";
      if (code === "unauthenticated") return this.signedOut();
      if (WITHHELD.has(code)) {
        this.me = undefined;
        this.tell("postern-signed-in");
      }
      this.hadNone ||= code === "enrollment_required";
      this.obstacle = error;
    }
  };

  private async stepUp(purpose: Purpose): Promise<boolean> {
    return (await this.renderRoot.querySelector<PosternStepUp>("postern-step-up")?.ask(purpose)) ?? false;
  }

  /** Whatever stands in the way of this list must not take the page with it. */
  private async loadSessions(): Promise<OpenSession[] | undefined> {
    try {
      return (await this.api.sessions()).sessions;
    } catch {
      return undefined;
    }
  }

  private changed = (event: CustomEvent<Change>): void => {
    const { message, backupCodes } = event.detail;
    // A dialog follows, which says it too.
    if (backupCodes) this.fresh = { codes: backupCodes.codes, news: message };
    else this.renderRoot.querySelector<PosternToast>("postern-toast")?.show(message);
    void this.load();
  };

  private keepCodes = async (): Promise<void> => {
    // Not known to be saved is said on the page, should this fail.
    await this.api.backupCodesSaved().catch(() => undefined);
    await this.load();
    this.savedCodes();
  };

  private savedCodes = (): void => {
    const dialog = this.renderRoot.querySelector<HTMLDialogElement>("dialog[open]");
    if (dialog) return dialog.close();
    this.fresh = undefined;
    removeEventListener("beforeunload", warn);
    if (this.hadNone) this.tell("postern-let-in");
    this.hadNone = false;
  };

  private signOut = async (): Promise<void> => {
    try {
      await this.api.signOut();
      this.signedOut();
    } catch (error) {
      if (error instanceof Problem && error.code === "unauthenticated") this.signedOut();
      else this.renderRoot.querySelector<PosternToast>("postern-toast")?.show(say(error));
    }
  };

  /** Nothing of this person stays for the next. */
  private signedOut(): void {
    this.me = this.who = this.sessions = this.fresh = this.obstacle = undefined;
    this.hadNone = false;
    this.tell("postern-signed-out");
  }

  private tell(what: string): void {
    this.dispatchEvent(new CustomEvent(what, { bubbles: true, composed: true }));
  }
}

/** Codes that were not saved are lost with the page. */
function warn(event: Event): void {
  event.preventDefault();
}

/** What the policy says to a session that is no longer enough. */
const WITHHELD = new Set(["enrollment_required", "step_up_required"]);

/** All that is known of somebody who may only enroll. */
const NOTHING_YET: Pick<Me, "authenticators" | "organization" | "policy"> = {
  authenticators: [],
  organization: { id: "", name: "" },
  policy: { mode: "required" },
};

function headline({ authenticators, policy, has_password, session }: Me): string {
  const { headline } = words.security;
  if (session.restricted && policy.mode !== "off") return headline.byBackupCode;
  if (policy.mode === "off") return headline.off;
  if (authenticators.length > 0) return headline.twoSteps;
  return has_password ? headline.onlyPassword : headline.oneStep;
}

/** The outer gate is the password; the inner one is there when a second step is. */
function arch(inner: boolean) {
  return html`<svg
    class="arch"
    viewBox="0 0 88 104"
    fill="none"
    stroke="currentColor"
    stroke-width="2"
    aria-hidden="true"
  >
    <path d="M3 104V44a41 41 0 0 1 82 0v60"></path>
    <path
      class="inner"
      stroke="currentColor"
      d=${inner ? "M19 104V46a25 25 0 0 1 50 0v58M44 104V21" : ""}
    ></path>
  </svg>`;
}
