//! `CollectedClientData` (WebAuthn L3 section 5.8.1): what the browser says it was asked, by whom
//! and where.
//!
//! Reads it, and makes the checks that both ceremonies share: type, challenge, origin and frames.

use alloc::string::String;

use serde::{Deserialize, Deserializer, de::IgnoredAny};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Refused, RelyingParty};
use crate::{base64url, strict_json};

/// Bytes of client data that are read. Browsers write some 150 and may add members; the longest of
/// the W3C test vectors has 320.
const BYTES: usize = 8 * 1024;

/// The client data, parsed. A missing member is an empty text, which equals nothing expected; unknown
/// ones are ignored (section 5.8.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct CollectedClientData {
    /// Which ceremony: `webauthn.create` or `webauthn.get`.
    pub r#type: String,
    /// The ceremony nonce, base64url without padding.
    pub challenge: String,
    /// The origin of the page that asked.
    pub origin: String,
    /// Whether that page was in a frame of another origin. Anything but `false` says so.
    #[serde(deserialize_with = "is_not_false")]
    pub cross_origin: bool,
    /// Whether the origin of the outermost page was named.
    #[serde(rename = "topOrigin", deserialize_with = "is_there")]
    pub has_top_origin: bool,
}

/// Which ceremony a response must be from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CeremonyType {
    /// Section 7.1.
    Create,
    /// Section 7.2.
    Get,
}

impl CollectedClientData {
    /// Decodes and parses `clientDataJSON`.
    ///
    /// # Errors
    /// [`Refused::Malformed`] when it is not UTF-8, not a JSON object, has a member of the wrong
    /// type or one that comes twice, a control character in the origin, or more than 8 KiB.
    pub fn from_bytes(json: &[u8]) -> Result<Self, Refused> {
        const NOT: Refused = Refused::Malformed("clientDataJSON");
        if json.len() > BYTES {
            return Err(NOT);
        }
        // §7.1 step 5, §7.2 step 8. "UTF-8 decode" (Encoding Standard) strips a byte order mark.
        // It would also replace wrong bytes; no browser writes those, so they are refused.
        let text = core::str::from_utf8(json).map_err(|_| NOT)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        // §7.1 step 6, §7.2 step 9.
        let data: Self = strict_json::read(text.as_bytes()).map_err(|_| NOT)?;
        if data.origin.contains(|c: char| c.is_control()) {
            Err(NOT)
        } else {
            Ok(data)
        }
    }

    /// §7.1 steps 7 to 11 and §7.2 steps 10 to 14, which are the same but for the type.
    pub(super) fn check(
        &self,
        expected: CeremonyType,
        nonce: &[u8],
        rp: &RelyingParty<'_>,
    ) -> Result<(), Refused> {
        // §7.1 step 7, §7.2 step 10. Verify that the value of C.type is webauthn.create (.get).
        let name = match expected {
            CeremonyType::Create => "webauthn.create",
            CeremonyType::Get => "webauthn.get",
        };
        if self.r#type != name {
            return Err(Refused::Type);
        }
        // §7.1 step 8, §7.2 step 11. Verify that the value of C.challenge equals the base64url
        // encoding of the challenge. An empty nonce was never issued.
        if nonce.is_empty() || self.challenge != base64url::encode(nonce) {
            return Err(Refused::Challenge);
        }
        // §7.1 step 9, §7.2 step 12. Verify that the value of C.origin is an origin expected by the
        // Relying Party (section 13.4.9): the same text as one in the configuration.
        if !rp.origins.iter().any(|origin| *origin == self.origin) {
            return Err(Refused::Origin);
        }
        // §7.1 step 10, §7.2 step 13. If C.crossOrigin is present and set to true, verify that the
        // Relying Party expects that. We never do: our pages refuse to be framed.
        if self.cross_origin {
            return Err(Refused::CrossOrigin);
        }
        // §7.1 step 11, §7.2 step 14. If C.topOrigin is present, verify that the Relying Party
        // expects that. We do not, as before.
        if self.has_top_origin {
            Err(Refused::TopOrigin)
        } else {
            Ok(())
        }
    }
}

/// §7.1 step 12, §7.2 step 20. The hash of the serialized client data.
pub(super) fn hash(json: &[u8]) -> [u8; 32] {
    Sha256::digest(json).into()
}

fn is_not_false<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Value::deserialize(deserializer)? != false)
}

fn is_there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}
