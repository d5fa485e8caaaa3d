//! What owners, admins and applications do for one person: end all factors, sign out everywhere, and
//! let in again who was locked out.

use postern::{
    audit::Action,
    ids::EventId,
    names::ExternalId,
    refusal::{Conflict, Refusal},
    sessions::{ABSOLUTE_SECONDS, IDLE_SECONDS},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::{FreshAdmin, still_keeps},
    account::{backup_codes::Nothing, turning_off},
    http::{body::Json, path::PathSecond, problem::Problem},
    organization::users::{MOVED_ON, user_models},
    platform::json_text,
    store::{
        copies,
        d1::{self, Batch, Effect, Statement, effect, recording, recording_text, text},
        mail,
        models::Models,
        survivors::Survivors,
    },
};

/// How much of the person `u` ends by `:action`.
macro_rules! ended {
    () => {
        "json_object(
      'authenticators', iif(:action = 'mfa.revoke', (
        SELECT count(*) FROM authenticator a WHERE (a.organization, a.user) = (u.organization, u.id)), 0),
      'backup_codes', iif(:action = 'mfa.revoke', (
        SELECT count(*) FROM backup_code c WHERE (c.organization, c.user) = (u.organization, u.id) AND c.used_at IS NULL), 0),
      'trusted_devices', iif(:action <> 'user.unlock', (
        SELECT count(*) FROM trusted_device d WHERE (d.organization, d.user) = (u.organization, u.id)
          AND d.ended_at IS NULL AND d.expires_at > :now AND d.user_version = u.version AND d.trust_epoch = o.trust_epoch), 0),
      'sessions', iif(:action <> 'user.unlock', (
        SELECT count(*) FROM live_session s WHERE (s.organization, s.user) = (u.organization, u.id)
          AND s.last_used_at > :now - :idle AND s.born_at > :now - :absolute), 0),
      'locks', iif(:action = 'user.sign_out', 0, (
        SELECT count(DISTINCT t.method) FROM throttle t WHERE (t.organization, t.user) = (u.organization, u.id)
          AND +t.not_before > :now AND (:action = 'user.unlock' OR t.method <> 'password'))))"
    };
}
pub mod selection;

/// A confirmation that everything is to end.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeBody {
    /// How many authenticators end. Where there is another number by now, nothing ends.
    #[schema(minimum = 0)]
    pub authenticators: u64,
}

/// What ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct HelpAnswer {
    /// How much ended.
    ended: Ended,
}

/// How much of a person's ended.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
#[schema(as = EndedCounts)]
struct Ended {
    /// Confirmed authenticators.
    #[schema(minimum = 0)]
    authenticators: u32,
    /// Backup codes that were not used.
    #[schema(minimum = 0)]
    backup_codes: u32,
    /// Browsers that were trusted.
    #[schema(minimum = 0)]
    trusted_devices: u32,
    /// Sessions.
    #[schema(minimum = 0)]
    sessions: u32,
    /// Methods that the person had to wait for.
    #[schema(minimum = 0)]
    locks: u32,
}

impl Ended {
    /// Both together.
    const fn plus(self, other: Self) -> Self {
        Self {
            authenticators: self.authenticators.saturating_add(other.authenticators),
            backup_codes: self.backup_codes.saturating_add(other.backup_codes),
            trusted_devices: self.trusted_devices.saturating_add(other.trusted_devices),
            sessions: self.sessions.saturating_add(other.sessions),
            locks: self.locks.saturating_add(other.locks),
        }
    }
}

/// `POST /v1/organizations/{org}/users/{user}/revoke-mfa`: all factors, trusted devices and sessions
/// end now, and the next sign-in enrolls again where the policy requires it.
pub async fn revoke(
    caller: FreshAdmin,
    PathSecond(user): PathSecond<ExternalId>,
    Json(body): Json<RevokeBody>,
) -> Result<Json<HelpAnswer>, Problem> {
    let mut help = Help::load(&caller, &user, Action::MfaRevoke).await?;
    if u64::try_from(help.models.user.authenticators.len()) != Ok(body.authenticators) {
        return Err(MISCOUNTED.into());
    }
    help.effects = turning_off::end_factors(help.event);
    help.effects
        .push(effect!(FORGET_SECOND_FACTORS, help.event));
    help.effects
        .extend(Survivors::NoSession.effects(help.event));
    help.commit(&caller, mail::Kind::MfaRevoked).await
}

/// `POST /v1/organizations/{org}/users/{user}/sign-out`: all sessions, open challenges and trusted
/// devices end; factors stay.
pub async fn sign_out(
    caller: FreshAdmin,
    PathSecond(user): PathSecond<ExternalId>,
    Json(Nothing {}): Json<Nothing>,
) -> Result<Json<HelpAnswer>, Problem> {
    let mut help = Help::load(&caller, &user, Action::UserSignOut).await?;
    help.effects = Survivors::NoSession.effects(help.event);
    help.commit(&caller, mail::Kind::SignedOut).await
}

/// `POST /v1/organizations/{org}/users/{user}/unlock`: what was counted of wrong proofs is forgotten,
/// and every method can be tried again.
pub async fn unlock(
    caller: FreshAdmin,
    PathSecond(user): PathSecond<ExternalId>,
    Json(Nothing {}): Json<Nothing>,
) -> Result<Json<HelpAnswer>, Problem> {
    let mut help = Help::load(&caller, &user, Action::UserUnlock).await?;
    help.effects = vec![effect!(FORGET_COUNTERS, help.event)];
    help.commit(&caller, mail::Kind::Unlocked).await
}

const MISCOUNTED: Refusal = Refusal::Conflict(Conflict::Miscounted);

/// What is done for a person.
struct Help {
    event: EventId,
    action: Action,
    /// The person, as they were when it was decided that the caller may help them.
    models: Models,
    effects: Vec<Effect>,
}

impl Help {
    /// Finds the person, and refuses a caller who is not above them.
    async fn load(caller: &FreshAdmin, user: &ExternalId, action: Action) -> Result<Self, Problem> {
        let context = caller.context();
        let found = user_models(&caller.organization, user);
        let mut rows = d1::run(&context.database, &[found]).await?;
        let models: Models = rows.first()?.ok_or(Refusal::NotFound)?;
        caller.may_help(&models.user)?;
        Ok(Self {
            event: context.event_id()?,
            action,
            models,
            effects: vec![],
        })
    }

    /// Does it, unless something moved on since it was decided.
    async fn commit(
        mut self,
        caller: &FreshAdmin,
        kind: mail::Kind,
    ) -> Result<Json<HelpAnswer>, Problem> {
        let context = caller.context();
        let user = &self.models.user;
        self.effects.push(mail::notice(context, self.event, kind));
        let batch = Batch {
            recording: recording!(HELP_EVENT, {
                event: self.event,
                organization: text(user.organization),
                user: text(user.id),
                version: user.version,
                now: context.now,
                action: self.action.as_str(),
                keeper: caller.proviso()?,
                idle: IDLE_SECONDS,
                absolute: ABSOLUTE_SECONDS,
                ip: context.origin.ip.clone(),
                user_agent: context.origin.user_agent.clone(),
                request_id: context.origin.request_id.clone(),
            }),
            effects: self.effects,
            reads: vec![
                Statement::new(RECORDED, [text(self.event)]),
                user_models(&caller.organization, &user.external_id),
            ],
        };
        let mut rows = d1::write(&context.database, &batch).await?;
        let recorded: Option<Recorded> = rows.first()?;
        let Recorded { ended } = recorded.ok_or(MOVED_ON)?;
        if let Some(models) = rows.first::<Models>()? {
            copies::keep_user(context, &models);
        }
        Ok(Json(HelpAnswer { ended }))
    }
}

/// What [`RECORDED`] reads.
#[derive(Deserialize)]
struct Recorded {
    #[serde(deserialize_with = "json_text")]
    ended: Ended,
}

/// Only while the person is as they were, and the helper too.
const HELP_EVENT: &str = recording_text!(
    "id, organization, user, at, action, actor, actor_id, actor_name, subject, outcome, detail, ip, user_agent, request_id",
    "
SELECT :event, u.organization, u.id, :now, :action,
  coalesce(:keeper ->> 'role', 'application'), :keeper ->> 'user', :keeper ->> 'name', u.external_id, 'accepted',
  json_object('ended', ",
    ended!(),
    "),
  :ip, :user_agent, :request_id
FROM user u JOIN organization o ON o.id = u.organization
WHERE u.organization = :organization AND u.id = :user AND u.version = :version
  AND ",
    still_keeps!()
);

/// ?1 event
const RECORDED: &str = "SELECT detail -> 'ended' AS ended FROM event WHERE id = ?1";

/// Of factors that ended nothing is left to guess at. ?1 event
const FORGET_SECOND_FACTORS: &str = "
DELETE FROM throttle WHERE method <> 'password'
  AND (organization, user) IN (SELECT organization, user FROM accepted WHERE id = ?1)";

/// ?1 event
const FORGET_COUNTERS: &str = "
DELETE FROM throttle WHERE (organization, user) IN (SELECT organization, user FROM accepted WHERE id = ?1)";
