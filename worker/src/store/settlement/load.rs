//! Reads what a decision rests on, where no copy will do.

use postern::{
    ids::ChallengeId,
    refusal::Refusal,
    throttle::{Counters, ThrottleKey},
};

use serde::Deserialize;

use super::{
    counting::throttle_statement,
    rows::ThrottleState,
    statements::{SPENT, TRUTH},
};
use crate::{
    http::{
        context::{Context, Home},
        problem::Problem,
    },
    store::{
        d1::{self, Rows, Statement, text},
        models::Models,
    },
};

/// Reads a user and an organization, and the counters of `throttle`, in one trip; `None` when there is no
/// such user.
///
/// # Errors
/// `expired` when `challenge` is spent; `unavailable`.
pub async fn load(
    context: &Context,
    home: Home,
    throttle: Option<ThrottleKey>,
    challenge: Option<ChallengeId>,
) -> Result<Option<(Models, Counters)>, Problem> {
    let statements = [
        models_statement(home),
        throttle_statement(home, throttle),
        spent_statement(challenge),
    ];
    let mut rows = d1::run(&context.database, &statements).await?;
    let models = rows.first::<Models>()?;
    let counters = rows
        .first::<ThrottleState>()?
        .unwrap_or_default()
        .counters();
    not_spent(&mut rows)?;
    Ok(models.map(|models| (models, counters)))
}

/// Reads a user and an organization, or no row when there is no such user.
pub fn models_statement(home: Home) -> Statement {
    Statement::new(TRUTH, [text(home.organization), text(home.user)])
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

#[derive(Deserialize)]
struct SpentRow {}
