//! Answers on their way out: status, headers, a body of JSON or none.
//!
//! What they say is for the rooms, and what a no says for [`crate::http::problem`].

use axum::{
    body::Body,
    response::{IntoResponse, Response as HttpResponse},
};
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;

use crate::http::problem::{Fault, Problem};

/// What a handler returns.
pub type Reply = Result<Response, Problem>;

/// An answer.
pub struct Response {
    status: StatusCode,
    headers: Vec<(&'static str, String)>,
    body: Option<Vec<u8>>,
}

impl Response {
    /// An answer whose body is of media type `media`.
    pub fn new(status: StatusCode, media: &str, body: Vec<u8>) -> Self {
        Self {
            status,
            headers: vec![("content-type", media.to_owned())],
            body: Some(body),
        }
    }

    /// Adds a header; one that is there already stays beside it.
    pub fn append(&mut self, name: &'static str, value: impl Into<String>) {
        self.headers.push((name, value.into()));
    }

    /// Adds a cookie that only this host gets, over HTTPS, and that scripts cannot read.
    pub fn set_cookie(&mut self, name: &str, value: &str, seconds: u64) {
        let cookie =
            format!("{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax");
        self.append("set-cookie", cookie);
    }
}

impl IntoResponse for Response {
    fn into_response(self) -> HttpResponse {
        let mut response = HttpResponse::new(self.body.map_or_else(Body::empty, Body::from));
        *response.status_mut() = self.status;
        for (name, value) in self.headers {
            // Names are ours, and what is not printable is encoded before.
            if let Ok(value) = HeaderValue::try_from(value) {
                response
                    .headers_mut()
                    .append(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

/// A JSON answer.
///
/// # Errors
/// A fault when the value has no JSON.
pub fn whole(status: StatusCode, value: &impl Serialize) -> Reply {
    let text = serde_json::to_vec(value)?;
    Ok(Response::new(status, "application/json", text))
}

/// A JSON answer with one field.
///
/// # Errors
/// A fault when the value has no JSON.
pub fn json(status: StatusCode, name: &'static str, value: &impl Serialize) -> Reply {
    Ok(Object::new().with(name, value)?.reply(status))
}

/// 204.
pub const fn no_content() -> Response {
    Response {
        status: StatusCode::NO_CONTENT,
        headers: Vec::new(),
        body: None,
    }
}

/// A JSON object under construction: each value is written once, by the one serializer.
#[derive(Clone, Default)]
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
        self.name(name);
        serde_json::to_writer(&mut self.0, value)?;
        Ok(self)
    }

    fn name(&mut self, name: &str) {
        let Self(text) = self;
        text.push(if text.is_empty() { b'{' } else { b',' });
        text.push(b'"');
        text.extend_from_slice(name.as_bytes());
        text.extend_from_slice(b"\":");
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

    /// The text, unless there is nothing in it.
    pub fn text(self) -> Option<String> {
        if self.0.is_empty() {
            None
        } else {
            String::from_utf8(self.into_bytes()).ok()
        }
    }

    /// The text as a JSON answer.
    pub fn reply(self, status: StatusCode) -> Response {
        Response::new(status, "application/json", self.into_bytes())
    }
}
