//! Confirmed authenticators: renamed and removed by their owner.

use postern::{
    audit::Action,
    evidence::Ground,
    ids::AuthenticatorId,
    names::DisplayName,
    passkeys::{Aaguid, CredentialId, CredentialRecord},
    refusal::{Conflict, Refusal},
    time::UnixTime,
    users::Authenticator,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::{Aal2, Change, Fresh, LiveSession, change},
    account::turning_off::{self, PasswordCounters},
    http::{
        body::{Json, NoContent},
        path::Path,
        problem::Problem,
    },
    platform::Fault,
    store::{
        copies,
        d1::{Statement, effect, text},
        event_detail::EventDetail,
        mail,
        survivors::Survivors,
    },
};

/// An authenticator as the API shows it.
#[derive(Serialize, ToSchema)]
pub struct AuthenticatorView {
    id: AuthenticatorId,
    #[schema(schema_with = postern::schema::authenticator_kind)]
    kind: String,
    /// What the person calls it.
    name: String,
    created_at: UnixTime,
    #[schema(required)]
    last_used_at: Option<UnixTime>,
    /// Of a passkey, for pages that tell the browser what changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    credential_id: Option<CredentialId>,
    /// Whether a passkey is synced; otherwise it stays on its device.
    #[serde(skip_serializing_if = "Option::is_none")]
    synced: Option<bool>,
    /// Who keeps a passkey, by its AAGUID.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<&'static str>,
}

/// An authenticator as [`LIST`] reads it.
#[derive(Deserialize)]
pub struct Row {
    id: AuthenticatorId,
    kind: String,
    /// What the person calls it.
    name: String,
    created_at: UnixTime,
    last_used_at: Option<UnixTime>,
    credential_id: Option<CredentialId>,
    synced: Option<u32>,
    aaguid: Option<Aaguid>,
}

impl From<Row> for AuthenticatorView {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            name: row.name,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            credential_id: row.credential_id,
            synced: row.synced.map(|synced| synced == 1),
            provider: row.aaguid.and_then(Aaguid::provider_name),
        }
    }
}

impl AuthenticatorView {
    /// One that was confirmed just now.
    pub fn new(id: AuthenticatorId, kind: &str, name: DisplayName, now: UnixTime) -> Self {
        Self {
            id,
            kind: kind.to_owned(),
            name: name.to_string(),
            created_at: now,
            last_used_at: Some(now),
            credential_id: None,
            synced: None,
            provider: None,
        }
    }

    /// The same, with what its credential record says.
    pub fn of_passkey(self, record: &CredentialRecord) -> Self {
        Self {
            credential_id: Some(record.id.clone()),
            synced: Some(record.backup_state),
            provider: record.aaguid.provider_name(),
            ..self
        }
    }

    /// Its id.
    pub const fn id(&self) -> AuthenticatorId {
        self.id
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// A new name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RenameAuthenticator)]
pub struct Rename {
    /// 1 to 64 characters, trimmed.
    name: DisplayName,
}

/// An authenticator.
#[derive(Serialize, ToSchema)]
pub struct AuthenticatorAnswer {
    authenticator: AuthenticatorView,
}

/// `PATCH /v1/me/authenticators/{id}`
pub async fn rename(
    caller: Aal2,
    Path(id): Path<AuthenticatorId>,
    Json(body): Json<Rename>,
) -> Result<Json<AuthenticatorAnswer>, Problem> {
    let known = owned(&caller, id)?;
    let mut others = caller.models.user.authenticators.iter();
    if others.any(|other| other.id != id && body.name.is_like(&other.name)) {
        return Err(Refusal::Conflict(Conflict::NameTaken).into());
    }
    let context = caller.context();
    let mut renaming = Change::new(context, Action::AuthenticatorRename)?;
    renaming.subject = Some(id.to_string());
    renaming.attempt.method = Some(known.kind.method());
    renaming.detail = EventDetail::default()
        .with("old", &Named::of(&known.name))?
        .with("new", &Named::of(body.name.as_str()))?;
    renaming.effects = vec![effect!(
        RENAME,
        renaming.event,
        text(id),
        body.name.as_str()
    )];
    renaming.reads = vec![Statement::new(
        ONE,
        [
            text(caller.home.organization),
            text(caller.home.user),
            text(id),
        ],
    )];
    let mut judgment = change(context, &caller, renaming).await?;
    let renamed = judgment
        .rows
        .first::<Row>()?
        .ok_or(Fault::new("an authenticator that is not there"))?;
    // The version does not move with a name, so no settlement would write it to the copy.
    let mut models = caller.models.clone();
    let authenticators = &mut models.user.authenticators;
    for known in authenticators.iter_mut().filter(|known| known.id == id) {
        known.name.clone_from(&renamed.name);
    }
    copies::keep_user(context, &models);
    let authenticator = renamed.into();
    Ok(Json(AuthenticatorAnswer { authenticator }))
}

/// `DELETE /v1/me/authenticators/{id}`: removing the last one is turning off, and takes the same.
pub async fn remove(
    caller: Fresh<PasswordCounters>,
    Path(id): Path<AuthenticatorId>,
    Json(body): Json<turning_off::Proof>,
) -> Result<NoContent, Problem> {
    let known = owned(&caller, id)?;
    if caller.models.user.authenticators.len() == 1 {
        return turning_off::end_all(&caller, body, Some(id)).await;
    }
    let context = caller.context();
    let mut removal = Change::new(context, Action::AuthenticatorRemove)?;
    let event = removal.event;
    removal.subject = Some(id.to_string());
    removal.attempt.method = Some(known.kind.method());
    removal.detail = EventDetail::of(&Named::of(&known.name))?;
    removal.effects = vec![
        effect!(REMOVE, event, text(id)),
        mail::notice(context, event, mail::Kind::AuthenticatorRemoved),
    ];
    removal.survivors = Some(Survivors::Aal2 {
        maker: caller.session.id,
        without: Some(Ground::Authenticator(id)),
    });
    change(context, &caller, removal).await?;
    Ok(NoContent)
}

fn owned(caller: &LiveSession, id: AuthenticatorId) -> Result<&Authenticator, Refusal> {
    let mut mine = caller.models.user.authenticators.iter();
    let mine = mine.find(|authenticator| authenticator.id == id);
    mine.ok_or(Refusal::NotFound)
}

/// What an authenticator is called, as the audit trail keeps it.
#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
}

impl<'a> Named<'a> {
    const fn of(name: &'a str) -> Self {
        Self { name }
    }
}

/// ?1 event 2 authenticator 3 name
const RENAME: &str = "
UPDATE authenticator SET name = ?3 FROM accepted e
WHERE e.id = ?1 AND (authenticator.organization, authenticator.user, authenticator.id) = (e.organization, e.user, ?2)";

/// ?1 event 2 authenticator
const REMOVE: &str = "
DELETE FROM authenticator WHERE (organization, user) IN (SELECT organization, user FROM accepted WHERE id = ?1) AND id = ?2";

/// ?1 organization 2 user
pub const LIST: &str = "
SELECT id, kind, name, created_at, last_used_at, credential ->> 'id' AS credential_id,
  credential ->> 'backup_state' AS synced, credential ->> 'aaguid' AS aaguid FROM authenticator
WHERE organization = ?1 AND user = ?2 ORDER BY created_at, id";

/// ?1 organization 2 user 3 authenticator
const ONE: &str = "
SELECT id, kind, name, created_at, last_used_at, credential ->> 'id' AS credential_id,
  credential ->> 'backup_state' AS synced, credential ->> 'aaguid' AS aaguid FROM authenticator
WHERE organization = ?1 AND user = ?2 AND id = ?3";
