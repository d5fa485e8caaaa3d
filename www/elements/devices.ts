// <postern-devices>: browsers that skip the second step, and sessions that are open. Ends one or all.

import { html, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { OpenSession, TrustedDevice } from "./api";
import { Part, partStyles } from "./part";
import { ago, day } from "./time";

@customElement("postern-devices")
export class PosternDevices extends Part {
  /** Left out when the server does not list them. */
  @property({ attribute: false }) sessions: OpenSession[] | undefined;

  static override styles = partStyles;

  override render() {
    const devices = this.me.trusted_devices ?? [];
    return html`
      ${devices.length > 0 ? this.trusted(devices) : nothing}
      ${this.sessions && this.sessions.length > 0 ? this.open(this.sessions) : nothing}
    `;
  }

  private trusted(devices: TrustedDevice[]) {
    return html`<section>
      <header>
        <h2>Trusted devices</h2>
        <p class="small muted">These skip the second step until the day shown.</p>
      </header>
      <div class="body">
        <ul class="list">
          ${devices.map(
            (device) =>
              html`<li>
                <div class="what">
                  <strong>${device.name}</strong
                  >${device.current ? html` <span class="tag">this one</span>` : nothing}
                  <p class="small muted">
                    Until ${day(device.expires_at)} ·
                    ${device.last_used_at === null ? "not used yet" : `last used ${ago(device.last_used_at)}`}
                  </p>
                </div>
                <button
                  class="small"
                  type="button"
                  @click=${() => this.change(() => this.api.forget(device.id), `${device.name} is asked again from now on.`)}
                >
                  Forget this browser<span class="visually-hidden">: ${device.name}</span>
                </button>
              </li>`,
          )}
        </ul>
        ${
          devices.length > 1
            ? html`<button
                type="button"
                @click=${() => this.change(() => this.api.forget(), "All browsers are asked again from now on.")}
              >
                Forget all browsers
              </button>`
            : nothing
        }
        ${this.said()}
      </div>
    </section>`;
  }

  private open(sessions: OpenSession[]) {
    const others = sessions.filter(({ current }) => !current);
    return html`<section>
      <header>
        <h2>Where you’re signed in</h2>
        <p class="small muted">If you don’t know one of these, sign it out and change your password.</p>
      </header>
      <div class="body">
        <ul class="list">
          ${sessions.map((session) => {
            const { name } = session;
            return html`<li>
              <div class="what">
                <strong>${name}</strong
                >${session.current ? html` <span class="tag">this one</span>` : nothing}
                <p class="small muted">
                  Signed in
                  ${ago(session.born_at)}${
                    session.last_used_at === null || session.current
                      ? nothing
                      : html` · active ${ago(session.last_used_at)}`
                  }
                </p>
              </div>
              ${
                session.current
                  ? nothing
                  : html`<button
                      class="small"
                      type="button"
                      @click=${() => this.change(() => this.api.endSession(session.id), `${name} is signed out.`)}
                    >
                      Sign out that device<span class="visually-hidden">: ${name}</span>
                    </button>`
              }
            </li>`;
          })}
        </ul>
        ${
          others.length > 0
            ? html`<button
                type="button"
                @click=${() => this.change(() => this.api.endSession(), "Every other device is signed out.")}
              >
                Sign out all other devices
              </button>`
            : nothing
        }
        ${this.said()}
      </div>
    </section>`;
  }

  private said() {
    return this.error ? html`<p class="error" role="alert">${this.error}</p>` : nothing;
  }
}
