// Opens a <dialog> as a modal when it is rendered. Whoever renders it takes it away on `close`,
// after the browser has put the focus back where it was.

import { noChange } from "lit";
import { Directive, directive, type ElementPart } from "lit/directive.js";

/** Sent by the document when a dialog opens. */
export const MODAL = "postern-modal";

class Modal extends Directive {
  /** Drawn again between being left and being taken away, it stays closed. */
  private opened = false;

  override render(): unknown {
    return noChange;
  }

  override update(part: ElementPart): unknown {
    if (this.opened) return noChange;
    this.opened = true;
    const dialog = part.element as HTMLDialogElement;
    queueMicrotask(() => {
      if (!dialog.isConnected) return;
      document.dispatchEvent(new Event(MODAL));
      dialog.showModal();
      dialog.querySelector<HTMLElement>("[data-first]")?.focus();
    });
    return noChange;
  }
}

export const modal = directive(Modal);

/** For `@click` of whatever leaves a dialog. */
export function closeDialog(event: Event): void {
  (event.currentTarget as Element).closest("dialog")?.close();
}
