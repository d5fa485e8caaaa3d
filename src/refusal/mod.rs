//! Refusals: the request was understood, and the answer is no. They are data and not an early
//! return, because most of them are recorded.
//!
//! Faults, which are failures of our own, are for the Worker: a rule does not fail.

mod conflict;

use alloc::{borrow::Cow, string::ToString as _};
use core::fmt;

use crate::{
    ids::{AuthenticatorId, NotAnId},
    names::BadName,
    throttle::Closed,
    time::UnixTime,
    totp::TimeStep,
};

pub use conflict::Conflict;

/// Why the answer is no. The caller is told [`Refusal::code`]; the audit event may say more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The code would be compared with more secrets than the user has wrong proofs left, so the
    /// request must name the authenticator. Nothing was compared and nothing is counted.
    AuthenticatorRequired,
    /// The stored state does not allow it: nothing to confirm, over a cap, or another request was
    /// first.
    Conflict(Conflict),
    /// A request from another site.
    CrossOrigin,
    /// Too many wrong proofs in a row: off until another factor is shown, or until a reset.
    Disabled,
    /// Nothing enrolled, and the policy requires it.
    EnrollmentRequired,
    /// An authentic token of the caller's own that is past its time, spent or superseded.
    Expired,
    /// The caller is known and not allowed to do this.
    Forbidden,
    /// The request could not be parsed; names the field that does not fit, where there is one.
    Malformed(Malformed),
    /// Another method exists at this path.
    MethodNotAllowed,
    /// Any proof that does not hold: wrong, used, foreign, forged, unknown.
    NotAccepted,
    /// As [`Refusal::NotAccepted`], with a hint for a user who showed another factor before.
    NotAcceptedBecause(Hint),
    /// It does not exist, or belongs to another user or organization.
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
    /// No session, or one that is at another stage of the sign-in.
    Unauthenticated,
    /// The body is not JSON.
    UnsupportedMediaType,
}

/// Why a proof does not hold, told to a user who showed another factor before. The proof is refused
/// and counted like any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// A code of this app from earlier in the last hour: its clock is behind. Told only if `step`
    /// is newer than the last one accepted, because otherwise it would reveal which codes were
    /// used.
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

/// What could not be parsed and what was expected, for a developer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The field that does not fit, as the request names it.
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
    /// The same, about `field`.
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
    /// No thing of this kind has an id of another kind.
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

    /// The refusal of an attempt that the throttle stops; `too_costly` where it would try too many
    /// secrets.
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
