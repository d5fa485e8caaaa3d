//! Passkey ceremonies: what is sealed between the options and the response, and what an assertion
//! proves.
//!
//! Leaves the checks of the standard to [`crate::passkeys`] and the arithmetic to the platform.

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use super::{Challenge, Delivery, NotAChallenge, Purpose};
use crate::{
    decision::{Attempt, Finding},
    evidence::{Evidence, Method},
    ids::{ChallengeId, OrganizationId, SessionId, UserId},
    names::Surface,
    passkeys::{
        AuthenticationResponseJSON, CeremonyNonce, Refused, RelyingParty, Unverified,
        UserVerificationRequirement,
        authentication::{self, Account, Assertion, Ceremony},
    },
    policy::{Policy, SignCountRegression},
    refusal::Hint,
    sealing::{self, CannotSeal, Form, Keys, NONCE_BYTES},
    throttle::{Lane, ThrottleKey},
    time::UnixTime,
    users::User,
};

/// Answers to an enrollment, of an app or of a passkey, before it ends.
pub const ENROLLMENT_TRIES: u32 = 10;

/// Seconds between the options and the response (WebAuthn L3 section 15.1).
pub const CEREMONY_SECONDS: u64 = 300;

/// A sign-in by passkey alone. The user is not known before the response.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PasskeySignIn {
    /// Its random id, marked when it is spent.
    pub id: ChallengeId,
    /// What the passkey signs.
    pub nonce: CeremonyNonce,
    /// What the person signs in to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub surface: Option<Surface>,
    /// How the session travels.
    #[serde(default)]
    pub delivery: Delivery,
    /// When it was opened.
    pub opened_at: UnixTime,
    /// The first second in which it is over.
    pub expires_at: UnixTime,
}

/// A new passkey of a session's user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PasskeyEnrollment {
    /// Its random id, marked when it is spent.
    pub id: ChallengeId,
    /// What the attestation is about.
    pub nonce: CeremonyNonce,
    /// The organization of the user.
    pub organization: OrganizationId,
    /// The user who gets the passkey.
    pub user: UserId,
    /// The session that may confirm it.
    pub session: SessionId,
    /// The first second in which it is over.
    pub expires_at: UnixTime,
}

impl PasskeySignIn {
    const FORM: Form = Form {
        prefix: "pc_pk_",
        purpose: sealing::Purpose::PasskeySignIn,
    };

    /// Seals it.
    ///
    /// # Errors
    /// As [`Keys::seal`].
    pub fn seal(&self, keys: &Keys, nonce: [u8; NONCE_BYTES]) -> Result<String, CannotSeal> {
        Self::FORM.seal(keys, nonce, self)
    }

    /// Opens a token. Whether it is over is for the caller.
    ///
    /// # Errors
    /// [`NotAChallenge`] for everything that [`PasskeySignIn::seal`] did not make.
    pub fn open(keys: &Keys, token: &str) -> Result<Self, NotAChallenge> {
        Self::FORM.open(keys, token).ok_or(NotAChallenge)
    }

    /// Whether its time is over.
    #[must_use]
    pub const fn is_over(&self, now: UnixTime) -> bool {
        is_over(self.expires_at, now)
    }
}

impl PasskeyEnrollment {
    const FORM: Form = Form {
        prefix: "pe_pk_",
        purpose: sealing::Purpose::PasskeyEnrollment,
    };

    /// Seals it.
    ///
    /// # Errors
    /// As [`Keys::seal`].
    pub fn seal(&self, keys: &Keys, nonce: [u8; NONCE_BYTES]) -> Result<String, CannotSeal> {
        Self::FORM.seal(keys, nonce, self)
    }

    /// Opens a token. Whether it is over, and whose it is, is for the caller.
    ///
    /// # Errors
    /// [`NotAChallenge`] for everything that [`PasskeyEnrollment::seal`] did not make.
    pub fn open(keys: &Keys, token: &str) -> Result<Self, NotAChallenge> {
        Self::FORM.open(keys, token).ok_or(NotAChallenge)
    }

    /// Whether its time is over.
    #[must_use]
    pub const fn is_over(&self, now: UnixTime) -> bool {
        is_over(self.expires_at, now)
    }
}

/// A ceremony that would last longer than [`CEREMONY_SECONDS`] was begun by a clock that was ahead.
const fn is_over(expires_at: UnixTime, now: UnixTime) -> bool {
    now.0 >= expires_at.0 || expires_at.is_ahead_of(now.plus(CEREMONY_SECONDS))
}

impl Purpose {
    /// A passkey is the only evidence of a step-up, so it must verify its user; at a sign-in
    /// another factor was shown before it.
    #[must_use]
    pub const fn user_verification(self) -> UserVerificationRequirement {
        match self {
            Self::SignIn => UserVerificationRequirement::Preferred,
            Self::StepUp => UserVerificationRequirement::Required,
        }
    }
}

impl Challenge {
    /// The ceremony that a passkey may answer until [`CEREMONY_SECONDS`] after the opening.
    #[must_use]
    pub fn ceremony(&self) -> Option<Ceremony<'_>> {
        Some(Ceremony {
            nonce: &self.nonce.as_ref()?.0,
            user: authentication::User::Identified,
            user_verification: self.purpose.user_verification(),
        })
    }
}

impl PasskeySignIn {
    /// The ceremony: the passkey names its user and must verify them.
    #[must_use]
    pub const fn ceremony(&self) -> Ceremony<'_> {
        Ceremony {
            nonce: &self.nonce.0,
            user: authentication::User::Discoverable,
            user_verification: UserVerificationRequirement::Required,
        }
    }
}

/// Checks a response with what `user` has, up to the signature.
///
/// # Errors
/// The first check that did not hold.
pub fn assertion(
    rp: &RelyingParty<'_>,
    ceremony: &Ceremony<'_>,
    user: &User,
    response: &AuthenticationResponseJSON,
) -> Result<Unverified<Assertion>, Refused> {
    let credentials: Vec<_> = user.passkeys().map(|(_, record)| record).collect();
    let account = Account {
        user_handle: &user.user_handle(),
        credentials: &credentials,
    };
    authentication::verify(rp, ceremony, &account, response)
}

/// What came of an assertion, for the commit. `another_factor`: something else was shown before.
///
/// Only an assertion that does not hold is counted by a throttle, which keeps the audit trail from
/// being filled. A right one is always looked at, so that wrong ones cannot lock the owner out.
#[must_use]
pub fn asserted(
    assertion: Result<Assertion, Refused>,
    user: &User,
    policy: &Policy,
    another_factor: bool,
    lane: Lane,
    now: UnixTime,
) -> Attempt {
    let attempt = Attempt {
        method: Some(Method::Passkey),
        cost: 1,
        finding: Finding::Wrong,
        evidence: Some(Evidence::new(Method::Passkey, now)),
        ..Attempt::none()
    };
    let found = assertion.and_then(|assertion| {
        let found = user
            .passkeys()
            .find(|(_, record)| record.id == assertion.credential_id);
        let (id, _) = found.ok_or(Refused::UnknownCredential)?;
        Ok((id, assertion))
    });
    match found {
        Err(refused) => Attempt {
            throttle: Some(ThrottleKey {
                method: Method::Passkey,
                lane,
            }),
            flaw: Some(refused.code()),
            // Without another factor the answer is the same as for an unknown passkey.
            hint: (another_factor && refused == Refused::BackupEligibility)
                .then_some(Hint::PasskeyChanged),
            ..attempt
        },
        Ok((id, assertion)) => Attempt {
            finding: Finding::Assertion {
                authenticator: id,
                sign_count: assertion.sign_count,
                backup_state: assertion.backup_state,
                uv_initialized: assertion.user_verified && another_factor,
                refuse_regression: policy.sign_count_regression == SignCountRegression::Refuse,
            },
            evidence: Some(Evidence {
                user_verified: assertion.user_verified,
                synced: assertion.backup_state,
                ..Evidence::of(Method::Passkey, id, now)
            }),
            ..attempt
        },
    }
}
