// <postern-policy>: what the policy does today, the form that changes it, whom that affects, and what one person would
// be asked. Owners change it; admins look. A draft is kept in this tab until it is saved or discarded.

import { css, html, nothing, type PropertyValues } from "lit";
import { customElement, state } from "lit/decorators.js";
import { OrganizationPart } from "./part";
import "./policy-conflict";
import "./policy-form";
import "./policy-preview";
import "./policy-review";
import "./policy-try";
import { controls, theme } from "../styles";
import { now } from "../time";
import { number, words } from "../words";
import { OrganizationApi, type Facts, type Policy } from "./api";
import { complete, differences, problems, same, type Matter, type ProblemName } from "./policy-draft";
import type { Engine } from "./policy-engine";
import type { PosternPolicyForm } from "./policy-form";
import { keep, kept } from "./policy-kept";
import type { Stored } from "./policy-review";
import { summary } from "./policy-text";

@customElement("postern-policy")
export class PosternPolicy extends OrganizationPart {
  /** The policy that the draft began from. */
  @state() private inForce: Stored | undefined;
  @state() private draft!: Policy;
  /** What another person saved meanwhile. */
  @state() private theirs: Stored | undefined;
  @state() private reviewing = false;
  @state() private restored = false;
  @state() private facts: Facts | undefined;
  @state() private engine: Engine | undefined;
  @state() private blind = false;
  /** In one sentence, whom the draft affects. */
  @state() private affected = "";

  static override styles = [
    theme,
    controls,
    css`
      .today {
        display: grid;
        gap: 0.75rem;
        padding-block: 2.5rem 2.25rem;
      }
      h1 {
        max-width: 22em;
        font-size: clamp(1.75rem, 1.3rem + 2vw, 2.5rem);
      }
      .note {
        justify-self: start;
        margin-top: 0.5rem;
      }
      .page {
        display: grid;
        grid-template-columns: minmax(0, 1fr) 18.5rem;
        gap: 2.5rem 4rem;
        align-items: start;
      }
      .page.alone {
        grid-template-columns: minmax(0, 40rem);
      }
      .preview {
        position: sticky;
        top: 1.5rem;
        max-height: calc(100dvh - 7rem);
        overflow-y: auto;
        padding: 1.5rem;
        border: 1px solid var(--line);
        border-radius: calc(var(--radius) * 1.5);
        background: var(--surface);
      }
      .try {
        grid-column: 1;
        max-width: 28rem;
        padding-block: 0.5rem 2rem;
      }
      .bar {
        position: sticky;
        bottom: 0;
        z-index: 1;
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem 1.5rem;
        align-items: center;
        justify-content: space-between;
        margin-top: 2rem;
        padding-block: 0.875rem;
        border-top: 1px solid var(--edge);
        background: var(--paper);
      }
      .bar p {
        flex: 1 1 12rem;
      }
      .failed {
        display: grid;
        gap: 1rem;
        justify-items: start;
        padding-block: 3rem;
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
        width: 60%;
        height: 2.5rem;
        margin-bottom: 1.5rem;
      }
      @media (max-width: 52rem) {
        .today {
          padding-block: 1.75rem;
        }
        .page {
          grid-template-columns: minmax(0, 1fr);
        }
        .preview {
          position: static;
          max-height: none;
        }
        .bar .row {
          flex: 1 1 auto;
          justify-content: end;
        }
      }
      /* Where there is little height, such as at 200 % zoom, it waits at the end of the page. */
      @media (max-height: 30rem) {
        .bar {
          position: static;
        }
      }
      @media print {
        .bar {
          display: none;
        }
        .page {
          display: block;
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener("beforeunload", this.guard);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener("beforeunload", this.guard);
  }

  override willUpdate(changed: PropertyValues<this>): void {
    const first = changed.has("me") && changed.get("me") === undefined;
    if (first && this.me) void this.load();
  }

  override render() {
    if (!this.inForce) return this.error ? this.withheld() : BONES;
    const { policy } = this.inForce;
    const wrong = problems(this.draft, policy, now());
    const { first, more } = summary(policy, now());
    return html`
      <div class="today">
        <h1 tabindex="-1">${first}</h1>
        ${more ? html`<p class="muted">${more}</p>` : nothing}
        ${this.owner ? nothing : html`<p class="note">${words.policy.readOnly}</p>`}
      </div>
      <div class="page ${this.owner ? "" : "alone"}">
        <postern-policy-form
          .policy=${this.draft}
          .problems=${wrong}
          .groups=${this.groups()}
          .surfaces=${this.facts?.surfaces ?? []}
          ?disabled=${!this.owner}
          @policy-draft=${this.edit}
        ></postern-policy-form>
        ${this.owner ? this.preview(wrong) : nothing} ${this.trying(wrong)}
      </div>
      ${this.bar(wrong)} ${this.dialog()}
    `;
  }

  private preview(wrong: Map<Matter, ProblemName>) {
    return html`<postern-policy-preview
      class="preview"
      .engine=${this.engine}
      ?failed=${this.blind}
      .unreadable=${this.facts?.unreadable ?? 0}
      .inForce=${this.inForce?.policy}
      .draft=${this.draft}
      ?valid=${wrong.size === 0}
      @policy-retry=${this.see}
      @policy-previewed=${(event: CustomEvent<string>) => (this.affected = event.detail)}
    ></postern-policy-preview>`;
  }

  private trying(wrong: Map<Matter, ProblemName>) {
    if (!this.engine) return nothing;
    return html`<postern-policy-try
      class="try"
      .engine=${this.engine}
      .inForce=${this.inForce?.policy}
      .draft=${this.draft}
      .surfaces=${this.facts?.surfaces ?? []}
      ?valid=${wrong.size === 0}
    ></postern-policy-try>`;
  }

  /** What is not saved yet, within reach wherever one is on the page. */
  private bar(wrong: Map<Matter, ProblemName>) {
    const { bar: text } = words.policy;
    const count = this.changed().length;
    if (count === 0) return nothing;
    return html`<div class="bar">
      <p>
        ${
          wrong.size > 0
            ? html`<span class="error">${text.fix(wrong.size, number(wrong.size))}</span>`
            : text.changes(count, number(count))
        }
        ${this.affected ? html`<br /><span class="small muted">${this.affected}</span>` : nothing}
        ${this.restored ? html`<br /><span class="small muted">${text.restored}</span>` : nothing}
      </p>
      <div class="row">
        <button type="button" @click=${this.discard}>${text.discard}</button>
        <button class="primary" type="button" @click=${() => this.review(wrong)}>${text.review}</button>
      </div>
    </div>`;
  }

  private dialog() {
    if (this.theirs) {
      return html`<postern-policy-conflict
        .base=${this.inForce?.policy}
        .mine=${this.draft}
        .theirs=${this.theirs.policy}
        @policy-merged=${this.merge}
        @policy-left=${() => (this.theirs = undefined)}
      ></postern-policy-conflict>`;
    }
    if (!this.reviewing) return nothing;
    return html`<postern-policy-review
      .api=${this.api}
      .me=${this.me}
      .inForce=${this.inForce}
      .draft=${this.draft}
      affected=${this.affected}
      @policy-saved=${this.saved}
      @policy-conflict=${this.conflict}
      @policy-left=${() => (this.reviewing = false)}
    ></postern-policy-review>`;
  }

  private withheld() {
    return html`<div class="failed" role="alert">
      <h1>${words.policy.unavailable}</h1>
      <p class="muted">${this.error}</p>
      <button type="button" @click=${this.load}>${words.frame.tryAgain}</button>
    </div>`;
  }

  private get owner(): boolean {
    return this.me.user.role === "owner";
  }

  /** Those that people are in, in the order of the alphabet. */
  private groups(): string[] {
    return [...new Set(this.facts?.people.flatMap(({ facts }) => facts.groups ?? []))].sort();
  }

  private changed(): Matter[] {
    return this.inForce ? differences(this.inForce.policy, this.draft) : [];
  }

  private load = async (): Promise<void> => {
    this.error = undefined;
    const seen = this.see();
    try {
      const { policy, version } = await new OrganizationApi(this.api, this.me).policy();
      const stored = { policy: complete(policy), version };
      const own = this.owner ? kept(this.me) : undefined;
      this.inForce = own?.base ?? stored;
      this.draft = own ? complete(own.draft) : stored.policy;
      this.restored = own !== undefined;
      if (own && own.base.version !== version) this.theirs = stored;
    } catch (error) {
      await this.refuse(error);
    }
    await seen;
  };

  /** Brings what previews need. */
  private see = async (): Promise<void> => {
    this.blind = false;
    try {
      const [facts, { Engine }] = await Promise.all([
        new OrganizationApi(this.api, this.me).facts(),
        import("./policy-engine"),
      ]);
      this.facts = facts;
      this.engine = await Engine.over(facts.people);
    } catch {
      // Also where wasm is switched off: the policy can be changed all the same.
      this.blind = true;
    }
  };

  private edit = (event: CustomEvent<Policy>): void => {
    this.take(complete(event.detail));
  };

  private take(draft: Policy): void {
    const base = this.inForce;
    if (!base) return;
    this.draft = draft;
    keep(this.me, same(base.policy, draft) ? undefined : { base, draft });
  }

  private discard = (): void => {
    this.restored = false;
    if (this.inForce) this.take(this.inForce.policy);
    this.toTop();
  };

  private review(wrong: Map<Matter, ProblemName>): void {
    if (wrong.size === 0) this.reviewing = true;
    else this.renderRoot.querySelector<PosternPolicyForm>("postern-policy-form")?.focusProblem();
  }

  private saved = (event: CustomEvent<Stored>): void => {
    this.reviewing = this.restored = false;
    this.inForce = event.detail;
    this.take(event.detail.policy);
    this.tell({ message: words.policy.review.saved });
    this.toTop();
  };

  private conflict = (event: CustomEvent<Stored>): void => {
    this.reviewing = false;
    this.theirs = event.detail;
  };

  private merge = (event: CustomEvent<Policy>): void => {
    this.inForce = this.theirs;
    this.theirs = undefined;
    this.take(event.detail);
    if (this.changed().length > 0) this.reviewing = true;
    else this.toTop();
  };

  private toTop(): void {
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>("h1")?.focus());
  }

  private guard = (event: BeforeUnloadEvent): void => {
    if (this.changed().length > 0) event.preventDefault();
  };
}

/** The shape of a page that comes. */
const BONES = html`<div class="bones" role="status" aria-label=${words.frame.loading}>
  <span></span><span></span><span></span><span></span>
</div>`;
