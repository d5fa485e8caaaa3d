// Tells the browser's passkey manager what the server knows (WebAuthn L3 section 5.1.10), where there is one
// that listens. It answers nothing, and nothing here waits for it.

import type { Me } from "./api";

type Signals = Partial<
  Pick<
    typeof PublicKeyCredential,
    "signalAllAcceptedCredentials" | "signalCurrentUserDetails" | "signalUnknownCredential"
  >
>;

/** The passkeys and the names of an account: others are not offered any more, names are as they are now. */
export function signalAccount({ user, authenticators, passkeys }: Me): void {
  const account = { rpId: passkeys.rp_id, userId: passkeys.user_handle };
  const ids = authenticators.flatMap(({ credential_id }) => credential_id ?? []);
  const accepted = { ...account, allAcceptedCredentialIds: ids };
  const details = { ...account, name: user.username, displayName: user.name ?? user.username };
  const said = JSON.stringify([accepted, details]);
  // The page loads the account again after every change; browsers allow few signals.
  if (said === last) return;
  last = said;
  quietly((to) => to.signalAllAcceptedCredentials?.(accepted));
  if (ids.length > 0) quietly((to) => to.signalCurrentUserDetails?.(details));
}

/** Whether this browser can be told that a passkey is unknown. */
export function takesUnknown(): boolean {
  return signals()?.signalUnknownCredential !== undefined;
}

export function signalUnknown(rpId: string, credentialId: string): void {
  quietly((to) => to.signalUnknownCredential?.({ rpId, credentialId }));
}

let last = "";

function signals(): Signals | undefined {
  return typeof PublicKeyCredential === "function" ? PublicKeyCredential : undefined;
}

function quietly(signal: (to: Signals) => Promise<void> | undefined): void {
  const to = signals();
  if (to) void signal(to)?.catch(() => undefined);
}
