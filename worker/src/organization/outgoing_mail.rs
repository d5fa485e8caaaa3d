//! Mail of an organization's people that has not left: what waits, what was given up, and why; and another try. How
//! mail leaves is for [`crate::delivery`].

use std::{num::ParseIntError, str::FromStr};

use postern::{
    audit::Action,
    names::{ExternalId, MailAddress},
    refusal::{Conflict, Refusal},
    time::UnixTime,
};
use serde::{Deserialize, Serialize, Serializer};
use utoipa::ToSchema;

use crate::{
    access::{Admin, FreshAdmin, still_keeps},
    account::backup_codes::Nothing,
    http::{
        body::{Json, NoContent},
        context::Context,
        path::PathSecond,
        problem::Problem,
        query::{Page, Query},
    },
    organization::users::MOVED_ON,
    store::{
        d1::{self, Batch, Statement, effect, recording, recording_text, statement, text},
        mail,
    },
};

/// A page of mails that have not left.
#[derive(Serialize, ToSchema)]
pub struct MailPage {
    /// Whether the deployment is set up to send mail; where it is not, all of it waits.
    sends: bool,
    /// The mails, 100 at most, the newest first.
    #[schema(max_items = 100)]
    mails: Vec<UnsentMail>,
    /// The `cursor` of the next page; `null` on the last one.
    #[schema(required)]
    next_cursor: Option<MailNumber>,
}

/// A mail that has not left. What it says is not shown: it may hold a link.
#[derive(Serialize, ToSchema)]
struct UnsentMail {
    id: MailNumber,
    /// What it is about.
    kind: String,
    /// The id of the person whom it is to.
    #[schema(value_type = ExternalId)]
    user: String,
    /// What that person is called.
    #[schema(required)]
    name: Option<String>,
    /// The address that it goes to.
    #[schema(value_type = MailAddress)]
    to: String,
    /// Since when it waits: what it tells happened then.
    at: UnixTime,
    /// Whether it still waits.
    state: MailState,
    /// How often it was tried, since it was last put back.
    #[schema(minimum = 0)]
    tries: u32,
    /// When it is tried next; `null` for one that was given up.
    #[schema(required)]
    next_at: Option<UnixTime>,
    /// When it was given up.
    #[schema(required)]
    given_up_at: Option<UnixTime>,
    /// Why the last try failed.
    #[schema(required)]
    error: Option<String>,
    /// Whether it can be sent again: not where the link in it is over.
    can_be_sent: bool,
}

/// Whether a mail that has not left is tried again by itself.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum MailState {
    /// It is.
    Waiting,
    /// It is not, unless someone asks for it.
    GivenUp,
}

/// Names a mail that has not left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[schema(value_type = String, pattern = "^[0-9]{1,15}$", example = "1042")]
pub struct MailNumber(u64);

impl FromStr for MailNumber {
    type Err = NotANumber;

    fn from_str(text: &str) -> Result<Self, NotANumber> {
        let number: u64 = text.parse()?;
        let canonical = number.to_string() == text && text.len() <= 15;
        canonical.then_some(Self(number)).ok_or(NotANumber)
    }
}

impl Serialize for MailNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// Not what names a mail.
#[derive(Clone, Copy, Debug)]
pub struct NotANumber;

impl From<ParseIntError> for NotANumber {
    fn from(_: ParseIntError) -> Self {
        Self
    }
}

impl From<NotANumber> for Refusal {
    fn from(_: NotANumber) -> Self {
        Self::malformed("id", "up to 15 digits")
    }
}

/// A row of [`UNSENT`].
#[derive(Deserialize)]
struct Row {
    seq: u64,
    kind: String,
    user: String,
    name: Option<String>,
    address: String,
    created_at: UnixTime,
    due_at: UnixTime,
    tries: u32,
    failed_at: Option<UnixTime>,
    error: Option<String>,
    link_over: u32,
}

impl From<Row> for UnsentMail {
    fn from(row: Row) -> Self {
        let given_up = row.failed_at.is_some();
        Self {
            id: MailNumber(row.seq),
            kind: row.kind,
            user: row.user,
            name: row.name,
            to: row.address,
            at: row.created_at,
            state: if given_up {
                MailState::GivenUp
            } else {
                MailState::Waiting
            },
            tries: row.tries,
            next_at: (!given_up).then_some(row.due_at),
            given_up_at: row.failed_at,
            error: row.error.as_deref().map(without_addresses),
            can_be_sent: row.link_over == 0,
        }
    }
}

/// Where mail is taken to may be a secret of the deployment.
fn without_addresses(error: &str) -> String {
    let words = error.split(' ');
    let words = words.map(|word| if word.contains("://") { "…" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

/// `GET /v1/organizations/{org}/mail`: what waits, and what was given up in the last 30 days.
pub async fn list(
    caller: Admin,
    Query(page): Query<Page<MailNumber>>,
) -> Result<Json<MailPage>, Problem> {
    let context = caller.context();
    let organization = caller.organization.as_str();
    let statements = [
        statement!(FOUND, { organization: organization }),
        statement!(UNSENT, {
            organization: organization,
            now: context.now,
            with_links: mail::kinds_with_links()?,
            before: page.after.map(|MailNumber(seq)| seq),
            most: page.limit.saturating_add(1),
        }),
    ];
    let mut rows = d1::run(&context.database, &statements).await?;
    rows.first::<Found>()?.ok_or(Refusal::NotFound)?;
    let found: Vec<Row> = rows.readable("unsent mail")?;
    let (found, next_cursor) = page.cut(found, |row| MailNumber(row.seq));
    Ok(Json(MailPage {
        sends: context.settings.mail.is_some(),
        next_cursor,
        mails: found.into_iter().map(UnsentMail::from).collect(),
    }))
}

/// `POST /v1/organizations/{org}/mail/{id}/retry`: tries the mail again now, and if need be for three days more.
pub async fn retry(
    caller: FreshAdmin,
    PathSecond(MailNumber(seq)): PathSecond<MailNumber>,
    Json(Nothing {}): Json<Nothing>,
) -> Result<NoContent, Problem> {
    let context = caller.context();
    let organization = caller.organization.as_str();
    let found = statement!(ONE, {
        organization: organization,
        seq: seq,
        now: context.now,
        with_links: mail::kinds_with_links()?,
    });
    let mut rows = d1::run(&context.database, &[found]).await?;
    let found: One = rows.first()?.ok_or(Refusal::NotFound)?;
    if found.link_over > 0 {
        return Err(Refusal::Conflict(Conflict::LinkOver).into());
    }
    let batch = batch(context, &caller, seq)?;
    let mut rows = d1::write(&context.database, &batch).await?;
    // Sent, or being sent.
    rows.first::<Found>()?.ok_or(MOVED_ON)?;
    context.note_mail();
    Ok(NoContent)
}

fn batch(context: &Context, caller: &FreshAdmin, seq: u64) -> Result<Batch, Problem> {
    let event = context.event_id()?;
    Ok(Batch {
        recording: recording!(RETRY_EVENT, {
            event: event,
            organization: caller.organization.as_str(),
            seq: seq,
            now: context.now,
            action: Action::MailRetry.as_str(),
            keeper: caller.proviso()?,
            ip: context.origin.ip.clone(),
            user_agent: context.origin.user_agent.clone(),
            request_id: context.origin.request_id.clone(),
        }),
        effects: vec![effect!(RETRY, event, seq)],
        reads: vec![Statement::new(RECORDED, [text(event)])],
    })
}

/// A row that is only there or not.
#[derive(Deserialize)]
struct Found {}

/// What [`ONE`] reads.
#[derive(Deserialize)]
struct One {
    link_over: u32,
}

const FOUND: &str = "SELECT 1 FROM organization WHERE external_id = :organization";

/// Whether the link of the mail `m` does nothing any more: `:with_links` are the kinds that have one.
macro_rules! link_over {
    () => {
        "(m.kind IN (SELECT value FROM json_each(:with_links)) AND NOT EXISTS (
    SELECT 1 FROM link l WHERE l.organization = m.organization AND l.user = m.user AND l.event = m.event
      AND l.ended_at IS NULL AND l.expires_at > :now))"
    };
}

const UNSENT: &str = concat!(
    "
SELECT m.seq, m.kind, u.external_id AS user, coalesce(u.name, u.username) AS name, m.address, m.created_at, m.due_at, m.tries,
  m.failed_at, m.error, ",
    link_over!(),
    " AS link_over
FROM mail m JOIN user u ON u.organization = m.organization AND u.id = m.user
WHERE m.organization = (SELECT id FROM organization WHERE external_id = :organization)
  AND m.sent_at IS NULL AND (:before IS NULL OR m.seq < :before)
ORDER BY m.seq DESC LIMIT :most"
);

const ONE: &str = concat!(
    "
SELECT m.sent_at IS NULL AND ",
    link_over!(),
    " AS link_over
FROM mail m JOIN organization o ON o.id = m.organization
WHERE o.external_id = :organization AND m.seq = :seq"
);

/// Only of a mail that no job has in hand.
const RETRY_EVENT: &str = recording_text!(
    "id, organization, user, at, action, actor, actor_id, actor_name, subject, outcome, detail, ip, user_agent, request_id",
    "
SELECT :event, m.organization, m.user, :now, :action,
  coalesce(:keeper ->> 'role', 'application'), :keeper ->> 'user', :keeper ->> 'name', u.external_id, 'accepted',
  json_object('kind', m.kind), :ip, :user_agent, :request_id
FROM mail m JOIN organization o ON o.id = m.organization
JOIN user u ON u.organization = m.organization AND u.id = m.user
WHERE o.external_id = :organization AND m.seq = :seq
  AND m.sent_at IS NULL AND (m.claim IS NULL OR m.due_at <= :now)
  AND ",
    still_keeps!()
);

/// ?1 event 2 mail
const RETRY: &str = "
UPDATE mail SET failed_at = NULL, claim = NULL, tries = 0, due_at = e.at
FROM accepted e WHERE e.id = ?1 AND mail.seq = ?2 AND mail.organization = e.organization";

/// ?1 event
const RECORDED: &str = "SELECT 1 FROM event WHERE id = ?1";
