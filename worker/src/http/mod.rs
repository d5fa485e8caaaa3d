//! What every request passes: routing, limits, headers, problems.

pub mod call;
pub mod context;
pub mod jar;
pub mod problem;
pub mod reply;
pub mod router;
pub mod settings;
pub mod slow_hashes;
