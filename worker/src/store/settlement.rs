//! The commit: one D1 batch that decides an attempt, whatever was shown and for whatever purpose.
//!
//! Its first statement tests every proviso and records the event with its outcome. The others that
//! write select from that event. One more reads the outcome back, and the user and the policy where
//! the decision rested on older ones. A right and a wrong proof send the same statements. A closed
//! throttle or another version writes nothing.

use crate::platform::Fault;
use crate::{
    http::{
        context::{Context, Home},
        problem::Problem,
    },
    store::{
        copies,
        d1::{self, Batch, Rows},
        models::Models,
        resealing,
    },
};
use postern::{
    decision::{Attempt, Outcome, Provisos},
    refusal::{Hint, Refusal},
    throttle::{Closed, DISABLED},
    time::UnixTime,
};

mod batch;
mod counting;
mod load;
mod rows;
mod statements;
#[cfg(test)]
mod tests;

use batch::batch;
pub use batch::{Settlement, Statements};
pub use counting::{ThrottleValues, throttle_statement};
pub use load::{load, models_statement, not_spent, spent_statement};
pub use rows::{ReadbackRow, ThrottleState, Trust};
pub use statements::SPEND;
pub(crate) use statements::readback_text;

/// What the database said.
pub enum Settled {
    /// The attempt was judged and recorded.
    Judged(Judgment),
    /// The throttle is closed; nothing was written.
    Closed(Closed),
    /// The challenge is spent; nothing was written.
    Spent,
    /// The decision rested on something that is not so any more; nothing was written.
    Stale(Box<Models>),
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
    pub changed: Option<Box<Models>>,
    /// The rows of [`Settlement::reads`].
    pub rows: Rows,
}

impl Judgment {
    /// Whether it was accepted; if not, what the caller is told.
    ///
    /// # Errors
    /// As [`Outcome::accepted_or_refused`], and why where there is a hint.
    pub fn accepted_or_refused(&self) -> Result<(), Refusal> {
        self.outcome
            .accepted_or_refused()
            .map_err(|refusal| match self.hint {
                Some(hint) if self.outcome == Outcome::Wrong => Refusal::NotAcceptedBecause(hint),
                _ => refusal,
            })
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
/// As [`commit`].
pub async fn settle(context: &Context, settlement: Settlement) -> Result<Settled, Problem> {
    let (batch, provisos) = batch(context.now, &context.origin, settlement)?;
    let settled = commit(context, &batch, &provisos.attempt).await?;
    follow(context, &provisos, &settled);
    Ok(settled)
}

/// Sends the batch of an attempt, and reads what came of it.
///
/// # Errors
/// `throttled` for what was done too often; `unavailable` when D1 gives no answer and its outcome
/// cannot be read back.
pub async fn commit(
    context: &Context,
    batch: &Batch,
    attempt: &Attempt,
) -> Result<Settled, Problem> {
    let mut rows = match d1::write(&context.database, batch).await {
        Err(error) if error.violates("too_often") => {
            let until = context.now.plus(TOO_OFTEN_SECONDS);
            return Err(Refusal::Throttled { until }.into());
        }
        rows => rows?,
    };
    let row = rows.first::<ReadbackRow>()?;
    Ok(settled(row, rows, attempt, context.now)?)
}

/// What the row of [`READBACK`] says; none when the user is gone.
fn settled(
    row: Option<ReadbackRow>,
    rows: Rows,
    attempt: &Attempt,
    now: UnixTime,
) -> Result<Settled, Fault> {
    let Some(mut row) = row else {
        return Ok(Settled::Gone);
    };
    let moved_on = row.moved_on().map(Box::new);
    if let Some(word) = &row.outcome {
        let outcome = Outcome::read(word).ok_or_else(|| Fault::new(format!("outcome {word}")))?;
        return Ok(Settled::Judged(Judgment {
            outcome,
            hint: row.confirmed(attempt.hint),
            trust: row.trust,
            disabled: row.counters().own.not_before == DISABLED,
            used_up: row.is_used_up(),
            changed: moved_on,
            rows,
        }));
    }
    if row.is_spent() {
        return Ok(Settled::Spent);
    }
    if let Some(models) = moved_on {
        return Ok(Settled::Stale(models));
    }
    let closed = attempt
        .throttle
        .and_then(|throttle| throttle.closed(&row.counters(), attempt.cost, now));
    // Only a disabled user meets an open throttle here, and only if the version did not move with that.
    Ok(Settled::Closed(closed.unwrap_or(Closed::TooCostly)))
}

/// What is kept after the reply. None of it changes what was settled, so none of it can fail.
fn follow(context: &Context, provisos: &Provisos, settled: &Settled) {
    let home = Home {
        organization: provisos.organization,
        user: provisos.user,
    };
    if let (Settled::Judged(judgment), Some(rekey)) = (settled, &provisos.attempt.rekey)
        && judgment.outcome.accepted_or_refused().is_ok()
    {
        resealing::after_use(context, home, rekey);
    }
    match settled {
        Settled::Stale(models)
        | Settled::Judged(Judgment {
            changed: Some(models),
            ..
        }) => {
            let known = copies::Versions {
                user: provisos.user_version,
                policy: provisos.policy_version,
            };
            copies::keep(context, models, known);
        }
        Settled::Gone => copies::forget_user(context, home),
        _ => {}
    }
}
