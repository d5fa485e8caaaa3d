//! What a session rests on: when one of them ends, the session loses assurance.
//!
//! They are written beside the session, so that the database can tell which sessions outlive a
//! change. Whether one of them still counts depends on what is enrolled at that moment.

use alloc::vec::Vec;
use core::fmt;

use serde::{Serialize, Serializer};

use super::{Enrolled, Evidence, Method, is_multi_factor, is_second_factor};
use crate::ids::AuthenticatorId;

/// One thing that a session rests on. Each but the password makes it `aal2` while it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// The password.
    Password,
    /// An authenticator, beside a first factor or as one.
    Authenticator(AuthenticatorId),
    /// The set of backup codes, beside a first factor.
    BackupCodes,
    /// An identity provider that said multi-factor.
    Provider,
}

impl Ground {
    /// What a session with this evidence rests on.
    #[must_use]
    pub fn of(evidence: &[Evidence]) -> Vec<Self> {
        let begun = evidence.iter().any(Evidence::is_first_factor);
        evidence
            .iter()
            .filter(|shown| begun || !is_second_factor(shown))
            .filter_map(|shown| match shown.method {
                Method::Password => Some(Self::Password),
                Method::Sso => is_multi_factor(&shown.amr).then_some(Self::Provider),
                Method::Totp | Method::Passkey => shown.authenticator.map(Self::Authenticator),
                Method::BackupCode => Some(Self::BackupCodes),
                Method::TrustedDevice => None,
            })
            .collect()
    }

    /// Whether it makes a session `aal2` now. `sso_evidence`: the policy takes a provider's word.
    pub(super) fn makes_aal2(self, enrolled: Enrolled<'_>, sso_evidence: bool) -> bool {
        match self {
            Self::Password => false,
            Self::Authenticator(id) => enrolled.authenticators.contains(&id),
            Self::BackupCodes => enrolled.backup_codes,
            Self::Provider => sso_evidence,
        }
    }
}

/// The word in the database.
impl fmt::Display for Ground {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Password => f.write_str("password"),
            Self::Authenticator(id) => id.fmt(f),
            Self::BackupCodes => f.write_str("backup_codes"),
            Self::Provider => f.write_str("provider"),
        }
    }
}

impl Serialize for Ground {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
