//! The digits a person types.

use alloc::borrow::Cow;
use core::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, de::Error as _};
use subtle::{Choice, ConstantTimeEq};

use super::Digits;
use crate::half_width::half_width;

/// More than any way to write eight digits; nothing longer is looked at.
pub(super) const LONGEST_TEXT: usize = 32;

/// A one-time passcode of 6 to 8 digits. Compares in constant time; `Debug` does not show it,
/// `Display` does, with leading zeros.
#[derive(Clone, Copy)]
pub struct TotpCode {
    number: u32,
    digits: Digits,
}

impl TotpCode {
    /// The last `digits` decimal digits of `number`.
    pub(super) const fn new(number: u32, digits: Digits) -> Self {
        let number = match digits {
            Digits::Six => number % 1_000_000,
            Digits::Seven => number % 10_000_000,
            Digits::Eight => number % 100_000_000,
        };
        Self { number, digits }
    }

    /// How many digits were typed.
    #[must_use]
    pub const fn digits(self) -> Digits {
        self.digits
    }
}

impl FromStr for TotpCode {
    type Err = NotACode;

    /// Reads 6 to 8 digits; spaces and hyphens anywhere are left out. ASCII, or the full-width
    /// forms that an East Asian keyboard types. Digits of other scripts, other white space and signs
    /// are not read: what one library takes for a 5 another does not, and a code is typed on a
    /// number pad.
    fn from_str(text: &str) -> Result<Self, NotACode> {
        if text.len() > LONGEST_TEXT {
            return Err(NotACode);
        }
        let mut number: u32 = 0;
        let mut count: u64 = 0;
        for typed in text.chars().map(half_width) {
            let digit = match typed.to_digit(10) {
                Some(digit) => digit,
                None if matches!(typed, ' ' | '-') => continue,
                None => return Err(NotACode),
            };
            // At most 32 digits get here; what overflows is refused for its count below.
            number = number.wrapping_mul(10).wrapping_add(digit);
            count = count.saturating_add(1);
        }
        let digits = Digits::try_from(count).map_err(|_| NotACode)?;
        Ok(Self { number, digits })
    }
}

impl ConstantTimeEq for TotpCode {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.number.ct_eq(&other.number) & self.digits.count().ct_eq(&other.digits.count())
    }
}

impl PartialEq for TotpCode {
    fn eq(&self, other: &Self) -> bool {
        self.ct_eq(other).into()
    }
}

impl Eq for TotpCode {}

impl fmt::Debug for TotpCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl fmt::Display for TotpCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:01$}", self.number, usize::from(self.digits.count()))
    }
}

impl<'de> Deserialize<'de> for TotpCode {
    /// From a JSON string only: a JSON number has lost its leading zeros.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}

/// A text that is not 6 to 8 digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotACode;

impl fmt::Display for NotACode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a code is 6 to 8 digits")
    }
}

impl core::error::Error for NotACode {}
