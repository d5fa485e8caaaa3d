//! Back to one factor, by either door: all of it turned off, or the last authenticator removed.
//!
//! It takes a second factor shown just now, also where the organization takes a password for a
//! step-up, and the password of everyone who has one.

use postern::{
    audit::Action,
    challenges::{Presented, check},
    decision::Attempt,
    evidence::Method,
    ids::{AuthenticatorId, EventId},
    passwords::Password,
    policy,
    refusal::{Conflict, Refusal},
    slow_hash::Memory,
    throttle::{Counters, Lane, ThrottleKey},
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    access::{Change, Fresh, Load, change},
    account::backup_codes,
    http::{
        body::{Json, NoContent},
        context::Home,
        problem::Problem,
        request::Request,
        slow_hashes::Place,
    },
    platform::Fault,
    store::{
        d1::{Effect, Rows, Statement, effect},
        mail,
        settlement::{self, ThrottleState},
        survivors::Survivors,
    },
};

/// Guesses at the password count here.
const GATE: ThrottleKey = ThrottleKey {
    method: Method::Password,
    lane: Lane::Session,
};

/// What comes with it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PasswordProof)]
pub struct Proof {
    /// The password, of a person who has one.
    password: Option<Password>,
}

/// The counters of the password, read in the trip that loads the session: before a slow hash.
pub struct PasswordCounters(Counters);

impl Load for PasswordCounters {
    fn statements(_: &Request, home: Home) -> Vec<Statement> {
        vec![settlement::throttle_statement(home, Some(GATE))]
    }

    fn read(rows: &mut Rows) -> Result<Self, Fault> {
        let row = rows.first::<ThrottleState>()?.unwrap_or_default();
        Ok(Self(row.counters()))
    }
}

/// `DELETE /v1/me/mfa`
pub async fn turn_off(
    caller: Fresh<PasswordCounters>,
    Json(body): Json<Proof>,
) -> Result<NoContent, Problem> {
    if caller.models.user.authenticators.is_empty() {
        return Err(Refusal::Conflict(Conflict::NothingOn).into());
    }
    end_all(&caller, body, None).await
}

/// Ends all factors of the caller, trust in all browsers and all other sessions. `removed` is the
/// authenticator by whose removal it was asked for.
///
/// # Errors
/// `policy_forbids`, `step_up_required`, `malformed` without the password, `throttled`,
/// `not_accepted`, and those of [`change`].
pub async fn end_all(
    caller: &Fresh<PasswordCounters>,
    body: Proof,
    removed: Option<AuthenticatorId>,
) -> Result<NoContent, Problem> {
    let context = caller.context();
    may_turn_off(caller)?;
    let mut off = Change::new(context, Action::MfaOff)?;
    let event = off.event;
    off.subject = removed.map(|id| id.to_string());
    off.attempt = by_password(caller, body).await?;
    off.effects = end_factors(event);
    off.effects
        .push(mail::notice(context, event, mail::Kind::MfaOff));
    off.survivors = Some(Survivors::Only(caller.session.id));
    change(context, caller, off).await?;
    Ok(NoContent)
}

/// Ends all factors of a person, those begun and not confirmed too, when `event` is accepted.
pub fn end_factors(event: EventId) -> Vec<Effect> {
    vec![
        effect!(REMOVE_ALL, event),
        backup_codes::end(event),
        effect!(DROP_PENDING, event),
    ]
}

fn may_turn_off(caller: &Fresh<PasswordCounters>) -> Result<(), Refusal> {
    let now = caller.context().now;
    let user = &caller.models.user;
    let ids = user.authenticator_ids();
    policy::may_remove_last(&caller.models.organization.policy, &user.person(&ids), now)?;
    if !caller.assurance.is_fresh(now) {
        return Err(Refusal::StepUpRequired);
    }
    Ok(())
}

/// Checks the password of a person who has one.
async fn by_password(caller: &Fresh<PasswordCounters>, body: Proof) -> Result<Attempt, Problem> {
    let context = caller.context();
    let user = &caller.models.user;
    if user.password.is_none() {
        return Ok(Attempt::none());
    }
    let password = body.password;
    let password = password.ok_or(Refusal::malformed("password", "the password"))?;
    let PasswordCounters(counters) = &caller.loaded;
    if let Some(closed) = GATE.closed(counters, 1, context.now) {
        return Err(Refusal::closed(closed, Refusal::NotAccepted).into());
    }
    let place = Place::take(context, caller.home, false).await?;
    let presented = Presented::Password(password);
    let (keys, now) = (&context.settings.keys, context.now);
    let check = |memory: &mut Memory| check(&presented, user, GATE.lane, keys, memory, now);
    Ok(place.hash(check).await??)
}

/// ?1 event
const REMOVE_ALL: &str = "
DELETE FROM authenticator WHERE (organization, user) IN (SELECT organization, user FROM accepted WHERE id = ?1)";

/// ?1 event
const DROP_PENDING: &str = "
DELETE FROM enrollment WHERE (organization, user) IN (SELECT organization, user FROM accepted WHERE id = ?1)";
