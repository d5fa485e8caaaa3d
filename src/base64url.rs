//! Base64url without padding (RFC 4648 section 5), the one text form of bytes in tokens and columns.

use alloc::{string::String, vec::Vec};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// Writes `bytes` as base64url without padding.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads base64url without padding; `None` for padding, other alphabets, white space or
/// non-canonical last characters.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// For `#[serde(with = "base64url::array")]`: exactly `N` bytes, as text.
pub mod array {
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    use super::{decode_array, encode};

    /// Writes the bytes.
    ///
    /// # Errors
    /// The serializer's own.
    pub fn serialize<S: Serializer, const N: usize>(
        bytes: &[u8; N],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&encode(bytes))
    }

    /// Reads the bytes.
    ///
    /// # Errors
    /// The deserializer's own, and for every text that is not `N` bytes.
    pub fn deserialize<'de, D: Deserializer<'de>, const N: usize>(
        deserializer: D,
    ) -> Result<[u8; N], D::Error> {
        let text = alloc::string::String::deserialize(deserializer)?;
        decode_array(&text)
            .ok_or_else(|| D::Error::custom(format_args!("not {N} bytes of base64url")))
    }
}

/// Reads exactly `N` bytes of base64url without padding.
#[must_use]
pub fn decode_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    decode(text)?.try_into().ok()
}
