//! Organizations, kept by applications.

use http::StatusCode;
use postern::{
    audit::Action,
    ids::OrganizationId,
    json,
    key_uri::check_issuer,
    names::{DisplayName, OrganizationName},
    organizations::Organization,
    policy::Policy,
    record,
    refusal::{Malformed, Refusal},
    time::UnixTime,
};
use serde::Serialize;

use crate::{
    http::{
        call::Call,
        problem::Fault,
        reply::{Reply, json},
    },
    store::{
        copies,
        d1::{self, Batch, Statement, effect, recording, recording_text, text},
    },
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
    /// An organization's model, after it was written.
    pub struct Written {
        model: String,
    }
}

/// `PUT /v1/organizations/{org}`
pub async fn put(call: Call) -> Reply {
    let judged = call.application().await?;
    let external_id: OrganizationName = call.path(judged, 0)?;
    let body: Put = call.json(judged)?;
    check_issuer(body.name.as_str()).map_err(|why| malformed("name", &why))?;
    let context = &call.context;
    let id = OrganizationId::from_entropy(context.entropy()?);
    let event = context.event_id()?;
    let batch = Batch {
        recording: recording!(EVENT, {
            event: event,
            organization: external_id.as_str(),
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
            external_id.as_str(),
            body.name.as_str(),
            serde_json::to_string(&Policy::default())?,
            context.now_ms,
        )],
        reads: vec![
            Statement::new(GET, [external_id.as_str().into()]),
            Statement::new(MODEL, [external_id.as_str().into()]),
        ],
    };
    let mut rows = d1::write(&context.database, &batch).await?;
    let row = rows
        .first::<View>()?
        .ok_or(Fault::new("an organization that is not there"))?;
    let mut status = StatusCode::OK;
    if row.row == id {
        status = StatusCode::CREATED;
        let model = rows
            .first::<Written>()?
            .ok_or(Fault::new("an organization without a model"))?;
        copies::keep_policy(context, &model.read()?);
    }
    json(status, "organization", &row)
}

/// `GET /v1/organizations/{org}`
pub async fn show(call: Call) -> Reply {
    let judged = call.application().await?;
    let external_id: OrganizationName = call.path(judged, 0)?;
    let mut rows = d1::run(
        &call.context.database,
        &[Statement::new(GET, [external_id.as_str().into()])],
    )
    .await?;
    let row = rows.first::<View>()?.ok_or(Refusal::NotFound)?;
    json(StatusCode::OK, "organization", &row)
}

impl Written {
    /// Reads it.
    ///
    /// # Errors
    /// A fault when the database holds something this version does not read.
    pub fn read(&self) -> Result<Organization, Fault> {
        Ok(json::read(self.model.as_bytes())?)
    }
}

/// A field with a reason that the core words.
pub fn malformed(field: &'static str, why: &impl ToString) -> Refusal {
    Refusal::Malformed(Malformed {
        field: Some(field.into()),
        detail: why.to_string().into(),
    })
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

/// One that does not exist yet gets the new id.
const EVENT: &str = recording_text!(
    "id, organization, at, action, actor, outcome, ip, user_agent, request_id",
    "
SELECT :event, coalesce((SELECT id FROM organization WHERE external_id = :organization), :id),
  :now, :action, 'application', 'accepted', :ip, :user_agent, :request_id"
);
