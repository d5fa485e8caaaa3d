// Links of mails, made as the Worker makes them.

import type { Person } from "./client.ts";
import { newId, sealed } from "./sealing.ts";

/** The token of "this was not me" in a notice to `person`. */
export async function notMe({ harness, username }: Person): Promise<string> {
  const [home] = await harness.sql("SELECT organization, id FROM user WHERE username = ?", username);
  return sealed("notMe", {
    purpose: "not_me",
    organization: home.organization,
    user: home.id,
    id: newId("l"),
    opened_at: harness.time(),
    expires_at: harness.time() + 7 * 86_400,
  });
}
