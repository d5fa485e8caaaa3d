//! A way back in: a mailed link by which a person replaces all factors, and until then keeps the old
//! ones. What the link does is for [`crate::sign_in::resets`].

use postern::{
    audit::Action,
    links::Purpose,
    names::ExternalId,
    policy,
    refusal::{Conflict, Refusal},
    time::UnixTime,
    users::State,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::{FreshAdmin, still_keeps},
    account::backup_codes::Nothing,
    http::{
        body::{Json, NoContent},
        path::PathSecond,
        problem::Problem,
    },
    organization::{mailed_links::Mailing, users::user_models},
    store::{
        d1::{self, Batch, Statement, recording, recording_text, text},
        links, mail,
        models::Models,
    },
};

const MAILING: Mailing = Mailing {
    purpose: Purpose::Reset,
    action: Action::ResetStart,
    kind: mail::Kind::ResetStarted,
};

/// A reset to start.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartReset {
    /// For how many minutes the link works: 10 to 1440, and 60 where nothing is said.
    #[schema(minimum = 10, maximum = 1440)]
    pub minutes: Option<u64>,
}

/// A reset that was started.
#[derive(Debug, Serialize, ToSchema)]
pub struct StartedReset {
    /// From when on the link does nothing any more, in seconds since 1970.
    pub expires_at: UnixTime,
}

/// `POST /v1/organizations/{org}/users/{user}/reset-mfa`: mails the person a link. The one before it, if
/// any, does nothing any more.
pub async fn start(
    caller: FreshAdmin,
    PathSecond(user): PathSecond<ExternalId>,
    Json(body): Json<StartReset>,
) -> Result<Json<StartedReset>, Problem> {
    // parse
    let seconds = match body.minutes {
        None => Purpose::Reset.seconds(),
        Some(minutes @ 10..=1440) => minutes.saturating_mul(60),
        Some(_) => return Err(Refusal::malformed("minutes", "10 to 1440 minutes").into()),
    };
    // load
    let recipient = MAILING.to(&caller, &user).await?;
    // decide
    may_start(&recipient.models)?;
    recipient.can_be_mailed(caller.context())?;
    // commit
    let expires_at = MAILING.send(&caller, &recipient, seconds).await?;
    Ok(Json(StartedReset { expires_at }))
}

/// `POST /v1/organizations/{org}/users/{user}/cancel-reset`: the link does nothing any more.
pub async fn cancel(
    caller: FreshAdmin,
    PathSecond(user): PathSecond<ExternalId>,
    Json(Nothing {}): Json<Nothing>,
) -> Result<NoContent, Problem> {
    let context = caller.context();
    let found = user_models(&caller.organization, &user);
    let mut rows = d1::run(&context.database, &[found]).await?;
    let models: Models = rows.first()?.ok_or(Refusal::NotFound)?;
    caller.may_help(&models.user)?;
    let event = context.event_id()?;
    let user = &models.user;
    let batch = Batch {
        recording: recording!(CANCEL_EVENT, {
            event: event,
            organization: text(user.organization),
            user: text(user.id),
            version: user.version,
            now: context.now,
            action: Action::ResetCancel.as_str(),
            keeper: caller.proviso()?,
            ip: context.origin.ip.clone(),
            user_agent: context.origin.user_agent.clone(),
            request_id: context.origin.request_id.clone(),
        }),
        effects: vec![
            links::end(event, Purpose::Reset),
            mail::notice(context, event, mail::Kind::ResetCancelled),
        ],
        reads: vec![Statement::new(RECORDED, [text(event)])],
    };
    let mut rows = d1::write(&context.database, &batch).await?;
    let recorded: Option<Recorded> = rows.first()?;
    recorded.ok_or(Refusal::Conflict(Conflict::NoReset))?;
    Ok(NoContent)
}

/// Whether there is something that a link can replace.
fn may_start(models: &Models) -> Result<(), Refusal> {
    if !policy::enrolling_allowed(&models.organization.policy) {
        return Err(Refusal::PolicyForbids);
    }
    if models.user.state != State::Active || models.user.authenticators.is_empty() {
        return Err(Refusal::Conflict(Conflict::NothingToReplace));
    }
    Ok(())
}

/// A row that is only there or not.
#[derive(Deserialize)]
struct Recorded {}

/// Only where there is a link that still does something.
const CANCEL_EVENT: &str = recording_text!(
    "id, organization, user, at, action, actor, actor_id, actor_name, subject, outcome, ip, user_agent, request_id",
    "
SELECT :event, u.organization, u.id, :now, :action,
  coalesce(:keeper ->> 'role', 'application'), :keeper ->> 'user', :keeper ->> 'name', u.external_id, 'accepted',
  :ip, :user_agent, :request_id
FROM user u JOIN link l ON (l.organization, l.user, l.purpose) = (u.organization, u.id, 'reset')
WHERE u.organization = :organization AND u.id = :user AND u.version = :version
  AND l.ended_at IS NULL AND l.expires_at > :now AND l.user_version = u.version
  AND ",
    still_keeps!()
);

/// ?1 event
const RECORDED: &str = "SELECT 1 FROM event WHERE id = ?1";
