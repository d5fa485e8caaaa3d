//! What a decision says: the verdict, and why, in stable codes.

use alloc::vec::Vec;

use serde::{Serialize, Serializer};

use crate::time::UnixTime;

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
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

impl Ruling {
    /// A first factor that was shown with the link of a reset: all factors are replaced.
    #[must_use]
    pub fn of_reset() -> Self {
        Self::of(Verdict::Enroll { deadline: None }, [Reason::Reset].into())
    }

    pub(super) fn of(verdict: Verdict, reasons: Vec<Reason>) -> Self {
        let rule = reasons
            .last()
            .map_or(Rule::Evidence, |reason| reason.rule());
        Self {
            verdict,
            reasons,
            rule,
            enroll_by: None,
        }
    }
}

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $variant:ident = $code:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$about])* $variant,)* }

        impl $name {
            /// All of them.
            #[cfg(feature = "schema")]
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

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
        /// An authenticator is enrolled, and users who enrolled are asked.
        Enrolled = "evidence.enrolled",
        /// Second factors are switched off.
        Off = "policy.off",
        /// Nothing is enrolled, and nothing has to be.
        Optional = "policy.optional",
        /// Nothing is enrolled, and `required` does not bind this user.
        OutOfScope = "policy.out_of_scope",
        /// Nothing is enrolled, and the deadline to enroll is still ahead.
        Grace = "policy.grace",
        /// A second factor is required.
        Required = "policy.required",
        /// No user is asked for a second factor at this surface.
        NotAsked = "surface.not_asked",
        /// The second factor is too old for this surface, or a trusted device says nothing of its age.
        MaxAge = "surface.max_age",
        /// This surface asks at every sign-in, on trusted devices too.
        EverySignIn = "surface.every_sign_in",
        /// A sign-in by the identity provider is enough.
        SsoExempt = "sso.exempt",
        /// The identity provider says multi-factor.
        SsoEvidence = "sso.evidence",
        /// The identity provider does not say multi-factor, or said it too long ago.
        SsoEvidenceMissing = "sso.evidence_missing",
        /// A sign-in by the identity provider counts as much as a password.
        SsoAlways = "sso.always",
        /// The browser is trusted.
        TrustedDevice = "trusted_device.accepted",
        /// The browser is trusted, and trust is switched off.
        TrustedDevicesOff = "trusted_device.off",
        /// The browser was trusted more days ago than allowed.
        TrustedDeviceOver = "trusted_device.over",
        /// A mailed link lets the user replace all factors.
        Reset = "reset.link",
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
            Self::SsoExempt | Self::SsoEvidence | Self::SsoEvidenceMissing | Self::SsoAlways => {
                Rule::Sso
            }
            Self::Reset => Rule::Evidence,
            Self::TrustedDevice | Self::TrustedDevicesOff | Self::TrustedDeviceOver => {
                Rule::TrustedDevices
            }
        }
    }
}
