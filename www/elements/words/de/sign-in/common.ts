// Was an mehr als einer Stelle gesagt wird.

import type { SignInWords } from "../../en/sign-in";

export const common: SignInWords["common"] = {
  cancel: "Abbrechen",
  close: "Schließen",
  save: "Speichern",
  tryAgain: "Noch einmal versuchen",
  tryAgainIn: (time) => `Wieder möglich in ${time}`,
  tooManyTries: "Zu viele Versuche. Warten Sie etwas vor dem nächsten.",
  startOver: "Von vorn beginnen",
  signOut: "Abmelden",
  goOn: "Weiter",
  oneMoment: "Einen Moment …",
  waitingForPasskey: "Warten auf Ihren Passkey …",
  justNow: "gerade eben",
  at: (organization) => `bei ${organization}`,
  name: "Name",
  nameIt: "Geben Sie ihm einen Namen.",
  password: "Passwort",
  enterPassword: "Geben Sie Ihr Passwort ein.",
  codeOfApp: "Code aus Ihrer App",
  thisOne: "dieser hier",
  about: (name) => `: ${name}`,
  show: "Zeigen",
  showMore: ", was ich tippe",
  copy: "Kopieren",
  copied: "Kopiert",
  copyByHand: "Bitte von Hand kopieren",
};
