// The rows of the list of people: a table, and on a phone a list.

import { html, nothing } from "lit";
import { follow } from "./address";
import type { Person, Unreadable } from "./api";
import { day, words } from "../words";

export interface Shown {
  people: (Person | Unreadable)[];
  busy: boolean;
  chosen: ReadonlyMap<string, string>;
  /** Where a person's page is. */
  address: (id: string) => string;
  /** A person is chosen, or no longer. */
  choose: (id: string, name: string, chosen: boolean) => void;
}

export function peopleTable(shown: Shown) {
  const { people, busy } = shown;
  const { list } = words;
  return html`<table class=${busy ? "rows updating" : "rows"}>
    <thead>
      <tr>
        <td></td>
        <th class="who" scope="col">${list.name}</th>
        <th scope="col">${list.secondStep}</th>
        <th scope="col">${list.role}</th>
        <th class="groups" scope="col">${list.groups}</th>
        <th scope="col">${list.added}</th>
      </tr>
    </thead>
    <tbody>
      ${people.map((person) => row(person, shown))}
    </tbody>
  </table>`;
}

function row(person: Person | Unreadable, { address, chosen, choose }: Shown) {
  const { frame, list, person: one } = words;
  if ("unreadable" in person) {
    return html`<tr>
      <td></td>
      <th scope="row">${person.id}</th>
      <td colspan="4">${list.unreadable}</td>
    </tr>`;
  }
  const { name, username, role, groups, state, enrolled } = person;
  const second = name === null ? person.email : username;
  const shown = name ?? username;
  return html`<tr>
    <td class="choose">
      <input
        type="checkbox"
        aria-label=${words.selection.choose(shown)}
        .checked=${chosen.has(person.id)}
        @change=${(event: Event) => choose(person.id, shown, (event.target as HTMLInputElement).checked)}
      />
    </td>
    <th class="who" scope="row">
      <a href=${address(person.id)} @click=${follow}>${shown}</a>${
        state === "disabled" ? html` <span class="tag">${one.disabled}</span>` : nothing
      }
      ${second !== null && second !== shown ? html`<div class="small muted">${second}</div>` : nothing}
    </th>
    <td>${enrolled ? list.hasSecondStep : html`<span class="tag warn">${list.noSecondStep}</span>`}</td>
    <td class="wide-only">${frame.roles[role]}</td>
    <td class="groups wide-only">${groups.join(", ")}</td>
    <td class="wide-only">${day(person.created_at)}</td>
  </tr>`;
}
