// Options and credentials between JSON and what the browser takes (WebAuthn L3 sections 5.1.8 and 5.1.9).
// The browser does it itself; by hand only where it can't.

type Native = Partial<
  Pick<typeof PublicKeyCredential, "parseCreationOptionsFromJSON" | "parseRequestOptionsFromJSON">
>;

export function creationOptions(
  options: PublicKeyCredentialCreationOptionsJSON,
): PublicKeyCredentialCreationOptions {
  const native: Native = PublicKeyCredential;
  return (
    native.parseCreationOptionsFromJSON?.(options) ??
    ({
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: descriptors(options.excludeCredentials),
    } as object as PublicKeyCredentialCreationOptions)
  );
}

export function requestOptions(
  options: PublicKeyCredentialRequestOptionsJSON,
): PublicKeyCredentialRequestOptions {
  const native: Native = PublicKeyCredential;
  return (
    native.parseRequestOptionsFromJSON?.(options) ??
    ({
      ...options,
      challenge: bytes(options.challenge),
      allowCredentials: descriptors(options.allowCredentials),
    } as object as PublicKeyCredentialRequestOptions)
  );
}

/** What `create()` or `get()` answered. */
export function credentialJson<T extends RegistrationResponseJSON | AuthenticationResponseJSON>(
  credential: PublicKeyCredential,
): T {
  try {
    return credential.toJSON() as T;
  } catch {
    // Not there, or from a password manager whose credentials throw at this.
    const { id, rawId, type, response } = credential;
    return {
      id,
      rawId: text(rawId),
      type,
      clientExtensionResults: {},
      response: responseJson(response),
    } as T;
  }
}

function responseJson(response: AuthenticatorResponse): object {
  const { attestationObject, getTransports } = response as Partial<AuthenticatorAttestationResponse>;
  const { authenticatorData, signature, userHandle } = response as Partial<AuthenticatorAssertionResponse>;
  return {
    clientDataJSON: text(response.clientDataJSON),
    ...(attestationObject
      ? { attestationObject: text(attestationObject), transports: getTransports?.call(response) ?? [] }
      : { authenticatorData: text(authenticatorData), signature: text(signature) }),
    ...(userHandle ? { userHandle: text(userHandle) } : {}),
  };
}

function descriptors(list: PublicKeyCredentialDescriptorJSON[] = []) {
  return list.map((descriptor) => ({ ...descriptor, id: bytes(descriptor.id) }));
}

function bytes(base64url: string): Uint8Array {
  return Uint8Array.from(atob(base64url.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
}

function text(buffer: ArrayBuffer = new ArrayBuffer(0)): string {
  const binary = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}
