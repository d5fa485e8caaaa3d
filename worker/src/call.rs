//! A request on its way to a handler: parsed once, checked once against its route's access class.

use std::borrow::Cow;

use js_sys::Uint8Array;
use postern::{
    challenges::Delivery,
    json::{Fields, Record, Unread},
    refusal::{Malformed, Refusal},
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, ReadableStreamDefaultReader, ReadableStreamReadResult, Request};

use crate::context::Context;

/// Largest body read, in bytes.
pub const MAX_BODY: usize = 64 * 1024;

/// Bytes after which a body that is too large is not even read and dropped any more.
const DROPPED: usize = 2 * 1024 * 1024;

/// Largest body of a route that takes only codes and tokens.
const MAX_CODE_BODY: usize = 8 * 1024;

/// Who may call a route. Each has exactly one class, in the table of `lib.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone.
    Public,
    /// Whoever holds a challenge.
    Challenge,
    /// Any live session, one that may only enroll included.
    Enrolling,
    /// A live session that the policy finds enough.
    Session,
    /// As [`Access::Session`], with two factors shown.
    Aal2,
    /// As [`Access::Session`], with a proof of the last five minutes.
    Fresh,
    /// An application with its key, or an owner of the organization with two factors shown. What an
    /// owner changes takes a proof of the last five minutes.
    Owner,
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
            Self::Session => "session",
            Self::Aal2 => "aal2",
            Self::Fresh => "fresh",
            Self::Owner => "owner",
            Self::Application => "application",
        }
    }
}

/// A request, its surroundings, and the class of its route.
pub struct Call {
    /// The surroundings.
    pub context: Context,
    /// Who may call this route.
    pub access: Access,
    /// The method.
    pub method: String,
    /// The headers.
    pub headers: Headers,
    /// Values of the path's placeholders, in order.
    pub path: Vec<String>,
    /// The raw query, without the question mark.
    pub query: String,
    /// The body, at most [`MAX_BODY`].
    pub body: Vec<u8>,
}

impl Call {
    /// Checks what does not depend on who asks: media type and origin of a change, and on public
    /// routes the outer shield.
    ///
    /// # Errors
    /// `unsupported_media_type`, `cross_origin`, `throttled`.
    pub async fn admit(&self) -> Result<(), Refusal> {
        let changes = self.method != "GET";
        if changes && !self.body.is_empty() && !self.is_json() {
            return Err(Refusal::UnsupportedMediaType);
        }
        if changes && self.access != Access::Application && !self.is_same_site() {
            return Err(Refusal::CrossOrigin);
        }
        let public = matches!(self.access, Access::Public | Access::Challenge);
        if public && changes && !self.context.shield_admits().await {
            return Err(Refusal::Throttled {
                until: self.context.now.plus(10),
            });
        }
        Ok(())
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
    pub fn json<T: Record>(&self) -> Result<T, Refusal> {
        Ok(self.fields()?.read()?)
    }

    /// As [`Call::json`] for bodies that hold only codes and tokens: at most 8 KiB.
    ///
    /// # Errors
    /// `too_large`, `malformed`.
    pub fn short_json<T: Record>(&self) -> Result<T, Refusal> {
        if self.body.len() > MAX_CODE_BODY {
            return Err(Refusal::TooLarge);
        }
        self.json()
    }

    fn fields(&self) -> Result<Fields, Unread> {
        let text: &[u8] = if self.body.is_empty() {
            b"{}"
        } else {
            &self.body
        };
        Fields::parse(text)
    }

    /// The `index`-th placeholder of the path, parsed. What does not parse does not exist.
    ///
    /// # Errors
    /// `not_found`.
    pub fn path<T: core::str::FromStr>(&self, index: usize) -> Result<T, Refusal> {
        self.path
            .get(index)
            .and_then(|text| text.parse().ok())
            .ok_or(Refusal::NotFound)
    }

    /// The value of `name` in the query, percent-decoded; the first one counts.
    pub fn query(&self, name: &str) -> Option<String> {
        let mut pairs = form_urlencoded::parse(self.query.as_bytes());
        pairs
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// A header's value; the values of several with this name, joined by commas.
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).ok()?
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

    fn is_json(&self) -> bool {
        let media = self.header("content-type").unwrap_or_default();
        let essence = media.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case("application/json")
    }

    /// A browser names where a change comes from; other clients carry no cookies by themselves.
    fn is_same_site(&self) -> bool {
        let by_fetch_metadata = self
            .header("sec-fetch-site")
            .is_none_or(|site| matches!(&*site, "same-origin" | "none"));
        let by_origin = self
            .header("origin")
            .is_none_or(|origin| self.context.origins.contains(&origin));
        by_fetch_metadata && by_origin
    }
}

/// The body of `request`. One that is too large is read on for a while and dropped: a client that
/// is still sending would not hear the answer.
///
/// # Errors
/// `too_large`; `malformed` when it breaks off.
pub async fn body(request: &Request) -> Result<Vec<u8>, Refusal> {
    let mut body = Vec::new();
    let Some(stream) = request.body() else {
        return Ok(body);
    };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut size = 0_usize;
    while let Some(chunk) = next(&reader).await.map_err(|_| broken_off())? {
        size = size.saturating_add(usize::try_from(chunk.length()).unwrap_or(usize::MAX));
        if size <= MAX_BODY {
            body.extend(chunk.to_vec());
        } else if size > DROPPED {
            let _ = reader.cancel();
            break;
        }
    }
    if size > MAX_BODY {
        return Err(Refusal::TooLarge);
    }
    Ok(body)
}

async fn next(reader: &ReadableStreamDefaultReader) -> Result<Option<Uint8Array>, JsValue> {
    let read: ReadableStreamReadResult = JsFuture::from(reader.read()).await?.unchecked_into();
    Ok(read.get_value().dyn_into().ok())
}

const fn broken_off() -> Refusal {
    Refusal::Malformed(Malformed {
        field: None,
        detail: Cow::Borrowed("the body breaks off"),
    })
}
