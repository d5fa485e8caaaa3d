//! Back to one factor, by whichever door: all of it turned off, or the last authenticator removed.
//!
//! It takes a second factor shown just now, also where the organization takes a password for a
//! step-up, and the password of everyone who has one.

use postern::{
    audit::Action,
    challenges::{Presented, check},
    evidence::Method,
    ids::AuthenticatorId,
    passwords::Password,
    policy, record,
    refusal::Refusal,
    slow_hash::Memory,
    throttle::{Counters, Lane, ThrottleKey},
};

use crate::{
    access::caller::Caller,
    account::{
        backup_codes,
        sessions::{Change, change},
    },
    http::{
        call::Call,
        context::Home,
        problem::Problem,
        reply::{Reply, no_content},
        slow_hashes::Place,
    },
    store::{
        d1::{Rows, Statement, effect},
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

record! {
    /// What comes with it.
    pub strict struct Body {
        password: Option<Password>,
    }
}

/// Reads the counters of the password, in the trip that reads the session.
pub fn gate_statement(home: Home) -> Statement {
    settlement::gate_statement(home, Some(GATE))
}

/// What [`gate_statement`] read.
///
/// # Errors
/// A fault when it read something else.
pub fn counters(rows: &mut Rows) -> Result<Counters, Problem> {
    Ok(rows
        .first::<ThrottleState>()?
        .unwrap_or_default()
        .counters())
}

/// `DELETE /v1/me/mfa`
pub async fn turn_off(call: Call) -> Reply {
    let gate = gate_statement(call.claimed_home()?);
    let (caller, mut rows) = call.session(vec![gate]).await?;
    let body: Body = call.json(caller.judged())?;
    let counters = counters(&mut rows)?;
    if caller.truth.user.authenticators.is_empty() {
        return Err(Refusal::Conflict("nothing is turned on").into());
    }
    end_all(&call, &caller, &counters, body, None).await
}

/// Ends all factors of the caller, trust in all browsers and all other sessions. `removed` is the
/// authenticator by whose removal it was asked for.
///
/// # Errors
/// `policy_forbids`, `step_up_required`, `malformed` without the password, `throttled`,
/// `not_accepted`, and those of [`change`].
pub async fn end_all(
    call: &Call,
    caller: &Caller,
    counters: &Counters,
    body: Body,
    removed: Option<AuthenticatorId>,
) -> Reply {
    let context = &call.context;
    let user = &caller.truth.user;
    let ids = user.authenticator_ids();
    policy::may_remove_last(
        &caller.truth.organization.policy,
        &user.person(&ids),
        context.now,
    )?;
    if !caller.assurance.is_fresh(context.now) {
        return Err(Refusal::StepUpRequired.into());
    }
    let mut off = Change::new(context, Action::MfaOff)?;
    let event = off.event;
    off.subject = removed.map(|id| id.to_string());
    if user.password.is_some() {
        let password = body
            .password
            .ok_or(Refusal::malformed("password", "the password"))?;
        if let Some(closed) = GATE.closed(counters, 1, context.now) {
            return Err(Refusal::closed(closed, Refusal::NotAccepted).into());
        }
        let place = Place::take(context, caller.home, false)?;
        let presented = Presented::Password(password);
        let (keys, now) = (&context.settings.keys, context.now);
        let check = |memory: &mut Memory| check(&presented, user, GATE.lane, keys, memory, now);
        off.attempt = place.hash(check).await??;
    }
    off.effects = vec![
        effect!(REMOVE_ALL, event),
        backup_codes::end(event),
        effect!(DROP_PENDING, event),
        mail::notice(context, event, mail::Kind::MfaOff)?,
    ];
    off.survivors = Some(Survivors::Only(caller.session.id));
    change(call, caller, off).await?;
    Ok(no_content())
}

/// ?1 event
const REMOVE_ALL: &str = "
DELETE FROM authenticator WHERE (organization, user) IN (SELECT organization, user FROM accepted WHERE id = ?1)";

/// ?1 event
const DROP_PENDING: &str = "
DELETE FROM enrollment WHERE (organization, user) IN (SELECT organization, user FROM accepted WHERE id = ?1)";
