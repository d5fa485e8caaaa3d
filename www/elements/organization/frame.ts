// <postern-organization>: what is around every page that owners and admins see. Finds out who is here, gives the page
// in it `.api` and `.me`, and shows why it cannot be shown otherwise. Tells the document `postern-signed-in` and
// `postern-signed-out`.

import { LitElement, css, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "../step-up";
import "../toast";
import { Api, type Me, Problem, type Purpose } from "../api";
import { say } from "../messages";
import type { Change, Part } from "../part";
import type { PosternStepUp } from "../step-up";
import { controls, theme } from "../styles";
import type { PosternToast } from "../toast";
import { words } from "../words";
import { words as shared } from "../words/sign-in";

export type PageName = "overview" | "people" | "policy" | "audit" | "settings";

const PAGES: PageName[] = ["overview", "people", "policy", "audit", "settings"];

@customElement("postern-organization")
export class PosternOrganization extends LitElement {
  /** The page that is shown. */
  @property() current: PageName = "overview";
  @state() private me: Me | undefined;
  /** Why there is nothing to show. */
  @state() private obstacle: unknown;
  private readonly api = new Api();
  /** One question at a time, whichever part needs the answer. */
  private asking: Promise<boolean> | undefined;

  static override styles = [
    theme,
    controls,
    css`
      .skip {
        position: absolute;
        inset-inline-start: -100vw;
      }
      .skip:focus {
        inset: 0.5rem auto auto 0.5rem;
        z-index: 1;
        background: var(--surface);
      }
      header {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: 0.25rem 1.5rem;
        align-items: center;
        padding-block: 1.25rem 0;
      }
      .organization {
        display: flex;
        gap: 0.625rem;
        align-items: center;
        min-width: 0;
        font: 500 1.125rem/1.2 var(--serif);
        overflow-wrap: anywhere;
      }
      .organization svg {
        flex: none;
        width: 1.125rem;
        height: auto;
        color: var(--accent);
      }
      .who {
        display: flex;
        flex-wrap: wrap;
        gap: 0.25rem 1rem;
        align-items: center;
        justify-content: end;
        font-size: 0.9375rem;
      }
      nav {
        grid-column: 1 / -1;
        border-bottom: 1px solid var(--line);
        overflow-x: auto;
        scrollbar-width: none;
      }
      nav ul {
        display: flex;
        gap: 1.75rem;
      }
      nav a {
        display: block;
        padding-block: 0.875rem 0.75rem;
        border-bottom: 2px solid transparent;
        color: var(--muted);
        text-decoration: none;
        white-space: nowrap;
      }
      nav a:hover {
        color: var(--ink);
      }
      nav a[aria-current] {
        border-color: var(--accent);
        color: var(--ink);
        font-weight: 500;
      }
      nav a:focus-visible {
        outline-offset: -2px;
      }
      a {
        color: var(--accent);
        text-underline-offset: 0.2em;
      }
      .withheld {
        display: grid;
        gap: 1rem;
        justify-items: start;
        max-width: 34rem;
        padding-block: 3rem;
      }
      .withheld h1 {
        font-size: clamp(1.75rem, 1.4rem + 1.6vw, 2.25rem);
      }
      .bones {
        display: grid;
        gap: 1rem;
        padding-block: 2.5rem;
      }
      .bones span {
        height: 1.25rem;
        border-radius: var(--radius);
        background: var(--sunken);
      }
      .bones span:first-child {
        width: 40%;
        height: 2.25rem;
        margin-bottom: 1rem;
      }
      @media (max-width: 40rem) {
        header {
          grid-template-columns: minmax(0, 1fr);
        }
        .who {
          justify-content: space-between;
        }
        .who .name {
          display: none;
        }
        nav ul {
          gap: 0.875rem;
          font-size: 0.9375rem;
        }
      }
      @media print {
        nav,
        .who {
          display: none;
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    document.title = `${words.frame[this.current]} · Postern`;
    this.api.stepUp = (purpose) =>
      (this.asking ??= this.stepUp(purpose).finally(() => (this.asking = undefined)));
    void this.load();
  }

  override render() {
    const held = this.obstacle !== undefined || !this.me;
    return html`
      <button class="skip" type="button" @click=${this.skip}>${words.frame.skip}</button>
      ${this.header()}
      <div
        id="page"
        tabindex="-1"
        @postern-changed=${this.changed}
        @postern-stale=${this.load}
        @postern-signed-out=${this.load}
      >
        ${this.obstacle ? this.withheld() : this.me ? nothing : BONES}
        <slot ?hidden=${held}></slot>
      </div>
      <postern-step-up .api=${this.api}></postern-step-up>
      <postern-toast></postern-toast>
    `;
  }

  /** Where not all pages have room, this one is seen. */
  override updated(): void {
    const current = this.renderRoot.querySelector<HTMLElement>("nav a[aria-current]");
    current?.closest("nav")?.scrollTo({ left: current.offsetLeft - innerWidth / 2 });
  }

  private header() {
    if (!this.me) return nothing;
    const { user, organization } = this.me;
    return html`<header>
      <p class="organization">${MARK}${organization.name}</p>
      <div class="who">
        <span class="name muted">${words.frame.signedInAs(user.name ?? user.username)}</span>
        <a href="/security">${words.frame.ownSecurity}</a>
        <button class="small" type="button" @click=${this.signOut}>${words.frame.signOut}</button>
      </div>
      ${
        user.role === "member"
          ? nothing
          : html`<nav aria-label=${words.frame.pages}>
              <ul>
                ${PAGES.map(
                  (page) =>
                    html`<li>
                      <a href="/${page}" aria-current=${page === this.current ? "page" : nothing}>
                        ${words.frame[page]}
                      </a>
                    </li>`,
                )}
              </ul>
            </nav>`
      }
    </header>`;
  }

  /** What stands between this person and the page. */
  private withheld() {
    const code = this.obstacle instanceof Problem ? this.obstacle.code : "";
    const { frame } = words;
    if (code === "forbidden") {
      return html`<div class="withheld">
        <h1>${frame.notForMembers}</h1>
        <p class="muted">${frame.notForMembersMore(this.me?.organization.name ?? "")}</p>
        <a class="button" href="/security">${frame.toSecurity}</a>
      </div>`;
    }
    if (code === "enrollment_required") {
      return html`<div class="withheld">
        <h1>${frame.enrollFirst}</h1>
        <p class="muted">${frame.enrollFirstMore}</p>
        <a class="button" href="/security?return=/${this.current}">${frame.toSecurity}</a>
      </div>`;
    }
    const proof = code === "step_up_required";
    return html`<div class="withheld" role="alert">
      <h1>${proof ? frame.proveFirst : frame.unavailable}</h1>
      <p class="muted">${proof ? frame.proveFirstMore : say(this.obstacle)}</p>
      <button class=${proof ? "primary" : ""} type="button" @click=${proof ? this.prove : this.load}>
        ${proof ? frame.goOn : frame.tryAgain}
      </button>
    </div>`;
  }

  /** The page itself: the one element in the slot. */
  private get page(): Part | null {
    return this.firstElementChild as Part | null;
  }

  private load = async (): Promise<void> => {
    try {
      if (!this.me) {
        const { session } = await this.api.session();
        if (session.enrolling) throw new Problem("enrollment_required", 403);
      }
      const me = await this.api.me();
      this.me = me;
      this.api.freshUntil = me.session.fresh_until_at;
      this.tell("postern-signed-in");
      if (me.user.role === "member") throw new Problem("forbidden", 403);
      if (me.authenticators.length === 0) throw new Problem("enrollment_required", 403);
      if (me.session.aal !== "aal2") throw new Problem("step_up_required", 403);
      this.obstacle = undefined;
      if (this.page) {
        this.page.api = this.api;
        this.page.me = me;
      }
    } catch (error) {
      if (error instanceof Problem && error.code === "unauthenticated") return this.signedOut();
      this.obstacle = error;
    }
  };

  private prove = async (): Promise<void> => {
    if (await this.api.stepUp?.({ to: shared.stepUp.purposes.goOn })) await this.load();
  };

  private async stepUp(purpose: Purpose): Promise<boolean> {
    return (await this.renderRoot.querySelector<PosternStepUp>("postern-step-up")?.ask(purpose)) ?? false;
  }

  private changed = (event: CustomEvent<Change>): void => {
    this.renderRoot.querySelector<PosternToast>("postern-toast")?.show(event.detail.message);
  };

  private skip = (): void => {
    this.renderRoot.querySelector<HTMLElement>("#page")?.focus();
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
    this.me = this.obstacle = undefined;
    this.page?.remove();
    this.tell("postern-signed-out");
  }

  private tell(what: string): void {
    this.dispatchEvent(new CustomEvent(what, { bubbles: true, composed: true }));
  }
}

/** The shape of a page that comes. */
const BONES = html`<div class="bones" role="status" aria-label=${words.frame.loading}>
  <span></span><span></span><span></span><span></span>
</div>`;

const MARK = html`<svg
  viewBox="0 0 88 104"
  fill="none"
  stroke="currentColor"
  stroke-width="7"
  aria-hidden="true"
>
  <path d="M4 104V44a40 40 0 0 1 80 0v60M24 104V46a20 20 0 0 1 40 0v58"></path>
</svg>`;
