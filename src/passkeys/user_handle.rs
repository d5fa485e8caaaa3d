//! The user handle: how a passkey alone names its user (WebAuthn L3 sections 4, 5.4.3, 14.6.1).
//!
//! Leaves looking it up to the Worker: it names the organization's database and the user's row.

use serde::{Deserialize, Serialize};

use super::Base64UrlString;
use crate::ids::{OrganizationId, UserId};

/// 64 bytes: organization id (16) ‖ user id (16) ‖ random (32). Made once per user; nothing in it
/// says anything about the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Base64UrlString", into = "Base64UrlString")]
pub struct UserHandle([u8; 64]);

impl UserHandle {
    /// Makes a handle from the two ids and 32 random bytes.
    #[must_use]
    pub fn new(organization: OrganizationId, user: UserId, entropy: [u8; 32]) -> Self {
        let mut bytes = [0; 64];
        let home = organization.as_bytes().iter().chain(user.as_bytes());
        for (byte, from) in bytes.iter_mut().zip(home.chain(&entropy)) {
            *byte = *from;
        }
        Self(bytes)
    }

    /// Reads what an authenticator returned; `None` unless it has 64 bytes. Whether a user has it
    /// is known only after comparing it with the stored one.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The organization it names.
    #[must_use]
    pub fn organization(&self) -> OrganizationId {
        let [organization, ..] = self.parts();
        OrganizationId::from_entropy(organization)
    }

    /// The user it names.
    #[must_use]
    pub fn user(&self) -> UserId {
        let [_, user] = self.parts();
        UserId::from_entropy(user)
    }

    /// The 64 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }

    fn parts(&self) -> [[u8; 16]; 2] {
        let (parts, _) = self.0.as_chunks();
        if let [organization, user, ..] = parts {
            [*organization, *user]
        } else {
            [[0; 16]; 2]
        }
    }
}

impl TryFrom<Base64UrlString> for UserHandle {
    type Error = &'static str;

    fn try_from(bytes: Base64UrlString) -> Result<Self, Self::Error> {
        Self::from_bytes(&bytes).ok_or("expected 64 bytes")
    }
}

impl From<UserHandle> for Base64UrlString {
    fn from(handle: UserHandle) -> Self {
        handle.0.as_slice().into()
    }
}
