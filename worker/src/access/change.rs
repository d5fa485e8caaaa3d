//! What a session changes, committed by a settlement.

use postern::{
    audit::Action,
    decision::{Attempt, Provisos, Spend},
    ids::{EventId, SessionId},
    refusal::{Conflict, Refusal},
};

use crate::{
    access::live_session::LiveSession,
    http::{context::Context, problem::Problem},
    platform::Fault,
    store::{
        d1::{Effect, Statement, effect, text},
        event_detail::EventDetail,
        settlement::{Judgment, Settled, Settlement, settle},
        survivors::Survivors,
    },
};

/// A change that needs no proof but the caller's session.
///
/// # Errors
/// `unauthenticated`, `conflict` when the user or policy moved on since the session was loaded a
/// moment ago, `unavailable`.
pub async fn change(
    context: &Context,
    caller: &LiveSession,
    change: Change,
) -> Result<Judgment, Problem> {
    let provisos = Provisos {
        challenge: change.challenge,
        session: Some(caller.holder()),
        enrolled: change.enrolled,
        ..caller.models.provisos(change.attempt)
    };
    let Change {
        event,
        action,
        subject,
        keeps,
        detail,
        mut effects,
        survivors,
        reads,
        ..
    } = change;
    let survivors = survivors.map(|survivors| survivors.effects(event));
    effects.extend(survivors.unwrap_or_default());
    match settle(
        context,
        Settlement {
            event,
            action,
            provisos,
            subject,
            keeps,
            detail,
            effects,
            reads,
        },
    )
    .await?
    {
        Settled::Judged(judgment) => {
            judgment.outcome.accepted_or_refused()?;
            Ok(judgment)
        }
        Settled::Spent => Err(Refusal::Expired.into()),
        Settled::Stale(_) => Err(Refusal::Conflict(Conflict::MovedOn).into()),
        Settled::Gone => Err(Refusal::Unauthenticated.into()),
        Settled::Closed(closed) => {
            Err(Refusal::closed(closed, Refusal::Conflict(Conflict::MovedOn)).into())
        }
    }
}

/// What a session changes.
pub struct Change {
    /// The id of its event.
    pub event: EventId,
    /// What is done.
    pub action: Action,
    /// What it concerns.
    pub subject: Option<String>,
    /// See [`Settlement::keeps`].
    pub keeps: bool,
    /// More for the audit trail.
    pub detail: EventDetail,
    /// A proof that comes with it.
    pub attempt: Attempt,
    /// The ceremony that this spends.
    pub challenge: Option<Spend>,
    /// See [`Provisos::enrolled`].
    pub enrolled: Option<u64>,
    /// What becomes true when it is accepted.
    pub effects: Vec<Effect>,
    /// Which sessions outlive it; `None` for a change that leaves the user version alone.
    pub survivors: Option<Survivors>,
    /// What the reply shows of it.
    pub reads: Vec<Statement>,
}

impl Change {
    /// A change without a proof of its own.
    ///
    /// # Errors
    /// A fault without randomness.
    pub fn new(context: &Context, action: Action) -> Result<Self, Fault> {
        let event = context.event_id()?;
        Ok(Self {
            event,
            action,
            subject: None,
            keeps: false,
            detail: EventDetail::default(),
            attempt: Attempt::none(),
            challenge: None,
            enrolled: None,
            effects: vec![],
            survivors: None,
            reads: vec![],
        })
    }

    /// The end of the session `id`.
    ///
    /// # Errors
    /// A fault without randomness.
    pub fn end_session(context: &Context, id: SessionId) -> Result<Self, Fault> {
        let mut ending = Self::new(context, Action::SessionEnd)?;
        ending.subject = Some(id.to_string());
        ending.effects = vec![effect!(END_ONE, ending.event, text(id))];
        Ok(ending)
    }
}

/// ?1 event 2 session
const END_ONE: &str = "
UPDATE session SET ended_at = e.at FROM accepted e
WHERE e.id = ?1 AND (session.organization, session.user, session.id) = (e.organization, e.user, ?2) AND session.ended_at IS NULL";
