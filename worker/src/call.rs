//! A request on its way to a handler: parsed once, checked once against its route's access class.

use axum::{body::Bytes, response::Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use postern::{
    challenges::Delivery,
    refusal::{Malformed, Refusal},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    context::Context,
    problem::{Fault, Problem},
};

/// Largest body read, in bytes.
pub const MAX_BODY: usize = 64 * 1024;

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
    pub method: Method,
    /// The headers.
    pub headers: HeaderMap,
    /// Values of the path's placeholders, in order.
    pub path: Vec<String>,
    /// The raw query, without the question mark.
    pub query: String,
    /// The body, at most [`MAX_BODY`].
    pub body: Bytes,
}

/// What a handler returns.
pub type Reply = Result<Response, Problem>;

impl Call {
    /// Checks what does not depend on who asks: media type and origin of a change, and on public
    /// routes the outer shield.
    ///
    /// # Errors
    /// `unsupported_media_type`, `cross_origin`, `throttled`.
    pub async fn admit(&self) -> Result<(), Refusal> {
        let changes = !matches!(self.method, Method::GET | Method::HEAD);
        if changes && !self.body.is_empty() && !self.is_json() {
            return Err(Refusal::UnsupportedMediaType);
        }
        if changes && self.access != Access::Application && !self.is_same_site() {
            return Err(Refusal::CrossOrigin);
        }
        let public = matches!(self.access, Access::Public | Access::Challenge);
        if let (true, true, Some(shield)) = (public, changes, self.context.shield()) {
            let key = self.context.origin.ip.clone().unwrap_or_default();
            // Approximate and permissive by nature: the throttle in D1 is what counts.
            if shield
                .limit(key)
                .await
                .is_ok_and(|outcome| !outcome.success)
            {
                return Err(Refusal::Throttled {
                    until: self.context.now.plus(10),
                });
            }
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
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        if self.body.is_empty() {
            return read(b"{}");
        }
        read(&self.body)
    }

    /// As [`Call::json`] for bodies that hold only codes and tokens: at most 8 KiB.
    ///
    /// # Errors
    /// `too_large`, `malformed`.
    pub fn short_json<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        if self.body.len() > MAX_CODE_BODY {
            return Err(Refusal::TooLarge);
        }
        self.json()
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

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// A cookie's value.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(key, value)| (key == name).then_some(value))
    }

    /// The bearer token, if the request carries one.
    pub fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.header("authorization")?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
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
            .is_none_or(|site| matches!(site, "same-origin" | "none"));
        let by_origin = self.headers.get(header::ORIGIN).is_none_or(|origin| {
            self.context
                .origins
                .iter()
                .any(|ours| ours.as_bytes() == origin.as_bytes())
        });
        by_fetch_metadata && by_origin
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|why| {
        Refusal::Malformed(Malformed {
            field: None,
            detail: why.to_string().into(),
        })
    })
}

/// A JSON answer.
///
/// # Errors
/// A fault when the value has no JSON.
pub fn whole(status: StatusCode, value: &impl Serialize) -> Reply {
    let text = serde_json::to_vec(value).map_err(|why| Fault::new(why.to_string()))?;
    Ok(reply(status, text))
}

/// A JSON answer with one field.
///
/// # Errors
/// A fault when the value has no JSON.
pub fn json(status: StatusCode, name: &'static str, value: &impl Serialize) -> Reply {
    Ok(Object::new().with(name, value)?.reply(status))
}

fn reply(status: StatusCode, text: Vec<u8>) -> Response {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}

/// A JSON object under construction: each value is written once, by the one serializer.
pub struct Object(Vec<u8>);

impl Object {
    /// An object without fields.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a field. Names are our own and need no escaping.
    ///
    /// # Errors
    /// A fault when the value has no JSON.
    pub fn with(mut self, name: &'static str, value: &impl Serialize) -> Result<Self, Fault> {
        let Self(text) = &mut self;
        text.push(if text.is_empty() { b'{' } else { b',' });
        text.push(b'"');
        text.extend_from_slice(name.as_bytes());
        text.extend_from_slice(b"\":");
        serde_json::to_writer(text, value).map_err(|why| Fault::new(why.to_string()))?;
        Ok(self)
    }

    /// The text.
    pub fn into_bytes(self) -> Vec<u8> {
        let Self(mut text) = self;
        if text.is_empty() {
            text.push(b'{');
        }
        text.push(b'}');
        text
    }

    /// The text as a JSON answer.
    pub fn reply(self, status: StatusCode) -> Response {
        reply(status, self.into_bytes())
    }
}

/// 204.
pub fn no_content() -> Response {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}
