//! What a page asks the browser for, in the form of `parseCreationOptionsFromJSON` and
//! `parseRequestOptionsFromJSON` (WebAuthn L3 sections 5.1.8 and 5.1.9).
//!
//! Leaves the ceremony nonce to its maker: 32 random bytes, sealed into the challenge of the user,
//! and used once.

use alloc::{string::String, vec::Vec};

use serde::Serialize;

use super::{
    Algorithm, AuthenticatorTransport, Base64UrlString, CredentialId, CredentialRecord,
    RelyingParty, UserHandle, UserVerificationRequirement,
};

/// How long a ceremony may take: 5 minutes, in milliseconds (WebAuthn L3 section 15.1).
pub const TIMEOUT_MILLISECONDS: u32 = 300_000;

/// Section 5.4.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PublicKeyCredentialCreationOptionsJSON {
    rp: PublicKeyCredentialRpEntity,
    user: PublicKeyCredentialUserEntityJSON,
    challenge: Base64UrlString,
    pub_key_cred_params: Vec<PublicKeyCredentialParameters>,
    timeout: u32,
    exclude_credentials: Vec<PublicKeyCredentialDescriptorJSON>,
    authenticator_selection: AuthenticatorSelectionCriteria,
    #[cfg_attr(feature = "schema", schema(pattern = "^none$"))]
    attestation: &'static str,
}

/// Section 5.5.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PublicKeyCredentialRequestOptionsJSON {
    challenge: Base64UrlString,
    timeout: u32,
    rp_id: String,
    allow_credentials: Vec<PublicKeyCredentialDescriptorJSON>,
    #[cfg_attr(feature = "schema", schema(value_type = UserVerificationRequirement))]
    user_verification: &'static str,
}

/// Section 5.4.3, what an authenticator keeps and shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PublicKeyCredentialUserEntityJSON {
    /// The user handle.
    pub id: UserHandle,
    /// What the person signs in with.
    pub name: String,
    /// The person's name.
    pub display_name: String,
}

impl PublicKeyCredentialCreationOptionsJSON {
    /// §7.1 step 1. Options for a new passkey of `user`, on none of the authenticators that hold
    /// one of `exclude`.
    ///
    /// A discoverable credential is preferred and not required, so that an older security key can
    /// still be a second factor.
    #[must_use]
    pub fn new<'a>(
        rp: &RelyingParty<'_>,
        user: PublicKeyCredentialUserEntityJSON,
        nonce: [u8; 32],
        user_verification: UserVerificationRequirement,
        exclude: impl IntoIterator<Item = &'a CredentialRecord>,
    ) -> Self {
        Self {
            rp: PublicKeyCredentialRpEntity {
                id: rp.id.into(),
                name: rp.name.into(),
            },
            user,
            challenge: nonce.as_slice().into(),
            pub_key_cred_params: Algorithm::OFFERED
                .into_iter()
                .map(|algorithm| PublicKeyCredentialParameters {
                    r#type: PUBLIC_KEY,
                    alg: algorithm.identifier(),
                })
                .collect(),
            timeout: TIMEOUT_MILLISECONDS,
            exclude_credentials: exclude.into_iter().map(descriptor).collect(),
            authenticator_selection: AuthenticatorSelectionCriteria {
                resident_key: "preferred",
                require_resident_key: false,
                user_verification: user_verification.as_str(),
            },
            attestation: "none",
        }
    }
}

impl PublicKeyCredentialRequestOptionsJSON {
    /// §7.2 step 1. Options for an assertion by one of `allow`, or by any passkey the person has
    /// for us when there is none in `allow`: pass none before the first factor
    /// (section 14.6.3).
    #[must_use]
    pub fn new<'a>(
        rp: &RelyingParty<'_>,
        nonce: [u8; 32],
        user_verification: UserVerificationRequirement,
        allow: impl IntoIterator<Item = &'a CredentialRecord>,
    ) -> Self {
        Self {
            challenge: nonce.as_slice().into(),
            timeout: TIMEOUT_MILLISECONDS,
            rp_id: rp.id.into(),
            allow_credentials: allow.into_iter().map(descriptor).collect(),
            user_verification: user_verification.as_str(),
        }
    }
}

fn descriptor(record: &CredentialRecord) -> PublicKeyCredentialDescriptorJSON {
    PublicKeyCredentialDescriptorJSON {
        r#type: PUBLIC_KEY,
        id: record.id.clone(),
        transports: record.transports.clone(),
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
struct PublicKeyCredentialRpEntity {
    id: String,
    name: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
struct PublicKeyCredentialParameters {
    #[cfg_attr(feature = "schema", schema(pattern = "^public-key$"))]
    r#type: &'static str,
    alg: i16,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
struct PublicKeyCredentialDescriptorJSON {
    #[cfg_attr(feature = "schema", schema(pattern = "^public-key$"))]
    r#type: &'static str,
    id: CredentialId,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    transports: Vec<AuthenticatorTransport>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
struct AuthenticatorSelectionCriteria {
    #[cfg_attr(feature = "schema", schema(pattern = "^preferred$"))]
    resident_key: &'static str,
    require_resident_key: bool,
    #[cfg_attr(feature = "schema", schema(value_type = UserVerificationRequirement))]
    user_verification: &'static str,
}

const PUBLIC_KEY: &str = "public-key";
