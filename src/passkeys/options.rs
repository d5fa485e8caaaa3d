//! What a page asks the browser for, in the form of `parseCreationOptionsFromJSON` and
//! `parseRequestOptionsFromJSON` (WebAuthn L3 sections 5.1.8 and 5.1.9).
//!
//! Leaves the ceremony nonce to its maker: 32 random bytes, sealed into the challenge of the user,
//! and used once.

use alloc::{string::String, vec::Vec};

use serde::Serialize;

use super::{
    Algorithm, AuthenticatorTransport, Base64UrlString, CredentialId, CredentialRecord,
    RelyingParty, UserHandle, UserVerificationRequirement, credential::PublicKeyCredentialType,
};

/// How long a ceremony may take: 5 minutes, in milliseconds (WebAuthn L3 section 15.1).
pub const TIMEOUT_MILLISECONDS: u32 = 300_000;

/// What a new passkey is to be like, for `navigator.credentials.create()` (WebAuthn L3 section 5.4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PublicKeyCredentialCreationOptionsJSON {
    /// The site that the passkey is for.
    rp: PublicKeyCredentialRpEntity,
    /// The person that the passkey is for.
    user: PublicKeyCredentialUserEntityJSON,
    /// The ceremony nonce: 32 random bytes.
    challenge: Base64UrlString,
    /// Signature algorithms that are accepted, the preferred one first.
    pub_key_cred_params: Vec<PublicKeyCredentialParameters>,
    /// How long the ceremony may take, in milliseconds.
    timeout: u32,
    /// The person's passkeys: an authenticator that holds one of them makes no other.
    exclude_credentials: Vec<PublicKeyCredentialDescriptorJSON>,
    /// What the authenticator is to be capable of.
    authenticator_selection: AuthenticatorSelectionCriteria,
    /// Whether the authenticator is to prove what it is.
    attestation: AttestationConveyancePreference,
}

/// What a passkey is to sign, for `navigator.credentials.get()` (WebAuthn L3 section 5.5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PublicKeyCredentialRequestOptionsJSON {
    /// The ceremony nonce: 32 random bytes.
    challenge: Base64UrlString,
    /// How long the ceremony may take, in milliseconds.
    timeout: u32,
    /// The site's RP ID: a domain.
    rp_id: String,
    /// The passkeys that may sign; any of this site, if empty.
    allow_credentials: Vec<PublicKeyCredentialDescriptorJSON>,
    /// Whether the authenticator is to verify who uses it, by PIN or biometry.
    user_verification: UserVerificationRequirement,
}

/// What an authenticator keeps and shows of a person (WebAuthn L3 section 5.4.3).
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
                    r#type: PublicKeyCredentialType::PublicKey,
                    alg: algorithm.identifier(),
                })
                .collect(),
            timeout: TIMEOUT_MILLISECONDS,
            exclude_credentials: exclude.into_iter().map(descriptor).collect(),
            authenticator_selection: AuthenticatorSelectionCriteria {
                resident_key: ResidentKeyRequirement::Preferred,
                require_resident_key: false,
                user_verification,
            },
            attestation: AttestationConveyancePreference::None,
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
            user_verification,
        }
    }
}

fn descriptor(record: &CredentialRecord) -> PublicKeyCredentialDescriptorJSON {
    PublicKeyCredentialDescriptorJSON {
        r#type: PublicKeyCredentialType::PublicKey,
        id: record.id.clone(),
        transports: record.transports.clone(),
    }
}

/// The site that a passkey is for (WebAuthn L3 section 5.4.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
struct PublicKeyCredentialRpEntity {
    /// Its RP ID: a domain.
    id: String,
    /// Its name, as the authenticator may show it.
    name: String,
}

/// A signature algorithm (WebAuthn L3 section 5.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
struct PublicKeyCredentialParameters {
    /// The kind of credential.
    r#type: PublicKeyCredentialType,
    /// A COSE algorithm identifier.
    alg: i16,
}

/// A passkey, by its id (WebAuthn L3 section 5.8.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
struct PublicKeyCredentialDescriptorJSON {
    /// The kind of credential.
    r#type: PublicKeyCredentialType,
    /// The passkey's credential id.
    id: CredentialId,
    /// How the browser may reach its authenticator, as far as that is known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    transports: Vec<AuthenticatorTransport>,
}

/// What an authenticator is to be capable of (WebAuthn L3 section 5.4.4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
struct AuthenticatorSelectionCriteria {
    /// Whether the passkey is to be discoverable.
    resident_key: ResidentKeyRequirement,
    /// The same for browsers of WebAuthn Level 1: whether it must be.
    require_resident_key: bool,
    /// Whether the authenticator is to verify who uses it, by PIN or biometry.
    user_verification: UserVerificationRequirement,
}

/// `ResidentKeyRequirement` (WebAuthn L3 section 5.4.6), as far as we ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
enum ResidentKeyRequirement {
    /// Discoverable where the authenticator has room for it.
    Preferred,
}

/// `AttestationConveyancePreference` (WebAuthn L3 section 5.4.7), as far as we ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
enum AttestationConveyancePreference {
    /// Not asked for.
    None,
}
