// <postern-recovery>: what is left to do after a sign-in by backup code. Stays until it is done: the server knows when a
// code of the set alive was used, and a new set ends that.

import { css, html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import type { Me } from "./api";
import { Part, partStyles } from "./part";
import { all } from "./words/formats";
import { words } from "./words/security";

@customElement("postern-recovery")
export class PosternRecovery extends Part {
  /** Whether the person said that nothing is lost. */
  @state() private kept = false;

  static override styles = [
    ...partStyles,
    css`
      :host {
        padding-block: 2.25rem;
        border-top: 1px solid var(--line);
      }
      ol {
        display: grid;
        gap: 0.75rem;
        margin-top: 1rem;
      }
      li {
        display: grid;
        grid-template-columns: 1.5rem minmax(0, 1fr);
        gap: 0.25rem 0.75rem;
      }
      .box {
        width: 1.25rem;
        height: 1.25rem;
        margin-top: 0.125rem;
        border: 1.5px solid currentColor;
        border-radius: 0.25rem;
        line-height: 1;
        text-align: center;
      }
      .done {
        text-decoration: line-through;
        text-decoration-thickness: 1px;
      }
      h2 {
        font-size: 1.25rem;
      }
      .note {
        padding: 1.25rem;
      }
      .note :is(button.link) {
        color: inherit;
      }
    `,
  ];

  override render() {
    const { usedAt, added, unseen } = recovery(this.me);
    const names = unseen.map(({ name }) => words.recovery.quoted(name));
    const removed = unseen.length === 0 || this.kept;
    return html`<div class="note warn">
      <h2>${words.recovery.heading}</h2>
      <ol>
        ${step(added, words.recovery.add)}
        ${step(
          removed,
          removed
            ? words.recovery.remove
            : html`${words.recovery.unseen(all(names), names.length)}
                <button class="link" type="button" @click=${() => (this.kept = true)}>
                  ${words.recovery.nothingLost}
                </button>`,
        )}
        ${step(
          false,
          added
            ? html`${words.recovery.makeCodes}
                <button class="link" type="button" @click=${() => this.keep(usedAt)}>
                  ${words.recovery.keepCodes}
                </button>`
            : words.recovery.makeCodesLater,
        )}
      </ol>
    </div>`;
  }

  private keep(usedAt: number): void {
    try {
      localStorage.setItem(KEPT, String(usedAt));
    } catch {
      // It is asked again on the next visit.
    }
    this.dispatchEvent(new CustomEvent("postern-stale", { bubbles: true, composed: true }));
  }
}

/** Whether a backup code was used and not everything is put in order since. */
export function isRecovering(me: Me): boolean {
  const { usedAt } = recovery(me);
  return usedAt > 0 && me.policy.mode !== "off" && (me.session.restricted || usedAt !== kept());
}

function recovery({ authenticators, backup_codes, session }: Me) {
  const usedAt = backup_codes?.last_used_at ?? 0;
  const since = (at: number | null | undefined) => at != null && at >= usedAt;
  const unseen = authenticators.filter((one) => !since(one.created_at) && !since(one.last_used_at));
  return { usedAt, unseen, added: !session.restricted };
}

function kept(): number {
  try {
    return Number(localStorage.getItem(KEPT));
  } catch {
    return 0;
  }
}

function step(done: boolean, what: unknown) {
  return html`<li>
    <span class="box" aria-hidden="true">${done ? "✓" : nothing}</span>
    <span class=${done ? "done" : ""}
      >${done ? html`<span class="visually-hidden">${words.recovery.done}</span>` : nothing}${what}</span
    >
  </li>`;
}

/** Since when a used code is no matter any more, in this browser. */
const KEPT = "postern.codes-kept";
