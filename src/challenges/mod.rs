//! The open request for a second factor, as a sealed token, and what answering it proves.
//!
//! The one module that knows every factor. A challenge is not stored: the token holds all of it, it
//! ends when the user version moves, and D1 has a mark only once it is spent. The ceremonies of
//! passkeys that have no challenge of their own are sealed in the same way.

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{
    backup_codes::BackupCode,
    evidence::{Evidence, Method},
    ids::{AuthenticatorId, ChallengeId, OrganizationId, SessionId, TrustedDeviceId, UserId},
    names::{ExternalId, Surface},
    passkeys::CeremonyNonce,
    passwords::Password,
    sealing::{self, CannotSeal, Form, Keys, NONCE_BYTES},
    throttle::{Lane, ThrottleKey},
    time::UnixTime,
    totp::TotpCode,
    users::User,
};

mod apps;
mod ceremonies;
mod check;
#[cfg(test)]
mod tests;

pub use apps::{check_form, code_lengths, cost};
pub use ceremonies::{
    CEREMONY_SECONDS, ENROLLMENT_TRIES, PasskeyEnrollment, PasskeySignIn, asserted, assertion,
};
pub use check::check;

/// Seconds a challenge can be answered.
pub const LIFE_SECONDS: u64 = 600;

/// What a challenge is for. Part of the token's first letters and of its seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Purpose {
    /// The second factor of a sign-in.
    SignIn,
    /// A fresh proof before a security change.
    StepUp,
}

impl Purpose {
    const ALL: [Self; 2] = [Self::SignIn, Self::StepUp];

    const fn form(self) -> Form {
        match self {
            Self::SignIn => Form {
                prefix: "pc_in_",
                purpose: sealing::Purpose::SignInChallenge,
            },
            Self::StepUp => Form {
                prefix: "pc_up_",
                purpose: sealing::Purpose::StepUpChallenge,
            },
        }
    }
}

/// How the session of a finished sign-in travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Delivery {
    /// As a cookie that scripts cannot read.
    #[default]
    Cookie,
    /// In the body, for applications.
    Bearer,
}

/// A challenge, opened.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Challenge {
    /// Its random id, marked when it is spent.
    pub id: ChallengeId,
    /// What it is for.
    pub purpose: Purpose,
    /// The organization of the user.
    pub organization: OrganizationId,
    /// The user who is to answer.
    pub user: UserId,
    /// What the person signs in to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub surface: Option<Surface>,
    /// What was shown before it was opened.
    pub evidence: Vec<Evidence>,
    /// The user version at its opening: it ends when the version moves.
    pub user_version: u64,
    /// Set when it was opened from a copy of the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copied: Option<Copied>,
    /// The session of a step-up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// What a passkey of the user may sign; `None` when there is no passkey to ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<CeremonyNonce>,
    /// The trusted browser in whose lane wrong answers count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lane: Option<TrustedDeviceId>,
    /// How the session travels.
    #[serde(default)]
    pub delivery: Delivery,
    /// When it was opened.
    pub opened_at: UnixTime,
    /// The first second in which it is over.
    pub expires_at: UnixTime,
}

/// How a challenge was opened by a copy, which may have been late: its user version may be an
/// old one, and its user gone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Copied {
    /// Milliseconds since 1970 at which it was opened.
    pub at_ms: u64,
    /// The user that the application named.
    pub name: ExternalId,
}

/// Not a challenge of ours: forged, damaged, edited, or of another deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAChallenge;

impl Challenge {
    /// The lane in which wrong answers count.
    #[must_use]
    pub fn lane(&self) -> Lane {
        Lane::of_device(self.lane)
    }

    /// Seals the challenge; at most 1 KB for every sensible list of evidence.
    ///
    /// # Errors
    /// As [`Keys::seal`].
    pub fn seal(&self, keys: &Keys, nonce: [u8; NONCE_BYTES]) -> Result<String, CannotSeal> {
        self.purpose.form().seal(keys, nonce, self)
    }

    /// Opens a token. Whether it is over is for the caller: an expired one is authentic.
    ///
    /// # Errors
    /// [`NotAChallenge`] for everything that [`Challenge::seal`] did not make.
    pub fn open(keys: &Keys, token: &str) -> Result<Self, NotAChallenge> {
        Purpose::ALL
            .into_iter()
            .find_map(|purpose| purpose.form().open(keys, token))
            .ok_or(NotAChallenge)
    }

    /// Whether `user`, as in D1, is the one who is to answer.
    ///
    /// A change of the user ends the challenges that were opened before it. A challenge that a late
    /// copy opened after the change names an older version, or a deleted user whose name another
    /// user has now; then the moments decide. A version is never less than the millisecond of its
    /// change by the database's clock, whichever instance made the change, so a challenge opened
    /// later than that is good.
    ///
    /// The moment of the opening is told by the instance that opened it. Where its clock is behind,
    /// a challenge that would be good is over. A moment in the future, told by a clock that is
    /// ahead, is not good until it has come; from then on the challenge would outlive a change that
    /// was made within as many seconds after the opening as the clock was ahead.
    #[must_use]
    pub fn asks(&self, user: &User, now_ms: u64) -> bool {
        let as_named = user.id == self.user && user.version == self.user_version;
        let opened_since = |copied: &Copied| {
            copied.name == user.external_id && user.version < copied.at_ms && copied.at_ms <= now_ms
        };
        as_named || self.copied.as_ref().is_some_and(opened_since)
    }

    /// Whether its time is over.
    #[must_use]
    pub fn is_over(&self, now: UnixTime) -> bool {
        now >= self.expires_at || self.opened_at.is_ahead_of(now)
    }
}

/// A secret as presented, parsed.
#[derive(Clone, Debug)]
pub enum Presented {
    /// The built-in first factor.
    Password(Password),
    /// A one-time passcode, and whose it is said to be.
    Totp {
        /// The code.
        code: TotpCode,
        /// The authenticator named; all are tried when none is.
        authenticator: Option<AuthenticatorId>,
    },
    /// A backup code.
    BackupCode(BackupCode),
}

/// Methods of a second factor that `user` has, best first.
#[must_use]
pub fn methods(user: &User) -> Vec<Method> {
    let has = [
        (Method::Passkey, user.passkeys().next().is_some()),
        (Method::Totp, user.totps().next().is_some()),
        (
            Method::BackupCode,
            user.backup_codes.as_ref().is_some_and(|codes| codes.left)
                && !user.authenticators.is_empty(),
        ),
    ];
    has.into_iter()
        .filter_map(|(method, has)| has.then_some(method))
        .collect()
}

/// Those that can answer a challenge in `lane`: not disabled there.
#[must_use]
pub fn offered(user: &User, lane: Lane) -> Vec<Method> {
    let mut methods = methods(user);
    methods.retain(|method| {
        let method = *method;
        !user.is_disabled(ThrottleKey { method, lane })
    });
    methods
}
