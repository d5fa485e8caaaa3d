// <postern-people-list>: the people of an organization, narrowed down, a page at a time.

import { css, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { follow, go } from "./address";
import {
  type Asked,
  type Counts,
  type HelpRequestPage,
  OrganizationApi,
  type Person,
  type Unreadable,
  type UserPage,
} from "./api";
import "./person-form";
import { type Saved, formOf } from "./person-form";
import { kindStyles, peopleKinds } from "./people-kinds";
import { peopleRequests } from "./people-requests";
import { peopleTable } from "./people-table";
import "./selection";
import "./spreadsheet";
import { OrganizationPart } from "./part";
import { organizationStyles } from "./styles";
import { typedBefore } from "./unsaved";
import { number, words } from "../words";

/** What the address of the list may say. */
const FILTERS = [
  "enrollment",
  "locked",
  "exempt",
  "restricted",
  "state",
  "role",
  "group",
  "search",
  "sort",
] as const;
/** How long a person may pause while typing before the list follows, ms. */
const PAUSE = 250;
const PAGE = 50;
/** People in one selection, at most. */
const MOST = 100;

@customElement("postern-people-list")
export class PosternPeopleList extends OrganizationPart {
  /** What the address asks for. */
  @property({ attribute: false }) asked = new URLSearchParams();
  @state() private people: (Person | Unreadable)[] | undefined;
  @state() private counts: Counts | undefined;
  @state() private next: string | null = null;
  @state() private adding = false;
  @state() private chosen: ReadonlyMap<string, string> = new Map();
  /** Who waits for help, as far as it was read. */
  @state() private asking: HelpRequestPage | undefined;
  /** Groups that begin as what is typed. */
  @state() private groups: string[] = [];
  /** The filters of the list that is shown, to tell an answer that is late. */
  private shown: string | undefined;
  private pause: ReturnType<typeof setTimeout> | undefined;

  static override styles = [
    ...organizationStyles,
    kindStyles,
    css`
      form {
        display: grid;
        grid-template-columns: minmax(0, 1fr) repeat(3, minmax(0, 10rem));
        gap: 1rem;
        margin-bottom: 1.5rem;
      }
      form label {
        font-size: 0.875rem;
      }
      .choose {
        width: 2.25rem;
      }
      .choose input {
        width: 1.125rem;
        height: 1.125rem;
        margin-top: 0.1875rem;
        accent-color: var(--accent);
      }
      .who {
        width: 40%;
      }
      postern-selection {
        position: sticky;
        bottom: 1rem;
        margin-top: 1rem;
      }
      .found {
        margin-bottom: 0.5rem;
        color: var(--muted);
        font-size: 0.9375rem;
      }
      .more,
      postern-spreadsheet {
        margin-top: 1.5rem;
      }
      @media (max-width: 46rem) {
        form {
          grid-template-columns: repeat(2, minmax(0, 1fr));
        }
        form .field:first-child {
          grid-column: 1 / -1;
        }
        .rows tr {
          grid-template-columns: 2rem minmax(0, 1fr) auto;
        }
        .who {
          width: auto;
        }
        .groups {
          display: none;
        }
        .requests tr {
          grid-template-columns: minmax(0, 1fr) auto;
        }
        .requests .of {
          grid-column: 1 / -1;
          font-size: 0.875rem;
        }
        .requests .of::before {
          content: attr(data-label) ": ";
          color: var(--muted);
        }
      }
    `,
  ];

  override willUpdate(): void {
    const filters = JSON.stringify(this.filters());
    if (!this.hidden && filters !== this.shown) {
      this.shown = filters;
      void this.load();
      void this.loadRequests();
    }
  }

  /** A form that a session's end closed is open again. */
  override firstUpdated(): void {
    this.adding = typedBefore(this.me, formOf(undefined)) !== undefined;
  }

  override render() {
    const { list } = words;
    const { counts, people } = this;
    if (counts?.people === 0) {
      return html`<div class="headline">
          <h1>${list.nobody}</h1>
          ${this.adder()}
        </div>
        <p class="muted">${list.nobodyMore}</p>
        ${this.form()}`;
    }
    return html`
      <div class="headline">
        <h1>${counts ? headline(counts) : words.frame.loading}</h1>
        ${this.adder()}
      </div>
      ${peopleKinds(this.asked, counts, this.waiting, (changes) => this.address(changes))} ${this.form()}
      ${this.error ? html`<p class="error" role="alert">${this.error}</p>` : nothing}
      ${this.asked.has("help") ? this.requests() : this.everyone(people)}
    `;
  }

  /** How many wait for help, as far as it was read. */
  private get waiting(): string | number | undefined {
    const count = this.asking?.requests.length;
    return this.asking?.next_cursor ? `${count}+` : count;
  }

  private requests() {
    const { asking } = this;
    if (!asking) return nothing;
    return html`${peopleRequests(asking.requests, (user) => this.address({ user }))}
    ${
      asking.next_cursor === null
        ? nothing
        : html`<button class="more" type="button" @click=${() => this.loadRequests(asking.next_cursor)}>
            ${words.requests.next}
          </button>`
    }`;
  }

  private everyone(people: PosternPeopleList["people"]) {
    const { list } = words;
    return html`
      ${this.narrowing()}
      <p class="found" role="status">
        ${people && people.length > 0 ? list.found(people.length, this.next !== null) : nothing}
      </p>
      ${people?.length === 0 ? this.none() : this.table(people ?? [])}
      ${
        people && people.length > 0
          ? html`<postern-spreadsheet
              .api=${this.api}
              .me=${this.me}
              .asked=${this.asked}
            ></postern-spreadsheet>`
          : nothing
      }
      ${
        this.next === null
          ? nothing
          : html`<button
              class="more"
              type="button"
              aria-busy=${this.busy}
              @click=${() => this.load(this.next ?? undefined)}
            >
              ${list.next}
            </button>`
      }
    `;
  }

  private adder() {
    return html`<button class="primary" type="button" @click=${() => (this.adding = true)}>
      ${words.personForm.add}
    </button>`;
  }

  private form() {
    if (!this.adding) return nothing;
    return html`<postern-person-form
      .api=${this.api}
      .me=${this.me}
      @postern-saved=${this.added}
      @postern-closed=${() => (this.adding = false)}
    ></postern-person-form>`;
  }

  private added = (event: CustomEvent<Saved>): void => {
    const { id, message } = event.detail;
    this.isLate();
    this.tell({ message });
    go(this, this.address({ user: id }));
  };

  private narrowing() {
    const { frame, list } = words;
    const value = (name: string) => this.asked.get(name) ?? "";
    return html`<form role="search" @submit=${this.search} @input=${this.typed} @change=${this.search}>
      <div class="field">
        <label for="search">${list.search}</label>
        <input
          id="search"
          name="search"
          type="search"
          maxlength="64"
          autocomplete="off"
          spellcheck="false"
          placeholder=${list.searchHint}
          .value=${value("search")}
        />
      </div>
      <div class="field">
        <label for="group">${list.group}</label>
        <input
          id="group"
          name="group"
          maxlength="64"
          autocomplete="off"
          placeholder=${list.anyGroup}
          list="groups"
          .value=${value("group")}
          @input=${this.suggest}
        />
        <datalist id="groups">${this.groups.map((group) => html`<option value=${group}></option>`)}</datalist>
      </div>
      <div class="field">
        <label for="role">${list.role}</label>
        <select id="role" name="role" .value=${value("role")}>
          <option value="">${list.anyRole}</option>
          ${(["member", "admin", "owner"] as const).map(
            (role) =>
              html`<option value=${role} ?selected=${role === value("role")}>${frame.roles[role]}</option>`,
          )}
        </select>
      </div>
      <div class="field">
        <label for="sort">${list.sort}</label>
        <select id="sort" name="sort">
          <option value="">${list.byName}</option>
          <option value="id" ?selected=${value("sort") === "id"}>${list.byId}</option>
        </select>
      </div>
    </form>`;
  }

  private table(people: (Person | Unreadable)[]) {
    const { busy, chosen } = this;
    return html`${peopleTable({
      people,
      busy,
      chosen,
      address: (user) => this.address({ user }),
      choose: this.choose,
    })}
    ${
      chosen.size === 0
        ? nothing
        : html`<postern-selection
            .api=${this.api}
            .me=${this.me}
            .chosen=${chosen}
            @postern-cleared=${() => (this.chosen = new Map())}
            @postern-changed=${() => (this.shown = undefined)}
          ></postern-selection>`
    }`;
  }

  private choose = (id: string, name: string, chosen: boolean): void => {
    const all = new Map(this.chosen);
    if (chosen) all.set(id, name);
    else all.delete(id);
    if (all.size > MOST) this.error = words.selection.most;
    else this.chosen = all;
    this.requestUpdate();
  };

  private none() {
    const { list } = words;
    return html`<div class="empty">
      <p><strong>${list.nothing}</strong></p>
      <p class="muted">${list.nothingMore}</p>
      <a class="button" href="/people" @click=${follow}>${list.clear}</a>
    </div>`;
  }

  /** Loads anew when it is seen again: somebody in it changed. */
  isLate(): void {
    this.shown = undefined;
  }

  private filters(): Asked {
    const chosen = FILTERS.flatMap((name) => {
      const value = this.asked.get(name)?.trim();
      return value ? [[name, value]] : [];
    });
    return { sort: "name", ...Object.fromEntries(chosen) } as Asked;
  }

  private async load(cursor?: string): Promise<void> {
    const filters = this.filters();
    this.busy = true;
    this.error = undefined;
    try {
      const query: Asked = { ...filters, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
      const page: UserPage = await new OrganizationApi(this.api, this.me).people(query);
      if (JSON.stringify(filters) !== this.shown) return;
      this.people = cursor === undefined ? page.users : [...(this.people ?? []), ...page.users];
      this.counts = page.counts ?? this.counts;
      this.next = page.next_cursor;
    } catch (error) {
      await this.refuse(error);
    } finally {
      this.busy = false;
    }
  }

  private async loadRequests(cursor: string | null = null): Promise<void> {
    try {
      const page = await new OrganizationApi(this.api, this.me).helpRequests(cursor ?? undefined);
      const before = cursor === null ? [] : (this.asking?.requests ?? []);
      this.asking = { ...page, requests: [...before, ...page.requests] };
    } catch (error) {
      await this.refuse(error);
    }
  }

  /** Suggestions help; without them the field serves as well. */
  private suggest = async (event: Event): Promise<void> => {
    const typed = (event.currentTarget as HTMLInputElement).value.trim();
    try {
      const { groups } = await new OrganizationApi(this.api, this.me).groups(typed);
      this.groups = groups.map(({ name }) => name);
    } catch {
      this.groups = [];
    }
  };

  private typed = (event: Event): void => {
    clearTimeout(this.pause);
    if ((event.target as Element).matches("input")) this.pause = setTimeout(this.narrow, PAUSE);
  };

  private search = (event: Event): void => {
    event.preventDefault();
    clearTimeout(this.pause);
    this.narrow();
  };

  /** The list follows the form. */
  private narrow = (): void => {
    const form = this.renderRoot.querySelector("form");
    if (!form) return;
    const values = [...new FormData(form)].map(([name, value]) => [name, String(value).trim()]);
    const to = this.address(Object.fromEntries(values));
    if (to !== location.pathname + location.search) go(this, to, true);
  };

  /** The list's address with these parameters changed. */
  private address(changes: Record<string, string>): string {
    const asked = new URLSearchParams(this.asked);
    for (const [name, value] of Object.entries(changes)) {
      if (value === "") asked.delete(name);
      else asked.set(name, value);
    }
    return `/people${asked.size > 0 ? `?${asked}` : ""}`;
  }
}

function headline({ people, enrolled }: Counts): string {
  if (people === enrolled) return words.list.everyone;
  return words.list.headline(number(enrolled), number(people));
}
