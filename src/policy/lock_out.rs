//! Whether a new policy could keep out the owner who sets it.

use alloc::vec::Vec;
use core::iter;

use serde::{Deserialize, Serialize};

use super::{Mode, Person, Policy, Verdict, decide};
use crate::{evidence::Evidence, time::UnixTime};

/// How a policy could keep out the owner who sets it: the request repeats it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = PolicyLockOut))]
pub enum LockOut {
    /// They have to enroll before they reach anything.
    Enroll,
    /// A second factor becomes required, and they have one authenticator and no backup code.
    Alone,
}

/// How `new` in the place of `old` could keep out its author, who signs in again with the first
/// factors among `evidence`, when all of it holds. `codes_left` is whether the author has an unused
/// backup code.
#[must_use]
pub fn locks_out(
    old: &Policy,
    new: &Policy,
    author: &Person<'_>,
    codes_left: bool,
    evidence: &[Evidence],
    now: UnixTime,
) -> Option<LockOut> {
    let at = new.grace_until.map_or(now, |until| until.max(now));
    let again = evidence.iter().filter(|shown| shown.is_first_factor());
    let again = again.map(|shown| Evidence {
        at,
        ..shown.clone()
    });
    let again: Vec<_> = again.collect();
    let named = new.surfaces.keys().map(|surface| Some(surface.as_str()));
    let has_to_enroll = iter::once(None).chain(named).any(|surface| {
        let next = decide(new, author, &again, surface, at);
        matches!(next.verdict, Verdict::Enroll { .. })
    });
    let becomes_required = new.mode == Mode::Required && old.mode != Mode::Required;
    if has_to_enroll {
        Some(LockOut::Enroll)
    } else if becomes_required && author.enrolled.authenticators.len() == 1 && !codes_left {
        Some(LockOut::Alone)
    } else {
        None
    }
}
