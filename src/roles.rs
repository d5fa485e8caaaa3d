//! What users may do in their organization.
//!
//! Which role a route requires is for the Worker; policies that bind users by role are for
//! [`crate::policy`].

use serde::{Deserialize, Serialize};

/// What a user may do in their organization.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Role {
    /// Keeps their own factors.
    #[default]
    Member,
    /// Sees who is enrolled, resets and revokes.
    Admin,
    /// Sets the policy.
    Owner,
}
