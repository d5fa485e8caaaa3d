//! The decision: is what was shown enough, here and now?

use alloc::{vec, vec::Vec};

use serde::{Serialize, Serializer};

use super::{Mode, Person, Policy, Sso, SurfaceRule, TrustedDevices};
use crate::{
    evidence::{Evidence, Method, is_multi_factor},
    refusal::Refusal,
    sessions::ABSOLUTE_SECONDS,
    time::UnixTime,
    trusted_devices::DAY_SECONDS,
};

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Enough.
    Complete,
    /// A second factor is asked for.
    Challenge,
    /// An authenticator must be enrolled first.
    Enroll {
        /// By when it was to be done, if there was a grace period. Always over by now.
        deadline: Option<UnixTime>,
    },
    /// Nothing that was shown counts: sign in again.
    Refuse,
}

impl Verdict {
    /// The word in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Challenge => "challenge",
            Self::Enroll { .. } => "enroll",
            Self::Refuse => "refuse",
        }
    }
}

/// A verdict and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// The answer.
    pub verdict: Verdict,
    /// Why, from the general to the particular; never empty.
    pub reasons: Vec<Reason>,
    /// The rule that decided: the one behind the last reason. For `?explain=1`.
    pub rule: Rule,
    /// Until when `complete` holds without an authenticator: enroll by then.
    pub enroll_by: Option<UnixTime>,
}

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $variant:ident = $code:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$about])* $variant,)* }

        impl $name {
            /// The stable code.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

codes! {
    /// Why; a stable code.
    Reason {
        /// No first factor that still counts.
        EvidenceMissing = "evidence.missing",
        /// A second factor was shown, recently enough.
        SecondFactor = "evidence.second_factor",
        /// An authenticator is enrolled, and who enrolled is asked.
        Enrolled = "evidence.enrolled",
        /// Second factors are switched off.
        Off = "policy.off",
        /// Nothing is enrolled, and nothing has to be.
        Optional = "policy.optional",
        /// Nothing is enrolled, and `required` binds others.
        OutOfScope = "policy.out_of_scope",
        /// Nothing is enrolled, and there is still time.
        Grace = "policy.grace",
        /// A second factor is required.
        Required = "policy.required",
        /// Nobody is asked at this surface.
        NotAsked = "surface.not_asked",
        /// The second factor is too old for this surface, or a trusted device says nothing of its age.
        MaxAge = "surface.max_age",
        /// This surface asks at every sign-in, on trusted devices too.
        EverySignIn = "surface.every_sign_in",
        /// The identity provider's word is enough.
        SsoExempt = "sso.exempt",
        /// The identity provider says multi-factor.
        SsoEvidence = "sso.evidence",
        /// The identity provider does not say multi-factor, or said it too long ago.
        SsoEvidenceMissing = "sso.evidence_missing",
        /// The identity provider's word is worth a password.
        SsoAlways = "sso.always",
        /// The browser is trusted.
        TrustedDevice = "trusted_device.accepted",
        /// The browser is trusted, and trust is switched off.
        TrustedDevicesOff = "trusted_device.off",
        /// The browser was trusted more days ago than allowed.
        TrustedDeviceOver = "trusted_device.over",
    }
}

codes! {
    /// The rule that decided: a field of the policy, or what was shown.
    Rule {
        /// What was shown.
        Evidence = "evidence",
        /// `mode`.
        Mode = "mode",
        /// `scope`.
        Scope = "scope",
        /// `grace_until`.
        Grace = "grace_until",
        /// `asked` of the surface.
        Asked = "surfaces.asked",
        /// `max_age` of the surface.
        MaxAge = "surfaces.max_age",
        /// `every_sign_in` of the surface.
        EverySignIn = "surfaces.every_sign_in",
        /// `sso`.
        Sso = "sso",
        /// `trusted_devices`.
        TrustedDevices = "trusted_devices",
    }
}

impl Reason {
    /// The rule it rests on.
    #[must_use]
    pub const fn rule(self) -> Rule {
        match self {
            Self::EvidenceMissing | Self::SecondFactor => Rule::Evidence,
            Self::Enrolled | Self::Off | Self::Optional | Self::Required => Rule::Mode,
            Self::OutOfScope => Rule::Scope,
            Self::Grace => Rule::Grace,
            Self::NotAsked => Rule::Asked,
            Self::MaxAge => Rule::MaxAge,
            Self::EverySignIn => Rule::EverySignIn,
            Self::SsoExempt | Self::SsoEvidence | Self::SsoEvidenceMissing | Self::SsoAlways => Rule::Sso,
            Self::TrustedDevice | Self::TrustedDevicesOff | Self::TrustedDeviceOver => Rule::TrustedDevices,
        }
    }
}

/// Seconds by which an identity provider's clock may be ahead of ours. Its entries are the only
/// ones whose time somebody else wrote.
const PROVIDER_SKEW_SECONDS: u64 = 60;

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
    let mut reasons = vec![if mode == Mode::Required { Reason::Required } else { Reason::Enrolled }];
    reasons.extend(match policy.sso {
        Sso::Always if shown.sso => Some(Reason::SsoAlways),
        Sso::Evidence if shown.sso && shown.by_provider.is_none() => Some(Reason::SsoEvidenceMissing),
        _ => None,
    });
    // A trusted device skips a question; someone without an authenticator has none to skip.
    let trust =
        shown.trusted_since.filter(|_| enrolled).map(|since| trust(policy.trusted_devices, rule, since, now));
    if trust == Some(Reason::TrustedDevice) {
        return Ruling::of(Verdict::Complete, vec![Reason::TrustedDevice]);
    }
    reasons.extend(trust);
    if shown.is_proven() && trust != Some(Reason::MaxAge) {
        reasons.push(Reason::MaxAge);
    }
    Ruling::of(
        if enrolled { Verdict::Challenge } else { Verdict::Enroll { deadline: policy.grace_until } },
        reasons,
    )
}

/// Whether anybody can enroll. Who enrolled keeps it: `off` deletes nothing.
#[must_use]
pub fn enrolling_allowed(policy: &Policy) -> bool {
    policy.mode != Mode::Off
}

/// Whether `person` may be left without an authenticator: by removing the last one, or by turning
/// it all off. Tested again by the commit, as two removals can meet.
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
pub fn trust_days(policy: &Policy, person: &Person<'_>, evidence: &[Evidence], now: UnixTime) -> Option<u8> {
    let by = Shown::of(policy, person, evidence, now).proof.map(|(_, method)| method)?;
    match policy.trusted_devices {
        TrustedDevices::Days(days) if policy.mode != Mode::Off && by != Method::BackupCode => Some(days),
        _ => None,
    }
}

/// What of the evidence still counts.
struct Shown {
    /// Something that a sign-in can begin with, or be: a first factor, or a passkey that verified
    /// its user.
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
        // The set ends with the last authenticator, so codes without one prove nothing.
        let codes = enrolled.backup_codes && !enrolled.authenticators.is_empty();
        let own = evidence.iter().filter(|e| match e.method {
            Method::BackupCode => codes,
            Method::Totp | Method::Passkey => {
                e.authenticator.is_some_and(|id| enrolled.authenticators.contains(&id))
            }
            Method::Password | Method::Sso | Method::TrustedDevice => false,
        });
        let of = |method| evidence.iter().filter(move |e| e.method == method);
        let provider_said = of(Method::Sso).filter(|e| {
            policy.sso == Sso::Evidence
                && is_multi_factor(&e.amr)
                // No session lasts longer, so it was not said in this one.
                && now.since(e.at) <= ABSOLUTE_SECONDS
                && e.at <= now.plus(PROVIDER_SKEW_SECONDS)
        });
        let sso = of(Method::Sso).next().is_some();
        Self {
            first_factor: sso
                || of(Method::Password).next().is_some()
                || own.clone().any(|e| e.method == Method::Passkey && e.user_verified),
            sso,
            // Of equals the last one, which is the order in which they were shown.
            proof: own.max_by_key(|e| e.at).map(|e| (e.at, e.method)),
            by_provider: provider_said.map(|e| e.at).max(),
            trusted_since: of(Method::TrustedDevice).map(|e| e.at).max(),
        }
    }

    /// Whether two factors were shown, however long ago.
    const fn is_proven(&self) -> bool {
        self.proof.is_some() || self.by_provider.is_some()
    }
}

/// Why nothing more is asked of anyone who shows this, if so.
fn enough(policy: &Policy, rule: SurfaceRule, shown: &Shown, now: UnixTime) -> Option<Reason> {
    let recent = |at: UnixTime| rule.max_age.is_none_or(|age| now.since(at) <= age);
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
    let enroll_by = if reason == Reason::Grace { policy.grace_until } else { None };
    Ruling { enroll_by, ..Ruling::of(Verdict::Complete, vec![reason]) }
}

/// What trust that began at `since` is worth here.
fn trust(policy: TrustedDevices, rule: SurfaceRule, since: UnixTime, now: UnixTime) -> Reason {
    let days = match policy {
        TrustedDevices::Off => return Reason::TrustedDevicesOff,
        TrustedDevices::Days(days) => u64::from(days),
    };
    if now.since(since) >= days.saturating_mul(DAY_SECONDS) {
        Reason::TrustedDeviceOver
    } else if rule.every_sign_in {
        Reason::EverySignIn
    } else if rule.max_age.is_some() {
        Reason::MaxAge
    } else {
        Reason::TrustedDevice
    }
}

impl Ruling {
    fn of(verdict: Verdict, reasons: Vec<Reason>) -> Self {
        let rule = reasons.last().map_or(Rule::Evidence, |reason| reason.rule());
        Self { verdict, reasons, rule, enroll_by: None }
    }
}
