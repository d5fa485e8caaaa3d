// Was um jede Seite der Organisation steht.

import type { Words } from "../en";

export const frame: Words["frame"] = {
  languages: { en: "Englisch", de: "Deutsch" },
  overview: "Überblick",
  people: "Personen",
  audit: "Protokoll",
  policy: "Regeln",
  settings: "Einstellungen",
  pages: "Seiten der Organisation",
  skip: "Zum Inhalt springen",
  ownSecurity: "Eigene Sicherheit",
  signOut: "Abmelden",
  signedInAs: (name) => `Angemeldet als ${name}`,
  roles: { member: "Mitglied", admin: "Admin", owner: "Inhaber" },
  notForMembers: "Diese Seite ist für Inhaber und Admins.",
  notForMembersMore: (organization) =>
    `Sie sind Mitglied von ${organization}. Ein Inhaber kann Ihnen eine andere Rolle geben.`,
  enrollFirst: "Richten Sie zuerst einen zweiten Schritt ein.",
  enrollFirstMore: "Inhaber und Admins melden sich in zwei Schritten an, bevor sie Daten anderer sehen.",
  toSecurity: "Zu Ihrer Sicherheitsseite",
  proveFirst: "Zeigen Sie noch einmal, dass Sie es sind.",
  proveFirstMore: "Diese Seite zeigt Daten anderer und braucht darum Ihren zweiten Schritt.",
  goOn: "Weiter",
  unavailable: "Diese Seite kann gerade nicht gezeigt werden.",
  tryAgain: "Noch einmal versuchen",
  loading: "Wird geladen …",
  more: "Mehr",
  cancel: "Abbrechen",
  close: "Schließen",
  save: "Speichern",
  outOfDate: "Das ist vielleicht nicht mehr aktuell.",
  lookAgain: "Neu laden",
};
