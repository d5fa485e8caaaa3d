// <postern-overview>: the organization at a glance: how many keep a second step, who is due, and who is attacked.

import { css, html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { OrganizationApi, type Overview } from "./api";
import { attacks } from "./attacks";
import "./chart";
import { person, section, table } from "./pieces";
import { OrganizationPart } from "./part";
import { organizationStyles } from "./styles";
import { moment, number, share, shortDay, words } from "../words";

@customElement("postern-overview")
export class PosternOverview extends OrganizationPart {
  @state() private overview: Overview | undefined;
  private loaded = false;

  static override styles = [
    ...organizationStyles,
    css`
      postern-chart {
        width: 100%;
      }
      details {
        width: 100%;
      }
      summary {
        width: max-content;
        color: var(--accent);
        cursor: pointer;
        font-size: 0.9375rem;
      }
      details table {
        margin-top: 0.75rem;
        font-variant-numeric: tabular-nums;
      }
      details .scroll {
        max-height: 20rem;
        overflow-y: auto;
      }
      .kinds {
        display: grid;
        gap: 1rem;
        width: 100%;
      }
      .kinds li {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: 0.25rem 1rem;
      }
      .kinds .muted {
        font-variant-numeric: tabular-nums;
      }
      .kinds svg {
        grid-column: 1 / -1;
        width: 100%;
        height: 0.5rem;
        border-radius: 0.25rem;
        background: var(--sunken);
      }
      .kinds rect {
        fill: var(--accent);
      }
      .kinds .none rect {
        fill: var(--edge);
      }
      .names {
        display: flex;
        flex-wrap: wrap;
        gap: 0.25rem 1rem;
      }
      .plain {
        display: grid;
        gap: 0.5rem;
      }
      .advice {
        display: grid;
        gap: 0.5rem;
        padding-inline-start: 1.25rem;
        list-style: disc;
      }
      h3 {
        font-size: 1rem;
        font-weight: 600;
      }
    `,
  ];

  override willUpdate(): void {
    if (!this.me || this.loaded) return;
    this.loaded = true;
    void this.load();
  }

  override render() {
    const { overview } = this;
    const { frame } = words;
    if (!overview) {
      return this.error
        ? html`<div class="empty">
            <p class="error" role="alert">${this.error}</p>
            <button type="button" @click=${this.load}>${frame.tryAgain}</button>
          </div>`
        : html`<p class="empty muted" role="status">${frame.loading}</p>`;
    }
    const { now } = overview;
    if (now.people === 0) {
      return html`<div class="headline"><h1>${words.overview.nobody}</h1></div>
        <p class="muted">${words.overview.nobodyMore}</p>`;
    }
    const enrolled = now.people - now.missing;
    return html`
      <div class="headline">
        <h1>
          ${now.missing === 0 ? words.overview.everyone : words.overview.headline(share(enrolled, now.people))}
        </h1>
      </div>
      ${this.due(overview)} ${this.overTime(overview)} ${this.kinds(overview)} ${attacks(overview)}
      ${this.look(overview)}
    `;
  }

  private overTime({ enrollment }: Overview) {
    const { overview } = words;
    const days = enrollment.map(({ from }) => from);
    const series = [
      { label: overview.people, values: enrollment.map(({ people }) => people) },
      { label: overview.enrolled, values: enrollment.map(({ enrolled }) => enrolled) },
    ];
    const aloud = overview.overTimeAloud(shortDay(days[0] ?? 0), shortDay(days.at(-1) ?? 0));
    return section(
      overview.overTime,
      overview.overTimeMore,
      html`
        ${
          days.length === 1
            ? html`<p class="muted">${overview.firstDay}</p>`
            : html`<postern-chart
                label="${overview.overTimeMore} ${aloud}"
                .days=${days}
                .series=${series}
              ></postern-chart>`
        }
        ${table(
          [overview.day, overview.people, overview.enrolled],
          enrollment.map(({ from, people, enrolled }) => [shortDay(from), number(people), number(enrolled)]),
        )}
      `,
    );
  }

  private kinds({ now }: Overview) {
    const { overview } = words;
    const kinds = [
      [overview.totp, now.totp, ""],
      [overview.passkey, now.passkey, ""],
      [overview.both, now.both, ""],
      [overview.missing, now.missing, "none"],
    ] as const;
    return section(
      overview.kinds,
      overview.kindsMore,
      html`
        <ul class="kinds">
          ${kinds.map(
            ([label, count, kind]) =>
              html`<li class=${kind}>
                <span>${label}</span><span class="muted">${number(count)} · ${share(count, now.people)}</span>
                <svg viewBox="0 0 ${now.people} 1" preserveAspectRatio="none" aria-hidden="true">
                  <rect width=${count} height="1"></rect>
                </svg>
              </li>`,
          )}
        </ul>
      `,
    );
  }

  private due({ due }: Overview) {
    const { overview } = words;
    const asked = due.next !== null && due.people > 0;
    const later = due.next !== null && due.next === due.deadline && due.next * 1000 > Date.now();
    const rest = due.people - due.first.length;
    return section(
      overview.due,
      overview.dueMore,
      html`
        ${
          asked
            ? html`<p>
                  ${later ? overview.dueFrom(due.people, moment(due.next ?? 0)) : overview.dueNow(due.people)}
                </p>
                <ul class="names">
                  ${due.first.map(({ id, name }) => html`<li>${person(id, name)}</li>`)}
                  ${rest > 0 ? html`<li class="muted">${overview.dueRest(rest)}</li>` : nothing}
                </ul>
                ${rest > 0 ? html`<a href="/people?enrollment=missing">${overview.dueAll}</a>` : nothing}`
            : html`<p class="muted">${overview.dueNobody}</p>`
        }
      `,
    );
  }

  private look({ now }: Overview) {
    const { overview } = words;
    const lines = [
      [now.backup_codes_none, overview.codesNone, ""],
      [now.backup_codes_low, overview.codesLow, ""],
      [now.locked, overview.lockedNow, "/people?locked=1"],
      [now.disabled, overview.disabledNow, "/people?state=disabled"],
      [now.trusted_devices, overview.trusting, ""],
    ] as const;
    const shown = lines.filter(([count]) => count > 0);
    if (shown.length === 0) return nothing;
    return section(
      overview.look,
      overview.lookMore,
      html`
        <ul class="plain">
          ${shown.map(([count, say, to]) => html`<li>${to ? html`<a href=${to}>${say(count)}</a>` : say(count)}</li>`)}
        </ul>
      `,
    );
  }

  private load = async (): Promise<void> => {
    this.error = undefined;
    try {
      this.overview = (await new OrganizationApi(this.api, this.me).overview()).overview;
    } catch (error) {
      await this.refuse(error);
    }
  };
}
