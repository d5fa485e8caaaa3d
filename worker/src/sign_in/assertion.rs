//! What passkeys sign at a sign-in or a step-up: asked for, and checked.

use postern::{
    challenges::{self, Challenge, asserted, assertion},
    decision::Attempt,
    evidence::Method,
    passkeys::{
        AuthenticationResponseJSON, CeremonyNonce, PublicKeyCredentialRequestOptionsJSON,
        authentication,
    },
    refusal::Refusal,
    throttle::Lane,
    time::UnixTime,
};

use crate::{
    http::{
        context::Context,
        problem::Problem,
        relying_party::{Site, nonce, readable, verified},
    },
    platform::Fault,
    store::models::Models,
};

/// Checks an assertion of the user of `models`, up to the database's last word. `another_factor`:
/// something else was shown before.
///
/// # Errors
/// `malformed` for what cannot be read. What does not hold is for the commit to record.
pub async fn attempt(
    context: &Context,
    models: &Models,
    ceremony: &authentication::Ceremony<'_>,
    response: &AuthenticationResponseJSON,
    another_factor: bool,
    lane: Lane,
) -> Result<Attempt, Problem> {
    let site = Site::of(context);
    let rp = site.relying_party("");
    let assertion = verified(
        context.signatures(),
        assertion(&rp, ceremony, &models.user, response),
    )
    .await;
    // Alone, what cannot be read is answered like what does not hold: the one would say that
    // there is such a passkey.
    let assertion = if another_factor {
        readable(assertion)?
    } else {
        assertion
    };
    let Models { user, organization } = models;
    let policy = &organization.policy;
    let now = context.now;
    Ok(asserted(assertion, user, policy, another_factor, lane, now))
}

/// Options for an assertion in answer to `challenge`; `None` when it has nothing to sign.
pub fn request_options(
    context: &Context,
    models: &Models,
    challenge: &Challenge,
) -> Option<PublicKeyCredentialRequestOptionsJSON> {
    let nonce = challenge.nonce?;
    let site = Site::of(context);
    Some(PublicKeyCredentialRequestOptionsJSON::new(
        &site.relying_party(""),
        nonce.0,
        challenge.purpose.user_verification(),
        models.user.passkeys().map(|(_, record)| record),
    ))
}

/// Something for a passkey to sign, if `methods` has one.
///
/// # Errors
/// A fault without randomness.
pub fn nonce_for(context: &Context, methods: &[Method]) -> Result<Option<CeremonyNonce>, Fault> {
    let asked = methods.contains(&Method::Passkey);
    asked.then(|| nonce(context)).transpose()
}

/// The ceremony of `challenge`, unless it took too long.
///
/// # Errors
/// `expired`.
pub fn ceremony<'a>(
    challenge: &'a Challenge,
    now: UnixTime,
) -> Result<Option<authentication::Ceremony<'a>>, Refusal> {
    if now >= challenge.opened_at.plus(challenges::CEREMONY_SECONDS) {
        return Err(Refusal::Expired);
    }
    Ok(challenge.ceremony())
}
