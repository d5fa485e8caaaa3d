//! "I can't use any of these": whom to ask, and a request to them.
//!
//! Never more than the first factor showed already: the names of those who may help are said where the policy shows
//! them, and without a first factor nothing is said or sent. What a helper then does is for the admin's own routes.

use postern::{
    audit::Action,
    challenges::{Challenge, Purpose},
    ids::MailId,
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
    store::{
        d1::{self, Batch, Rows, Statement, effect, recording, recording_text, text},
        mail,
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
    /// Whether there is anyone to whom a request can be sent.
    can_send: bool,
    /// When a request was sent, in the last hour.
    #[schema(required)]
    sent_at: Option<UnixTime>,
}

/// `POST /v1/challenges/help`: whom a person may ask who cannot answer a challenge; with `send`, they get a request
/// by mail, and the person gets word of it. Once in an hour.
pub async fn ask(
    caller: Challenger,
    ShortJson(body): ShortJson<Ask>,
) -> Result<Json<Help>, Problem> {
    let context = &caller.request.context;
    let challenge = Challenge::open(&context.settings.keys, &body.challenge)
        .map_err(|_| Refusal::NotAccepted)?;
    if challenge.is_over(context.now) {
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
    let mut rows = if body.send {
        let batch = request(context, home, models.user.version)?;
        d1::write(&context.database, &batch).await?
    } else {
        d1::run(&context.database, &reads(context, home)).await?
    };
    let shown = models.organization.policy.show_admins;
    Ok(Json(Help::read(&mut rows, shown)?))
}

impl Help {
    fn read(rows: &mut Rows, shown: bool) -> Result<Self, Problem> {
        let helpers: Vec<Helper> = rows.readable("helpers")?;
        let sent: Option<Sent> = rows.first()?;
        Ok(Self {
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

/// A row of [`SENT`].
#[derive(Deserialize)]
struct Sent {
    at: UnixTime,
}

fn reads(context: &Context, home: Home) -> Vec<Statement> {
    let (organization, user) = (text(home.organization), text(home.user));
    let since = context.now.minus(ONCE_IN_SECONDS);
    let action = Action::HelpRequest.as_str();
    vec![
        Statement::new(HELPERS, [organization.clone(), user.clone()]),
        Statement::new(SENT, [organization, user, action.into(), since.into()]),
    ]
}

fn request(context: &Context, home: Home, version: u64) -> Result<Batch, Problem> {
    let event = context.event_id()?;
    let origin = &context.origin;
    let recording = recording!(REQUESTED, {
        event: event,
        organization: text(home.organization),
        user: text(home.user),
        version: version,
        now: context.now,
        since: context.now.minus(ONCE_IN_SECONDS),
        action: Action::HelpRequest.as_str(),
        ip: origin.ip.clone(),
        user_agent: origin.user_agent.clone(),
        request_id: origin.request_id.clone(),
    });
    let to_person = MailId::from_entropy(context.entropy()?);
    Ok(Batch {
        recording,
        effects: vec![
            effect!(TO_HELPERS, event),
            effect!(
                mail::NOTICE,
                event,
                text(to_person),
                mail::Kind::HelpRequested.as_str()
            ),
        ],
        reads: reads(context, home),
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

/// The event's id names the mail, too: it says whom the request is about. ?1 event
const TO_HELPERS: &str = "
INSERT INTO mail (organization, user, id, kind, address, created_at)
SELECT e.organization, h.id, e.id, 'help_wanted', h.email, e.at
FROM accepted e JOIN user p ON (p.organization, p.id) = (e.organization, e.user)
JOIN user h ON h.organization = p.organization AND h.id <> p.id AND h.state = 'active'
  AND (h.role = 'owner' OR h.role = 'admin' AND p.role = 'member')
WHERE e.id = ?1 AND h.email IS NOT NULL";

/// Those above a member, the owners above an admin, the other owners of an owner. ?1 organization 2 user
const HELPERS: &str = "
SELECT coalesce(h.name, h.username) AS name, h.email IS NOT NULL AS reachable
FROM user p JOIN user h ON h.organization = p.organization AND h.id <> p.id AND h.state = 'active'
  AND (h.role = 'owner' OR h.role = 'admin' AND p.role = 'member')
WHERE p.organization = ?1 AND p.id = ?2 ORDER BY reachable DESC, h.role, name LIMIT 5";

/// ?1 organization 2 user 3 action 4 since
const SENT: &str = "
SELECT max(at) AS at FROM event WHERE organization = ?1 AND user = ?2 AND action = ?3 AND at > ?4
HAVING max(at) IS NOT NULL";
