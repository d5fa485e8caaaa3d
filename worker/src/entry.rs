//! Where Workers call in: with a request, or to run the scheduled job.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Uri};
use js_sys::{Array, Reflect, Uint8Array};
use tower_service::Service as _;
use wasm_bindgen::JsValue;
use worker::{Env, ScheduleContext, ScheduledEvent, event};

use crate::{
    http::{context::Place, problem::Problem, router::unnamed},
    jobs,
    platform::{
        self, AfterReply, Later,
        cloudflare::{WaitUntil, platform},
    },
    router,
};

#[event(fetch)]
async fn fetch(
    request: web_sys::Request,
    env: Env,
    context: worker::Context,
) -> Result<web_sys::Response, String> {
    exchange(&request, &env, context)
        .await
        .map_err(|why| format!("{why:?}"))
}

/// Answers `request`. An error is the platform's own: a request or response that it cannot hold.
async fn exchange(
    request: &web_sys::Request,
    env: &Env,
    context: worker::Context,
) -> Result<web_sys::Response, JsValue> {
    let response = match platform(env, Arc::new(WaitUntil(context))) {
        Ok(platform) => {
            let mut request = read(request)?;
            request.extensions_mut().insert(platform);
            // Infallible: every problem is an answer.
            let Ok(response) = router().call(request).await;
            response
        }
        Err(fault) => unnamed(Problem::from(fault)),
    };
    write(response).await
}

#[event(scheduled)]
async fn scheduled(_event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    match platform(&env, Arc::new(NoReply)) {
        Ok(platform) => jobs::run(&platform).await,
        Err(fault) => platform::log(&format!("scheduled: {fault:?}")),
    }
}

/// A job has no reply to wait for.
struct NoReply;

impl AfterReply for NoReply {
    fn run(&self, _work: Later) {}
}

/// The request as HTTP has it. `worker`'s own conversion refuses header values beyond ASCII, which a
/// browser's name may hold.
fn read(request: &web_sys::Request) -> Result<Request<Body>, JsValue> {
    let body = request
        .body()
        .map_or_else(Body::empty, |stream| Body::new(worker::Body::new(stream)));
    let mut read = Request::new(body);
    *read.method_mut() = request.method().parse().map_err(unreadable)?;
    *read.uri_mut() = request.url().parse::<Uri>().map_err(unreadable)?;
    let mut headers = HeaderMap::new();
    for pair in request.headers().entries() {
        let pair = Array::from(&pair?);
        let (name, value) = (pair.get(0).as_string(), pair.get(1).as_string());
        let name = name.and_then(|name| HeaderName::try_from(name).ok());
        let value = value.and_then(|value| HeaderValue::from_bytes(value.as_bytes()).ok());
        if let (Some(name), Some(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    *read.headers_mut() = headers;
    if let Some(place) = place(request) {
        read.extensions_mut().insert(Place(place));
    }
    Ok(read)
}

/// The city and the country of the client's address, as far as Cloudflare knows them.
fn place(request: &web_sys::Request) -> Option<String> {
    let cf = Reflect::get(request, &JsValue::from_str("cf")).ok()?;
    let text = |name| {
        let value = Reflect::get(&cf, &JsValue::from_str(name)).ok()?;
        value.as_string().filter(|text| !text.is_empty())
    };
    let parts: Vec<String> = [text("city"), text("country")]
        .into_iter()
        .flatten()
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The response as the platform takes it, its body in one piece: a stream costs more than answers of
/// a few hundred bytes are worth.
async fn write(response: Response<Body>) -> Result<web_sys::Response, JsValue> {
    let (parts, body) = response.into_parts();
    let headers = web_sys::Headers::new()?;
    for (name, value) in &parts.headers {
        headers.append(name.as_str(), &String::from_utf8_lossy(value.as_bytes()))?;
    }
    let init = web_sys::ResponseInit::new();
    init.set_status(parts.status.as_u16());
    init.set_headers(&headers);
    let bytes = to_bytes(body, usize::MAX).await.map_err(unreadable)?;
    // A copy: the platform sends it after this memory is used for something else.
    let body = (parts.status != StatusCode::NO_CONTENT).then(|| Uint8Array::from(&*bytes));
    web_sys::Response::new_with_opt_buffer_source_and_init(body.as_ref().map(AsRef::as_ref), &init)
}

fn unreadable(why: impl std::fmt::Display) -> JsValue {
    JsValue::from_str(&why.to_string())
}
