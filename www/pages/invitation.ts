// An invitation, by the link of its mail: a person who has no password yet chooses one, and signs in with it.

import { html, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import type { Schemas } from "../elements/api";
import { moment } from "../elements/words/formats";
import { words } from "../elements/words/mail";
import { ChoosePassword, type Opened } from "./choose-password";
import { speak } from "./speak";

speak(words.invitation.title);

@customElement("invitation-page")
export class InvitationPage extends ChoosePassword {
  protected override readonly said = words.invitation;

  protected override openLink(token: string) {
    return this.api.openInvitation(token);
  }

  protected override useLink(body: Schemas["ChosenPassword"]) {
    return this.api.acceptInvitation(body);
  }

  protected override lead({ username, organization_name, enrolls }: Opened) {
    const { invitation } = words;
    return html`<p>${invitation.lead(organization_name)}</p>
      <dl class="who">
        <dt>${invitation.username}</dt>
        <dd>${username}</dd>
      </dl>
      <ol class="listed">
        <li>${invitation.choose}</li>
        <li>${invitation.signIn}</li>
        ${enrolls ? html`<li>${invitation.enroll}</li>` : nothing}
      </ol>`;
  }

  protected override happens({ expires_at }: Opened) {
    return words.invitation.until(moment(expires_at));
  }

  protected override afterwards({ organization_name, username, enrolls }: Opened) {
    const { invitation } = words;
    return html`<p>${invitation.doneMore(organization_name, username)}</p>
      ${enrolls ? html`<p>${invitation.enrollMore}</p>` : nothing}`;
  }

  protected override wayOut() {
    return html`<a class="button wide" href="/sign-in">${words.reset.toSignIn}</a>`;
  }
}
