//! One person, as those who help them see them: what they keep, and what the policy asks of them.

use postern::{
    evidence::Method,
    names::{ExternalId, browser},
    policy::{Mode, Reason, Rule, Verdict},
    refusal::Refusal,
    roles::NotHelped,
    throttle::DISABLED,
    time::UnixTime,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::Admin,
    account::{
        authenticators::{self, AuthenticatorView},
        me::{self, BackupCodes},
        sessions::{self, Listed},
        trusted_devices::{self, DeviceView},
    },
    http::{body::Json, path::PathSecond, problem::Problem},
    organization::{
        help_requests::{self, AskedRow, HelpAsked},
        invitations::{self, OpenInvitation},
        users::user_models,
    },
    store::{
        d1::{self, Statement, text},
        models::Models,
    },
};

/// What a person keeps, and what ends when it is revoked.
#[derive(Serialize, ToSchema)]
pub struct PersonSecurity {
    /// Why the caller may not help this person, change or delete them; `null` where they may. How they
    /// are called and where mail goes, everyone may change of themselves.
    #[schema(required)]
    why_not: Option<NotHelped>,
    /// The oldest first.
    authenticators: Vec<AuthenticatorView>,
    #[schema(required)]
    backup_codes: Option<BackupCodes>,
    /// Browsers that are trusted now, the newest first.
    trusted_devices: Vec<DeviceView>,
    /// Live sessions, the last used one first.
    sessions: Vec<Listed>,
    /// Methods that the person has to wait for.
    locks: Vec<Lock>,
    policy: AskedOf,
    /// Whether the person has a password here.
    password: bool,
    /// The last invitation, as long as the person has no password.
    #[schema(required)]
    invitation: Option<OpenInvitation>,
    /// The mailed link by which the person can replace all factors; `null` where there is none, or none
    /// that still works.
    #[schema(required)]
    reset: Option<PendingReset>,
    /// When and from where the person asked for help, as long as it is among the help requests.
    #[schema(required)]
    asked_for_help: Option<HelpAsked>,
    /// What happened last, the newest first; 20 at most.
    #[schema(max_items = 20)]
    events: Vec<EventView>,
}

/// A method that cannot be tried now, from where most people try it.
#[derive(Deserialize, Serialize, ToSchema)]
#[schema(as = MethodLock)]
struct Lock {
    /// The method.
    #[schema(value_type = Method)]
    method: String,
    /// Until when; `null` for a method that only another factor or an unlock gives back.
    #[schema(required)]
    until: Option<UnixTime>,
}

/// A reset that was started, and can still be completed or taken back.
#[derive(Deserialize, Serialize, ToSchema)]
struct PendingReset {
    /// From when on the link does nothing any more, in seconds since 1970.
    expires_at: UnixTime,
}

/// What the policy asks of a person who signs in by password now, at a browser that is not trusted.
#[derive(Serialize, ToSchema)]
#[schema(as = PolicyOfPerson)]
struct AskedOf {
    /// The mode that binds this person now.
    mode: Mode,
    /// What the sign-in leads to.
    decision: Verdict,
    /// Why, from the general to the particular.
    reasons: Vec<Reason>,
    /// The rule that decided.
    rule: Rule,
    /// When the person has to have enrolled.
    #[schema(required)]
    enroll_by: Option<UnixTime>,
}

/// Something that happened.
#[derive(Serialize, ToSchema)]
#[schema(as = PersonEvent)]
struct EventView {
    /// When.
    at: UnixTime,
    /// What was done or tried.
    action: String,
    /// What became of it.
    outcome: String,
    /// Whose doing: `user`, `application`, `owner`, `admin`, `operator` or `system`.
    actor: String,
    /// The method that was shown.
    #[schema(required)]
    method: Option<String>,
    /// The browser and system, as far as the user agent said.
    #[schema(required)]
    browser: Option<String>,
    /// The address that it came from.
    #[schema(required)]
    ip: Option<String>,
}

/// What [`EVENTS`] reads.
#[derive(Deserialize)]
struct EventRow {
    at: UnixTime,
    action: String,
    outcome: String,
    actor: String,
    method: Option<String>,
    user_agent: Option<String>,
    ip: Option<String>,
}

impl From<EventRow> for EventView {
    fn from(row: EventRow) -> Self {
        Self {
            at: row.at,
            action: row.action,
            outcome: row.outcome,
            actor: row.actor,
            method: row.method,
            browser: row.user_agent.as_deref().map(browser),
            ip: row.ip,
        }
    }
}

/// `GET /v1/organizations/{org}/users/{user}/security`
pub async fn show(
    caller: Admin,
    PathSecond(user): PathSecond<ExternalId>,
) -> Result<Json<PersonSecurity>, Problem> {
    let context = caller.context();
    let now = context.now;
    let found = user_models(&caller.organization, &user);
    let mut rows = d1::run(&context.database, &[found]).await?;
    let models: Models = rows.first()?.ok_or(Refusal::NotFound)?;
    let at_home = [text(models.user.organization), text(models.user.id)];
    let [organization, id] = at_home.clone();
    let statements = [
        Statement::new(authenticators::LIST, at_home.clone()),
        Statement::new(me::BACKUP_CODES, at_home.clone()),
        Statement::new(
            trusted_devices::LIST,
            [organization.clone(), id.clone(), now.into()],
        ),
        Statement::new(sessions::LIST, at_home.clone()),
        Statement::new(
            LOCKS,
            [
                organization.clone(),
                id.clone(),
                now.into(),
                DISABLED.into(),
            ],
        ),
        Statement::new(RESET, [organization.clone(), id.clone(), now.into()]),
        help_requests::of_person(at_home.clone(), now),
        invitations::of_person(at_home.clone()),
        Statement::new(EVENTS, at_home),
    ];
    let mut rows = d1::run(&context.database, &statements).await?;
    let authenticators: Vec<authenticators::Row> = rows.readable("authenticators")?;
    let backup_codes = rows.first()?;
    let trusted_devices = rows.readable("trusted devices")?;
    let live: Vec<sessions::Row> = rows.readable("sessions")?;
    let locks = rows.readable("locks")?;
    let reset = rows.first()?;
    let asked_for_help = rows.first::<AskedRow>()?.map(HelpAsked::from);
    let invitation = rows.first()?;
    let events: Vec<EventRow> = rows.readable("events")?;
    Ok(Json(PersonSecurity {
        why_not: caller.why_not(models.user.id, models.user.role),
        authenticators: authenticators
            .into_iter()
            .map(AuthenticatorView::from)
            .collect(),
        backup_codes,
        trusted_devices,
        sessions: sessions::listed(&live, &models, None, now),
        locks,
        policy: AskedOf::of(&models, now),
        password: models.user.password.is_some(),
        invitation,
        reset,
        asked_for_help,
        events: events.into_iter().map(EventView::from).collect(),
    }))
}

impl AskedOf {
    fn of(models: &Models, now: UnixTime) -> Self {
        let ids = models.user.authenticator_ids();
        let person = models.user.person(&ids);
        let ruling = models.asked_after_password(now);
        Self {
            mode: models.organization.policy.mode_for(&person, now),
            decision: ruling.verdict,
            reasons: ruling.reasons,
            rule: ruling.rule,
            enroll_by: ruling.enroll_by,
        }
    }
}

/// ?1 organization 2 user 3 now 4 for ever
const LOCKS: &str = "
SELECT method, nullif(max(not_before), ?4) AS until FROM throttle
WHERE organization = ?1 AND user = ?2 AND +not_before > ?3 GROUP BY method";

/// ?1 organization 2 user 3 now
const RESET: &str = "
SELECT l.expires_at FROM link l JOIN user u ON (u.organization, u.id) = (l.organization, l.user)
WHERE l.organization = ?1 AND l.user = ?2 AND l.purpose = 'reset'
  AND l.ended_at IS NULL AND l.expires_at > ?3 AND l.user_version = u.version";

/// ?1 organization 2 user
const EVENTS: &str = "
SELECT at, action, outcome, actor, method, user_agent, ip FROM event
WHERE organization = ?1 AND user = ?2 ORDER BY seq DESC LIMIT 20";
