// <postern-copy-button text="…">: puts a text on the clipboard and says that it did.

import { LitElement, html } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { controls, theme } from "./styles";
import { words } from "./words/sign-in";

@customElement("postern-copy-button")
export class PosternCopyButton extends LitElement {
  @property({ attribute: false }) text = "";
  @property() label = words.common.copy;
  @state() private outcome: string | undefined;

  static override styles = [theme, controls];

  override render() {
    return html`
      <button class="small" type="button" @click=${this.copy}>${this.outcome ?? this.label}</button>
      <span class="visually-hidden" role="status">${this.outcome ?? ""}</span>
    `;
  }

  private copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(this.text);
      this.outcome = words.common.copied;
    } catch {
      this.outcome = words.common.copyByHand;
    }
    setTimeout(() => {
      this.outcome = undefined;
    }, 2500);
  };
}
