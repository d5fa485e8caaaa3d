// The rows of the list of people: a table, and on a phone a list.

import { html, nothing } from "lit";
import { follow } from "./address";
import type { Person, Unreadable } from "./api";
import { day, words } from "../words";

export function peopleTable(people: (Person | Unreadable)[], busy: boolean, address: (id: string) => string) {
  const { list } = words;
  return html`<table class=${busy ? "updating" : ""}>
    <thead>
      <tr>
        <th class="who" scope="col">${list.name}</th>
        <th scope="col">${list.secondStep}</th>
        <th scope="col">${list.role}</th>
        <th class="groups" scope="col">${list.groups}</th>
        <th scope="col">${list.added}</th>
      </tr>
    </thead>
    <tbody>
      ${people.map((person) => row(person, address(person.id)))}
    </tbody>
  </table>`;
}

function row(person: Person | Unreadable, to: string) {
  const { frame, list, person: one } = words;
  if ("unreadable" in person) {
    return html`<tr>
      <th scope="row">${person.id}</th>
      <td colspan="4">${list.unreadable}</td>
    </tr>`;
  }
  const { name, username, role, groups, state, enrolled } = person;
  const second = name === null ? person.email : username;
  return html`<tr>
    <th class="who" scope="row">
      <a href=${to} @click=${follow}>${name ?? username}</a>${
        state === "disabled" ? html` <span class="tag">${one.disabled}</span>` : nothing
      }
      ${second !== null && second !== (name ?? username) ? html`<div class="small muted">${second}</div>` : nothing}
    </th>
    <td>${enrolled ? list.hasSecondStep : html`<span class="tag warn">${list.noSecondStep}</span>`}</td>
    <td class="wide-only">${frame.roles[role]}</td>
    <td class="groups wide-only">${groups.join(", ")}</td>
    <td class="wide-only">${day(person.created_at)}</td>
  </tr>`;
}
