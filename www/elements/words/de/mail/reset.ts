// Der Link, um den zweiten Schritt zu ersetzen: was seine Seite sagt.

import type { MailWords } from "../../en/mail";

export const reset: MailWords["reset"] = {
  title: "Zweiten Schritt neu einrichten",
  lead: (organization) =>
    `Inhaber oder Admins von ${organization} haben Ihnen diesen Link geschickt, weil Sie Ihren zweiten Schritt nicht nutzen können.`,
  happens: "Melden Sie sich mit Ihrem Passwort an und fügen Sie einen neuen Authenticator hinzu. Damit:",
  effects: [
    "funktionieren Ihre alten Authenticatoren und Backup-Codes nicht mehr,",
    "werden alle anderen Browser abgemeldet und vertraute Browser vergessen.",
  ],
  until: (time) => `Vorher ändert sich nichts. Der Link gilt bis ${time}.`,
  goOn: "Anmelden und weiter",
  elsewhere: (organization) =>
    `Bei ${organization} melden Sie sich auf einer eigenen Seite an. Öffnen Sie diese Seite, melden Sie sich dort an und bitten Sie mit dieser Mail um Hilfe.`,
  opening: "Der Link wird gelesen …",
  over: "Dieser Link gilt nicht mehr.",
  overMore:
    "Er wurde benutzt oder zurückgenommen, ist abgelaufen, oder es gibt einen neueren. Bitten Sie Ihre Inhaber oder Admins um einen neuen Link.",
  toSignIn: "Zur Anmeldung",
  unreadable: "Dieser Link ist nicht lesbar.",
  unreadableMore: "Vielleicht fehlt ein Teil. Öffnen Sie ihn noch einmal aus der Mail.",
  wrongPassword: "Das ist nicht das Passwort.",
  again: "Noch einmal versuchen",
};
