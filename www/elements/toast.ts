// <postern-toast>: one short sentence about what just happened, read aloud too, gone after a while.

import { LitElement, css, html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { MODAL } from "./modal";
import { theme } from "./styles";

@customElement("postern-toast")
export class PosternToast extends LitElement {
  @state() private text = "";
  private timer: ReturnType<typeof setTimeout> | undefined;

  static override styles = [
    theme,
    css`
      :host {
        /* A popover, so that it shows above a dialog; this undoes the browser's look of one. */
        position: fixed;
        inset: auto 1rem 1.25rem;
        width: auto;
        height: auto;
        margin: 0;
        padding: 0;
        border: 0;
        background: none;
        overflow: visible;
        display: grid;
        place-items: center;
        pointer-events: none;
      }
      p {
        max-width: min(32rem, 100vw - 2rem);
        padding: 0.75rem 1.25rem;
        /* Seen where colors are the reader's own. */
        border: 1px solid transparent;
        border-radius: var(--radius);
        background: var(--ink);
        color: var(--paper);
        box-shadow: 0 0.5rem 1.5rem rgb(0 0 0 / 0.2);
      }
      @media print {
        :host {
          display: none;
        }
      }
    `,
  ];

  override render() {
    return html`<div role="status">${this.text ? html`<p>${this.text}</p>` : nothing}</div>`;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.popover = "manual";
    document.addEventListener(MODAL, this.hide);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener(MODAL, this.hide);
  }

  show(text: string): void {
    this.text = text;
    this.hidePopover();
    this.showPopover();
    clearTimeout(this.timer);
    this.timer = setTimeout(this.hide, 6000);
  }

  /** Also when a dialog opens, which would cover it. */
  private hide = (): void => {
    this.text = "";
  };
}
