//! Who asked for help and still waits for it, for those who can give it. The request itself is made by
//! [`crate::sign_in::challenge::help`].

use postern::{
    ids::EventId,
    names::{ExternalId, browser},
    refusal::Refusal,
    roles::Role,
    time::UnixTime,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::Admin,
    http::{
        body::Json,
        problem::Problem,
        query::{Page, Query},
    },
    store::d1::{self, Statement, Value, statement},
};

/// How long a request is shown that was not answered.
const SHOWN_SECONDS: u64 = 7 * 24 * 3600;

/// A page of people who asked for help.
#[derive(Serialize, ToSchema)]
pub struct HelpRequestPage {
    /// The people, 100 at most, who asked last first.
    #[schema(max_items = 100)]
    requests: Vec<HelpRequest>,
    /// The `cursor` of the next page; `null` on the last one.
    #[schema(required)]
    #[schema(value_type = Option<String>)]
    next_cursor: Option<EventId>,
}

/// A person who passed the first step of a sign-in, said that they can use no second step, and was not
/// helped since: no reset was started or completed, nothing unlocked, no factors revoked.
#[derive(Serialize, ToSchema)]
struct HelpRequest {
    /// The person's id.
    #[schema(value_type = ExternalId)]
    user: String,
    /// What the person signs in with.
    username: String,
    /// What the person is called.
    #[schema(required)]
    name: Option<String>,
    role: Role,
    /// Whether there is an address that a link can be mailed to.
    reachable: bool,
    /// When the person last passed a whole sign-in or used an authenticator, as far as it is known.
    #[schema(required)]
    signed_in_at: Option<UnixTime>,
    /// The request.
    asked: HelpAsked,
}

/// When and from where help was asked for, the last time.
#[derive(Serialize, ToSchema)]
pub struct HelpAsked {
    /// When, in seconds since 1970.
    at: UnixTime,
    /// The browser and system, as far as the user agent said.
    #[schema(required)]
    browser: Option<String>,
    /// The address that it came from.
    #[schema(required)]
    ip: Option<String>,
}

/// What an event says of the request.
#[derive(Deserialize)]
pub struct AskedRow {
    at: UnixTime,
    user_agent: Option<String>,
    ip: Option<String>,
}

impl From<AskedRow> for HelpAsked {
    fn from(row: AskedRow) -> Self {
        Self {
            at: row.at,
            browser: row.user_agent.as_deref().map(browser),
            ip: row.ip,
        }
    }
}

/// A row of [`REQUESTS`].
#[derive(Deserialize)]
struct Row {
    event: EventId,
    user: String,
    username: String,
    name: Option<String>,
    role: Role,
    reachable: u32,
    signed_in_at: Option<UnixTime>,
    at: UnixTime,
    user_agent: Option<String>,
    ip: Option<String>,
}

impl From<Row> for HelpRequest {
    fn from(row: Row) -> Self {
        let asked = AskedRow {
            at: row.at,
            user_agent: row.user_agent,
            ip: row.ip,
        };
        Self {
            user: row.user,
            username: row.username,
            name: row.name,
            role: row.role,
            reachable: row.reachable == 1,
            signed_in_at: row.signed_in_at,
            asked: asked.into(),
        }
    }
}

/// `GET /v1/organizations/{org}/help-requests`: people who asked for help in the last seven days, and
/// were not helped since.
pub async fn list(
    caller: Admin,
    Query(page): Query<Page<EventId>>,
) -> Result<Json<HelpRequestPage>, Problem> {
    let context = caller.context();
    let organization = caller.organization.as_str();
    let statements = [
        statement!(FOUND, { organization: organization }),
        statement!(REQUESTS, {
            organization: organization,
            since: context.now.minus(SHOWN_SECONDS),
            after: page.after.map(d1::text),
            most: page.limit.saturating_add(1),
        }),
    ];
    let mut rows = d1::run(&context.database, &statements).await?;
    rows.first::<Found>()?.ok_or(Refusal::NotFound)?;
    let found: Vec<Row> = rows.readable("help requests")?;
    let (found, next_cursor) = page.cut(found, |row| row.event);
    Ok(Json(HelpRequestPage {
        next_cursor,
        requests: found.into_iter().map(HelpRequest::from).collect(),
    }))
}

/// Reads the request of one person ([`AskedRow`]); `at_home` is the organization and the user.
pub fn of_person([organization, user]: [Value; 2], now: UnixTime) -> Statement {
    let since = now.minus(SHOWN_SECONDS);
    Statement::new(OF_PERSON, [organization, user, since.into()])
}

/// A row that is only there or not.
#[derive(Deserialize)]
struct Found {}

const FOUND: &str = "SELECT 1 FROM organization WHERE external_id = :organization";

/// Nothing that came later for the person of `e` answers it, or asks again.
macro_rules! is_open {
    () => {
        "NOT EXISTS (SELECT 1 FROM event later
    WHERE later.organization = e.organization AND later.user = e.user AND later.seq > e.seq
      AND later.outcome = 'accepted'
      AND later.action IN ('help.request', 'mfa.revoke', 'reset.start', 'reset.complete', 'user.unlock'))"
    };
}

const REQUESTS: &str = concat!(
    "
SELECT e.id AS event, u.external_id AS user, u.username, u.name, u.role, e.at, e.user_agent, e.ip,
  EXISTS (SELECT 1 FROM mailbox b WHERE b.organization = u.organization AND b.user = u.id) AS reachable,
  (SELECT max(at) FROM (
    SELECT max(s.born_at) AS at FROM session s
    WHERE s.organization = u.organization AND s.user = u.id AND s.enrolling = 0 AND s.reset IS NULL
    UNION ALL
    SELECT max(a.last_used_at) FROM authenticator a WHERE a.organization = u.organization AND a.user = u.id
  )) AS signed_in_at
FROM event e JOIN user u ON u.organization = e.organization AND u.id = e.user
WHERE e.organization = (SELECT id FROM organization WHERE external_id = :organization)
  AND e.action = 'help.request' AND e.outcome = 'accepted' AND e.at > :since
  AND (:after IS NULL OR (e.at, e.seq) < (SELECT at, seq FROM event WHERE id = :after))
  AND ",
    is_open!(),
    "
ORDER BY e.at DESC, e.seq DESC LIMIT :most"
);

/// ?1 organization 2 user 3 since
const OF_PERSON: &str = concat!(
    "
SELECT e.at, e.user_agent, e.ip FROM event e
WHERE e.organization = ?1 AND e.user = ?2
  AND e.action = 'help.request' AND e.outcome = 'accepted' AND e.at > ?3
  AND ",
    is_open!(),
    "
ORDER BY e.at DESC, e.seq DESC LIMIT 1"
);
