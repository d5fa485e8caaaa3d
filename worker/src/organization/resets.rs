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
    organization::users::{MOVED_ON, user_models},
    store::{
        d1::{self, Batch, Statement, recording, recording_text, statement, text},
        links, mail,
        models::Models,
    },
};

/// Links mailed to one person in an hour at most.
const MOST_IN_AN_HOUR: u64 = 3;

const HOUR_SECONDS: u64 = 3600;

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

/// What is read of a person before a reset.
#[derive(Deserialize)]
struct Before {
    /// Addresses that the link can be mailed to.
    addresses: u32,
    /// Links mailed in the hour before, and when the first of them was.
    mailed: u64,
    first_at: Option<UnixTime>,
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
    let context = caller.context();
    let (now, expires_at) = (context.now, context.now.plus(seconds));
    let since = now.minus(HOUR_SECONDS);
    // load
    let statements = [
        user_models(&caller.organization, &user),
        statement!(BEFORE, {
            organization: caller.organization.as_str(),
            user: user.as_str(),
            action: Action::ResetStart.as_str(),
            since: since,
        }),
    ];
    let mut rows = d1::run(&context.database, &statements).await?;
    let models: Models = rows.first()?.ok_or(Refusal::NotFound)?;
    let before: Before = rows.first()?.ok_or(Refusal::NotFound)?;
    // decide
    caller.may_help(&models.user)?;
    may_start(&models, &before, now)?;
    // commit
    let event = context.event_id()?;
    let user = &models.user;
    let batch = Batch {
        recording: recording!(START_EVENT, {
            event: event,
            organization: text(user.organization),
            user: text(user.id),
            version: user.version,
            now: now,
            action: Action::ResetStart.as_str(),
            expires_at: expires_at,
            since: since,
            most: MOST_IN_AN_HOUR,
            keeper: caller.proviso()?,
            ip: context.origin.ip.clone(),
            user_agent: context.origin.user_agent.clone(),
            request_id: context.origin.request_id.clone(),
        }),
        effects: vec![
            links::start(event, Purpose::Reset),
            mail::notice(context, event, mail::Kind::ResetStarted),
        ],
        reads: vec![Statement::new(RECORDED, [text(event)])],
    };
    let mut rows = d1::write(&context.database, &batch).await?;
    rows.first::<Recorded>()?.ok_or(MOVED_ON)?;
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

/// Whether the person can be helped by a link.
fn may_start(models: &Models, before: &Before, now: UnixTime) -> Result<(), Refusal> {
    if !policy::enrolling_allowed(&models.organization.policy) {
        return Err(Refusal::PolicyForbids);
    }
    if models.user.state != State::Active || models.user.authenticators.is_empty() {
        return Err(Refusal::Conflict(Conflict::NothingToReplace));
    }
    if before.addresses == 0 {
        return Err(Refusal::Conflict(Conflict::NoAddress));
    }
    if before.mailed >= MOST_IN_AN_HOUR {
        let until = before.first_at.unwrap_or(now).plus(HOUR_SECONDS);
        return Err(Refusal::Throttled { until });
    }
    Ok(())
}

/// A row that is only there or not.
#[derive(Deserialize)]
struct Recorded {}

const BEFORE: &str = "
SELECT
  (SELECT count(*) FROM mailbox b WHERE b.organization = u.organization AND b.user = u.id) AS addresses,
  (SELECT count(*) FROM event e
   WHERE e.organization = u.organization AND e.user = u.id AND e.action = :action AND e.at > :since) AS mailed,
  (SELECT min(e.at) FROM event e
   WHERE e.organization = u.organization AND e.user = u.id AND e.action = :action AND e.at > :since) AS first_at
FROM organization o JOIN user u ON u.organization = o.id AND u.external_id = :user
WHERE o.external_id = :organization";

/// Only while the person and the helper are as they were, and not too often.
const START_EVENT: &str = recording_text!(
    "id, organization, user, at, action, actor, subject, outcome, detail, ip, user_agent, request_id",
    "
SELECT :event, u.organization, u.id, :now, :action, coalesce(:keeper ->> 'role', 'application'), u.external_id, 'accepted',
  json_object('by', :keeper ->> 'name', 'expires_at', CAST(:expires_at AS INTEGER)), :ip, :user_agent, :request_id
FROM user u
WHERE u.organization = :organization AND u.id = :user AND u.version = :version
  AND EXISTS (SELECT 1 FROM mailbox b WHERE b.organization = u.organization AND b.user = u.id)
  AND (SELECT count(*) FROM event e
    WHERE e.organization = u.organization AND e.user = u.id AND e.action = :action AND e.at > :since) < :most
  AND ",
    still_keeps!()
);

/// Only where there is a link that still does something.
const CANCEL_EVENT: &str = recording_text!(
    "id, organization, user, at, action, actor, subject, outcome, detail, ip, user_agent, request_id",
    "
SELECT :event, u.organization, u.id, :now, :action, coalesce(:keeper ->> 'role', 'application'), u.external_id, 'accepted',
  json_object('by', :keeper ->> 'name'), :ip, :user_agent, :request_id
FROM user u JOIN link l ON (l.organization, l.user, l.purpose) = (u.organization, u.id, 'reset')
WHERE u.organization = :organization AND u.id = :user AND u.version = :version
  AND l.ended_at IS NULL AND l.expires_at > :now AND l.user_version = u.version
  AND ",
    still_keeps!()
);

/// ?1 event
const RECORDED: &str = "SELECT 1 FROM event WHERE id = ?1";
