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
    call::Call,
    copies,
    d1::{self, Statement, text},
    problem::Fault,
    reply::{Reply, json},
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
        copies::keep_policy(context, &model.read()?);
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

/// ?1 event 2 now 3 organization 4 action 5 subject 6 address 7 user agent 8 request
const EVENT: &str = "
INSERT INTO event (id, organization, at, action, actor, subject, outcome, ip, user_agent, request_id)
SELECT ?1, id, ?2, ?4, 'application', ?5, 'accepted', ?6, ?7, ?8 FROM organization WHERE external_id = ?3";
