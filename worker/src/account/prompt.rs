//! The prompt to enroll, answered with "not now".

use postern::{audit::Action, policy};

use crate::{
    access::{self, Change, change},
    account::backup_codes::Nothing,
    http::{
        body::{Json, NoContent},
        problem::Problem,
    },
    store::d1::effect,
};

/// `POST /v1/me/prompt/declined`: the person is offered enrollment again when the days of the policy
/// are over. Where nothing is offered now, this changes nothing.
pub async fn declined(
    caller: access::Session,
    Json(Nothing {}): Json<Nothing>,
) -> Result<NoContent, Problem> {
    let context = caller.context();
    let models = &caller.models;
    let ids = models.user.authenticator_ids();
    let offered = policy::prompts(
        &models.organization.policy,
        &models.user.person(&ids),
        &caller.ruling,
        models.user.prompt_declined_at,
        context.now,
    );
    if offered.is_some() {
        let mut declining = Change::new(context, Action::PromptDecline)?;
        declining.effects = vec![effect!(DECLINED, declining.event)];
        change(context, &caller, declining).await?;
    }
    Ok(NoContent)
}

/// ?1 event
const DECLINED: &str = "
UPDATE user SET prompt_declined_at = e.at FROM accepted e
WHERE e.id = ?1 AND (user.organization, user.id) = (e.organization, e.user)";
