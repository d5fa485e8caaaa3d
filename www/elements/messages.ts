// What a person is told when something is refused. One sentence that says what happened, one that says what to do.

import { Problem } from "./api";
import { span } from "./time";

/** The place the refusal happened: the same code means different things to a person in each. */
export type Place = "sign-in" | "totp" | "backup_code" | "password" | "confirm" | "page";

export function say(error: unknown, place: Place = "page"): string {
  if (!(error instanceof Problem)) return "Something went wrong on this page. Reload it and try again.";
  switch (error.code) {
    case "not_accepted":
      return NOT_ACCEPTED[place];
    case "throttled":
      return error.retryAfter === undefined
        ? "Too many tries. Wait a little and try again."
        : `Too many tries. Try again in ${span(error.retryAfter)}.`;
    case "expired":
      return place === "confirm"
        ? "This code was open too long. Start over with a new secret."
        : "This took too long and has ended. Start again.";
    case "malformed":
      return malformed(error, place);
    case "conflict":
      return "That isn’t possible right now. Reload the page to see how things stand.";
    case "policy_forbids":
      return "Your organization doesn’t allow that.";
    case "enrollment_required":
      return "Your organization asks for a second step. Add an authenticator first.";
    case "step_up_required":
      return "That needs a fresh proof that it’s you. Nothing was changed.";
    case "unauthenticated":
      return "You are signed out. Sign in again.";
    case "forbidden":
    case "cross_origin":
      return "That isn’t allowed from here.";
    case "not_found":
      return "That is no longer here.";
    case "unreachable":
      return "No connection. Check your network and try again.";
    case "unavailable":
      return "Postern can’t answer right now. Nothing was changed; try again in a moment.";
    default:
      return error.requestId
        ? `Something went wrong on our side. If it stays that way, mention ${error.requestId}.`
        : "Something went wrong on our side. Try again in a moment.";
  }
}

function malformed(error: Problem, place: Place): string {
  if (place === "totp" || (place === "confirm" && error.field !== "name")) return "A code is six digits.";
  if (place === "backup_code")
    return "That doesn’t look like a backup code. Check it for missing characters.";
  if (error.field === "name") return "That name can’t be used. Try 1 to 64 ordinary characters.";
  if (error.field === "password")
    return "Choose another password: at least 8 characters, and not a common one.";
  return "Something in there can’t be read. Check it and try again.";
}

const NOT_ACCEPTED: Record<Place, string> = {
  "sign-in": "That username and password don’t match. Check both and try again.",
  totp: "That code didn’t work. Wait for the next one and try it.",
  backup_code: "That backup code didn’t work. Each one works only once.",
  password: "That password didn’t work.",
  confirm: "That code didn’t match. Try the one your app shows now.",
  page: "That wasn’t accepted. Try again.",
};
