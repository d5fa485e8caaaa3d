// Ein vergessenes Passwort: was die Seite sagt, die um einen Link bittet, und was sie sagt, wenn der Link geöffnet wird.

import type { MailWords } from "../../en/mail";

export const password: MailWords["password"] = {
  title: "Ein neues Passwort",
  lead: "Sagen Sie, wer Sie sind. Sie bekommen eine Mail mit einem Link, um ein neues Passwort zu wählen.",
  send: "Mail senden",
  asked: "Sehen Sie in Ihre Mails",
  askedMore:
    "Wenn es diese Person gibt, mit einem Passwort hier und einer Mailadresse, ist eine Mail unterwegs. Ihr Link gilt eine Stunde.",
  nothingCame:
    "Nach einigen Minuten ist nichts da? Sehen Sie im Spam nach, oder fragen Sie die Verwaltung Ihrer Organisation.",
  toSignIn: "Zurück zur Anmeldung",
  opening: "Der Link wird geöffnet …",
  chooseLead: (username, organization) => `Für ${username} bei ${organization}.`,
  newPassword: "Neues Passwort",
  hint: "Mindestens 8 Zeichen und kein häufiges.",
  happens: "Sie werden in jedem Browser abgemeldet. Ihr zweiter Schritt bleibt, wie er ist.",
  save: "Passwort setzen",
  enterCode: "Geben Sie den Code ein, den Ihre App zeigt.",
  passkeyNext: "Nach Ihrem Passkey wird gefragt, wenn Sie das Passwort setzen.",
  passkeyOnly:
    "Für ein neues Passwort braucht es auch Ihren zweiten Schritt, und der geht in diesem Browser nicht. Bitten Sie die Verwaltung Ihrer Organisation, Ihren zweiten Schritt zurückzusetzen oder Ihnen ein neues Passwort zu geben.",
  done: "Ihr Passwort ist gesetzt.",
  doneMore: "Melden Sie sich jetzt damit an.",
  over: "Dieser Link gilt nicht mehr.",
  overMore:
    "Er wurde benutzt, oder er ist älter als eine Stunde, oder es kam ein neuerer. Bitten Sie um einen anderen.",
  askAgain: "Um einen anderen Link bitten",
  unreadable: "Dieser Link kann nicht gelesen werden.",
  unreadableMore: "Vielleicht fehlt ein Stück. Öffnen Sie ihn noch einmal aus der Mail.",
};
