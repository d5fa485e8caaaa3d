//! A new policy: reading it, whether it makes sense, and whether it asks for more than the old one.

use alloc::{borrow::Cow, format};

use super::{
    MAX_PROMPT_DAYS, MAX_TRUST_DAYS, Mode, Policy, Prompt, Scope, SurfaceRule, TrustedDevices,
};

use crate::{refusal::Malformed, time::UnixTime};

/// Surfaces with a rule of their own at most.
pub const MAX_SURFACES: usize = 50;

/// Groups in scope at most.
pub const MAX_GROUPS: usize = 100;

/// Seconds between two questions at least: a shorter time could end before the user has answered.
pub const MIN_MAX_AGE: u64 = 60;

/// Seconds between two questions at most, 30 days; sessions end after a day anyway.
pub const MAX_MAX_AGE: u64 = 30 * 86_400;

/// Seconds of grace at most: a year.
pub const MAX_GRACE: u64 = 366 * 86_400;

/// Whether `new` makes sense at `now` as the successor of `old`. A deadline that has passed is
/// refused unless it was there before, so that other fields can be changed after it.
///
/// # Errors
/// [`Malformed`], naming the first field that does not.
pub fn validate(new: &Policy, old: &Policy, now: UnixTime) -> Result<(), Malformed> {
    scope(&new.scope)?;
    if new.surfaces.len() > MAX_SURFACES {
        return no("surfaces", format!("at most {MAX_SURFACES} surfaces"));
    }
    for (surface, rule) in &new.surfaces {
        if let Some(expected) = surface_rule(*rule) {
            return no("surfaces", format!("{surface}: {expected}"));
        }
    }
    if let Some(until) = new
        .grace_until
        .filter(|until| old.grace_until != Some(*until))
    {
        if until <= now {
            return no("grace_until", "a moment to come, in seconds since 1970");
        }
        if until.since(now) > MAX_GRACE {
            return no("grace_until", "at most 366 days from now");
        }
    }
    if let Prompt::Days(days) = new.prompt
        && !(1..=MAX_PROMPT_DAYS).contains(&days)
    {
        return no("prompt", format!("\"off\", or 1 to {MAX_PROMPT_DAYS} days"));
    }
    if let TrustedDevices::Days(days) = new.trusted_devices
        && !(1..=MAX_TRUST_DAYS).contains(&days)
    {
        return no(
            "trusted_devices",
            format!("\"off\", or 1 to {MAX_TRUST_DAYS} days"),
        );
    }
    Ok(())
}

/// Whether `new` asks for more than `old` of any user, at any surface, at any time: then trusted
/// devices end (the organization's `trust_epoch` moves).
///
/// The format of backup codes and the treatment of a cloned passkey ask nothing of a user; the prompt
/// offers.
#[must_use]
pub fn asks_for_more(old: &Policy, new: &Policy) -> bool {
    if new.mode == Mode::Off {
        return false;
    }
    let mut surfaces = old
        .surfaces
        .keys()
        .chain(new.surfaces.keys())
        .map(|surface| Some(surface.as_str()));
    let stricter = |surface| stricter_rule(old.surface_rule(surface), new.surface_rule(surface));
    new.mode > old.mode
        || (new.mode == Mode::Required && (!covers(&old.scope, &new.scope) || sooner(old, new)))
        || new.sso > old.sso
        || new.trusted_devices.days() < old.trusted_devices.days()
        || new.step_up > old.step_up
        || stricter(None)
        || surfaces.any(stricter)
}

fn scope(scope: &Scope) -> Result<(), Malformed> {
    match scope {
        Scope::Everyone => Ok(()),
        Scope::Groups(groups) if groups.is_empty() => {
            no("scope", "at least one group, or \"everyone\"")
        }
        Scope::Groups(groups) if groups.len() > MAX_GROUPS => {
            no("scope", format!("at most {MAX_GROUPS} groups"))
        }
        Scope::Roles(roles) if roles.is_empty() => {
            no("scope", "at least one role, or \"everyone\"")
        }
        Scope::Groups(_) | Scope::Roles(_) => Ok(()),
    }
}

/// What was expected of a rule that makes no sense.
fn surface_rule(rule: SurfaceRule) -> Option<Cow<'static, str>> {
    if rule
        .max_age
        .is_some_and(|age| !(MIN_MAX_AGE..=MAX_MAX_AGE).contains(&age))
    {
        Some(format!("max_age is {MIN_MAX_AGE} to {MAX_MAX_AGE} seconds").into())
    } else if !rule.asked && (rule.every_sign_in || rule.max_age.is_some()) {
        Some("a surface that is not asked has no max_age and no every_sign_in".into())
    } else {
        None
    }
}

pub(super) fn stricter_rule(old: SurfaceRule, new: SurfaceRule) -> bool {
    // A rule that does not ask for a second factor cannot ask for more of it.
    new.asked && old.strictest(new) != old
}

/// Whether every user in `new` is in `old`, and will be when users change their groups.
fn covers(old: &Scope, new: &Scope) -> bool {
    match (old, new) {
        (Scope::Everyone, _) => true,
        (Scope::Groups(old), Scope::Groups(new)) => new.iter().all(|group| old.contains(group)),
        (Scope::Roles(old), Scope::Roles(new)) => new.iter().all(|role| old.contains(role)),
        _ => false,
    }
}

/// Whether `required` binds sooner.
fn sooner(old: &Policy, new: &Policy) -> bool {
    new.grace_until.unwrap_or_default() < old.grace_until.unwrap_or_default()
}

fn no(field: &'static str, expected: impl Into<Cow<'static, str>>) -> Result<(), Malformed> {
    Err(Malformed {
        field: Some(Cow::Borrowed(field)),
        detail: expected.into(),
    })
}
