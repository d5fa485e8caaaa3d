//! Users, kept by applications under the names that the application knows.

use http::StatusCode;
use postern::{
    audit::Action,
    ids::UserId,
    json,
    names::{DisplayName, ExternalId, Group, MailAddress, OrganizationName, Username},
    passwords::{Password, Verifier},
    record,
    refusal::Refusal,
    time::UnixTime,
    users::{Role, State},
};
use serde::Serialize;

use crate::{
    call::Call,
    context::Home,
    copies,
    d1::{self, Batch, Statement, effect, recording, recording_text, text},
    organizations::malformed,
    problem::Fault,
    reply::{Object, Reply, json, no_content},
    settlement::TruthRow,
};

/// Users in one page of a list, at most and by default.
const PAGE: u32 = 100;

record! {
    strict struct Put {
        username: Option<Username>,
        name: Option<DisplayName>,
        email: Option<MailAddress>,
        role: Role = Role::default(),
        groups: Vec<Group> = Vec::new(),
        state: State = State::default(),
        password: Option<Password>,
    }
}

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

/// `PUT /v1/organizations/{org}/users/{user}`: what is absent becomes its default, but for the
/// password, which stays.
pub async fn put(call: Call) -> Reply {
    let judged = call.application().await?;
    let (organization, external_id): (OrganizationName, ExternalId) =
        (call.path(judged, 0)?, call.path(judged, 1)?);
    let body: Put = call.json(judged)?;
    if body.groups.len() > 100 {
        return Err(Refusal::malformed("groups", "at most 100 groups").into());
    }
    let username = match body.username {
        Some(username) => username,
        None => external_id
            .as_str()
            .parse()
            .map_err(|why| malformed("username", &why))?,
    };
    let context = &call.context;
    let password = match &body.password {
        Some(password) => {
            password
                .suitable()
                .map_err(|why| malformed("password", &why.as_str()))?;
            let salt = context.entropy()?;
            let verifier = context
                .with_slow_hash(|memory| Verifier::new(password, salt, &context.keys, memory));
            Some(serde_json::to_string(&verifier)?)
        }
        None => None,
    };
    let id = UserId::from_entropy(context.entropy()?);
    let event = context.event_id()?;
    let names = || [organization.as_str().into(), external_id.as_str().into()];
    let batch = Batch {
        recording: recording!(PUT_EVENT, {
            event: event,
            organization: organization.as_str(),
            external_id: external_id.as_str(),
            id: text(id),
            now: context.now,
            action: Action::UserPut.as_str(),
            ip: context.origin.ip.clone(),
            user_agent: context.origin.user_agent.clone(),
            request_id: context.origin.request_id.clone(),
        }),
        effects: vec![effect!(PUT, {
            event: event,
            external_id: external_id.as_str(),
            version: context.now_ms,
            username: username.as_str(),
            name: body.name.map(|name| name.to_string()),
            email: body.email.map(|email| email.to_string()),
            role: word(&body.role)?,
            groups: serde_json::to_string(&body.groups)?,
            state: word(&body.state)?,
            verifier: password,
            handle: postern::base64url::encode(&context.entropy::<32>()?),
        })],
        reads: vec![Statement::new(ONE, names()), Statement::new(MODEL, names())],
    };
    let mut rows = match d1::write(&context.database, &batch).await {
        Err(error) if error.violates("user.username") => {
            return Err(Refusal::Conflict("this username is taken").into());
        }
        rows => rows?,
    };
    let row = rows.first::<Row>()?.ok_or(Refusal::NotFound)?;
    let truth = rows.first::<TruthRow>()?.ok_or(Refusal::NotFound)?.read()?;
    if truth.user.version == context.now_ms {
        copies::keep_user(context, &truth);
    }
    let status = if row.row == id {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    json(status, "user", &View::from(row))
}

/// `GET /v1/organizations/{org}/users/{user}`
pub async fn show(call: Call) -> Reply {
    let judged = call.application().await?;
    let (organization, external_id): (OrganizationName, ExternalId) =
        (call.path(judged, 0)?, call.path(judged, 1)?);
    let one = Statement::new(
        ONE,
        [organization.as_str().into(), external_id.as_str().into()],
    );
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
    let mut users: Vec<View> = rows.all::<Row>()?.into_iter().map(View::from).collect();
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = users.len() > wanted;
    users.truncate(wanted);
    let next = users.last().filter(|_| more).map(|user| user.id.clone());
    let page = Object::new()
        .with("users", &users)?
        .with("next_cursor", &next)?;
    Ok(page.reply(StatusCode::OK))
}

/// `DELETE /v1/organizations/{org}/users/{user}`: the user and everything of theirs but events.
pub async fn delete(call: Call) -> Reply {
    let judged = call.application().await?;
    let (organization, external_id): (OrganizationName, ExternalId) =
        (call.path(judged, 0)?, call.path(judged, 1)?);
    let context = &call.context;
    let event = context.event_id()?;
    let batch = Batch {
        recording: recording!(DELETE_EVENT, {
            event: event,
            organization: organization.as_str(),
            external_id: external_id.as_str(),
            now: context.now,
            action: Action::UserDelete.as_str(),
            ip: context.origin.ip.clone(),
            user_agent: context.origin.user_agent.clone(),
            request_id: context.origin.request_id.clone(),
        }),
        effects: vec![effect!(DELETE_THROTTLE, event), effect!(DELETE, event)],
        reads: vec![Statement::new(DELETED, [text(event)])],
    };
    let mut rows = d1::write(&context.database, &batch).await?;
    let home = rows.first::<Home>()?.ok_or(Refusal::NotFound)?;
    copies::forget_user(context, home);
    Ok(no_content())
}

/// The one word that a value of a closed list is written as.
fn word(value: &impl Serialize) -> Result<String, Fault> {
    let text = serde_json::to_string(value)?;
    Ok(text.trim_matches('"').to_owned())
}

/// Who does not exist yet gets the new id.
const PUT_EVENT: &str = recording_text!(
    "id, organization, user, at, action, actor, subject, outcome, ip, user_agent, request_id",
    "
SELECT :event, o.id, coalesce(u.id, :id), :now, :action, 'application', :external_id, 'accepted',
  :ip, :user_agent, :request_id
FROM organization o LEFT JOIN user u ON u.organization = o.id AND u.external_id = :external_id
WHERE o.external_id = :organization"
);

/// The version moves with what the model holds.
const PUT: &str = "
INSERT INTO user (organization, id, external_id, created_at, version, username, name, email, role, groups, state, password, handle)
SELECT e.organization, e.user, :external_id, e.at, :version, :username, :name, :email, :role, :groups, :state, :verifier, :handle
FROM accepted e WHERE e.id = :event
ON CONFLICT (organization, external_id) DO UPDATE SET
  version = iif(role <> excluded.role OR groups <> excluded.groups OR state <> excluded.state
      OR excluded.password IS NOT NULL, max(version + 1, excluded.version), version),
  username = excluded.username, name = excluded.name, email = excluded.email, role = excluded.role,
  groups = excluded.groups, state = excluded.state, password = coalesce(excluded.password, password)";

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
WHERE o.external_id = :organization"
);

/// ?1 event
const DELETED: &str = "SELECT organization, user FROM event WHERE id = ?1";

/// ?1 event
const DELETE_THROTTLE: &str = "
DELETE FROM throttle WHERE (organization, user) IN (SELECT organization, user FROM accepted WHERE id = ?1)";

/// ?1 event
const DELETE: &str = "
DELETE FROM user WHERE (organization, id) IN (SELECT organization, user FROM accepted WHERE id = ?1)";
