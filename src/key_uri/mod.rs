//! The `otpauth://totp/` URI that a QR code carries into an authenticator app, after Google
//! Authenticator's "Key Uri Format".
//!
//! In scope: writing one that every app reads alike, reading what other systems write, and which
//! names fit into one. Out of scope: counter-based codes (`otpauth://hotp/`), Steam's own codes,
//! exports of many accounts (`otpauth-migration://`), the QR code.

mod name;
mod read;
#[cfg(test)]
mod tests;

use alloc::string::String;
use core::fmt::{self, Write};

use crate::totp::{NotAParameter, NotASecret, Parameters, TotpSecret};

pub use name::{NotAName, check_account, check_issuer};

/// A key URI: one secret, what it is for, and how codes are made from it.
///
/// `Display` writes the secret: the text is for the QR code and nothing else. `Debug` redacts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyUri {
    issuer: String,
    account: String,
    secret: TotpSecret,
    parameters: Parameters,
}

impl KeyUri {
    /// The longest URI that [`KeyUri::new`] makes, in bytes: what fits a QR code of version 17 at
    /// error correction level M. Its 85 modules and the quiet zone of 4 are 279 pixels wide at 3
    /// pixels a module, which a screen of 320 has room for.
    pub const LONGEST: usize = 504;

    /// Puts together what an app shows (issuer, account) and what it computes with.
    ///
    /// # Errors
    ///
    /// [`NotAKeyUri::Issuer`] and [`NotAKeyUri::Account`] for names that apps would read
    /// differently, [`NotAKeyUri::TooLong`] above [`KeyUri::LONGEST`].
    pub fn new(
        issuer: &str,
        account: &str,
        secret: TotpSecret,
        parameters: Parameters,
    ) -> Result<Self, NotAKeyUri> {
        check_issuer(issuer).map_err(NotAKeyUri::Issuer)?;
        check_account(account).map_err(NotAKeyUri::Account)?;
        let uri = Self {
            issuer: issuer.into(),
            account: account.into(),
            secret,
            parameters,
        };
        let mut length = Length(0);
        // `Length` takes everything, so this cannot fail.
        let _ = write!(length, "{uri}");
        if length.0 > Self::LONGEST {
            Err(NotAKeyUri::TooLong)
        } else {
            Ok(uri)
        }
    }

    /// The service that the codes are for; empty when the URI does not name it.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The account that the codes are for.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The shared secret.
    #[must_use]
    pub const fn secret(&self) -> &TotpSecret {
        &self.secret
    }

    /// How codes are made.
    #[must_use]
    pub const fn parameters(&self) -> Parameters {
        self.parameters
    }
}

impl fmt::Display for KeyUri {
    /// `otpauth://totp/ISSUER:ACCOUNT?secret=SECRET&issuer=ISSUER`, percent-encoded after RFC
    /// 3986 (a space is `%20`: some apps show a `+`). The other parameters are written only where
    /// they are not the default, and then all three, because apps differ in what they assume.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("otpauth://totp/")?;
        if !self.issuer.is_empty() {
            percent_encode(&self.issuer, f)?;
            f.write_char(':')?;
        }
        percent_encode(&self.account, f)?;
        f.write_str("?secret=")?;
        f.write_str(&self.secret.to_base32())?;
        if !self.issuer.is_empty() {
            f.write_str("&issuer=")?;
            percent_encode(&self.issuer, f)?;
        }
        if self.parameters != Parameters::DEFAULT {
            let Parameters {
                algorithm,
                digits,
                period,
            } = self.parameters;
            f.write_str("&algorithm=")?;
            f.write_str(algorithm.name())?;
            write!(f, "&digits={}&period={}", digits.count(), period.seconds())?;
        }
        Ok(())
    }
}

/// Why a text is not a key URI that Postern reads, or why one cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAKeyUri {
    /// The account does not fit.
    Account(NotAName),
    /// `otpauth://hotp/`: codes by counter, which Postern does not check.
    CounterBased,
    /// The parameter of this name has no value.
    Empty(&'static str),
    /// The `encoder` parameter: digits are turned into other characters, as Steam does.
    Encoder,
    /// The issuer does not fit.
    Issuer(NotAName),
    /// The label begins with another issuer than the `issuer` parameter names.
    IssuersDiffer,
    /// The parameter of this name is not there, and there is no default.
    Missing(&'static str),
    /// Algorithm, digits or period are outside what Postern reads.
    Parameter(NotAParameter),
    /// The parameter of this name comes twice: apps differ in which one they take.
    Repeated(&'static str),
    /// Does not begin with `otpauth://`.
    Scheme,
    /// The secret does not fit.
    Secret(NotASecret),
    /// Not a URI: broken percent-encoding, a fragment, a parameter without `=`.
    Syntax,
    /// Longer than a QR code that a phone can scan, and than any system writes.
    TooLong,
    /// Neither `totp` nor `hotp`.
    Type,
}

impl fmt::Display for NotAKeyUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Account(name) => {
                f.write_str("the account ")?;
                return name.fmt(f);
            }
            Self::Issuer(name) => {
                f.write_str("the issuer ")?;
                return name.fmt(f);
            }
            Self::Parameter(parameter) => return parameter.fmt(f),
            Self::Secret(secret) => return secret.fmt(f),
            Self::Empty(name) => return write!(f, "the parameter {name} is empty"),
            Self::Missing(name) => return write!(f, "the parameter {name} is missing"),
            Self::Repeated(name) => return write!(f, "the parameter {name} comes twice"),
            Self::CounterBased => "codes by counter (hotp) are not supported",
            Self::Encoder => "codes of another encoder than digits are not supported",
            Self::IssuersDiffer => "the label and the issuer parameter name different issuers",
            Self::Scheme => "a key URI begins with otpauth://",
            Self::Syntax => "this is not a well-formed URI",
            Self::TooLong => "the key URI is too long",
            Self::Type => "a key URI begins with otpauth://totp/",
        })
    }
}

impl core::error::Error for NotAKeyUri {}

/// Leaves only what RFC 3986 section 2.3 calls unreserved.
fn percent_encode(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                f.write_char(byte.into())?;
            }
            _ => {
                f.write_char('%')?;
                for nibble in [byte >> 4, byte & 0x0f] {
                    let digit = char::from_digit(nibble.into(), 16).unwrap_or('0');
                    f.write_char(digit.to_ascii_uppercase())?;
                }
            }
        }
    }
    Ok(())
}

/// Counts what would be written.
struct Length(usize);

impl Write for Length {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 = self.0.saturating_add(text.len());
        Ok(())
    }
}
