//! The assurance token: what a session proves, signed for five minutes, checked offline.
//!
//! A JWS (RFC 7515) with EdDSA over Ed25519 (RFC 8037), made by the platform's WebCrypto. The keys
//! come from the root keys; all of them are published, the first one signs.

use http::{HeaderValue, StatusCode, header};
use js_sys::{Array, Object, Promise, Reflect, Uint8Array};
use postern::{base64url, secret::Secret, sessions::Session};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, SubtleCrypto, WorkerGlobalScope};

use crate::{
    call::{Call, Reply, json},
    caller,
    context::Context,
    problem::Fault,
    settlement::Truth,
};

/// Seconds a token can be checked offline; what must stop at once is asked for by introspection.
const LIFE_SECONDS: u64 = 300;

/// Signs what `session` proves.
///
/// # Errors
/// A fault when the platform's cryptography fails.
pub async fn sign(
    context: &Context,
    session: &Session,
    truth: &Truth,
    surface: Option<&str>,
) -> Result<String, Fault> {
    let (kid, seed) = context
        .keys
        .signing_seeds()
        .next()
        .ok_or_else(|| Fault::new("no key"))?;
    let header = serde_json::json!({ "alg": "EdDSA", "typ": "JWT", "kid": kid });
    let mut claims = claims(context, session, truth, surface);
    if let Some(object) = claims.as_object_mut() {
        object.insert("exp".into(), context.now.plus(LIFE_SECONDS).0.into());
        object.insert("iat".into(), context.now.0.into());
    }
    let signed = format!(
        "{}.{}",
        base64url::encode(header.to_string().as_bytes()),
        base64url::encode(claims.to_string().as_bytes())
    );
    let signature = sign_bytes(&seed, signed.as_bytes()).await.map_err(fault)?;
    Ok(format!("{signed}.{}", base64url::encode(&signature)))
}

/// What a session proves, as claims (OpenID Connect Core section 2, RFC 8176).
pub fn claims(
    context: &Context,
    session: &Session,
    truth: &Truth,
    surface: Option<&str>,
) -> serde_json::Value {
    let assurance = caller::assurance(truth, &session.evidence);
    serde_json::json!({
        "iss": context.origins.first(),
        "aud": truth.organization.external_id,
        "sub": truth.user.external_id,
        "org": truth.organization.external_id,
        "sid": session.id,
        "aal": assurance.aal,
        "amr": assurance.amr,
        "auth_time": assurance.auth_time,
        "surface": surface,
        "restricted": assurance.restricted,
        "trusted_device": assurance.trusted_device,
        "enrolling": session.enrolling,
    })
}

/// `GET /.well-known/jwks.json`
pub async fn jwks(call: Call) -> Reply {
    let mut keys = Vec::new();
    for (kid, seed) in call.context.keys.signing_seeds() {
        let x = public_key(&seed).await.map_err(fault)?;
        keys.push(serde_json::json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": kid, "x": x }));
    }
    let mut response = json(StatusCode::OK, &serde_json::json!({ "keys": keys }))?;
    response.headers_mut().insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=300"),
    );
    Ok(response)
}

async fn sign_bytes(seed: &Secret<32>, message: &[u8]) -> Result<Vec<u8>, JsValue> {
    let key = import(seed).await?;
    let signature =
        JsFuture::from(subtle()?.sign_with_str_and_u8_array("Ed25519", &key, message)?).await?;
    Ok(Uint8Array::new(&signature).to_vec())
}

async fn public_key(seed: &Secret<32>) -> Result<String, JsValue> {
    let key = import(seed).await?;
    let jwk = JsFuture::from(subtle()?.export_key("jwk", &key)?).await?;
    Reflect::get(&jwk, &"x".into())?
        .as_string()
        .ok_or(JsValue::NULL)
}

async fn import(seed: &Secret<32>) -> Result<CryptoKey, JsValue> {
    // PrivateKeyInfo (RFC 8410 section 7) in front of the 32 bytes of the seed.
    let mut der = vec![
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    der.extend_from_slice(seed.expose());
    let bytes: Object = Uint8Array::from(der.as_slice()).into();
    let usages = Array::of1(&"sign".into());
    let imported: Promise =
        subtle()?.import_key_with_str("pkcs8", &bytes, "Ed25519", true, &usages)?;
    JsFuture::from(imported).await?.dyn_into()
}

fn subtle() -> Result<SubtleCrypto, JsValue> {
    let scope: WorkerGlobalScope = js_sys::global().unchecked_into();
    Ok(scope.crypto()?.subtle())
}

fn fault(why: JsValue) -> Fault {
    Fault::new(format!("WebCrypto: {why:?}"))
}
