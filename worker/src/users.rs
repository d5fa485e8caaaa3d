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
    d1::{self, Statement, text},
    organizations::{event, malformed},
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
    call.application()?;
    let (organization, external_id): (OrganizationName, ExternalId) =
        (call.path(0)?, call.path(1)?);
    let body: Put = call.json()?;
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
    let statements = [
        Statement::new(
            PUT,
            [
                organization.as_str().into(),
                text(id),
                external_id.as_str().into(),
                context.now.into(),
                context.now_ms.into(),
                username.as_str().into(),
                body.name.map(|name| name.to_string()).into(),
                body.email.map(|email| email.to_string()).into(),
                word(&body.role)?.into(),
                serde_json::to_string(&body.groups)
                    .unwrap_or_default()
                    .into(),
                word(&body.state)?.into(),
                password.into(),
                postern::base64url::encode(&context.entropy::<32>()?).into(),
            ],
        ),
        event(
            &call,
            Action::UserPut,
            &organization,
            Some(external_id.to_string()),
        )?,
    ];
    let reads = [
        Statement::new(
            ONE,
            [organization.as_str().into(), external_id.as_str().into()],
        ),
        Statement::new(
            MODEL,
            [organization.as_str().into(), external_id.as_str().into()],
        ),
    ];
    let mut rows = match d1::write(&context.database, &statements, &reads).await {
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
    call.application()?;
    let (organization, external_id): (OrganizationName, ExternalId) =
        (call.path(0)?, call.path(1)?);
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
    call.application()?;
    let organization: OrganizationName = call.path(0)?;
    let limit = match call.query("limit") {
        None => PAGE,
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=PAGE).contains(limit))
            .ok_or(Refusal::malformed("limit", "1 to 100"))?,
    };
    let cursor = match call.query("cursor") {
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
    call.application()?;
    let (organization, external_id): (OrganizationName, ExternalId) =
        (call.path(0)?, call.path(1)?);
    let names = || [organization.as_str().into(), external_id.as_str().into()];
    let context = &call.context;
    let event = context.event_id()?;
    let statements = [
        Statement::new(
            DELETE_EVENT,
            [
                organization.as_str().into(),
                external_id.as_str().into(),
                text(event),
                context.now.into(),
                Action::UserDelete.as_str().into(),
                context.origin.ip.clone().into(),
                context.origin.user_agent.clone().into(),
                context.origin.request_id.clone().into(),
            ],
        ),
        Statement::new(DELETE_THROTTLE, names()),
        Statement::new(DELETE, names()),
    ];
    let reads = [Statement::new(DELETED, [text(event)])];
    let mut rows = d1::write(&context.database, &statements, &reads).await?;
    let home = rows.first::<Home>()?.ok_or(Refusal::NotFound)?;
    copies::forget_user(context, home);
    Ok(no_content())
}

/// The one word that a value of a closed list is written as.
fn word(value: &impl Serialize) -> Result<String, Fault> {
    let text = serde_json::to_string(value)?;
    Ok(text.trim_matches('"').to_owned())
}

/// The version moves with what the model holds.
/// ?1 organization 2 id 3 external id 4 now 5 now in ms 6 username 7 name 8 email 9 role 10 groups
/// 11 state 12 verifier 13 random part of the user handle
const PUT: &str = "
INSERT INTO user (organization, id, external_id, created_at, version, username, name, email, role, groups, state, password, handle)
SELECT o.id, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13 FROM organization o WHERE o.external_id = ?1
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

/// ?1 organization 2 user 3 event 4 now 5 action 6 address 7 user agent 8 request
const DELETE_EVENT: &str = "
INSERT INTO event (id, organization, user, at, action, actor, subject, outcome, ip, user_agent, request_id)
SELECT ?3, u.organization, u.id, ?4, ?5, 'application', ?2, 'accepted', ?6, ?7, ?8
FROM organization o JOIN user u ON u.organization = o.id AND u.external_id = ?2 WHERE o.external_id = ?1";

/// ?1 event
const DELETED: &str = "SELECT organization, user FROM event WHERE id = ?1";

/// ?1 organization 2 user
const DELETE_THROTTLE: &str = "
DELETE FROM throttle WHERE (organization, user) IN (
  SELECT u.organization, u.id FROM organization o JOIN user u ON u.organization = o.id
  WHERE o.external_id = ?1 AND u.external_id = ?2)";

/// ?1 organization 2 user
const DELETE: &str = "
DELETE FROM user WHERE external_id = ?2 AND organization IN (SELECT id FROM organization WHERE external_id = ?1)";
