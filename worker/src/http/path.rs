//! Values of a path's placeholders.

use std::str::FromStr;

use axum::extract::FromRequestParts;
use http::request::Parts;
use postern::refusal::Refusal;

use utoipa::ToSchema;

#[cfg(not(target_family = "wasm"))]
use crate::http::description::Description;
use crate::http::{problem::Problem, request::Request, route::Asked};

/// The value of the path's only placeholder.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

/// The value of the path's second placeholder, where the caller's class reads the first.
#[derive(Clone, Copy, Debug)]
pub struct PathSecond<T>(pub T);

/// A value of a path: what cannot be one is `malformed`, naming the placeholder, or `not_found`.
pub trait Value: FromStr<Err: Into<Refusal>> {}

impl<T: FromStr<Err: Into<Refusal>>> Value for T {}

impl<T: ToSchema> Asked for Path<T> {
    #[cfg(not(target_family = "wasm"))]
    fn describe(description: &mut Description) {
        description.path::<T>();
    }
}

impl<T: ToSchema> Asked for PathSecond<T> {
    #[cfg(not(target_family = "wasm"))]
    fn describe(description: &mut Description) {
        description.path::<T>();
    }
}

impl<T: Value> FromRequestParts<()> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, (): &()) -> Result<Self, Problem> {
        Ok(Self(value(&*Request::of(parts)?, 0)?))
    }
}

impl<T: Value> FromRequestParts<()> for PathSecond<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, (): &()) -> Result<Self, Problem> {
        Ok(Self(value(&*Request::of(parts)?, 1)?))
    }
}

/// The `index`-th value of the path.
///
/// # Errors
/// `malformed`, naming the placeholder; `not_found` for an id of another kind.
pub fn value<T: Value>(request: &Request, index: usize) -> Result<T, Refusal> {
    let parsed = request.path_text(index).parse();
    parsed.map_err(
        |why: T::Err| match (why.into(), request.placeholder(index)) {
            (Refusal::Malformed(why), Some(field)) => Refusal::Malformed(why.about(field)),
            (why, _) => why,
        },
    )
}
