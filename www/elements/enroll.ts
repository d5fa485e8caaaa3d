// <postern-enroll>: the secret as a QR code and as text, what the app should show, the code and a name.
// Tells its page `postern-enrolled` with the server's answer.

import { LitElement, css, html, nothing, svg } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "./copy-button";
import { Api, type Enrollment, Problem } from "./api";
import { Countdown } from "./countdown";
import { digits, field, input } from "./field";
import { say } from "./messages";
import { controls, theme } from "./styles";
import { now, span } from "./time";
import { loadWeb, type Web } from "./web";

/** When the end of an enrollment is worth a warning, in seconds. */
const SOON = 120;

@customElement("postern-enroll")
export class PosternEnroll extends LitElement {
  @property({ attribute: false }) api = new Api();
  /** Asked for when it is not given. */
  @property({ attribute: false }) enrollment: Enrollment | undefined;
  @property() suggestion = "Phone";

  @state() private web: Web | undefined;
  @state() private error: { field: "code" | "name"; text: string } | undefined;
  @state() private failure: string | undefined;
  @state() private busy = false;
  @state() private over = false;

  private readonly end = new Countdown(this);
  private readonly wait = new Countdown(this);

  static override styles = [
    theme,
    controls,
    css`
      .columns {
        display: grid;
        gap: 1.5rem 2rem;
        grid-template-columns: 17.5rem minmax(0, 1fr);
        align-items: start;
      }
      figure {
        display: grid;
        gap: 0.75rem;
        justify-items: center;
        margin: 0;
      }
      svg {
        max-width: 100%;
        height: auto;
        border-radius: var(--radius);
        background: #fff;
      }
      .secret {
        display: block;
        padding: 0.625rem 0.75rem;
        border-radius: var(--radius);
        background: var(--sunken);
        font: 400 1rem/1.6 var(--mono);
        text-align: center;
        text-wrap: balance;
        overflow-wrap: anywhere;
      }
      .here {
        display: none;
        color: var(--ink);
        text-decoration: none;
      }
      .preview strong {
        font: 500 1.0625rem/1.4 var(--mono);
        font-variant-numeric: tabular-nums;
        white-space: nowrap;
      }
      @media (max-width: 42rem) {
        .columns {
          grid-template-columns: minmax(0, 1fr);
        }
      }
      /* A phone cannot scan its own screen. */
      @media (pointer: coarse) {
        .here {
          display: inline-flex;
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
    if (!changed.has("enrollment") || !this.enrollment) return;
    const code = this.renderRoot.querySelector<HTMLInputElement>("#code");
    if (!code) return;
    code.value = "";
    code.focus();
  }

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has("enrollment") && this.enrollment) {
      this.over = false;
      this.error = undefined;
      // Redraws every second, the preview with it.
      this.end.start(this.enrollment.expires_at);
    }
  }

  override render() {
    const { enrollment } = this;
    if (!enrollment && this.failure)
      return html`<div class="stack">
        <p class="note warn" role="alert">${this.failure}</p>
        <button type="button" @click=${() => this.begin(false)}>Try again</button>
      </div>`;
    if (!enrollment) return html`<p class="muted" role="status">Making a new secret…</p>`;
    if (this.over || this.end.left === 0) return this.ended();
    return html`
      <div class="columns">
        <div class="stack">
          <figure>
            ${this.qrCode(enrollment)}
            <figcaption class="small muted">Scan this with your authenticator app.</figcaption>
          </figure>
          <a class="button here" href=${enrollment.key_uri}>Open in an app on this phone</a>
          <div class="field small">
            <p class="muted">Can’t scan it? Type this key:</p>
            <span class="secret" data-testid="secret">${this.formatted(enrollment)}</span>
            <postern-copy-button label="Copy key" .text=${enrollment.secret}></postern-copy-button>
          </div>
        </div>
        <div class="stack">
          ${this.preview(enrollment)}
          <form class="stack" novalidate @submit=${this.submit}>
            ${field({
              id: "code",
              label: "Code from your app",
              autocomplete: "one-time-code",
              code: true,
              first: true,
              error: this.error?.field === "code" ? this.error.text : undefined,
            })}
            ${field({
              id: "name",
              label: "Name",
              value: this.suggestion,
              maxlength: 64,
              hint: "So that you know it when you have several.",
              error: this.error?.field === "name" ? this.error.text : undefined,
            })}
            <button class="primary wide" type="submit" ?disabled=${this.wait.left > 0} aria-busy=${this.busy}>
              ${this.wait.left > 0 ? `Try again in ${span(this.wait.left)}` : "Confirm"}
            </button>
          </form>
          ${
            this.end.left < SOON
              ? html`<p class="note warn small" role="status">This secret ends in less than two minutes.</p>`
              : nothing
          }
          <p class="small muted">
            Scanned it somewhere you shouldn’t have?
            <button class="link" type="button" @click=${() => this.begin(true)}>
              Start over with a new secret
            </button>
          </p>
          <p class="error small" role="alert">${this.failure ?? nothing}</p>
        </div>
      </div>
    `;
  }

  private qrCode({ key_uri }: Enrollment) {
    if (!this.web) return html`<p class="muted">Drawing the code…</p>`;
    const { path, size } = this.web.qrPath(key_uri);
    // At least three pixels a module, whole ones, so that the modules stay sharp.
    const side = size * Math.max(3, Math.floor(232 / size));
    return html`
      <svg
        role="img"
        aria-label="QR code"
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

  private preview({ secret }: Enrollment) {
    if (!this.web) return nothing;
    const { code, secondsLeft } = this.web.previewTotp(secret, now());
    return html`<p class="preview" data-testid="preview">
      Your app shows <strong>${code.slice(0, 3)} ${code.slice(3)}</strong> now, ${secondsLeft} s left.
    </p>`;
  }

  private ended() {
    return html`
      <div class="stack">
        <p class="note warn" role="alert">
          This secret has ended: it was open for more than ten minutes, or too many codes didn’t match. Delete
          the entry from your app if you had scanned it.
        </p>
        <button class="primary" type="button" @click=${() => this.begin(true)}>
          Start over with a new secret
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
    if (!/^[0-9]{6}$/.test(code)) return this.miss("code", "A code is six digits.");
    if (!name) return this.miss("name", "Give it a name.");
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
      this.miss("code", "This is no longer open. The app may be among your authenticators by now.");
      this.dispatchEvent(new CustomEvent("postern-stale", { bubbles: true, composed: true }));
    } else if (problem?.code === "throttled") {
      this.wait.start(now() + (problem.retryAfter ?? 30));
      this.miss("code", "Too many tries. Wait a little before the next one.");
    } else if (problem?.code === "malformed" && problem.field === "name") {
      this.miss("name", say(error, "confirm"));
    } else {
      const clock = problem?.code === "not_accepted" ? this.clock(secret, code) : undefined;
      this.miss("code", clock ?? say(error, "confirm"));
    }
  }

  /** A right code at the wrong time: the one thing a person can put right. */
  private clock(secret: string, code: string): string | undefined {
    const away = this.web?.explainCode(secret, code, now());
    if (away === undefined || Math.abs(away) < 60) return undefined;
    const minutes = Math.round(Math.abs(away) / 60);
    const which = away < 0 ? "behind" : "ahead";
    return `The clock of that phone is about ${minutes} min ${which} of this one. Set its date and time to automatic, then try the new code.`;
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
