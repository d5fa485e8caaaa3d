// The audit log as a file, and whether it is whole, in German.

import type { auditFile as english } from "../en/audit-file";

export const auditFile: typeof english = {
  export: "Exportieren",
  exportTitle: "Protokoll exportieren",
  exportAbout: "Wofür ist die Datei?",
  formats: {
    ndjson: "Zum Aufbewahren und Prüfen",
    csv: "Für eine Tabelle",
  },
  formatsAbout: {
    ndjson: "Alles, mit den Siegeln, als Zeilen in JSON.",
    csv: "Alles außer den Siegeln, durch Kommas getrennt.",
  },
  save: "Speichern",
  written: (lines) => `Bisher ${lines} Zeilen …`,
  saved: "Das Protokoll ist gespeichert.",

  verify: "Prüfen",
  verifyTitle: "Protokoll prüfen",
  verifyAbout:
    "Jedes Ereignis wird innerhalb einer Minute versiegelt, und die Siegel sind signiert. Ihr Browser vergleicht beides.",
  verifyLog: "Protokoll prüfen",
  verifyFile: "Datei prüfen …",
  verified: (lines) => `Bisher ${lines} Zeilen …`,
  noEd25519: "Dieser Browser kann die Signaturen nicht prüfen. Nehmen Sie einen neueren.",

  whole: "Nichts wurde verändert.",
  sealed: (count, shown) =>
    count === 0
      ? "Noch ist kein Ereignis versiegelt."
      : count === 1
        ? "1 Ereignis ist genau so, wie es versiegelt wurde."
        : `${shown} Ereignisse sind genau so, wie sie versiegelt wurden.`,
  before: (shown) => `${shown} ältere sind nicht darin.`,
  unsealed: (count, shown) =>
    count === 1
      ? "1 Ereignis ist jünger als das letzte Siegel: Darüber lässt sich noch nichts sagen."
      : `${shown} Ereignisse sind jünger als das letzte Siegel: Darüber lässt sich noch nichts sagen.`,
  redacted: (count, shown) =>
    count === 1
      ? "1 Ereignis ist ohne persönliche Daten, weil die Person gelöscht wurde."
      : `${shown} Ereignisse sind ohne persönliche Daten, weil die Personen gelöscht wurden.`,
  log: (origin) => `Das Protokoll von ${origin}.`,
  keys: "Signiert mit diesem Schlüssel. Das Protokoll selbst nennt ihn, also vergleichen Sie ihn mit dem, den Ihr Betreiber Ihnen genannt hat:",

  broken: "Etwas wurde verändert.",
  why: {
    unreadable: () => "Eine Zeile ist nicht lesbar oder gehört nicht dorthin.",
    edited: (event) =>
      `Ereignis ${event} ist nicht mehr so, wie es versiegelt wurde: Es wurde danach verändert.`,
    missing: (event) => `Ereignis ${event} fehlt: Es wurde nach dem Versiegeln entfernt.`,
    inserted: (event) =>
      `Bei Ereignis ${event} steht eines, das nie versiegelt wurde: Es wurde danach eingefügt.`,
    moved: (event) =>
      `An der Stelle von Ereignis ${event} steht ein anderes: Die Reihenfolge wurde verändert.`,
    checkpoint: () => "Ein Siegel folgt nicht aus dem davor: Ein Teil fehlt oder wurde neu gemacht.",
    unsigned: () => "Keiner der bekannten Schlüssel hat ein Siegel signiert.",
    forged: () => "Die Signatur eines Siegels ist nicht echt.",
    cut: () => "Die Datei endet vor dem Protokoll.",
    diverged: () =>
      "Ein Siegel, das anderswo aufbewahrt wurde, ist nicht in diesem Protokoll: Es wurde neu gemacht.",
  },
  line: (line) => `Zeile ${line} der Datei.`,
};
