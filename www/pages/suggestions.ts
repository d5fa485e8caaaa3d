// Passkeys among the suggestions of the username field (WebAuthn L3 section 5.1.4, conditional mediation).
// Waits for as long as the page lets it, always with something fresh to sign.

import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { Api, PasskeyQuestion } from "../elements/api";
import { knowsPasskeys, usePasskey } from "../elements/passkey";
import { now } from "../elements/time";

/** What a passkey signed, and in answer to what. */
export interface Answer {
  question: PasskeyQuestion;
  credential: AuthenticationResponseJSON;
}

/** A question is good for 300 s; another one comes before that, in seconds. */
const RENEWED_AFTER = 240;
/** How often the time is looked at, in milliseconds. A timer of minutes stands still while a laptop sleeps. */
const LOOK = 5_000;

export class Suggestions implements ReactiveController {
  /** The run that may go on; any other has to end. */
  #run: object | undefined;
  #asking: AbortController | undefined;
  #asked: Promise<unknown> = Promise.resolve();

  constructor(
    host: ReactiveControllerHost,
    private readonly api: Api,
    private readonly chosen: (answer: Answer) => void,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    this.start();
  }

  hostDisconnected(): void {
    void this.stop();
  }

  start(): void {
    if (this.#run) return;
    const run = (this.#run = {});
    // Without suggestions there is still the button.
    this.#suggest(run).catch(() => undefined);
  }

  /** Answers when the browser is free to ask something else. */
  async stop(): Promise<void> {
    this.#run = undefined;
    this.#asking?.abort();
    await this.#asked;
  }

  async #suggest(run: object): Promise<void> {
    if (!knowsPasskeys() || !(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    while (this.#run === run) {
      const { challenge: question } = await this.api.askForPasskey();
      if (this.#run !== run) return;
      const credential = await this.#offer(question);
      if (!credential || this.#run !== run) continue;
      this.#run = undefined;
      this.chosen({ question, credential });
    }
  }

  /** Undefined when the question has grown old, or nobody waits any more. */
  async #offer({ passkey }: PasskeyQuestion): Promise<AuthenticationResponseJSON | undefined> {
    const old = now() + RENEWED_AFTER;
    const asking = (this.#asking = new AbortController());
    const timer = setInterval(() => {
      if (now() >= old && !document.hidden) asking.abort();
    }, LOOK);
    const asked = usePasskey(passkey, { mediation: "conditional", signal: asking.signal });
    this.#asked = asked.catch(() => undefined);
    try {
      return await asked;
    } catch (error) {
      if (asking.signal.aborted) return undefined;
      throw error;
    } finally {
      clearInterval(timer);
    }
  }
}
