//! The record of a request that the role of the signed-in user does not allow.

use postern::{audit::Action, names::ExternalId};

use crate::{
    http::{
        context::{Context, Home},
        problem::Problem,
        request::Request,
    },
    store::d1::{self, Batch, recording, recording_text, text},
};

/// Refusals of one person that are recorded in an hour, as long as they do nothing else: a flood fills nothing.
const MOST_IN_AN_HOUR: u64 = 60;

const HOUR_SECONDS: u64 = 3600;

/// Records that the person at `home` was refused what `request` asks for.
///
/// # Errors
/// `unavailable`.
pub async fn record(request: &Request, home: Home) -> Result<(), Problem> {
    let Context {
        origin,
        now,
        database,
        ..
    } = &request.context;
    // The user that the path names, if it is a valid id.
    let named = request.path_text(1).parse::<ExternalId>().ok();
    let named = named.filter(|_| request.route.path.contains("/users/{user}"));
    let batch = Batch {
        recording: recording!(REFUSED, {
            event: request.context.event_id()?,
            organization: text(home.organization),
            user: text(home.user),
            now: *now,
            since: now.minus(HOUR_SECONDS),
            most: MOST_IN_AN_HOUR,
            action: Action::AccessRefuse.as_str(),
            named: named.map(|id| id.to_string()),
            route: format!("{} {}", request.route.method, request.route.path),
            ip: origin.ip.clone(),
            user_agent: origin.user_agent.clone(),
            request_id: origin.request_id.clone(),
        }),
        effects: vec![],
        reads: vec![],
    };
    d1::write(database, &batch).await?;
    Ok(())
}

/// What an owner or admin may not do concerns the person who was named; of others, who acts is who it concerns.
const REFUSED: &str = recording_text!(
    "id, organization, user, at, action, actor, actor_id, actor_name, subject, outcome, detail, ip, user_agent, request_id",
    "
SELECT :event, organization, iif(keeps, coalesce(named, id), id), :now, :action, iif(keeps, role, 'user'),
  iif(keeps, id, NULL), iif(keeps, external_id, NULL), :named, 'forbidden',
  json_object('route', :route), :ip, :user_agent, :request_id
FROM (
  SELECT u.*, u.role <> 'member' AS keeps, (
    SELECT n.id FROM user n WHERE n.organization = u.organization AND n.external_id = :named) AS named
  FROM user u WHERE u.organization = :organization AND u.id = :user)
WHERE (
    SELECT count(*) FROM (
      SELECT outcome, at FROM event WHERE organization = :organization AND actor_id = :user ORDER BY seq DESC LIMIT :most)
    WHERE outcome = 'forbidden' AND at > :since
  ) + (
    SELECT count(*) FROM (
      SELECT outcome, at, actor FROM event WHERE organization = :organization AND user = :user ORDER BY seq DESC LIMIT :most)
    WHERE outcome = 'forbidden' AND at > :since AND actor = 'user'
  ) < :most"
);
