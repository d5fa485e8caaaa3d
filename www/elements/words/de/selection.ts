// Was für mehrere Personen auf einmal getan wird.

import type { Words } from "../en";

const people = (count: number) => (count === 1 ? "1 Person" : `${count} Personen`);

export const selection: Words["selection"] = {
  region: "Die ausgewählten Personen",
  choose: (name) => `${name} auswählen`,
  chosen: (count) => `${people(count)} ausgewählt`,
  most: "Höchstens 100 Personen lassen sich auf einmal auswählen.",
  clear: "Niemanden auswählen",
  sure: (count) =>
    count === 0 ? "Bei keiner davon geht das." : `Alle zweiten Schritte von ${people(count)} widerrufen?`,
  left: (count) =>
    count === 1 ? "Diese Person bleibt, wie sie ist:" : "Diese Personen bleiben, wie sie sind:",
  why: {
    ends: "",
    forbidden: "über Ihnen oder Sie selbst",
    not_found: "nicht mehr hier",
  },
  revoked: (count) => `Die zweiten Schritte von ${people(count)} sind beendet.`,
  moved: "Etwas hat sich gerade geändert. Das sind die Zahlen, wie sie jetzt sind.",
};
