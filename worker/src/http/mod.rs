//! What every request passes: routing, limits, headers, problems.

pub mod admission;
pub mod body;
pub mod context;
pub mod cookies;
#[cfg(not(target_family = "wasm"))]
pub mod description;
pub mod jar;
pub mod local_cookies;
pub mod one_clock;
pub mod path;
pub mod problem;
pub mod query;
pub mod readiness;
pub mod relying_party;
pub mod request;
pub mod route;
pub mod router;
pub mod settings;
pub mod slow_hashes;
pub mod unknown_page;
