// Browser, die den zweiten Schritt überspringen, und offene Sitzungen.

import type { SecurityWords } from "../../en/security";

export const devices: SecurityWords["devices"] = {
  trusted: "Vertraute Browser",
  trustedMore: "Sie überspringen den zweiten Schritt bis zu dem gezeigten Tag.",
  about: (until, used) =>
    `Bis ${until} · ${used === undefined ? "noch nicht benutzt" : `zuletzt benutzt ${used}`}`,
  forget: "Browser vergessen",
  forgotten: (name) => `${name} wird ab jetzt wieder gefragt.`,
  forgetAll: "Alle Browser vergessen",
  forgottenAll: "Alle Browser werden ab jetzt wieder gefragt.",
  sessions: "Wo Sie angemeldet sind",
  sessionsMore: "Wenn Sie etwas davon nicht kennen, melden Sie es ab und ändern Sie Ihr Passwort.",
  signedIn: (when, active) =>
    active === undefined ? `Angemeldet ${when}` : `Angemeldet ${when} · aktiv ${active}`,
  signOut: "Gerät abmelden",
  signedOut: (name) => `${name} ist abgemeldet.`,
  signOutOthers: "Alle anderen Geräte abmelden",
  signedOutOthers: "Alle anderen Geräte sind abgemeldet.",
};
