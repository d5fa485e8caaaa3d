//! Bytes in the JSON that browsers and relying parties exchange.

use alloc::{string::String, vec::Vec};
use core::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::base64url;

/// `Base64URLString` (WebAuthn L3 section 5.1): bytes, written as base64url without padding.
/// Reads only the canonical text, so that one value has one spelling.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Base64UrlString(Vec<u8>);

impl Deref for Base64UrlString {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.0
    }
}

impl From<Vec<u8>> for Base64UrlString {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<&[u8]> for Base64UrlString {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }
}

impl Serialize for Base64UrlString {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&base64url::encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64UrlString {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        base64url::decode(&text)
            .map(Self)
            .ok_or_else(|| D::Error::custom("expected base64url without padding"))
    }
}

/// `N` bytes of ours, written as [`Base64UrlString`] writes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Base64UrlString", into = "Base64UrlString")]
pub struct Base64UrlBytes<const N: usize>(pub [u8; N]);

/// Ceremony nonce: what WebAuthn calls a challenge (section 13.4.3), 32 random bytes, used once.
pub type CeremonyNonce = Base64UrlBytes<32>;

impl<const N: usize> TryFrom<Base64UrlString> for Base64UrlBytes<N> {
    type Error = &'static str;

    fn try_from(bytes: Base64UrlString) -> Result<Self, Self::Error> {
        let bytes: &[u8] = &bytes;
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| "expected another number of bytes")
    }
}

impl<const N: usize> From<Base64UrlBytes<N>> for Base64UrlString {
    fn from(bytes: Base64UrlBytes<N>) -> Self {
        bytes.0.as_slice().into()
    }
}
