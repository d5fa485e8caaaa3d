//! A request on its way to a handler: who asks is judged before it is read what they ask.

use std::{borrow::Cow, str::FromStr};

use crate::{
    Route,
    access::caller::Judged,
    http::{context::Context, router::placeholder},
};
use axum::body::{Body, Bytes};
use http::HeaderMap;
use http_body_util::BodyExt as _;
use postern::{
    challenges::Delivery,
    json::{Fields, Record},
    refusal::{Malformed, Refusal},
};

/// Largest body read, in bytes.
pub const MAX_BODY: usize = 64 * 1024;

/// Bytes after which a body that is too large is not even read and dropped any more.
const DROPPED: usize = 2 * 1024 * 1024;

/// Largest body of a route that takes only codes and tokens.
const MAX_CODE_BODY: usize = 8 * 1024;

/// How the names of our cookies begin.
const COOKIES: &str = "__Host-postern-";

/// Who may call a route. Each has exactly one class, in the table of `lib.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone.
    Public,
    /// Whoever holds a challenge.
    Challenge,
    /// Any live session, one that may only enroll included.
    Enrolling,
    /// As [`Access::Enrolling`], with a proof of the last five minutes: for adding an authenticator.
    Adding,
    /// A live session that the policy finds enough.
    Session,
    /// As [`Access::Session`], with two factors shown.
    Aal2,
    /// As [`Access::Session`], with a proof of the last five minutes.
    Fresh,
    /// As [`Access::Fresh`], and the second factor was no backup code.
    Unrestricted,
    /// An application with its key, or an owner of the organization with two factors shown.
    Owner,
    /// As [`Access::Owner`], an owner with a proof of the last five minutes.
    FreshOwner,
    /// An application with its key.
    Application,
}

impl Access {
    /// The class as the documentation spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Challenge => "challenge",
            Self::Enrolling => "enrolling",
            Self::Adding => "adding",
            Self::Session => "session",
            Self::Aal2 => "aal2",
            Self::Fresh => "fresh",
            Self::Unrestricted => "unrestricted",
            Self::Owner => "owner",
            Self::FreshOwner => "fresh_owner",
            Self::Application => "application",
        }
    }
}

/// A request, its surroundings, and its route.
pub struct Call {
    /// The surroundings.
    pub context: Context,
    /// The route, with the class of who may call it.
    pub(crate) route: &'static Route,
    /// The headers.
    pub headers: HeaderMap,
    /// Values of the path's placeholders, in order.
    pub path: Vec<String>,
    /// The raw query, without the question mark.
    pub query: String,
    /// The body, at most [`MAX_BODY`], or why it was not read.
    pub body: Result<Vec<u8>, Refusal>,
}

impl Call {
    /// Checks what does not depend on who asks: the origin of a change, and on public routes the
    /// outer shield.
    ///
    /// # Errors
    /// `cross_origin`, `throttled`.
    pub async fn admit(&self) -> Result<(), Refusal> {
        let changes = self.changes();
        if changes && self.route.access != Access::Application && !self.is_same_site() {
            return Err(Refusal::CrossOrigin);
        }
        if changes && self.is_public() && !self.context.shield_admits().await {
            return Err(Refusal::Throttled {
                until: self.context.now.plus(10),
            });
        }
        Ok(())
    }

    /// Checks what does not depend on the route's body: its size and media type, and that the route
    /// takes this query. For after it was judged who asks.
    ///
    /// # Errors
    /// `too_large`, `unsupported_media_type`, `malformed`.
    pub fn check_form(&self) -> Result<(), Refusal> {
        let body = self.body.as_ref().map_err(Clone::clone)?;
        if self.changes() && !body.is_empty() && !self.is_json() {
            return Err(Refusal::UnsupportedMediaType);
        }
        let mut seen = Vec::new();
        for (name, _) in form_urlencoded::parse(self.query.as_bytes()) {
            let known = self.route.query.iter().find(|known| **known == name);
            let Some(known) = known else {
                return Err(Refusal::Malformed(Malformed {
                    field: None,
                    detail: format!("an unknown query parameter, {name}").into(),
                }));
            };
            if seen.contains(known) {
                return Err(Refusal::malformed(known, "one value"));
            }
            seen.push(*known);
        }
        Ok(())
    }

    fn changes(&self) -> bool {
        self.route.method != "GET"
    }

    /// Whether anyone may call.
    pub const fn is_public(&self) -> bool {
        matches!(self.route.access, Access::Public | Access::Challenge)
    }

    /// How a session that this call raises travels: as its token came.
    pub fn delivery(&self) -> Delivery {
        if self.bearer().is_some() {
            Delivery::Bearer
        } else {
            Delivery::Cookie
        }
    }

    /// Reads the body as JSON of exactly this shape.
    ///
    /// # Errors
    /// `malformed`, with what was expected where.
    pub fn json<T: Record>(&self, _: Judged) -> Result<T, Refusal> {
        Ok(self.fields(MAX_BODY)?.read()?)
    }

    /// As [`Call::json`] for bodies that hold only codes and tokens: at most 8 KiB.
    ///
    /// # Errors
    /// `too_large`, `malformed`.
    pub fn short_json<T: Record>(&self, _: Judged) -> Result<T, Refusal> {
        Ok(self.fields(MAX_CODE_BODY)?.read()?)
    }

    fn fields(&self, most: usize) -> Result<Fields, Refusal> {
        let text: &[u8] = match self.body.as_deref().map_err(Clone::clone)? {
            [] => b"{}",
            body if body.len() > most => return Err(Refusal::TooLarge),
            body => body,
        };
        Ok(Fields::parse(text)?)
    }

    /// The `index`-th placeholder of the path, parsed.
    ///
    /// # Errors
    /// `malformed`, naming the placeholder; `not_found` for an id of another kind.
    pub fn path<T>(&self, _: Judged, index: usize) -> Result<T, Refusal>
    where
        T: FromStr,
        T::Err: Into<Refusal>,
    {
        let parsed = self.path_text(index).parse();
        parsed.map_err(|why: T::Err| match (why.into(), self.placeholder(index)) {
            (Refusal::Malformed(why), Some(field)) => Refusal::Malformed(why.about(field)),
            (why, _) => why,
        })
    }

    /// The same for a statement that goes with the one that finds out who asks. It is believed, and
    /// what is wrong with it said, only after that.
    pub fn claimed_path<T: FromStr>(&self, index: usize) -> Option<T> {
        self.path_text(index).parse().ok()
    }

    fn path_text(&self, index: usize) -> &str {
        self.path.get(index).map_or("", String::as_str)
    }

    fn placeholder(&self, index: usize) -> Option<&'static str> {
        let mut placeholders = self.route.path.split('/').filter_map(placeholder);
        placeholders.nth(index)
    }

    /// The value of `name` in the query, percent-decoded.
    pub fn query(&self, _: Judged, name: &str) -> Option<String> {
        let mut pairs = form_urlencoded::parse(self.query.as_bytes());
        pairs
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// Whether the answer is to name the rule that decided: `?explain=1`.
    ///
    /// # Errors
    /// `malformed`.
    pub fn explains(&self, judged: Judged) -> Result<bool, Refusal> {
        match self.query(judged, "explain").as_deref() {
            None => Ok(false),
            Some("1") => Ok(true),
            Some(_) => Err(Refusal::malformed("explain", "1, or leave it out")),
        }
    }

    /// A header's value; the values of several with this name, joined by commas.
    pub fn header(&self, name: &str) -> Option<String> {
        let values = self.headers.get_all(name).iter();
        let texts: Option<Vec<&str>> = values.map(|value| value.to_str().ok()).collect();
        let texts = texts.filter(|texts| !texts.is_empty())?;
        Some(texts.join(", "))
    }

    /// A cookie's value.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.header("cookie")?
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(key, value)| (key == name).then(|| value.to_owned()))
    }

    /// The bearer token, if the request carries one.
    pub fn bearer(&self) -> Option<String> {
        let header = self.header("authorization")?;
        let (scheme, token) = header.split_once(' ')?;
        scheme
            .eq_ignore_ascii_case("bearer")
            .then(|| token.trim().to_owned())
    }

    /// JSON is UTF-8 (RFC 8259 section 8.1): a body that calls itself something else is not read.
    fn is_json(&self) -> bool {
        let media = self.header("content-type").unwrap_or_default();
        let mut parts = media.split(';').map(str::trim);
        let essence = parts.next().unwrap_or_default();
        let mut charsets = parts.filter_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim_end()
                .eq_ignore_ascii_case("charset")
                .then(|| value.trim().trim_matches('"'))
        });
        essence.eq_ignore_ascii_case("application/json")
            && charsets.all(|charset| charset.eq_ignore_ascii_case("utf-8"))
    }

    /// A browser names where a change comes from. Other clients need not, but then nothing of what
    /// browsers send by themselves comes along.
    fn is_same_site(&self) -> bool {
        let (site, origin) = (self.header("sec-fetch-site"), self.header("origin"));
        if site.is_none() && origin.is_none() {
            return !self.carries_our_cookies();
        }
        site.is_none_or(|site| matches!(&*site, "same-origin" | "none"))
            && origin.is_none_or(|origin| self.context.settings.origins.contains(&origin))
    }

    fn carries_our_cookies(&self) -> bool {
        let cookies = self.header("cookie").unwrap_or_default();
        cookies
            .split(';')
            .any(|pair| pair.trim_start().starts_with(COOKIES))
    }
}

/// All of `body`. One that is too large is read on for a while and dropped: a client that is still
/// sending would not hear the answer.
///
/// # Errors
/// `too_large`; `malformed` when it breaks off.
pub async fn read(mut body: Body) -> Result<Vec<u8>, Refusal> {
    let mut kept = Vec::new();
    let mut size = 0_usize;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| broken_off())?;
        let chunk = frame.into_data().unwrap_or_else(|_| Bytes::new());
        size = size.saturating_add(chunk.len());
        if size <= MAX_BODY {
            kept.extend_from_slice(&chunk);
        } else if size > DROPPED {
            break;
        }
    }
    if size > MAX_BODY {
        return Err(Refusal::TooLarge);
    }
    Ok(kept)
}

const fn broken_off() -> Refusal {
    Refusal::Malformed(Malformed {
        field: None,
        detail: Cow::Borrowed("the body breaks off"),
    })
}
