//! What a page posts: `credential.toJSON()` (WebAuthn L3 section 5.1).
//!
//! Leaves the bytes inside unread. Unlike our own bodies these may have members we do not know:
//! browsers add some (`publicKey`, `authenticatorAttachment`, …), and each repeats what the signed
//! bytes say, so none of them is used.

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Deserializer, de::DeserializeOwned};

use super::{AuthenticatorTransport, Base64UrlString, CredentialId, UserHandle};
use crate::json::{self, Fields, Record, Unread};

/// Section 5.1, the result of `navigator.credentials.create()`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistrationResponseJSON {
    /// The new credential's id, as the browser says.
    pub id: CredentialId,
    /// What the authenticator made.
    pub response: AuthenticatorAttestationResponseJSON,
}

/// Section 5.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthenticatorAttestationResponseJSON {
    /// Serialized client data (section 5.8.1).
    pub client_data_json: Base64UrlString,
    /// The attestation object (section 6.5.4).
    pub attestation_object: Base64UrlString,
    /// How to reach the authenticator; unsigned. Each transport of the standard at most once.
    pub transports: Vec<AuthenticatorTransport>,
}

/// Section 5.1, the result of `navigator.credentials.get()`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthenticationResponseJSON {
    /// Which credential signed.
    pub id: CredentialId,
    /// What the authenticator made.
    pub response: AuthenticatorAssertionResponseJSON,
}

/// Section 5.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthenticatorAssertionResponseJSON {
    /// Serialized client data (section 5.8.1).
    pub client_data_json: Base64UrlString,
    /// Authenticator data (section 6.1).
    pub authenticator_data: Base64UrlString,
    /// The assertion signature (section 6.3.3).
    pub signature: Base64UrlString,
    /// The user handle stored with the credential; see [`Self::user_handle`].
    pub user_handle: Option<Base64UrlString>,
}

impl AuthenticatorAssertionResponseJSON {
    /// Whose credential it says it is: where to look for the account in a sign-in by passkey alone.
    /// `None` when it says nothing, or nothing we ever said.
    #[must_use]
    pub fn user_handle(&self) -> Option<UserHandle> {
        UserHandle::from_bytes(self.user_handle.as_ref()?)
    }
}

impl Record for AuthenticatorAttestationResponseJSON {
    const STRICT: bool = false;

    fn take(fields: &mut Fields) -> Result<Self, Unread> {
        let mut transports = Vec::new();
        for name in fields.take_or("transports", Vec::<String>::new())? {
            match AuthenticatorTransport::named(&name) {
                Some(known) if !transports.contains(&known) => transports.push(known),
                _ => {}
            }
        }
        Ok(Self {
            client_data_json: fields.take("clientDataJSON")?,
            attestation_object: fields.take("attestationObject")?,
            transports,
        })
    }
}

impl Record for AuthenticatorAssertionResponseJSON {
    const STRICT: bool = false;

    fn take(fields: &mut Fields) -> Result<Self, Unread> {
        Ok(Self {
            client_data_json: fields.take("clientDataJSON")?,
            authenticator_data: fields.take("authenticatorData")?,
            signature: fields.take("signature")?,
            user_handle: fields.take("userHandle")?,
        })
    }
}

impl Record for RegistrationResponseJSON {
    const STRICT: bool = false;

    fn take(fields: &mut Fields) -> Result<Self, Unread> {
        let (id, response) = posted(fields)?;
        Ok(Self { id, response })
    }
}

impl Record for AuthenticationResponseJSON {
    const STRICT: bool = false;

    fn take(fields: &mut Fields) -> Result<Self, Unread> {
        let (id, response) = posted(fields)?;
        Ok(Self { id, response })
    }
}

/// The members both have (section 5.1): `id` is `rawId` as text, `type` says which kind of
/// credential.
fn posted<R: DeserializeOwned>(fields: &mut Fields) -> Result<(CredentialId, R), Unread> {
    let (id, raw_id): (CredentialId, CredentialId) = (fields.take("id")?, fields.take("rawId")?);
    let kind: String = fields.take("type")?;
    if kind != "public-key" {
        return Err(Unread::new("type public-key"));
    }
    if id != raw_id {
        return Err(Unread::new("the same id and rawId"));
    }
    Ok((id, fields.take("response")?))
}

/// As [`record!`](crate::record) makes it.
macro_rules! deserialize {
    ($($name:ident)*) => {$(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                json::nested(deserializer)
            }
        }
    )*};
}

deserialize! {
    RegistrationResponseJSON AuthenticatorAttestationResponseJSON
    AuthenticationResponseJSON AuthenticatorAssertionResponseJSON
}
