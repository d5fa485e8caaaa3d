//! The edge of Postern: HTTP, D1 and KV around the rules of the core.
//!
//! A request goes parse → load → decide → commit → reply, each once. Which routes there are, and
//! who may call them, is the table below.
//!
//! # What is out of scope
//!
//! Rules. A handler finds what the core needs, asks it, and commits its answer.

use std::{cell::RefCell, pin::Pin, rc::Rc};

use axum::{
    Router,
    body::{self, Body},
    extract::{FromRequestParts, RawPathParams, Request},
    response::Response,
    routing::{MethodFilter, on},
};
use http::{HeaderValue, StatusCode, header};
use postern::{refusal::Refusal, time::UnixTime};
use tower_service::Service;
use worker::{
    Env, HttpRequest, ScheduleContext, ScheduledEvent, event,
    send::{SendFuture, SendWrapper},
};

use crate::{
    call::{Access, Call, MAX_BODY, Reply, json},
    context::Context,
    problem::Problem,
};

mod assurance;
mod authenticators;
mod backup_codes;
mod call;
mod caller;
mod challenges;
mod context;
mod copies;
mod d1;
mod introspection;
mod mail;
mod me;
mod openapi;
mod organizations;
mod problem;
mod scheduled;
mod sessions;
mod settlement;
mod sign_ins;
mod totp;
mod trusted_devices;
mod users;

/// A route: method, path, class. The documentation and the tests are made from these.
#[derive(Clone, Copy, Debug)]
struct Route {
    method: &'static str,
    path: &'static str,
    access: Access,
}

macro_rules! routes {
    ($($method:ident $path:literal $access:ident $handler:path;)*) => {
        /// Every route there is.
        const ROUTES: &[Route] = &[$(Route { method: stringify!($method), path: $path, access: Access::$access },)*];

        fn router() -> Router {
            Router::new()
                $(.route($path, on(MethodFilter::$method, |request: Request| {
                    dispatch(Access::$access, request, |call| Box::pin($handler(call)))
                })))*
                .method_not_allowed_fallback(async |request: Request| refuse(&request, Refusal::MethodNotAllowed))
                .fallback(async |request: Request| refuse(&request, Refusal::NotFound))
        }
    };
}

routes! {
    PUT    "/v1/organizations/{org}"                Application organizations::put;
    GET    "/v1/organizations/{org}"                Application organizations::show;
    GET    "/v1/organizations/{org}/policy"         Application organizations::show_policy;
    PUT    "/v1/organizations/{org}/policy"         Application organizations::put_policy;
    GET    "/v1/organizations/{org}/users"          Application users::list;
    PUT    "/v1/organizations/{org}/users/{user}"   Application users::put;
    GET    "/v1/organizations/{org}/users/{user}"   Application users::show;
    DELETE "/v1/organizations/{org}/users/{user}"   Application users::delete;
    POST   "/v1/sign-ins"                           Application sign_ins::by_application;
    POST   "/v1/sessions/introspect"                Application introspection::introspect;

    POST   "/v1/sign-ins/password"                  Public      sign_ins::with_password;
    POST   "/v1/challenges/verify"                  Challenge   challenges::verify;

    GET    "/v1/session"                            Enrolling   sessions::show;
    DELETE "/v1/session"                            Enrolling   sessions::sign_out;
    POST   "/v1/challenges"                         Enrolling   challenges::open;
    POST   "/v1/me/totp"                            Enrolling   totp::start;
    POST   "/v1/me/totp/confirm"                    Enrolling   totp::confirm;

    GET    "/v1/me"                                 Session     me::show;
    GET    "/v1/me/sessions"                        Session     sessions::list;
    DELETE "/v1/me/sessions"                        Session     sessions::end_all_others;
    DELETE "/v1/me/sessions/{id}"                   Session     sessions::end;
    GET    "/v1/me/trusted-devices"                 Session     trusted_devices::list;

    PATCH  "/v1/me/authenticators/{id}"             Aal2        authenticators::rename;

    DELETE "/v1/me/authenticators/{id}"             Fresh       authenticators::remove;
    POST   "/v1/me/backup-codes"                    Fresh       backup_codes::renew;
    DELETE "/v1/me/trusted-devices"                 Fresh       trusted_devices::revoke_all;
    DELETE "/v1/me/trusted-devices/{id}"            Fresh       trusted_devices::revoke;
    PUT    "/v1/me/password"                        Fresh       me::change_password;
    DELETE "/v1/me/mfa"                             Fresh       authenticators::turn_off;

    GET    "/.well-known/jwks.json"                 Public      assurance::jwks;
    GET    "/openapi.json"                          Public      openapi::show;
    GET    "/healthz"                               Public      health;
}

/// What a request brings along through the router.
#[derive(Clone)]
struct Edge(SendWrapper<(Env, Rc<worker::Context>)>);

#[event(fetch, respond_with_errors)]
async fn fetch(
    request: HttpRequest,
    env: Env,
    context: worker::Context,
) -> worker::Result<Response> {
    thread_local! {
        static ROUTER: RefCell<Option<Router>> = const { RefCell::new(None) };
    }
    let mut request = request.map(Body::new);
    request
        .extensions_mut()
        .insert(Edge(SendWrapper((env, Rc::new(context)))));
    let mut router = ROUTER.with(|kept| kept.borrow_mut().get_or_insert_with(router).clone());
    match router.call(request).await {
        Ok(response) => Ok(response),
        Err(never) => match never {},
    }
}

#[event(scheduled)]
async fn scheduled(_event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    let Ok(database) = env.d1("DB") else { return };
    let now = UnixTime(worker::Date::now().as_millis() / 1000);
    if let Err(error) = scheduled::sweep(&database, now).await {
        worker::console_error!("sweep: {error:?}");
    }
}

/// A handler, with its future on the heap: one `dispatch` for all routes keeps the Worker small.
type Handler = fn(Call) -> Pin<Box<dyn Future<Output = Reply>>>;

/// Reads the request, checks what its class asks of every request, and runs its handler.
fn dispatch(
    access: Access,
    request: Request,
    handler: Handler,
) -> SendFuture<Pin<Box<dyn Future<Output = Response>>>> {
    SendFuture::new(Box::pin(answer(access, request, handler)))
}

async fn answer(access: Access, request: Request, handler: Handler) -> Response {
    let (mut parts, body) = request.into_parts();
    let Some(Edge(edge)) = parts.extensions.remove::<Edge>() else {
        return Response::default();
    };
    let (env, worker) = edge.0;
    let context = match Context::read(&env, worker, &parts.headers) {
        Ok(context) => context,
        Err(fault) => return finish(Problem::from(fault).reply("-", UnixTime(0))),
    };
    let (request_id, now) = (context.origin.request_id.clone(), context.now);
    let reply = async {
        let path = RawPathParams::from_request_parts(&mut parts, &())
            .await
            .map_err(|_| Refusal::NotFound)?;
        let path = path.iter().map(|(_, value)| value.to_owned()).collect();
        let body = body::to_bytes(body, MAX_BODY)
            .await
            .map_err(|_| Refusal::TooLarge)?;
        let query = parts.uri.query().unwrap_or_default().to_owned();
        let call = Call {
            context,
            access,
            method: parts.method,
            headers: parts.headers,
            path,
            query,
            body,
        };
        call.admit().await?;
        handler(call).await
    };
    finish(
        reply
            .await
            .unwrap_or_else(|problem: Problem| problem.reply(&request_id, now)),
    )
}

fn refuse(request: &Request, refusal: Refusal) -> Response {
    let id = request
        .headers()
        .get("cf-ray")
        .and_then(|id| id.to_str().ok())
        .unwrap_or("-");
    finish(Problem::from(refusal).reply(id, UnixTime(0)))
}

/// Headers of every answer of the API (ASVS 3.4): nobody keeps it, frames it or guesses its type.
fn finish(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let mut set = |name: header::HeaderName, value| {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    };
    set(header::CACHE_CONTROL, "no-store");
    set(
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    );
    set(header::REFERRER_POLICY, "no-referrer");
    set(
        header::STRICT_TRANSPORT_SECURITY,
        "max-age=31536000; includeSubDomains",
    );
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(
        header::HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    response
}

/// `GET /healthz`: the Worker runs and has its keys and bindings.
async fn health(_call: Call) -> Reply {
    json(StatusCode::OK, "status", &"ok")
}
