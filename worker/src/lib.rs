//! The edge of Postern: HTTP, D1 and KV around the rules of the core.
//!
//! A request goes parse → load → decide → commit → reply, each once. Which routes there are is
//! the table below; who may call one is the first argument of its handler (`access`).
//!
//! # What is out of scope
//!
//! Rules. A handler finds what the core needs, asks it, and commits its answer.

use std::sync::OnceLock;

use axum::Router;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    access::Public,
    http::{body::Json, problem::Problem, readiness, route::routes},
    organization::{
        audit_events, audit_log, groups, help, help_requests, invitations, organizations,
        outgoing_mail, overview, person, policies, resets, set_up, users,
    },
    sign_in::{application, assurance, challenge, introspection, passkey, password, session},
};

pub mod access;
mod account;
mod delivery;
#[cfg(target_family = "wasm")]
mod entry;
pub mod http;
pub mod jobs;
pub mod mail;
#[cfg(not(target_family = "wasm"))]
pub mod openapi;
mod organization;
pub mod platform;
mod sign_in;
mod store;

routes! {
    POST   "/v1/sign-ins"                           application::sign_in;
    POST   "/v1/sign-ins/password"                  password::sign_in;
    POST   "/v1/sign-ins/passkey"                   passkey::begin;
    POST   "/v1/resets/open"                        sign_in::resets::open;
    POST   "/v1/challenges"                         challenge::step_up::open;
    POST   "/v1/challenges/verify"                  challenge::verify;
    POST   "/v1/challenges/help"                    challenge::help::ask;
    GET    "/v1/session"                            session::show;
    DELETE "/v1/session"                            session::sign_out;
    POST   "/v1/sessions/introspect"                introspection::introspect;

    GET    "/v1/me"                                 account::me::show;
    GET    "/v1/me/activity"                        account::activity::show;
    GET    "/v1/me/sessions"                        account::sessions::list;
    DELETE "/v1/me/sessions"                        account::sessions::end_all_others;
    DELETE "/v1/me/sessions/{id}"                   account::sessions::end;
    GET    "/v1/me/trusted-devices"                 account::trusted_devices::list;
    DELETE "/v1/me/trusted-devices"                 account::trusted_devices::revoke_all;
    DELETE "/v1/me/trusted-devices/{id}"            account::trusted_devices::revoke;
    POST   "/v1/me/totp"                            account::totp::start;
    POST   "/v1/me/totp/confirm"                    account::totp::confirm;
    POST   "/v1/me/passkeys"                        account::passkeys::start;
    POST   "/v1/me/passkeys/confirm"                account::passkeys::confirm;
    PATCH  "/v1/me/authenticators/{id}"             account::authenticators::rename;
    DELETE "/v1/me/authenticators/{id}"             account::authenticators::remove;
    POST   "/v1/me/backup-codes"                    account::backup_codes::renew;
    POST   "/v1/me/backup-codes/saved"              account::backup_codes::saved;
    POST   "/v1/me/prompt/declined"                 account::prompt::declined;
    PUT    "/v1/me/password"                        account::password::put;
    DELETE "/v1/me/mfa"                             account::turning_off::turn_off;

    POST   "/v1/invitations/open"                   account::invitations::open;
    POST   "/v1/invitations/accept"                 account::invitations::accept;
    POST   "/v1/mail/not-me"                        account::not_me::say;
    POST   "/v1/passwords/forgotten"                account::forgotten::ask;
    POST   "/v1/passwords/open"                     account::forgotten::open;
    POST   "/v1/passwords/reset"                    account::forgotten::reset;

    PUT    "/v1/organizations/{org}"                organizations::put;
    GET    "/v1/organizations/{org}"                organizations::show;
    PATCH  "/v1/organizations/{org}"                organizations::patch;
    GET    "/v1/organizations/{org}/overview"       overview::show;
    GET    "/v1/organizations/{org}/policy"         policies::show;
    PUT    "/v1/organizations/{org}/policy"         policies::put;
    POST   "/v1/organizations/{org}/policy/preview" policies::preview;
    GET    "/v1/organizations/{org}/policy/facts"   policies::facts;
    POST   "/v1/organizations/{org}/revoke-mfa"     help::selection::revoke;
    POST   "/v1/organizations/{org}/revoke-mfa/preview" help::selection::preview;
    GET    "/v1/organizations/{org}/audit-events"   audit_events::list;
    GET    "/v1/organizations/{org}/audit-log.ndjson" audit_log::ndjson;
    GET    "/v1/organizations/{org}/audit-log.csv"  audit_log::csv;
    GET    "/v1/organizations/{org}/audit-checkpoints" audit_log::checkpoints::list;
    GET    "/v1/organizations/{org}/groups"         groups::list;
    GET    "/v1/organizations/{org}/help-requests"  help_requests::list;
    GET    "/v1/organizations/{org}/mail"           outgoing_mail::list;
    POST   "/v1/organizations/{org}/mail/{id}/retry" outgoing_mail::retry;
    GET    "/v1/organizations/{org}/users"          users::list;
    GET    "/v1/organizations/{org}/users.csv"      users::export;
    PUT    "/v1/organizations/{org}/users/{user}"   users::put;
    PATCH  "/v1/organizations/{org}/users/{user}"   users::patch;
    GET    "/v1/organizations/{org}/users/{user}"   users::show;
    DELETE "/v1/organizations/{org}/users/{user}"   users::delete;
    GET    "/v1/organizations/{org}/users/{user}/security" person::show;
    POST   "/v1/organizations/{org}/users/{user}/revoke-mfa" help::revoke;
    POST   "/v1/organizations/{org}/users/{user}/invite" invitations::send;
    POST   "/v1/organizations/{org}/users/{user}/reset-mfa" resets::start;
    POST   "/v1/organizations/{org}/users/{user}/cancel-reset" resets::cancel;
    POST   "/v1/organizations/{org}/users/{user}/sign-out" help::sign_out;
    POST   "/v1/organizations/{org}/users/{user}/unlock" help::unlock;

    GET    "/v1/set-up"                             set_up::show;
    POST   "/v1/set-up"                             set_up::set_up;

    GET    "/.well-known/jwks.json"                 assurance::jwks;
    GET    "/healthz"                               health;
}

/// `GET /healthz`: the Worker runs and everything that it needs is there. What is not is said before
/// any handler is asked, as on every route, but by name.
async fn health(caller: Public) -> Result<Json<Health>, Problem> {
    let context = &caller.request.context;
    readiness::health(context.platform(), context.now).await?;
    Ok(Json(Health { status: "ok" }))
}

/// That all is well.
#[derive(Serialize, ToSchema)]
struct Health {
    /// `ok`.
    #[schema(pattern = "^ok$")]
    status: &'static str,
}

/// The router of this isolate, made at its first request.
pub fn router() -> Router {
    static ROUTER: OnceLock<Router> = OnceLock::new();
    ROUTER.get_or_init(|| http::router::router(ROUTES)).clone()
}
