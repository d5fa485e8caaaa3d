//! Reading a key URI from elsewhere: whatever real apps read, and nothing they differ on.

use alloc::{string::String, vec::Vec};
use core::str::FromStr;

use zeroize::Zeroizing;

use super::{KeyUri, NotAKeyUri, check_account, check_issuer};
use crate::totp::{NotAParameter, NotASecret, Parameters, TotpSecret};

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
            secret: query.secret.ok_or(NotAKeyUri::Secret(NotASecret::Length))?,
            parameters: query.parameters,
        })
    }
}

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
        let mut seen = [false; 5];
        let pairs = text.split('&').filter(|_| !text.is_empty());
        for pair in pairs {
            let (name, value) = pair.split_once('=').ok_or(NotAKeyUri::Syntax)?;
            let value = Zeroizing::new(percent_decode(value)?);
            let name = name.to_ascii_lowercase();
            let parameter = match name.as_str() {
                "secret" => 0,
                "issuer" => 1,
                "algorithm" => 2,
                "digits" => 3,
                "period" => 4,
                // FreeOTP refuses the URI for it, so it is not one that every app reads.
                "color" if !is_color(&value) => return Err(NotAKeyUri::Syntax),
                _ => continue,
            };
            match seen.get_mut(parameter) {
                Some(seen) if !*seen => *seen = true,
                _ => return Err(NotAKeyUri::Repeated),
            }
            let parameters = &mut query.parameters;
            match parameter {
                0 => {
                    let secret = TotpSecret::from_base32(&value);
                    query.secret = Some(secret.map_err(NotAKeyUri::Secret)?);
                }
                1 => query.issuer = Some((*value).clone()),
                2 => parameters.algorithm = value.parse().map_err(NotAKeyUri::Parameter)?,
                3 => parameters.digits = number(&value, NotAParameter::Digits)?,
                _ => parameters.period = number(&value, NotAParameter::Period)?,
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
