// Eine Person mit einem Link per Mail einladen.

import type { Words } from "../en";

export const invitation: Words["invitation"] = {
  title: "Noch kein Passwort",
  about: (addresses) =>
    `Für alle, die sich hier und nicht in einer Anwendung anmelden: Eine Mail geht an ${addresses}, mit einem Link, um ein Passwort zu wählen. Er gilt 24 Stunden.`,
  aboutNobody:
    "Für alle, die sich hier und nicht in einer Anwendung anmelden: eine Mail mit einem Link, um ein Passwort zu wählen. Er gilt 24 Stunden.",
  send: "Einladung schicken",
  sendAgain: "Neue Einladung schicken",
  sent: (name) => `${name} bekommt eine Einladung per Mail.`,
  invited: (when) => `Eingeladen ${when}, noch kein Passwort gewählt.`,
  works: (until) => `Der Link gilt bis ${until}. Eine neue Einladung beendet diese.`,
  over: (since) => `Der Link gilt seit ${since} nicht mehr.`,
  whyNot: {
    noAddress:
      "Es gibt keine Mailadresse, an die eine Einladung gehen kann. Tragen Sie unter „Bearbeiten“ eine ein.",
    disabled: "Diese Person darf sich nicht anmelden. Ändern Sie das zuerst unter „Bearbeiten“.",
  },
  refused: {
    often: (span) =>
      `In der letzten Stunde gingen drei Einladungen hinaus. Versuchen Sie es wieder in ${span}.`,
    hasPassword: "Diese Person hat inzwischen ein Passwort.",
  },
  purpose: "eine Einladung zu schicken",
};
