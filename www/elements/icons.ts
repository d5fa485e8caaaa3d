// Signs beside words; none of them says anything alone.

import { html, svg, type TemplateResult } from "lit";

/** Somebody, and a key. */
export const passkeyIcon = icon(
  svg`<circle cx="8.5" cy="7" r="4"></circle>
    <path d="M1.5 20v-1a5.5 5.5 0 0 1 5.5-5.5h3.5"></path>
    <circle cx="17.5" cy="11.5" r="3.25"></circle>
    <path d="M17.5 14.75v7.25l2.25-2-1.5-1.5 1.5-1.5"></path>`,
);

/** A phone that shows digits. */
export const appIcon = icon(
  svg`<rect x="6" y="2.5" width="12" height="19" rx="2.5"></rect>
    <path d="M9.25 12h.01M12 12h.01M14.75 12h.01M10.5 18.5h3"></path>`,
);

function icon(drawing: unknown): TemplateResult {
  return html`<svg
    class="icon"
    width="24"
    height="24"
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    stroke-width="1.6"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    ${drawing}
  </svg>`;
}
