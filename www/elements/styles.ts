// What every element shares. A page changes the look through the `--postern-…` properties;
// each has a light and a dark value here. `:root` is for pages, which adopt the same sheets. The fonts are the
// system's, on purpose: nothing to load before a person can sign in, every script, and the sizes that its owner set.

import { css } from "lit";

export const theme = css`
  :host,
  :root {
    --paper: var(--postern-paper, light-dark(#f5f3ee, #131715));
    --surface: var(--postern-surface, light-dark(#fffefb, #1b201d));
    --sunken: var(--postern-sunken, light-dark(#edeae2, #232926));
    --ink: var(--postern-ink, light-dark(#1c2320, #e9ebe4));
    --muted: var(--postern-muted, light-dark(#59625d, #a3ada6));
    --line: var(--postern-line, light-dark(#d9d5ca, #343b37));
    --edge: var(--postern-edge, light-dark(#8b8f86, #6f7a74));
    --accent: var(--postern-accent, light-dark(#175a48, #8fd3b6));
    --on-accent: var(--postern-on-accent, light-dark(#ffffff, #0d211a));
    --tint: var(--postern-tint, light-dark(#e2ece5, #1f3029));
    --danger: var(--postern-danger, light-dark(#a02c17, #ff9d86));
    --warn-tint: var(--postern-warn-tint, light-dark(#f6ead0, #33291a));
    --warn-ink: var(--postern-warn-ink, light-dark(#5f4306, #f0cf8e));
    --sans: var(--postern-sans, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif);
    --serif: var(
      --postern-serif,
      ui-serif,
      "New York",
      "Iowan Old Style",
      "Palatino Linotype",
      "URW Palladio L",
      "P052",
      Palatino,
      Georgia,
      serif
    );
    --mono: var(--postern-mono, ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace);
    --radius: var(--postern-radius, 0.5rem);
    color-scheme: var(--postern-color-scheme, light dark);
    display: block;
    color: var(--ink);
    font: 400 1rem/1.5 var(--sans);
    -webkit-text-size-adjust: 100%;
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  h1,
  h2,
  h3,
  p,
  ul,
  ol,
  dl,
  dd {
    margin: 0;
    padding: 0;
  }
  ul,
  ol {
    list-style: none;
  }
  h1,
  h2 {
    font-family: var(--serif);
    font-weight: 500;
    line-height: 1.2;
    letter-spacing: -0.01em;
    text-wrap: balance;
  }
  h2 {
    font-size: 1.375rem;
  }
  p {
    text-wrap: pretty;
  }
  /* People's names have no spaces where we would like them. */
  h1,
  h2,
  p {
    overflow-wrap: anywhere;
  }
  .muted {
    color: var(--muted);
  }
  .small {
    font-size: 0.875rem;
  }
  .stack {
    display: grid;
    gap: 1.25rem;
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem 0.75rem;
    align-items: center;
  }
  .note {
    padding: 0.75rem 1rem;
    border-radius: var(--radius);
    background: var(--tint);
  }
  .note.warn {
    background: var(--warn-tint);
    color: var(--warn-ink);
  }
  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  :focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
  }
  @media print {
    :host,
    :root {
      color-scheme: light;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation-duration: 0.01ms !important;
      transition-duration: 0.01ms !important;
    }
  }
`;

export const controls = css`
  button,
  .button {
    position: relative;
    display: inline-flex;
    align-items: center;
    justify-content: center;
    min-height: 2.75rem;
    padding: 0.5rem 1.125rem;
    border: 1px solid var(--edge);
    border-radius: var(--radius);
    background: transparent;
    color: var(--ink);
    font: 500 1rem/1.25 var(--sans);
    text-align: center;
    cursor: pointer;
    transition:
      background-color 120ms,
      border-color 120ms;
  }
  button:hover {
    background: var(--sunken);
  }
  button.primary {
    border-color: transparent;
    background: var(--accent);
    color: var(--on-accent);
  }
  button.primary:hover {
    background: color-mix(in oklab, var(--accent) 88%, var(--ink));
  }
  button.danger {
    border-color: var(--danger);
    color: var(--danger);
  }
  :is(button, .button).wide {
    width: 100%;
    padding-inline: 0.75rem;
  }
  button.small {
    min-height: 2.25rem;
    padding: 0.25rem 0.75rem;
    font-size: 0.875rem;
  }
  button.link {
    min-height: 1.5rem;
    padding: 0.125rem 0;
    border: 0;
    border-radius: 0.125rem;
    color: var(--accent);
    text-decoration: underline;
    text-decoration-thickness: 1px;
    text-underline-offset: 0.2em;
    font-weight: 400;
    font-size: 0.9375rem;
  }
  button.link:hover {
    background: none;
    text-decoration-thickness: 2px;
  }
  /* Three kinds of buttons also where the colors are the reader's own. */
  @media (forced-colors: active) {
    button.primary {
      forced-color-adjust: none;
      border-color: Highlight;
      background: Highlight;
      color: HighlightText;
    }
    button.danger {
      border: 3px double ButtonText;
    }
    button.link {
      color: LinkText;
    }
    button:disabled {
      opacity: 1;
      border-color: GrayText;
      background: Canvas;
      color: GrayText;
    }
    .note {
      border: 1px solid;
    }
  }
  button:disabled {
    opacity: 0.55;
    cursor: not-allowed;
  }
  /* Only work that lasts shows. */
  button[aria-busy="true"] {
    opacity: 0.7;
    cursor: progress;
    transition: opacity 0.2s 0.3s;
  }
  .field {
    display: grid;
    gap: 0.375rem;
  }
  label {
    font-weight: 500;
  }
  .field input,
  .field select {
    width: 100%;
    min-height: 2.875rem;
    padding: 0.5rem 0.75rem;
    border: 1px solid var(--edge);
    border-radius: var(--radius);
    background: var(--surface);
    color: var(--ink);
    font: 400 1.0625rem/1.4 var(--sans);
  }
  .field input:focus,
  .field select:focus {
    border-color: var(--accent);
    outline: 2px solid var(--accent);
    outline-offset: 0;
  }
  .field input[aria-invalid="true"] {
    border-color: var(--danger);
    outline-color: var(--danger);
  }
  .field input.code {
    min-height: 3.75rem;
    padding-inline: 1rem;
    font: 400 1.75rem/1.2 var(--mono);
    font-variant-numeric: tabular-nums;
    letter-spacing: 0.16em;
  }
  .field input.code:not([inputmode]) {
    font-size: 1.25rem;
    letter-spacing: 0.06em;
  }
  .typed {
    position: relative;
  }
  .typed.secret input {
    padding-inline-end: 4.5rem;
  }
  .typed .reveal {
    position: absolute;
    inset-block: 1px;
    inset-inline-end: 0.875rem;
    text-decoration: none;
  }
  .reveal[aria-pressed="true"] {
    text-decoration: line-through;
  }
  .error {
    color: var(--danger);
  }
  /* Its line is there before it is needed, so that a form does not jump. */
  .stack > .error:empty {
    display: none;
  }
  .field .error {
    min-height: 1.25rem;
    margin-bottom: -0.625rem;
    font-size: 0.9375rem;
    line-height: 1.25rem;
  }
  .check {
    display: flex;
    gap: 0.625rem;
    align-items: flex-start;
    font-weight: 400;
  }
  .check input {
    flex: none;
    width: 1.25rem;
    height: 1.25rem;
    margin: 0.125rem 0 0;
    accent-color: var(--accent);
  }
`;

export const dialogs = css`
  dialog {
    width: min(100% - 2rem, 30rem);
    max-height: calc(100dvh - 2rem);
    margin: auto;
    padding: 1.75rem;
    overflow: auto;
    border: 1px solid var(--line);
    border-radius: calc(var(--radius) * 2);
    background: var(--surface);
    color: var(--ink);
    box-shadow: 0 1.5rem 4rem rgb(0 0 0 / 0.22);
  }
  dialog.wide {
    width: min(100% - 2rem, 46rem);
  }
  dialog::backdrop {
    background: rgb(12 18 15 / 0.45);
  }
  dialog .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 0.75rem;
    justify-content: flex-end;
  }
  @media (max-width: 34rem) {
    dialog,
    dialog.wide {
      width: 100%;
      max-width: none;
      max-height: 92dvh;
      margin: auto 0 0;
      padding: 1.25rem;
      border-width: 1px 0 0;
      border-radius: 1.25rem 1.25rem 0 0;
    }
    dialog .actions {
      flex-direction: column-reverse;
      align-items: stretch;
    }
  }
  @media (prefers-reduced-motion: no-preference) {
    dialog[open] {
      animation: rise 160ms ease-out;
    }
    @keyframes rise {
      from {
        opacity: 0;
        transform: translateY(0.5rem);
      }
    }
  }
`;
