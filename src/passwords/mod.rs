//! The built-in first factor: what a password may be, and what is kept of it.
//!
//! Counting wrong ones is for [`crate::throttle`]; an application that has its own sign-in does not
//! use this module.

use alloc::string::{String, ToString};

use precis_profiles::{OpaqueString, precis_core::profile::Profile as _};

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Deserializer, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{
    base64url,
    sealing::{Keys, MissingKey, RootKey},
    secret::Secret,
    slow_hash::{Memory, SlowHash},
};

mod most_common;
#[cfg(test)]
mod tests;

/// Bytes of salt per password (SP 800-63B-4 section 3.1.1.2 asks for 4).
pub const SALT_BYTES: usize = 16;

/// A password, normalized by `OpaqueString` (RFC 8265 section 4.2), so that different keyboards
/// give the same one: composed or decomposed letters, any kind of space. A text that the profile
/// does not allow is kept as typed and compared, but cannot be set.
#[derive(Clone)]
pub struct Password {
    text: Zeroizing<String>,
    allowed: bool,
}

/// Why a text cannot be set as a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsuitable {
    /// Characters that keyboards type differently, or that are invisible.
    Characters,
    /// Among the most common ones, which attackers try first.
    Common,
    /// More than 256 characters.
    TooLong,
    /// Fewer than 8 characters.
    TooShort,
}

impl Unsuitable {
    /// What to tell the person.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Characters => {
                "no control characters, no invisible ones, and none that came after Unicode 6.3"
            }
            Self::Common => "one of the most common passwords; choose another",
            Self::TooLong => "at most 256 characters",
            Self::TooShort => "at least 8 characters",
        }
    }
}

impl Password {
    /// Longest password that may be set, in characters.
    pub const MAX_CHARACTERS: usize = 256;

    /// Whether this may be set as a password.
    ///
    /// # Errors
    /// The first rule it breaks.
    pub fn suitable(&self) -> Result<(), Unsuitable> {
        match self.text.chars().count() {
            0..8 => Err(Unsuitable::TooShort),
            count if count > Self::MAX_CHARACTERS => Err(Unsuitable::TooLong),
            _ if !self.allowed => Err(Unsuitable::Characters),
            _ if most_common::contains(&self.text) => Err(Unsuitable::Common),
            _ => Ok(()),
        }
    }
}

impl From<String> for Password {
    fn from(text: String) -> Self {
        let typed = Zeroizing::new(text);
        let enforced = OpaqueString::new().enforce(typed.as_str());
        match enforced.map(|text| Zeroizing::new(text.into_owned())) {
            Ok(text) => Self {
                text,
                allowed: true,
            },
            Err(_) => Self {
                text: typed,
                allowed: false,
            },
        }
    }
}

impl<'de> Deserialize<'de> for Password {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

impl core::fmt::Debug for Password {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// What is kept of a password: HMAC-SHA-256 under the pepper over its Argon2id hash.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Verifier {
    /// Parameters of the slow hash.
    pub slow_hash: SlowHash,
    /// 128 random bits.
    #[serde(with = "base64url::array")]
    pub salt: [u8; SALT_BYTES],
    /// Id of the root key whose pepper was used.
    pub key: String,
    /// The HMAC.
    #[serde(with = "base64url::array")]
    pub hash: [u8; 32],
}

impl Verifier {
    /// Makes a verifier under the writing key.
    #[must_use]
    pub fn new(
        password: &Password,
        salt: [u8; SALT_BYTES],
        keys: &Keys,
        memory: &mut Memory,
    ) -> Self {
        let key = keys.writer();
        let slow_hash = SlowHash::DEFAULT;
        let slow = slow_hash.derive(password.text.as_bytes(), &salt, memory);
        Self {
            slow_hash,
            salt,
            key: key.id().to_string(),
            hash: *peppered(&slow, key).expose(),
        }
    }

    /// A verifier that no password is known to match (one would have an HMAC of zeros) and that costs as much: for users that do not exist or
    /// have no password.
    #[must_use]
    pub fn of_nobody(keys: &Keys) -> Self {
        Self {
            slow_hash: SlowHash::DEFAULT,
            salt: [0; SALT_BYTES],
            key: keys.writer().id().to_string(),
            hash: [0; 32],
        }
    }

    /// Whether this is the password: one slow hash, one comparison in constant time.
    ///
    /// # Errors
    /// [`MissingKey`] when the pepper is gone: nothing was compared.
    pub fn matches(
        &self,
        password: &Password,
        keys: &Keys,
        memory: &mut Memory,
    ) -> Result<bool, MissingKey> {
        Ok(self.check(password, keys, memory)?.holds)
    }

    /// As [`Verifier::matches`], and what is kept of the password under the writing key.
    ///
    /// # Errors
    /// As [`Verifier::matches`].
    pub fn check(
        &self,
        password: &Password,
        keys: &Keys,
        memory: &mut Memory,
    ) -> Result<Checked, MissingKey> {
        let key = keys.find(&self.key)?;
        let slow = self
            .slow_hash
            .derive(password.text.as_bytes(), &self.salt, memory);
        let holds = Secret::new(self.hash) == peppered(&slow, key);
        let writer = keys.writer();
        let renewed = (holds && writer.id() != self.key).then(|| Self {
            key: writer.id().to_string(),
            hash: *peppered(&slow, writer).expose(),
            ..self.clone()
        });
        Ok(Checked { holds, renewed })
    }
}

/// What [`Verifier::check`] found.
pub struct Checked {
    /// Whether it is the password.
    pub holds: bool,
    /// The verifier under the writing key, when it is the password and the verifier was made under
    /// another.
    pub renewed: Option<Verifier>,
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
fn peppered(slow: &[u8; 32], key: &RootKey) -> Secret<32> {
    let mac = Hmac::<Sha256>::new_from_slice(key.pepper().expose()).expect("a key of any length");
    Secret::new(mac.chain_update(slow).finalize().into_bytes().into())
}
