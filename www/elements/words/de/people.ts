// Die Liste der Personen.

import type { Words } from "../en";

const people = (count: number) => (count === 1 ? "1 Person" : `${count} Personen`);

export const list: Words["list"] = {
  headline: (enrolled, all) => `${enrolled} von ${all} Personen haben einen zweiten Schritt.`,
  everyone: "Alle hier haben einen zweiten Schritt.",
  nobody: "Hier ist noch niemand.",
  nobodyMore: "Personen erscheinen, sobald Ihre Anwendung sie anlegt oder Sie hier jemanden hinzufügen.",
  show: "Anzeigen",
  all: "Alle",
  enrolled: "Mit zweitem Schritt",
  missing: "Ohne",
  exempt: "Ausgenommen durch Single Sign-on",
  restricted: "Mit Backup-Code",
  locked: "Ausgesperrt",
  disabled: "Deaktiviert",
  search: "Suche",
  searchHint: "Beginnt mit: Name, Benutzername oder Mailadresse",
  role: "Rolle",
  anyRole: "Jede Rolle",
  group: "Gruppe",
  anyGroup: "Jede Gruppe",
  sort: "Reihenfolge",
  byName: "Nach Namen",
  byId: "Nach Kennung",
  name: "Name",
  groups: "Gruppen",
  secondStep: "Zweiter Schritt",
  added: "Angelegt",
  hasSecondStep: "Ja",
  noSecondStep: "Noch keiner",
  found: (count, more) => (more ? `Die ersten ${people(count)}, die passen` : `${people(count)} gefunden`),
  nothing: "Keine Person passt.",
  nothingMore: "Gesucht wird am Anfang von Namen, Benutzernamen und Mailadressen.",
  clear: "Alle Personen zeigen",
  next: "Mehr Personen zeigen",
  export: "Als Datei sichern (CSV)",
  exporting: (done) => `bisher ${done} Personen`,
  exported: "Die Datei ist gesichert. Dass Sie sie genommen haben, ist aufgezeichnet.",
  unreadable: "Diese Zeile kann nicht gelesen werden. Sagen Sie es dem Betreiber von Postern.",
};
