// Redraws its element every second until a moment has come.

import type { ReactiveController, ReactiveControllerHost } from "lit";
import { now } from "./time";

export class Countdown implements ReactiveController {
  #until = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  /** Seconds left, 0 when the moment has come. */
  get left(): number {
    return Math.max(0, this.#until - now());
  }

  /** `until` in unix seconds. */
  start(until: number): void {
    this.#until = until;
    this.hostDisconnected();
    this.hostConnected();
  }

  hostConnected(): void {
    if (this.left === 0 || this.#timer !== undefined) return;
    this.#timer = setInterval(() => {
      if (this.left === 0) this.hostDisconnected();
      this.host.requestUpdate();
    }, 1000);
  }

  hostDisconnected(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
