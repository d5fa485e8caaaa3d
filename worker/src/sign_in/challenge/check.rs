//! What every answer to a challenge has in common: how it is checked, under which provisos it holds,
//! and the mail that its outcome sends.

use postern::{
    challenges::{self, Challenge, Presented, Purpose, check_form},
    decision::{Attempt, Holder, Provisos, Spend},
    evidence::Method,
    ids::EventId,
    refusal::Refusal,
    slow_hash::Memory,
    throttle::{Counters, ThrottleKey},
    time::UnixTime,
};

use super::answer::Proof;
use crate::{
    http::{
        context::{Context, Home},
        problem::Problem,
        slow_hashes::Place,
    },
    sign_in::assertion,
    store::{d1::Effect, mail, models::Models},
};

/// Whether one proof may be looked at, before its slow hash.
///
/// # Errors
/// `throttled`, `authenticator_required`.
pub fn admitted(throttle: ThrottleKey, found: &Counters, now: UnixTime) -> Result<(), Refusal> {
    match throttle.closed(found, 1, now) {
        Some(closed) => Err(Refusal::closed(closed, Refusal::AuthenticatorRequired)),
        None => Ok(()),
    }
}

/// A place among the slow hashes, where checking the proof takes one.
///
/// # Errors
/// `throttled` when there is none left.
pub async fn place(
    context: &Context,
    challenge: &Challenge,
    proof: &Proof,
) -> Result<Option<Place>, Refusal> {
    let home = Home {
        organization: challenge.organization,
        user: challenge.user,
    };
    if !proof.is_slow() {
        return Ok(None);
    }
    let place = Place::take(context, home, challenge.lane().is_known());
    place.await.map(Some)
}

/// Checks the proof, as far as it can be without the database's last word; where that takes a
/// slow hash, in `place`.
///
/// # Errors
/// `malformed`, `not_accepted`, `expired`.
pub async fn attempt(
    context: &Context,
    challenge: &Challenge,
    models: &Models,
    proof: &Proof,
    throttle: ThrottleKey,
    place: Option<&Place>,
) -> Result<Attempt, Problem> {
    let presented = match proof {
        Proof::Passkey(response) => {
            let ceremony = assertion::ceremony(challenge, context.now)?;
            // Without a nonce nothing can have been signed: the user had no passkey.
            let ceremony = ceremony.ok_or(Refusal::NotAccepted)?;
            let lane = throttle.lane;
            return assertion::attempt(context, models, &ceremony, response, true, lane).await;
        }
        Proof::Secret(presented) => presented,
    };
    secret(context, models, presented, throttle, place).await
}

/// As [`attempt`], for a proof that is compared with what is stored.
///
/// # Errors
/// `malformed`.
pub async fn secret(
    context: &Context,
    models: &Models,
    presented: &Presented,
    throttle: ThrottleKey,
    place: Option<&Place>,
) -> Result<Attempt, Problem> {
    check_form(presented, &models.user)?;
    let (keys, now) = (&context.settings.keys, context.now);
    let check = |memory: &mut Memory| {
        challenges::check(presented, &models.user, throttle.lane, keys, memory, now)
    };
    Ok(match place {
        Some(place) => place.hash(check).await??,
        None => check(&mut Memory::new())?,
    })
}

/// The set of backup codes that one of it was tried on.
pub fn code_set(models: &Models, method: Option<Method>) -> Option<String> {
    let set = models.user.backup_codes.as_ref();
    let set = set.filter(|_| method == Some(Method::BackupCode));
    set.map(|set| set.id.to_string())
}

/// Under which conditions an answer to `challenge` holds.
pub fn provisos(
    challenge: &Challenge,
    models: &Models,
    attempt: Attempt,
    session: Option<Holder>,
) -> Provisos {
    Provisos {
        challenge: Some(Spend {
            id: challenge.id,
            expires_at: challenge.expires_at,
            tries: None,
        }),
        session,
        ..models.provisos(attempt)
    }
}

/// What the person hears of an answer. A wrong one is news only after a right first factor.
pub fn notices(
    context: &Context,
    event: EventId,
    challenge: &Challenge,
    method: Option<Method>,
) -> Vec<Effect> {
    let mut notices = Vec::new();
    let alone = challenge.purpose == Purpose::SignIn && challenge.evidence.is_empty();
    if !alone {
        notices.push(mail::wrong_proof(context, event, context.now));
    }
    match method {
        Some(Method::BackupCode) => {
            notices.push(mail::notice(context, event, mail::Kind::BackupCodeUsed));
        }
        Some(Method::Passkey) => {
            notices.push(mail::possible_clone(context, event));
        }
        _ => {}
    }
    notices
}
