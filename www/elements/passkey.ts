// The browser's side of a ceremony: a passkey made or used. Throws what the browser throws;
// what a person is told of that is in messages.ts.

/**
 * Whether this browser knows passkeys, and reads and writes them as JSON (WebAuthn L3 sections 5.1.8 and 5.1.9):
 * Chrome and Edge since 129, Firefox since 119, Safari since 18.4.
 */
export function knowsPasskeys(): boolean {
  return (
    typeof PublicKeyCredential === "function" &&
    "parseRequestOptionsFromJSON" in PublicKeyCredential &&
    "credentials" in navigator
  );
}

export async function makePasskey(
  options: PublicKeyCredentialCreationOptionsJSON,
): Promise<RegistrationResponseJSON> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return json(await navigator.credentials.create({ publicKey })) as RegistrationResponseJSON;
}

export async function usePasskey(
  options: PublicKeyCredentialRequestOptionsJSON,
  how: Omit<CredentialRequestOptions, "publicKey"> = {},
): Promise<AuthenticationResponseJSON> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return json(await navigator.credentials.get({ publicKey, ...how })) as AuthenticationResponseJSON;
}

function json(credential: Credential | null) {
  if (!credential) throw new DOMException("no credential", "NotAllowedError");
  try {
    return (credential as PublicKeyCredential).toJSON();
  } catch {
    // A password manager's credential that is none of the browser's.
    throw new DOMException("a credential without a JSON form", "DataError");
  }
}
