//! Backup codes: issued with the first authenticator or by their owner, shown once.

use postern::{
    audit::Action,
    backup_codes::{BackupCode, BackupCodeSet, CODES, ENTROPY, Format},
    evidence::{Ground, Method},
    ids::{BackupCodeSetId, EventId},
    refusal::{Conflict, Refusal},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::{self, Change, Unrestricted, change},
    http::{
        body::{Json, NoContent},
        context::Context,
        problem::Problem,
        slow_hashes::Place,
    },
    platform::Fault,
    store::{
        d1::{Effect, effect, text},
        mail,
        models::Models,
        survivors::Survivors,
    },
};

/// A set about to be issued: the codes in memory, what is kept of them in statements.
pub struct Issue {
    id: BackupCodeSetId,
    key: String,
    set: BackupCodeSet,
    codes: [BackupCode; CODES],
    look_ups: Vec<String>,
}

/// Codes as shown, once.
#[derive(Serialize, ToSchema)]
pub struct BackupCodesView {
    /// The ten codes, shown this once.
    #[schema(min_items = 10, max_items = 10)]
    codes: Vec<String>,
    format: Format,
}

/// An empty object.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// New codes.
#[derive(Serialize, ToSchema)]
pub struct BackupCodesAnswer {
    backup_codes: BackupCodesView,
}

impl Issue {
    /// Draws ten codes in the format of the policy and hashes them: ten slow hashes.
    ///
    /// # Errors
    /// `throttled` when too many hashes wait; a fault without randomness.
    pub async fn new(context: &Context, models: &Models, place: Place) -> Result<Self, Problem> {
        let format = models.organization.policy.backup_codes;
        let set = BackupCodeSet::new(format, context.entropy()?);
        let codes = BackupCodeSet::generate(format, &context.entropy::<ENTROPY>()?);
        let key = context.settings.keys.writer();
        let pepper = key.pepper();
        let mut look_ups = Vec::with_capacity(CODES);
        for code in &codes {
            let look_up = place.hash(|memory| set.look_up(code, &pepper, memory));
            look_ups.push(look_up.await?.to_string());
        }
        Ok(Self {
            id: BackupCodeSetId::from_entropy(context.entropy()?),
            key: key.id().to_owned(),
            set,
            codes,
            look_ups,
        })
    }

    /// Replaces the set alive, if any, when `event` is accepted.
    ///
    /// # Errors
    /// A fault when the set has no JSON.
    pub fn effects(&self, event: EventId) -> Result<Vec<Effect>, Fault> {
        let parameters = serde_json::to_string(&self.set)?;
        let look_ups = serde_json::to_string(&self.look_ups)?;
        Ok(vec![
            end(event),
            effect!(ISSUE, event, text(self.id), self.key.clone(), parameters),
            effect!(KEEP, event, look_ups),
        ])
    }

    /// The codes, for the one reply that shows them.
    pub fn view(&self) -> BackupCodesView {
        BackupCodesView {
            codes: self
                .codes
                .iter()
                .map(|code| code.as_str().to_owned())
                .collect(),
            format: self.set.format,
        }
    }
}

/// Ends the set alive when `event` is accepted.
pub fn end(event: EventId) -> Effect {
    effect!(END, event)
}

/// `POST /v1/me/backup-codes`: a new set; the old one ends in the same batch.
pub async fn renew(
    caller: Unrestricted,
    Json(Nothing {}): Json<Nothing>,
) -> Result<Json<BackupCodesAnswer>, Problem> {
    if caller.models.user.authenticators.is_empty() {
        return Err(Refusal::Conflict(Conflict::AuthenticatorMissing).into());
    }
    let context = caller.context();
    let place = Place::take(context, caller.home, false).await?;
    let issue = Issue::new(context, &caller.models, place).await?;
    let mut renewal = Change::new(context, Action::BackupCodesRenew)?;
    let event = renewal.event;
    renewal.subject = Some(issue.id.to_string());
    renewal.attempt.method = Some(Method::BackupCode);
    renewal.effects = issue.effects(event)?;
    let notice = mail::notice(context, event, mail::Kind::BackupCodesRenewed);
    renewal.effects.push(notice);
    renewal.survivors = Some(Survivors::Aal2 {
        maker: caller.session.id,
        without: Some(Ground::BackupCodes),
    });
    change(context, &caller, renewal).await?;
    Ok(Json(BackupCodesAnswer {
        backup_codes: issue.view(),
    }))
}

/// `POST /v1/me/backup-codes/saved`: the person says that the set alive is kept somewhere.
pub async fn saved(
    caller: access::Session,
    Json(Nothing {}): Json<Nothing>,
) -> Result<NoContent, Problem> {
    let set = caller.models.user.backup_codes.as_ref();
    let set = set.ok_or(Refusal::NotFound)?;
    let context = caller.context();
    let mut saving = Change::new(context, Action::BackupCodesSave)?;
    saving.subject = Some(set.id.to_string());
    saving.attempt.method = Some(Method::BackupCode);
    saving.effects = vec![effect!(SAVED, saving.event)];
    change(context, &caller, saving).await?;
    Ok(NoContent)
}

/// ?1 event
const SAVED: &str = "
UPDATE backup_code_set SET saved_at = e.at FROM accepted e
WHERE e.id = ?1 AND (backup_code_set.organization, backup_code_set.user, backup_code_set.id) = (e.organization, e.user, e.subject)";

/// ?1 event
const END: &str = "
DELETE FROM backup_code_set WHERE (organization, user) IN (SELECT organization, user FROM accepted WHERE id = ?1)";

/// ?1 event 2 set 3 key 4 parameters
const ISSUE: &str = "
INSERT INTO backup_code_set (organization, user, id, key, parameters, created_at)
SELECT organization, user, ?2, ?3, ?4, at FROM accepted WHERE id = ?1";

/// ?1 event 2 look-ups as a JSON array
const KEEP: &str = "
INSERT INTO backup_code (organization, user, look_up)
SELECT e.organization, e.user, j.value FROM accepted e, json_each(?2) j WHERE e.id = ?1";
