//! What happened to a person's own account lately.

use postern::{names::browser, time::UnixTime};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::{self, Load},
    http::{body::Json, context::Home, request::Request},
    platform::{Fault, statement},
    store::d1::{Rows, Statement, text},
};

/// How far it looks back.
const DAYS_SECONDS: u64 = 30 * 86_400;

/// What happened to the account.
#[derive(Serialize, ToSchema)]
pub struct ActivityAnswer {
    /// The newest first: 50 at most, of the last 30 days.
    #[schema(max_items = 50)]
    events: Vec<OwnEvent>,
}

/// Something that happened to the account.
#[derive(Serialize, ToSchema)]
struct OwnEvent {
    /// When.
    at: UnixTime,
    /// What was done or tried.
    action: String,
    /// What became of it: `accepted`, or why not.
    outcome: String,
    /// Whose doing: `user`, `application`, `owner`, `admin`, `operator` or `system`.
    actor: String,
    /// What the owner or admin is called; `null` where it was neither, or one who is not there any more.
    #[schema(required)]
    by: Option<String>,
    /// The method that was shown.
    #[schema(required)]
    method: Option<String>,
    /// The browser and system, as far as the user agent said.
    #[schema(required)]
    browser: Option<String>,
    /// The address that it came from.
    #[schema(required)]
    ip: Option<String>,
}

/// What [`RECENT`] reads.
#[derive(Deserialize)]
struct Row {
    at: UnixTime,
    action: String,
    outcome: String,
    actor: String,
    by: Option<String>,
    method: Option<String>,
    user_agent: Option<String>,
    ip: Option<String>,
}

/// What is read with the session.
pub struct Recent(Vec<Row>);

impl Load for Recent {
    fn statements(request: &Request, home: Home) -> Vec<Statement> {
        let since = request.context.now.minus(DAYS_SECONDS);
        vec![statement!(RECENT, {
            organization: text(home.organization),
            user: text(home.user),
            since: since,
        })]
    }

    fn read(rows: &mut Rows) -> Result<Self, Fault> {
        Ok(Self(rows.readable("own events")?))
    }
}

/// `GET /v1/me/activity`
pub async fn show(caller: access::Session<Recent>) -> Json<ActivityAnswer> {
    let Recent(rows) = caller.loaded;
    Json(ActivityAnswer {
        events: rows.into_iter().map(OwnEvent::from).collect(),
    })
}

impl From<Row> for OwnEvent {
    fn from(row: Row) -> Self {
        Self {
            at: row.at,
            action: row.action,
            outcome: row.outcome,
            actor: row.actor,
            by: row.by,
            method: row.method,
            browser: row.user_agent.as_deref().map(browser),
            ip: row.ip,
        }
    }
}

/// Of the last 50 events of the person, those of the time asked for. That a challenge was opened says
/// nothing that its answer does not say.
const RECENT: &str = "
SELECT r.at, r.action, r.outcome, r.actor, coalesce(h.name, h.username) AS by, r.method, r.user_agent, r.ip
FROM (
  SELECT * FROM event INDEXED BY event_of_user
  WHERE organization = :organization AND user = :user AND action <> 'challenge.open' ORDER BY seq DESC LIMIT 50) r
LEFT JOIN user h ON (h.organization, h.id) = (r.organization, r.actor_id)
WHERE r.at > :since";
