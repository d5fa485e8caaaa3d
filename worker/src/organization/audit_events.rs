//! What happened in an organization, read by its owners and admins and by applications.

use postern::{
    audit::Action,
    names::{DisplayName, ExternalId, browser},
    refusal::Refusal,
    time::UnixTime,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    access::{Admin, still_keeps},
    http::{body::Json, problem::Problem, query::Query},
    store::d1::{self, Batch, Recording, Rows, recording, recording_text, statement},
};

mod filters;
mod sql;

use filters::{Filters, MOST_COUNTED};

/// A page of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditPage {
    /// What happened, the newest first; 100 at most. There may be fewer than asked for and still a next
    /// page: see `searched_until`.
    #[schema(max_items = 100)]
    events: Vec<AuditEvent>,
    /// The `cursor` of the next page; `null` on the last one.
    #[schema(required)]
    next_cursor: Option<String>,
    /// Where the search for this page stopped before the page was full, because so many events were
    /// looked at: the time of the last one of them. `null` where the page is full or nothing is left.
    #[schema(required)]
    searched_until: Option<UnixTime>,
    /// How many events match; `null` on all pages but the first.
    #[schema(required)]
    count: Option<Count>,
}

/// How many events match.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditCount)]
struct Count {
    /// How many were counted.
    #[schema(minimum = 0, maximum = 1000)]
    events: u32,
    /// Whether there may be more: 1,000 were counted, or the search stopped before the end.
    or_more: bool,
}

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
struct AuditEvent {
    /// Its id.
    #[schema(min_length = 1, max_length = 100, pattern = "^[a-z0-9_:]+$")]
    id: String,
    /// When, in seconds since 1970.
    at: UnixTime,
    /// What was done or tried.
    action: String,
    /// What became of it: `accepted`, or why not.
    outcome: String,
    actor: Actor,
    /// The person whose account it concerns; `null` where it concerns none.
    #[schema(required)]
    person: Option<Concerned>,
    /// The method that was shown.
    #[schema(required)]
    method: Option<String>,
    /// The id of what it is about: an authenticator, a device, a session, a user.
    #[schema(required)]
    subject: Option<String>,
    /// The authenticator that took part, where it is one and is still known.
    #[schema(required)]
    authenticator: Option<Authenticator>,
    /// What became of a trusted device that was presented beside.
    #[schema(required)]
    trusted_device: Option<String>,
    /// What else is known, with old and new values where something was changed.
    #[schema(required, value_type = Option<Object>)]
    detail: Option<Map<String, Value>>,
    /// Whether what was personal in it went with its person: subject, details, address and browser.
    personal_removed: bool,
    /// The address that it came from.
    #[schema(required)]
    ip: Option<String>,
    /// The browser and system, as far as the user agent said.
    #[schema(required)]
    browser: Option<String>,
    /// What the client said of itself (RFC 9110 section 10.1.5), as it said it.
    #[schema(required)]
    user_agent: Option<String>,
    /// The request that it came with, as named in logs and problems.
    #[schema(required)]
    request_id: Option<String>,
}

/// Whose doing it was.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditActor)]
struct Actor {
    /// `user` for people acting for themselves, else `owner`, `admin`, `application`, `operator` or
    /// `system`.
    kind: String,
    /// The person's id; `null` where it was no person.
    #[schema(required, value_type = Option<ExternalId>)]
    id: Option<String>,
    /// What the person is called now; `null` where it was no person, or one who is not there any more.
    #[schema(required, value_type = Option<DisplayName>)]
    name: Option<String>,
}

/// Whose account it concerns.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditPerson)]
struct Concerned {
    /// The person's id; `null` of one who was deleted and whose events are gone that said it.
    #[schema(required, value_type = Option<ExternalId>)]
    id: Option<String>,
    /// What the person is called now; `null` of one who is not there any more.
    #[schema(required)]
    name: Option<String>,
    /// Whether the person is not there any more.
    deleted: bool,
}

/// An authenticator that took part.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditAuthenticator)]
struct Authenticator {
    /// What it is called.
    #[schema(required)]
    name: Option<String>,
    /// `totp` or `passkey`.
    #[schema(required, value_type = Option<String>)]
    kind: Option<String>,
}

/// `GET /v1/organizations/{org}/audit-events`, with filters: see [`Filters`]. That the log is read is
/// itself recorded, once an hour of each reader: an event for every page looked at would drown what the
/// log is for.
pub async fn list(
    caller: Admin,
    Query(filters): Query<Filters>,
) -> Result<Json<AuditPage>, Problem> {
    let organization = caller.organization.as_str();
    let batch = Batch {
        recording: recording(&caller)?,
        effects: vec![],
        reads: vec![
            statement!(FOUND, { organization: organization, cursor: filters.cursor() }),
            filters.statement(organization),
        ],
    };
    let mut rows = d1::write(&caller.context().database, &batch).await?;
    let found: Found = rows.first()?.ok_or(Refusal::NotFound)?;
    if found.begins == 0 {
        return Err(filters::unknown_cursor().into());
    }
    Ok(Json(AuditPage::read(&mut rows, &filters)?))
}

fn recording(caller: &Admin) -> Result<Recording, Problem> {
    let context = caller.context();
    Ok(recording!(READ_EVENT, {
        event: context.event_id()?,
        organization: caller.organization.as_str(),
        keeper: caller.proviso()?,
        now: context.now,
        action: Action::AuditRead.as_str(),
        ip: context.origin.ip.clone(),
        user_agent: context.origin.user_agent.clone(),
        request_id: context.origin.request_id.clone(),
    }))
}

/// What [`FOUND`] reads.
#[derive(Deserialize)]
struct Found {
    /// 1 where the page begins at the newest event, or after one of this organization.
    begins: u32,
}

impl AuditPage {
    /// The page, of rows that hold one more where it is full and there is a next one. The last row looked
    /// at is among them where the search stopped.
    fn read(rows: &mut Rows, filters: &Filters) -> Result<Self, Problem> {
        let rows: Vec<Row> = rows.all()?;
        let counted = rows.first().map_or(0, |row| row.counted);
        let stopped = rows.iter().find(|row| row.is_last > 0).map(Row::end);
        let mut matching: Vec<_> = rows.into_iter().filter(|row| row.matched > 0).collect();
        let is_full = matching.len() > filters.limit();
        matching.truncate(filters.limit());
        let end = matching.last().filter(|_| is_full).map(Row::end);
        let next = end.or(stopped.clone());
        Ok(Self {
            searched_until: next.as_ref().filter(|_| !is_full).map(|(_, at)| *at),
            next_cursor: next.map(|(id, _)| id),
            count: filters.is_first().then(|| Count {
                events: counted.min(MOST_COUNTED),
                or_more: counted > MOST_COUNTED || stopped.is_some(),
            }),
            events: matching.into_iter().map(AuditEvent::from).collect(),
        })
    }
}

/// What the statement of [`Filters::statement`] reads.
#[derive(Deserialize)]
struct Row {
    /// 1 where it is what was asked for.
    matched: u32,
    /// 1 where the search stopped here.
    is_last: u32,
    /// How many events match, as far as it was counted.
    counted: u32,
    id: String,
    at: UnixTime,
    action: String,
    outcome: String,
    actor: String,
    actor_id: Option<String>,
    actor_name: Option<String>,
    /// The internal id.
    user: Option<String>,
    person_id: Option<String>,
    person_name: Option<String>,
    method: Option<String>,
    subject: Option<String>,
    authenticator_name: Option<String>,
    authenticator_kind: Option<String>,
    trust: Option<String>,
    detail: Option<String>,
    /// 1 where what was personal in it is gone.
    removed: u32,
    ip: Option<String>,
    user_agent: Option<String>,
    request_id: Option<String>,
}

impl Row {
    /// Where a page that ends with it leaves off.
    fn end(&self) -> (String, UnixTime) {
        (self.id.clone(), self.at)
    }

    fn authenticator(&self) -> Option<Authenticator> {
        (self.authenticator_kind.is_some() || self.authenticator_name.is_some()).then(|| {
            Authenticator {
                name: self.authenticator_name.clone(),
                kind: self.authenticator_kind.clone(),
            }
        })
    }
}

impl From<Row> for AuditEvent {
    fn from(row: Row) -> Self {
        let authenticator = row.authenticator();
        let detail = row.detail.as_deref().map(serde_json::from_str);
        let person = row.user.map(|_| Concerned {
            id: row.person_id.clone(),
            deleted: row.person_name.is_none(),
            name: row.person_name.clone(),
        });
        let (id, name) = if row.actor == "user" {
            (row.person_id, row.person_name)
        } else {
            (row.actor_id, row.actor_name)
        };
        Self {
            id: row.id,
            at: row.at,
            action: row.action,
            outcome: row.outcome,
            actor: Actor {
                kind: row.actor,
                id,
                name,
            },
            person,
            method: row.method,
            subject: row.subject,
            authenticator,
            trusted_device: row.trust,
            detail: detail.and_then(Result::ok),
            personal_removed: row.removed > 0,
            ip: row.ip,
            browser: row.user_agent.as_deref().map(browser),
            user_agent: row.user_agent,
            request_id: row.request_id,
        }
    }
}

/// Whether there is the organization, and the event that the page before ended with.
const FOUND: &str = "
SELECT :cursor IS NULL OR EXISTS (SELECT 1 FROM event e WHERE e.id = :cursor AND e.organization = o.id) AS begins
FROM organization o WHERE o.external_id = :organization";

/// By a keeper as they were let in, unless the same one read within the hour before.
const READ_EVENT: &str = recording_text!(
    "id, organization, at, action, actor, actor_id, actor_name, outcome, ip, user_agent, request_id",
    "
SELECT :event, o.id, :now, :action, coalesce(:keeper ->> 'role', 'application'), :keeper ->> 'user', :keeper ->> 'name', 'accepted',
  :ip, :user_agent, :request_id
FROM organization o
WHERE o.external_id = :organization
  AND NOT EXISTS (
    SELECT 1 FROM (
      SELECT at, actor_id FROM event INDEXED BY event_of_action
      WHERE organization = o.id AND action = :action ORDER BY seq DESC LIMIT 100) r
    WHERE r.at > :now - 3600 AND r.actor_id IS :keeper ->> 'user')
  AND ",
    still_keeps!()
);
