// Who is attacked, how much, and what an owner can do about it.

import { html, nothing } from "lit";
import type { Overview } from "./api";
import { person, section, table } from "./pieces";
import { moment, number, shortDay, words } from "../words";

export function attacks({ attacks, under_attack }: Overview) {
  const { overview } = words;
  const sum = (what: (day: Overview["attacks"][number]) => number) =>
    attacks.reduce((all, day) => all + what(day), 0);
  const wrong = sum((day) => day.wrong);
  const devices = sum((day) => day.refused_devices);
  const locks = sum((day) => day.locks);
  const series = [
    { label: overview.refusedDevices, values: attacks.map((day) => day.refused_devices) },
    { label: overview.wrong, values: attacks.map((day) => day.wrong) },
  ];
  return section(
    overview.attacks,
    overview.attacksMore,
    html`
      ${
        wrong + devices + locks === 0
          ? html`<p class="muted">${overview.quiet}</p>`
          : html`<postern-chart
                bars
                label=${overview.attacksAloud(wrong, devices)}
                .days=${attacks.map(({ from }) => from)}
                .series=${series}
              ></postern-chart>
              ${table(
                [overview.day, overview.wrong, overview.refusedDevices, overview.locksColumn],
                attacks.map((day) => [
                  shortDay(day.from),
                  number(day.wrong),
                  number(day.refused_devices),
                  number(day.locks),
                ]),
              )}
              ${locks > 0 ? html`<p>${overview.locks(locks)}</p>` : nothing}
              <a
                href="/audit?${new URLSearchParams({ outcome: "refused", from: String(attacks[0]?.from ?? 0) })}"
                >${overview.seeRefused}</a
              >`
      }
      <h3>${overview.underAttack}</h3>
      <p class="small muted">${overview.underAttackMore}</p>
      ${under_attack.length === 0 ? html`<p class="muted">${overview.underAttackNobody}</p>` : accounts(under_attack)}
    `,
  );
}

function accounts(under_attack: Overview["under_attack"]) {
  const { overview } = words;
  return html`<ul class="list">
      ${under_attack.map(({ id, name, tries, networks, locked, locked_until }) => {
        const until = locked_until === null ? overview.lockedForGood : overview.locked(moment(locked_until));
        return html`<li>
          <div class="what">
            ${person(id, name)}
            <p class="small muted">${overview.tries(tries, networks)}</p>
          </div>
          ${locked ? html`<span class="tag warn">${until}</span>` : nothing}
        </li>`;
      })}
    </ul>
    <h3>${overview.whatToDo}</h3>
    <ul class="advice">
      ${overview.advice.map((line) => html`<li>${line}</li>`)}
    </ul>`;
}
