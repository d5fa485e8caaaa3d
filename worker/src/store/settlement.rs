//! The commit: one D1 batch that decides an attempt, whatever was shown and for whatever purpose.
//!
//! Its first statement tests every proviso and records the event with its outcome; every later one
//! selects from that event; the last two bring back the truth, if the decision rested on something
//! else, and the outcome. A right and a wrong proof send the same list. A closed gate or another
//! version writes nothing.

use postern::{
    audit::Action,
    decision::{Attempt, Finding, Hint, Outcome, Provisos},
    evidence::Method,
    ids::{ChallengeId, EventId},
    organizations::Organization,
    record,
    refusal::Refusal,
    throttle::{Closed, Counters, DISABLED, Gate, WINDOW_SECONDS},
    time::{SKEW_SECONDS, UnixTime},
    trusted_devices::REPEAT_SECONDS,
    users::{MAX_PASSKEYS, MAX_TOTP, User},
};
use serde::Deserialize;

use crate::{
    http::{
        context::{Context, Home, Origin},
        problem::{Fault, Problem},
        reply::Object,
    },
    store::{
        copies,
        d1::{
            self, Batch, Effect, Recording, Rows, Statement, Value, effect, recording, statement,
            text,
        },
        resealing,
    },
};

mod counting;
mod rows;
mod statements;
#[cfg(test)]
mod tests;

pub use counting::{GateValues, counting, gate_statement};
pub use rows::{GateRow, ReplyRow, TruthRow};
pub use statements::{
    ADVANCE, COUNT, FORGIVE, GATE, REPLY, SPEND, SPENT, TRUTH, USE_CODE, USE_PASSKEY, USE_TRY,
    VERDICT,
};

/// An attempt to be settled.
pub struct Settlement {
    /// The id of its event, drawn before the first try, so that it cannot count twice.
    pub event: EventId,
    /// What is attempted.
    pub action: Action,
    /// Under which conditions it holds.
    pub provisos: Provisos,
    /// What it concerns, if not the authenticator that was found.
    pub subject: Option<String>,
    /// More for the audit trail: no secret, no code, only our own words and numbers.
    pub detail: Object,
    /// What becomes true when it is accepted.
    pub effects: Vec<Effect>,
    /// What the reply shows of it, read in the same trip.
    pub reads: Vec<Statement>,
}

/// What the database said.
pub enum Settled {
    /// The attempt was judged and recorded.
    Judged(Judgment),
    /// The gate is closed; nothing was written.
    Closed(Closed),
    /// The challenge is spent; nothing was written.
    Spent,
    /// The decision rested on something that is not so any more; nothing was written.
    Stale(Box<Truth>),
    /// The user is gone; nothing was written.
    Gone,
}

/// A judged attempt.
pub struct Judgment {
    /// What was recorded.
    pub outcome: Outcome,
    /// Why it does not hold, where the person is told.
    pub hint: Option<Hint>,
    /// What became of the trusted device that was presented.
    pub trust: Option<Trust>,
    /// Whether the method is disabled from now on.
    pub disabled: bool,
    /// Whether a backup code was shown and none is left now.
    pub used_up: bool,
    /// The user after a change that moved the version.
    pub changed: Option<Box<Truth>>,
    /// The rows of [`Settlement::reads`].
    pub rows: Rows,
}

impl Judgment {
    /// What the person hears.
    ///
    /// # Errors
    /// As [`Outcome::public`], and why where there is a hint.
    pub fn public(&self) -> Result<(), Refusal> {
        self.outcome.public().map_err(|refusal| match self.hint {
            Some(hint) if self.outcome == Outcome::Wrong => Refusal::NotAcceptedBecause(hint),
            _ => refusal,
        })
    }
}

/// What became of a trusted device that was presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// It is the device; its token rotated.
    Accepted,
    /// It is over: expired, revoked, or the user or policy moved on.
    Ended,
    /// The request before was this one: the same answer again.
    Repeated,
    /// An old token: somebody copied it. The series was ended.
    Reused,
}

/// A user and an organization as D1 has them.
#[derive(Clone, Debug)]
pub struct Truth {
    /// The user.
    pub user: User,
    /// The organization.
    pub organization: Organization,
}

impl Truth {
    /// Where the user is at home.
    pub const fn home(&self) -> Home {
        Home {
            organization: self.organization.id,
            user: self.user.id,
        }
    }
}

/// Times a decision is made again when what it rested on was late.
pub const TRIES: u32 = 4;

/// Seconds to wait after what a table takes only so often: the batch fails whole on its constraint
/// `too_often`.
const TOO_OFTEN_SECONDS: u64 = 60;

/// Settles an attempt.
///
/// # Errors
/// `throttled` for what was done too often; `unavailable` when D1 gives no answer and its outcome cannot be read back.
pub async fn settle(context: &Context, settlement: Settlement) -> Result<Settled, Problem> {
    let versions = copies::Versions {
        user: settlement.provisos.user_version,
        policy: settlement.provisos.policy_version,
    };
    let home = Home {
        organization: settlement.provisos.organization,
        user: settlement.provisos.user,
    };
    let asked = Asked::of(&settlement.provisos.attempt);
    let rekey = settlement.provisos.attempt.rekey.clone();
    let batch = batch(context.now, &context.origin, settlement);
    let rows = match d1::write(&context.database, &batch).await {
        Err(error) if error.violates("too_often") => {
            let until = context.now.plus(TOO_OFTEN_SECONDS);
            return Err(Refusal::Throttled { until }.into());
        }
        rows => rows?,
    };
    let settled = read(rows, &asked, context.now)?;
    if let (Settled::Judged(judgment), Some(rekey)) = (&settled, rekey)
        && judgment.outcome.public().is_ok()
    {
        resealing::after_use(context, home, rekey)?;
    }
    match &settled {
        Settled::Stale(truth)
        | Settled::Judged(Judgment {
            changed: Some(truth),
            ..
        }) => copies::keep(context, truth, versions),
        Settled::Gone => copies::forget_user(context, home),
        _ => {}
    }
    Ok(settled)
}

/// The verdict, the count, what becomes true, the truth and the outcome.
fn batch(now: UnixTime, origin: &Origin, settlement: Settlement) -> Batch {
    let (recording, mut effects) = opening(now, origin, &settlement);
    let reads = closing(&settlement);
    effects.extend(settlement.effects);
    Batch {
        recording,
        effects,
        reads,
    }
}

/// The verdict, and what every settlement does with it.
fn opening(now: UnixTime, origin: &Origin, settlement: &Settlement) -> (Recording, Vec<Effect>) {
    let Provisos {
        organization,
        user,
        user_version,
        policy_version,
        attempt,
        challenge,
        session,
        device,
        enrolled,
    } = &settlement.provisos;
    let event = settlement.event;
    let gate = GateValues::of(attempt.gate);
    let cap = attempt.gate.map_or(u32::MAX, |gate| gate.own().cap);
    let shared = attempt.gate.and_then(|gate| gate.shared());

    let (mut authenticator, mut step, mut look_up, mut enrollment, mut credential) = (
        Value::Null,
        Value::Null,
        Value::Null,
        Value::Null,
        Value::Null,
    );
    let (mut sign_count, mut refuse_regression) = (Value::Null, false);
    let mut added = None;
    let mut holds = true;
    match &attempt.finding {
        Finding::Nothing | Finding::Holds => {}
        Finding::Wrong => holds = false,
        Finding::Step {
            authenticator: id,
            step: matched,
        } => {
            authenticator = text(id);
            step = matched.0.into();
        }
        Finding::LookUp(index) => look_up = index.clone().into(),
        Finding::Enrollment { id, step: matched } => {
            enrollment = text(id);
            added = Some(("totp", MAX_TOTP));
            holds = matched.is_some();
        }
        Finding::Assertion {
            authenticator: id,
            sign_count: count,
            refuse_regression: refuse,
            ..
        } => {
            authenticator = text(id);
            sign_count = (*count).into();
            refuse_regression = *refuse;
        }
        Finding::Registration { credential: id } => {
            credential = id.clone().into();
            added = Some(("passkey", MAX_PASSKEYS));
        }
    }
    let subject = settlement
        .subject
        .clone()
        .map_or_else(|| authenticator.clone(), Value::from);
    let recording = recording!(VERDICT, {
        event: event,
        now: now,
        organization: text(organization),
        user: text(user),
        user_version: *user_version,
        policy_version: *policy_version,
        action: settlement.action.as_str(),
        method: attempt.method.map(|method| method.as_str()),
        gate_method: gate.method,
        lane: gate.lane,
        shared: gate.shared,
        cost: attempt.cost,
        cap: cap,
        shared_cap: shared.map_or(u32::MAX, |shared| shared.rule.cap),
        authenticator: authenticator,
        holds: holds,
        step: step,
        look_up: look_up,
        challenge: challenge.as_ref().map(|spend| spend.id.to_string()),
        session: session.as_ref().map(|holder| holder.id.to_string()),
        session_hash: session.as_ref().map(|holder| holder.token_hash.clone()),
        enrollment: enrollment,
        device: device.as_ref().map(|holder| holder.id.to_string()),
        device_hash: device.as_ref().map(|holder| holder.token_hash.clone()),
        enrolled: *enrolled,
        ip: origin.ip.clone(),
        user_agent: origin.user_agent.clone(),
        request_id: origin.request_id.clone(),
        detail: detail(settlement),
        window: WINDOW_SECONDS,
        repeat_window: REPEAT_SECONDS,
        skew: SKEW_SECONDS,
        most_of_kind: added.map(|(_, cap)| cap),
        subject: subject,
        sign_count: sign_count,
        refuse_regression: refuse_regression,
        credential: credential,
        kind_added: added.map(|(kind, _)| kind),
    });
    let mut effects = Vec::new();
    if let Some(gate) = attempt.gate {
        effects.extend(counting(event, now, gate, attempt.cost));
    }
    if let Some(spend) = challenge {
        let kept_until = spend.expires_at.plus(60);
        effects.push(effect!(SPEND, event, text(spend.id), kept_until));
        if let Some(tries) = spend.tries {
            let id = text(spend.id);
            effects.push(effect!(USE_TRY, event, id, kept_until, tries));
        }
    }
    effects.push(effect!(ADVANCE, event, step_of(&attempt.finding)));
    if attempt.method == Some(Method::Passkey) {
        effects.push(use_passkey(event, &attempt.finding));
    }
    effects.push(effect!(USE_CODE, event, look_up_of(&attempt.finding)));
    (recording, effects)
}

/// What the audit trail keeps besides.
fn detail(settlement: &Settlement) -> Option<String> {
    let flaw = settlement.provisos.attempt.flaw;
    let detail = match flaw {
        // A word of ours has JSON.
        Some(flaw) => settlement.detail.clone().with("flaw", &flaw).ok()?,
        None => settlement.detail.clone(),
    };
    detail.text()
}

/// What an assertion leaves in the record of its passkey (WebAuthn L3 §7.2 step 24).
fn use_passkey(event: EventId, finding: &Finding) -> Effect {
    let (count, state, initialized) = match finding {
        Finding::Assertion {
            sign_count,
            backup_state,
            uv_initialized,
            ..
        } => (
            (*sign_count).into(),
            (*backup_state).into(),
            (*uv_initialized).into(),
        ),
        _ => (Value::Null, Value::Null, Value::Null),
    };
    effect!(USE_PASSKEY, event, count, state, initialized)
}

/// The truth, if the decision rested on something else, and the outcome.
fn closing(settlement: &Settlement) -> Vec<Statement> {
    let Provisos {
        organization,
        user,
        user_version,
        policy_version,
        attempt,
        challenge,
        ..
    } = &settlement.provisos;
    let gate = GateValues::of(attempt.gate);
    let late = match attempt.hint {
        Some(Hint::ClockBehind {
            authenticator,
            step,
            ..
        }) => Some((authenticator, step)),
        _ => None,
    };
    let mut statements = vec![
        Statement::new(
            TRUTH,
            [
                text(organization),
                text(user),
                (*user_version).into(),
                (*policy_version).into(),
            ],
        ),
        statement!(REPLY, {
            event: settlement.event,
            organization: text(organization),
            user: text(user),
            gate_method: gate.method,
            lane: gate.lane,
            shared: gate.shared,
            challenge: challenge.as_ref().map(|spend| spend.id.to_string()),
            late_authenticator: late.map(|(authenticator, _)| authenticator.to_string()),
            late_step: late.map(|(_, step)| step.0),
        }),
    ];
    statements.extend(settlement.reads.iter().cloned());
    statements
}

/// What an attempt is asked for again when the database has spoken.
struct Asked {
    gate: Option<Gate>,
    cost: u32,
    hint: Option<Hint>,
}

impl Asked {
    const fn of(attempt: &Attempt) -> Self {
        Self {
            gate: attempt.gate,
            cost: attempt.cost,
            hint: attempt.hint,
        }
    }
}

fn read(mut rows: Rows, asked: &Asked, now: UnixTime) -> Result<Settled, Fault> {
    let truth = rows.first::<TruthRow>()?;
    let reply = rows.first::<ReplyRow>()?;
    settled(truth, reply, rows, asked, now)
}

/// What the rows of [`TRUTH`] and [`REPLY`] say.
fn settled(
    truth: Option<TruthRow>,
    reply: Option<ReplyRow>,
    rows: Rows,
    asked: &Asked,
    now: UnixTime,
) -> Result<Settled, Fault> {
    let truth = truth.map(TruthRow::read).transpose()?;
    let Some(reply) = reply else {
        return Ok(Settled::Gone);
    };
    if let Some(outcome) = &reply.outcome {
        let outcome =
            Outcome::read(outcome).ok_or_else(|| Fault::new(format!("outcome {outcome}")))?;
        return Ok(Settled::Judged(Judgment {
            outcome,
            hint: reply.confirmed(asked.hint),
            trust: reply.trust,
            disabled: reply.counters().own.not_before == DISABLED,
            used_up: reply.used_up == Some(1),
            changed: truth.map(Box::new),
            rows,
        }));
    }
    Ok(match truth {
        _ if reply.spent == Some(1) => Settled::Spent,
        Some(truth) => Settled::Stale(Box::new(truth)),
        // An open gate is left only where a user is disabled under the version of one who was not:
        // nothing may come of that either.
        None => {
            let closed = asked
                .gate
                .and_then(|gate| gate.closed(&reply.counters(), asked.cost, now));
            Settled::Closed(closed.unwrap_or(Closed::TooCostly))
        }
    })
}

/// Reads a user and an organization, and the gate of `gate`, in one trip; `None` when there is no
/// such user.
///
/// # Errors
/// `expired` when `challenge` is spent; `unavailable`.
pub async fn load(
    context: &Context,
    home: Home,
    gate: Option<Gate>,
    challenge: Option<ChallengeId>,
) -> Result<Option<(Truth, Counters)>, Problem> {
    let statements = [
        Statement::new(
            TRUTH,
            [
                text(home.organization),
                text(home.user),
                Value::Integer(0),
                Value::Integer(0),
            ],
        ),
        gate_statement(home, gate),
        spent_statement(challenge),
    ];
    let mut rows = d1::run(&context.database, &statements).await?;
    let truth = rows.first::<TruthRow>()?;
    let counters = rows.first::<GateRow>()?.unwrap_or_default().counters();
    not_spent(&mut rows)?;
    let Some(truth) = truth else {
        return Ok(None);
    };
    Ok(Some((truth.read()?, counters)))
}

/// Looks whether `challenge` is spent, in a trip that reads something else too: before a slow hash
/// that would be for nothing.
pub fn spent_statement(challenge: Option<ChallengeId>) -> Statement {
    Statement::new(SPENT, [challenge.map(|id| id.to_string()).into()])
}

/// Reads what [`spent_statement`] found.
///
/// # Errors
/// `expired` when the challenge is spent.
pub fn not_spent(rows: &mut Rows) -> Result<(), Problem> {
    match rows.first::<SpentRow>()? {
        Some(SpentRow {}) => Err(Refusal::Expired.into()),
        None => Ok(()),
    }
}

record! {
    struct SpentRow {}
}

fn step_of(finding: &Finding) -> Value {
    match finding {
        Finding::Step { step, .. } => step.0.into(),
        _ => Value::Null,
    }
}

fn look_up_of(finding: &Finding) -> Value {
    match finding {
        Finding::LookUp(index) => index.clone().into(),
        _ => Value::Null,
    }
}
