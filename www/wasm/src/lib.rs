//! Postern in the browser: draws what an authenticator app scans, shows what it will say, and tells a
//! person whose clock is off so.
//!
//! A wrapper: the rules are the core's, the same that the Worker runs. Nothing here accepts anything;
//! a code is good when the server says so. Times are arguments, in unix seconds.
//!
//! Without the feature `all` it is the small entry for enrolling: it writes key URIs and does not read them,
//! which alone would be another 9 KiB on the wire.

extern crate alloc;

mod object;
#[cfg(feature = "all")]
mod policy;
pub mod qr;

use alloc::string::{String, ToString};
use core::fmt::Display;

#[cfg(feature = "all")]
use postern::backup_codes::{BackupCode, Format, NotABackupCode};
use postern::{
    key_uri::KeyUri,
    time::UnixTime,
    totp::{self, Parameters, TotpCode, TotpSecret},
};
use wasm_bindgen::prelude::*;

use object::object;

#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// The key URI for a new authenticator app, with the parameters that every app reads.
///
/// # Errors
/// An `Error` that says which of the three cannot stand in a key URI, and why.
#[wasm_bindgen(js_name = keyUri)]
pub fn key_uri(issuer: &str, account: &str, secret: &str) -> Result<String, JsError> {
    let secret = TotpSecret::from_base32(secret).map_err(|reason| error(&reason))?;
    let uri = KeyUri::new(issuer, account, secret, Parameters::DEFAULT)
        .map_err(|reason| error(&reason))?;
    Ok(uri.to_string())
}

/// What a key URI says.
///
/// # Errors
/// An `Error` that says why the text is not a key URI that Postern reads.
#[cfg(feature = "all")]
#[wasm_bindgen(js_name = parseKeyUri, unchecked_return_type = "KeyUriParts")]
pub fn parse_key_uri(uri: &str) -> Result<JsValue, JsError> {
    let uri: KeyUri = uri.parse().map_err(|reason| error(&reason))?;
    let parameters = uri.parameters();
    Ok(object(&[
        ("issuer", uri.issuer().into()),
        ("account", uri.account().into()),
        ("secret", uri.secret().to_base32().as_str().into()),
        ("algorithm", parameters.algorithm.name().into()),
        ("digits", parameters.digits.count().into()),
        ("period", seconds(parameters.period.seconds().get())),
    ]))
}

/// A secret in groups of four, for typing it by hand.
///
/// # Errors
/// An `Error` when the text is not a secret in base32.
#[wasm_bindgen(js_name = formatSecret)]
pub fn format_secret(secret: &str) -> Result<String, JsError> {
    Ok(TotpSecret::from_base32(secret)
        .map_err(|reason| error(&reason))?
        .groups_of_four()
        .as_str()
        .into())
}

/// What an app with this secret shows at `now` and after it. With the feature `all` a key URI is read as well.
///
/// # Errors
/// An `Error` when the text is neither.
#[wasm_bindgen(js_name = previewTotp, unchecked_return_type = "TotpPreview")]
pub fn preview_totp(
    #[wasm_bindgen(js_name = secretOrUri)] secret_or_uri: &str,
    now: f64,
) -> Result<JsValue, JsError> {
    let (secret, parameters) = shared(secret_or_uri)?;
    let preview = totp::preview(&secret, parameters, unix_time(now));
    Ok(object(&[
        ("code", preview.code.to_string().into()),
        ("next", preview.next.to_string().into()),
        ("secondsLeft", seconds(preview.seconds_left)),
        ("period", seconds(parameters.period.seconds().get())),
    ]))
}

/// By how many seconds the clock that made `code` is away from `now`, up to an hour either way, in whole
/// periods; negative when it is behind, `undefined` when the code belongs to none of them.
///
/// For telling a person what is wrong, never for accepting a code.
///
/// # Errors
/// An `Error` when the texts are not a secret (or a key URI, as above) and a code.
#[wasm_bindgen(js_name = explainCode, unchecked_return_type = "number | undefined")]
pub fn explain_code(
    #[wasm_bindgen(js_name = secretOrUri)] secret_or_uri: &str,
    code: &str,
    now: f64,
) -> Result<JsValue, JsError> {
    let (secret, parameters) = shared(secret_or_uri)?;
    let code: TotpCode = code.parse().map_err(|reason| error(&reason))?;
    let period = parameters.period.seconds();
    let range = u16::try_from(3600 / period).unwrap_or_default();
    let steps = totp::diagnose(&secret, parameters, &code, unix_time(now), range);
    Ok(steps.map_or(JsValue::UNDEFINED, |steps| {
        let away = steps.saturating_mul(period.get().try_into().unwrap_or_default());
        i32::try_from(away).unwrap_or_default().into()
    }))
}

/// Whether a text is written like a backup code. Only the server knows whether it is one.
#[cfg(feature = "all")]
#[wasm_bindgen(js_name = checkBackupCode, unchecked_return_type = "BackupCodeCheck")]
#[must_use]
pub fn check_backup_code(text: &str) -> JsValue {
    match text.parse::<BackupCode>() {
        Ok(code) => {
            let format = match code.format() {
                Format::Digits8 => "digits8",
                Format::Recovery => "recovery",
            };
            object(&[("format", format.into()), ("text", code.to_string().into())])
        }
        Err(reason) => {
            let reason = match reason {
                NotABackupCode::Characters => "characters",
                NotABackupCode::Check => "check",
                NotABackupCode::Length => "length",
            };
            object(&[("problem", reason.into())])
        }
    }
}

/// `text` as a QR code in a whole SVG document: error level M, quiet zone 4, dark on light.
///
/// # Errors
/// An `Error` when the text has more than 1,125 bytes.
#[wasm_bindgen(js_name = qrSvg)]
pub fn qr_svg(text: &str, label: Option<String>) -> Result<String, JsError> {
    let symbol = qr::encode(text).map_err(|reason| error(&reason))?;
    Ok(symbol.svg(label.as_deref().unwrap_or("QR code")))
}

/// The same for those who draw the SVG themselves: `d` of its one path, and the side of its square `viewBox`.
///
/// # Errors
/// An `Error` when the text has more than 1,125 bytes.
#[wasm_bindgen(js_name = qrPath, unchecked_return_type = "QrPath")]
pub fn qr_path(text: &str) -> Result<JsValue, JsError> {
    let symbol = qr::encode(text).map_err(|reason| error(&reason))?;
    Ok(object(&[
        ("path", symbol.path().into()),
        ("size", symbol.outer_size().into()),
    ]))
}

/// What an app and we share, out of a secret or a key URI.
fn shared(text: &str) -> Result<(TotpSecret, Parameters), JsError> {
    #[cfg(feature = "all")]
    if text.contains("://") {
        let uri: KeyUri = text.parse().map_err(|reason| error(&reason))?;
        return Ok((uri.secret().clone(), uri.parameters()));
    }
    let secret = TotpSecret::from_base32(text).map_err(|reason| error(&reason))?;
    Ok((secret, Parameters::DEFAULT))
}

#[inline(never)]
fn error(reason: &dyn Display) -> JsError {
    JsError::new(&reason.to_string())
}

/// JavaScript has one kind of number; a time before 1970 or none at all is 1970.
#[expect(
    clippy::as_conversions,
    reason = "`as` saturates, and there is no other way from a float"
)]
fn unix_time(now: f64) -> UnixTime {
    UnixTime(now as u64)
}

/// A period or what is left of one: 60 at most.
fn seconds(value: u64) -> JsValue {
    u32::try_from(value).unwrap_or(u32::MAX).into()
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** What a key URI says. */
export interface KeyUriParts {
  issuer: string;
  account: string;
  /** Base32 without padding. */
  secret: string;
  algorithm: "SHA1" | "SHA256" | "SHA512";
  digits: number;
  /** Seconds. */
  period: number;
}
/** What an authenticator app shows. */
export interface TotpPreview {
  code: string;
  /** The code after this one. */
  next: string;
  secondsLeft: number;
  /** Seconds. */
  period: number;
}
/** How a backup code is written, or what is wrong with it. */
export type BackupCodeCheck =
  | { format: "digits8" | "recovery"; text: string }
  | { problem: "characters" | "check" | "length" };
/** A QR code as the `d` of one SVG path in a `viewBox` of `0 0 size size`. */
export interface QrPath {
  path: string;
  size: number;
}
"#;
