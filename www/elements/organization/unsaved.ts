// What was typed into an element and is not saved: the browser asks before the page is left.

import type { ReactiveController, ReactiveControllerHost } from "lit";

export class Unsaved implements ReactiveController {
  private typed = false;

  constructor(private readonly host: ReactiveControllerHost & HTMLElement) {
    host.addController(this);
  }

  hostConnected(): void {
    this.host.addEventListener("input", this.note);
    addEventListener("beforeunload", this.guard);
  }

  hostDisconnected(): void {
    this.host.removeEventListener("input", this.note);
    removeEventListener("beforeunload", this.guard);
  }

  /** Nothing is left to lose: it was saved, or given up. */
  forget(): void {
    this.typed = false;
  }

  private note = (): void => {
    this.typed = true;
  };

  private guard = (event: BeforeUnloadEvent): void => {
    if (this.typed) event.preventDefault();
  };
}
