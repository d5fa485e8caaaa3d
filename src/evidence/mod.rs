//! What was shown and when, and what it adds up to.
//!
//! A session holds a list of [`Evidence`]; nothing else raises it. There is no flag "MFA done":
//! [`Assurance`] is computed each time from the list and from what is enrolled now, so evidence
//! stops counting when its authenticator is removed. Of a removed passkey that verified its user,
//! only this stays: the sign-in began with it. Whether it is *enough* is for [`crate::policy`].

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{ids::AuthenticatorId, time::UnixTime};

mod grounds;
#[cfg(test)]
mod tests;

pub use grounds::Ground;

/// Seconds for which a proof counts as a step-up.
pub const FRESH_SECONDS: u64 = 300;

/// A way to prove who the user is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Method {
    /// A memorized secret, checked here or by the application.
    Password,
    /// An identity provider's assertion, checked by the application.
    Sso,
    /// A one-time passcode of a TOTP authenticator (RFC 6238).
    Totp,
    /// A single-use look-up secret (SP 800-63B-4 section 3.1.2).
    BackupCode,
    /// A WebAuthn assertion.
    Passkey,
    /// A browser trusted earlier: it skips the second factor and is no proof.
    TrustedDevice,
}

impl Method {
    /// The word in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Sso => "sso",
            Self::Totp => "totp",
            Self::BackupCode => "backup_code",
            Self::Passkey => "passkey",
            Self::TrustedDevice => "trusted_device",
        }
    }
}

/// One thing that was shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// How it was shown.
    pub method: Method,
    /// When it was accepted, by our clock.
    pub at: UnixTime,
    /// Which authenticator made it; `None` for methods without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authenticator: Option<AuthenticatorId>,
    /// A passkey's user verification flag, as inspected (SP 800-63B-4 Appendix B.3).
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub user_verified: bool,
    /// Whether a passkey is synced (WebAuthn backup state).
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub synced: bool,
    /// What the identity provider said (`amr`, RFC 8176), for SSO.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
}

impl Evidence {
    /// Evidence by a method that has no authenticator.
    #[must_use]
    pub const fn new(method: Method, at: UnixTime) -> Self {
        Self {
            method,
            at,
            authenticator: None,
            user_verified: false,
            synced: false,
            amr: Vec::new(),
        }
    }

    /// Evidence by an authenticator.
    #[must_use]
    pub fn of(method: Method, authenticator: AuthenticatorId, at: UnixTime) -> Self {
        Self {
            authenticator: Some(authenticator),
            ..Self::new(method, at)
        }
    }

    /// Whether a sign-in can begin with it, or consist of it. A session that removes the passkey it
    /// was opened with goes on, and is asked for another factor.
    #[must_use]
    pub const fn is_first_factor(&self) -> bool {
        match self.method {
            Method::Password | Method::Sso => true,
            Method::Passkey => self.user_verified,
            Method::Totp | Method::BackupCode | Method::TrustedDevice => false,
        }
    }
}

/// Authenticator assurance level (SP 800-63B-4 section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Aal {
    /// One factor.
    Aal1,
    /// Two factors, or one passkey with user verification.
    Aal2,
}

/// What is enrolled now: decides which evidence still counts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Enrolled<'a> {
    /// Confirmed authenticators.
    pub authenticators: &'a [AuthenticatorId],
    /// Whether a set of backup codes is alive.
    pub backup_codes: bool,
}

impl Enrolled<'_> {
    fn counts(&self, evidence: &Evidence) -> bool {
        match evidence.method {
            Method::Password | Method::Sso | Method::TrustedDevice => true,
            Method::BackupCode => self.backup_codes,
            Method::Totp | Method::Passkey => evidence
                .authenticator
                .is_some_and(|id| self.authenticators.contains(&id)),
        }
    }
}

/// What a list of evidence adds up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assurance {
    /// The level reached.
    pub aal: Aal,
    /// The latest second factor was a backup code: fewer rights until a real one is shown.
    pub restricted: bool,
    /// The second factor was skipped on a trusted device.
    pub trusted_device: bool,
    /// Authentication method references (RFC 8176).
    pub amr: Vec<String>,
    /// When the person last showed something (`auth_time`); zero when nothing counts.
    pub auth_time: UnixTime,
    /// Until when security changes are allowed without showing anything again.
    pub fresh_until: Option<UnixTime>,
}

impl Assurance {
    /// Adds up `evidence`, in the order in which it was shown, against what is `enrolled` at `now`.
    /// `sso_evidence`: an identity provider's `amr` may prove two factors by itself (policy
    /// `evidence`).
    ///
    /// What came last is told by the order and not by the moments, which are those of several
    /// clocks. A moment in the future, told by a clock that is ahead, says nothing of when, and does
    /// not hide when something else was shown.
    #[must_use]
    pub fn of(
        evidence: &[Evidence],
        enrolled: Enrolled<'_>,
        sso_evidence: bool,
        now: UnixTime,
    ) -> Self {
        let counted = || evidence.iter().filter(|e| enrolled.counts(e));
        let begun = || evidence.iter().filter(|e| e.is_first_factor());
        let told = |e: &Evidence| Some(e.at).filter(|at| !at.is_ahead_of(now));
        let rests_on = counted().rfind(|e| is_second_factor(e)).map(|e| e.method);
        let two = Ground::of(evidence)
            .into_iter()
            .any(|ground| ground.makes_aal2(enrolled, sso_evidence));

        // A step-up by passkey must verify the user; without an authenticator
        // the first factor is all there is to show.
        let proves_presence =
            |e: &&Evidence| is_second_factor(e) && (e.method != Method::Passkey || e.user_verified);
        let presence = if enrolled.authenticators.is_empty() {
            begun().filter_map(told).max()
        } else {
            counted().filter(proves_presence).filter_map(told).max()
        };
        let shown = counted().filter(|e| e.method != Method::TrustedDevice);
        Self {
            aal: if two { Aal::Aal2 } else { Aal::Aal1 },
            restricted: two && rests_on == Some(Method::BackupCode),
            trusted_device: !two && counted().any(|e| e.method == Method::TrustedDevice),
            amr: references(evidence, enrolled, two),
            auth_time: shown
                .chain(begun())
                .filter_map(told)
                .max()
                .unwrap_or_default(),
            fresh_until: presence.map(|at| at.plus(FRESH_SECONDS)),
        }
    }

    /// Whether a security change is allowed at `now`.
    #[must_use]
    pub fn is_fresh(&self, now: UnixTime) -> bool {
        self.fresh_until
            .is_some_and(|until| is_fresh_until(until, now))
    }
}

/// Whether what was shown is fresh at `now`, where it is `until` that moment. What is fresh for
/// longer than [`FRESH_SECONDS`] was shown by a clock that was ahead, and is not.
#[must_use]
pub const fn is_fresh_until(until: UnixTime, now: UnixTime) -> bool {
    now.0 <= until.0 && !until.is_ahead_of(now.plus(FRESH_SECONDS))
}

const fn is_second_factor(evidence: &Evidence) -> bool {
    matches!(
        evidence.method,
        Method::Totp | Method::BackupCode | Method::Passkey
    )
}

/// Whether an identity provider's `amr` (RFC 8176 section 2) says two factors: `mfa`, or something
/// one has together with something one knows or is.
#[must_use]
pub fn is_multi_factor(amr: &[String]) -> bool {
    let any = |values: &[&str]| amr.iter().any(|value| values.contains(&value.as_str()));
    any(&["mfa"])
        || (any(&["otp", "hwk", "swk", "sc", "pop"])
            && any(&["pwd", "pin", "fpt", "face", "iris", "retina", "vbm"]))
}

/// RFC 8176 references of what was shown, each once, in the order shown, `mfa` last.
fn references(evidence: &[Evidence], enrolled: Enrolled<'_>, two: bool) -> Vec<String> {
    let mut references: Vec<String> = Vec::new();
    let mut add = |value: &str| {
        if !references.iter().any(|known| known == value) {
            references.push(value.into());
        }
    };
    for evidence in evidence {
        match evidence.method {
            Method::Password => add("pwd"),
            Method::Sso => evidence
                .amr
                .iter()
                .filter(|value| *value != "mfa")
                .for_each(|value| add(value)),
            Method::Totp | Method::BackupCode if enrolled.counts(evidence) => add("otp"),
            Method::Passkey => {
                // A removed passkey does not count as a key, but its user was verified.
                if enrolled.counts(evidence) {
                    add(if evidence.synced { "swk" } else { "hwk" });
                }
                if evidence.user_verified {
                    add("user");
                }
            }
            Method::Totp | Method::BackupCode | Method::TrustedDevice => {}
        }
    }
    if two {
        add("mfa");
    }
    references
}
