//! Passkeys: the relying party of WebAuthn Level 3 (W3C, 2025).
//!
//! Types and files are named as the standard names them; [`registration::verify`] and
//! [`authentication::verify`] go through its sections 7.1 and 7.2 step by step, skipped steps
//! included. What it calls a challenge is our *ceremony nonce*.
//!
//! Leaves to others: sealing, binding and spending the nonce ([`crate::challenges`]); the arithmetic
//! of signatures (the platform, asked through [`Unverified`]); attestation (none is asked for); and
//! what the evidence is worth ([`crate::evidence`], [`crate::policy`]).

mod aaguid;
mod attestation;
pub mod authentication;
mod authenticator_data;
mod base64url_string;
mod cbor;
mod client_data;
mod cose;
mod credential;
mod der;
mod options;
mod refused;
pub mod registration;
mod relying_party;
mod response;
mod spki;
mod unverified;
mod user_handle;

pub use aaguid::Aaguid;
pub use attestation::{AttestationObject, AttestationStatement};
pub use authenticator_data::{AttestedCredentialData, AuthenticatorData, Flags};
pub use base64url_string::{Base64UrlBytes, Base64UrlString, CeremonyNonce};
pub use client_data::{CeremonyType, CollectedClientData};
pub use cose::{Algorithm, CoseKey, NotAKey};
pub use credential::{AuthenticatorTransport, CredentialId, CredentialRecord};
pub use options::{
    PublicKeyCredentialCreationOptionsJSON, PublicKeyCredentialRequestOptionsJSON,
    PublicKeyCredentialUserEntityJSON, TIMEOUT_MILLISECONDS,
};
pub use refused::Refused;
pub use relying_party::{RelyingParty, UserVerificationRequirement};
pub use response::{
    AuthenticationResponseJSON, AuthenticatorAssertionResponseJSON,
    AuthenticatorAttestationResponseJSON, RegistrationResponseJSON,
};
pub use unverified::{Signed, ToVerify, Unverified};
pub use user_handle::UserHandle;
