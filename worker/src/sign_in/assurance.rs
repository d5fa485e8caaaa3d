//! The assurance token: what a session proves, signed for five minutes, checked offline.
//!
//! A JWS (RFC 7515) with EdDSA over Ed25519 (RFC 8037), made by the platform's WebCrypto. The keys
//! come from the root keys; all of them are published, the first one signs.

use http::StatusCode;
use postern::{base64url, sessions::Session};
use serde::Serialize;

use crate::{
    access::caller,
    http::{
        call::Call,
        context::Context,
        problem::Fault,
        reply::{Object, Reply, json},
    },
    store::settlement::Truth,
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
    let key = context.settings.keys.writer();
    let header = Object::new()
        .with("alg", &"EdDSA")?
        .with("typ", &"JWT")?
        .with("kid", &key.id())?;
    let claims = claims(context, session, truth, surface)?
        .with("iat", &context.now)?
        .with("exp", &context.now.plus(LIFE_SECONDS))?;
    let signed = format!(
        "{}.{}",
        base64url::encode(&header.into_bytes()),
        base64url::encode(&claims.into_bytes())
    );
    let signature = context
        .signatures()
        .sign(&key.signing_seed(), signed.as_bytes())
        .await?;
    Ok(format!("{signed}.{}", base64url::encode(&signature)))
}

/// What a session proves, as claims (OpenID Connect Core section 2, RFC 8176).
///
/// # Errors
/// A fault when a claim has no JSON.
pub fn claims(
    context: &Context,
    session: &Session,
    truth: &Truth,
    surface: Option<&str>,
) -> Result<Object, Fault> {
    let assurance = caller::assurance(truth, &session.evidence);
    Object::new()
        .with("iss", &context.settings.origins.first())?
        .with("aud", &truth.organization.external_id)?
        .with("sub", &truth.user.external_id)?
        .with("org", &truth.organization.external_id)?
        .with("sid", &session.id)?
        .with("aal", &assurance.aal)?
        .with("amr", &assurance.amr)?
        .with("auth_time", &assurance.auth_time)?
        .with("surface", &surface)?
        .with("restricted", &assurance.restricted)?
        .with("trusted_device", &assurance.trusted_device)
}

/// `GET /.well-known/jwks.json`
pub async fn jwks(call: Call) -> Reply {
    call.anyone()?;
    let mut keys = Vec::new();
    for key in call.context.settings.keys.iter() {
        let x = call
            .context
            .signatures()
            .public_key(&key.signing_seed())
            .await?;
        keys.push(Key {
            kty: "OKP",
            crv: "Ed25519",
            alg: "EdDSA",
            r#use: "sig",
            kid: key.id().to_owned(),
            x,
        });
    }
    let mut response = json(StatusCode::OK, "keys", &keys)?;
    response.append("cache-control", "public, max-age=300");
    Ok(response)
}

/// A public key (RFC 8037 section 2).
#[derive(Serialize)]
struct Key {
    kty: &'static str,
    crv: &'static str,
    alg: &'static str,
    r#use: &'static str,
    kid: String,
    x: String,
}
