//! The Worker with a few more functions: what it does with signatures and assertions, asked
//! directly, inside workerd. Nothing of this is in the release.

use postern::{
    json,
    passkeys::{
        AuthenticationResponseJSON, CoseKey, CredentialRecord, NotAKey,
        PublicKeyCredentialRequestOptionsJSON, RelyingParty, Signed, UserHandle,
        UserVerificationRequirement,
        authentication::{self, Account, User},
    },
};
use postern_worker::web_crypto;
use wasm_bindgen::prelude::wasm_bindgen;

/// The user handle of everybody: 64 times 7.
const HANDLE: [u8; 64] = [7; 64];

/// A `COSE_Key` as `SubjectPublicKeyInfo`.
///
/// # Errors
/// Why it is none that we use.
#[wasm_bindgen]
pub fn spki(cose: &[u8]) -> Result<Vec<u8>, String> {
    Ok(key(cose)?.spki().into())
}

/// Whether `signature`, in the form in which an authenticator writes it, holds.
///
/// # Errors
/// As [`spki`].
#[wasm_bindgen]
pub async fn holds(cose: Vec<u8>, message: Vec<u8>, signature: Vec<u8>) -> Result<bool, String> {
    let key = key(&cose)?;
    Ok(match Signed::read(key.algorithm(), message, &signature) {
        Some(signed) => web_crypto::holds(&key, Some(&signed)).await,
        None => false,
    })
}

/// Options for an assertion by one passkey, as text.
///
/// # Errors
/// What cannot be read.
#[wasm_bindgen]
pub fn options(rp_id: &str, nonce: &[u8], record: &str) -> Result<String, String> {
    let record: CredentialRecord = json::read(record.as_bytes()).map_err(|no| no.to_string())?;
    let options = PublicKeyCredentialRequestOptionsJSON::new(
        &relying_party(rp_id, &[]),
        nonce.try_into().map_err(|_| "32 bytes")?,
        UserVerificationRequirement::Preferred,
        [&record],
    );
    serde_json::to_string(&options).map_err(|no| no.to_string())
}

/// Checks an assertion, from what was posted and what is stored to what is to be stored.
///
/// # Errors
/// What cannot be read, or why it is refused.
#[wasm_bindgen]
pub async fn assertion(
    rp_id: String,
    origin: String,
    nonce: Vec<u8>,
    record: String,
    response: String,
) -> Result<String, String> {
    let mut record: CredentialRecord =
        json::read(record.as_bytes()).map_err(|no| no.to_string())?;
    let response: AuthenticationResponseJSON =
        json::read(response.as_bytes()).map_err(|no| no.to_string())?;
    let ceremony = authentication::Ceremony {
        nonce: &nonce,
        user: User::Identified,
        user_verification: UserVerificationRequirement::Preferred,
    };
    let account = Account {
        user_handle: &UserHandle::from_bytes(&HANDLE).ok_or("64 bytes")?,
        credentials: &[&record],
    };
    let origins = [origin.as_str()];
    let rp = relying_party(&rp_id, &origins);
    let unverified = authentication::verify(&rp, &ceremony, &account, &response)
        .map_err(|refused| refused.code())?;
    let holds = web_crypto::verifies(unverified.to_verify()).await;
    let assertion = unverified
        .verified_by(|_| holds)
        .map_err(|refused| refused.code())?;
    assertion.update(&mut record, true);
    serde_json::to_string(&record).map_err(|no| no.to_string())
}

const fn relying_party<'a>(id: &'a str, origins: &'a [&'a str]) -> RelyingParty<'a> {
    RelyingParty {
        id,
        name: "",
        origins,
    }
}

fn key(cose: &[u8]) -> Result<CoseKey, String> {
    CoseKey::from_bytes(cose).map_err(|no| match no {
        NotAKey::Algorithm => "algorithm".into(),
        NotAKey::Malformed => "malformed".into(),
    })
}
