//! Notices to people, waiting in D1 until they are delivered.
//!
//! A notice is written by the batch that makes its news true. Users without an address get none.

use postern::ids::{EventId, MailId};

use crate::platform::Fault;
use crate::{
    http::context::Context,
    store::d1::{Effect, Value, effect, text},
};

/// Names in one statement: D1 takes values of 2 MB.
const NAMES: usize = 5000;

/// What a mail is about. Never a code; the link that some have comes from elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The mail address was changed.
    AddressChanged,
    /// An authenticator was added.
    AuthenticatorAdded,
    /// An authenticator was removed.
    AuthenticatorRemoved,
    /// A backup code was used.
    BackupCodeUsed,
    /// A new set of backup codes replaced the old one.
    BackupCodesRenewed,
    /// The time to enroll is over.
    EnrollmentDue,
    /// Help was asked for in the person's name.
    HelpRequested,
    /// Another person asks for help that the recipient may give.
    HelpWanted,
    /// All factors were removed.
    MfaOff,
    /// All factors were ended by an owner, an admin or an application.
    MfaRevoked,
    /// The password was changed.
    PasswordChanged,
    /// The policy asks nobody any more: the person's factors fall asleep.
    PolicyOff,
    /// The policy requires more from now on, or from a day to come.
    PolicyStricter,
    /// A passkey's sign count went back.
    PossibleClone,
    /// A second factor failed after a right first one.
    SecondFactorFailed,
    /// The person was signed out everywhere by an owner, an admin or an application.
    SignedOut,
    /// An old token of a trusted device came back.
    TrustedDeviceReused,
    /// All trusted devices were forgotten.
    TrustedDevicesCleared,
    /// What was counted of wrong proofs was forgotten by an owner, an admin or an application.
    Unlocked,
}

impl Kind {
    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AddressChanged => "address_changed",
            Self::AuthenticatorAdded => "authenticator_added",
            Self::AuthenticatorRemoved => "authenticator_removed",
            Self::BackupCodeUsed => "backup_code_used",
            Self::BackupCodesRenewed => "backup_codes_renewed",
            Self::EnrollmentDue => "enrollment_due",
            Self::HelpRequested => "help_requested",
            Self::HelpWanted => "help_wanted",
            Self::MfaOff => "mfa_off",
            Self::MfaRevoked => "mfa_revoked",
            Self::PasswordChanged => "password_changed",
            Self::PolicyOff => "policy_off",
            Self::PolicyStricter => "policy_stricter",
            Self::PossibleClone => "possible_clone",
            Self::SecondFactorFailed => "second_factor_failed",
            Self::SignedOut => "signed_out",
            Self::TrustedDeviceReused => "trusted_device_reused",
            Self::TrustedDevicesCleared => "trusted_devices_cleared",
            Self::Unlocked => "unlocked",
        }
    }
}

/// Writes a notice of `kind` when `event` is accepted.
///
/// # Errors
/// A fault without randomness.
pub fn notice(context: &Context, event: EventId, kind: Kind) -> Result<Effect, Fault> {
    let id = MailId::from_entropy(context.entropy()?);
    Ok(effect!(NOTICE, event, text(id), kind.as_str()))
}

/// Writes a notice of `kind` to each of `people`, named as the application knows them, when `event` is
/// accepted.
///
/// # Errors
/// A fault when a name cannot be written.
pub fn to_people(event: &Value, kind: Kind, people: &[&str]) -> Result<Vec<Effect>, Fault> {
    let portions = people.chunks(NAMES);
    portions
        .map(|portion| {
            let names = serde_json::to_string(portion)?;
            Ok(effect!(TO_PEOPLE, event.clone(), kind.as_str(), names))
        })
        .collect()
}

/// One notice each, so the event's id will do for all of them. ?1 event 2 kind 3 names
const TO_PEOPLE: &str = "
INSERT INTO mail (organization, user, id, kind, address, created_at)
SELECT u.organization, u.id, e.id, ?2, u.email, e.at
FROM accepted e JOIN json_each(?3) j JOIN user u ON u.organization = e.organization AND u.external_id = j.value
WHERE e.id = ?1 AND u.email IS NOT NULL";

/// Writes a notice of `kind` when `event` changed `field` of a user who existed before. To the address
/// as it is when this statement runs.
///
/// # Errors
/// A fault without randomness.
pub fn of_change(
    context: &Context,
    event: EventId,
    kind: Kind,
    field: &str,
) -> Result<Effect, Fault> {
    let id = MailId::from_entropy(context.entropy()?);
    Ok(effect!(OF_CHANGE, event, text(id), kind.as_str(), field))
}

/// ?1 event 2 mail 3 kind 4 field
const OF_CHANGE: &str = "
INSERT INTO mail (organization, user, id, kind, address, created_at)
SELECT e.organization, e.user, ?2, ?3, u.email, e.at
FROM accepted e JOIN user u ON (u.organization, u.id) = (e.organization, e.user)
WHERE e.id = ?1 AND NOT e.detail ->> 'created' AND u.email IS NOT NULL
  AND EXISTS (SELECT 1 FROM json_each(e.detail, '$.changed') WHERE value = ?4)";

/// A notice of an accepted change. ?1 event 2 mail 3 kind
pub const NOTICE: &str = "
INSERT INTO mail (organization, user, id, kind, address, created_at)
SELECT e.organization, e.user, ?2, ?3, u.email, e.at
FROM accepted e JOIN user u ON (u.organization, u.id) = (e.organization, e.user)
WHERE e.id = ?1 AND u.email IS NOT NULL";

/// An old token of a trusted device came back. ?1 event 2 mail 3 kind
pub const REUSED_TOKEN: &str = "
INSERT INTO mail (organization, user, id, kind, address, created_at)
SELECT e.organization, e.user, ?2, ?3, u.email, e.at
FROM accepted e JOIN user u ON (u.organization, u.id) = (e.organization, e.user)
WHERE e.id = ?1 AND e.trust = 'reused' AND u.email IS NOT NULL";

/// A second factor failed after a right first one: at most once an hour. ?1 event 2 mail 3 now 4 kind
pub const WRONG_PROOF: &str = "
INSERT INTO mail (organization, user, id, kind, address, created_at)
SELECT e.organization, e.user, ?2, ?4, u.email, e.at
FROM event e JOIN user u ON (u.organization, u.id) = (e.organization, e.user)
WHERE e.id = ?1 AND e.outcome = 'wrong' AND u.email IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM mail m WHERE (m.organization, m.user) = (e.organization, e.user)
    AND m.kind = ?4 AND abs(m.created_at - ?3) < 3600)";

/// A passkey's sign count went back. ?1 event 2 mail 3 kind
pub const POSSIBLE_CLONE: &str = "
INSERT INTO mail (organization, user, id, kind, address, created_at)
SELECT e.organization, e.user, ?2, ?3, u.email, e.at
FROM event e JOIN user u ON (u.organization, u.id) = (e.organization, e.user)
WHERE e.id = ?1 AND e.outcome IN ('possible_clone', 'count_regressed') AND u.email IS NOT NULL";
