// Die Organisation selbst.

import type { Words } from "../en";

export const settings: Words["settings"] = {
  title: (name) => `Einstellungen von ${name}`,
  about: "Angaben",
  aboutMore: "Was Personen auf Seiten, in Mails und in ihren Authenticator-Apps sehen.",
  name: "Name",
  nameHint: "Neue Einträge in Authenticator-Apps tragen ihn; vorhandene behalten den alten.",
  support: "Wen man um Hilfe bittet",
  supportHint:
    "Eine Adresse, eine Nummer oder eine Seite, für Personen, denen kein Inhaber oder Admin helfen kann.",
  language: "Sprache der Mails",
  languageHint: "Für Personen, bei denen keine andere eingetragen ist.",
  days: "Protokoll aufbewahren",
  daysHint:
    "Ältere Ereignisse werden gelöscht. Exportieren Sie das Protokoll vorher, wenn Sie es länger brauchen.",
  daysOf: (days) => (days % 365 === 0 && days > 365 ? `${days / 365} Jahre` : `${days} Tage`),
  daysShorter: (kept) =>
    `Was älter ist als ${kept}, wird wenige Minuten nach dem Speichern endgültig gelöscht.`,
  readOnly: "Sie können ansehen, nicht ändern: Das ändern nur Inhaber.",
  saved: "Die Einstellungen wurden gespeichert.",
  unchanged: "Nichts wurde geändert.",
  owners: "Inhaber",
  ownersMore: "Sie setzen die Regeln und helfen allen. Der zweite Schritt gehört jedem Inhaber allein.",
  only: "Sie sind der einzige Inhaber. Verlieren Sie Ihre zweiten Schritte, kann Ihnen hier niemand helfen: Machen Sie jemanden zum zweiten Inhaber.",
  count: (count) =>
    count === 1 ? "1 Inhaber, der sich anmelden darf." : `${count} Inhaber, die sich anmelden dürfen.`,
  see: "Die Inhaber ansehen",
  lost: "Einem Inhaber, der alles verloren hat und keinen zweiten Inhaber neben sich hat, hilft der Betreiber von Postern: Die Seite zum Betrieb sagt, wie.",
  bad: {
    name: "Dieser Name geht nicht. Nehmen Sie 1 bis 64 gewöhnliche Zeichen.",
    support: "Das lässt sich nicht zeigen. Nehmen Sie 1 bis 64 gewöhnliche Zeichen, oder lassen Sie es leer.",
  },
  purpose: "die Organisation zu ändern",
};
