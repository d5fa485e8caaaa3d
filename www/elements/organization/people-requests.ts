// Who asked for help and still waits for it: a table, and on a phone a list.

import { html, nothing } from "lit";
import { follow } from "./address";
import type { HelpRequest } from "./api";
import { day, distance, moment, words } from "../words";

export function peopleRequests(requests: HelpRequest[], address: (id: string) => string) {
  const { requests: say } = words;
  if (requests.length === 0) {
    return html`<div class="empty">
      <p><strong>${say.none}</strong></p>
      <p class="muted">${say.noneMore}</p>
    </div>`;
  }
  return html`<p class="found">${say.about}</p>
    <table class="rows requests">
      <thead>
        <tr>
          <th scope="col">${words.list.name}</th>
          <th scope="col">${say.asked}</th>
          <th scope="col">${say.from}</th>
          <th scope="col">${say.signedIn}</th>
          <th scope="col">${say.address}</th>
        </tr>
      </thead>
      <tbody>
        ${requests.map((request) => row(request, address))}
      </tbody>
    </table>`;
}

function row(
  { user, username, name, role, reachable, signed_in_at, asked }: HelpRequest,
  to: (id: string) => string,
) {
  const { frame, requests: say } = words;
  const from = [asked.browser, asked.ip].filter(Boolean).join(" · ");
  return html`<tr>
    <th scope="row">
      <a href=${to(user)} @click=${follow}>${name ?? username}</a>${
        role === "member" ? nothing : html` <span class="tag">${frame.roles[role]}</span>`
      }
      ${name === null ? nothing : html`<div class="small muted">${username}</div>`}
    </th>
    <td>
      <time datetime=${new Date(asked.at * 1000).toISOString()} title=${moment(asked.at)}
        >${distance(asked.at)}</time
      >
    </td>
    <td class="of" data-label=${say.from}>${from || say.unknown}</td>
    <td class="of" data-label=${say.signedIn}>${signed_in_at === null ? say.unknown : day(signed_in_at)}</td>
    <td class="of" data-label=${say.address}>
      ${reachable ? say.hasAddress : html`<span class="tag warn">${say.noAddress}</span>`}
    </td>
  </tr>`;
}
