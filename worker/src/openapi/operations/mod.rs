//! What no type says of an operation: its name, what its own work refuses, and an example.

use std::collections::BTreeMap;

use serde_json::Value;

mod account;
mod examples;
mod organization;
mod sign_in;

/// What no type says of an operation.
pub struct Operation {
    /// A name for programs.
    pub id: &'static str,
    /// What it belongs to: one of [`TAGS`].
    pub tag: &'static str,
    /// What it does, in a line.
    pub summary: &'static str,
    /// The codes of problems of its own work.
    pub refuses: &'static [&'static str],
    /// A body that it takes.
    pub request: Option<Value>,
    /// The answer to that.
    pub answer: Option<Value>,
}

/// What operations belong to, each with a description.
pub const TAGS: [(&str, &str); 4] = [
    ("Account", "What people see and change of their own."),
    (
        "Organizations",
        "Organizations, their policies and their users.",
    ),
    (
        "Sign-ins",
        "Is that enough? Challenges, sessions and what they prove.",
    ),
    ("Service", "The service itself."),
];

/// Every operation, by its route.
pub fn operations() -> BTreeMap<&'static str, Operation> {
    [
        sign_in::operations(),
        account::operations(),
        organization::operations(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
