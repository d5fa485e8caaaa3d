// What was typed into an element and is not saved. It outlives the page in this tab, so that a session that ends
// loses none of it; otherwise the browser asks before the page is left.

import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { Me } from "../api";
import { keep, kept } from "./tab";

type Host = ReactiveControllerHost & HTMLElement & { me: Me; renderRoot: ParentNode };
type Typed = Record<string, string | boolean>;

export class Unsaved implements ReactiveController {
  private typed = false;
  private restored = false;

  /** `form` names what is filled in: an element may serve for several. */
  constructor(
    private readonly host: Host,
    private readonly form: () => string,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    this.host.addEventListener("input", this.note);
    // Whichever part finds out that the session is over, and before the page is left for it.
    addEventListener("postern-signed-out", this.leave, true);
    addEventListener("beforeunload", this.guard);
  }

  hostDisconnected(): void {
    this.host.removeEventListener("input", this.note);
    removeEventListener("postern-signed-out", this.leave, true);
    removeEventListener("beforeunload", this.guard);
  }

  /** Fills in what was typed before the page was loaded, once there is something to fill in. */
  hostUpdated(): void {
    const fields = this.fields();
    if (this.restored || fields.length === 0) return;
    this.restored = true;
    const before = typedBefore(this.host.me, this.form());
    if (!before) return;
    this.typed = true;
    for (const field of fields) {
      const value = before[field.id];
      if (typeof value === "boolean" && field instanceof HTMLInputElement) field.checked = value;
      else if (typeof value === "string") field.value = value;
    }
  }

  /** Nothing is left to lose: it was saved, or given up. */
  forget(): void {
    this.typed = false;
    keepTyped(this.host.me, this.form(), undefined);
  }

  private note = (): void => {
    this.typed = true;
    const typed = this.fields().map((field) => [field.id, valueOf(field)] as const);
    keepTyped(this.host.me, this.form(), Object.fromEntries(typed));
  };

  /** The page is left for the sign-in, and comes back. */
  private leave = (): void => {
    this.typed = false;
  };

  private guard = (event: BeforeUnloadEvent): void => {
    if (this.typed) event.preventDefault();
  };

  private fields(): (HTMLInputElement | HTMLSelectElement)[] {
    return [...this.host.renderRoot.querySelectorAll<HTMLInputElement | HTMLSelectElement>("[id]")].filter(
      (field) => field instanceof HTMLInputElement || field instanceof HTMLSelectElement,
    );
  }
}

/** What was typed into `form` in this tab, and neither saved nor given up. */
export function typedBefore(me: Me, form: string): Typed | undefined {
  return kept(me, `typed-${form}`);
}

function keepTyped(me: Me, form: string, typed: Typed | undefined): void {
  keep(me, `typed-${form}`, typed);
}

function valueOf(field: HTMLInputElement | HTMLSelectElement): string | boolean {
  const choice = field instanceof HTMLInputElement && ["radio", "checkbox"].includes(field.type);
  return choice ? field.checked : field.value;
}
