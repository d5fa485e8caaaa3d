//! Backup codes: ten look-up secrets (SP 800-63B-4 section 3.1.2), each good once, for users who
//! have lost their authenticators.
//!
//! In scope: making a set, reading what a person types, and the index under which a code is looked
//! up. Out of scope: that a code works once (the commit), how many are left (the database), how
//! often one may guess (`throttle`).

mod check;
mod code;
mod draw;
#[cfg(test)]
mod tests;

use core::{fmt, str::FromStr};

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::{
    base64url,
    secret::Secret,
    slow_hash::{Memory, SlowHash},
};

pub use code::{BackupCode, NotABackupCode};
pub use draw::ENTROPY;

/// How many codes a set has.
pub const CODES: usize = 10;

/// How a code is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = BackupCodeFormat))]
pub enum Format {
    /// Eight decimal digits, 26.6 bits: a second factor, never the only one.
    #[default]
    Digits8,
    /// 13 characters of Crockford's base32, 65 bits, and a 14th as check: enough for a saved
    /// recovery code (SP 800-63B-4 section 4.2.1.1 asks for 64 bits).
    Recovery,
}

/// What is kept of a set beside its codes' look-ups, and all that a check needs to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupCodeSet {
    /// How its codes are written.
    pub format: Format,
    /// 128 random bits. One for all ten codes, so that an attempt costs one slow hash however many
    /// codes are left; the standard asks for 32 bits.
    #[serde(with = "base64url::array")]
    pub salt: [u8; 16],
    /// The cost with which its codes were hashed.
    pub slow_hash: SlowHash,
}

impl BackupCodeSet {
    /// A set with today's cost; the codes themselves come from [`BackupCodeSet::generate`].
    #[must_use]
    pub const fn new(format: Format, salt: [u8; 16]) -> Self {
        Self {
            format,
            salt,
            slow_hash: SlowHash::DEFAULT,
        }
    }

    /// Ten different codes, every such set as likely as any other (to within 2^-60).
    ///
    /// The entropy is 16 bytes for each code. A code is drawn from those not in the set yet, by a
    /// 128-bit number modulo how many are left; see `draw`.
    #[must_use]
    pub fn generate(format: Format, entropy: &[u8; ENTROPY]) -> [BackupCode; CODES] {
        draw::distinct(draw::numbers(entropy), format.codes())
            .map(|number| BackupCode::new(format, number))
    }

    /// The index under which `code` is stored and found in this set: Argon2id of the code with the
    /// set's salt, then HMAC-SHA-256 of that with the pepper, a key outside the database.
    ///
    /// Costs one slow hash, whether the code has the set's format or not.
    #[must_use]
    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
    pub fn look_up(&self, code: &BackupCode, pepper: &Secret<32>, memory: &mut Memory) -> LookUp {
        let slow = Secret::new(
            self.slow_hash
                .derive(code.as_str().as_bytes(), &self.salt, memory),
        );
        let mac = Hmac::<Sha256>::new_from_slice(pepper.expose()).expect("a key of any length");
        LookUp(
            mac.chain_update(slow.expose())
                .finalize()
                .into_bytes()
                .into(),
        )
    }
}

/// The index of one code in one set: 32 bytes, 43 characters of base64url in a column.
///
/// It opens nothing, but does not belong in a log: `Debug` does not show it.
#[derive(Clone, Copy)]
pub struct LookUp([u8; 32]);

impl fmt::Display for LookUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64url::encode(&self.0))
    }
}

impl fmt::Debug for LookUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl PartialEq for LookUp {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for LookUp {}

impl FromStr for LookUp {
    type Err = NotALookUp;

    fn from_str(text: &str) -> Result<Self, NotALookUp> {
        base64url::decode_array(text).map(Self).ok_or(NotALookUp)
    }
}

/// A text that is not 32 bytes of base64url.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotALookUp;

impl fmt::Display for NotALookUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the look-up of a backup code")
    }
}

impl core::error::Error for NotALookUp {}
