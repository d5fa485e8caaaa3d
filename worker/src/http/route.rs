//! A route: a method and a path, who may call it, and the handler that answers.

use std::pin::Pin;

use axum::{
    extract::{FromRequestParts, Request as HttpRequest},
    handler::Handler,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, Method};

#[cfg(not(target_family = "wasm"))]
use crate::http::description::Description;
use crate::http::problem::Problem;

/// Who may call a route. Each route has exactly one class: that of its handler's first argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone.
    Public,
    /// A client that holds a challenge.
    Challenge,
    /// Any live session, also one that may only enroll.
    Enrolling,
    /// As [`Access::Enrolling`], with a proof of the last five minutes: to add an authenticator.
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
    /// An application with its key, or an admin or owner of the organization with two factors shown.
    Admin,
    /// As [`Access::Admin`], an admin or owner with a proof of the last five minutes.
    FreshAdmin,
    /// An application with its key.
    Application,
    /// The operator with the set-up code, while it was not used.
    SetUp,
}

impl Access {
    /// The class as the API's documentation spells it.
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
            Self::Admin => "admin",
            Self::FreshAdmin => "fresh_admin",
            Self::Application => "application",
            Self::SetUp => "set_up",
        }
    }

    /// Whether the route asks for no session and no key.
    pub const fn is_public(self) -> bool {
        matches!(self, Self::Public | Self::Challenge)
    }
}

/// A route. The router, the documentation and the tests are made from these.
pub struct Route {
    /// Its method.
    pub method: Method,
    /// Its path, with `{placeholders}`.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    /// The query parameters it takes.
    pub query: &'static [&'static str],
    /// Calls the handler.
    pub serve: Serve,
    /// Describes it, as far as its handler's types know it.
    #[cfg(not(target_family = "wasm"))]
    pub describe: fn(&mut Description),
}

impl Route {
    /// Whether the outer shield is asked about its requests: those that anyone may try something with.
    pub fn is_shielded(&self) -> bool {
        self.access == Access::SetUp || self.method != "GET" && self.access.is_public()
    }
}

/// Calls a handler, with its future on the heap: one caller for all of them keeps the Worker small.
pub type Serve = fn(HttpRequest) -> Pin<Box<dyn Future<Output = Response> + Send>>;

/// An extractor that judges who calls. It comes first, so that a caller who may not ask does not hear
/// what is wrong with the question.
pub trait Class: FromRequestParts<()> {
    /// The callers that it lets in.
    const ACCESS: Access;
    /// The codes of the problems by which it refuses other callers.
    const REFUSES: &'static [&'static str] = &[];

    /// Adds what it takes from the path.
    #[cfg(not(target_family = "wasm"))]
    fn describe(_: &mut Description) {}
}

/// An extractor of what is asked: a value of the path, the query or the body.
pub trait Asked {
    /// The query parameters it reads.
    const QUERY: &'static [&'static str] = &[];

    /// Adds what it takes from the request.
    #[cfg(not(target_family = "wasm"))]
    fn describe(description: &mut Description);
}

/// What a handler answers.
pub trait Answer: IntoResponse {
    /// Adds the answers that it can be.
    #[cfg(not(target_family = "wasm"))]
    fn describe(description: &mut Description);
}

impl<R: Answer> Answer for Result<R, Problem> {
    #[cfg(not(target_family = "wasm"))]
    fn describe(description: &mut Description) {
        R::describe(description);
    }
}

impl<R: Answer> Answer for ([(HeaderName, HeaderValue); 1], R) {
    #[cfg(not(target_family = "wasm"))]
    fn describe(description: &mut Description) {
        R::describe(description);
    }
}

/// A function that can answer a route: its first argument is a [`Class`], all others are [`Asked`].
pub trait Endpoint<Arguments> {
    /// Who may call it.
    const ACCESS: Access;
    /// The query parameters it takes.
    const QUERY: &'static [&'static str];

    /// Describes it, as far as its types know it.
    #[cfg(not(target_family = "wasm"))]
    fn describe(description: &mut Description);
}

impl<F, Fut, R, C> Endpoint<(C,)> for F
where
    F: Fn(C) -> Fut,
    Fut: Future<Output = R>,
    R: Answer,
    C: Class,
{
    const ACCESS: Access = C::ACCESS;
    const QUERY: &'static [&'static str] = &[];

    #[cfg(not(target_family = "wasm"))]
    fn describe(description: &mut Description) {
        description.refuses.extend(C::REFUSES);
        C::describe(description);
        R::describe(description);
    }
}

impl<F, Fut, R, C, A> Endpoint<(C, A)> for F
where
    F: Fn(C, A) -> Fut,
    Fut: Future<Output = R>,
    R: Answer,
    C: Class,
    A: Asked,
{
    const ACCESS: Access = C::ACCESS;
    const QUERY: &'static [&'static str] = A::QUERY;

    #[cfg(not(target_family = "wasm"))]
    fn describe(description: &mut Description) {
        description.refuses.extend(C::REFUSES);
        C::describe(description);
        A::describe(description);
        R::describe(description);
    }
}

impl<F, Fut, R, C, A, B> Endpoint<(C, A, B)> for F
where
    F: Fn(C, A, B) -> Fut,
    Fut: Future<Output = R>,
    R: Answer,
    C: Class,
    A: Asked,
    B: Asked,
{
    const ACCESS: Access = C::ACCESS;
    // Only one argument of a handler reads the query.
    const QUERY: &'static [&'static str] = if A::QUERY.is_empty() {
        B::QUERY
    } else {
        A::QUERY
    };

    #[cfg(not(target_family = "wasm"))]
    fn describe(description: &mut Description) {
        description.refuses.extend(C::REFUSES);
        C::describe(description);
        A::describe(description);
        B::describe(description);
        R::describe(description);
    }
}

/// Who may call `handler`.
pub const fn access<A, E: Endpoint<A>>(_: &E) -> Access {
    E::ACCESS
}

/// The query parameters that `handler` takes.
pub const fn query<A, E: Endpoint<A>>(_: &E) -> &'static [&'static str] {
    E::QUERY
}

/// Describes `handler`.
#[cfg(not(target_family = "wasm"))]
pub const fn describe<A, E: Endpoint<A>>(_: &E) -> fn(&mut Description) {
    E::describe
}

/// Calls `handler` as axum calls handlers.
pub async fn serve<A, H: Handler<A, ()>>(handler: H, request: HttpRequest) -> Response {
    handler.call(request, ()).await
}

/// The table of routes: one line each, `METHOD "path" handler;`.
macro_rules! routes {
    ($($method:ident $path:literal $handler:path;)*) => {
        /// Every route there is.
        pub static ROUTES: &[$crate::http::route::Route] = &[$($crate::http::route::Route {
            method: ::http::Method::$method,
            path: $path,
            access: $crate::http::route::access(&$handler),
            query: $crate::http::route::query(&$handler),
            #[cfg(not(target_family = "wasm"))]
            describe: $crate::http::route::describe(&$handler),
            serve: |request| ::std::boxed::Box::pin($crate::http::route::serve($handler, request)),
        },)*];
    };
}
pub(crate) use routes;

/// The name of a pattern's segment that stands for any one segment.
pub fn placeholder(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// Whether `pattern` matches `path`, which some route does.
pub fn matches(pattern: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if wanted == given || wanted.starts_with('{') => {}
            _ => return false,
        }
    }
}
