// <postern-settings>: the organization's name, whom to ask for help, the language of mail, how long the log is kept, and
// how many owners there are.

import { css, html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { type Organization, OrganizationApi, type OrganizationChange } from "./api";
import { OrganizationPart } from "./part";
import { LANGUAGES, section } from "./pieces";
import { organizationStyles } from "./styles";
import "./unsent-mail";
import { Unsaved } from "./unsaved";
import { Problem } from "../api";
import { field, input } from "../field";
import { words } from "../words";

/** Days that one can choose to keep the log for. */
const DAYS = [90, 180, 400, 730, 1095, 3650];

@customElement("postern-settings")
export class PosternSettings extends OrganizationPart {
  @state() private organization: Organization | undefined;
  /** The field that is wrong. */
  @state() private wrong: string | undefined;
  /** The days that are chosen, before they are saved. */
  @state() private days: number | undefined;
  private loaded = false;
  private readonly unsaved = new Unsaved(this, () => "settings");

  static override styles = [
    ...organizationStyles,
    css`
      .body form {
        width: min(100%, 30rem);
      }
      form button {
        justify-self: start;
      }
    `,
  ];

  override willUpdate(): void {
    if (!this.me || this.loaded) return;
    this.loaded = true;
    void this.load();
  }

  override render() {
    const { organization } = this;
    const { frame, settings } = words;
    if (!organization) {
      return this.error
        ? html`<div class="empty">
            <p class="error" role="alert">${this.error}</p>
            <button type="button" @click=${this.load}>${frame.tryAgain}</button>
          </div>`
        : html`<p class="empty muted" role="status">${frame.loading}</p>`;
    }
    return html`
      <div class="headline"><h1>${settings.title(organization.name)}</h1></div>
      ${this.about(organization)} ${this.owners(organization)}
      <postern-unsent-mail .api=${this.api} .me=${this.me}></postern-unsent-mail>
    `;
  }

  private about(organization: Organization) {
    const { name, support, language, audit_days: days } = organization;
    const { frame, settings } = words;
    const text = (id: "name" | "support", label: string, hint: string, value: string) => {
      const error = this.wrong === id ? this.error : undefined;
      return field({ id, label, hint, value, error, maxlength: 64 });
    };
    return section(
      settings.about,
      settings.aboutMore,
      html`
        ${
          this.me.user.role === "owner"
            ? html`<form class="stack" novalidate @submit=${this.save}>
                ${text("name", settings.name, settings.nameHint, name)}
                ${text("support", settings.support, settings.supportHint, support ?? "")}
                <div class="field">
                  <label for="language">${settings.language}</label>
                  <select id="language" aria-describedby="language-hint">
                    ${LANGUAGES.map(
                      (one) =>
                        html`<option value=${one} ?selected=${one === language}>
                          ${frame.languages[one]}
                        </option>`,
                    )}
                  </select>
                  <p class="small muted" id="language-hint">${settings.languageHint}</p>
                </div>
                ${this.kept(days)}
                <p class="error" role="alert">${(this.wrong === undefined && this.error) || nothing}</p>
                <button class="primary" aria-busy=${this.busy}>${frame.save}</button>
              </form>`
            : html`<p class="muted">${settings.readOnly}</p>
                <dl>
                  <dt>${settings.name}</dt>
                  <dd>${name}</dd>
                  <dt>${settings.support}</dt>
                  <dd>${support ?? words.person.none}</dd>
                  <dt>${settings.language}</dt>
                  <dd>${frame.languages[language]}</dd>
                  <dt>${settings.days}</dt>
                  <dd>${settings.daysOf(days)}</dd>
                </dl>`
        }
      `,
    );
  }

  /** For how long the log is kept; what a shorter time does is said before it is saved. */
  private kept(now: number) {
    const { settings } = words;
    const chosen = this.days ?? now;
    const choices = [...new Set([...DAYS, now])].sort((one, other) => one - other);
    return html`<div class="field">
      <label for="days">${settings.days}</label>
      <select
        id="days"
        aria-describedby="days-hint"
        @change=${(event: Event) => (this.days = Number((event.currentTarget as HTMLSelectElement).value))}
      >
        ${choices.map(
          (days) =>
            html`<option value=${days} ?selected=${days === chosen}>${settings.daysOf(days)}</option>`,
        )}
      </select>
      <p class=${chosen < now ? "note warn" : "small muted"} id="days-hint" role="status">
        ${chosen < now ? settings.daysShorter(settings.daysOf(chosen)) : settings.daysHint}
      </p>
    </div>`;
  }

  private owners({ owners }: Organization) {
    const { settings } = words;
    const only = owners === 1 && this.me.user.role === "owner";
    return section(
      settings.owners,
      settings.ownersMore,
      html`
        ${only ? html`<p class="note warn">${settings.only}</p>` : html`<p>${settings.count(owners)}</p>`}
        <a href="/people?role=owner">${settings.see}</a>
        <p class="small muted">${settings.lost}</p>
      `,
    );
  }

  private load = async (): Promise<void> => {
    this.error = undefined;
    try {
      this.organization = (await new OrganizationApi(this.api, this.me).organization()).organization;
    } catch (error) {
      await this.refuse(error);
    }
  };

  private save = async (event: Event): Promise<void> => {
    event.preventDefault();
    const { organization } = this;
    if (this.busy || !organization) return;
    const name = input(this.renderRoot, "name").value.trim();
    const support = input(this.renderRoot, "support").value.trim() || null;
    const chosen = this.renderRoot.querySelector<HTMLSelectElement>("#language")?.value;
    const language = LANGUAGES.find((one) => one === chosen) ?? organization.language;
    const change: OrganizationChange = {
      ...(name === organization.name ? {} : { name }),
      ...(support === organization.support ? {} : { support }),
      ...(language === organization.language ? {} : { language }),
      ...(this.days === undefined || this.days === organization.audit_days ? {} : { audit_days: this.days }),
    };
    this.error = this.wrong = undefined;
    if (Object.keys(change).length === 0) {
      this.unsaved.forget();
      return this.tell({ message: words.settings.unchanged });
    }
    this.busy = true;
    try {
      const of = new OrganizationApi(this.api, this.me);
      this.organization = (await of.changeOrganization(change, words.settings.purpose)).organization;
      this.days = undefined;
      this.unsaved.forget();
      this.tell({ message: words.settings.saved });
      // The frame shows the name, too.
      this.dispatchEvent(new CustomEvent("postern-stale", { bubbles: true, composed: true }));
    } catch (error) {
      const bad = error instanceof Problem && error.code === "malformed" ? error.field : undefined;
      if (bad && words.settings.bad[bad]) {
        this.wrong = bad;
        this.error = words.settings.bad[bad];
        void this.updateComplete.then(() => input(this.renderRoot, bad).focus());
      } else await this.refuse(error);
    } finally {
      this.busy = false;
    }
  };
}
