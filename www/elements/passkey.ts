// The browser's side of a ceremony: a passkey made or used. Throws what the browser throws;
// what a person is told of that is in messages.ts.

import { creationOptions, credentialJson, requestOptions } from "./passkey-json";

/** Whether this browser knows passkeys. */
export function knowsPasskeys(): boolean {
  return typeof PublicKeyCredential === "function" && "credentials" in navigator;
}

export async function makePasskey(
  options: PublicKeyCredentialCreationOptionsJSON,
): Promise<RegistrationResponseJSON> {
  return credentialJson(made(await navigator.credentials.create({ publicKey: creationOptions(options) })));
}

export async function usePasskey(
  options: PublicKeyCredentialRequestOptionsJSON,
  how: Omit<CredentialRequestOptions, "publicKey"> = {},
): Promise<AuthenticationResponseJSON> {
  return credentialJson(
    made(await navigator.credentials.get({ publicKey: requestOptions(options), ...how })),
  );
}

function made(credential: Credential | null): PublicKeyCredential {
  if (credential) return credential as PublicKeyCredential;
  throw new DOMException("no credential", "NotAllowedError");
}
