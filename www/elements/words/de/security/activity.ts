// Was zuletzt mit dem eigenen Konto geschah.

import type { SecurityWords } from "../../en/security";
import { events } from "../events";
import { person } from "../person";

const { actors, outcomes } = person;

export const activity: SecurityWords["activity"] = {
  title: "Letzte Aktivität",
  more: "Was in den letzten 30 Tagen mit Ihrem Konto geschah. Waren Sie etwas davon nicht, ändern Sie Ihr Passwort.",
  events,
  outcomes,
  actors,
  by: (name) => `durch ${name}`,
  all: (count) => `Alle ${count} zeigen`,
};
