//! "I can't use any of these": owners and admins to ask, and a request to them.
//!
//! Never more than the first factor showed already: the names of those who may help are said where the policy shows
//! them, and without a first factor nothing is said or sent. What a helper then does is for the admin's own routes.

use postern::{
    audit::Action,
    challenges::{Challenge, Purpose},
    refusal::Refusal,
    time::UnixTime,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::check_asked;
use crate::{
    access::Challenger,
    http::{
        body::{Json, ShortJson},
        context::{Context, Home},
        problem::Problem,
    },
    platform::Fault,
    store::{
        d1::{self, Batch, Rows, Statement, effect, recording, recording_text, text},
        mail,
        models::Models,
        settlement::load,
    },
};

/// Seconds in which one request is enough.
const ONCE_IN_SECONDS: u64 = 3600;

/// The challenge that cannot be answered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AskForHelp)]
pub struct Ask {
    /// The challenge's token.
    challenge: String,
    /// Whether to send those who may help a request.
    #[serde(default)]
    send: bool,
}

/// Who may help.
#[derive(Default, Serialize, ToSchema)]
pub struct Help {
    /// Names of owners and admins, where the policy shows them.
    people: Vec<String>,
    /// Whether there are people who can be sent a request.
    can_send: bool,
    /// Another contact, which the organization names; `null` where it names none.
    #[schema(required)]
    support: Option<String>,
    /// When a request was sent, in the last hour.
    #[schema(required)]
    sent_at: Option<UnixTime>,
}

/// `POST /v1/challenges/help`: the people to ask when a challenge cannot be answered; with `send`, they get a request
/// by mail, and the person who signs in gets word of it. Once in an hour.
pub async fn ask(
    caller: Challenger,
    ShortJson(body): ShortJson<Ask>,
) -> Result<Json<Help>, Problem> {
    let context = &caller.request.context;
    let challenge = Challenge::open(&context.settings.keys, &body.challenge)
        .map_err(|_| Refusal::NotAccepted)?;
    if challenge.is_over(context.now) {
        context.confirm_time().await?;
        return Err(Refusal::Expired.into());
    }
    if challenge.purpose == Purpose::SignIn && challenge.evidence.is_empty() {
        return Ok(Json(Help::default()));
    }
    let home = Home {
        organization: challenge.organization,
        user: challenge.user,
    };
    let found = load(context, home, None, Some(challenge.id)).await?;
    let (models, _) = found.ok_or(Refusal::NotAccepted)?;
    check_asked(context, &challenge, &models)?;
    let reads = reads(context, &models)?;
    let mut rows = if body.send {
        let batch = request(context, &models, reads)?;
        d1::write(&context.database, &batch).await?
    } else {
        d1::run(&context.database, &reads).await?
    };
    let shown = models.organization.policy.show_admins;
    Ok(Json(Help::read(&mut rows, shown)?))
}

impl Help {
    fn read(rows: &mut Rows, shown: bool) -> Result<Self, Problem> {
        let helpers: Vec<Helper> = rows.readable("helpers")?;
        let sent: Option<Sent> = rows.first()?;
        let said: Option<Support> = rows.first()?;
        Ok(Self {
            support: said.and_then(|said| said.support),
            can_send: helpers.iter().any(|helper| helper.reachable == 1),
            people: match shown {
                true => helpers.into_iter().map(|helper| helper.name).collect(),
                false => vec![],
            },
            sent_at: sent.map(|sent| sent.at),
        })
    }
}

/// A row of [`HELPERS`].
#[derive(Deserialize)]
struct Helper {
    name: String,
    reachable: u32,
}

/// A row of [`SUPPORT`].
#[derive(Deserialize)]
struct Support {
    support: Option<String>,
}

/// A row of [`SENT`].
#[derive(Deserialize)]
struct Sent {
    at: UnixTime,
}

fn reads(context: &Context, models: &Models) -> Result<Vec<Statement>, Fault> {
    let home = models.home();
    let (organization, user) = (text(home.organization), text(home.user));
    let since = context.now.minus(ONCE_IN_SECONDS);
    let action = Action::HelpRequest.as_str();
    let helpers = [organization.clone(), user.clone(), roles(models)?.into()];
    Ok(vec![
        Statement::new(HELPERS, helpers),
        Statement::new(
            SENT,
            [organization.clone(), user, action.into(), since.into()],
        ),
        Statement::new(SUPPORT, [organization]),
    ])
}

/// Roles of those who may help, as a JSON array.
fn roles(models: &Models) -> Result<String, Fault> {
    Ok(serde_json::to_string(models.user.role.helped_by())?)
}

fn request(context: &Context, models: &Models, reads: Vec<Statement>) -> Result<Batch, Problem> {
    let event = context.event_id()?;
    let (home, origin) = (models.home(), &context.origin);
    let recording = recording!(REQUESTED, {
        event: event,
        organization: text(home.organization),
        user: text(home.user),
        version: models.user.version,
        now: context.now,
        since: context.now.minus(ONCE_IN_SECONDS),
        action: Action::HelpRequest.as_str(),
        ip: origin.ip.clone(),
        user_agent: origin.user_agent.clone(),
        request_id: origin.request_id.clone(),
    });
    context.note_mail();
    Ok(Batch {
        recording,
        effects: vec![
            effect!(
                TO_HELPERS,
                event,
                roles(models)?,
                mail::Kind::HelpWanted.as_str(),
                origin.place.clone()
            ),
            mail::notice(context, event, mail::Kind::HelpRequested),
        ],
        reads,
    })
}

const REQUESTED: &str = recording_text!(
    "id, organization, user, at, action, actor, outcome, ip, user_agent, request_id",
    "
SELECT :event, organization, id, :now, :action, 'user', 'accepted', :ip, :user_agent, :request_id
FROM user u WHERE organization = :organization AND id = :user AND version = :version AND state = 'active'
  AND NOT EXISTS (SELECT 1 FROM event e WHERE (e.organization, e.user) = (u.organization, u.id)
    AND e.action = :action AND e.at > :since)"
);

/// The event says which person the request is about. ?1 event 2 roles 3 kind 4 place
const TO_HELPERS: &str = "
INSERT INTO mail (organization, user, event, kind, address, place, created_at, due_at)
SELECT e.organization, h.id, e.id, ?3, b.address, ?4, e.at, e.at
FROM accepted e JOIN user h ON h.organization = e.organization AND h.id <> e.user
JOIN mailbox b ON b.organization = h.organization AND b.user = h.id
WHERE e.id = ?1 AND h.state = 'active' AND h.role IN (SELECT value FROM json_each(?2))
ON CONFLICT DO NOTHING";

/// ?1 organization 2 user 3 roles
const HELPERS: &str = "
SELECT coalesce(name, username) AS name, email IS NOT NULL AS reachable FROM user
WHERE organization = ?1 AND id <> ?2 AND state = 'active' AND role IN (SELECT value FROM json_each(?3))
ORDER BY reachable DESC, role, name LIMIT 5";

/// ?1 organization
const SUPPORT: &str = "SELECT support FROM organization WHERE id = ?1";

/// ?1 organization 2 user 3 action 4 since
const SENT: &str = "
SELECT max(at) AS at FROM event WHERE organization = ?1 AND user = ?2 AND action = ?3 AND at > ?4
HAVING max(at) IS NOT NULL";
