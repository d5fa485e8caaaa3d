//! The relying party as browsers know it: from configuration, never from a request.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::Refused;

/// The relying party (WebAuthn L3 sections 4, 13.4.9). One deployment is one.
#[derive(Clone, Copy, Debug)]
pub struct RelyingParty<'a> {
    /// RP ID: a domain, without scheme and port.
    pub id: &'a str,
    /// The name shown by authenticators that show one.
    pub name: &'a str,
    /// The origins of our pages, each as browsers serialize it: scheme, host, port unless it is
    /// the scheme's, no slash at the end.
    pub origins: &'a [&'a str],
}

/// `UserVerificationRequirement` (WebAuthn L3 section 5.8.6), as far as we ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum UserVerificationRequirement {
    /// The passkey is the only evidence: alone, or as step-up.
    Required,
    /// The passkey is the second factor: the flag is inspected and kept.
    Preferred,
}

impl RelyingParty<'_> {
    /// Verifies that `hash` is the SHA-256 of the RP ID (§7.1 step 14, §7.2 step 15).
    pub(super) fn check_hash(&self, hash: &[u8; 32]) -> Result<(), Refused> {
        if Sha256::digest(self.id).as_slice() == hash {
            Ok(())
        } else {
            Err(Refused::RpIdHash)
        }
    }
}

impl UserVerificationRequirement {
    /// Verifies the UV flag where it is required (§7.1 step 16, §7.2 step 17).
    pub(super) fn check(self, user_verified: bool) -> Result<(), Refused> {
        if self == Self::Required && !user_verified {
            Err(Refused::UserVerification)
        } else {
            Ok(())
        }
    }
}
