// "This was not me", from the link of a notice. Opening the page does nothing, as programs that look through mail open
// every link: only the button does.

import { LitElement, html } from "lit";
import { customElement, state } from "lit/decorators.js";
import { Api, Problem } from "../elements/api";
import { say } from "../elements/messages";
import { controls, theme } from "../elements/styles";
import { words } from "../elements/words/mail";
import { linked } from "./linked";
import { left } from "./presence";
import { speak } from "./speak";
import { told } from "./told";

speak(words.notMe.title);

for (const { styleSheet } of [theme, controls]) if (styleSheet) document.adoptedStyleSheets.push(styleSheet);

@customElement("not-me-page")
export class NotMePage extends LitElement {
  private readonly api = new Api();
  private readonly token = linked();
  @state() private shown: "question" | "done" | "over" | "unreadable" = this.token
    ? "question"
    : "unreadable";
  @state() private error: string | undefined;
  @state() private busy = false;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override render() {
    switch (this.shown) {
      case "question":
        return this.question();
      case "done":
        return told(
          words.notMe.done,
          html`<p>${words.notMe.doneMore}</p>
            <ol class="listed">
              ${words.notMe.steps.map((step) => html`<li>${step}</li>`)}
            </ol>
            <a class="button wide" href="/sign-in">${words.notMe.signIn}</a>`,
        );
      case "over":
        return told(
          words.notMe.over,
          html`<p>${words.notMe.overMore}</p>
            <a class="button wide" href="/security">${words.notMe.toSecurity}</a>`,
        );
      case "unreadable":
        return told(words.notMe.unreadable, html`<p>${words.notMe.unreadableMore}</p>`);
    }
  }

  private question() {
    return told(
      words.notMe.title,
      html`<p>${words.notMe.lead}</p>
        <p>${words.notMe.happens}</p>
        <ul class="listed">
          ${words.notMe.effects.map((effect) => html`<li>${effect}</li>`)}
        </ul>
        <p>${words.notMe.stays}</p>
        <button class="primary wide" type="button" aria-busy=${this.busy} @click=${this.press}>
          ${words.notMe.button}
        </button>
        <p class="error" role="alert">${this.error}</p>`,
    );
  }

  private press = async (): Promise<void> => {
    if (this.busy) return;
    this.busy = true;
    this.error = undefined;
    try {
      await this.api.notMe(this.token);
      left();
      await this.show("done");
    } catch (error) {
      const code = error instanceof Problem ? error.code : "";
      if (code === "expired") await this.show("over");
      else if (code === "not_accepted" || code === "malformed") await this.show("unreadable");
      else this.error = say(error);
    } finally {
      this.busy = false;
    }
  };

  /** What is said now is read aloud from its beginning. */
  private async show(shown: "done" | "over" | "unreadable"): Promise<void> {
    this.shown = shown;
    await this.updateComplete;
    this.querySelector("h1")?.focus();
  }
}
