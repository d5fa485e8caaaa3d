//! Why a ceremony was refused: in detail for the audit log, as one refusal for the caller.

use crate::refusal::{Malformed, Refusal};

/// The first check that did not hold. Tells apart what [`Refusal::NotAccepted`] hides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The named member of the response could not be parsed.
    Malformed(&'static str),
    /// Client data of the other ceremony, or of none.
    Type,
    /// Not the ceremony nonce that was issued.
    Challenge,
    /// An origin that is not configured.
    Origin,
    /// Asked from a frame of another origin.
    CrossOrigin,
    /// A top-level origin was named.
    TopOrigin,
    /// Authenticator data that is cut short, too long, or not what its flags say.
    AuthenticatorData,
    /// For another RP ID.
    RpIdHash,
    /// The user was not present.
    UserPresence,
    /// The user was not verified where that is required.
    UserVerification,
    /// Backed up without being eligible.
    BackupState,
    /// Eligible for backup unlike at registration, in an assertion that holds otherwise.
    BackupEligibility,
    /// A key of an algorithm that was not offered.
    Algorithm,
    /// Not a key in the form its algorithm has, or a weak one.
    PublicKey,
    /// A credential id of no or more than 1023 bytes, or another one than the response names.
    CredentialId,
    /// An attestation statement format that is not registered.
    AttestationFormat,
    /// A statement that does not fit its format or its key.
    AttestationStatement,
    /// No such credential in the account.
    UnknownCredential,
    /// A user handle that is missing where it must not be, or not the account's.
    UserHandle,
    /// A signature that is ill-formed or does not hold, or a key that cannot be used.
    Signature,
}

impl Refused {
    /// The stable code of the audit event.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed(_) => "passkey.malformed",
            Self::Type => "passkey.type",
            Self::Challenge => "passkey.challenge",
            Self::Origin => "passkey.origin",
            Self::CrossOrigin => "passkey.cross_origin",
            Self::TopOrigin => "passkey.top_origin",
            Self::AuthenticatorData => "passkey.authenticator_data",
            Self::RpIdHash => "passkey.rp_id_hash",
            Self::UserPresence => "passkey.user_presence",
            Self::UserVerification => "passkey.user_verification",
            Self::BackupState => "passkey.backup_state",
            Self::BackupEligibility => "passkey.backup_eligibility",
            Self::Algorithm => "passkey.algorithm",
            Self::PublicKey => "passkey.public_key",
            Self::CredentialId => "passkey.credential_id",
            Self::AttestationFormat => "passkey.attestation_format",
            Self::AttestationStatement => "passkey.attestation_statement",
            Self::UnknownCredential => "passkey.unknown_credential",
            Self::UserHandle => "passkey.user_handle",
            Self::Signature => "passkey.signature",
        }
    }
}

impl From<Refused> for Refusal {
    /// What the caller is told: what cannot be parsed is malformed, everything else is
    /// `not_accepted` (WebAuthn L3 section 14.6.2).
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Malformed(field) => Self::Malformed(Malformed {
                field: Some(field.into()),
                detail: "cannot be read".into(),
            }),
            _ => Self::NotAccepted,
        }
    }
}
