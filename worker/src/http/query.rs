//! Query parameters.
//!
//! That a query has no other parameters than the route takes, and each once, is checked for every
//! route before (see [`Request::check_form`]).

use axum::extract::FromRequestParts;
use http::request::Parts;
use postern::refusal::Refusal;
#[cfg(not(target_family = "wasm"))]
use postern::schema::words;
#[cfg(not(target_family = "wasm"))]
use utoipa::openapi::schema::{ObjectBuilder, Type};

#[cfg(not(target_family = "wasm"))]
use crate::http::description::Description;
use crate::http::{problem::Problem, request::Request, route::Asked};

/// The query.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

/// What a query says.
pub trait FromQuery: Sized {
    /// Its parameters.
    const NAMES: &'static [&'static str];

    /// Reads it from `value`, which finds the value of a parameter.
    ///
    /// # Errors
    /// `malformed`, naming the parameter.
    fn read(value: impl Fn(&str) -> Option<String>) -> Result<Self, Refusal>;

    /// Adds its parameters.
    #[cfg(not(target_family = "wasm"))]
    fn describe(description: &mut Description);
}

impl<T: FromQuery> Asked for Query<T> {
    const QUERY: &'static [&'static str] = T::NAMES;

    #[cfg(not(target_family = "wasm"))]
    fn describe(description: &mut Description) {
        T::describe(description);
    }
}

impl<T: FromQuery> FromRequestParts<()> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, (): &()) -> Result<Self, Problem> {
        let request = Request::of(parts)?;
        Ok(Self(T::read(|name| request.query_value(name))?))
    }
}

/// Whether the answer is to name the rule that decided: `?explain=1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explain(pub bool);

impl FromQuery for Explain {
    const NAMES: &'static [&'static str] = &["explain"];

    fn read(value: impl Fn(&str) -> Option<String>) -> Result<Self, Refusal> {
        match value("explain").as_deref() {
            None => Ok(Self(false)),
            Some("1") => Ok(Self(true)),
            Some(_) => Err(Refusal::malformed("explain", "1, or leave it out")),
        }
    }

    #[cfg(not(target_family = "wasm"))]
    fn describe(description: &mut Description) {
        let on = words("To name the rule that decided, as `rule`.", ["1"]);
        description.query("explain", on);
    }
}

/// Rows in one page of a list, at most and by default.
const PAGE: u32 = 100;

/// Reads `limit`: how many, 1 to 100.
///
/// # Errors
/// `malformed`.
pub fn limit(value: &impl Fn(&str) -> Option<String>) -> Result<u32, Refusal> {
    match value("limit") {
        None => Ok(PAGE),
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=PAGE).contains(limit))
            .ok_or(Refusal::malformed("limit", "1 to 100")),
    }
}

/// Adds `limit`.
#[cfg(not(target_family = "wasm"))]
pub fn describe_limit(description: &mut Description) {
    let limit = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .description(Some("How many, at most."))
        .minimum(Some(1))
        .maximum(Some(PAGE))
        .default(Some(PAGE.into()));
    description.query("limit", limit);
}
