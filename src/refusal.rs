//! Our no: understood, and the answer is no. Data, not an early return, because most are recorded.
//!
//! Leaves our own failures (faults) to the Worker: a fault has no place in a rule.

use alloc::{borrow::Cow, string::ToString as _};
use core::fmt;

use crate::{
    ids::{AuthenticatorId, NotAnId},
    names::BadName,
    throttle::Closed,
    time::UnixTime,
    totp::TimeStep,
};

/// Why not. What the person hears is [`Refusal::code`]; what is recorded may be finer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// More secrets would be tried than wrong proofs are left: the authenticator is to be named.
    /// No attempt, so nothing is counted.
    AuthenticatorRequired,
    /// State says no: nothing to confirm, over a cap, somebody else was first.
    Conflict(&'static str),
    /// A request from another site.
    CrossOrigin,
    /// Too many wrong proofs in a row: off until another factor is shown, or until a reset.
    Disabled,
    /// Nothing enrolled, and the policy requires it.
    EnrollmentRequired,
    /// Authentic, one's own, and over: past its time, spent or superseded.
    Expired,
    /// Known, not allowed.
    Forbidden,
    /// Could not be parsed; names the field where one is to blame.
    Malformed(Malformed),
    /// Another method exists at this path.
    MethodNotAllowed,
    /// Any proof that does not hold: wrong, used, foreign, forged, unknown.
    NotAccepted,
    /// As [`Refusal::NotAccepted`], and why, for a person who showed another factor before.
    NotAcceptedBecause(Hint),
    /// Missing, or somebody else's.
    NotFound,
    /// The organization's policy says no.
    PolicyForbids,
    /// A fresh proof is needed first.
    StepUpRequired,
    /// Too many wrong proofs; `until` is when the next one is read.
    Throttled {
        /// When the next attempt is looked at.
        until: UnixTime,
    },
    /// The body is larger than the route reads.
    TooLarge,
    /// No session, or one of the wrong stage.
    Unauthenticated,
    /// The body is not JSON.
    UnsupportedMediaType,
}

/// Why a proof does not hold, for a person who showed another factor before. It is refused and
/// counted like any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// A code of this app from earlier in the last hour: its clock is behind. Told only if `step` is
    /// newer than the last one accepted, or it would say which codes have been used.
    ClockBehind {
        /// Whose code it is.
        authenticator: AuthenticatorId,
        /// The step matched.
        step: TimeStep,
        /// How far behind, rounded.
        minutes: u64,
    },
    /// A passkey that was registered as one that can be synced and now says that it cannot, or the
    /// reverse: it was replaced, or its provider changed what it is.
    PasskeyChanged,
}

/// What could not be parsed, and why, in words for a developer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The field to blame, as in the request.
    pub field: Option<Cow<'static, str>>,
    /// What was expected.
    pub detail: Cow<'static, str>,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(field) = &self.field {
            f.write_str(field)?;
            f.write_str(": ")?;
        }
        f.write_str(&self.detail)
    }
}

impl core::error::Error for Malformed {}

impl Malformed {
    /// The same, with `field` to blame.
    #[must_use]
    pub fn about(self, field: &'static str) -> Self {
        Self {
            field: Some(Cow::Borrowed(field)),
            ..self
        }
    }
}

impl From<BadName> for Refusal {
    fn from(BadName(rule): BadName) -> Self {
        Self::Malformed(Malformed {
            field: None,
            detail: rule.into(),
        })
    }
}

impl From<NotAnId> for Refusal {
    /// An id of another kind names nothing of this one.
    fn from(why: NotAnId) -> Self {
        match why {
            NotAnId::OtherKind => Self::NotFound,
            NotAnId::Malformed => Self::Malformed(Malformed {
                field: None,
                detail: why.to_string().into(),
            }),
        }
    }
}

impl Refusal {
    /// A field that does not hold what it must.
    #[must_use]
    pub const fn malformed(field: &'static str, detail: &'static str) -> Self {
        Self::Malformed(Malformed {
            field: Some(Cow::Borrowed(field)),
            detail: Cow::Borrowed(detail),
        })
    }

    /// What a closed gate answers; `too_costly` where the attempt tries too many secrets.
    #[must_use]
    pub fn closed(closed: Closed, too_costly: Self) -> Self {
        match closed {
            Closed::Until(until) => Self::Throttled { until },
            Closed::Disabled => Self::Disabled,
            Closed::TooCostly => too_costly,
        }
    }

    /// The stable code of the problem document.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::AuthenticatorRequired => "authenticator_required",
            Self::Conflict(_) => "conflict",
            Self::CrossOrigin => "cross_origin",
            Self::EnrollmentRequired => "enrollment_required",
            Self::Expired => "expired",
            Self::Forbidden => "forbidden",
            Self::Malformed(_) => "malformed",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::NotAccepted | Self::NotAcceptedBecause(_) => "not_accepted",
            Self::NotFound => "not_found",
            Self::PolicyForbids => "policy_forbids",
            Self::StepUpRequired => "step_up_required",
            Self::Disabled | Self::Throttled { .. } => "throttled",
            Self::TooLarge => "too_large",
            Self::Unauthenticated => "unauthenticated",
            Self::UnsupportedMediaType => "unsupported_media_type",
        }
    }
}
