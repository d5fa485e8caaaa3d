//! Users, kept by applications under the names that the application knows.

use http::StatusCode;
use postern::{
    audit::Action,
    ids::UserId,
    json::{self, Fields},
    names::{ExternalId, OrganizationName},
    record,
    refusal::Refusal,
    time::UnixTime,
    users::{Role, State},
};
use serde::Serialize;

use crate::{
    access::caller::Judged,
    http::{
        call::Call,
        context::Home,
        problem::Fault,
        reply::{Object, Reply, json, no_content},
    },
    organization::organizations::malformed,
    store::{
        copies,
        d1::{self, Batch, Statement, Value, effect, recording, recording_text, text},
    },
};

mod change;

pub use change::{patch, put};

/// Users in one page of a list, at most and by default.
const PAGE: u32 = 100;

record! {
    struct Row {
        row: UserId,
        id: String,
        username: String,
        name: Option<String>,
        email: Option<String>,
        role: Role,
        groups: String,
        state: State,
        enrolled: u32,
        created_at: UnixTime,
    }
}

#[derive(Serialize)]
struct View {
    id: String,
    username: String,
    name: Option<String>,
    email: Option<String>,
    role: Role,
    groups: Vec<String>,
    state: State,
    enrolled: bool,
    created_at: UnixTime,
}

/// A user in a list: one who cannot be read is there all the same.
#[derive(Serialize)]
#[serde(untagged)]
enum Listed {
    Readable(View),
    Unreadable { id: String, unreadable: bool },
}

impl Listed {
    fn of(row: Result<Row, Fields>) -> Result<Self, Fault> {
        Ok(match row {
            Ok(row) => Self::Readable(row.into()),
            Err(mut fields) => Self::Unreadable {
                id: fields.take("id")?,
                unreadable: true,
            },
        })
    }

    fn id(&self) -> &str {
        match self {
            Self::Readable(View { id, .. }) | Self::Unreadable { id, .. } => id,
        }
    }
}

record! {
    struct Exists {
        found: u32,
    }
}

impl From<Row> for View {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            username: row.username,
            name: row.name,
            email: row.email,
            role: row.role,
            groups: json::read(row.groups.as_bytes()).unwrap_or_default(),
            state: row.state,
            enrolled: row.enrolled > 0,
            created_at: row.created_at,
        }
    }
}

/// The user that a path names.
struct Target {
    organization: OrganizationName,
    user: ExternalId,
}

impl Target {
    fn of(call: &Call, judged: Judged) -> Result<Self, Refusal> {
        Ok(Self {
            organization: call.path(judged, 0)?,
            user: call.path(judged, 1)?,
        })
    }

    /// The first two parameters of a statement.
    fn names(&self) -> [Value; 2] {
        [self.organization.as_str().into(), self.user.as_str().into()]
    }
}

const fn last_owner() -> Refusal {
    Refusal::Conflict("the last active owner; make somebody else an owner first")
}

/// `GET /v1/organizations/{org}/users/{user}`
pub async fn show(call: Call) -> Reply {
    let judged = call.application().await?;
    let one = Statement::new(ONE, Target::of(&call, judged)?.names());
    let mut rows = d1::run(&call.context.database, &[one]).await?;
    let row = rows.first::<Row>()?.ok_or(Refusal::NotFound)?;
    json(StatusCode::OK, "user", &View::from(row))
}

/// `GET /v1/organizations/{org}/users?limit&cursor`: by id; `next_cursor` while there are more.
pub async fn list(call: Call) -> Reply {
    let judged = call.application().await?;
    let organization: OrganizationName = call.path(judged, 0)?;
    let limit = match call.query(judged, "limit") {
        None => PAGE,
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=PAGE).contains(limit))
            .ok_or(Refusal::malformed("limit", "1 to 100"))?,
    };
    let cursor = match call.query(judged, "cursor") {
        None => String::new(),
        Some(text) => text
            .parse::<ExternalId>()
            .map_err(|why| malformed("cursor", &why))?
            .to_string(),
    };
    let statements = [
        Statement::new(FOUND, [organization.as_str().into()]),
        Statement::new(
            LIST,
            [
                organization.as_str().into(),
                cursor.into(),
                limit.saturating_add(1).into(),
            ],
        ),
    ];
    let mut rows = d1::run(&call.context.database, &statements).await?;
    rows.first::<Exists>()?
        .filter(|exists| exists.found == 1)
        .ok_or(Refusal::NotFound)?;
    let rows = rows.each::<Row>("users")?.into_iter();
    let mut users = rows.map(Listed::of).collect::<Result<Vec<_>, _>>()?;
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = users.len() > wanted;
    users.truncate(wanted);
    let next = users.last().filter(|_| more).map(Listed::id);
    let page = Object::new()
        .with("users", &users)?
        .with("next_cursor", &next)?;
    Ok(page.reply(StatusCode::OK))
}

/// `DELETE /v1/organizations/{org}/users/{user}`: the user and everything of theirs but events.
pub async fn delete(call: Call) -> Reply {
    let judged = call.application().await?;
    let target = Target::of(&call, judged)?;
    let context = &call.context;
    let event = context.event_id()?;
    let batch = Batch {
        recording: recording!(DELETE_EVENT, {
            event: event,
            organization: target.organization.as_str(),
            external_id: target.user.as_str(),
            now: context.now,
            action: Action::UserDelete.as_str(),
            ip: context.origin.ip.clone(),
            user_agent: context.origin.user_agent.clone(),
            request_id: context.origin.request_id.clone(),
        }),
        effects: vec![effect!(DELETE_THROTTLE, event), effect!(DELETE, event)],
        reads: vec![
            Statement::new(DELETED, [text(event)]),
            Statement::new(ONE, target.names()),
        ],
    };
    let mut rows = d1::write(&context.database, &batch).await?;
    let deleted = rows.first::<Home>()?;
    let left = rows
        .first::<Row>()?
        .map_or(Refusal::NotFound, |_| last_owner());
    let home = deleted.ok_or(left)?;
    copies::forget_user(context, home);
    Ok(no_content())
}

/// ?1 organization 2 user
const ONE: &str = "
SELECT u.id AS row, u.external_id AS id, u.username, u.name, u.email, u.role, u.groups, u.state, u.created_at,
  (SELECT count(*) FROM authenticator a WHERE (a.organization, a.user) = (u.organization, u.id)) AS enrolled
FROM organization o JOIN user u ON u.organization = o.id AND u.external_id = ?2 WHERE o.external_id = ?1";

/// ?1 organization 2 user
const MODEL: &str = "
SELECT m.model AS user, p.model AS organization
FROM organization_model p JOIN user_model m ON m.organization = p.id AND m.external_id = ?2
WHERE p.external_id = ?1";

/// ?1 organization
const FOUND: &str = "SELECT count(*) AS found FROM organization WHERE external_id = ?1";

/// ?1 organization 2 after 3 limit
const LIST: &str = "
SELECT u.id AS row, u.external_id AS id, u.username, u.name, u.email, u.role, u.groups, u.state, u.created_at,
  (SELECT count(*) FROM authenticator a WHERE (a.organization, a.user) = (u.organization, u.id)) AS enrolled
FROM organization o JOIN user u ON u.organization = o.id AND u.external_id > ?2
WHERE o.external_id = ?1 ORDER BY u.external_id LIMIT ?3";

const DELETE_EVENT: &str = recording_text!(
    "id, organization, user, at, action, actor, subject, outcome, ip, user_agent, request_id",
    "
SELECT :event, u.organization, u.id, :now, :action, 'application', :external_id, 'accepted', :ip, :user_agent, :request_id
FROM organization o JOIN user u ON u.organization = o.id AND u.external_id = :external_id
WHERE o.external_id = :organization
  AND NOT EXISTS (SELECT 1 FROM last_owner l WHERE (l.organization, l.id) = (u.organization, u.id))"
);

/// ?1 event
const DELETED: &str = "SELECT organization, user FROM event WHERE id = ?1";

/// ?1 event
const DELETE_THROTTLE: &str = "
DELETE FROM throttle WHERE (organization, user) IN (SELECT organization, user FROM accepted WHERE id = ?1)";

/// ?1 event
const DELETE: &str = "
DELETE FROM user WHERE (organization, id) IN (SELECT organization, user FROM accepted WHERE id = ?1)";
