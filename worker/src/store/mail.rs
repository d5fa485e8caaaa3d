//! Notices to people, waiting in D1 until they are delivered.
//!
//! A notice is written by the batch that makes its news true, once for each address of the person.
//! Users without an address get none. What it says is for [`crate::mail`], how it leaves for
//! [`crate::delivery`].

use postern::{ids::EventId, links::Purpose, time::UnixTime};

use crate::{
    http::context::Context,
    platform::Fault,
    store::d1::{Effect, Value, effect},
};

/// Names in one statement: D1 takes values of 2 MB.
const NAMES: usize = 5000;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $word:literal;)*) => {
        /// What a mail is about. It holds no code, token or link: those are made when it is sent.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind {
            $($(#[$doc])* $kind,)*
        }

        impl Kind {
            /// All of them.
            pub const ALL: [Self; [$($word),*].len()] = [$(Self::$kind),*];

            /// The word in the database.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $word,)*
                }
            }
        }
    };
}

kinds! {
    /// The mail address was changed.
    AddressChanged "address_changed";
    /// An authenticator was added.
    AuthenticatorAdded "authenticator_added";
    /// An authenticator was removed.
    AuthenticatorRemoved "authenticator_removed";
    /// A backup code was used.
    BackupCodeUsed "backup_code_used";
    /// The last backup code was used.
    BackupCodesGone "backup_codes_gone";
    /// Few backup codes are left.
    BackupCodesLow "backup_codes_low";
    /// A new set of backup codes replaced the old one.
    BackupCodesRenewed "backup_codes_renewed";
    /// The time to enroll is over.
    EnrollmentDue "enrollment_due";
    /// Help was asked for in the person's name.
    HelpRequested "help_requested";
    /// Another person asks for help that the recipient may give.
    HelpWanted "help_wanted";
    /// The person may choose a first factor. Its link acts.
    Invitation "invitation";
    /// A method was closed after too many wrong proofs.
    LockedOut "locked_out";
    /// All factors were removed.
    MfaOff "mfa_off";
    /// All factors were ended by an owner, an admin or an application.
    MfaRevoked "mfa_revoked";
    /// The person said that something was not done by them.
    NotMe "not_me";
    /// The password was changed.
    PasswordChanged "password_changed";
    /// A new password was asked for. Its link acts.
    PasswordForgotten "password_forgotten";
    /// The policy asks nobody any more: the person's factors fall asleep.
    PolicyOff "policy_off";
    /// The policy requires more from now on, or from a day to come.
    PolicyStricter "policy_stricter";
    /// A passkey's sign count went back.
    PossibleClone "possible_clone";
    /// A reset ended before its link was used.
    ResetCancelled "reset_cancelled";
    /// A new authenticator took the place of all others.
    ResetCompleted "reset_completed";
    /// The person may replace all factors. Its link acts.
    ResetStarted "reset_started";
    /// A second factor failed after a right first one.
    SecondFactorFailed "second_factor_failed";
    /// The person was signed out everywhere by an owner, an admin or an application.
    SignedOut "signed_out";
    /// An old token of a trusted device came back.
    TrustedDeviceReused "trusted_device_reused";
    /// All trusted devices were forgotten.
    TrustedDevicesCleared "trusted_devices_cleared";
    /// What was counted of wrong proofs was forgotten by an owner, an admin or an application.
    Unlocked "unlocked";
}

impl Kind {
    /// The kind of this word in the database.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// What the link does that it is for; `None` where it only tells.
    pub const fn purpose(self) -> Option<Purpose> {
        Some(match self {
            Self::Invitation => Purpose::Invitation,
            Self::PasswordForgotten => Purpose::Password,
            Self::ResetStarted => Purpose::Reset,
            _ => return None,
        })
    }

    /// Whether "this was not me" can be an answer to it, which makes things stricter. It is none to news of
    /// what ended already, to advice, or to what has to do with another person.
    pub const fn can_be_denied(self) -> bool {
        !matches!(
            self,
            Self::BackupCodesGone
                | Self::BackupCodesLow
                | Self::EnrollmentDue
                | Self::HelpWanted
                | Self::Invitation
                | Self::NotMe
                | Self::PolicyOff
                | Self::PolicyStricter
                | Self::ResetCancelled
                | Self::SignedOut
                | Self::Unlocked
        )
    }
}

/// The kinds that are for a link, as a JSON array of their words.
///
/// # Errors
/// A fault when it cannot be written.
pub fn kinds_with_links() -> Result<String, Fault> {
    let kinds = Kind::ALL.into_iter();
    let kinds = kinds.filter(|kind| kind.purpose().is_some());
    Ok(serde_json::to_string(
        &kinds.map(Kind::as_str).collect::<Vec<_>>(),
    )?)
}

/// Writes a notice of `kind` when `event` is accepted. Of one kind a person gets forty in an hour at most: what is
/// done over and over is no news, and no way to flood a mailbox.
pub fn notice(context: &Context, event: EventId, kind: Kind) -> Effect {
    context.note_mail();
    notice_after_reply(context, event, kind)
}

/// As [`notice`], in a batch that is written after the reply, with the delivery.
pub fn notice_after_reply(context: &Context, event: EventId, kind: Kind) -> Effect {
    effect!(NOTICE, event, context.origin.place.clone(), kind.as_str())
}

/// ?1 event 2 place 3 kind
const NOTICE: &str = "
INSERT INTO mail (organization, user, event, kind, address, place, created_at, due_at)
SELECT e.organization, e.user, e.id, ?3, b.address, ?2, e.at, e.at
FROM accepted e JOIN mailbox b ON b.organization = e.organization AND b.user = e.user
WHERE e.id = ?1 AND (
  SELECT count(*) FROM mail m WHERE (m.organization, m.user, m.kind) = (e.organization, e.user, ?3)
    AND m.created_at > e.at - 3600) < 40
ON CONFLICT DO NOTHING";

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

/// In this order of joins: one look-up a name. ?1 event 2 kind 3 names
const TO_PEOPLE: &str = "
INSERT INTO mail (organization, user, event, kind, address, created_at, due_at)
SELECT u.organization, u.id, e.id, ?2, b.address, e.at, e.at
FROM accepted e CROSS JOIN json_each(?3) j CROSS JOIN user u ON u.organization = e.organization AND u.external_id = j.value
JOIN mailbox b ON b.organization = u.organization AND b.user = u.id
WHERE e.id = ?1
ON CONFLICT DO NOTHING";

/// Writes a notice of `kind` when `event` changed one of `fields`, a JSON array, of a user who existed before. To the addresses
/// as they are when this statement runs.
pub fn of_change(context: &Context, event: EventId, kind: Kind, fields: &str) -> Effect {
    context.note_mail();
    let place = context.origin.place.clone();
    effect!(OF_CHANGE, event, place, kind.as_str(), fields)
}

/// ?1 event 2 place 3 kind 4 fields
const OF_CHANGE: &str = "
INSERT INTO mail (organization, user, event, kind, address, place, created_at, due_at)
SELECT e.organization, e.user, e.id, ?3, b.address, ?2, e.at, e.at
FROM accepted e JOIN mailbox b ON b.organization = e.organization AND b.user = e.user
WHERE e.id = ?1 AND NOT e.detail ->> 'created'
  AND EXISTS (SELECT 1 FROM json_each(e.detail, '$.changed') WHERE value IN (SELECT value FROM json_each(?4)))
  AND (SELECT count(*) FROM mail m WHERE (m.organization, m.user, m.kind) = (e.organization, e.user, ?3)
    AND m.created_at > e.at - 3600) < 40
ON CONFLICT DO NOTHING";

/// Tells that an old token of a trusted device came back, where `event` found so.
pub fn reused_token(context: &Context, event: EventId) -> Effect {
    effect!(
        REUSED_TOKEN,
        event,
        context.origin.place.clone(),
        Kind::TrustedDeviceReused.as_str()
    )
}

/// [`reused_token`]. ?1 event 2 place 3 kind
pub const REUSED_TOKEN: &str = "
INSERT INTO mail (organization, user, event, kind, address, place, created_at, due_at)
SELECT e.organization, e.user, e.id, ?3, b.address, ?2, e.at, e.at
FROM accepted e JOIN mailbox b ON b.organization = e.organization AND b.user = e.user
WHERE e.id = ?1 AND e.trust = 'reused'
ON CONFLICT DO NOTHING";

/// Tells that a second factor failed after a right first one, where `event` found so: at most once an hour.
pub fn wrong_proof(context: &Context, event: EventId, now: UnixTime) -> Effect {
    effect!(
        WRONG_PROOF,
        event,
        context.origin.place.clone(),
        Kind::SecondFactorFailed.as_str(),
        now
    )
}

/// [`wrong_proof`]. ?1 event 2 place 3 kind 4 now
pub const WRONG_PROOF: &str = "
INSERT INTO mail (organization, user, event, kind, address, place, created_at, due_at)
SELECT e.organization, e.user, e.id, ?3, b.address, ?2, e.at, e.at
FROM event e JOIN mailbox b ON b.organization = e.organization AND b.user = e.user
WHERE e.id = ?1 AND e.outcome = 'wrong' AND NOT EXISTS (
  SELECT 1 FROM mail m WHERE (m.organization, m.user, m.kind) = (e.organization, e.user, ?3)
    AND abs(m.created_at - ?4) < 3600)
ON CONFLICT DO NOTHING";

/// Tells that a passkey's sign count went back, where `event` found so.
pub fn possible_clone(context: &Context, event: EventId) -> Effect {
    effect!(
        POSSIBLE_CLONE,
        event,
        context.origin.place.clone(),
        Kind::PossibleClone.as_str()
    )
}

/// [`possible_clone`]. ?1 event 2 place 3 kind
pub const POSSIBLE_CLONE: &str = "
INSERT INTO mail (organization, user, event, kind, address, place, created_at, due_at)
SELECT e.organization, e.user, e.id, ?3, b.address, ?2, e.at, e.at
FROM event e JOIN mailbox b ON b.organization = e.organization AND b.user = e.user
WHERE e.id = ?1 AND e.outcome IN ('possible_clone', 'count_regressed')
ON CONFLICT DO NOTHING";
