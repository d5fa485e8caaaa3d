// Small pieces of the organization's pages.

import { html, type TemplateResult } from "lit";
import { words } from "../words";

/** Languages that mail is written in. */
export const LANGUAGES = ["en", "de"] as const;

/** A part of a page: its heading, what it is about, and the rest beside them. */
export function section(heading: string, about: string, body: TemplateResult) {
  return html`<section>
    <header>
      <h2>${heading}</h2>
      <p class="small muted">${about}</p>
    </header>
    <div class="body">${body}</div>
  </section>`;
}

/** A link to a person's page. */
export function person(id: string, name: string) {
  return html`<a href="/people?${new URLSearchParams({ user: id })}">${name}</a>`;
}

/** What a chart shows, to be read. */
export function table(heads: string[], rows: string[][]) {
  return html`<details>
    <summary>${words.overview.asTable}</summary>
    <div class="scroll" tabindex="0" role="region" aria-label=${words.overview.asTable}>
      <table>
        <thead>
          <tr>
            ${heads.map((head) => html`<th scope="col">${head}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ([first, ...rest]) =>
              html`<tr>
                <th scope="row">${first}</th>
                ${rest.map((value) => html`<td>${value}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`;
}
