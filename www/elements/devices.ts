// <postern-devices>: browsers that skip the second step, and sessions that are open. Ends one or all.

import { html, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { OpenSession, TrustedDevice } from "./api";
import { Part, partStyles } from "./part";
import { ago, day } from "./words/formats";
import { words } from "./words/security";

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
        <h2>${words.devices.trusted}</h2>
        <p class="small muted">${words.devices.trustedMore}</p>
      </header>
      <div class="body">
        <ul class="list">
          ${devices.map(
            (device) =>
              html`<li>
                <div class="what">
                  <strong>${device.name}</strong
                  >${device.current ? html` <span class="tag">${words.common.thisOne}</span>` : nothing}
                  <p class="small muted">
                    ${words.devices.about(day(device.expires_at), device.last_used_at === null ? undefined : ago(device.last_used_at))}
                  </p>
                </div>
                <button
                  class="small"
                  type="button"
                  @click=${() => this.change(() => this.api.forget(device.id), words.devices.forgotten(device.name))}
                >
                  ${words.devices.forget}<span class="visually-hidden"
                    >${words.common.about(device.name)}</span
                  >
                </button>
              </li>`,
          )}
        </ul>
        ${
          devices.length > 1
            ? html`<button
                type="button"
                @click=${() => this.change(() => this.api.forget(), words.devices.forgottenAll)}
              >
                ${words.devices.forgetAll}
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
        <h2>${words.devices.sessions}</h2>
        <p class="small muted">${words.devices.sessionsMore}</p>
      </header>
      <div class="body">
        <ul class="list">
          ${sessions.map((session) => {
            const { name } = session;
            return html`<li>
              <div class="what">
                <strong>${name}</strong
                >${session.current ? html` <span class="tag">${words.common.thisOne}</span>` : nothing}
                <p class="small muted">
                  ${words.devices.signedIn(ago(session.born_at), session.last_used_at === null || session.current ? undefined : ago(session.last_used_at))}
                </p>
              </div>
              ${
                session.current
                  ? nothing
                  : html`<button
                      class="small"
                      type="button"
                      @click=${() => this.change(() => this.api.endSession(session.id), words.devices.signedOut(name))}
                    >
                      ${words.devices.signOut}<span class="visually-hidden">${words.common.about(name)}</span>
                    </button>`
              }
            </li>`;
          })}
        </ul>
        ${
          others.length > 0
            ? html`<button
                type="button"
                @click=${() => this.change(() => this.api.endSession(), words.devices.signedOutOthers)}
              >
                ${words.devices.signOutOthers}
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
