// What a person is told when something is refused. One sentence that says what happened, one that says what to do.

import { Problem } from "./api";
import { span } from "./time";

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
  | "page";

export function say(error: unknown, place: Place = "page"): string {
  if (error instanceof DOMException) return fromBrowser(error.name, place);
  if (!(error instanceof Problem)) return "Something went wrong on this page. Reload it and try again.";
  switch (error.code) {
    case "not_accepted":
      return hinted(error) ?? NOT_ACCEPTED[place];
    case "throttled":
      return error.retryAfter === undefined
        ? "This is off after too many wrong tries. Use another way, or ask for a reset."
        : `Too many tries. Try again in ${span(error.retryAfter)}.`;
    case "expired":
      return place === "confirm"
        ? "This key was open for too long. Start over with a new key."
        : place === "add-passkey"
          ? "This has ended. Your passkey may be among your authenticators already; if not, start again."
          : "This took too long and has ended. Start again.";
    case "malformed":
      return malformed(error, place);
    case "authenticator_required":
      return "Which app is this code from?";
    case "conflict":
      if (place === "add-passkey")
        return "This passkey couldn’t be added. You may have it already, or have too many.";
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
      return "That takes your app or passkey: a backup code is not enough.";
    case "cross_origin":
      return "That isn’t allowed from here.";
    case "not_found":
      return "That is no longer here.";
    case "unreachable":
      return "No connection. Check your network and try again.";
    case "unavailable":
      if (error.unknown) return UNKNOWN[place] ?? UNKNOWN_HERE;
      return "Postern can’t answer right now. Try again in a moment.";
    default:
      return error.requestId
        ? `Something went wrong on our side. If it stays that way, mention ${error.requestId}.`
        : "Something went wrong on our side. Try again in a moment.";
  }
}

const minutes = new Intl.NumberFormat("en", { style: "unit", unit: "minute", unitDisplay: "long" });

function hinted({ hint, clockBehindMinutes }: Problem): string | undefined {
  switch (hint) {
    case "clock_behind":
      return `The clock of the device that made this code is ${minutes.format(clockBehindMinutes ?? 1)} behind. Set it to automatic time, then try the code it shows.`;
    case "passkey_changed":
      return "This passkey isn’t what it was when you added it, so it isn’t accepted. Choose another way below, then remove the passkey and add it again.";
    default:
      return undefined;
  }
}

function malformed(error: Problem, place: Place): string {
  if (place === "totp" || (place === "confirm" && error.field !== "name")) return "A code is six digits.";
  if (place === "backup_code")
    return "That doesn’t look like a backup code. Check it for missing characters.";
  if (error.field === "name") return "That name can’t be used. Try 1 to 64 ordinary characters.";
  if (error.field === "password")
    return "Choose another password: at least 8 characters, and not a common one.";
  if (place === "add-passkey" || place === "passkey" || place === "passkey-alone")
    return "Your browser’s answer can’t be read. Try again, or try another browser.";
  return "Something in there can’t be read. Check it and try again.";
}

/** A refusal of the browser's own (WebAuthn L3 sections 5.1.3 and 5.1.4). */
function fromBrowser(name: string, place: Place): string {
  const adding = place === "add-passkey";
  switch (name) {
    case "NotAllowedError":
    case "AbortError":
      if (adding)
        return "No passkey was made: it was canceled, or it took too long. Try again when you’re ready.";
      return place === "passkey-alone"
        ? "No passkey was used. Try again, or use your password. On its own, a passkey has to check your fingerprint, face or screen lock."
        : "No passkey was used. Try again, or choose another way below.";
    case "InvalidStateError":
      return adding
        ? "This device already holds a passkey for you. To add another one, use another device or a security key."
        : "That passkey can’t be used here. Choose another way.";
    case "ConstraintError":
      return "This device can’t check that it’s you. Set up a fingerprint, a face or a screen lock on it and try again.";
    case "NotSupportedError":
      return adding
        ? "This device can’t make the kind of passkey that’s needed. Try another device or a security key."
        : "This device can’t use passkeys here. Choose another way.";
    case "SecurityError":
      return "Passkeys don’t work at this address. Open the page at the address you always use.";
    default:
      return "Your browser couldn’t do that. Try again, or try another browser.";
  }
}

/** No answer came, and it is not known whether it was done. */
const UNKNOWN: Partial<Record<Place, string>> = {
  page: "No answer came, so it isn’t known whether that was done. This page shows how things stand now.",
  "sign-in": "No answer came. Try again.",
  "passkey-alone": "No answer came. Try again.",
  confirm: "No answer came. It hasn’t been added so far: try again in a moment.",
  "add-passkey": "No answer came. It hasn’t been added so far: try again in a moment.",
};
const UNKNOWN_HERE = "No answer came, so it isn’t known whether that was accepted. Send it again.";

const NOT_ACCEPTED: Record<Place, string> = {
  "sign-in": "These don’t match. Check the organization, the username and the password.",
  "passkey-alone": "This passkey isn’t known here. It may have been removed.",
  passkey: "That passkey didn’t work. Try again, or choose another way below.",
  totp: "That code didn’t work. Wait for the next one and try it.",
  backup_code: "That backup code didn’t work. Each one works only once.",
  password: "That password didn’t work.",
  confirm: "That code didn’t match. Try the one your app shows now.",
  "add-passkey": "That passkey couldn’t be checked, so it wasn’t added. Try again.",
  page: "That wasn’t accepted. Try again.",
};
