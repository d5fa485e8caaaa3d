//! What a page posts: `credential.toJSON()` (WebAuthn L3 section 5.1).
//!
//! Leaves the bytes inside unread. Unlike our own bodies these may have members we do not know:
//! browsers add some (`publicKey`, `authenticatorAttachment`, …), and each repeats what the signed
//! bytes say, so none of them is used.

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Deserializer};

use super::{AuthenticatorTransport, Base64UrlString, CredentialId, UserHandle};
use crate::strict_json::{Object, object};

/// Section 5.1, the result of `navigator.credentials.create()`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Object<Posted<AuthenticatorAttestationResponseJSON>>")]
pub struct RegistrationResponseJSON {
    /// The new credential's id, as the browser says.
    pub id: CredentialId,
    /// What the authenticator made.
    pub response: AuthenticatorAttestationResponseJSON,
}

/// Section 5.1.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AuthenticatorAttestationResponseJSON {
    /// Serialized client data (section 5.8.1).
    #[serde(rename = "clientDataJSON")]
    pub client_data_json: Base64UrlString,
    /// The attestation object (section 6.5.4).
    pub attestation_object: Base64UrlString,
    /// How to reach the authenticator; unsigned. Each transport of the standard at most once.
    #[serde(default, deserialize_with = "known_transports")]
    #[cfg_attr(feature = "schema", schema(value_type = Vec<String>))]
    pub transports: Vec<AuthenticatorTransport>,
}

/// Section 5.1, the result of `navigator.credentials.get()`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Object<Posted<AuthenticatorAssertionResponseJSON>>")]
pub struct AuthenticationResponseJSON {
    /// Which credential signed.
    pub id: CredentialId,
    /// What the authenticator made.
    pub response: AuthenticatorAssertionResponseJSON,
}

/// Section 5.1.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AuthenticatorAssertionResponseJSON {
    /// Serialized client data (section 5.8.1).
    #[serde(rename = "clientDataJSON")]
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

/// What a browser posts (section 5.1), as its `toJSON` writes it. Other members are not read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
struct Posted<R> {
    id: CredentialId,
    raw_id: CredentialId,
    /// The kind of credential.
    #[cfg_attr(feature = "schema", schema(pattern = "^public-key$"))]
    r#type: String,
    #[serde(
        bound(deserialize = "R: Deserialize<'de>"),
        deserialize_with = "object"
    )]
    response: R,
}

impl<R> Posted<R> {
    fn checked(self) -> Result<(CredentialId, R), &'static str> {
        if self.r#type != "public-key" {
            return Err("type public-key");
        }
        if self.id != self.raw_id {
            return Err("the same id and rawId");
        }
        Ok((self.id, self.response))
    }
}

impl TryFrom<Object<Posted<AuthenticatorAttestationResponseJSON>>> for RegistrationResponseJSON {
    type Error = &'static str;

    fn try_from(
        Object(posted): Object<Posted<AuthenticatorAttestationResponseJSON>>,
    ) -> Result<Self, Self::Error> {
        let (id, response) = posted.checked()?;
        Ok(Self { id, response })
    }
}

impl TryFrom<Object<Posted<AuthenticatorAssertionResponseJSON>>> for AuthenticationResponseJSON {
    type Error = &'static str;

    fn try_from(
        Object(posted): Object<Posted<AuthenticatorAssertionResponseJSON>>,
    ) -> Result<Self, Self::Error> {
        let (id, response) = posted.checked()?;
        Ok(Self { id, response })
    }
}

/// Section 5.8.4: values that are not of the standard are to be ignored.
fn known_transports<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<AuthenticatorTransport>, D::Error> {
    let mut transports = Vec::new();
    for name in Vec::<String>::deserialize(deserializer)? {
        match AuthenticatorTransport::named(&name) {
            Some(known) if !transports.contains(&known) => transports.push(known),
            _ => {}
        }
    }
    Ok(transports)
}

/// What is posted is described.
#[cfg(feature = "schema")]
macro_rules! as_posted {
    ($($name:ident, $response:ident;)*) => {$(
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                <Posted<$response> as utoipa::PartialSchema>::schema()
            }
        }

        impl utoipa::ToSchema for $name {
            fn schemas(
                schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>)>,
            ) {
                let response = <$response as utoipa::ToSchema>::name().into_owned();
                schemas.push((response, <$response as utoipa::PartialSchema>::schema()));
                <$response as utoipa::ToSchema>::schemas(schemas);
                <Posted<$response> as utoipa::ToSchema>::schemas(schemas);
            }
        }
    )*};
}

#[cfg(feature = "schema")]
as_posted! {
    AuthenticationResponseJSON, AuthenticatorAssertionResponseJSON;
    RegistrationResponseJSON, AuthenticatorAttestationResponseJSON;
}
