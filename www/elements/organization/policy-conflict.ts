// <postern-policy-conflict>: another person saved a policy meanwhile. Shows their changes beside one's own, and lets one
// choose where both changed the same. Tells `policy-merged` with the policy that comes of it, or `policy-left`.

import { LitElement, css, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { closeDialog, modal } from "../modal";
import { controls, dialogs, theme } from "../styles";
import { words } from "../words";
import type { Policy } from "./api";
import { changeStyles, changes } from "./policy-changes";
import { choiceStyles, oneOption } from "./policy-choice";
import { differences, merge, taking, type Matter } from "./policy-draft";
import { titleOf, valueOf } from "./policy-text";

@customElement("postern-policy-conflict")
export class PosternPolicyConflict extends LitElement {
  /** What both began from. */
  @property({ attribute: false }) base!: Policy;
  @property({ attribute: false }) mine!: Policy;
  @property({ attribute: false }) theirs!: Policy;
  /** The matters in which theirs holds. */
  @state() private taken = new Set<Matter>();
  private done = false;

  static override styles = [
    theme,
    controls,
    dialogs,
    choiceStyles,
    changeStyles,
    css`
      dialog {
        width: min(100% - 2rem, 34rem);
      }
      .both {
        padding-block: 0.75rem;
        border-top: 1px solid var(--line);
      }
      .both legend {
        float: inline-start;
        font-weight: 600;
      }
      .both legend + * {
        clear: both;
        margin-top: 0.25rem;
      }
      section {
        display: grid;
        gap: 0.5rem;
      }
    `,
  ];

  override render() {
    const { conflict: text } = words.policy;
    const { both, theirs, merged } = merge(this.base, this.mine, this.theirs);
    const nothingLeft = differences(this.theirs, merged).length === 0;
    return html`<dialog ${modal()} aria-labelledby="heading" @close=${this.closed}>
      <form class="stack" @submit=${this.goOn}>
        <h2 id="heading" tabindex="-1" data-first>${text.title}</h2>
        <p>${nothingLeft ? text.same : text.more}</p>
        ${
          both.length === 0
            ? nothing
            : html`<section>
                <h3>${text.both}</h3>
                ${both.map((matter) => this.either(matter))}
              </section>`
        }
        ${
          theirs.length === 0
            ? nothing
            : html`<section>
                <h3>${text.theirs}</h3>
                ${changes(theirs, this.base, this.theirs)}
              </section>`
        }
        <div class="actions">
          <button type="button" @click=${closeDialog}>${words.frame.cancel}</button>
          <button class="primary">${nothingLeft ? words.frame.close : text.goOn}</button>
        </div>
      </form>
    </dialog>`;
  }

  private either(matter: Matter) {
    const { conflict: text } = words.policy;
    const of = {
      id: matter.replace(/\W/g, "-"),
      value: this.taken.has(matter) ? ("theirs" as const) : ("mine" as const),
      choose: (value: "mine" | "theirs") => {
        const taken = new Set(this.taken);
        if (value === "theirs") taken.add(matter);
        else taken.delete(matter);
        this.taken = taken;
      },
    };
    return html`<fieldset class="both">
      <legend>${titleOf(matter)}</legend>
      <div class="options">
        ${oneOption(of, { value: "mine", label: text.mine, more: valueOf(matter, this.mine) })}
        ${oneOption(of, { value: "theirs", label: text.their, more: valueOf(matter, this.theirs) })}
      </div>
    </fieldset>`;
  }

  private goOn = (event: Event): void => {
    event.preventDefault();
    this.done = true;
    this.renderRoot.querySelector("dialog")?.close();
  };

  private closed = (): void => {
    if (!this.done) {
      this.dispatchEvent(new CustomEvent("policy-left"));
      return;
    }
    let { merged: detail } = merge(this.base, this.mine, this.theirs);
    for (const matter of this.taken) detail = taking(detail, matter, this.theirs);
    this.dispatchEvent(new CustomEvent<Policy>("policy-merged", { detail }));
  };
}
