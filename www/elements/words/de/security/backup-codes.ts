// Backup-Codes: ein neuer Satz, und wie viele übrig sind.

import type { SecurityWords } from "../../en/security";

export const backupCodes: SecurityWords["backupCodes"] = {
  heading: "Backup-Codes",
  lead: "Für den Tag, an dem Ihr Telefon weg ist. Jeder gilt einmal.",
  left: (count) => (count === 0 ? "Keine übrig" : `${count} übrig`),
  made: (day) => `erstellt am ${day}`,
  savedOn: (day) => `aufbewahrt am ${day}`,
  none: "Sie haben keine.",
  notSaved:
    "Sie haben nicht bestätigt, dass Sie sie aufbewahren, und sie können nicht noch einmal gezeigt werden.",
  notSavedMore: "Wenn Sie sie nicht haben, erstellen Sie neue.",
  lockedOut: "Ohne sie sperrt ein verlorenes Telefon Sie aus.",
  few: "Das sind nicht viele.",
  makeInTime: "Erstellen Sie neue, solange Sie es können.",
  make: "Neue Backup-Codes erstellen",
  makeSure: "Neue Backup-Codes erstellen?",
  makeMore: "Sie bekommen zehn neue. Die alten gelten sofort nicht mehr, auch die auf Papier.",
  makeNow: "Neue Codes erstellen",
  replaced: "Ihre alten Backup-Codes gelten nicht mehr.",
  save: "Wenn Sie Ihr Telefon verlieren, kommen Sie mit einem davon hinein. Bewahren Sie sie bei Ihren wichtigen Papieren auf oder in einem Passwortmanager.",
  notAgain: "Sie werden nicht noch einmal gezeigt.",
  worksOnce: "Jeder Code gilt einmal.",
  download: "Herunterladen",
  print: "Drucken",
  saved: "Ich habe sie aufbewahrt",
  done: "Fertig",
  title: (organization, account) => `Backup-Codes von ${organization} für ${account}`,
  madeOn: (day) => `Erstellt am ${day}. Jeder Code gilt einmal.`,
  file: "backup-codes.txt",
};
