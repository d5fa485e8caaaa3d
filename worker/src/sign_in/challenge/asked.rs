//! Whom a challenge asks, where a late copy opened it.

use postern::{
    challenges::Challenge,
    refusal::Refusal,
    throttle::{Counters, ThrottleKey},
    users::State,
};

use crate::{
    http::{
        context::{Context, Home},
        problem::Problem,
    },
    store::{
        d1::{self, Statement, text},
        models::Models,
        settlement::load,
    },
};

/// Checks that `challenge` asks the user of `models` still.
///
/// # Errors
/// `expired`; `not_accepted` for a user who is disabled.
pub fn check_asked(
    context: &Context,
    challenge: &Challenge,
    models: &Models,
) -> Result<(), Refusal> {
    match models.user.state {
        _ if !challenge.asks(&models.user, context.now_ms) => Err(Refusal::Expired),
        State::Disabled => Err(Refusal::NotAccepted),
        State::Active => Ok(()),
    }
}

/// The user who has the name now that the application meant, where the one who had it is gone; and
/// the counters of `throttle`.
///
/// # Errors
/// `not_accepted` when there is none, or the challenge was not opened by a copy; `unavailable`.
pub async fn namesake(
    context: &Context,
    challenge: &Challenge,
    throttle: Option<ThrottleKey>,
) -> Result<(Models, Counters), Problem> {
    let copied = challenge.copied.as_ref().ok_or(Refusal::NotAccepted)?;
    let named = Statement::new(
        NAMED,
        [text(challenge.organization), copied.name.as_str().into()],
    );
    let mut rows = d1::run(&context.database, &[named]).await?;
    let home = rows.first::<Home>()?.ok_or(Refusal::NotAccepted)?;
    let found = load(context, home, throttle, Some(challenge.id)).await?;
    Ok(found.ok_or(Refusal::NotAccepted)?)
}

/// ?1 organization 2 user, as the application knows them
const NAMED: &str = "
SELECT organization, id AS user FROM user WHERE organization = ?1 AND external_id = ?2";
