// <postern-policy-preview>: whom a draft affects, how, and from when, with names where they are wanted. Tells
// `policy-previewed` in one sentence.

import { LitElement, css, html, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { controls, theme } from "../styles";
import { now } from "../time";
import { moment, number, words } from "../words";
import type { Policy } from "./api";
import { same } from "./policy-draft";
import type { Effect, Engine, Preview } from "./policy-engine";

/** Names shown at a time. */
const PORTION = 20;

@customElement("postern-policy-preview")
export class PosternPolicyPreview extends LitElement {
  @property({ attribute: false }) engine: Engine | undefined;
  /** Whether it cannot be had. */
  @property({ type: Boolean }) failed = false;
  /** How many people it leaves out. */
  @property({ type: Number }) unreadable = 0;
  @property({ attribute: false }) inForce!: Policy;
  @property({ attribute: false }) draft!: Policy;
  /** Whether the draft is one that could be saved. */
  @property({ type: Boolean }) valid = true;
  @state() private preview: Preview | undefined;
  /** How many names of an effect are shown. */
  @state() private shown = new Map<string, number>();
  /** The moment of the preview: effects are of it. */
  private at = 0;
  /** What the page was told. */
  private told = "";

  static override styles = [
    theme,
    controls,
    css`
      :host {
        display: grid;
        gap: 1rem;
        align-content: start;
      }
      li {
        display: grid;
        grid-template-columns: 3rem minmax(0, 1fr);
        gap: 0 0.75rem;
        align-items: baseline;
        padding-block: 0.875rem;
        border-top: 1px solid var(--line);
      }
      .count {
        font: 500 1.625rem/1.1 var(--serif);
        font-variant-numeric: tabular-nums;
      }
      .count.long {
        font-size: 1.125rem;
      }
      li:last-child {
        padding-bottom: 0;
      }
      .from {
        display: block;
      }
      .from:empty {
        display: none;
      }
      .names {
        grid-column: 2;
        justify-self: start;
        min-width: 0;
      }
      .names ul {
        padding-top: 0.25rem;
        font-size: 0.9375rem;
      }
      .names li {
        display: block;
        padding: 0.125rem 0;
        border: 0;
        overflow-wrap: anywhere;
      }
      @media print {
        .names {
          display: none;
        }
      }
    `,
  ];

  override willUpdate(changed: PropertyValues<this>): void {
    const asked = ["engine", "inForce", "draft", "valid"] as const;
    if (!asked.some((name) => changed.has(name))) return;
    this.shown = new Map();
    this.preview = undefined;
    if (!this.engine || !this.valid || same(this.inForce, this.draft)) return;
    this.at = now();
    try {
      this.preview = this.engine.preview(this.inForce, this.draft, this.at);
    } catch {
      this.preview = undefined;
    }
  }

  override updated(): void {
    const detail = this.preview ? this.summary() : "";
    if (detail === this.told) return;
    this.told = detail;
    this.dispatchEvent(new CustomEvent<string>("policy-previewed", { detail }));
  }

  override render() {
    const { preview: text } = words.policy;
    const effects = this.preview?.effects ?? [];
    return html`
      <h2>${text.title}</h2>
      <p role="status" class=${effects.length > 0 ? "" : "muted"}>${this.summary()}</p>
      ${
        this.failed
          ? html`<div>
              <button class="small" type="button" @click=${this.retry}>${words.frame.tryAgain}</button>
            </div>`
          : nothing
      }
      ${
        effects.length > 0
          ? html`<ul>
              ${effects.map((effect) => this.effect(effect))}
            </ul>`
          : nothing
      }
      ${
        this.preview && this.unreadable > 0
          ? html`<p class="small muted">${text.unreadable(this.unreadable, number(this.unreadable))}</p>`
          : nothing
      }
    `;
  }

  /** In one sentence, read aloud at each change. */
  private summary(): string {
    const { preview: text } = words.policy;
    if (same(this.inForce, this.draft)) return text.none;
    if (!this.valid) return text.wrong;
    if (this.failed) return text.failed;
    if (!this.engine) return text.loading;
    if (!this.preview) return text.failed;
    const { affected, people } = this.preview;
    return affected === 0 ? text.nobody : text.affected(affected, number(affected), number(people));
  }

  private effect(effect: Effect) {
    const { preview: text } = words.policy;
    const later = effect.from > this.at;
    const count = number(effect.people);
    return html`<li>
      <span class="count ${count.length > 3 ? "long" : ""}">${count}</span>
      <span>
        ${text.effects[effect.change]?.(effect.people) ?? effect.change}
        <span class="from small muted">${this.from(effect, later)}</span>
      </span>
      ${this.names(effect)}
    </li>`;
  }

  /** What ends or stays so needs no day. */
  private from(effect: Effect, later: boolean): string {
    const { preview: text } = words.policy;
    if (later) return text.from(moment(effect.from));
    return ["enrolls", "asked", "prompted"].includes(effect.change) ? text.atOnce : "";
  }

  private names(effect: Effect) {
    const { preview: text } = words.policy;
    const key = keyOf(effect);
    const shown = this.shown.get(key) ?? 0;
    const show = () => (this.shown = new Map(this.shown).set(key, shown + PORTION));
    const left = effect.people - shown;
    const what = text.effects[effect.change]?.(effect.people) ?? "";
    if (shown === 0)
      return html`<div class="names">
        <button class="link" type="button" @click=${show}>
          ${text.show}<span class="visually-hidden">: ${what}</span>
        </button>
      </div>`;
    const names = this.engine?.named(this.inForce, this.draft, this.at, effect, shown) ?? [];
    return html`<div class="names">
      <ul aria-label=${what}>
        ${names.map((name) => html`<li>${name}</li>`)}
      </ul>
      ${
        left > 0
          ? html`<button class="link" type="button" @click=${show}>
              ${text.more(number(Math.min(left, PORTION)))}<span class="visually-hidden">: ${what}</span>
            </button>`
          : nothing
      }
    </div>`;
  }

  private retry = (): void => {
    this.dispatchEvent(new CustomEvent("policy-retry"));
  };
}

function keyOf({ change, from }: Effect): string {
  return `${change} ${from}`;
}
