//! What users may do in their organization.
//!
//! Which role a route asks for is for the Worker, whom a policy binds by role for [`crate::policy`].

use serde::{Deserialize, Serialize};

/// What a user may do in their organization.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Keeps their own factors.
    #[default]
    Member,
    /// Sees who is enrolled, resets and revokes.
    Admin,
    /// Sets the policy.
    Owner,
}
