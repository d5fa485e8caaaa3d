//! A user as a decision needs it: the model that D1 writes and KV copies.
//!
//! It holds what moves the user version, and nothing that changes at each sign-in.

use alloc::{
    string::{String, ToString as _},
    vec::Vec,
};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{
    backup_codes::BackupCodeSet,
    evidence::{Enrolled, Method},
    ids::{AuthenticatorId, BackupCodeSetId, OrganizationId, UserId},
    names::ExternalId,
    passkeys::{Base64UrlBytes, CredentialRecord, UserHandle},
    passwords::Verifier,
    policy::Person,
    sealing::{Keys, MissingKey, NotOpened, Place, Purpose, key_of},
    throttle::ThrottleKey,
    time::UnixTime,
    totp::{Parameters, TotpSecret},
};

pub use crate::roles::Role;

/// TOTP authenticators per user at most.
pub const MAX_TOTP: u32 = 100;

/// Passkeys per user at most.
pub const MAX_PASSKEYS: u32 = 100;

/// Sessions per user at most; one more ends the oldest.
pub const MAX_SESSIONS: u32 = 50;

/// Whether a user may sign in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = UserState))]
pub enum State {
    /// May sign in.
    #[default]
    Active,
    /// May not; keeps what is enrolled.
    Disabled,
}

/// A language that mail is written in, as BCP 47 names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Language {
    /// German.
    De,
    /// English.
    #[default]
    En,
}

/// A user, with all that checking a proof needs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct User {
    /// The organization.
    pub organization: OrganizationId,
    /// The user.
    pub id: UserId,
    /// The user as the application knows it.
    pub external_id: ExternalId,
    /// Moves with everything in this model, never repeats: `max(old + 1, now in ms)`.
    pub version: u64,
    /// Whether the user may sign in.
    pub state: State,
    /// What the user may do.
    pub role: Role,
    /// Groups, as the application set them.
    pub groups: Vec<String>,
    /// The random part of the user handle; see [`User::user_handle`].
    pub handle: Base64UrlBytes<32>,
    /// The built-in first factor, if the user has one.
    pub password: Option<Verifier>,
    /// Confirmed authenticators, oldest first.
    pub authenticators: Vec<Authenticator>,
    /// The set of backup codes alive, if any.
    pub backup_codes: Option<BackupCodes>,
    /// Methods that are disabled and not offered. The version does not move with them: a late copy
    /// may still offer one, and the throttle refuses it.
    #[serde(default)]
    pub disabled: Vec<DisabledMethod>,
    /// When the user last said "not now" to the prompt. The version does not move with it.
    #[serde(default)]
    pub prompt_declined_at: Option<UnixTime>,
}

/// A method that too many refusals in a row disabled, and in which lane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisabledMethod {
    /// The method.
    pub method: Method,
    /// The lane, as in the database.
    pub lane: String,
}

impl From<ThrottleKey> for DisabledMethod {
    fn from(throttle: ThrottleKey) -> Self {
        Self {
            method: throttle.method,
            lane: throttle.lane.to_string(),
        }
    }
}

/// The set of backup codes alive. The codes themselves are rows that only the settlement reads.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BackupCodes {
    /// The set.
    pub id: BackupCodeSetId,
    /// Id of the root key whose pepper indexes its codes.
    pub key: String,
    /// What a check needs to know.
    pub set: BackupCodeSet,
    /// Whether one is unused. The version does not move when a code is used, so a late copy may
    /// still say so when none is left.
    pub left: bool,
}

/// A bound authenticator.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Authenticator {
    /// Its id.
    pub id: AuthenticatorId,
    /// What its owner calls it. The version does not move with it, so a copy may name it late.
    pub name: String,
    /// What it is.
    pub kind: Kind,
}

/// What an authenticator is, with what checking it takes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An app that makes one-time passcodes (RFC 6238).
    Totp {
        /// The sealed secret.
        secret: String,
        /// How codes are made from it.
        parameters: Parameters,
    },
    /// A WebAuthn credential. Its counter and flags are those of the moment of the copy: the
    /// commit compares with the database's.
    Passkey(CredentialRecord),
}

impl Kind {
    /// The word in the API and the database.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Totp { .. } => "totp",
            Self::Passkey(_) => "passkey",
        }
    }

    /// The method by which one is shown.
    #[must_use]
    pub const fn method(&self) -> Method {
        match self {
            Self::Totp { .. } => Method::Totp,
            Self::Passkey(_) => Method::Passkey,
        }
    }
}

impl User {
    /// Whether too many refusals in a row disabled the method of `throttle`, in its lane.
    #[must_use]
    pub fn is_disabled(&self, throttle: ThrottleKey) -> bool {
        self.disabled.contains(&throttle.into())
    }

    /// What a passkey calls the user (WebAuthn L3 section 5.4.3).
    #[must_use]
    pub fn user_handle(&self) -> UserHandle {
        UserHandle::new(self.organization, self.id, self.handle.0)
    }

    /// The passkeys, oldest first.
    pub fn passkeys(&self) -> impl Iterator<Item = (AuthenticatorId, &CredentialRecord)> {
        self.authenticators
            .iter()
            .filter_map(|authenticator| match &authenticator.kind {
                Kind::Passkey(record) => Some((authenticator.id, record)),
                Kind::Totp { .. } => None,
            })
    }

    /// The authenticator apps, oldest first: id, sealed secret, parameters.
    pub fn totps(&self) -> impl Iterator<Item = (AuthenticatorId, &str, Parameters)> {
        self.authenticators
            .iter()
            .filter_map(|authenticator| match &authenticator.kind {
                Kind::Totp { secret, parameters } => {
                    Some((authenticator.id, secret.as_str(), *parameters))
                }
                Kind::Passkey(_) => None,
            })
    }

    /// Whether every root key that something in here was made under is one of `keys`.
    ///
    /// # Errors
    /// [`MissingKey`] with the first that is not.
    pub fn check_keys(&self, keys: &Keys) -> Result<(), MissingKey> {
        let password = self.password.iter().map(|verifier| verifier.key.clone());
        let codes = self.backup_codes.iter().map(|codes| codes.key.clone());
        let secrets = self.totps().filter_map(|(_, sealed, _)| key_of(sealed));
        let mut used = password.chain(codes).chain(secrets);
        used.try_for_each(|id| keys.find(&id).map(|_| ()))
    }

    /// Ids of the confirmed authenticators, for [`User::enrolled`].
    #[must_use]
    pub fn authenticator_ids(&self) -> Vec<AuthenticatorId> {
        self.authenticators
            .iter()
            .map(|authenticator| authenticator.id)
            .collect()
    }

    /// The user as a policy sees them, given [`User::authenticator_ids`].
    #[must_use]
    pub fn person<'a>(&'a self, ids: &'a [AuthenticatorId]) -> Person<'a> {
        Person {
            role: self.role,
            groups: &self.groups,
            enrolled: self.enrolled(ids),
        }
    }

    /// What is enrolled, given [`User::authenticator_ids`].
    #[must_use]
    pub const fn enrolled<'a>(&self, ids: &'a [AuthenticatorId]) -> Enrolled<'a> {
        Enrolled {
            authenticators: ids,
            backup_codes: self.backup_codes.is_some(),
        }
    }
}

/// Where the secret of an authenticator or enrollment `row` is sealed.
///
/// # Errors
/// [`NotOpened`] when the blob does not open there, or holds no TOTP secret.
pub fn open_totp_secret(
    keys: &Keys,
    path: &[&str; 3],
    sealed: &str,
) -> Result<TotpSecret, NotOpened> {
    let place = Place {
        purpose: Purpose::TotpSecret,
        path,
    };
    let bytes: Zeroizing<Vec<u8>> = keys.open(&place, sealed)?;
    TotpSecret::from_bytes(&bytes).map_err(|_| NotOpened::NotSealed)
}
