// Der erste Schritt.

import type { SignInWords } from "../../en/sign-in";

export const signIn: SignInWords["signIn"] = {
  title: "Anmelden",
  oneMoreStep: "Noch ein Schritt",
  who: (username, organization) => `${username} bei ${organization}`,
  signingInTo: (organization) => `Anmeldung bei ${organization}`,
  to: (organization) => `bei ${organization}`,
  elsewhere: "Andere Organisation",
  organization: "Organisation",
  username: "Benutzername",
  signIn: "Anmelden",
  forgot: "Passwort vergessen?",
  or: "oder",
  withPasskey: "Mit Passkey anmelden",
  forgetPasskey: "Nicht mehr anbieten",
  passkeyForgotten: "Ihr Browser soll ihn nicht mehr anbieten.",
  enterOrganization: "Geben Sie den Kurznamen Ihrer Organisation ein.",
  enterUsername: "Geben Sie Ihren Benutzernamen ein.",
  refused: "Ihre Organisation erlaubt diese Anmeldung nicht. Fragen Sie die Verwaltung.",
  offer: {
    title: "Einen zweiten Schritt einrichten?",
    more: (organization) =>
      `Dann genügt ein gestohlenes Passwort nicht, um sich bei ${organization} als Sie anzumelden. Es dauert eine Minute.`,
    enroll: "Jetzt einrichten",
    notNow: "Nicht jetzt",
    again: (days, day) =>
      days === 1 ? "Sonst werden Sie morgen wieder gefragt." : `Sonst werden Sie am ${day} wieder gefragt.`,
    must: (day) => `Ab dem ${day} brauchen Sie einen, um sich anzumelden.`,
  },
  cookieNotKept:
    "Das war richtig, aber Ihr Browser hat das Cookie nicht behalten, das Sie anmeldet. Erlauben Sie Cookies für diese Seite, oder nehmen Sie einen anderen Browser.",
};
