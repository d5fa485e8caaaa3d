//! Organizations and their policy, kept by applications.

use http::StatusCode;
use postern::{
    audit::Action,
    ids::OrganizationId,
    json::{self, Json},
    key_uri::check_issuer,
    names::{DisplayName, OrganizationName},
    organizations::Organization,
    policy::{self, Mode, Policy},
    record,
    refusal::{Malformed, Refusal},
    time::UnixTime,
};
use serde::Serialize;

use crate::{
    call::Call,
    copies,
    d1::{self, Statement, text},
    problem::{Fault, Problem},
    reply::{Object, Reply, json},
};

record! {
    strict struct Put {
        name: DisplayName,
    }
}

record! {
    #[derive(Serialize)]
    struct View {
        #[serde(skip_serializing)]
        row: OrganizationId,
        id: String,
        name: String,
        created_at: UnixTime,
    }
}

record! {
    strict struct PutPolicy {
        policy: Json,
        /// The version that was read: another one means that somebody else wrote meanwhile.
        version: u64,
        /// People affected by `off`, repeated by whoever asks for it.
        affected: Option<u64>,
    }
}

record! {
    struct Written {
        model: String,
    }
}

record! {
    struct PolicyRow {
        row: OrganizationId,
        policy: String,
        version: u64,
        enrolled: u64,
    }
}

/// `PUT /v1/organizations/{org}`
pub async fn put(call: Call) -> Reply {
    call.application()?;
    let external_id: OrganizationName = call.path(0)?;
    let body: Put = call.json()?;
    check_issuer(body.name.as_str()).map_err(|why| malformed("name", &why))?;
    let context = &call.context;
    let id = OrganizationId::from_entropy(context.entropy()?);
    let statements = [
        Statement::new(
            PUT,
            [
                text(id),
                external_id.as_str().into(),
                context.now.into(),
                body.name.as_str().into(),
                serde_json::to_string(&Policy::default())
                    .unwrap_or_default()
                    .into(),
                context.now_ms.into(),
            ],
        ),
        event(&call, Action::OrganizationPut, &external_id, None)?,
    ];
    let reads = [
        Statement::new(GET, [external_id.as_str().into()]),
        Statement::new(MODEL, [external_id.as_str().into()]),
    ];
    let mut rows = d1::write(&context.database, &statements, &reads).await?;
    let row = rows
        .first::<View>()?
        .ok_or(Fault::new("an organization that is not there"))?;
    let mut status = StatusCode::OK;
    if row.row == id {
        status = StatusCode::CREATED;
        let model = rows
            .first::<Written>()?
            .ok_or(Fault::new("an organization without a model"))?;
        copies::keep_policy(context, &read_model(&model)?);
    }
    json(status, "organization", &row)
}

/// `GET /v1/organizations/{org}`
pub async fn show(call: Call) -> Reply {
    call.application()?;
    let external_id: OrganizationName = call.path(0)?;
    let mut rows = d1::run(
        &call.context.database,
        &[Statement::new(GET, [external_id.as_str().into()])],
    )
    .await?;
    let row = rows.first::<View>()?.ok_or(Refusal::NotFound)?;
    json(StatusCode::OK, "organization", &row)
}

/// `GET /v1/organizations/{org}/policy`
pub async fn show_policy(call: Call) -> Reply {
    call.application()?;
    let row = read_policy(&call).await?;
    let policy = parse_stored(&row.policy)?;
    answer(&policy, row.version)
}

/// `PUT /v1/organizations/{org}/policy`
pub async fn put_policy(call: Call) -> Reply {
    call.application()?;
    // parse
    let body: PutPolicy = call.json()?;
    let new = policy::parse(body.policy).map_err(Refusal::Malformed)?;
    // load
    let row = read_policy(&call).await?;
    let old = parse_stored(&row.policy)?;
    policy::validate(&new, &old, call.context.now).map_err(Refusal::Malformed)?;
    // decide
    let going_off = new.mode == Mode::Off && old.mode != Mode::Off;
    if going_off && body.affected.is_none() {
        return Err(Refusal::malformed("affected", "how many enrolled people this affects").into());
    }
    if body.version != row.version {
        return Err(Refusal::Conflict("the policy was changed meanwhile; read it again").into());
    }
    if going_off && body.affected != Some(row.enrolled) {
        return Err(Refusal::Conflict("another number of people is affected; look again").into());
    }
    // commit
    let detail = Object::new().with("old", &old)?.with("new", &new)?;
    let detail = String::from_utf8(detail.into_bytes()).unwrap_or_default();
    let written = serde_json::to_string(&new).map_err(|why| Fault::new(why.to_string()))?;
    let context = &call.context;
    let event = context.event_id()?;
    let statements = [
        Statement::new(
            POLICY_EVENT,
            [
                text(event),
                context.now.into(),
                text(row.row),
                Action::PolicyPut.as_str().into(),
                body.version.into(),
                detail.into(),
                context.origin.ip.clone().into(),
                context.origin.user_agent.clone().into(),
                context.origin.request_id.clone().into(),
            ],
        ),
        Statement::new(
            PUT_POLICY,
            [
                text(event),
                written.into(),
                context.now_ms.into(),
                policy::asks_for_more(&old, &new).into(),
            ],
        ),
    ];
    let reads = [Statement::new(WRITTEN, [text(event)])];
    let mut rows = d1::write(&context.database, &statements, &reads).await?;
    let written = rows.first::<Written>()?.ok_or(Refusal::Conflict(
        "the policy was changed meanwhile; read it again",
    ))?;
    let organization = read_model(&written)?;
    copies::keep_policy(context, &organization);
    answer(&new, organization.policy_version)
}

fn answer(policy: &Policy, version: u64) -> Reply {
    let answer = Object::new()
        .with("policy", policy)?
        .with("version", &version)?;
    Ok(answer.reply(StatusCode::OK))
}

fn read_model(row: &Written) -> Result<Organization, Fault> {
    Ok(json::read(row.model.as_bytes())?)
}

async fn read_policy(call: &Call) -> Result<PolicyRow, Problem> {
    let external_id: OrganizationName = call.path(0)?;
    let mut rows = d1::run(
        &call.context.database,
        &[Statement::new(POLICY, [external_id.as_str().into()])],
    )
    .await?;
    Ok(rows.first::<PolicyRow>()?.ok_or(Refusal::NotFound)?)
}

fn parse_stored(policy: &str) -> Result<Policy, Fault> {
    Ok(json::read(policy.as_bytes())?)
}

/// A field with a reason that the core words.
pub fn malformed(field: &'static str, why: &impl ToString) -> Refusal {
    Refusal::Malformed(Malformed {
        field: Some(field),
        detail: why.to_string().into(),
    })
}

/// Records what an application did to organization `external_id`, in the batch that does it.
///
/// # Errors
/// A fault without randomness.
pub fn event(
    call: &Call,
    action: Action,
    external_id: &OrganizationName,
    subject: Option<String>,
) -> Result<Statement, Fault> {
    let context = &call.context;
    Ok(Statement::new(
        EVENT,
        [
            text(context.event_id()?),
            context.now.into(),
            external_id.as_str().into(),
            action.as_str().into(),
            subject.into(),
            context.origin.ip.clone().into(),
            context.origin.user_agent.clone().into(),
            context.origin.request_id.clone().into(),
        ],
    ))
}

/// ?1 id 2 external id 3 now 4 name 5 policy 6 now in ms
const PUT: &str = "
INSERT INTO organization (id, external_id, created_at, name, policy, policy_version, trust_epoch)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6) ON CONFLICT (external_id) DO UPDATE SET name = excluded.name";

/// ?1 external id
const GET: &str = "
SELECT id AS row, external_id AS id, name, created_at FROM organization WHERE external_id = ?1";

/// ?1 external id
const MODEL: &str = "SELECT model FROM organization_model WHERE external_id = ?1";

/// ?1 external id
const POLICY: &str = "
SELECT o.id AS row, o.policy, o.policy_version AS version, (
  SELECT count(DISTINCT a.user) FROM authenticator a WHERE a.organization = o.id) AS enrolled
FROM organization o WHERE o.external_id = ?1";

/// ?1 event 2 policy 3 now in ms 4 asks for more
const PUT_POLICY: &str = "
UPDATE organization SET policy = ?2, policy_version = max(policy_version + 1, ?3),
  trust_epoch = iif(?4, max(trust_epoch + 1, ?3), trust_epoch)
FROM accepted e WHERE e.id = ?1 AND organization.id = e.organization";

/// No row where somebody else was first. ?1 event
const WRITTEN: &str = "
SELECT m.model FROM accepted e JOIN organization_model m ON m.id = e.organization WHERE e.id = ?1";

/// ?1 event 2 now 3 organization 4 action 5 subject 6 address 7 user agent 8 request
const EVENT: &str = "
INSERT INTO event (id, organization, at, action, actor, subject, outcome, ip, user_agent, request_id)
SELECT ?1, id, ?2, ?4, 'application', ?5, 'accepted', ?6, ?7, ?8 FROM organization WHERE external_id = ?3";

/// Only over the version that was read.
/// ?1 event 2 now 3 organization 4 action 5 version read 6 detail 7 address 8 user agent 9 request
const POLICY_EVENT: &str = "
INSERT INTO event (id, organization, at, action, actor, outcome, detail, ip, user_agent, request_id)
SELECT ?1, id, ?2, ?4, 'application', 'accepted', ?6, ?7, ?8, ?9
FROM organization WHERE id = ?3 AND policy_version = ?5";
