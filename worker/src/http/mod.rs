//! What every request passes: routing, limits, headers, problems.

pub mod router;
