// <postern-unsent-mail>: mail of the organization's people that has not left: why, and another try.

import { css, html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { OrganizationApi, type UnsentMail, type UnsentMailPage } from "./api";
import { OrganizationPart } from "./part";
import { person, section } from "./pieces";
import { organizationStyles } from "./styles";
import { Problem } from "../api";
import { distance, moment, words } from "../words";

@customElement("postern-unsent-mail")
export class PosternUnsentMail extends OrganizationPart {
  @state() private page: UnsentMailPage | undefined;
  /** The mail that is being put back. */
  @state() private trying: string | undefined;
  private loaded = false;

  static override styles = [
    ...organizationStyles,
    css`
      .list li {
        align-items: start;
      }
      .list p {
        overflow-wrap: anywhere;
      }
    `,
  ];

  override willUpdate(): void {
    if (!this.me || this.loaded) return;
    this.loaded = true;
    void this.load();
  }

  override render() {
    const { mail } = words;
    return section(mail.title, mail.about, html`${this.shown()} ${this.alert()}`);
  }

  private shown() {
    const { frame, mail } = words;
    if (!this.page) return this.error ? nothing : html`<p class="muted" role="status">${frame.loading}</p>`;
    const { sends, mails, next_cursor: next } = this.page;
    return html`
      ${sends ? nothing : html`<p class="note warn">${mail.nothingSends}</p>`}
      ${mails.length === 0 ? html`<p class="muted">${mail.none}</p>` : nothing}
      <ul class="list">
        ${mails.map((one) => this.row(one))}
      </ul>
      ${
        next === null
          ? nothing
          : html`<p class="row">
              <button type="button" aria-busy=${this.busy} @click=${() => this.load(next)}>
                ${mail.more}
              </button>
            </p>`
      }
    `;
  }

  private row(one: UnsentMail) {
    const { mail } = words;
    const kind = mail.kinds[one.kind] ?? one.kind;
    const when =
      one.given_up_at === null
        ? mail.waits(distance(one.at), one.next_at === null ? undefined : moment(one.next_at))
        : mail.givenUp(distance(one.given_up_at), one.tries);
    return html`<li>
      <div class="what">
        <p>
          <strong>${kind}</strong>
          ${one.given_up_at === null ? nothing : html`<span class="tag warn">${mail.stopped}</span>`}
        </p>
        <p class="small">${person(one.user, one.name ?? one.user)} · ${one.to}</p>
        <p class="small muted">${when}${one.error === null ? nothing : ` ${mail.why(one.error)}`}</p>
        ${one.can_be_sent ? nothing : html`<p class="small muted">${mail.linkOver}</p>`}
      </div>
      ${
        one.can_be_sent && this.page?.sends
          ? html`<button
              class="small"
              type="button"
              aria-label=${mail.againLabel(kind, one.to)}
              aria-busy=${this.trying === one.id}
              @click=${() => this.retry(one)}
            >
              ${mail.again}
            </button>`
          : nothing
      }
    </li>`;
  }

  private alert() {
    return this.error
      ? html`<p class="error" role="alert">${this.error}</p>
          <p class="row">
            <button type="button" @click=${() => this.load()}>${words.frame.tryAgain}</button>
          </p>`
      : nothing;
  }

  private load = async (cursor?: string): Promise<void> => {
    this.error = undefined;
    this.busy = true;
    try {
      const page = await new OrganizationApi(this.api, this.me).unsentMail(cursor);
      const before = cursor === undefined ? [] : (this.page?.mails ?? []);
      this.page = { ...page, mails: [...before, ...page.mails] };
    } catch (error) {
      await this.refuse(error);
    } finally {
      this.busy = false;
    }
  };

  private retry = async ({ id }: UnsentMail): Promise<void> => {
    if (this.trying !== undefined) return;
    const { mail } = words;
    this.trying = id;
    try {
      await new OrganizationApi(this.api, this.me).retryMail(id, mail.purpose);
      this.tell({ message: mail.tried });
      await this.load();
    } catch (error) {
      // It left meanwhile, or its link is over: the list says so.
      if (error instanceof Problem && error.code === "conflict") await this.load();
      else await this.refuse(error);
    } finally {
      this.trying = undefined;
    }
  };
}
