//! What the policy promises: its table of decisions, and what holds whatever the policy.

#[path = "policy/cases.rs"]
mod cases;
#[path = "policy/properties.rs"]
mod properties;
#[path = "policy/table.rs"]
mod table;
