//! The key that an app and we share.

use alloc::{string::String, vec::Vec};
use core::fmt;

use base32::Alphabet;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// RFC 4648 section 6, as key URIs want it: upper case, no padding.
const ALPHABET: Alphabet = Alphabet::Rfc4648 { padding: false };

/// No text this long is a secret: 128 bytes are 205 characters, or 256 in groups of four.
pub(super) const LONGEST_TEXT: usize = 512;

/// A shared secret of 16 to 128 bytes. Prints `[redacted]`, compares in constant time, is wiped on
/// drop, and does not implement `Serialize`: it is stored by sealing [`TotpSecret::expose`].
#[derive(Clone)]
pub struct TotpSecret(Zeroizing<Vec<u8>>);

impl TotpSecret {
    /// Makes a secret of 160 random bits, the length that RFC 4226 section 4 (R6) recommends.
    #[must_use]
    pub fn from_entropy(entropy: [u8; 20]) -> Self {
        Self(Zeroizing::new(Zeroizing::new(entropy).to_vec()))
    }

    /// Reads a secret from elsewhere.
    ///
    /// # Errors
    ///
    /// [`NotASecret::Length`] below 16 bytes (RFC 4226 section 4, R6: at least 128 bits) and above
    /// 128 (a block of SHA-512, where HMAC starts to hash its key).
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NotASecret> {
        if !(16..=128).contains(&bytes.len()) {
            return Err(NotASecret::Length);
        }
        Ok(Self(Zeroizing::new(bytes.to_vec())))
    }

    /// Reads base32 as people copy it: any case, with spaces, hyphens and padding.
    ///
    /// Bits left over in the last character are dropped, as every app does.
    ///
    /// # Errors
    ///
    /// [`NotASecret::Base32`] for other characters and impossible lengths, else as
    /// [`TotpSecret::from_bytes`].
    pub fn from_base32(text: &str) -> Result<Self, NotASecret> {
        if text.len() > LONGEST_TEXT {
            return Err(NotASecret::Length);
        }
        Self::from_bytes(&decode(text).ok_or(NotASecret::Base32)?)
    }

    /// Upper-case base32 without padding, as a key URI carries it.
    #[must_use]
    pub fn to_base32(&self) -> Zeroizing<String> {
        Zeroizing::new(encode(&self.0))
    }

    /// The same in groups of four with spaces between, for typing it by hand.
    #[must_use]
    pub fn groups_of_four(&self) -> Zeroizing<String> {
        let text = self.to_base32();
        let mut grouped = Zeroizing::new(String::with_capacity(text.len().saturating_mul(2)));
        for (index, character) in text.chars().enumerate() {
            if index > 0 && index % 4 == 0 {
                grouped.push(' ');
            }
            grouped.push(character);
        }
        grouped
    }

    /// The bytes themselves, for sealing and for HMAC.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl PartialEq for TotpSecret {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for TotpSecret {}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Base32 (RFC 4648 section 6) in upper case, without padding.
pub(super) fn encode(bytes: &[u8]) -> String {
    base32::encode(ALPHABET, bytes)
}

/// Base32 (RFC 4648 section 6) in any case, with spaces, hyphens and trailing padding.
pub(super) fn decode(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut upper = Zeroizing::new(String::with_capacity(text.len()));
    let kept = text.trim_end_matches(['=', ' ', '-']).chars();
    upper.extend(
        kept.filter(|c| !matches!(c, ' ' | '-'))
            .map(|c| c.to_ascii_uppercase()),
    );
    // 1, 3 and 6 characters over are too few for the byte that they begin.
    if matches!(upper.len() % 8, 1 | 3 | 6) {
        return None;
    }
    base32::decode(ALPHABET, &upper).map(Zeroizing::new)
}

/// Why a text or bytes are not a shared secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotASecret {
    /// Not base32.
    Base32,
    /// Not 16 to 128 bytes.
    Length,
}

impl fmt::Display for NotASecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Base32 => "the secret is not base32",
            Self::Length => "the secret is not 16 to 128 bytes long",
        })
    }
}

impl core::error::Error for NotASecret {}
