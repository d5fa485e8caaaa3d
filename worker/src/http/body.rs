//! Bodies of JSON: read from requests, written into answers.

use std::borrow::Cow;

use axum::{
    body::{Body, Bytes},
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header, request::Parts};
use http_body_util::BodyExt as _;
use postern::{
    refusal::{Malformed, Refusal},
    strict_json,
};
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};

use utoipa::ToSchema;

#[cfg(not(target_family = "wasm"))]
use crate::http::description::Description;
use crate::http::{
    problem::Problem,
    request::Request,
    route::{Answer, Asked},
};

/// Largest body read, in bytes.
const MAX_BODY: usize = 64 * 1024;

/// Largest body of a route that takes only codes and tokens, in bytes.
const MAX_CODE_BODY: usize = 8 * 1024;

/// Bytes after which a body that is too large is not even read and dropped any more.
const DROPPED: usize = 2 * 1024 * 1024;

/// A body of JSON: of a request, read strictly (unknown and repeated fields are refused, and no body
/// is an empty object), or of an answer.
#[derive(Clone, Debug)]
pub struct Json<T>(pub T);

/// As [`Json`] of requests that hold only codes and tokens: at most 8 KiB.
#[derive(Clone, Debug)]
pub struct ShortJson<T>(pub T);

impl<T: ToSchema> Asked for Json<T> {
    #[cfg(not(target_family = "wasm"))]
    fn describe(description: &mut Description) {
        description.body::<T>(MAX_BODY);
    }
}

impl<T: ToSchema> Asked for ShortJson<T> {
    #[cfg(not(target_family = "wasm"))]
    fn describe(description: &mut Description) {
        description.body::<T>(MAX_CODE_BODY);
    }
}

impl<T: DeserializeOwned> FromRequestParts<()> for Json<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, (): &()) -> Result<Self, Problem> {
        Ok(Self(parsed(&*Request::of(parts)?, MAX_BODY)?))
    }
}

impl<T: DeserializeOwned> FromRequestParts<()> for ShortJson<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, (): &()) -> Result<Self, Problem> {
        Ok(Self(parsed(&*Request::of(parts)?, MAX_CODE_BODY)?))
    }
}

fn parsed<T: DeserializeOwned>(request: &Request, most: usize) -> Result<T, Refusal> {
    let text: &[u8] = match request.body.as_deref().map_err(Clone::clone)? {
        [] => b"{}",
        body if body.len() > most => return Err(Refusal::TooLarge),
        body => body,
    };
    strict_json::read(text).map_err(Refusal::Malformed)
}

/// A field that may be left out, which is not the same as `null`:
/// `#[serde(default, deserialize_with = "given")] name: Option<T>`. A `null` is read as a `T`, so it
/// is refused where `T` is no `Option` itself.
///
/// # Errors
/// Those of `T`.
pub fn given<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(text) => {
                let json = HeaderValue::from_static("application/json");
                ([(header::CONTENT_TYPE, json)], text).into_response()
            }
            Err(error) => Problem::from(error).into_response(),
        }
    }
}

impl<T: Serialize + ToSchema> Answer for Json<T> {
    #[cfg(not(target_family = "wasm"))]
    fn describe(description: &mut Description) {
        description.answers::<T>(StatusCode::OK, "The answer.");
    }
}

/// The value of a `PUT`: 201 where it is new, 200 where it was there.
#[derive(Clone, Debug)]
pub struct Stored<T> {
    /// Whether it is new.
    pub created: bool,
    /// What is stored now.
    pub value: T,
}

impl<T: Serialize> IntoResponse for Stored<T> {
    fn into_response(self) -> Response {
        let status = if self.created {
            StatusCode::CREATED
        } else {
            StatusCode::OK
        };
        (status, Json(self.value)).into_response()
    }
}

impl<T: Serialize + ToSchema> Answer for Stored<T> {
    #[cfg(not(target_family = "wasm"))]
    fn describe(description: &mut Description) {
        description.answers::<T>(StatusCode::OK, "It was there; as it is stored now.");
        description.answers::<T>(StatusCode::CREATED, "It is new; as it is stored now.");
    }
}

/// 204: done, and nothing to say.
#[derive(Clone, Copy, Debug)]
pub struct NoContent;

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

impl Answer for NoContent {
    #[cfg(not(target_family = "wasm"))]
    fn describe(description: &mut Description) {
        description.nothing();
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
