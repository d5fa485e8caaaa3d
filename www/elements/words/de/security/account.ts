// Ein neues Passwort, und wie man den zweiten Schritt abschaltet.

import type { SecurityWords } from "../../en/security";

export const account: SecurityWords["account"] = {
  passwordMore: "Ihr erster Schritt.",
  changePassword: "Passwort ändern",
  changeMore: "Alle anderen Sitzungen unter Ihrem Namen werden abgemeldet und vertraute Browser vergessen.",
  currentPassword: "Jetziges Passwort",
  newPassword: "Neues Passwort",
  passwordHint: (shortest) => `Mindestens ${shortest} Zeichen. Lang ist besser als kompliziert.`,
  savePassword: "Passwort speichern",
  tooShort: (shortest) => `Nehmen Sie mindestens ${shortest} Zeichen.`,
  passwordChanged: "Ihr Passwort ist geändert.",
  enterCurrent: "Geben Sie Ihr jetziges Passwort ein.",
  turnOff: "Abschalten",
  turnOffMore: "Zurück zu einem Schritt.",
  hasToStay: (organization) =>
    `${organization} verlangt einen zweiten Schritt; er lässt sich nicht abschalten.`,
  turnOffAll: "Zweiten Schritt abschalten",
  turnOffSure: "Zweiten Schritt abschalten?",
  turnOffEnds:
    "Alle Ihre Authenticatoren, Backup-Codes und vertrauten Browser enden. Danach meldet Ihr Passwort allein Sie an.",
  turnedOff: "Der zweite Schritt ist abgeschaltet.",
};
