// <postern-enroll>: get an app, give it the key (by QR code, link or hand), type the code it shows, name it.
// Tells its page `postern-enrolled` with the server's answer.

import { LitElement, css, html, nothing, svg } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "./copy-button";
import { appEntry, appEntryStyles, entryNames } from "./app-entry";
import { Api, type Enrollment, Problem } from "./api";
import { Countdown } from "./countdown";
import { digits, field, input } from "./field";
import { say } from "./messages";
import { controls, theme } from "./styles";
import { now, span } from "./time";
import { loadWeb, type Web } from "./web";
import { words } from "./words/security";

/** When the end of an enrollment is worth a warning, in seconds. */
const SOON = 120;

@customElement("postern-enroll")
export class PosternEnroll extends LitElement {
  @property({ attribute: false }) api = new Api();
  /** Asked for when it is not given. */
  @property({ attribute: false }) enrollment: Enrollment | undefined;
  @property() suggestion = words.enroll.suggestion;

  @state() private web: Web | undefined;
  @state() private error: { field: "code" | "name"; text: string } | undefined;
  @state() private failure: string | undefined;
  @state() private busy = false;
  @state() private over = false;
  /** Whether a code did not match: the one of this page is shown beside it, to compare clocks. */
  @state() private compares = false;

  private readonly touches = matchMedia("(pointer: coarse)").matches;
  private readonly end = new Countdown(this);
  private readonly wait = new Countdown(this);

  static override styles = [
    theme,
    controls,
    appEntryStyles,
    css`
      .columns {
        display: grid;
        gap: 1.5rem 2.5rem;
        grid-template-columns: 19.5rem minmax(0, 1fr);
        align-items: start;
      }
      .steps {
        display: grid;
        gap: 1.5rem;
        counter-reset: step var(--before, 0);
      }
      .confirm {
        --before: 2;
      }
      .steps:focus {
        outline: none;
      }
      .steps > li {
        position: relative;
        display: grid;
        gap: 0.5rem;
        padding-inline-start: 2.25rem;
        counter-increment: step;
      }
      .steps > li::before {
        content: counter(step);
        position: absolute;
        inset-inline-start: 0;
        width: 1.5rem;
        border-radius: 50%;
        background: var(--tint);
        color: var(--accent);
        font-weight: 600;
        font-size: 0.875rem;
        line-height: 1.5rem;
        text-align: center;
      }
      /* The line of an error keeps clear of what follows it in a step. */
      .steps .field .error {
        margin-bottom: 0;
      }
      .confirm ~ * {
        margin-inline-start: 2.25rem;
      }
      .confirm ~ .wide {
        width: auto;
      }
      h3 {
        font: 600 1rem/1.5 var(--sans);
      }
      .steps label {
        font-weight: 600;
      }
      .qr {
        justify-self: start;
        max-width: 100%;
        height: auto;
        border-radius: var(--radius);
        background: #fff;
      }
      summary {
        padding-block: 0.25rem;
        color: var(--accent);
        font-size: 0.9375rem;
        cursor: pointer;
      }
      details .qr {
        display: block;
        margin-top: 0.5rem;
      }
      .secret {
        display: block;
        padding: 0.5rem 0.75rem;
        border-radius: var(--radius);
        background: var(--sunken);
        font: 400 1rem/1.6 var(--mono);
        text-align: start;
        overflow-wrap: anywhere;
      }
      a.button {
        text-decoration: none;
      }
      @media (max-width: 46rem) {
        .columns {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    loadWeb().then(
      (web) => {
        this.web = web;
      },
      () => {
        // The secret as text is enough to go on with.
      },
    );
    if (!this.enrollment) void this.begin(false);
  }

  override updated(changed: Map<PropertyKey, unknown>): void {
    if (!changed.get("enrollment")) return;
    const code = this.renderRoot.querySelector<HTMLInputElement>("#code");
    if (code) code.value = "";
    // Where the button that started over is gone, the focus goes to where it begins.
    if (!this.shadowRoot?.activeElement) this.renderRoot.querySelector<HTMLElement>(".steps")?.focus();
  }

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has("enrollment") && this.enrollment) {
      this.over = false;
      this.error = undefined;
      this.compares = false;
      // Redraws every second, the preview with it.
      this.end.start(this.enrollment.expires_at);
    }
  }

  override render() {
    const { enrollment } = this;
    if (!enrollment && this.failure)
      return html`<div class="stack">
        <p class="note warn" role="alert">${this.failure}</p>
        <button type="button" @click=${() => this.begin(false)}>${words.common.tryAgain}</button>
      </div>`;
    if (!enrollment) return html`<p class="muted" role="status">${words.enroll.makingKey}</p>`;
    if (this.over || this.end.left === 0) return this.ended();
    return html`
      <div class="columns">
        <ol class="steps" tabindex="-1">
          <li>
            <h3>${words.enroll.getApp}</h3>
            <p class="small muted">${words.enroll.getAppMore}</p>
          </li>
          <li>${this.touches ? this.byLink(enrollment) : this.byCamera(enrollment)}</li>
        </ol>
        <form class="stack" novalidate @submit=${this.submit}>
          <ol class="steps confirm" start="3">
            <li>
              ${field({
                id: "code",
                label: words.common.codeOfApp,
                autocomplete: "one-time-code",
                code: true,
                numeric: true,
                error: this.error?.field === "code" ? this.error.text : undefined,
              })}
              ${this.preview(enrollment)}
            </li>
            <li>
              ${field({
                id: "name",
                label: words.common.name,
                value: this.suggestion,
                maxlength: 64,
                hint: words.enroll.nameHint,
                error: this.error?.field === "name" ? this.error.text : undefined,
              })}
            </li>
          </ol>
          <button class="primary wide" type="submit" ?disabled=${this.wait.left > 0} aria-busy=${this.busy}>
            ${this.wait.left > 0 ? words.common.tryAgainIn(span(this.wait.left)) : words.enroll.confirm}
          </button>
          ${
            this.end.left < SOON
              ? html`<p class="note warn small" role="status">${words.enroll.endsSoon}</p>`
              : nothing
          }
          <button class="link" type="button" @click=${() => this.begin(true)}>
            ${words.enroll.startOver}
          </button>
          <p class="error small" role="alert">${this.failure ?? nothing}</p>
        </form>
      </div>
    `;
  }

  private byCamera(enrollment: Enrollment) {
    return html`<h3>${words.enroll.scan}</h3>
      ${this.qrCode(enrollment)} ${this.key(enrollment, words.enroll.cannotScan)}`;
  }

  /** A phone cannot scan its own screen. */
  private byLink(enrollment: Enrollment) {
    return html`<h3>${words.enroll.addAccount}</h3>
      <a class="button wide" href=${enrollment.key_uri}>${words.enroll.openHere}</a>
      ${this.key(enrollment, words.enroll.orType)}
      <details>
        <summary>${words.enroll.scanElsewhere}</summary>
        ${this.qrCode(enrollment)}
      </details>`;
  }

  private key(enrollment: Enrollment, lead: string) {
    return html`<p class="small muted">${lead}</p>
      <code class="secret" dir="ltr" data-testid="secret">${this.formatted(enrollment)}</code>
      <postern-copy-button label=${words.enroll.copyKey} .text=${enrollment.secret}></postern-copy-button>`;
  }

  private qrCode({ key_uri }: Enrollment) {
    if (!this.web) return html`<p class="muted">${words.enroll.drawing}</p>`;
    const { path, size } = this.web.qrPath(key_uri);
    // At least five pixels a module, whole ones, so that the modules stay sharp.
    const side = size * Math.max(5, Math.floor(296 / size));
    return html`
      <svg
        class="qr"
        role="img"
        aria-label=${words.enroll.qrCode}
        width=${side}
        height=${side}
        viewBox="0 0 ${size} ${size}"
        shape-rendering="crispEdges"
      >
        ${svg`<path fill="#000" d=${path}></path>`}
      </svg>
    `;
  }

  private formatted({ secret }: Enrollment): string {
    return this.web?.formatSecret(secret) ?? secret;
  }

  private preview({ secret, key_uri }: Enrollment) {
    if (!this.web) return nothing;
    const { code, secondsLeft, period } = this.web.previewTotp(secret, now());
    const { compares } = this;
    return html`<p class="small muted">${compares ? words.enroll.showsNow : words.enroll.looksLike}</p>
      ${appEntry({ ...entryNames(key_uri), code: compares ? code : undefined, secondsLeft, period })}`;
  }

  private ended() {
    return html`
      <div class="stack">
        <p class="note warn" role="alert">${words.enroll.ended}</p>
        <button class="primary" type="button" @click=${() => this.begin(true)}>
          ${words.enroll.startOver}
        </button>
        <p class="error small" role="alert">${this.failure ?? nothing}</p>
      </div>
    `;
  }

  private async begin(restart: boolean): Promise<void> {
    this.failure = undefined;
    try {
      this.enrollment = (await this.api.enroll(restart)).enrollment;
    } catch (error) {
      this.failure = say(error);
    }
  }

  private submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (!this.enrollment || this.busy || this.wait.left > 0) return;
    const code = digits(input(this.renderRoot, "code").value);
    const name = input(this.renderRoot, "name").value.trim();
    if (!/^[0-9]{6}$/.test(code)) return this.miss("code", words.messages.malformed.code);
    if (!name) return this.miss("name", words.common.nameIt);
    this.busy = true;
    try {
      const confirmed = await this.api.confirm(this.enrollment.id, code, name);
      this.dispatchEvent(
        new CustomEvent("postern-enrolled", { detail: confirmed, bubbles: true, composed: true }),
      );
    } catch (error) {
      this.refuse(await this.api.looked(error), code, this.enrollment.secret);
    } finally {
      this.busy = false;
    }
  };

  private refuse(error: unknown, code: string, secret: string): void {
    const problem = error instanceof Problem ? error : undefined;
    if (problem?.code === "unauthenticated") {
      this.dispatchEvent(new CustomEvent("postern-signed-out", { bubbles: true, composed: true }));
    } else if (problem?.code === "expired") {
      this.over = true;
    } else if (problem?.code === "not_found") {
      // Confirmed already, when only the answer was lost.
      this.miss("code", words.enroll.notOpen);
      this.dispatchEvent(new CustomEvent("postern-stale", { bubbles: true, composed: true }));
    } else if (problem?.code === "throttled") {
      this.wait.start(now() + (problem.retryAfter ?? 30));
      this.miss("code", words.common.tooManyTries);
    } else if (problem?.code === "malformed" && problem.field === "name") {
      this.miss("name", say(error, "confirm"));
    } else {
      this.compares ||= problem?.code === "not_accepted";
      const clock = problem?.code === "not_accepted" ? this.clock(secret, code) : undefined;
      this.miss("code", clock ?? say(error, "confirm"));
    }
  }

  /** A right code at the wrong time: the one thing a person can put right. */
  private clock(secret: string, code: string): string | undefined {
    const away = this.web?.explainCode(secret, code, now());
    if (away === undefined || Math.abs(away) < 60) return undefined;
    const minutes = Math.round(Math.abs(away) / 60);
    return away < 0 ? words.enroll.clockBehind(minutes) : words.enroll.clockAhead(minutes);
  }

  private miss(at: "code" | "name", text: string): void {
    this.error = { field: at, text };
    void this.updateComplete.then(() => {
      const wrong = input(this.renderRoot, at);
      wrong.focus();
      wrong.select();
    });
  }
}
