//! The batch of an attempt: the verdict, what follows from it, and the readback.

use postern::{
    audit::Action,
    decision::{Attempt, Finding, Provisos, Spend},
    evidence::Method,
    ids::{AuthenticatorId, EnrollmentId, EventId},
    refusal::Hint,
    throttle::WINDOW_SECONDS,
    time::{SKEW_SECONDS, UnixTime},
    trusted_devices::REPEAT_SECONDS,
    users::{MAX_PASSKEYS, MAX_TOTP},
};

use super::{
    counting::{ThrottleValues, counting},
    statements::{ADVANCE, READBACK, SPEND, USE_CODE, USE_PASSKEY, USE_TRY, VERDICT},
};
use crate::{
    http::context::Origin,
    platform::Fault,
    store::{
        d1::{Batch, Effect, Recording, Statement, effect, recording, statement, text},
        event_detail::EventDetail,
    },
};

/// Seconds that the mark of a spent challenge is kept after the challenge is over.
const MARK_SECONDS: u64 = 60;

/// An attempt to be settled.
pub struct Settlement {
    /// The id of its event, drawn before the first try, so that it cannot count twice.
    pub event: EventId,
    /// What is attempted.
    pub action: Action,
    /// Under which conditions it holds.
    pub provisos: Provisos,
    /// What it concerns, if not the authenticator that was found.
    pub subject: Option<String>,
    /// Whether the user acts as an owner or admin, and on the organization.
    pub keeps: bool,
    /// More for the audit trail: no secret, no code, only our own words and numbers.
    pub detail: EventDetail,
    /// What becomes true when it is accepted.
    pub effects: Vec<Effect>,
    /// What the reply shows of it, read in the same trip.
    pub reads: Vec<Statement>,
}

/// An attempt, and what differs in its batch between a user and a name that no user has. All other
/// statements follow from the method that was shown, so a right and a wrong proof send the same.
pub struct Statements<'a> {
    /// The id of its event.
    pub event: EventId,
    /// When it is made.
    pub now: UnixTime,
    /// What was shown.
    pub attempt: &'a Attempt,
    /// The challenge it answers.
    pub challenge: Option<&'a Spend>,
    /// Judges it and records the event.
    pub verdict: Recording,
    /// Reads the outcome.
    pub readback: Statement,
}

impl Statements<'_> {
    /// The batch.
    ///
    /// # Errors
    /// As [`counting`].
    pub fn batch(self) -> Result<Batch, Fault> {
        let Self { event, attempt, .. } = self;
        let mut effects = Vec::new();
        if let Some(throttle) = attempt.throttle {
            effects.push(counting(event, self.now, throttle, attempt.cost)?);
        }
        if let Some(spend) = self.challenge {
            effects.extend(spending(event, spend));
        }
        effects.extend(using(event, attempt));
        Ok(Batch {
            recording: self.verdict,
            effects,
            reads: vec![self.readback],
        })
    }
}

/// The whole batch of a settlement, and what it was decided on.
///
/// # Errors
/// A fault when a detail or a rule has no JSON.
pub fn batch(
    now: UnixTime,
    origin: &Origin,
    settlement: Settlement,
) -> Result<(Batch, Provisos), Fault> {
    let statements = Statements {
        event: settlement.event,
        now,
        attempt: &settlement.provisos.attempt,
        challenge: settlement.provisos.challenge.as_ref(),
        verdict: verdict_statement(now, origin, &settlement)?,
        readback: readback_statement(settlement.event, &settlement.provisos),
    };
    let mut batch = statements.batch()?;
    batch.effects.extend(settlement.effects);
    batch.reads.extend(settlement.reads);
    Ok((batch, settlement.provisos))
}

/// Tests the provisos and records the event.
fn verdict_statement(
    now: UnixTime,
    origin: &Origin,
    settlement: &Settlement,
) -> Result<Recording, Fault> {
    let provisos = &settlement.provisos;
    let (attempt, session, device) = (&provisos.attempt, &provisos.session, &provisos.device);
    let throttle = ThrottleValues::of(attempt.throttle);
    let shared = attempt.throttle.and_then(|throttle| throttle.shared());
    let found = Found::of(&attempt.finding);
    let subject = settlement.subject.clone();
    Ok(recording!(VERDICT, {
        event: settlement.event,
        now: now,
        action: settlement.action.as_str(),
        subject: subject.or(found.authenticator.map(|id| id.to_string())),
        keeps: settlement.keeps,
        detail: detail(settlement)?,
        ip: origin.ip.clone(),
        user_agent: origin.user_agent.clone(),
        request_id: origin.request_id.clone(),

        organization: text(provisos.organization),
        user: text(provisos.user),
        user_version: provisos.user_version,
        policy_version: provisos.policy_version,
        enrolled: provisos.enrolled,
        challenge: provisos.challenge.as_ref().map(|spend| spend.id.to_string()),
        session: session.as_ref().map(|holder| holder.id.to_string()),
        session_hash: session.as_ref().map(|holder| holder.token_hash.clone()),
        device: device.as_ref().map(|holder| holder.id.to_string()),
        device_hash: device.as_ref().map(|holder| holder.token_hash.clone()),
        repeat_window: REPEAT_SECONDS,
        skew: SKEW_SECONDS,

        throttle_method: throttle.method,
        lane: throttle.lane,
        shared: throttle.shared,
        cost: attempt.cost,
        cap: attempt.throttle.map_or(u32::MAX, |throttle| throttle.own().cap),
        shared_cap: shared.map_or(u32::MAX, |shared| shared.rule.cap),
        window: WINDOW_SECONDS,
        disabled_after: attempt.throttle.and_then(|throttle| throttle.own().disabled_after),

        method: attempt.method.map(|method| method.as_str()),
        holds: found.holds,
        authenticator: found.authenticator.map(|id| id.to_string()),
        step: found.step,
        look_up: found.look_up,
        enrollment: found.enrollment.map(|id| id.to_string()),
        sign_count: found.used.map(|used| used.sign_count),
        refuse_regression: found.refuses_regression,
        credential: found.credential,
        kind_added: found.added.map(|added| added.kind),
        most_of_kind: found.added.map(|added| added.most),
    }))
}

/// Reads the outcome, and the models where the decision rested on others.
fn readback_statement(event: EventId, provisos: &Provisos) -> Statement {
    let throttle = ThrottleValues::of(provisos.attempt.throttle);
    let late = match provisos.attempt.hint {
        Some(Hint::ClockBehind {
            authenticator,
            step,
            ..
        }) => Some((authenticator, step)),
        _ => None,
    };
    statement!(READBACK, {
        event: event,
        organization: text(provisos.organization),
        user: text(provisos.user),
        user_version: provisos.user_version,
        policy_version: provisos.policy_version,
        throttle_method: throttle.method,
        lane: throttle.lane,
        shared: throttle.shared,
        challenge: provisos.challenge.as_ref().map(|spend| spend.id.to_string()),
        late_authenticator: late.map(|(authenticator, _)| authenticator.to_string()),
        late_step: late.map(|(_, step)| step.0),
    })
}

/// What the audit trail keeps besides.
fn detail(settlement: &Settlement) -> Result<Option<String>, Fault> {
    let mut detail = settlement.detail.clone();
    if let Some(flaw) = settlement.provisos.attempt.flaw {
        detail = detail.with("flaw", &flaw)?;
    }
    detail.text()
}

/// What becomes of the challenge that was answered.
fn spending(event: EventId, spend: &Spend) -> Vec<Effect> {
    let (id, kept_until) = (|| text(spend.id), spend.expires_at.plus(MARK_SECONDS));
    let spent = effect!(SPEND, event, id(), kept_until);
    let try_used = spend
        .tries
        .map(|tries| effect!(USE_TRY, event, id(), kept_until, tries));
    std::iter::once(spent).chain(try_used).collect()
}

/// What an accepted proof leaves in the record it was checked against.
fn using(event: EventId, attempt: &Attempt) -> Option<Effect> {
    if attempt.finding == Finding::Nothing {
        return None;
    }
    let found = Found::of(&attempt.finding);
    match found.method.or(attempt.method)? {
        Method::Totp => Some(effect!(ADVANCE, event, found.step)),
        Method::BackupCode => Some(effect!(USE_CODE, event, found.look_up)),
        Method::Passkey => Some(effect!(
            USE_PASSKEY,
            event,
            found.used.map(|used| used.sign_count),
            found.used.map(|used| used.backup_state),
            found.used.map(|used| used.uv_initialized)
        )),
        Method::Password | Method::Sso | Method::TrustedDevice => None,
    }
}

/// What of a finding the database must confirm.
#[derive(Default)]
struct Found {
    holds: bool,
    /// The method that alone can find this.
    method: Option<Method>,
    authenticator: Option<AuthenticatorId>,
    step: Option<u64>,
    look_up: Option<String>,
    enrollment: Option<EnrollmentId>,
    used: Option<UsedPasskey>,
    refuses_regression: bool,
    credential: Option<String>,
    added: Option<Added>,
}

/// What an assertion says of its passkey (WebAuthn L3 section 7.2 step 24).
#[derive(Clone, Copy)]
struct UsedPasskey {
    sign_count: u32,
    backup_state: bool,
    uv_initialized: bool,
}

/// A kind of authenticator of which one is added, and how many a user may have.
#[derive(Clone, Copy)]
struct Added {
    kind: &'static str,
    most: u32,
}

impl Found {
    fn of(finding: &Finding) -> Self {
        let holds = Self {
            holds: true,
            ..Self::default()
        };
        match finding {
            Finding::Wrong => Self::default(),
            Finding::Nothing | Finding::Holds => holds,
            Finding::Step {
                authenticator,
                step,
            } => Self {
                method: Some(Method::Totp),
                authenticator: Some(*authenticator),
                step: Some(step.0),
                ..holds
            },
            Finding::LookUp(look_up) => Self {
                method: Some(Method::BackupCode),
                look_up: Some(look_up.clone()),
                ..holds
            },
            Finding::Enrollment { id, step } => Self {
                holds: step.is_some(),
                method: Some(Method::Totp),
                enrollment: Some(*id),
                added: Some(Added {
                    kind: "totp",
                    most: MAX_TOTP,
                }),
                ..holds
            },
            Finding::Assertion {
                authenticator,
                sign_count,
                backup_state,
                uv_initialized,
                refuse_regression,
            } => Self {
                method: Some(Method::Passkey),
                authenticator: Some(*authenticator),
                used: Some(UsedPasskey {
                    sign_count: *sign_count,
                    backup_state: *backup_state,
                    uv_initialized: *uv_initialized,
                }),
                refuses_regression: *refuse_regression,
                ..holds
            },
            Finding::Registration { credential } => Self {
                method: Some(Method::Passkey),
                credential: Some(credential.clone()),
                added: Some(Added {
                    kind: "passkey",
                    most: MAX_PASSKEYS,
                }),
                ..holds
            },
        }
    }
}
