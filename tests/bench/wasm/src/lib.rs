//! The Worker with a few more functions: what it does with signatures and assertions, asked
//! directly, inside workerd. Nothing of this is in the release.

#![cfg(target_family = "wasm")]

use js_sys::{Array, Uint8Array};
use postern::{
    passkeys::{
        AuthenticationResponseJSON, CoseKey, CredentialRecord, NotAKey,
        PublicKeyCredentialRequestOptionsJSON, RelyingParty, Signed, UserHandle,
        UserVerificationRequirement,
        authentication::{self, Account, User},
    },
    strict_json,
};
use postern_worker::platform::{
    Signatures as _,
    cloudflare::web_crypto::{self, WebCrypto},
};
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

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

/// Checks an assertion, from what was posted and what is stored to what is to be stored.
///
/// # Errors
/// What cannot be read, or why it is refused.
#[wasm_bindgen]
pub async fn assertion(
    rp_id: String,
    origin: String,
    nonce: Vec<u8>,
    record: Vec<u8>,
    response: Vec<u8>,
) -> Result<String, String> {
    let origins = [origin.as_str()];
    let rp = relying_party(&rp_id, &origins);
    checked(&rp, &nonce, read(&record)?, &response).await
}

/// Makes options for each of some assertions and checks it, one after another, `times` times. They
/// come from JavaScript and go back to it one by one, as the body of a request and the copy of a user
/// do.
///
/// # Errors
/// As [`assertion`].
#[wasm_bindgen]
pub async fn check(
    times: u32,
    rp_id: String,
    origin: String,
    nonces: Array,
    records: Array,
    responses: Array,
) -> Result<(), String> {
    let origins = [origin.as_str()];
    let rp = relying_party(&rp_id, &origins);
    for _ in 0..times {
        for index in 0..records.length() {
            let nonce = bytes(&nonces.get(index));
            let record = read(&bytes(&records.get(index)))?;
            let _ = JsValue::from(options(&rp, &nonce, &record)?);
            let response = bytes(&responses.get(index));
            let _ = JsValue::from(checked(&rp, &nonce, record, &response).await?);
        }
    }
    Ok(())
}

fn options(
    rp: &RelyingParty<'_>,
    nonce: &[u8],
    record: &CredentialRecord,
) -> Result<String, String> {
    let options = PublicKeyCredentialRequestOptionsJSON::new(
        rp,
        nonce.try_into().map_err(|_| "32 bytes")?,
        UserVerificationRequirement::Preferred,
        [record],
    );
    serde_json::to_string(&options).map_err(|no| no.to_string())
}

async fn checked(
    rp: &RelyingParty<'_>,
    nonce: &[u8],
    mut record: CredentialRecord,
    response: &[u8],
) -> Result<String, String> {
    let response: AuthenticationResponseJSON = read(response)?;
    let ceremony = authentication::Ceremony {
        nonce,
        user: User::Identified,
        user_verification: UserVerificationRequirement::Preferred,
    };
    let account = Account {
        user_handle: &UserHandle::from_bytes(&HANDLE).ok_or("64 bytes")?,
        credentials: &[&record],
    };
    let unverified = authentication::verify(rp, &ceremony, &account, &response)
        .map_err(|refused| refused.code())?;
    let holds = WebCrypto.verifies(unverified.to_verify()).await;
    let assertion = unverified
        .verified_by(|_| holds)
        .map_err(|refused| refused.code())?;
    assertion.update(&mut record, true);
    serde_json::to_string(&record).map_err(|no| no.to_string())
}

fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, String> {
    strict_json::read(text).map_err(|no| no.to_string())
}

fn bytes(array: &JsValue) -> Vec<u8> {
    array.unchecked_ref::<Uint8Array>().to_vec()
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
