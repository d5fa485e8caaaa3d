//! A passkey as it is stored: credential record, id, transports (WebAuthn L3 section 4).
//!
//! Leaves names, times and our own ids to the authenticators of the Worker.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{Aaguid, Base64UrlString, CoseKey};

/// Credential ID (WebAuthn L3 section 4): 1 to 1023 bytes that the authenticator chose, no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Base64UrlString", into = "Base64UrlString")]
pub struct CredentialId(Vec<u8>);

impl CredentialId {
    /// Takes 1 to 1023 bytes.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        if matches!(bytes.len(), 1..=1023) {
            Some(Self(bytes))
        } else {
            None
        }
    }

    /// The bytes, for the unique column.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl TryFrom<Base64UrlString> for CredentialId {
    type Error = &'static str;

    fn try_from(bytes: Base64UrlString) -> Result<Self, Self::Error> {
        Self::new(bytes.to_vec()).ok_or("expected 1 to 1023 bytes")
    }
}

impl From<CredentialId> for Base64UrlString {
    fn from(id: CredentialId) -> Self {
        id.0.into()
    }
}

/// `PublicKeyCredentialType` (WebAuthn L3 section 5.8.2): the kind of credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub(super) enum PublicKeyCredentialType {
    /// A key pair; there is no other kind.
    PublicKey,
}

/// `AuthenticatorTransport` (WebAuthn L3 section 5.8.4): how a browser may reach the authenticator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum AuthenticatorTransport {
    /// USB.
    Usb,
    /// Near field communication.
    Nfc,
    /// Bluetooth Low Energy.
    Ble,
    /// Smart card with contacts.
    SmartCard,
    /// Another device, usually a phone, by QR code.
    Hybrid,
    /// Part of this device.
    Internal,
}

impl AuthenticatorTransport {
    /// The values of the standard; a browser may report others, which are to be ignored.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "usb" => Some(Self::Usb),
            "nfc" => Some(Self::Nfc),
            "ble" => Some(Self::Ble),
            "smart-card" => Some(Self::SmartCard),
            "hybrid" => Some(Self::Hybrid),
            "internal" => Some(Self::Internal),
            _ => None,
        }
    }
}

/// Credential record (WebAuthn L3 section 4). Its `type` is always `public-key`; the attestation
/// is not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CredentialRecord {
    /// Unique among all users of the deployment.
    pub id: CredentialId,
    /// Verifies the assertions.
    pub public_key: CoseKey,
    /// The highest signature counter seen.
    pub sign_count: u32,
    /// Whether the user was ever verified by it, as far as that could be trusted.
    pub uv_initialized: bool,
    /// Hints for the browser, as it reported them.
    pub transports: Vec<AuthenticatorTransport>,
    /// Whether it may be synced; fixed at registration.
    pub backup_eligible: bool,
    /// Whether it is synced now.
    pub backup_state: bool,
    /// The make of the authenticator, as it says.
    pub aaguid: Aaguid,
}
