//! The edge of Postern: HTTP, D1 and KV around the rules of the core.
//!
//! A request goes parse → load → decide → commit → reply, each once. Which routes there are, and
//! who may call them, is the table below.
//!
//! # What is out of scope
//!
//! Rules. A handler finds what the core needs, asks it, and commits its answer.

use std::pin::Pin;

use ::http::{Method, StatusCode};

use crate::{
    account::{authenticators, backup_codes, me, sessions, totp, turning_off},
    http::{
        call::{Access, Call},
        reply::{Reply, json},
    },
    organization::{organizations, policies, users},
    sign_in::{
        assurance, challenges, introspection, passkeys, passwords, sign_ins, trusted_devices,
    },
    store::readiness,
};

mod access;
mod account;
#[cfg(target_family = "wasm")]
mod entry;
pub mod http;
pub mod jobs;
mod openapi;
mod organization;
pub mod platform;
mod sign_in;
mod store;

/// A route: method, path, class, handler, query parameters. The documentation and the tests are made from these.
#[derive(Clone, Debug)]
struct Route {
    method: Method,
    path: &'static str,
    access: Access,
    handler: Handler,
    query: &'static [&'static str],
}

/// A handler, with its future on the heap: one caller for all of them keeps the Worker small.
type Handler = fn(Call) -> Pin<Box<dyn Future<Output = Reply> + Send>>;

macro_rules! routes {
    ($($method:ident $path:literal $access:ident $handler:path $([$($query:ident),*])?;)*) => {
        /// Every route there is.
        const ROUTES: &[Route] = &[$(Route {
            method: Method::$method,
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
    PUT    "/v1/organizations/{org}/policy"         FreshOwner  policies::put;
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
    DELETE "/v1/me/mfa"                             Fresh       turning_off::turn_off;

    POST   "/v1/me/backup-codes"                    Unrestricted backup_codes::renew;
    PUT    "/v1/me/password"                        Unrestricted me::change_password;

    GET    "/.well-known/jwks.json"                 Public      assurance::jwks;
    GET    "/openapi.json"                          Public      openapi::show;
    GET    "/healthz"                               Public      health;
}

/// `GET /healthz`: the Worker runs and everything that it needs is there. What is not is said before
/// any handler is asked, as on every route, but by name.
async fn health(call: Call) -> Reply {
    call.anyone()?;
    readiness::health(call.context.platform(), call.context.now).await?;
    json(StatusCode::OK, "status", &"ok")
}
