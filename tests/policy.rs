//! What the policy promises: its table of decisions, and what holds whatever the policy.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

#[path = "policy/cases.rs"]
mod cases;
#[path = "policy/properties.rs"]
mod properties;
#[path = "policy/table.rs"]
mod table;
