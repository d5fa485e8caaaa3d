// <postern-chart>: numbers of days as areas or bars, drawn as wide as there is room. Its text is real text, its colors
// are the theme's. Whoever shows it says the same in words or a table, since a picture says nothing aloud.

import { scaleBand, scaleLinear, scaleUtc } from "d3-scale";
import { area, line } from "d3-shape";
import { LitElement, css, html, nothing, svg } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { theme } from "../styles";
import { number, shortDay } from "../words";

export interface Series {
  label: string;
  /** One number a day. */
  values: number[];
}

const HEIGHT = 220;
const EDGE = { top: 12, right: 8, bottom: 28, left: 44 };
/** What a date below the axis takes, px. */
const DATE = 96;

@customElement("postern-chart")
export class PosternChart extends LitElement {
  /** What it shows, in a sentence. */
  @property() label = "";
  /** The beginnings of the days, unix seconds. */
  @property({ attribute: false }) days: number[] = [];
  /** Areas: the last one lies on top. Bars: stacked. */
  @property({ attribute: false }) series: Series[] = [];
  @property({ type: Boolean }) bars = false;
  @state() private width = 0;
  private readonly room = new ResizeObserver(([entry]) => {
    this.width = Math.round(entry?.contentRect.width ?? 0);
  });

  static override styles = [
    theme,
    css`
      svg {
        display: block;
        width: 100%;
        overflow: visible;
        font-size: 0.8125rem;
      }
      text {
        fill: var(--muted);
      }
      .grid {
        stroke: var(--line);
      }
      .line {
        fill: none;
        stroke-width: 1.75;
      }
      .series-0 {
        --ink-of-series: var(--edge);
        --fill-of-series: var(--sunken);
      }
      .series-1 {
        --ink-of-series: var(--accent);
        --fill-of-series: var(--tint);
      }
      .line {
        stroke: var(--ink-of-series);
      }
      .area {
        fill: var(--fill-of-series);
      }
      .bar {
        fill: var(--ink-of-series);
      }
      ul {
        display: flex;
        flex-wrap: wrap;
        gap: 0.25rem 1.25rem;
        margin-bottom: 0.5rem;
        font-size: 0.875rem;
      }
      li {
        display: flex;
        gap: 0.5rem;
        align-items: center;
      }
      li span {
        width: 1rem;
        height: 0.25rem;
        border-radius: 0.125rem;
        background: var(--ink-of-series);
      }
      @media (forced-colors: active) {
        .series-0 {
          --ink-of-series: GrayText;
        }
        .series-1 {
          --ink-of-series: Highlight;
        }
        .area {
          fill: none;
        }
        li span {
          forced-color-adjust: none;
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.room.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.room.disconnect();
  }

  override render() {
    const { width } = this;
    return html`
      <ul aria-hidden="true">
        ${this.series.map(({ label }, nth) => html`<li class="series-${nth}"><span></span>${label}</li>`)}
      </ul>
      ${
        width === 0
          ? nothing
          : html`<svg role="img" aria-label=${this.label} viewBox="0 0 ${width} ${HEIGHT}" height=${HEIGHT}>
              ${this.bars ? this.drawBars(width) : this.drawAreas(width)}
            </svg>`
      }
    `;
  }

  private upTo(most: number) {
    return scaleLinear()
      .domain([0, Math.max(1, most)])
      .nice(4)
      .range([HEIGHT - EDGE.bottom, EDGE.top]);
  }

  private drawAreas(width: number) {
    const y = this.upTo(Math.max(...this.series.flatMap(({ values }) => values)));
    const first = this.days[0] ?? 0;
    const x = scaleUtc()
      .domain([first * 1000, (this.days.at(-1) ?? first) * 1000])
      .range([EDGE.left, width - EDGE.right]);
    const at = (nth: number) => x((this.days[nth] ?? 0) * 1000);
    const areas = area<number>((_, nth) => at(nth), y(0), y);
    const lines = line<number>((_, nth) => at(nth), y);
    const dates = x.ticks(Math.max(2, Math.floor(width / DATE))).filter((date) => date.getUTCHours() === 0);
    return svg`${this.grid(y, width)}
      ${dates.map((date) => this.date(x(date), date.getTime() / 1000))}
      ${this.series.map(
        ({ values }, nth) => svg`<g class="series-${nth}">
          <path class="area" d=${areas(values) ?? ""}></path>
          <path class="line" d=${lines(values) ?? ""}></path>
        </g>`,
      )}`;
  }

  private drawBars(width: number) {
    const sums = this.days.map((_, day) =>
      this.series.reduce((sum, { values }) => sum + (values[day] ?? 0), 0),
    );
    const y = this.upTo(Math.max(...sums));
    const x = scaleBand<number>()
      .domain(this.days.keys())
      .range([EDGE.left, width - EDGE.right])
      .padding(0.25);
    const every = Math.ceil(this.days.length / Math.max(2, Math.floor(width / DATE)));
    const below = this.days.map(() => 0);
    return svg`${this.grid(y, width)}
      ${this.days.map((day, nth) =>
        nth % every === 0 ? this.date((x(nth) ?? 0) + x.bandwidth() / 2, day) : nothing,
      )}
      ${this.series.map(
        ({ values }, nth) => svg`<g class="series-${nth}">
          ${values.map((value, day) => {
            const from = below[day] ?? 0;
            below[day] = from + value;
            return svg`<rect
              class="bar"
              x=${x(day) ?? 0}
              width=${x.bandwidth()}
              y=${y(from + value)}
              height=${y(from) - y(from + value)}
            ></rect>`;
          })}
        </g>`,
      )}`;
  }

  private grid(y: ReturnType<PosternChart["upTo"]>, width: number) {
    const ticks = y.ticks(4).filter(Number.isInteger);
    return ticks.map(
      (
        tick,
      ) => svg`<line class="grid" x1=${EDGE.left} x2=${width - EDGE.right} y1=${y(tick)} y2=${y(tick)}></line>
        <text x=${EDGE.left - 8} y=${y(tick)} dy="0.35em" text-anchor="end">${number(tick)}</text>`,
    );
  }

  private date(x: number, at: number) {
    return svg`<text x=${x} y=${HEIGHT - 8} text-anchor="middle">${shortDay(at)}</text>`;
  }
}
