// Die Frage nach dem zweiten Schritt.

import type { SignInWords } from "../../en/sign-in";

const NUMBERS: Record<number, string> = { 6: "sechs", 7: "sieben", 8: "acht" };
const counted = (lengths: number[]) => lengths.map((length) => NUMBERS[length] ?? length).join(" oder ");

export const challenge: SignInWords["challenge"] = {
  lead: {
    passkey:
      "Ihr Browser fragt nach Fingerabdruck, Gesicht oder Bildschirmsperre oder nach Ihrem Sicherheitsschlüssel.",
    backup_code: "Geben Sie einen der Backup-Codes ein, die Sie beim Einrichten aufbewahrt haben.",
    password: "Geben Sie Ihr Passwort ein, um zu zeigen, dass Sie es sind.",
  },
  leadOfApp: (lengths) =>
    lengths.length > 1
      ? "Öffnen Sie Ihre Authenticator-App und geben Sie den Code ein, den sie für dieses Konto zeigt."
      : `Öffnen Sie Ihre Authenticator-App und geben Sie die ${counted(lengths)} Ziffern ein, die sie für dieses Konto zeigt.`,
  use: {
    passkey: "Passkey benutzen",
    totp: "Authenticator-App benutzen",
    backup_code: "Backup-Code benutzen",
    password: "Passwort benutzen",
  },
  endsSoon: {
    question: "Diese Frage endet in weniger als einer Minute.",
    signIn: "Diese Anmeldung endet in weniger als einer Minute.",
  },
  trust: (days) => `Diesem Browser ${days} Tage lang vertrauen`,
  noneOfThese: "Nichts davon geht",
  whichApp: "Aus welcher App ist der Code?",
  chooseOne: "Bitte wählen",
  anyApp: "Aus irgendeiner meiner Apps",
  verify: "Prüfen",
  late: "Ein Passkey muss innerhalb von fünf Minuten benutzt werden, und die sind um.",
  backupCode: "Backup-Code",
  worksOnce: "Jeder Code gilt einmal.",
  replyLost: "Ihre Antwort wurde anscheinend angenommen, aber die Rückmeldung ging verloren.",
  codeUsedUp: "Dieser Backup-Code ist verbraucht: Nehmen Sie einen anderen.",
  ended: {
    question: "Diese Frage war zu lange offen und ist abgelaufen. Nichts wurde geändert.",
    signIn:
      "Diese Anmeldung ist abgelaufen, wie immer, wenn sie zu lange offen bleibt. Mit Ihrem Konto und Ihren Codes ist alles in Ordnung.",
  },
  askAgain: "Noch einmal fragen",
  signInAgain: "Noch einmal anmelden",
  cannotUsePasskey:
    "Sie haben einen Passkey, und dieser Browser kann keinen benutzen. Öffnen Sie diese Seite in dem Browser oder auf dem Gerät, wo Sie ihn erstellt haben.",
  enterBackupCode: "Geben Sie einen Ihrer Backup-Codes ein.",
  digits: (lengths) => `Ein Code hat ${counted(lengths)} Ziffern.`,
};
