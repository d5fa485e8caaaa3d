//! Confirmed authenticators: renamed and removed by their owner. And turning it all off.

use http::StatusCode;
use postern::{
    audit::Action,
    challenges::{Presented, check},
    evidence::{Ground, Method},
    ids::AuthenticatorId,
    names::DisplayName,
    passkeys::{Aaguid, CredentialId, CredentialRecord},
    passwords::Password,
    policy, record,
    refusal::Refusal,
    slow_hash::Memory,
    throttle::{Gate, Lane},
    time::UnixTime,
};
use serde::Serialize;

use crate::{
    backup_codes,
    call::Call,
    caller::Caller,
    copies,
    d1::{Statement, effect, text},
    mail,
    problem::Fault,
    reply::{Reply, json, no_content},
    sessions::{Change, change},
    settlement::{GateRow, gate_statement},
    slow_hashes::Place,
    survivors::Survivors,
};

/// An authenticator as the API shows it.
#[derive(Serialize)]
pub struct View {
    id: AuthenticatorId,
    kind: String,
    name: String,
    created_at: UnixTime,
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

record! {
    /// An authenticator as [`LIST`] reads it.
    pub struct Row {
        id: AuthenticatorId,
        kind: String,
        name: String,
        created_at: UnixTime,
        last_used_at: Option<UnixTime>,
        credential_id: Option<CredentialId>,
        synced: Option<u32>,
        aaguid: Option<Aaguid>,
    }
}

impl From<Row> for View {
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

impl View {
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

record! {
    strict struct Rename {
        name: DisplayName,
    }
}

record! {
    strict struct TurnOff {
        password: Option<Password>,
    }
}

/// `PATCH /v1/me/authenticators/{id}`
pub async fn rename(call: Call) -> Reply {
    let (mut caller, _) = call.session(vec![]).await?;
    let body: Rename = call.json(caller.judged())?;
    let id: AuthenticatorId = call.path(caller.judged(), 0)?;
    owned(&caller, id)?;
    let mut renaming = Change::new(&call.context, Action::AuthenticatorRename)?;
    renaming.subject = Some(id.to_string());
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
    let mut judgment = change(&call, &caller, renaming).await?;
    let renamed = judgment
        .rows
        .first::<Row>()?
        .ok_or(Fault::new("an authenticator that is not there"))?;
    // The version does not move with a name, so no settlement would write it to the copy.
    let authenticators = &mut caller.truth.user.authenticators;
    for known in authenticators.iter_mut().filter(|known| known.id == id) {
        known.name.clone_from(&renamed.name);
    }
    copies::keep_user(&call.context, &caller.truth);
    json(StatusCode::OK, "authenticator", &View::from(renamed))
}

/// `DELETE /v1/me/authenticators/{id}`: with the last one go the backup codes.
pub async fn remove(call: Call) -> Reply {
    let (caller, _) = call.session(vec![]).await?;
    let id: AuthenticatorId = call.path(caller.judged(), 0)?;
    owned(&caller, id)?;
    let last = caller.truth.user.authenticators.len() == 1;
    if last {
        may_be_left_without(&caller, call.context.now)?;
    }
    let mut removal = Change::new(&call.context, Action::AuthenticatorRemove)?;
    let event = removal.event;
    removal.subject = Some(id.to_string());
    removal.effects = vec![
        effect!(REMOVE, event, text(id)),
        mail::notice(&call.context, event, mail::Kind::AuthenticatorRemoved)?,
    ];
    if last {
        removal.effects.push(backup_codes::end(event));
    }
    let maker = caller.session.id;
    removal.survivors = Some(if last {
        Survivors::Only(maker)
    } else {
        Survivors::Aal2 {
            maker,
            without: Some(Ground::Authenticator(id)),
        }
    });
    change(&call, &caller, removal).await?;
    Ok(no_content())
}

/// `DELETE /v1/me/mfa`: everything off, with a second factor shown just now and the password.
pub async fn turn_off(call: Call) -> Reply {
    let home = call.claimed_home()?;
    let gate = Gate {
        method: Method::Password,
        lane: Lane::Session,
    };
    let place = Place::take(&call.context, home, false)?;
    let (caller, mut rows) = call.session(vec![gate_statement(home, Some(gate))]).await?;
    let body: TurnOff = call.json(caller.judged())?;
    let found = rows.first::<GateRow>()?.unwrap_or_default().counters();
    let context = &call.context;
    if caller.truth.user.authenticators.is_empty() {
        return Err(Refusal::Conflict("nothing is turned on").into());
    }
    may_be_left_without(&caller, context.now)?;
    // Also where the organization takes a password for a step-up.
    if !caller.assurance.is_fresh(context.now) {
        return Err(Refusal::StepUpRequired.into());
    }
    let mut off = Change::new(context, Action::MfaOff)?;
    let event = off.event;
    if caller.truth.user.password.is_some() {
        let password = body
            .password
            .ok_or(Refusal::malformed("password", "the password"))?;
        if let Some(closed) = gate.closed(&found, 1, context.now) {
            return Err(Refusal::closed(closed, Refusal::NotAccepted).into());
        }
        let (presented, user) = (Presented::Password(password), &caller.truth.user);
        let (keys, now) = (&context.settings.keys, context.now);
        let check = |memory: &mut Memory| check(&presented, user, gate.lane, keys, memory, now);
        off.attempt = place.hash(check).await??;
    }
    drop(place);
    off.effects = vec![
        effect!(REMOVE_ALL, event),
        backup_codes::end(event),
        effect!(DROP_PENDING, event),
        mail::notice(context, event, mail::Kind::MfaOff)?,
    ];
    off.survivors = Some(Survivors::Only(caller.session.id));
    change(&call, &caller, off).await?;
    Ok(no_content())
}

fn owned(caller: &Caller, id: AuthenticatorId) -> Result<(), Refusal> {
    let found = caller
        .truth
        .user
        .authenticators
        .iter()
        .any(|authenticator| authenticator.id == id);
    if found {
        Ok(())
    } else {
        Err(Refusal::NotFound)
    }
}

fn may_be_left_without(caller: &Caller, now: UnixTime) -> Result<(), Refusal> {
    let user = &caller.truth.user;
    let ids = user.authenticator_ids();
    let person = user.person(&ids);
    policy::may_remove_last(&caller.truth.organization.policy, &person, now)
}

/// ?1 event 2 authenticator 3 name
const RENAME: &str = "
UPDATE authenticator SET name = ?3 FROM accepted e
WHERE e.id = ?1 AND (authenticator.organization, authenticator.user, authenticator.id) = (e.organization, e.user, ?2)";

/// ?1 event 2 authenticator
const REMOVE: &str = "
DELETE FROM authenticator WHERE (organization, user) IN (SELECT organization, user FROM accepted WHERE id = ?1) AND id = ?2";

/// ?1 event
const REMOVE_ALL: &str = "
DELETE FROM authenticator WHERE (organization, user) IN (SELECT organization, user FROM accepted WHERE id = ?1)";

/// ?1 event
const DROP_PENDING: &str = "
DELETE FROM enrollment WHERE (organization, user) IN (SELECT organization, user FROM accepted WHERE id = ?1)";

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
