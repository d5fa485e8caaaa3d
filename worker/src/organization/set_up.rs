//! A first organization and its first owner, made with the operator's code: once in the life of a
//! deployment.
//!
//! What each of them may be is for `organizations` and `users`, whose statements these are.

use postern::{
    audit::Action,
    ids::{OrganizationId, UserId},
    names::{BadName, DisplayName, ExternalId, MailAddress, OrganizationName, Username},
    passwords::Password,
    policy::{Mode, Policy},
    refusal::{Conflict, Refusal},
    users::Role,
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    access::SetUp,
    http::{
        body::{Json, NoContent},
        problem::Problem,
    },
    organization::{
        organizations,
        users::{self, UserBody},
    },
    platform::Fault,
    store::d1::{self, Batch, Statement, effect, recording, recording_text, text},
};

/// An organization to begin with, and its first owner.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetUpBody {
    /// The organization's id: the short name that people type to sign in.
    pub organization: OrganizationName,
    /// What people see, also as the issuer in their authenticator apps: 1 to 64 characters that can be
    /// seen, in at most 128 bytes of UTF-8; not "Steam".
    pub organization_name: DisplayName,
    /// What the owner types to sign in, and the owner's id: 1 to 128 of `A-Z`, `a-z`, `0-9` and `._~@+-`.
    pub username: Username,
    /// The owner's name as pages show it, 1 to 64 characters that can be seen.
    pub name: DisplayName,
    /// The address that notices to the owner go to, at most 254 characters of ASCII.
    pub email: MailAddress,
    /// The owner's password, 8 to 256 characters and none of the most common ones.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 256)]
    pub password: Password,
    /// The policy to begin with: `optional` or `required`. Under `off` the owner could add no second
    /// factor, which the pages of the organization ask for.
    pub mode: Mode,
}

/// `GET /v1/set-up`: whether the code opens set-up.
pub async fn show(_: SetUp) -> Result<NoContent, Problem> {
    Ok(NoContent)
}

/// `POST /v1/set-up`: the organization, its policy and its owner, in one batch, and never again.
pub async fn set_up(caller: SetUp, Json(body): Json<SetUpBody>) -> Result<NoContent, Problem> {
    let context = caller.context();
    // parse
    organizations::check_name("organization_name", &body.organization_name)?;
    if body.mode == Mode::Off {
        return Err(Refusal::malformed("mode", "optional or required").into());
    }
    let user: ExternalId = body
        .username
        .as_str()
        .parse()
        .map_err(|BadName(rule)| Refusal::malformed("username", rule))?;
    let owner = UserBody {
        username: Some(body.username),
        name: Some(Some(body.name)),
        email: Some(Some(body.email)),
        role: Some(Role::Owner),
        password: Some(body.password),
        ..UserBody::default()
    };
    let owner = owner.or_default(&user)?;
    owner.check()?;
    // commit
    let event = context.event_id()?;
    let person = format!("{}/{user}", body.organization);
    let verifier = users::verifier(context, person, owner.password.as_ref()).await?;
    let policy = Policy {
        mode: body.mode,
        ..Policy::default()
    };
    let batch = Batch {
        recording: recording!(EVENT, {
            event: event,
            id: text(OrganizationId::from_entropy(context.entropy()?)),
            user: text(UserId::from_entropy(context.entropy()?)),
            now: context.now,
            action: Action::OrganizationSetUp.as_str(),
            external_id: user.as_str(),
            organization: body.organization.as_str(),
            policy: serde_json::to_string(&policy)?,
            ip: context.origin.ip.clone(),
            user_agent: context.origin.user_agent.clone(),
            request_id: context.origin.request_id.clone(),
        }),
        effects: vec![
            organizations::put_effect(
                context,
                event,
                &body.organization,
                &body.organization_name,
                &policy,
            )?,
            users::create_effect(
                context,
                event,
                &user,
                serde_json::to_string(&owner)?,
                verifier,
            )?,
            effect!(DONE, event),
        ],
        reads: vec![Statement::new(TOLD, [text(event)])],
    };
    let mut rows = d1::write(&context.database, &batch).await?;
    let told: Told = rows
        .first()?
        .ok_or(Fault::new("a read that always has a row"))?;
    // reply
    match told {
        Told { recorded: 1, .. } => Ok(NoContent),
        Told { done: 1, .. } => Err(Refusal::Expired.into()),
        Told { .. } => Err(Refusal::Conflict(Conflict::OrganizationTaken).into()),
    }
}

/// What [`TOLD`] reads.
#[derive(Deserialize)]
struct Told {
    recorded: u32,
    done: u32,
}

/// While nothing was set up, and in an organization that is new.
const EVENT: &str = recording_text!(
    "id, organization, user, at, action, actor, subject, outcome, detail, ip, user_agent, request_id",
    "
SELECT :event, :id, :user, :now, :action, 'operator', :external_id, 'accepted',
  json_object('created', json('true'), 'new', json_object('role', 'owner', 'policy', json(:policy))),
  :ip, :user_agent, :request_id
WHERE NOT EXISTS (SELECT 1 FROM set_up)
  AND NOT EXISTS (SELECT 1 FROM organization WHERE external_id = :organization)"
);

/// ?1 event
const DONE: &str = "
INSERT INTO set_up (one, at, organization) SELECT 1, e.at, e.organization FROM accepted e WHERE e.id = ?1";

/// ?1 event
const TOLD: &str = "
SELECT EXISTS (SELECT 1 FROM event WHERE id = ?1) AS recorded, EXISTS (SELECT 1 FROM set_up) AS done";
