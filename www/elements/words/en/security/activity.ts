// What happened to one's own account lately.

import { events } from "../events";
import { person } from "../person";

const { actors, outcomes } = person;

export const activity = {
  title: "Recent activity",
  more: "What happened to your account in the last 30 days. If something wasn’t you, change your password.",
  events,
  outcomes,
  actors,
  by: (name: string) => `by ${name}`,
  all: (count: number) => `Show all ${count}`,
};
