// What the parts of the security page have in common: the model, and how a change is made and told.
// `postern-changed` carries a sentence for the toast; `postern-stale` means that the model is late, and
// `postern-signed-out` that the session is over.

import { LitElement, css, type CSSResult } from "lit";
import { property, state } from "lit/decorators.js";
import { type Api, type BackupCodes, type Me, Problem } from "./api";
import { say, type Place } from "./messages";
import { controls, dialogs, theme } from "./styles";

export interface Change {
  message: string;
  backupCodes?: BackupCodes | undefined;
}

export abstract class Part extends LitElement {
  @property({ attribute: false }) api!: Api;
  @property({ attribute: false }) me!: Me;
  @state() protected error: string | undefined;
  @state() protected busy = false;

  /** Makes a change and reports it; a refusal stays here, in `error`, worded for `place`. */
  protected async change(action: () => Promise<unknown>, message: string, place?: Place): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.error = undefined;
    try {
      await action();
      this.tell({ message });
      return true;
    } catch (error) {
      await this.refuse(error, place);
      return false;
    } finally {
      this.busy = false;
    }
  }

  protected tell(detail: Change): void {
    this.dispatchEvent(new CustomEvent<Change>("postern-changed", { detail, bubbles: true, composed: true }));
  }

  protected async refuse(refusal: unknown, place?: Place): Promise<void> {
    if (refusal instanceof Problem && refusal.declined) {
      this.error = undefined;
      return;
    }
    const error = await this.api.looked(refusal);
    this.error = say(error, place);
    const code = error instanceof Problem ? error.code : "";
    const unknown = error instanceof Problem && error.unknown;
    const news = code === "unauthenticated" ? "postern-signed-out" : "postern-stale";
    if (code === "unauthenticated" || unknown || STALE.has(code))
      this.dispatchEvent(new CustomEvent(news, { bubbles: true, composed: true }));
  }
}

/** Refusals that mean that things are not as the page shows them. */
const STALE = new Set([
  "policy_forbids",
  "enrollment_required",
  "conflict",
  "not_found",
  "expired",
  "forbidden",
]);

const parts = css`
  section {
    display: grid;
    grid-template-columns: 15rem minmax(0, 1fr);
    gap: 1rem 3rem;
    padding-block: 2.25rem;
    border-top: 1px solid var(--line);
  }
  header {
    display: grid;
    gap: 0.5rem;
    align-content: start;
  }
  .body {
    display: grid;
    gap: 1rem;
    align-content: start;
    justify-items: start;
  }
  .body > * {
    max-width: 100%;
  }
  .list {
    width: 100%;
  }
  .list li {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem 1rem;
    align-items: center;
    justify-content: space-between;
    padding-block: 0.875rem;
    border-bottom: 1px solid var(--line);
  }
  .list li:first-child {
    padding-top: 0;
  }
  .list li:last-child {
    border-bottom: 0;
  }
  .list .what {
    flex: 1 1 12rem;
    min-width: 0;
    overflow-wrap: anywhere;
  }
  .tag {
    display: inline-block;
    margin-inline-start: 0.375rem;
    padding: 0 0.5rem;
    border-radius: 1rem;
    background: var(--tint);
    font-size: 0.8125rem;
    white-space: nowrap;
  }
  /* What can be added: a sign, words, a button. */
  .choices {
    display: grid;
    gap: 0.75rem;
    width: 100%;
  }
  .choice {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr) auto;
    gap: 0.25rem 1rem;
    align-items: center;
    padding: 1rem 1.25rem;
    border: 1px solid var(--line);
    border-radius: calc(var(--radius) * 1.5);
    background: var(--surface);
  }
  .choice button {
    min-width: 14.5rem;
  }
  .choice strong,
  .list strong {
    font-weight: 600;
  }
  .choice .error {
    grid-column: 2 / -1;
    font-size: 0.9375rem;
  }
  .icon {
    flex: none;
    color: var(--accent);
  }
  .choice .error:empty {
    display: none;
  }
  @media (max-width: 46rem) {
    section {
      grid-template-columns: minmax(0, 1fr);
      padding-block: 1.75rem;
    }
    .choice {
      grid-template-columns: auto minmax(0, 1fr);
      padding: 1rem;
    }
    .choice .icon {
      align-self: start;
    }
    .choice button {
      grid-column: 1 / -1;
      margin-top: 0.5rem;
    }
    .choice .error {
      grid-column: 1 / -1;
      margin-top: 0.25rem;
    }
  }
  /* Below the words, where there is no room beside them. */
  @media (max-width: 34rem) {
    .list .icon ~ .row {
      margin-inline-start: 2.5rem;
    }
  }
`;

export const partStyles: CSSResult[] = [theme, controls, dialogs, parts];
