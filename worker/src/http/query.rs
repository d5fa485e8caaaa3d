//! Query parameters.
//!
//! That a query has no other parameters than the route takes, and each once, is checked for every
//! route before (see [`Request::check_form`]).

use axum::extract::FromRequestParts;
use http::request::Parts;
#[cfg(not(target_family = "wasm"))]
use postern::schema::words;
use postern::{names::ExternalId, refusal::Refusal};
#[cfg(not(target_family = "wasm"))]
use utoipa::{
    PartialSchema as _,
    openapi::schema::{ObjectBuilder, Type},
};

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

/// A page of a list that is ordered by the ids of applications: `?limit=10&cursor=alice`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many, 1 to 100.
    pub limit: u32,
    /// The id after which the page begins.
    pub cursor: Option<ExternalId>,
}

impl FromQuery for Page {
    const NAMES: &'static [&'static str] = &["limit", "cursor"];

    fn read(value: impl Fn(&str) -> Option<String>) -> Result<Self, Refusal> {
        let limit = match value("limit") {
            None => PAGE,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=PAGE).contains(limit))
                .ok_or(Refusal::malformed("limit", "1 to 100"))?,
        };
        let cursor = value("cursor").map(|text| text.parse::<ExternalId>());
        let cursor = cursor.transpose().map_err(|why| match Refusal::from(why) {
            Refusal::Malformed(why) => Refusal::Malformed(why.about("cursor")),
            why => why,
        })?;
        Ok(Self { limit, cursor })
    }

    #[cfg(not(target_family = "wasm"))]
    fn describe(description: &mut Description) {
        let limit = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .description(Some("How many, at most."))
            .minimum(Some(1))
            .maximum(Some(PAGE))
            .default(Some(PAGE.into()));
        description.query("limit", limit);
        description.query("cursor", ExternalId::schema());
    }
}
