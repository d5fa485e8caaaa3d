// Die Sicherheitsseite: wer hier ist, und wie das Konto geschützt ist.

import type { SecurityWords } from "../../en/security";

export const security: SecurityWords["security"] = {
  organization: "Ihre Organisation",
  title: "Ihre Sicherheit",
  saveCodes: "Bewahren Sie Ihre Backup-Codes auf",
  addFirst: "Richten Sie einen zweiten Schritt ein, um fortzufahren.",
  addFirstMore: (organization) =>
    `${organization} verlangt einen von allen, damit ein gestohlenes Passwort nicht reicht, um sich als Sie anzumelden. Es dauert eine Minute.`,
  yourOrganization: "Ihre Organisation",
  proveFirst: "Zeigen Sie noch einmal, dass Sie es sind.",
  proveFirstMore: "Ihre Organisation fragt hier nach Ihrem zweiten Schritt.",
  unavailable: "Ihr Konto kann gerade nicht gezeigt werden.",
  signedInAs: (username) => `Angemeldet als ${username}.`,
  enrollBy: (when, organization) =>
    `Ab ${when} verlangt ${organization} einen zweiten Schritt von Ihnen. Fügen Sie vorher einen Authenticator hinzu.`,
  outOfDate: "Das ist vielleicht nicht mehr aktuell.",
  lookAgain: "Neu laden",
  headline: {
    byBackupCode: "Ein Backup-Code hat Sie hineingelassen.",
    off: "Die Anmeldung in zwei Schritten ist hier abgeschaltet.",
    twoSteps: "Zwei Schritte schützen Ihr Konto.",
    onlyPassword: "Nur Ihr Passwort schützt Ihr Konto.",
    oneStep: "Ein Schritt schützt Ihr Konto.",
  },
};
