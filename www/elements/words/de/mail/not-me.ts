// „Das war ich nicht“: was die Seite dieses Links sagt.

import type { MailWords } from "../../en/mail";

export const notMe: MailWords["notMe"] = {
  title: "Das war ich nicht",
  lead: "Ist mit Ihrem Konto etwas geschehen, das Sie nicht getan haben? Dann melden Sie hier alles ab.",
  happens: "Wenn Sie den Knopf drücken:",
  effects: [
    "Jeder Browser wird abgemeldet, auch dieser.",
    "Vertraute Browser werden vergessen. Sie werden wieder nach dem zweiten Schritt gefragt.",
    "Offene Links aus Mails gelten nicht mehr, etwa solche zum Zurücksetzen.",
  ],
  stays: "Ihr Passwort, Ihre Authenticatoren und Ihre Backup-Codes bleiben, wie sie sind.",
  button: "Überall abmelden",
  done: "Alles ist abgemeldet.",
  doneMore: "Sie bekommen eine Mail darüber. Das sind die nächsten Schritte:",
  steps: [
    "Melden Sie sich wieder an.",
    "Ändern Sie Ihr Passwort.",
    "Sehen Sie Ihre Authenticatoren durch, und entfernen Sie alle, die nicht Ihre sind.",
  ],
  signIn: "Anmelden",
  over: "Dieser Link gilt nicht mehr.",
  overMore:
    "Er wurde benutzt, oder er ist älter als sieben Tage. Auf Ihrer Sicherheitsseite können Sie dasselbe tun: alle anderen Geräte abmelden, vertraute Browser vergessen, Ihr Passwort ändern.",
  toSecurity: "Zu Ihrer Sicherheitsseite",
  unreadable: "Dieser Link kann nicht gelesen werden.",
  unreadableMore: "Vielleicht fehlt ein Stück. Öffnen Sie ihn noch einmal aus der Mail.",
};
