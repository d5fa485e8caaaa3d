// The mark: a door in a wall.

import { html, svg } from "lit";

export const mark = html`<svg
  class="mark"
  viewBox="0 0 32 32"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  aria-hidden="true"
>
  ${svg`<path d="M4 32V15a12 12 0 0 1 24 0v17M11 32V16a5 5 0 0 1 10 0v16"></path>`}
</svg>`;
