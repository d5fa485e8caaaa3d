// What a person is told when something is refused. The sentences are in words/*/sign-in/messages.ts.

import { Problem } from "./api";
import { span } from "./time";
import { minutes } from "./words/formats";
import { words } from "./words/sign-in";

/** The place the refusal happened: the same code means different things to a person in each. */
export type Place =
  | "sign-in"
  | "passkey-alone"
  | "passkey"
  | "totp"
  | "backup_code"
  | "password"
  | "confirm"
  | "add-passkey"
  | "organization"
  | "page";

export function say(error: unknown, place: Place = "page"): string {
  const { messages } = words;
  if (error instanceof DOMException) return fromBrowser(error.name, place);
  if (!(error instanceof Problem)) return messages.broken;
  switch (error.code) {
    case "not_accepted":
      return hinted(error) ?? messages.notAccepted[place === "organization" ? "page" : place];
    case "throttled":
      return error.retryAfter === undefined ? messages.off : messages.throttled(span(error.retryAfter));
    case "expired":
      return place === "confirm" || place === "add-passkey" ? messages.expired[place] : messages.expired.page;
    case "malformed":
      return malformed(error, place);
    case "authenticator_required":
      return messages.authenticatorRequired;
    case "conflict":
      return place === "add-passkey" ? messages.conflict.addPasskey : messages.conflict.page;
    case "policy_forbids":
      return messages.policyForbids;
    case "enrollment_required":
      return messages.enrollmentRequired;
    case "step_up_required":
      return messages.stepUpRequired;
    case "unauthenticated":
      return messages.unauthenticated;
    case "forbidden":
      return place === "organization" ? messages.aboveYou : messages.forbidden;
    case "cross_origin":
      return messages.crossOrigin;
    case "not_found":
      return messages.notFound;
    case "unreachable":
      return messages.unreachable;
    case "unavailable":
      return error.unknown ? unknown(place) : messages.unavailable;
    default:
      return error.requestId ? messages.faultWith(error.requestId) : messages.fault;
  }
}

function hinted({ hint, clockBehindMinutes }: Problem): string | undefined {
  switch (hint) {
    case "clock_behind":
      return words.messages.clockBehind(minutes(clockBehindMinutes ?? 1));
    case "passkey_changed":
      return words.messages.passkeyChanged;
    default:
      return undefined;
  }
}

function malformed(error: Problem, place: Place): string {
  const { malformed } = words.messages;
  if (place === "totp" || (place === "confirm" && error.field !== "name")) return malformed.code;
  if (place === "backup_code") return malformed.backupCode;
  if (error.field === "name") return malformed.name;
  if (error.field === "password") return malformed.password;
  if (place === "add-passkey" || place === "passkey" || place === "passkey-alone") return malformed.passkey;
  return malformed.page;
}

/** No answer came, and it is not known whether it was done. */
function unknown(place: Place): string {
  const { unknown } = words.messages;
  switch (place) {
    case "page":
    case "organization":
      return unknown.page;
    case "sign-in":
    case "passkey-alone":
      return unknown.signIn;
    case "confirm":
    case "add-passkey":
      return unknown.add;
    default:
      return unknown.proof;
  }
}

/** A refusal of the browser's own (WebAuthn L3 sections 5.1.3 and 5.1.4). */
function fromBrowser(name: string, place: Place): string {
  const { browser } = words.messages;
  const adding = place === "add-passkey";
  switch (name) {
    case "NotAllowedError":
    case "AbortError":
      if (adding) return browser.notMade;
      return place === "passkey-alone" ? browser.notUsedAlone : browser.notUsed;
    case "InvalidStateError":
      return adding ? browser.heldAlready : browser.notHere;
    case "ConstraintError":
      return browser.noScreenLock;
    case "NotSupportedError":
      return adding ? browser.wrongKind : browser.noPasskeys;
    case "SecurityError":
      return browser.wrongAddress;
    default:
      return browser.other;
  }
}
