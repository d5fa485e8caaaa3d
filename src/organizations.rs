//! An organization as a decision needs it: its policy and the versions that guard it.

use serde::{Deserialize, Serialize};

use crate::{ids::OrganizationId, names::OrganizationName, policy::Policy};

/// An organization, as D1 writes it and KV copies it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Organization {
    /// The organization.
    pub id: OrganizationId,
    /// The organization as the application knows it.
    pub external_id: OrganizationName,
    /// What people see: the issuer in their authenticator apps.
    pub name: alloc::string::String,
    /// The organization's policy.
    pub policy: Policy,
    /// Moves with the policy, never repeats.
    pub policy_version: u64,
    /// Moves when a policy change asks for more: ends trusted devices.
    pub trust_epoch: u64,
}
