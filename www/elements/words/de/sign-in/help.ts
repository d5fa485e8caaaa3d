// Für eine Person, die die Frage nicht beantworten kann.

import type { SignInWords } from "../../en/sign-in";

const MORE = "Die Antwort kommt per Mail oder persönlich; diese Seite können Sie schließen.";

export const help: SignInWords["help"] = {
  lead: "Wenn Ihr Telefon weg ist und Sie keinen Backup-Code haben, muss Sie jemand wieder hineinlassen, der weiß, dass Sie es sind.",
  back: "Zurück zu den Wegen der Anmeldung",
  ask: (names) => `Bitten Sie ${names} um Hilfe. Ihr zweiter Schritt kann dort zurückgesetzt werden.`,
  askRunners: (organization) =>
    `Bitten Sie die Verwaltung von ${organization} um Hilfe. Ihr zweiter Schritt kann dort zurückgesetzt werden.`,
  askSupport:
    "Bitten Sie den Support des Dienstes, bei dem Sie sich anmelden, um Hilfe. Ihr zweiter Schritt kann dort zurückgesetzt werden.",
  support: (contact) => `Wenn dort niemand helfen kann: ${contact}`,
  send: "Bitte um Hilfe senden",
  sent: (names, when) => `Ihre Bitte ging ${when} an ${names}. ${MORE}`,
  sentToRunners: (organization, when) =>
    `Ihre Bitte ging ${when} an die Verwaltung von ${organization}. ${MORE}`,
};
