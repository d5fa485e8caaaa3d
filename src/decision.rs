//! What a decision hands to its commit: the provisos under which it holds, and what came of it.
//!
//! The rules propose (the step that matched, the cost, the look-up); the settlement's first
//! statement tests each proviso again and can only refuse. Which rows change after that is for the
//! Worker.

use alloc::string::String;

use crate::{
    evidence::{Evidence, Method},
    ids::{
        AuthenticatorId, ChallengeId, EnrollmentId, OrganizationId, SessionId, TrustedDeviceId,
        UserId,
    },
    passwords::Verifier,
    refusal::{Conflict, Hint, Refusal},
    throttle::ThrottleKey,
    time::UnixTime,
    totp::TimeStep,
};

/// The conditions of a decision. The database tests all of them in the statement that records it.
#[derive(Debug)]
pub struct Provisos {
    /// The organization of the user.
    pub organization: OrganizationId,
    /// The user that the decision is about.
    pub user: UserId,
    /// The version of the user on which the decision rests: it must still be the current one.
    pub user_version: u64,
    /// The version of the policy on which the decision rests: it must still be the current one.
    pub policy_version: u64,
    /// The proof that was checked.
    pub attempt: Attempt,
    /// The challenge is not spent; acceptance spends it.
    pub challenge: Option<Spend>,
    /// The session, whose token must still be the one that the request presented.
    pub session: Option<Holder>,
    /// The trusted device presented. Its token never refuses the attempt; what became of the device
    /// is recorded beside the outcome.
    pub device: Option<Holder<TrustedDeviceId>>,
    /// How many people of the organization have an authenticator, where the decision depends on
    /// that number.
    pub enrolled: Option<u64>,
}

/// A challenge to be spent.
#[derive(Clone, Debug)]
pub struct Spend {
    /// Its id.
    pub id: ChallengeId,
    /// Until when the mark must be kept.
    pub expires_at: UnixTime,
    /// How many wrong answers it takes, where no throttle counts them: the last one spends it too.
    pub tries: Option<u32>,
}

/// A row and the hash of the token that was presented for it.
#[derive(Clone, Debug)]
pub struct Holder<Id = SessionId> {
    /// The row.
    pub id: Id,
    /// SHA-256 of the token's secret.
    pub token_hash: String,
}

/// One proof, checked against what was loaded. Whether that is still current is for the database.
///
/// It goes into one commit and cannot be cloned: when what was loaded is out of date, the proof is
/// checked again and makes a new attempt.
#[derive(Debug)]
pub struct Attempt {
    /// Which throttle counts it, and in which lane; `None` for proofs that cannot be guessed.
    pub throttle: Option<ThrottleKey>,
    /// How it was shown.
    pub method: Option<Method>,
    /// Secrets it was compared with: what it costs when it is wrong.
    pub cost: u32,
    /// What the check found.
    pub finding: Finding,
    /// What a session gains when it is accepted.
    pub evidence: Option<Evidence>,
    /// Why it does not hold, where that is worth recording: a stable code.
    pub flaw: Option<&'static str>,
    /// Why it does not hold, where the user may be told.
    pub hint: Option<Hint>,
    /// What to keep under the writing root key, if it is accepted.
    pub rekey: Option<Rekey>,
}

/// What is to be stored again, because it was made under a root key that is not the writing key.
#[derive(Clone, Debug)]
pub enum Rekey {
    /// The secret of an authenticator app.
    TotpSecret {
        /// Whose secret it is.
        authenticator: AuthenticatorId,
        /// The secret as sealed.
        sealed: String,
    },
    /// A password.
    Password {
        /// Its verifier.
        from: Verifier,
        /// The same under the writing key.
        to: Verifier,
    },
}

/// What checking a proof found, and what of it the database must confirm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Nothing was to be shown: a change that only needs its session.
    Nothing,
    /// It does not hold.
    Wrong,
    /// It holds, and nothing can spend it.
    Holds,
    /// A code of this step: good if the step is newer than the last one accepted.
    Step {
        /// Whose code it is.
        authenticator: AuthenticatorId,
        /// The step matched.
        step: TimeStep,
    },
    /// A backup code: good if it is in the set and unused.
    LookUp(String),
    /// A code of an enrollment: good if that is still the pending one. `step` is `None` for a
    /// wrong code, which uses up one of its tries; the last one ends it.
    Enrollment {
        /// The pending enrollment.
        id: EnrollmentId,
        /// The step matched.
        step: Option<TimeStep>,
    },
    /// A passkey's assertion whose signature holds: good if the passkey is still there.
    Assertion {
        /// Whose assertion it is.
        authenticator: AuthenticatorId,
        /// The highest sign count seen, this one included.
        sign_count: u32,
        /// Whether the passkey is synced now.
        backup_state: bool,
        /// Whether it may vouch for its user from now on (WebAuthn L3 §7.2 step 24).
        uv_initialized: bool,
        /// Whether a count that went back is refused.
        refuse_regression: bool,
    },
    /// A new passkey whose key can be used: good if no user has one with its id.
    Registration {
        /// The credential id, base64url.
        credential: String,
    },
}

/// What the settlement recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every proviso held.
    Accepted,
    /// Not accepted: the passkey's sign count went back, and the policy says no to that.
    CountRegressed,
    /// Over a cap.
    Full,
    /// The enrollment is not pending any more.
    Gone,
    /// Another number of people is enrolled.
    Miscounted,
    /// Accepted, though the passkey's sign count did not go up (WebAuthn L3 section 6.1.1).
    PossibleClone,
    /// The time step was accepted before.
    Replayed,
    /// The session ended meanwhile.
    SignedOut,
    /// Another user has this passkey, or this one has it already.
    Taken,
    /// The backup code was used before.
    Used,
    /// It does not hold.
    Wrong,
}

impl Outcome {
    /// Reads the word in the database.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        Some(match text {
            "accepted" => Self::Accepted,
            "count_regressed" => Self::CountRegressed,
            "full" => Self::Full,
            "gone" => Self::Gone,
            "miscounted" => Self::Miscounted,
            "possible_clone" => Self::PossibleClone,
            "replayed" => Self::Replayed,
            "signed_out" => Self::SignedOut,
            "taken" => Self::Taken,
            "used" => Self::Used,
            "wrong" => Self::Wrong,
            _ => return None,
        })
    }

    /// Whether it was accepted; if not, what the caller is told: less than what is recorded, so that an
    /// answer does not help with guessing.
    ///
    /// # Errors
    /// Every outcome but [`Outcome::Accepted`] and [`Outcome::PossibleClone`].
    pub const fn accepted_or_refused(self) -> Result<(), Refusal> {
        Err(match self {
            Self::Accepted | Self::PossibleClone => return Ok(()),
            Self::Full => Refusal::Conflict(Conflict::Full),
            Self::Gone => Refusal::Conflict(Conflict::EnrollmentOver),
            Self::Miscounted => Refusal::Conflict(Conflict::Miscounted),
            Self::SignedOut => Refusal::Unauthenticated,
            Self::Taken => Refusal::Conflict(Conflict::PasskeyTaken),
            Self::CountRegressed | Self::Replayed | Self::Used | Self::Wrong => {
                Refusal::NotAccepted
            }
        })
    }
}

impl Attempt {
    /// A change that needs no proof of its own.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            throttle: None,
            method: None,
            cost: 0,
            finding: Finding::Nothing,
            evidence: None,
            flaw: None,
            hint: None,
            rekey: None,
        }
    }
}
