//! Reading a key URI that another system made: what all real apps read alike.

use alloc::{string::String, vec::Vec};
use core::str::FromStr;

use zeroize::Zeroizing;

use super::{KeyUri, NotAKeyUri, check_account, check_issuer};
use crate::totp::{NotAParameter, Parameters, TotpSecret};

/// Anything longer is refused unread.
const LONGEST_TEXT: usize = 2048;

impl FromStr for KeyUri {
    type Err = NotAKeyUri;

    /// Reads scheme, type, parameter names and algorithm in any case, parameters in any order, the
    /// colon of the label plain or encoded, spaces after it, raw spaces and raw UTF-8. A `+` is a
    /// plus. Unknown parameters are left out.
    fn from_str(text: &str) -> Result<Self, NotAKeyUri> {
        if text.len() > LONGEST_TEXT {
            return Err(NotAKeyUri::TooLong);
        }
        let (scheme, rest) = text.split_once("://").ok_or(NotAKeyUri::Scheme)?;
        if !scheme.eq_ignore_ascii_case("otpauth") {
            return Err(NotAKeyUri::Scheme);
        }
        if rest.contains('#') {
            return Err(NotAKeyUri::Syntax);
        }
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (kind, label) = path.split_once('/').unwrap_or((path, ""));
        match kind {
            _ if kind.eq_ignore_ascii_case("totp") => {}
            _ if kind.eq_ignore_ascii_case("hotp") => return Err(NotAKeyUri::CounterBased),
            _ => return Err(NotAKeyUri::Type),
        }

        let label = percent_decode(label)?;
        let (prefix, account) = label.split_once(':').unwrap_or(("", &label));
        let account = account.trim_matches(' ');
        check_account(account).map_err(NotAKeyUri::Account)?;

        let query = Query::from_str(query)?;
        let named = query
            .issuer
            .as_deref()
            .unwrap_or_default()
            .trim_matches(' ');
        let issuer = match (prefix.trim_matches(' '), named) {
            ("", named) => named,
            (prefix, "") => prefix,
            // Form encoding, written by mistake, turns spaces into plus signs.
            (prefix, named) if prefix == named || prefix == named.replace('+', " ") => prefix,
            _ => return Err(NotAKeyUri::IssuersDiffer),
        };
        if !issuer.is_empty() {
            check_issuer(issuer).map_err(NotAKeyUri::Issuer)?;
        }

        Ok(Self {
            issuer: issuer.into(),
            account: account.into(),
            secret: query.secret.ok_or(NotAKeyUri::Missing("secret"))?,
            parameters: query.parameters,
        })
    }
}

/// The parameters that are read; KeePassXC writes `encoder` for Steam's codes.
const NAMES: [&str; 7] = [
    "secret",
    "issuer",
    "algorithm",
    "digits",
    "period",
    "encoder",
    "color",
];

/// What the parameters say.
struct Query {
    secret: Option<TotpSecret>,
    issuer: Option<String>,
    parameters: Parameters,
}

impl FromStr for Query {
    type Err = NotAKeyUri;

    fn from_str(text: &str) -> Result<Self, NotAKeyUri> {
        let mut query = Self {
            secret: None,
            issuer: None,
            parameters: Parameters::DEFAULT,
        };
        let mut seen = [false; NAMES.len()];
        let pairs = text.split('&').filter(|_| !text.is_empty());
        for pair in pairs {
            let (name, value) = match pair.split_once('=') {
                Some((name, value)) => (name, Some(Zeroizing::new(percent_decode(value)?))),
                None => (pair, None),
            };
            let known = NAMES.iter().zip(&mut seen);
            let Some((&name, seen)) = { known }.find(|(known, _)| known.eq_ignore_ascii_case(name))
            else {
                value.ok_or(NotAKeyUri::Syntax)?;
                continue;
            };
            if core::mem::replace(seen, true) {
                return Err(NotAKeyUri::Repeated(name));
            }
            let value = value.unwrap_or_default();
            // Some write an issuer that is empty for one that they do not know.
            if value.is_empty() && name != "issuer" {
                return Err(NotAKeyUri::Empty(name));
            }
            let parameters = &mut query.parameters;
            match name {
                "secret" => {
                    let secret = TotpSecret::from_base32(&value);
                    query.secret = Some(secret.map_err(NotAKeyUri::Secret)?);
                }
                "issuer" => query.issuer = Some((*value).clone()),
                "algorithm" => {
                    parameters.algorithm = value.parse().map_err(NotAKeyUri::Parameter)?;
                }
                "digits" => parameters.digits = number(&value, NotAParameter::Digits)?,
                "period" => parameters.period = number(&value, NotAParameter::Period)?,
                "encoder" => return Err(NotAKeyUri::Encoder),
                // FreeOTP refuses the URI for it, so it is not one that every app reads.
                _ if !is_color(&value) => return Err(NotAKeyUri::Syntax),
                _ => {}
            }
        }
        Ok(query)
    }
}

/// Digits only: `u64::from_str` alone would read `+30`.
fn number<T: TryFrom<u64, Error = NotAParameter>>(
    text: &str,
    otherwise: NotAParameter,
) -> Result<T, NotAKeyUri> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse::<u64>().ok().filter(|_| digits);
    number
        .ok_or(otherwise)
        .and_then(T::try_from)
        .map_err(NotAKeyUri::Parameter)
}

fn is_color(text: &str) -> bool {
    text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// RFC 3986 section 2.1, and UTF-8 under it.
fn percent_decode(text: &str) -> Result<String, NotAKeyUri> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let mut nibble = || char::from(bytes.next()?).to_digit(16);
        let (high, low) = nibble().zip(nibble()).ok_or(NotAKeyUri::Syntax)?;
        decoded.push(u8::try_from(high << 4 | low).map_err(|_| NotAKeyUri::Syntax)?);
    }
    String::from_utf8(decoded).map_err(|_| NotAKeyUri::Syntax)
}
