//! What a security change takes: a fresh proof, and of what.
//!
//! Leaves opening and answering the challenge to [`crate::challenges`]. No mode matters here: under
//! `off` authenticators sleep at the sign-in and still serve for step-up.

use super::{Person, Policy, StepUp};
use crate::{
    evidence::{Aal, Assurance, Evidence, FRESH_SECONDS, Method},
    time::UnixTime,
};

/// Whether a password is enough for a step-up: for users who have no authenticator, and where the
/// policy allows it. There, it must be a session in which an authenticator was shown: a trusted
/// device or a backup code and a password would be a password alone.
#[must_use]
pub fn password_steps_up(
    policy: &Policy,
    person: &Person<'_>,
    evidence: &[Evidence],
    now: UnixTime,
) -> bool {
    let shown = Assurance::of(evidence, person.enrolled, false, now);
    person.enrolled.authenticators.is_empty()
        || (policy.step_up == StepUp::PasswordAllowed
            && shown.aal == Aal::Aal2
            && !shown.restricted)
}

/// Until when security changes are allowed without showing anything again. What a clock that is ahead
/// stamped does not hide what was shown at a moment that has come.
#[must_use]
pub fn fresh_until(
    policy: &Policy,
    person: &Person<'_>,
    evidence: &[Evidence],
    now: UnixTime,
) -> Option<UnixTime> {
    let passwords = evidence.iter().filter(|e| e.method == Method::Password);
    let by_password = passwords
        .map(|e| e.at)
        .filter(|at| !at.is_ahead_of(now))
        .map(|at| at.plus(FRESH_SECONDS))
        .max()
        .filter(|_| password_steps_up(policy, person, evidence, now));
    Assurance::of(evidence, person.enrolled, false, now)
        .fresh_until
        .max(by_password)
}
