//! Organizations: made by applications, and changed by their owners.

use std::ops::RangeInclusive;

use postern::{
    audit::Action,
    ids::{EventId, OrganizationId},
    key_uri::check_issuer,
    names::{DisplayName, OrganizationName},
    organizations::Organization as Model,
    policy::Policy,
    refusal::{Malformed, Refusal},
    time::UnixTime,
    users::Language,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::{Admin, Application, FreshOwner, still_keeps},
    http::{
        body::{Json, Stored, given},
        context::Context,
        path::Path,
        problem::Problem,
    },
    organization::users::MOVED_ON,
    platform::{Fault, json_text},
    store::{
        copies,
        d1::{self, Batch, Effect, Statement, effect, recording, recording_text, text},
    },
};

/// An organization to make, or to rename.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganizationBody {
    /// What people see, also as the issuer in their authenticator apps: 1 to 64 characters that can be
    /// seen, in at most 128 bytes of UTF-8; not "Steam".
    pub name: DisplayName,
}

/// What is to be changed of an organization; what is left out stays.
// It is written for the statements that compare it with the organization and change it.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganizationChange {
    /// What people see, as when it was made.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(nullable = false)]
    pub name: Option<DisplayName>,
    /// The contact for people that no owner or admin can help, as they are to read it: an address, a number or
    /// a page, 1 to 64 characters that can be seen; `null` for none.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<DisplayName>)]
    pub support: Option<Option<DisplayName>>,
    /// The language of mail to people who have none of their own.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(nullable = false)]
    pub language: Option<Language>,
    /// For how many days events are kept: 30 to 3650. Those that are older go within the hour.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(nullable = false, minimum = 30, maximum = 3650)]
    pub audit_days: Option<u16>,
}

/// Days for which events can be kept.
const AUDIT_DAYS: RangeInclusive<u16> = 30..=3650;

/// The organization.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrganizationAnswer {
    /// The organization.
    pub organization: Organization,
}

/// An organization, as applications, owners and admins see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Organization {
    /// Its id, chosen by the application.
    #[schema(value_type = OrganizationName)]
    pub id: String,
    /// What people see.
    pub name: String,
    /// When it was made, in seconds since 1970.
    pub created_at: UnixTime,
    /// The contact for people that no owner or admin can help; `null` where there is none.
    #[schema(required)]
    pub support: Option<String>,
    /// The language of mail to people who have none of their own.
    pub language: Language,
    /// For how many days events are kept.
    #[schema(minimum = 30, maximum = 3650)]
    pub audit_days: u16,
    /// Owners who may sign in: a single one cannot be helped by another.
    #[schema(minimum = 0)]
    pub owners: u32,
}

/// `PUT /v1/organizations/{org}`
pub async fn put(
    caller: Application,
    Path(organization): Path<OrganizationName>,
    Json(body): Json<OrganizationBody>,
) -> Result<Stored<OrganizationAnswer>, Problem> {
    check_name("name", &body.name)?;
    let context = caller.context();
    let id = OrganizationId::from_entropy(context.entropy()?);
    let event = context.event_id()?;
    let batch = Batch {
        recording: recording!(EVENT, {
            event: event,
            organization: organization.as_str(),
            id: text(id),
            name: body.name.as_str(),
            now: context.now,
            action: Action::OrganizationPut.as_str(),
            ip: context.origin.ip.clone(),
            user_agent: context.origin.user_agent.clone(),
            request_id: context.origin.request_id.clone(),
        }),
        effects: vec![put_effect(
            context,
            event,
            &organization,
            &body.name,
            &Policy::default(),
        )?],
        reads: vec![by_name(GET, &organization), by_name(MODEL, &organization)],
    };
    let mut rows = d1::write(&context.database, &batch).await?;
    let row: Row = rows
        .first()?
        .ok_or(Fault::new("an organization that is not there"))?;
    let created = row.row == id;
    if created {
        let model: ModelRow = rows
            .first()?
            .ok_or(Fault::new("an organization without a model"))?;
        copies::keep_policy(context, &model.model);
    }
    let value = row.answer();
    Ok(Stored { created, value })
}

/// `GET /v1/organizations/{org}`
pub async fn show(caller: Admin) -> Result<Json<OrganizationAnswer>, Problem> {
    let read = by_name(GET, &caller.organization);
    let mut rows = d1::run(&caller.context().database, &[read]).await?;
    let row: Row = rows.first()?.ok_or(Refusal::NotFound)?;
    Ok(Json(row.answer()))
}

/// `PATCH /v1/organizations/{org}`: what is named, and nothing else.
pub async fn patch(
    caller: FreshOwner,
    Json(body): Json<OrganizationChange>,
) -> Result<Json<OrganizationAnswer>, Problem> {
    let name = body.name.as_ref();
    name.map_or(Ok(()), |name| check_name("name", name))?;
    let days = body.audit_days.unwrap_or(*AUDIT_DAYS.start());
    if !AUDIT_DAYS.contains(&days) {
        return Err(Refusal::malformed("audit_days", "30 to 3650 days").into());
    }
    let context = caller.context();
    let event = context.event_id()?;
    let given = serde_json::to_string(&body)?;
    let keeper = caller.proviso()?;
    let is_person = keeper.is_some();
    let batch = Batch {
        recording: recording!(CHANGED, {
            event: event,
            organization: caller.organization.as_str(),
            now: context.now,
            action: Action::OrganizationChange.as_str(),
            keeper: keeper,
            given: given.as_str(),
            ip: context.origin.ip.clone(),
            user_agent: context.origin.user_agent.clone(),
            request_id: context.origin.request_id.clone(),
        }),
        effects: vec![effect!(CHANGE, { event: event, given: given.as_str() })],
        reads: vec![
            Statement::new(RECORDED, [text(event)]),
            by_name(GET, &caller.organization),
        ],
    };
    let mut rows = d1::write(&context.database, &batch).await?;
    let recorded: Option<ModelRow> = rows.first()?;
    let row: Row = rows.first()?.ok_or(Refusal::NotFound)?;
    match recorded {
        Some(recorded) => copies::keep_policy(context, &recorded.model),
        None if is_person => return Err(MOVED_ON.into()),
        None => return Err(Refusal::NotFound.into()),
    }
    Ok(Json(row.answer()))
}

/// Makes the organization of `event` under this policy, or renames it where it exists.
///
/// # Errors
/// A fault when the policy has no JSON.
pub fn put_effect(
    context: &Context,
    event: EventId,
    organization: &OrganizationName,
    name: &DisplayName,
    policy: &Policy,
) -> Result<Effect, Fault> {
    let policy = serde_json::to_string(policy)?;
    let (id, name) = (organization.as_str(), name.as_str());
    Ok(effect!(PUT, event, id, name, policy, context.now_ms))
}

/// Whether the name can be the issuer in an authenticator app.
///
/// # Errors
/// `malformed`, naming `field`.
pub fn check_name(field: &'static str, name: &DisplayName) -> Result<(), Refusal> {
    check_issuer(name.as_str()).map_err(|why| {
        let why = Malformed {
            field: None,
            detail: why.to_string().into(),
        };
        Refusal::Malformed(why.about(field))
    })
}

/// What [`GET`] reads.
#[derive(Deserialize)]
struct Row {
    row: OrganizationId,
    id: String,
    name: String,
    created_at: UnixTime,
    support: Option<String>,
    language: Language,
    audit_days: u16,
    owners: u32,
}

impl Row {
    fn answer(self) -> OrganizationAnswer {
        OrganizationAnswer {
            organization: Organization {
                id: self.id,
                name: self.name,
                created_at: self.created_at,
                support: self.support,
                language: self.language,
                audit_days: self.audit_days,
                owners: self.owners,
            },
        }
    }
}

/// An organization's model.
#[derive(Deserialize)]
pub struct ModelRow {
    /// The model.
    #[serde(deserialize_with = "json_text")]
    pub model: Model,
}

fn by_name(sql: &'static str, organization: &OrganizationName) -> Statement {
    Statement::new(sql, [organization.as_str().into()])
}

/// ?1 event 2 external id 3 name 4 policy 5 now in ms
const PUT: &str = "
INSERT INTO organization (id, external_id, created_at, name, policy, policy_version, trust_epoch)
SELECT e.organization, ?2, e.at, ?3, ?4, ?5, ?5 FROM accepted e WHERE e.id = ?1
ON CONFLICT (external_id) DO UPDATE SET name = excluded.name";

/// ?1 external id
const GET: &str = "
SELECT o.id AS row, o.external_id AS id, o.name, o.created_at, o.support, o.language, o.audit_days,
  (SELECT count(*) FROM user u WHERE u.organization = o.id AND u.role = 'owner' AND u.state = 'active') AS owners
FROM organization o WHERE o.external_id = ?1";

/// Records what changes, old and new, while the owner is as they were let in.
const CHANGED: &str = recording_text!(
    "id, organization, at, action, actor, actor_id, actor_name, outcome, detail, ip, user_agent, request_id",
    "
SELECT :event, o.id, :now, :action,
  coalesce(:keeper ->> 'role', 'application'), :keeper ->> 'user', :keeper ->> 'name', 'accepted',
  json_object(
    'old', json((
      SELECT json_group_object(g.key, o.was ->> g.key) FROM json_each(:given) g WHERE g.value IS NOT o.was ->> g.key)),
    'new', json((
      SELECT json_group_object(g.key, g.value) FROM json_each(:given) g WHERE g.value IS NOT o.was ->> g.key))),
  :ip, :user_agent, :request_id
FROM (
  SELECT id, external_id, json_object(
    'name', name, 'support', support, 'language', language, 'audit_days', audit_days) AS was FROM organization) o
WHERE o.external_id = :organization AND ",
    still_keeps!()
);

const CHANGE: &str = "
UPDATE organization SET name = coalesce(:given ->> 'name', organization.name),
  language = coalesce(:given ->> 'language', organization.language),
  audit_days = coalesce(:given ->> 'audit_days', organization.audit_days),
  support = iif(json_type(:given, '$.support') IS NULL, organization.support, :given ->> 'support')
FROM accepted e WHERE e.id = :event AND organization.id = e.organization";

/// No row where the event was not recorded. ?1 event
const RECORDED: &str = "
SELECT m.model FROM accepted e JOIN organization_model m ON m.id = e.organization WHERE e.id = ?1";

/// ?1 external id
const MODEL: &str = "SELECT model FROM organization_model WHERE external_id = ?1";

/// Records what changes, old and new. An organization that does not exist yet gets the new id.
const EVENT: &str = recording_text!(
    "id, organization, at, action, actor, outcome, detail, ip, user_agent, request_id",
    "
SELECT :event, coalesce(o.id, :id), :now, :action, 'application', 'accepted',
  CASE WHEN o.id IS NULL THEN json_object('created', json('true'), 'new', json_object('name', :name))
       WHEN o.name <> :name THEN json_object('created', json('false'),
         'old', json_object('name', o.name), 'new', json_object('name', :name))
       ELSE json_object('created', json('false'), 'old', json('{}'), 'new', json('{}')) END,
  :ip, :user_agent, :request_id
FROM (SELECT 1) LEFT JOIN organization o ON o.external_id = :organization"
);
