//! From the table of routes to a router: one spelling of a path, 404 and 405 as problems, the headers
//! of every answer.
//!
//! A path has one spelling. Nothing is normalized and only values are decoded, so a trailing slash,
//! upper case, `//` or `%2e` name something else, which is nothing.

use std::sync::OnceLock;

use axum::{
    Extension, Router,
    extract::{RawPathParams, Request, rejection::RawPathParamsRejection},
    middleware::map_response,
    response::{IntoResponse as _, Response},
    routing::{MethodFilter, MethodRouter, on},
};
use http::{HeaderName, HeaderValue, header};
use postern::{refusal::Refusal, time::UnixTime};

use crate::{
    ROUTES, Route,
    http::{
        call::{self, Call},
        context::{Context, Origin},
        problem::Problem,
    },
    platform::Platform,
    store::readiness,
};

/// The router of this isolate, made at its first request.
pub fn router() -> Router {
    static ROUTER: OnceLock<Router> = OnceLock::new();
    ROUTER.get_or_init(made).clone()
}

fn made() -> Router {
    let mut router = Router::new();
    for route in ROUTES {
        router = router.route(route.path, method(route));
    }
    router
        .fallback(|| refuse(Refusal::NotFound))
        .method_not_allowed_fallback(not_allowed)
        .layer(map_response(harden))
}

fn method(route: &'static Route) -> MethodRouter {
    let filter = MethodFilter::try_from(route.method.clone()).unwrap_or(MethodFilter::GET);
    let handler = move |Extension(platform): Extension<Platform>,
                        path: Result<RawPathParams, RawPathParamsRejection>,
                        request: Request| async move {
        match path {
            Ok(path) => answer(route, platform, path, request).await,
            // What is not UTF-8 once decoded names nothing.
            Err(_) => refuse(Refusal::NotFound).await,
        }
    };
    let router = on(filter, handler);
    if filter == MethodFilter::GET {
        // axum would answer HEAD with GET.
        return router.head(not_allowed);
    }
    router
}

async fn refuse(refusal: Refusal) -> Response {
    Problem::from(refusal).without_request()
}

/// 405, and the path's methods (RFC 9110 section 10.2.1).
async fn not_allowed(request: Request) -> Response {
    let path = request.uri().path();
    let methods = ROUTES
        .iter()
        .filter(|route| matches(route.path, path))
        .map(|route| route.method.as_str());
    let methods = methods.collect::<Vec<_>>().join(", ");
    let mut response = refuse(Refusal::MethodNotAllowed).await;
    if let Ok(methods) = HeaderValue::try_from(methods) {
        response.headers_mut().insert(header::ALLOW, methods);
    }
    response
}

/// The name of a pattern's segment that stands for any one segment.
pub fn placeholder(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// Whether `pattern` matches `path`, which some route does.
fn matches(pattern: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if wanted == given || wanted.starts_with('{') => {}
            _ => return false,
        }
    }
}

/// The route that names what is wrong with the deployment.
const HEALTH: &str = "/healthz";

async fn answer(
    route: &'static Route,
    platform: Platform,
    path: RawPathParams,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let origin = Origin::read(&parts.headers, &platform);
    let request_id = origin.request_id.clone();
    let now_ms = platform.clock.now_ms();
    let now = UnixTime(now_ms / 1000);
    let reply = async {
        let settings = readiness::settings(&platform, now).await;
        let settings = settings.map_err(|problem| {
            let named = route.path == HEALTH;
            if named { problem } else { problem.unnamed() }
        })?;
        let call = Call {
            context: Context::new(platform, settings, origin, now_ms),
            route,
            headers: parts.headers,
            path: path.iter().map(|(_, value)| value.to_owned()).collect(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            body: call::read(body).await,
        };
        call.admit().await?;
        (route.handler)(call).await
    };
    reply
        .await
        .unwrap_or_else(|problem: Problem| problem.reply(&request_id, now))
        .into_response()
}

/// Headers of every answer of the API (ASVS 3.4): not cached, not framed, its type not guessed.
async fn harden(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response
            .headers_mut()
            .entry(HeaderName::from_static(name))
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

const HEADERS: [(&str, &str); 6] = [
    ("cache-control", "no-store"),
    (
        "content-security-policy",
        "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("referrer-policy", "no-referrer"),
    (
        "strict-transport-security",
        "max-age=31536000; includeSubDomains",
    ),
    ("x-content-type-options", "nosniff"),
    ("cross-origin-opener-policy", "same-origin"),
];
