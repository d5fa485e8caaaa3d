//! The decision: whether what was shown is enough at this surface now.

use alloc::vec;

use super::{Mode, Person, Policy, Reason, Ruling, Sso, SurfaceRule, TrustedDevices, Verdict};
use crate::{
    evidence::{Evidence, Method, is_multi_factor},
    refusal::Refusal,
    sessions::ABSOLUTE_SECONDS,
    time::UnixTime,
    trusted_devices::DAY_SECONDS,
};

/// Whether `evidence` is enough for `person` at `surface`, and if not, what is asked for.
///
/// The same question at a sign-in and for a live session on each request: then `evidence` is the
/// session's and `surface` the one it was opened for. An entry [`Method::TrustedDevice`] was
/// checked against the database before; its `at` is when the trust began, so that fewer days act
/// on live sessions too.
#[must_use]
pub fn decide(
    policy: &Policy,
    person: &Person<'_>,
    evidence: &[Evidence],
    surface: Option<&str>,
    now: UnixTime,
) -> Ruling {
    let shown = Shown::of(policy, person, evidence, now);
    let rule = policy.surface_rule(surface);
    if !shown.first_factor {
        return Ruling::of(Verdict::Refuse, vec![Reason::EvidenceMissing]);
    }
    if let Some(reason) = enough(policy, rule, &shown, now) {
        return Ruling::of(Verdict::Complete, vec![reason]);
    }
    let mode = policy.mode_for(person, now);
    let enrolled = !person.enrolled.authenticators.is_empty();
    if !enrolled && mode != Mode::Required {
        return unasked(policy, person);
    }
    let mut reasons = vec![if mode == Mode::Required {
        Reason::Required
    } else {
        Reason::Enrolled
    }];
    reasons.extend(match policy.sso {
        Sso::Always if shown.sso => Some(Reason::SsoAlways),
        Sso::Evidence if shown.sso && shown.by_provider.is_none() => {
            Some(Reason::SsoEvidenceMissing)
        }
        _ => None,
    });
    // A trusted device skips the second factor; a user without an authenticator has none to skip.
    let trust = shown
        .trusted_since
        .filter(|_| enrolled)
        .map(|since| trust(policy.trusted_devices, rule, since, now));
    if trust == Some(Reason::TrustedDevice) {
        return Ruling::of(Verdict::Complete, vec![Reason::TrustedDevice]);
    }
    reasons.extend(trust);
    if shown.is_proven() && trust != Some(Reason::MaxAge) {
        reasons.push(Reason::MaxAge);
    }
    Ruling::of(
        if enrolled {
            Verdict::Challenge
        } else {
            Verdict::Enroll {
                deadline: policy.grace_until,
            }
        },
        reasons,
    )
}

/// Whether users can enroll. Under `off` they cannot, but what is enrolled stays.
#[must_use]
pub fn enrolling_allowed(policy: &Policy) -> bool {
    policy.mode != Mode::Off
}

/// Whether `person` may be left without an authenticator: by removing the last one, or by turning
/// it all off. The commit tests it again, because two removals can happen at once.
///
/// # Errors
/// [`Refusal::PolicyForbids`] while `required` binds the person.
pub fn may_remove_last(policy: &Policy, person: &Person<'_>, now: UnixTime) -> Result<(), Refusal> {
    match policy.mode_for(person, now) {
        Mode::Required => Err(Refusal::PolicyForbids),
        Mode::Optional | Mode::Off => Ok(()),
    }
}

/// For how many days this browser may be trusted after what was shown; `None` when that is not on
/// offer: trust is off, nothing was shown that proves an authenticator, or a backup code came last.
#[must_use]
pub fn trust_days(
    policy: &Policy,
    person: &Person<'_>,
    evidence: &[Evidence],
    now: UnixTime,
) -> Option<u8> {
    let by = Shown::of(policy, person, evidence, now)
        .proof
        .map(|(_, method)| method)?;
    match policy.trusted_devices {
        TrustedDevices::Days(days) if policy.mode != Mode::Off && by != Method::BackupCode => {
            Some(days)
        }
        _ => None,
    }
}

/// What of the evidence still counts.
struct Shown {
    /// Something that a sign-in can begin with, or consist of.
    first_factor: bool,
    /// Among it, an identity provider's assertion.
    sso: bool,
    /// The latest second factor of the person's own, and what it was.
    proof: Option<(UnixTime, Method)>,
    /// When an identity provider last said multi-factor, where the policy takes its word.
    by_provider: Option<UnixTime>,
    /// When the trust in this browser began.
    trusted_since: Option<UnixTime>,
}

impl Shown {
    fn of(policy: &Policy, person: &Person<'_>, evidence: &[Evidence], now: UnixTime) -> Self {
        let enrolled = person.enrolled;
        // The set of codes ends with the last authenticator, so codes without an authenticator
        // prove nothing.
        let codes = enrolled.backup_codes && !enrolled.authenticators.is_empty();
        let own = evidence.iter().filter(|e| match e.method {
            Method::BackupCode => codes,
            Method::Totp | Method::Passkey => e
                .authenticator
                .is_some_and(|id| enrolled.authenticators.contains(&id)),
            Method::Password | Method::Sso | Method::TrustedDevice => false,
        });
        let of = |method| evidence.iter().filter(move |e| e.method == method);
        let provider_said = of(Method::Sso).filter(|e| {
            policy.sso == Sso::Evidence
                && is_multi_factor(&e.amr)
                // An older statement was made before this session: none lasts longer.
                && now.since(e.at) <= ABSOLUTE_SECONDS
                && !e.at.is_ahead_of(now)
        });
        let sso = of(Method::Sso).next().is_some();
        // Evidence with a time in the future, from a wrong clock, does not hide earlier evidence.
        let latest = |e: &&Evidence| (!e.at.is_ahead_of(now), e.at);
        Self {
            first_factor: evidence.iter().any(Evidence::is_first_factor),
            sso,
            // Of two at the same second, the one shown last.
            proof: own.max_by_key(latest).map(|e| (e.at, e.method)),
            by_provider: provider_said.map(|e| e.at).max(),
            trusted_since: of(Method::TrustedDevice).max_by_key(latest).map(|e| e.at),
        }
    }

    /// Whether two factors were shown, however long ago.
    const fn is_proven(&self) -> bool {
        self.proof.is_some() || self.by_provider.is_some()
    }
}

/// The reason why nothing more is asked, if what was shown is enough for every user.
fn enough(policy: &Policy, rule: SurfaceRule, shown: &Shown, now: UnixTime) -> Option<Reason> {
    let recent = |at: UnixTime| {
        let is_within = |age| now.since(at) <= age && !at.is_ahead_of(now);
        rule.max_age.is_none_or(is_within)
    };
    if policy.mode == Mode::Off {
        Some(Reason::Off)
    } else if !rule.asked {
        Some(Reason::NotAsked)
    } else if shown.proof.is_some_and(|(at, _)| recent(at)) {
        Some(Reason::SecondFactor)
    } else if shown.sso && policy.sso == Sso::Exempt {
        Some(Reason::SsoExempt)
    } else if shown.by_provider.is_some_and(recent) {
        Some(Reason::SsoEvidence)
    } else {
        None
    }
}

/// Complete, since nothing is enrolled and nothing has to be (yet).
fn unasked(policy: &Policy, person: &Person<'_>) -> Ruling {
    let reason = if policy.mode != Mode::Required {
        Reason::Optional
    } else if policy.scope.binds(person) {
        Reason::Grace
    } else {
        Reason::OutOfScope
    };
    let enroll_by = if reason == Reason::Grace {
        policy.grace_until
    } else {
        None
    };
    Ruling {
        enroll_by,
        ..Ruling::of(Verdict::Complete, vec![reason])
    }
}

/// What trust that began at `since` is worth here.
fn trust(policy: TrustedDevices, rule: SurfaceRule, since: UnixTime, now: UnixTime) -> Reason {
    let days = match policy {
        TrustedDevices::Off => return Reason::TrustedDevicesOff,
        TrustedDevices::Days(days) => u64::from(days),
    };
    if now.since(since) >= days.saturating_mul(DAY_SECONDS) || since.is_ahead_of(now) {
        Reason::TrustedDeviceOver
    } else if rule.every_sign_in {
        Reason::EverySignIn
    } else if rule.max_age.is_some() {
        Reason::MaxAge
    } else {
        Reason::TrustedDevice
    }
}
