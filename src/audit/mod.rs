//! What is recorded: one event per change and per refused attempt, written in the same batch as the
//! change.
//!
//! A refused attempt is a proof that does not hold, or a request of somebody signed in that is above them. What is
//! malformed, missing, in conflict with the state, against the policy or in need of a fresh proof is none, and neither
//! is what comes from nobody known or through a closed throttle: strangers write no rows.
//!
//! An event never holds a secret, a code, a token, a nonce or a cookie, not even hashed.
//!
//! Each minute the scheduled job seals what is new. The events of an organization, in the order in which they
//! were recorded, are the leaves of a [`tree`]; its root is signed in a [`checkpoint`]. A whole log is verified
//! by `verification`, which is there with the feature `records`.

pub mod checkpoint;
#[cfg(feature = "records")]
pub mod record;
#[cfg(all(test, feature = "records"))]
mod tests;
pub mod tree;
#[cfg(feature = "records")]
pub mod verification;

/// What was done or attempted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A challenge was opened (best effort).
    ChallengeOpen,
    /// Help was asked for by a person who cannot answer a challenge.
    HelpRequest,
    /// A second factor was shown at a sign-in.
    SignInVerify,
    /// A passkey was shown, and nothing else.
    SignInPasskey,
    /// A first factor was shown.
    SignInFirstFactor,
    /// A fresh proof was shown.
    StepUpVerify,
    /// An authenticator was offered for enrollment.
    EnrollmentStart,
    /// An enrollment was confirmed by a code.
    EnrollmentConfirm,
    /// An authenticator got another name.
    AuthenticatorRename,
    /// An authenticator was removed.
    AuthenticatorRemove,
    /// A set of backup codes replaced the one before.
    BackupCodesRenew,
    /// A set of backup codes was said to be kept somewhere.
    BackupCodesSave,
    /// The prompt to enroll was answered with "not now".
    PromptDecline,
    /// All factors were removed by their owner.
    MfaOff,
    /// A person said by the link of a mail that something was not done by them.
    NotMe,
    /// A mail that had not left was put back, to be tried again.
    MailRetry,
    /// A password was changed by its owner.
    PasswordChange,
    /// A link was mailed by which a forgotten password may be replaced.
    PasswordForgotten,
    /// A password was replaced by such a link.
    PasswordReset,
    /// A session was ended by its owner.
    SessionEnd,
    /// A browser was trusted.
    TrustedDeviceGrant,
    /// A trusted device was forgotten.
    TrustedDeviceRevoke,
    /// An organization was created or changed.
    OrganizationPut,
    /// Settings of an organization were changed.
    OrganizationChange,
    /// An organization and its first owner were made with the operator's code.
    OrganizationSetUp,
    /// A policy was replaced.
    PolicyPut,
    /// The time to enroll is over.
    PolicyGraceOver,
    /// A user was created or changed by an application or admin.
    UserPut,
    /// A user was deleted.
    UserDelete,
    /// Users were written into a file.
    UserExport,
    /// The audit log was read; recorded once an hour of each reader.
    AuditRead,
    /// The audit log was written into a file.
    AuditExport,
    /// All factors of a person were ended by an owner, an admin or an application.
    MfaRevoke,
    /// A person was signed out everywhere by an owner, an admin or an application.
    UserSignOut,
    /// What was counted of a person's wrong proofs was forgotten.
    UserUnlock,
    /// A link was mailed by which a person may choose their first password.
    InvitationSend,
    /// Such a link was used.
    InvitationAccept,
    /// A link was mailed by which a person may replace all factors.
    ResetStart,
    /// Such a link was taken back.
    ResetCancel,
    /// All factors were replaced by a new one.
    ResetComplete,
    /// A signed-in user asked for what their role does not allow.
    AccessRefuse,
    /// Secrets moved to the root key that writes.
    KeysMove,
}

impl Action {
    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ChallengeOpen => "challenge.open",
            Self::HelpRequest => "help.request",
            Self::SignInVerify => "sign_in.verify",
            Self::SignInPasskey => "sign_in.passkey",
            Self::SignInFirstFactor => "sign_in.first_factor",
            Self::StepUpVerify => "step_up.verify",
            Self::EnrollmentStart => "enrollment.start",
            Self::EnrollmentConfirm => "enrollment.confirm",
            Self::AuthenticatorRename => "authenticator.rename",
            Self::AuthenticatorRemove => "authenticator.remove",
            Self::BackupCodesRenew => "backup_codes.renew",
            Self::BackupCodesSave => "backup_codes.save",
            Self::PromptDecline => "prompt.decline",
            Self::MfaOff => "mfa.off",
            Self::NotMe => "mail.not_me",
            Self::MailRetry => "mail.retry",
            Self::PasswordChange => "password.change",
            Self::PasswordForgotten => "password.forgotten",
            Self::PasswordReset => "password.reset",
            Self::SessionEnd => "session.end",
            Self::TrustedDeviceGrant => "trusted_device.grant",
            Self::TrustedDeviceRevoke => "trusted_device.revoke",
            Self::OrganizationPut => "organization.put",
            Self::OrganizationChange => "organization.change",
            Self::OrganizationSetUp => "organization.set_up",
            Self::PolicyPut => "policy.put",
            Self::PolicyGraceOver => "policy.grace_over",
            Self::UserPut => "user.put",
            Self::UserDelete => "user.delete",
            Self::UserExport => "user.export",
            Self::AuditRead => "audit.read",
            Self::AuditExport => "audit.export",
            Self::MfaRevoke => "mfa.revoke",
            Self::UserSignOut => "user.sign_out",
            Self::UserUnlock => "user.unlock",
            Self::InvitationSend => "invitation.send",
            Self::InvitationAccept => "invitation.accept",
            Self::ResetStart => "reset.start",
            Self::ResetCancel => "reset.cancel",
            Self::ResetComplete => "reset.complete",
            Self::AccessRefuse => "access.refuse",
            Self::KeysMove => "keys.move",
        }
    }
}
