//! What the operator sets: checked as a whole, and read once.
//!
//! A setting that is nearly right is worse than none: browsers are refused, passkeys do not match, and
//! nothing says why. So everything that is wrong is named, and nothing is served until it is right.
//! When it is checked is for [`crate::store::readiness`].

use postern::{
    names::{MailAddress, Surface},
    sealing::Keys,
    secret::Secret,
    webhooks::WebhookKey,
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::platform::Url;

#[cfg(test)]
mod tests;

/// The shortest API key and the shortest set-up code, in characters: 128 bits and more, however they
/// are written.
const KEY_CHARACTERS: usize = 32;

/// The settings of a deployment.
pub struct Settings {
    /// Root keys.
    pub keys: Keys,
    /// The SHA-256 of the application's key: two of them are compared in constant time, however long
    /// the keys are.
    api_key: Secret<32>,
    /// The same of the set-up code; `None` where set-up is closed.
    set_up_code: Option<Secret<32>>,
    /// Our own origins, as browsers write them; the first one is where the pages are.
    pub origins: Vec<String>,
    /// The WebAuthn relying party id.
    pub rp_id: String,
    /// The surfaces that there are; any where this is empty.
    pub surfaces: Vec<Surface>,
    /// How mail leaves; `None` where it waits.
    pub mail: Option<MailSettings>,
}

/// How mail leaves.
pub enum MailSettings {
    /// By the platform, from this address.
    PostOffice {
        /// The sender's address.
        from: MailAddress,
    },
    /// As signed requests to an application's server.
    Webhook {
        /// Where they go.
        url: String,
        /// What they are signed with.
        key: WebhookKey,
    },
}

/// The settings as texts; `None` where one is missing or empty.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Texts {
    /// `POSTERN_KEYS`
    pub keys: Option<String>,
    /// `POSTERN_API_KEY`
    pub api_key: Option<String>,
    /// `POSTERN_SETUP_CODE`
    pub set_up_code: Option<String>,
    /// `ORIGINS`
    pub origins: Option<String>,
    /// `RP_ID`
    pub rp_id: Option<String>,
    /// `SURFACES`
    pub surfaces: Option<String>,
    /// `MAIL_FROM`
    pub mail_from: Option<String>,
    /// `MAIL_WEBHOOK`
    pub mail_webhook: Option<String>,
    /// `POSTERN_WEBHOOK_KEY`
    pub webhook_key: Option<String>,
}

/// A setting that is not what it should be. Never says what it is: it may be a secret, or the place
/// where a secret was pasted by mistake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = WrongSetting)]
pub struct Wrong {
    /// Its name.
    pub setting: &'static str,
    /// What is expected of it.
    pub expected: String,
}

impl Wrong {
    /// `setting` should be what `expected` says.
    pub fn new(setting: &'static str, expected: impl Into<String>) -> Self {
        let expected = expected.into();
        Self { setting, expected }
    }
}

impl Settings {
    /// Reads the settings.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn read(texts: &Texts) -> Result<Self, Vec<Wrong>> {
        let mut wrong = Vec::new();
        let keys = Keys::parse(texts.keys.as_deref().unwrap_or_default());
        if keys.is_err() {
            wrong.push(Wrong::new("POSTERN_KEYS", EXPECTED_KEYS));
        }
        let api_key = texts.api_key.as_deref().unwrap_or_default();
        if api_key.len() < KEY_CHARACTERS || !api_key.bytes().all(|byte| byte.is_ascii_graphic()) {
            wrong.push(Wrong::new("POSTERN_API_KEY", EXPECTED_API_KEY));
        }
        let set_up_code = texts.set_up_code.as_deref();
        if set_up_code.is_some_and(|code| !is_set_up_code(code) || code == api_key) {
            wrong.push(Wrong::new("POSTERN_SETUP_CODE", EXPECTED_SET_UP_CODE));
        }
        let origins = origins(texts.origins.as_deref().unwrap_or_default());
        if let Err(expected) = &origins {
            wrong.push(Wrong::new("ORIGINS", expected));
        }
        let rp_id = texts.rp_id.as_deref().unwrap_or_default();
        let mut hosts = origins.iter().flatten().map(|url| &url.host);
        if !is_domain(rp_id) {
            wrong.push(Wrong::new("RP_ID", EXPECTED_RP_ID));
        } else if !hosts.all(|host| is_at_or_below(host, rp_id)) {
            wrong.push(Wrong::new("RP_ID", EXPECTED_RP_ID_OF_ORIGINS));
        }
        let surfaces = surfaces(texts.surfaces.as_deref().unwrap_or_default());
        if let Err(expected) = &surfaces {
            wrong.push(Wrong::new("SURFACES", expected));
        }
        let local = origins.iter().flatten().all(|url| url.scheme == "http");
        let mail = mail(texts, local).unwrap_or_else(|of_mail| {
            wrong.extend(of_mail);
            None
        });
        match (keys, origins, surfaces) {
            (Ok(keys), Ok(origins), Ok(surfaces)) if wrong.is_empty() => Ok(Self {
                keys,
                api_key: hashed(api_key),
                set_up_code: set_up_code.map(hashed),
                origins: origins.into_iter().map(|url| url.origin).collect(),
                rp_id: rp_id.to_owned(),
                surfaces,
                mail,
            }),
            _ => Err(wrong),
        }
    }

    /// Whether all our origins are `http://localhost`, as on a developer's machine.
    pub fn is_local(&self) -> bool {
        self.origins
            .iter()
            .all(|origin| origin.starts_with("http://"))
    }

    /// Whether this is the application's key.
    pub fn is_api_key(&self, presented: &str) -> bool {
        hashed(presented) == self.api_key
    }

    /// Whether there is a set-up code, without which nothing can be set up.
    pub const fn has_set_up_code(&self) -> bool {
        self.set_up_code.is_some()
    }

    /// Whether this is the operator's set-up code; nothing is where set-up is closed.
    pub fn is_set_up_code(&self, presented: &str) -> bool {
        let presented = hashed(presented);
        self.set_up_code.as_ref() == Some(&presented)
    }
}

fn hashed(key: &str) -> Secret<32> {
    Secret::new(Sha256::digest(key).into())
}

/// Whether the code is long enough, and can be the fragment of a link as it is.
fn is_set_up_code(code: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    code.len() >= KEY_CHARACTERS && code.bytes().all(plain)
}

const EXPECTED_MAIL_FROM: &str = "the address that mail is sent from, such as mfa@example.com";
const EXPECTED_MAIL_WEBHOOK: &str = "the https:// address of a server with a public name, without user, \
    password or fragment";
const EXPECTED_WEBHOOK_KEY: &str =
    "whsec_ and 24 to 64 random bytes in base64; for MAIL_WEBHOOK, and only with it";
const EXPECTED_ONE_SENDER: &str = "nothing where MAIL_WEBHOOK is set: mail leaves one way";
const EXPECTED_KEYS: &str = "id:key, further ones after commas; ids of 1 to 16 letters and digits, \
    keys of 32 bytes in base64, none of them twice";
const EXPECTED_API_KEY: &str = "at least 32 characters of ASCII, no spaces";
const EXPECTED_SET_UP_CODE: &str =
    "none, or at least 32 letters, digits, - and _, other ones than those of POSTERN_API_KEY";
const EXPECTED_ORIGINS: &str = "origins such as https://login.example.com, separated by spaces";
const EXPECTED_RP_ID: &str =
    "a domain such as example.com: lower case, no scheme, no port, no address";
const EXPECTED_RP_ID_OF_ORIGINS: &str =
    "the host of all ORIGINS, or a domain above it that somebody can own";
const EXPECTED_SURFACES: &str =
    "names such as control_panel, separated by spaces, none of them twice";

/// Reads `ORIGINS`.
///
/// # Errors
/// What is expected, and of which of them.
fn origins(text: &str) -> Result<Vec<Url>, String> {
    let mut origins: Vec<Url> = Vec::new();
    for (at, text) in (1..).zip(text.split_whitespace()) {
        let expected = |what: &str| Err(format!("{EXPECTED_ORIGINS}; number {at} should {what}"));
        let Some(origin) = Url::parse(text).filter(|url| is_domain(&url.host)) else {
            return expected("be a scheme and the name of a host");
        };
        let by_https = origin.scheme == "https";
        let here = origin.host == "localhost" || origin.host.ends_with(".localhost");
        if !(by_https || here && origin.scheme == "http") {
            return expected("begin with https://; http:// is for localhost");
        }
        if origin.origin != text {
            return expected(
                "be as browsers write it: lower case, a port only where it is another than the \
                 scheme's, nothing behind it",
            );
        }
        if origins.iter().any(|known| known.origin == text) {
            return expected("not be there twice");
        }
        origins.push(origin);
    }
    if origins.is_empty() {
        return Err(EXPECTED_ORIGINS.to_owned());
    }
    Ok(origins)
}

/// Names that no public server has (RFC 6761, RFC 6762, RFC 8375, and `internal`, which ICANN reserved).
const PRIVATE_DOMAINS: [&str; 6] = [
    ".localhost",
    ".local",
    ".internal",
    ".home.arpa",
    ".test",
    ".invalid",
];

/// Reads how mail leaves. A `local` deployment may send it to a server beside it.
///
/// # Errors
/// Everything that is wrong with it.
fn mail(texts: &Texts, local: bool) -> Result<Option<MailSettings>, Vec<Wrong>> {
    let mut wrong = Vec::new();
    let from = texts.mail_from.as_deref().map(str::parse::<MailAddress>);
    if from.as_ref().is_some_and(Result::is_err) {
        wrong.push(Wrong::new("MAIL_FROM", EXPECTED_MAIL_FROM));
    }
    let url = texts.mail_webhook.as_deref();
    if url.is_some_and(|url| !is_webhook(url, local)) {
        wrong.push(Wrong::new("MAIL_WEBHOOK", EXPECTED_MAIL_WEBHOOK));
    }
    let key = texts.webhook_key.as_deref().map(str::parse::<WebhookKey>);
    if url.is_some() != matches!(key, Some(Ok(_))) {
        wrong.push(Wrong::new("POSTERN_WEBHOOK_KEY", EXPECTED_WEBHOOK_KEY));
    }
    if url.is_some() && from.is_some() {
        wrong.push(Wrong::new("MAIL_FROM", EXPECTED_ONE_SENDER));
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    Ok(match (from, url, key) {
        (_, Some(url), Some(Ok(key))) => Some(MailSettings::Webhook {
            url: url.to_owned(),
            key,
        }),
        (Some(Ok(from)), ..) => Some(MailSettings::PostOffice { from }),
        _ => None,
    })
}

/// Whether mail may be sent to this address of a server: none of a private network, as far as a name
/// tells.
fn is_webhook(text: &str, local: bool) -> bool {
    let Some(url) = Url::parse(text) else {
        return false;
    };
    let beside = local && url.scheme == "http" && url.host == "localhost";
    let private = PRIVATE_DOMAINS
        .iter()
        .any(|domain| url.host.ends_with(domain));
    let public =
        url.scheme == "https" && is_domain(&url.host) && url.host.contains('.') && !private;
    (beside || public)
        && !url.has_credentials
        && !text.contains('#')
        && !text.contains(char::is_whitespace)
}

/// Reads `SURFACES`.
///
/// # Errors
/// What is expected.
fn surfaces(text: &str) -> Result<Vec<Surface>, String> {
    let mut surfaces = Vec::new();
    for name in text.split_whitespace() {
        match name.parse() {
            Ok(surface) if !surfaces.contains(&surface) => surfaces.push(surface),
            Ok(_) => return Err(EXPECTED_SURFACES.to_owned()),
            Err(why) => return Err(format!("{EXPECTED_SURFACES}; each: {why}")),
        }
    }
    Ok(surfaces)
}

/// Whether this is a domain as URLs have it (RFC 1123 section 2.1, in lower case), and no address.
fn is_domain(host: &str) -> bool {
    let label = |label: &str| {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(plain)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // The last label of an IPv4 address is a number, that of a domain is none.
    let last = host.rsplit('.').next().unwrap_or_default();
    host.len() <= 253
        && host.split('.').all(label)
        && last.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// Whether `domain` is `host` or a domain above it below which names are registered: one with a dot,
/// as far as can be told without the list of public suffixes, which browsers ask.
fn is_at_or_below(host: &str, domain: &str) -> bool {
    let above = || {
        host.strip_suffix(domain)
            .is_some_and(|rest| rest.ends_with('.'))
    };
    host == domain || domain.contains('.') && above()
}
