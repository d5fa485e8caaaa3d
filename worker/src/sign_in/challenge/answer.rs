//! An answer to a challenge, as it is posted.

use postern::{
    backup_codes::BackupCode,
    challenges::{Presented, check_form},
    evidence::Method,
    ids::AuthenticatorId,
    passkeys::AuthenticationResponseJSON,
    passwords::Password,
    refusal::Refusal,
    totp::TotpCode,
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::store::models::Models;

/// An answer to a challenge: one of `code`, `password` and `credential`, as the method has it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AnswerToChallenge)]
pub struct Answer {
    /// The challenge's token.
    pub challenge: String,
    /// What is shown.
    method: AnswerMethod,
    /// 6 to 8 digits of an app, or a backup code.
    #[schema(min_length = 6, max_length = 64)]
    code: Option<String>,
    /// The password.
    password: Option<Password>,
    /// What the passkey signed.
    credential: Option<AuthenticationResponseJSON>,
    /// The app that the code is from; any of them, if left out.
    authenticator: Option<AuthenticatorId>,
    /// Whether this browser is to be trusted.
    #[serde(default)]
    pub trust_device: bool,
}

/// How a challenge is answered.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum AnswerMethod {
    BackupCode,
    Passkey,
    Password,
    Totp,
}

/// A proof as presented, parsed.
pub enum Proof {
    /// Something to compare with what is stored.
    Secret(Presented),
    /// Something whose signature the platform verifies.
    Passkey(Box<AuthenticationResponseJSON>),
}

impl Proof {
    /// The one member that goes with the method, and no other.
    ///
    /// # Errors
    /// `malformed`, naming the field.
    pub fn parse(body: Answer) -> Result<Self, Refusal> {
        let Answer {
            method,
            code,
            password,
            credential,
            authenticator,
            ..
        } = body;
        let given = [code.is_some(), password.is_some(), credential.is_some()];
        if given.into_iter().filter(|given| *given).count() > 1 {
            return Err(Refusal::malformed(
                "method",
                "one of code, password and credential",
            ));
        }
        Ok(match method {
            AnswerMethod::Totp => Self::Secret(Presented::Totp {
                code: code
                    .and_then(|code| code.parse::<TotpCode>().ok())
                    .ok_or(Refusal::malformed("code", "6 to 8 digits"))?,
                authenticator,
            }),
            AnswerMethod::BackupCode => {
                let code = code.and_then(|code| code.parse::<BackupCode>().ok());
                let code = code.ok_or(Refusal::malformed("code", "a backup code"))?;
                Self::Secret(Presented::BackupCode(code))
            }
            AnswerMethod::Password => {
                let password = password.ok_or(Refusal::malformed("password", "the password"))?;
                Self::Secret(Presented::Password(password))
            }
            AnswerMethod::Passkey => {
                let credential =
                    credential.ok_or(Refusal::malformed("credential", "the passkey's answer"))?;
                Self::Passkey(Box::new(credential))
            }
        })
    }

    /// Checks that this may be a proof of the user at all.
    ///
    /// # Errors
    /// As [`check_form`].
    pub fn check_form(&self, models: &Models) -> Result<(), Refusal> {
        match self {
            Self::Secret(presented) => check_form(presented, &models.user),
            Self::Passkey(_) => Ok(()),
        }
    }

    /// What is shown.
    pub const fn method(&self) -> Method {
        match self {
            Self::Secret(Presented::Password(_)) => Method::Password,
            Self::Secret(Presented::Totp { .. }) => Method::Totp,
            Self::Secret(Presented::BackupCode(_)) => Method::BackupCode,
            Self::Passkey(_) => Method::Passkey,
        }
    }

    /// Whether checking it takes a slow hash, before which the throttle is read.
    pub const fn is_slow(&self) -> bool {
        matches!(
            self,
            Self::Secret(Presented::Password(_) | Presented::BackupCode(_))
        )
    }
}
