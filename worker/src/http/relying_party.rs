//! Who we are to browsers, and what their authenticators signed for us.

use postern::{
    passkeys::{CeremonyNonce, Refused, RelyingParty, Unverified},
    refusal::Refusal,
};

use crate::{
    http::context::Context,
    platform::{Fault, Signatures},
};

/// Who we are to browsers, from the settings.
pub struct Site<'a> {
    id: &'a str,
    origins: Vec<&'a str>,
}

impl<'a> Site<'a> {
    /// The site of this deployment.
    pub fn of(context: &'a Context) -> Self {
        let settings = &context.settings;
        Self {
            id: &settings.rp_id,
            origins: settings.origins.iter().map(String::as_str).collect(),
        }
    }

    /// The relying party, called `name` where browsers show it.
    pub fn relying_party<'b>(&'b self, name: &'b str) -> RelyingParty<'b> {
        RelyingParty {
            id: self.id,
            name,
            origins: &self.origins,
        }
    }
}

/// Asks the platform about what still rests on it; takes as long where nothing does.
pub async fn verified<T>(
    signatures: &dyn Signatures,
    claimed: Result<Unverified<T>, Refused>,
) -> Result<T, Refused> {
    match claimed {
        Ok(unverified) => {
            let holds = signatures.verifies(unverified.to_verify()).await;
            unverified.verified_by(|_| holds)
        }
        Err(refused) => {
            signatures.verify_decoy().await;
            Err(refused)
        }
    }
}

/// What cannot be read is no attempt.
///
/// # Errors
/// `malformed`.
pub fn readable<T>(result: Result<T, Refused>) -> Result<Result<T, Refused>, Refusal> {
    match result {
        Err(malformed @ Refused::Malformed(_)) => Err(malformed.into()),
        result => Ok(result),
    }
}

/// Something for a passkey to sign.
///
/// # Errors
/// A fault without randomness.
pub fn nonce(context: &Context) -> Result<CeremonyNonce, Fault> {
    Ok(postern::passkeys::Base64UrlBytes(context.entropy()?))
}
