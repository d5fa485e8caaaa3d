// Ein neuer Nachweis, und wofür er ist.

import type { SignInWords } from "../../en/sign-in";

export const stepUp: SignInWords["stepUp"] = {
  heading: "Zeigen Sie zuerst, dass Sie es sind",
  needed: (to) => `Nötig, um ${to}.`,
  purposes: {
    addApp: "eine Authenticator-App hinzuzufügen",
    addPasskey: "einen Passkey hinzuzufügen",
    forget: "einen Browser zu vergessen",
    goOn: "fortzufahren",
    makeCodes: "neue Backup-Codes zu erstellen",
    remove: "einen Authenticator zu entfernen",
    setPassword: "Ihr Passwort zu ändern",
    turnOff: "zu einem Schritt zurückzukehren",
  },
};
