//! Query parameters.
//!
//! That a query has no other parameters than the route takes, and each once, is checked for every
//! route before (see [`Request::check_form`]).

use std::str::FromStr;

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

/// A page of a list: how many, and after which row.
#[derive(Clone, Copy, Debug)]
pub struct Page<C> {
    /// How many, at most.
    pub limit: u32,
    /// What the last row of the page before is called.
    pub after: Option<C>,
}

impl<C: FromStr> FromQuery for Page<C> {
    const NAMES: &'static [&'static str] = &["limit", "cursor"];

    fn read(value: impl Fn(&str) -> Option<String>) -> Result<Self, Refusal> {
        let after = value("cursor").map(|text| text.parse());
        let about = "the next_cursor of the page before";
        Ok(Self {
            limit: limit(&value)?,
            after: after
                .transpose()
                .map_err(|_| Refusal::malformed("cursor", about))?,
        })
    }

    #[cfg(not(target_family = "wasm"))]
    fn describe(description: &mut Description) {
        describe_limit(description);
        let text = ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("The `next_cursor` of the page before."))
            .max_length(Some(64));
        description.query("cursor", text);
    }
}

impl<C> Page<C> {
    /// Of one row more than the page holds: its rows, and the `next_cursor`, which `name` makes of its last one where
    /// there are more.
    pub fn cut<R>(&self, mut rows: Vec<R>, name: impl Fn(&R) -> C) -> (Vec<R>, Option<C>) {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let last = rows.last().filter(|_| more).map(name);
        (rows, last)
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
