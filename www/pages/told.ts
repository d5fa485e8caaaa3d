// What a page says that a link in a mail leads to: its heading, which is read aloud when another one comes, and the rest.

import { html } from "lit";
import { mark } from "./mark";

export function told(heading: string, more: unknown) {
  return html`<hgroup>
      ${mark}
      <h1 tabindex="-1">${heading}</h1>
    </hgroup>
    <div class="stack">${more}</div>`;
}
