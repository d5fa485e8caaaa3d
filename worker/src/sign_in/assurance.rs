//! The assurance token: what a session proves, signed for five minutes, checked offline.
//!
//! A JWS (RFC 7515) with EdDSA over Ed25519 (RFC 8037), made by the platform's WebCrypto. The keys
//! come from the root keys; all of them are published, the first one signs.

use http::{HeaderValue, header};
use postern::{
    base64url,
    evidence::Aal,
    ids::SessionId,
    names::{ExternalId, OrganizationName},
    sessions::Session,
    time::UnixTime,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    access::Public,
    http::{body::Json, context::Context, problem::Problem},
    platform::Fault,
    store::{models::Models, sessions::assurance},
};

/// Seconds a token can be checked offline; what must stop at once is asked for by introspection.
const LIFE_SECONDS: u64 = 300;

/// What a session proves, as claims (OpenID Connect Core section 2, RFC 8176).
#[derive(Serialize, ToSchema)]
pub struct Claims {
    /// Our first origin.
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<String>,
    /// The organization, as the application knows it.
    aud: OrganizationName,
    /// The user, as the application knows them.
    sub: ExternalId,
    org: OrganizationName,
    sid: SessionId,
    aal: Aal,
    /// As in the session (RFC 8176).
    amr: Vec<String>,
    auth_time: UnixTime,
    /// The surface that the session was opened for; `null` for none.
    #[schema(required)]
    surface: Option<String>,
    /// Whether it rests on a backup code.
    restricted: bool,
    /// Whether a trusted device stood in for the second factor.
    trusted_device: bool,
}

impl Claims {
    /// The claims of `session`.
    pub fn of(
        context: &Context,
        session: &Session,
        models: &Models,
        surface: Option<&str>,
    ) -> Self {
        let assurance = assurance(models, &session.evidence, context.now);
        Self {
            iss: context.settings.origins.first().cloned(),
            aud: models.organization.external_id.clone(),
            sub: models.user.external_id.clone(),
            org: models.organization.external_id.clone(),
            sid: session.id,
            aal: assurance.aal,
            amr: assurance.amr,
            auth_time: assurance.auth_time,
            surface: surface.map(ToOwned::to_owned),
            restricted: assurance.restricted,
            trusted_device: assurance.trusted_device,
        }
    }
}

/// The header of a JWS (RFC 7515 section 4.1).
#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    typ: &'static str,
    kid: &'a str,
}

/// The payload: the claims, and how long they hold.
#[derive(Serialize)]
struct Payload {
    #[serde(flatten)]
    claims: Claims,
    iat: UnixTime,
    exp: UnixTime,
}

/// Gets the key ready that [`sign`] needs.
pub async fn get_ready(context: &Context) {
    let seed = context.settings.keys.writer().signing_seed();
    context.signatures().prepare(&seed).await;
}

/// Signs what `session` proves.
///
/// # Errors
/// A fault when the platform's cryptography fails.
pub async fn sign(
    context: &Context,
    session: &Session,
    models: &Models,
    surface: Option<&str>,
) -> Result<String, Fault> {
    let key = context.settings.keys.writer();
    let header = Header {
        alg: "EdDSA",
        typ: "JWT",
        kid: key.id(),
    };
    let payload = Payload {
        claims: Claims::of(context, session, models, surface),
        iat: context.now,
        exp: context.now.plus(LIFE_SECONDS),
    };
    let signed = format!(
        "{}.{}",
        base64url::encode(&serde_json::to_vec(&header)?),
        base64url::encode(&serde_json::to_vec(&payload)?)
    );
    let signature = context
        .signatures()
        .sign(&key.signing_seed(), signed.as_bytes())
        .await?;
    Ok(format!("{signed}.{}", base64url::encode(&signature)))
}

/// The keys that assurance tokens are checked with (RFC 7517 section 5).
#[derive(Serialize, ToSchema)]
pub struct KeySet {
    /// One for each root key: the one that signs, and older ones.
    keys: Vec<Key>,
}

/// A public key (RFC 8037 section 2).
#[derive(Serialize, ToSchema)]
#[schema(as = PublicKey)]
struct Key {
    /// Key type.
    #[schema(pattern = "^OKP$")]
    kty: &'static str,
    /// Curve.
    #[schema(pattern = "^Ed25519$")]
    crv: &'static str,
    /// Algorithm.
    #[schema(pattern = "^EdDSA$")]
    alg: &'static str,
    /// What it is for.
    #[schema(pattern = "^sig$")]
    r#use: &'static str,
    /// Key id, as in the header of tokens.
    kid: String,
    /// The public key: 32 bytes in base64url.
    #[schema(min_length = 43, max_length = 43, pattern = "^[A-Za-z0-9_-]+$")]
    x: String,
}

/// `GET /.well-known/jwks.json`: may be cached as long as a token holds.
pub async fn jwks(
    caller: Public,
) -> Result<([(header::HeaderName, HeaderValue); 1], Json<KeySet>), Problem> {
    let context = &caller.request.context;
    let mut keys = Vec::new();
    for key in context.settings.keys.iter() {
        let x = context.signatures().public_key(&key.signing_seed()).await?;
        keys.push(Key {
            kty: "OKP",
            crv: "Ed25519",
            alg: "EdDSA",
            r#use: "sig",
            kid: key.id().to_owned(),
            x,
        });
    }
    let cached = HeaderValue::from_static("public, max-age=300");
    Ok(([(header::CACHE_CONTROL, cached)], Json(KeySet { keys })))
}
