//! From the table of routes to a router: one spelling of a path, 404 and 405 as problems, the headers
//! of every answer.
//!
//! A path has one spelling. Nothing is normalized and only values are decoded, so a trailing slash,
//! upper case, `//` or `%2e` name something else, which is nothing.

use std::sync::{Arc, atomic::Ordering};

use axum::{
    Extension, Router,
    extract::{RawPathParams, Request as HttpRequest, rejection::RawPathParamsRejection},
    middleware::map_response,
    response::{IntoResponse as _, Response},
    routing::{MethodFilter, MethodRouter, on},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header, request::Parts};
use postern::{refusal::Refusal, time::UnixTime};

use crate::{
    access::refused,
    delivery,
    http::{
        body,
        context::{Context, Origin},
        local_cookies,
        problem::{Problem, documented, is_forbidden},
        readiness,
        request::Request,
        route::{Route, matches},
        settings::Settings,
        unknown_page,
    },
    platform::{Platform, log},
};

/// A router of `routes`.
pub fn router(routes: &'static [Route]) -> Router {
    let mut router = Router::new();
    for route in routes {
        router = router.route(route.path, method(routes, route));
    }
    router
        .fallback(unknown)
        .method_not_allowed_fallback(move |request| not_allowed(routes, request))
        .layer(map_response(harden))
}

fn method(routes: &'static [Route], route: &'static Route) -> MethodRouter {
    let filter = MethodFilter::try_from(route.method.clone()).unwrap_or(MethodFilter::GET);
    let handler = move |Extension(platform): Extension<Platform>,
                        path: Result<RawPathParams, RawPathParamsRejection>,
                        request: HttpRequest| async move {
        match path {
            Ok(path) => answer(route, platform, path, request).await,
            // What is not UTF-8 once decoded names nothing.
            Err(_) => refuse(Refusal::NotFound).await,
        }
    };
    let router = on(filter, handler);
    if filter == MethodFilter::GET {
        // axum would answer HEAD with GET.
        return router.head(move |request| not_allowed(routes, request));
    }
    router
}

/// No route has this path.
async fn unknown(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    if unknown_page::is_asked_for(&method, uri.path(), &headers) {
        return unknown_page::unknown_page();
    }
    refuse(Refusal::NotFound).await
}

async fn refuse(refusal: Refusal) -> Response {
    unnamed(Problem::from(refusal))
}

/// A problem's document where no request could be read, or no route was found.
pub fn unnamed(problem: Problem) -> Response {
    documented(problem.into_response(), "-", UnixTime(0))
}

/// 405, and the path's methods (RFC 9110 section 10.2.1).
async fn not_allowed(routes: &'static [Route], request: HttpRequest) -> Response {
    let path = request.uri().path();
    let methods = routes
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

/// The route that names what is wrong with the deployment.
const HEALTH: &str = "/healthz";

/// Seconds after which one that the shield refused may ask again.
const SHIELDED_SECONDS: u64 = 10;

/// Answers the request; again where the first try found that this instance's clock is wrong.
async fn answer(
    route: &'static Route,
    platform: Platform,
    path: RawPathParams,
    request: HttpRequest,
) -> Response {
    let (parts, body) = request.into_parts();
    let sent = Sent {
        path: path.iter().map(|(_, value)| value.to_owned()).collect(),
        parts,
        body: body::read(body).await,
    };
    let mut answered = sent.answered(route, platform.clone()).await;
    if answered.clock_was_wrong {
        answered = sent.answered(route, platform).await;
    }
    documented(answered.response, &answered.request_id, answered.now)
}

/// What was sent.
struct Sent {
    parts: Parts,
    path: Vec<String>,
    body: Result<Vec<u8>, Refusal>,
}

/// An answer, a problem still without its document.
struct Answered {
    response: Response,
    request_id: String,
    now: UnixTime,
    /// Whether nothing was done, since this instance's clock was wrong. It is right now.
    clock_was_wrong: bool,
}

impl Sent {
    /// Reads the request and its surroundings, and has the route's handler answer it, side by side
    /// with the shield.
    async fn answered(&self, route: &'static Route, platform: Platform) -> Answered {
        let mut parts = self.parts.clone();
        let origin = Origin::read(&parts, &platform);
        let request_id = origin.request_id.clone();
        let now_ms = platform.clock.now_ms();
        let now = UnixTime(now_ms / 1000);
        let mut is_local = false;
        let read = async {
            let settings = readiness::settings(&platform, now).await;
            let settings = settings.map_err(|problem| {
                let named = route.path == HEALTH;
                if named { problem } else { problem.unnamed() }
            })?;
            is_local = settings.is_local();
            if is_local {
                local_cookies::read(&mut parts.headers);
            }
            let request = Request {
                context: Context::new(platform, settings, origin, now_ms, route.is_shielded()),
                route,
                headers: parts.headers.clone(),
                path: self.path.clone(),
                query: parts.uri.query().unwrap_or_default().to_owned(),
                body: self.body.clone(),
            };
            request.check_origin()?;
            Ok::<_, Problem>(request)
        };
        let (mut response, clock_was_wrong) = match read.await {
            Ok(request) => {
                let Context {
                    admission, clock, ..
                } = &request.context;
                let (admission, clock) = (admission.clone(), clock.clone());
                let context = &request.context;
                let (wrote_mail, settings) = (context.wrote_mail.clone(), context.settings.clone());
                let platform = context.platform().clone();
                let request = Arc::new(request);
                parts.extensions.insert(request.clone());
                let sent = HttpRequest::from_parts(parts, axum::body::Body::empty());
                let answered = admission.beside((route.serve)(sent)).await;
                let mut response = answered.unwrap_or_else(|| {
                    let until = now.plus(SHIELDED_SECONDS);
                    Problem::from(Refusal::Throttled { until }).into_response()
                });
                if is_forbidden(&response)
                    && let Some(home) = request.context.signed_in.get()
                    && let Err(problem) = refused::record(&request, *home).await
                {
                    response = problem.into_response();
                }
                if wrote_mail.load(Ordering::Relaxed) && response.status().is_success() {
                    deliver_later(platform, settings, now);
                }
                (response, clock.begins_anew())
            }
            Err(problem) => (problem.into_response(), false),
        };
        if is_local {
            local_cookies::write(response.headers_mut());
        }
        Answered {
            response,
            request_id,
            now,
            clock_was_wrong,
        }
    }
}

/// Delivers the mail that a request wrote, once it is answered.
fn deliver_later(platform: Platform, settings: Arc<Settings>, now: UnixTime) {
    let after_reply = platform.after_reply.clone();
    after_reply.run(Box::pin(async move {
        let delivered = delivery::run(&platform, &settings, now, delivery::AFTER_REPLY);
        if let Err(fault) = delivered.await {
            log(&format!("mail: {fault:?}"));
        }
    }));
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
