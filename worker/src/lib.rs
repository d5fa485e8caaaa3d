//! The edge of Postern: HTTP, D1 and KV around the rules of the core.
//!
//! A request goes parse → load → decide → commit → reply, each once. Which routes there are, and
//! who may call them, is the table below.
//!
//! # What is out of scope
//!
//! Rules. A handler finds what the core needs, asks it, and commits its answer.

use std::pin::Pin;

use http::StatusCode;
use postern::{refusal::Refusal, time::UnixTime};
use web_sys::Request;
use worker::{Env, ScheduleContext, ScheduledEvent, event};

use crate::{
    call::{Access, Call},
    context::Context,
    problem::Problem,
    reply::{Reply, Response, json},
    router::Found,
};

mod assurance;
mod authenticators;
mod backup_codes;
mod binding;
mod call;
mod caller;
mod challenges;
mod context;
mod copies;
mod d1;
mod enrollments;
mod introspection;
mod kv;
mod mail;
mod me;
mod openapi;
mod organizations;
mod passkeys;
mod passwords;
mod people;
mod policies;
mod problem;
mod reply;
mod router;
mod scheduled;
mod sessions;
mod settlement;
mod sign_ins;
mod totp;
mod trusted_devices;
mod under_way;
mod users;
pub mod web_crypto;

#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// A route: method, path, class, handler, query parameters. The documentation and the tests are made from these.
#[derive(Clone, Copy, Debug)]
struct Route {
    method: &'static str,
    path: &'static str,
    access: Access,
    handler: Handler,
    query: &'static [&'static str],
}

/// A handler, with its future on the heap: one caller for all of them keeps the Worker small.
type Handler = fn(Call) -> Pin<Box<dyn Future<Output = Reply>>>;

macro_rules! routes {
    ($($method:ident $path:literal $access:ident $handler:path $([$($query:ident),*])?;)*) => {
        /// Every route there is.
        const ROUTES: &[Route] = &[$(Route {
            method: stringify!($method),
            path: $path,
            access: Access::$access,
            handler: |call| Box::pin($handler(call)),
            query: &[$($(stringify!($query)),*)?],
        },)*];
    };
}

routes! {
    PUT    "/v1/organizations/{org}"                Application organizations::put;
    GET    "/v1/organizations/{org}"                Application organizations::show;
    GET    "/v1/organizations/{org}/policy"         Owner       policies::show;
    PUT    "/v1/organizations/{org}/policy"         Owner       policies::put;
    POST   "/v1/organizations/{org}/policy/preview" Owner       policies::preview;
    GET    "/v1/organizations/{org}/users"          Application users::list [limit, cursor];
    PUT    "/v1/organizations/{org}/users/{user}"   Application users::put;
    PATCH  "/v1/organizations/{org}/users/{user}"   Application users::patch;
    GET    "/v1/organizations/{org}/users/{user}"   Application users::show;
    DELETE "/v1/organizations/{org}/users/{user}"   Application users::delete;
    POST   "/v1/sign-ins"                           Application sign_ins::by_application [explain];
    POST   "/v1/sessions/introspect"                Application introspection::introspect;

    POST   "/v1/sign-ins/password"                  Public      passwords::sign_in;
    POST   "/v1/sign-ins/passkey"                   Public      passkeys::begin_sign_in;
    POST   "/v1/challenges/verify"                  Challenge   challenges::verify;

    GET    "/v1/session"                            Enrolling   sessions::show [explain];
    DELETE "/v1/session"                            Enrolling   sessions::sign_out;
    POST   "/v1/challenges"                         Enrolling   challenges::open;
    POST   "/v1/me/totp/confirm"                    Enrolling   totp::confirm;
    POST   "/v1/me/passkeys/confirm"                Enrolling   passkeys::confirm;

    POST   "/v1/me/totp"                            Adding      totp::start;
    POST   "/v1/me/passkeys"                        Adding      passkeys::start;

    GET    "/v1/me"                                 Session     me::show;
    GET    "/v1/me/sessions"                        Session     sessions::list;
    DELETE "/v1/me/sessions"                        Session     sessions::end_all_others;
    DELETE "/v1/me/sessions/{id}"                   Session     sessions::end;
    GET    "/v1/me/trusted-devices"                 Session     trusted_devices::list;

    PATCH  "/v1/me/authenticators/{id}"             Aal2        authenticators::rename;

    DELETE "/v1/me/authenticators/{id}"             Fresh       authenticators::remove;
    DELETE "/v1/me/trusted-devices"                 Fresh       trusted_devices::revoke_all;
    DELETE "/v1/me/trusted-devices/{id}"            Fresh       trusted_devices::revoke;
    DELETE "/v1/me/mfa"                             Fresh       authenticators::turn_off;

    POST   "/v1/me/backup-codes"                    Unrestricted backup_codes::renew;
    PUT    "/v1/me/password"                        Unrestricted me::change_password;

    GET    "/.well-known/jwks.json"                 Public      assurance::jwks;
    GET    "/openapi.json"                          Public      openapi::show;
    GET    "/healthz"                               Public      health;
}

#[event(fetch)]
async fn fetch(
    request: Request,
    env: Env,
    worker: worker::Context,
) -> Result<web_sys::Response, &'static str> {
    let response = answer(&request, &env, worker).await;
    let written = harden(response).write();
    written.map_err(|_| "an answer that the platform does not take")
}

#[event(scheduled)]
async fn scheduled(_event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    let Ok(database) = context::database(&env) else {
        return;
    };
    let now = UnixTime(worker::Date::now().as_millis() / 1000);
    if let Err(error) = scheduled::sweep(&database, now).await {
        worker::console_error!("sweep: {error:?}");
    }
    if let Err(error) = scheduled::end_grace(&database, now).await {
        worker::console_error!("grace: {error:?}");
    }
}

/// Finds the route, reads the request, checks what does not depend on who asks, and runs the
/// handler.
async fn answer(request: &Request, env: &Env, worker: worker::Context) -> Response {
    let (method, (path, query)) = (request.method(), router::target(&request.url()));
    let (route, path) = match router::find(ROUTES, &method, &path) {
        Found::Route(route, path) => (route, path),
        Found::OtherMethods(methods) => {
            let mut response = refuse(request, Refusal::MethodNotAllowed);
            response.append("allow", methods);
            return response;
        }
        Found::Nothing => return refuse(request, Refusal::NotFound),
    };
    let headers = request.headers();
    let context = match Context::read(env, worker, &headers) {
        Ok(context) => context,
        Err(fault) => return Problem::from(fault).reply("-", UnixTime(0)),
    };
    let (request_id, now) = (context.origin.request_id.clone(), context.now);
    let reply = async {
        let call = Call {
            context,
            route,
            headers,
            path,
            query,
            body: call::body(request).await,
        };
        call.admit().await?;
        (route.handler)(call).await
    };
    reply
        .await
        .unwrap_or_else(|problem: Problem| problem.reply(&request_id, now))
}

fn refuse(request: &Request, refusal: Refusal) -> Response {
    let id = request.headers().get("cf-ray").ok().flatten();
    Problem::from(refusal).reply(id.as_deref().unwrap_or("-"), UnixTime(0))
}

/// Headers of every answer of the API (ASVS 3.4): nobody keeps it, frames it or guesses its type.
fn harden(mut response: Response) -> Response {
    for (name, value) in [
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
    ] {
        response.append_default(name, value);
    }
    response
}

/// `GET /healthz`: the Worker runs and has its keys and bindings.
async fn health(call: Call) -> Reply {
    call.anyone()?;
    json(StatusCode::OK, "status", &"ok")
}
