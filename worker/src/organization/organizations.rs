//! Organizations, kept by applications.

use postern::{
    audit::Action,
    ids::OrganizationId,
    key_uri::check_issuer,
    names::{DisplayName, OrganizationName},
    organizations::Organization as Model,
    policy::Policy,
    refusal::{Malformed, Refusal},
    time::UnixTime,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::Application,
    http::{
        body::{Json, Stored},
        path::Path,
        problem::Problem,
    },
    platform::{Fault, json_text},
    store::{
        copies,
        d1::{self, Batch, Statement, effect, recording, recording_text, text},
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

/// The organization.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrganizationAnswer {
    /// The organization.
    pub organization: Organization,
}

/// An organization, as its application sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Organization {
    /// Its id, chosen by the application.
    #[schema(value_type = OrganizationName)]
    pub id: String,
    /// What people see.
    pub name: String,
    /// When it was made, in seconds since 1970.
    pub created_at: UnixTime,
}

/// `PUT /v1/organizations/{org}`
pub async fn put(
    caller: Application,
    Path(organization): Path<OrganizationName>,
    Json(body): Json<OrganizationBody>,
) -> Result<Stored<OrganizationAnswer>, Problem> {
    body.check()?;
    let context = caller.context();
    let id = OrganizationId::from_entropy(context.entropy()?);
    let event = context.event_id()?;
    let batch = Batch {
        recording: recording!(EVENT, {
            event: event,
            organization: organization.as_str(),
            id: text(id),
            now: context.now,
            action: Action::OrganizationPut.as_str(),
            ip: context.origin.ip.clone(),
            user_agent: context.origin.user_agent.clone(),
            request_id: context.origin.request_id.clone(),
        }),
        effects: vec![effect!(
            PUT,
            event,
            organization.as_str(),
            body.name.as_str(),
            serde_json::to_string(&Policy::default())?,
            context.now_ms,
        )],
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
pub async fn show(
    caller: Application,
    Path(organization): Path<OrganizationName>,
) -> Result<Json<OrganizationAnswer>, Problem> {
    let mut rows = d1::run(&caller.context().database, &[by_name(GET, &organization)]).await?;
    let row: Row = rows.first()?.ok_or(Refusal::NotFound)?;
    Ok(Json(row.answer()))
}

impl OrganizationBody {
    /// Whether the name can be the issuer in an authenticator app.
    fn check(&self) -> Result<(), Refusal> {
        check_issuer(self.name.as_str()).map_err(|why| {
            let why = Malformed {
                field: None,
                detail: why.to_string().into(),
            };
            Refusal::Malformed(why.about("name"))
        })
    }
}

/// What [`GET`] reads.
#[derive(Deserialize)]
struct Row {
    row: OrganizationId,
    id: String,
    name: String,
    created_at: UnixTime,
}

impl Row {
    fn answer(self) -> OrganizationAnswer {
        OrganizationAnswer {
            organization: Organization {
                id: self.id,
                name: self.name,
                created_at: self.created_at,
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
SELECT id AS row, external_id AS id, name, created_at FROM organization WHERE external_id = ?1";

/// ?1 external id
const MODEL: &str = "SELECT model FROM organization_model WHERE external_id = ?1";

/// An organization that does not exist yet gets the new id.
const EVENT: &str = recording_text!(
    "id, organization, at, action, actor, outcome, ip, user_agent, request_id",
    "
SELECT :event, coalesce((SELECT id FROM organization WHERE external_id = :organization), :id),
  :now, :action, 'application', 'accepted', :ip, :user_agent, :request_id"
);
