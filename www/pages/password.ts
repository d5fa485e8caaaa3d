// A forgotten password. Without a link: asks for one by mail. With the link of that mail: a new password, with the second
// step of a person who has one.

import { html } from "lit";
import { customElement, state } from "lit/decorators.js";
import type { Schemas } from "../elements/api";
import { field, input } from "../elements/field";
import { words } from "../elements/words/mail";
import { words as common } from "../elements/words/sign-in";
import { ChoosePassword, type Opened } from "./choose-password";
import { remembered } from "./remembered";
import { speak } from "./speak";
import { told } from "./told";

speak(words.password.title);

/** `?organization=acme`, else what this browser remembers. Read before the address is cleaned. */
const organization =
  new URLSearchParams(location.search).get("organization")?.trim().toLowerCase() || remembered() || "";

@customElement("password-page")
export class PasswordPage extends ChoosePassword {
  protected override readonly said = words.password;
  @state() private asked = false;

  override firstUpdated(): void {
    if (this.token) super.firstUpdated();
    else this.querySelector<HTMLInputElement>(organization ? "#username" : "#organization")?.focus();
  }

  override render() {
    const { password } = words;
    if (this.token) return super.render();
    if (!this.asked) return told(password.title, this.ask());
    return told(
      password.asked,
      html`<p>${password.askedMore}</p>
        <p>${password.nothingCame}</p>
        <a class="button wide" href="/sign-in">${password.toSignIn}</a>`,
    );
  }

  protected override openLink(token: string) {
    return this.api.openPassword(token);
  }

  protected override useLink(body: Schemas["ChosenPassword"]) {
    return this.api.resetPassword(body);
  }

  protected override lead({ username, organization_name }: Opened) {
    return html`<p>${words.password.chooseLead(username, organization_name)}</p>`;
  }

  protected override happens() {
    return words.password.happens;
  }

  protected override afterwards() {
    return html`<p>${words.password.doneMore}</p>`;
  }

  protected override wayOut() {
    return html`<a class="button wide" href="/password">${words.password.askAgain}</a>`;
  }

  private ask() {
    const { password } = words;
    return html`<p>${password.lead}</p>
      <form class="stack" novalidate @submit=${this.send}>
        ${field({
          id: "organization",
          label: common.signIn.organization,
          value: organization,
          autocomplete: "organization",
          error: this.errorOf("organization"),
        })}
        ${field({
          id: "username",
          label: common.signIn.username,
          autocomplete: "username",
          error: this.errorOf("username"),
        })}
        ${this.button(password.send)}
      </form>
      <a class="back" href="/sign-in">${password.toSignIn}</a>`;
  }

  private send = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (this.waits) return;
    const named = input(this, "organization").value.trim().toLowerCase();
    const username = input(this, "username").value.trim();
    if (!named) return this.miss("organization", common.signIn.enterOrganization);
    if (!username) return this.miss("username", common.signIn.enterUsername);
    await this.alone("username", async () => {
      await this.api.forgotPassword(named, username);
      this.asked = true;
      this.goOn();
    });
  };
}
