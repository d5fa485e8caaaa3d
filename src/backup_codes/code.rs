//! One backup code, as drawn and as typed.

use alloc::{borrow::Cow, string::String};
use core::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{Format, check};
use crate::half_width::half_width;

/// Crockford's base32: no I, L, O (read as 1, 1, 0) and no U.
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// More than any way to write 14 characters; nothing longer is looked at.
pub(super) const LONGEST_TEXT: usize = 64;

/// A backup code in its one spelling: 8 digits, or 14 upper-case characters of Crockford's base32
/// of which the last checks the others.
///
/// `Display` groups it for reading (`1234 5678`, `01234-56789-ABCD`), serde and
/// [`BackupCode::as_str`] give the bare text, `Debug` shows nothing. Compares in constant time, is
/// wiped on drop.
#[derive(Clone)]
pub struct BackupCode {
    format: Format,
    text: Zeroizing<String>,
}

impl BackupCode {
    /// Writes the code of a number below `format.codes()`.
    pub(super) fn new(format: Format, mut number: u128) -> Self {
        let (length, radix): (usize, u8) = match format {
            Format::Digits8 => (8, 10),
            Format::Recovery => (13, 32),
        };
        let mut values = Zeroizing::new([0_u8; 13]);
        let values = values.get_mut(..length).unwrap_or_default();
        for value in values.iter_mut().rev() {
            let digit = number.checked_rem(radix.into()).unwrap_or_default();
            *value = u8::try_from(digit).unwrap_or_default();
            number = number.checked_div(radix.into()).unwrap_or_default();
        }
        let mut text = Zeroizing::new(String::with_capacity(14));
        text.extend(values.iter().map(|value| character(*value)));
        if format == Format::Recovery {
            text.push(character(check::value(values.iter().copied())));
        }
        Self { format, text }
    }

    /// How it is written.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.format
    }

    /// The bare text, 8 or 14 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for BackupCode {
    type Err = NotABackupCode;

    /// Reads a code as people copy it: white space and dashes of every kind anywhere, either case, O
    /// for 0, I and L for 1, and full-width forms. Digits of other scripts are not read.
    fn from_str(text: &str) -> Result<Self, NotABackupCode> {
        if text.len() > LONGEST_TEXT {
            return Err(NotABackupCode::Length);
        }
        let typed = || {
            text.chars()
                .filter(|typed| !typed.is_whitespace() && !is_dash(*typed))
        };
        if typed().any(|typed| value(typed).is_none()) {
            return Err(NotABackupCode::Characters);
        }
        let format = match typed().count() {
            8 if typed().filter_map(value).all(|value| value < 10) => Format::Digits8,
            8 => return Err(NotABackupCode::Characters),
            14 => Format::Recovery,
            _ => return Err(NotABackupCode::Length),
        };
        let mut text = Zeroizing::new(String::with_capacity(14));
        text.extend(typed().filter_map(value).map(character));
        let values = || text.chars().filter_map(value);
        if format == Format::Recovery
            && values().next_back() != Some(check::value(values().take(13)))
        {
            return Err(NotABackupCode::Check);
        }
        Ok(Self { format, text })
    }
}

/// Crockford's reading of a character: neither format has an O, an I or an L.
fn value(typed: char) -> Option<u8> {
    let typed = match half_width(typed).to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        typed => typed,
    };
    let position = CROCKFORD
        .iter()
        .position(|other| char::from(*other) == typed)?;
    u8::try_from(position).ok()
}

/// Unicode's property `Dash`: all dash punctuation (Pd), and the signs that look like it. Word
/// processors put them in place of a hyphen.
const fn is_dash(typed: char) -> bool {
    matches!(
        typed,
        '-' | '\u{58a}' | '\u{5be}' | '\u{1400}' | '\u{1806}' | '\u{2010}'
            ..='\u{2015}'
                | '\u{2053}'
                | '\u{207b}'
                | '\u{208b}'
                | '\u{2212}'
                | '\u{2e17}'
                | '\u{2e1a}'
                | '\u{2e3a}'
                | '\u{2e3b}'
                | '\u{2e40}'
                | '\u{2e5d}'
                | '\u{301c}'
                | '\u{3030}'
                | '\u{30a0}'
                | '\u{fe31}'
                | '\u{fe32}'
                | '\u{fe58}'
                | '\u{fe63}'
                | '\u{ff0d}'
                | '\u{10d6e}'
                | '\u{10ead}'
    )
}

/// The character of a value below 32.
fn character(value: u8) -> char {
    CROCKFORD
        .get(usize::from(value))
        .copied()
        .unwrap_or(b'0')
        .into()
}

impl PartialEq for BackupCode {
    fn eq(&self, other: &Self) -> bool {
        self.text.as_bytes().ct_eq(other.text.as_bytes()).into()
    }
}

impl Eq for BackupCode {}

impl fmt::Debug for BackupCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl fmt::Display for BackupCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (group, between) = match self.format {
            Format::Digits8 => (4, " "),
            Format::Recovery => (5, "-"),
        };
        let mut rest = self.as_str();
        while let Some((head, tail)) = rest.split_at_checked(group).filter(|(_, t)| !t.is_empty()) {
            f.write_str(head)?;
            f.write_str(between)?;
            rest = tail;
        }
        f.write_str(rest)
    }
}

impl Serialize for BackupCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for BackupCode {
    /// From a JSON string only: a JSON number has lost its leading zeros.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}

/// Why a text is not a backup code; the page can say so before anything is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotABackupCode {
    /// A character that no code of this length has.
    Characters,
    /// The 14th character does not fit the others: a typing mistake.
    Check,
    /// Neither 8 nor 14 characters.
    Length,
}

impl fmt::Display for NotABackupCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Characters => "a backup code does not have this character",
            Self::Check => "a character of this backup code is wrong or two are swapped",
            Self::Length => "a backup code has 8 digits or 14 characters",
        })
    }
}

impl core::error::Error for NotABackupCode {}
