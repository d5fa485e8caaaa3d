//! The three numbers an app and we must agree on.

use core::{
    fmt,
    num::{NonZeroU8, NonZeroU64},
    str::FromStr,
};

use serde::{Deserialize, Serialize};

/// How codes are made from a secret. [`Parameters::DEFAULT`] is what every app reads; the others
/// come in with imported authenticators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// The hash inside HMAC.
    pub algorithm: Algorithm,
    /// Length of a code.
    pub digits: Digits,
    /// Length of a time step.
    pub period: Period,
}

impl Parameters {
    /// SHA-1, 6 digits, 30 seconds (RFC 6238 section 5.2, and the Key URI format's defaults).
    pub const DEFAULT: Self = Self {
        algorithm: Algorithm::Sha1,
        digits: Digits::Six,
        period: Period::DEFAULT,
    };
}

impl Default for Parameters {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The hash inside HMAC, written as in the Key URI format: `SHA1`, `SHA256`, `SHA512`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Algorithm {
    /// What every app reads. Sound inside HMAC, where collisions do not matter.
    #[serde(rename = "SHA1")]
    Sha1,
    /// RFC 6238 section 1.2; many apps ignore it and use SHA-1.
    #[serde(rename = "SHA256")]
    Sha256,
    /// RFC 6238 section 1.2; many apps ignore it and use SHA-1.
    #[serde(rename = "SHA512")]
    Sha512,
}

impl Algorithm {
    /// The name in a key URI.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
        }
    }
}

impl FromStr for Algorithm {
    type Err = NotAParameter;

    /// Reads the name in a key URI, in any case.
    fn from_str(name: &str) -> Result<Self, NotAParameter> {
        [Self::Sha1, Self::Sha256, Self::Sha512]
            .into_iter()
            .find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
            .ok_or(NotAParameter::Algorithm)
    }
}

/// Length of a code, 6 to 8 (RFC 4226 section 5.3 asks for 6 at least; longer ones exceed the 31
/// bits that are left after truncation). A number in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub enum Digits {
    /// The default.
    Six,
    /// Read, never made.
    Seven,
    /// Read, never made.
    Eight,
}

impl Digits {
    /// The length as a number.
    #[must_use]
    pub const fn count(self) -> u8 {
        match self {
            Self::Six => 6,
            Self::Seven => 7,
            Self::Eight => 8,
        }
    }
}

impl From<Digits> for u64 {
    fn from(digits: Digits) -> Self {
        digits.count().into()
    }
}

impl TryFrom<u64> for Digits {
    type Error = NotAParameter;

    fn try_from(count: u64) -> Result<Self, NotAParameter> {
        match count {
            6 => Ok(Self::Six),
            7 => Ok(Self::Seven),
            8 => Ok(Self::Eight),
            _ => Err(NotAParameter::Digits),
        }
    }
}

/// Length of a time step, 15 to 60 seconds; SP 800-63B-4 section 3.1.4.1 allows 2 minutes at most.
/// A number in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct Period(NonZeroU8);

impl Period {
    /// 30 seconds (RFC 6238 section 5.2).
    pub const DEFAULT: Self = Self(NonZeroU8::new(30).unwrap());

    /// The length in seconds.
    #[must_use]
    pub fn seconds(self) -> NonZeroU64 {
        self.0.into()
    }
}

impl From<Period> for u64 {
    fn from(period: Period) -> Self {
        period.seconds().get()
    }
}

impl TryFrom<u64> for Period {
    type Error = NotAParameter;

    fn try_from(seconds: u64) -> Result<Self, NotAParameter> {
        if !(15..=60).contains(&seconds) {
            return Err(NotAParameter::Period);
        }
        let seconds = u8::try_from(seconds).ok().and_then(NonZeroU8::new);
        seconds.map(Self).ok_or(NotAParameter::Period)
    }
}

/// Which parameter is outside what Postern reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAParameter {
    /// Not SHA1, SHA256 or SHA512.
    Algorithm,
    /// Not 6, 7 or 8.
    Digits,
    /// Not 15 to 60 seconds.
    Period,
}

impl fmt::Display for NotAParameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Algorithm => "the algorithm is not SHA1, SHA256 or SHA512",
            Self::Digits => "the number of digits is not 6, 7 or 8",
            Self::Period => "the period is not 15 to 60 seconds",
        })
    }
}

impl core::error::Error for NotAParameter {}
