//! The commit: one D1 batch that decides an attempt, whatever was shown and for whatever purpose.
//!
//! Its first statement tests every proviso and records the event with its outcome; every later one
//! selects from that event; the last two bring back the truth, if the decision rested on something
//! else, and the outcome. A right and a wrong proof send the same list. A closed gate or another
//! version writes nothing.

use postern::{
    audit::Action,
    decision::{self, Finding, Outcome, Provisos},
    evidence::Method,
    ids::EventId,
    json,
    organizations::Organization,
    record,
    throttle::{DISABLED, Gate, Rule, WINDOW_SECONDS},
    time::UnixTime,
    trusted_devices::REPEAT_SECONDS,
    users::{MAX_PASSKEYS, MAX_TOTP, User},
};
use serde::Deserialize;

use crate::{
    context::{Context, Home, Origin},
    copies,
    d1::{self, Rows, Statement, Value, text},
    problem::{Fault, Problem},
};

#[cfg(test)]
mod tests;

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
    /// When the challenge it answers was opened, for the audit trail.
    pub opened_at: Option<UnixTime>,
    /// What becomes true when it is accepted, each `FROM accepted`.
    pub effects: Vec<Statement>,
    /// What the reply shows of it, read in the same trip.
    pub reads: Vec<Statement>,
}

/// What the database said.
pub enum Settled {
    /// The attempt was judged and recorded.
    Judged(Judgment),
    /// The gate is closed; nothing was written.
    Throttled {
        /// When it opens.
        until: UnixTime,
    },
    /// More secrets would be tried than wrong proofs are left; nothing was written.
    TooCostly,
    /// The decision rested on something that is not so any more; nothing was written.
    Stale(Box<Truth>),
    /// The user is gone; nothing was written.
    Gone,
}

/// A judged attempt.
pub struct Judgment {
    /// What was recorded.
    pub outcome: Outcome,
    /// What became of the trusted device that was presented.
    pub trust: Option<Trust>,
    /// The user after a change that moved the version.
    pub changed: Option<Box<Truth>>,
    /// The rows of [`Settlement::reads`].
    pub rows: Rows,
}

/// What became of a trusted device that was presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// It is the device; its token rotated.
    Accepted,
    /// It is over: expired, revoked, or the user or policy moved on.
    Ended,
    /// The request before was this one: the same answer again.
    Repeated,
    /// An old token: somebody copied it. The series was ended.
    Reused,
}

/// A user and an organization as D1 has them.
#[derive(Clone, Debug)]
pub struct Truth {
    /// The user.
    pub user: User,
    /// The organization.
    pub organization: Organization,
}

/// Settles an attempt.
///
/// # Errors
/// `unavailable` when D1 gives no answer and its outcome cannot be read back.
pub async fn settle(context: &Context, settlement: Settlement) -> Result<Settled, Problem> {
    let versions = copies::Versions {
        user: settlement.provisos.user_version,
        policy: settlement.provisos.policy_version,
    };
    let closing = closing(&settlement);
    let mut statements = opening(context.now, &context.origin, &settlement);
    statements.extend(settlement.effects);

    let rows = d1::write(&context.database, &statements, &closing).await?;
    let settled = read(rows, context.now)?;
    if let Settled::Stale(truth)
    | Settled::Judged(Judgment {
        changed: Some(truth),
        ..
    }) = &settled
    {
        copies::keep(context, truth, versions);
    }
    Ok(settled)
}

/// The verdict and the count.
fn opening(now: UnixTime, origin: &Origin, settlement: &Settlement) -> Vec<Statement> {
    let Provisos {
        organization,
        user,
        user_version,
        policy_version,
        attempt,
        challenge,
        session,
        device,
    } = &settlement.provisos;
    let event = || text(settlement.event);
    let now = || Value::from(now);
    let rule = attempt.gate.map(|gate| Rule::of(gate.method));
    let cap = rule.map_or(u32::MAX, |rule| rule.cap);
    let gate_method = || Value::from(attempt.gate.map(|gate| gate.method.as_str()));
    let lane = || {
        let lane = attempt.gate.and_then(|gate| gate.lane);
        Value::from(lane.map_or_else(String::new, |lane| lane.to_string()))
    };

    let (mut authenticator, mut step, mut look_up, mut enrollment, mut credential) = (
        Value::Null,
        Value::Null,
        Value::Null,
        Value::Null,
        Value::Null,
    );
    let (mut sign_count, mut refuse_regression) = (Value::Null, false);
    let mut added = None;
    let mut holds = true;
    match &attempt.finding {
        Finding::Nothing | Finding::Holds => {}
        Finding::Wrong => holds = false,
        Finding::Step {
            authenticator: id,
            step: matched,
        } => {
            authenticator = text(id);
            step = matched.0.into();
        }
        Finding::LookUp(index) => look_up = index.clone().into(),
        Finding::Enrollment { id, step: matched } => {
            enrollment = text(id);
            added = Some(("totp", MAX_TOTP));
            holds = matched.is_some();
        }
        Finding::Assertion {
            authenticator: id,
            sign_count: count,
            refuse_regression: refuse,
            ..
        } => {
            authenticator = text(id);
            sign_count = (*count).into();
            refuse_regression = *refuse;
        }
        Finding::Registration { credential: id } => {
            credential = id.clone().into();
            added = Some(("passkey", MAX_PASSKEYS));
        }
    }
    let subject = settlement
        .subject
        .clone()
        .map_or_else(|| authenticator.clone(), Value::from);
    let mut statements = vec![Statement::new(
        VERDICT,
        [
            event(),
            now(),
            text(organization),
            text(user),
            (*user_version).into(),
            (*policy_version).into(),
            settlement.action.as_str().into(),
            attempt.method.map(|method| method.as_str()).into(),
            gate_method(),
            lane(),
            attempt.cost.into(),
            cap.into(),
            authenticator,
            holds.into(),
            step,
            look_up,
            challenge.as_ref().map(|spend| spend.id.to_string()).into(),
            session.as_ref().map(|holder| holder.id.to_string()).into(),
            session
                .as_ref()
                .map(|holder| holder.token_hash.clone())
                .into(),
            enrollment,
            device.as_ref().map(|holder| holder.id.to_string()).into(),
            device
                .as_ref()
                .map(|holder| holder.token_hash.clone())
                .into(),
            origin.ip.clone().into(),
            origin.user_agent.clone().into(),
            origin.request_id.clone().into(),
            detail(settlement).into(),
            WINDOW_SECONDS.into(),
            REPEAT_SECONDS.into(),
            added.map(|(_, cap)| cap).into(),
            subject,
            sign_count,
            refuse_regression.into(),
            credential,
            added.map(|(kind, _)| kind).into(),
        ],
    )];
    if let Some(rule) = rule {
        statements.push(Statement::new(
            COUNT,
            [
                event(),
                now(),
                waits(&rule).into(),
                WINDOW_SECONDS.into(),
                rule.cap.into(),
                attempt.cost.into(),
                gate_method(),
                lane(),
                rule.disabled_after.unwrap_or(u32::MAX).into(),
                DISABLED.into(),
            ],
        ));
        statements.push(Statement::new(FORGIVE, [event(), gate_method(), lane()]));
    }
    if let Some(spend) = challenge {
        statements.push(Statement::new(
            SPEND,
            [event(), text(spend.id), spend.expires_at.plus(60).into()],
        ));
    }
    statements.push(Statement::new(
        ADVANCE,
        [event(), step_of(&attempt.finding)],
    ));
    if attempt.method == Some(Method::Passkey) {
        statements.push(use_passkey(settlement.event, &attempt.finding));
    }
    statements.push(Statement::new(
        USE_CODE,
        [event(), look_up_of(&attempt.finding)],
    ));
    statements
}

/// What the audit trail keeps besides: no secret, no code, only our own words and numbers.
fn detail(settlement: &Settlement) -> Option<String> {
    let opened = settlement
        .opened_at
        .map(|at| format!(r#""opened_at":{at}"#));
    let flaw = settlement.provisos.attempt.flaw;
    let flaw = flaw.map(|flaw| format!(r#""flaw":"{flaw}""#));
    let members: Vec<String> = opened.into_iter().chain(flaw).collect();
    (!members.is_empty()).then(|| format!("{{{}}}", members.join(",")))
}

/// What an assertion leaves in the record of its passkey (WebAuthn L3 §7.2 step 24).
fn use_passkey(event: EventId, finding: &Finding) -> Statement {
    let (count, state, initialized) = match finding {
        Finding::Assertion {
            sign_count,
            backup_state,
            uv_initialized,
            ..
        } => (
            (*sign_count).into(),
            (*backup_state).into(),
            (*uv_initialized).into(),
        ),
        _ => (Value::Null, Value::Null, Value::Null),
    };
    Statement::new(USE_PASSKEY, [text(event), count, state, initialized])
}

/// The truth, if the decision rested on something else, and the outcome.
fn closing(settlement: &Settlement) -> Vec<Statement> {
    let Provisos {
        organization,
        user,
        user_version,
        policy_version,
        attempt,
        ..
    } = &settlement.provisos;
    let gate = attempt.gate;
    let mut statements = vec![
        Statement::new(
            TRUTH,
            [
                text(organization),
                text(user),
                (*user_version).into(),
                (*policy_version).into(),
            ],
        ),
        Statement::new(
            REPLY,
            [
                text(settlement.event),
                text(organization),
                text(user),
                gate.map_or("", |gate| gate.method.as_str()).into(),
                gate.and_then(|gate| gate.lane)
                    .map_or_else(String::new, |lane| lane.to_string())
                    .into(),
            ],
        ),
    ];
    statements.extend(settlement.reads.iter().cloned());
    statements
}

fn read(mut rows: Rows, now: UnixTime) -> Result<Settled, Fault> {
    let truth = rows.first::<TruthRow>()?;
    let reply = rows.first::<ReplyRow>()?;
    settled(truth, reply, rows, now)
}

/// What the rows of [`TRUTH`] and [`REPLY`] say.
fn settled(
    truth: Option<TruthRow>,
    reply: Option<ReplyRow>,
    rows: Rows,
    now: UnixTime,
) -> Result<Settled, Fault> {
    let truth = truth.map(TruthRow::read).transpose()?;
    let Some(reply) = reply else {
        return Ok(Settled::Gone);
    };
    if let Some(outcome) = &reply.outcome {
        let outcome =
            Outcome::read(outcome).ok_or_else(|| Fault::new(format!("outcome {outcome}")))?;
        return Ok(Settled::Judged(Judgment {
            outcome,
            trust: reply.trust,
            changed: truth.map(Box::new),
            rows,
        }));
    }
    Ok(match truth {
        Some(truth) => Settled::Stale(Box::new(truth)),
        None if reply.not_before.is_some_and(|until| until > now) => Settled::Throttled {
            until: reply.not_before.unwrap_or_default(),
        },
        None => Settled::TooCostly,
    })
}

/// Reads a user and an organization, and the gate of `gate`, in one trip; `None` when there is no
/// such user.
///
/// # Errors
/// `unavailable`.
pub async fn load(
    context: &Context,
    home: Home,
    gate: Option<decision::Gate>,
) -> Result<Option<(Truth, Gate)>, Problem> {
    let statements = [
        Statement::new(
            TRUTH,
            [
                text(home.organization),
                text(home.user),
                Value::Integer(0),
                Value::Integer(0),
            ],
        ),
        gate_statement(home, gate),
    ];
    let mut rows = d1::run(&context.database, &statements).await?;
    let Some(truth) = rows.first::<TruthRow>()? else {
        return Ok(None);
    };
    let gate = rows.first::<GateRow>()?.unwrap_or_default().gate();
    Ok(Some((truth.read()?, gate)))
}

/// Reads a gate, in a trip that reads something else too.
pub fn gate_statement(home: Home, gate: Option<decision::Gate>) -> Statement {
    Statement::new(
        GATE,
        [
            text(home.organization),
            text(home.user),
            gate.map_or("", |gate| gate.method.as_str()).into(),
            gate.and_then(|gate| gate.lane)
                .map_or_else(String::new, |lane| lane.to_string())
                .into(),
        ],
    )
}

record! {
    /// A gate as stored, in whichever trip reads it.
    #[derive(Debug, Default)]
    pub struct GateRow {
        /// See [`Gate::not_before`].
        pub not_before: Option<UnixTime>,
        /// See [`Gate::in_window`].
        pub in_window: Option<u32>,
        /// See [`Gate::window_from`].
        pub window_from: Option<UnixTime>,
    }
}

impl GateRow {
    /// The gate; open where nothing was counted yet.
    pub fn gate(&self) -> Gate {
        Gate {
            not_before: self.not_before.unwrap_or_default(),
            in_window: self.in_window.unwrap_or_default(),
            window_from: self.window_from.unwrap_or_default(),
        }
    }
}

record! {
    /// The models in a row, as JSON text.
    pub struct TruthRow {
        user: String,
        organization: String,
    }
}

impl TruthRow {
    /// The two models of a row that holds more.
    pub const fn new(user: String, organization: String) -> Self {
        Self { user, organization }
    }

    /// Reads both models.
    ///
    /// # Errors
    /// A fault when the database holds something this version does not read.
    pub fn read(self) -> Result<Truth, Fault> {
        Ok(Truth {
            user: json::read(self.user.as_bytes())?,
            organization: json::read(self.organization.as_bytes())?,
        })
    }
}

record! {
    struct ReplyRow {
        outcome: Option<String>,
        trust: Option<Trust>,
        not_before: Option<UnixTime>,
    }
}

/// The waits of a rule, as [`COUNT`] reads them.
pub fn waits(rule: &Rule) -> String {
    serde_json::to_string(rule.waits).unwrap_or_default()
}

fn step_of(finding: &Finding) -> Value {
    match finding {
        Finding::Step { step, .. } => step.0.into(),
        _ => Value::Null,
    }
}

fn look_up_of(finding: &Finding) -> Value {
    match finding {
        Finding::LookUp(index) => index.clone().into(),
        _ => Value::Null,
    }
}

/// ?1 event 2 now 3 organization 4 user 5 its version 6 policy version 7 action 8 method
/// 9 gate's method 10 lane 11 cost 12 cap 13 authenticator 14 whether it holds 15 step 16 look-up
/// 17 challenge 18 session 19 its token's hash 20 enrollment 21 device 22 its token's hash
/// 23 address 24 user agent 25 request 26 detail 27 window 28 repeat window 29 most of the kind
/// added 30 subject 31 sign count 32 whether one that went back is refused 33 credential added
/// 34 kind added. Spent comes first, so that a spent challenge is no oracle.
pub const VERDICT: &str = "
INSERT INTO event (id, organization, user, at, action, actor, method, subject, ip, user_agent, request_id, detail, outcome, trust)
SELECT ?1, u.organization, u.id, ?2, ?7, 'user', ?8, ?30, ?23, ?24, ?25, ?26,
  CASE WHEN EXISTS (SELECT 1 FROM spent_challenge WHERE id = ?17) THEN 'spent'
       WHEN ?18 IS NOT NULL AND s.id IS NULL THEN 'signed_out'
       WHEN ?20 IS NOT NULL AND n.id IS NULL THEN 'gone'
       WHEN NOT ?14 THEN 'wrong'
       WHEN ?13 IS NOT NULL AND a.id IS NULL THEN 'wrong'
       WHEN a.last_step >= ?15 THEN 'replayed'
       WHEN ?16 IS NOT NULL AND c.look_up IS NULL THEN 'wrong'
       WHEN c.used_at IS NOT NULL THEN 'used'
       WHEN ?33 IS NOT NULL AND EXISTS (
         SELECT 1 FROM authenticator WHERE kind = 'passkey' AND credential ->> 'id' = ?33) THEN 'taken'
       WHEN ?29 <= (
         SELECT count(*) FROM authenticator
         WHERE (organization, user) = (u.organization, u.id) AND kind = ?34) THEN 'full'
       WHEN ?31 <= a.credential ->> 'sign_count' AND 0 < a.credential ->> 'sign_count'
         THEN iif(?32, 'count_regressed', 'possible_clone')
       ELSE 'accepted' END,
  CASE WHEN ?21 IS NULL OR d.id IS NULL THEN NULL
       WHEN d.ended_at IS NOT NULL OR d.expires_at <= ?2 OR d.user_version <> u.version
         OR d.trust_epoch <> o.trust_epoch THEN 'ended'
       WHEN d.token_hash = ?22 THEN 'accepted'
       WHEN d.previous_hash = ?22 AND d.rotated_at >= ?2 - ?28 THEN 'repeated'
       ELSE 'reused' END
FROM user u JOIN organization o ON o.id = u.organization
LEFT JOIN authenticator a ON (a.organization, a.user, a.id) = (u.organization, u.id, ?13)
LEFT JOIN backup_code c ON (c.organization, c.user, c.look_up) = (u.organization, u.id, ?16)
LEFT JOIN session s ON (s.organization, s.user, s.id) = (u.organization, u.id, ?18)
  AND s.token_hash = ?19 AND s.ended_at IS NULL
LEFT JOIN enrollment n ON (n.organization, n.user) = (u.organization, u.id)
  AND n.id = ?20 AND n.session = ?18 AND n.expires_at > ?2
LEFT JOIN trusted_device d ON (d.organization, d.user, d.id) = (u.organization, u.id, ?21)
LEFT JOIN throttle t ON (t.organization, t.user, t.method, t.lane) = (u.organization, u.id, ?9, ?10)
WHERE u.organization = ?3 AND u.id = ?4
  AND (u.version = ?5 AND o.policy_version = ?6 AND u.state = 'active'
       AND coalesce(t.not_before, 0) <= ?2
       AND iif(t.window_from > ?2 - ?27, t.in_window, 0) + ?11 <= ?12
       OR EXISTS (SELECT 1 FROM event WHERE id = ?1))";

/// Lengthens the wait, and counts wrong proofs toward the day.
/// ?1 event 2 now 3 waits 4 window 5 cap 6 cost 7 method 8 lane 9 disabled after 10 disabled until
pub const COUNT: &str = "
INSERT INTO throttle (organization, user, method, lane, window_from, in_window, in_row, not_before)
SELECT organization, user, ?7, ?8, ?2, (outcome = 'wrong') * ?6, 1,
  max(?2 + (?3 ->> 1), iif((outcome = 'wrong') * ?6 >= ?5, ?2 + ?4, 0))
FROM event WHERE id = ?1 AND outcome IN ('wrong', 'replayed', 'used', 'count_regressed')
ON CONFLICT DO UPDATE SET in_row = in_row + 1,
  window_from = iif(window_from <= ?2 - ?4, ?2, window_from),
  in_window   = iif(window_from <= ?2 - ?4, 0, in_window) + excluded.in_window,
  not_before  = max(?2 + (?3 ->> min(in_row + 1, json_array_length(?3) - 1)),
                    iif(iif(window_from <= ?2 - ?4, 0, in_window) + excluded.in_window >= ?5,
                        iif(window_from <= ?2 - ?4, ?2, window_from) + ?4, 0),
                    iif(in_row + 1 >= ?9, ?10, 0))";

/// A success forgives the wait, never the day. ?1 event 2 method 3 lane
pub const FORGIVE: &str = "
UPDATE throttle SET in_row = 0 FROM accepted e
WHERE e.id = ?1 AND in_row > 0
  AND (throttle.organization, throttle.user, throttle.method, throttle.lane) = (e.organization, e.user, ?2, ?3)";

/// ?1 event 2 challenge 3 kept until
pub const SPEND: &str = "
INSERT INTO spent_challenge (id, expires_at) SELECT ?2, ?3 FROM accepted WHERE id = ?1";

/// ?1 event 2 step
pub const ADVANCE: &str = "
UPDATE authenticator SET last_step = ?2, last_used_at = e.at FROM accepted e
WHERE e.id = ?1 AND ?2 IS NOT NULL
  AND (authenticator.organization, authenticator.user, authenticator.id) = (e.organization, e.user, e.subject)";

/// Numbers arrive as JavaScript has them: without the cast a count would be stored as a fraction.
/// ?1 event 2 sign count 3 whether it is synced 4 whether it may vouch for its user
pub const USE_PASSKEY: &str = "
UPDATE authenticator SET last_used_at = e.at, credential = json_set(credential,
  '$.sign_count', CAST(max(credential ->> 'sign_count', ?2) AS INTEGER), '$.backup_state', json(iif(?3, 'true', 'false')),
  '$.uv_initialized', json(iif(?4 OR credential ->> 'uv_initialized', 'true', 'false')))
FROM accepted e WHERE e.id = ?1 AND ?2 IS NOT NULL
  AND (authenticator.organization, authenticator.user, authenticator.id) = (e.organization, e.user, e.subject)";

/// ?1 event 2 look-up
pub const USE_CODE: &str = "
UPDATE backup_code SET used_at = e.at FROM accepted e
WHERE e.id = ?1 AND (backup_code.organization, backup_code.user, backup_code.look_up) = (e.organization, e.user, ?2)";

/// No row where the decision rested on the truth. ?1 organization 2 user 3 its version 4 policy version
pub const TRUTH: &str = "
SELECT m.model AS user, p.model AS organization
FROM user u JOIN organization o ON o.id = u.organization
JOIN user_model m ON (m.organization, m.id) = (u.organization, u.id)
JOIN organization_model p ON p.id = o.id
WHERE u.organization = ?1 AND u.id = ?2 AND (u.version <> ?3 OR o.policy_version <> ?4)";

/// ?1 organization 2 user 3 method 4 lane
const GATE: &str = "
SELECT not_before, in_window, window_from FROM throttle
WHERE organization = ?1 AND user = ?2 AND method = ?3 AND lane = ?4";

/// One row unless the user is gone. ?1 event 2 organization 3 user 4 gate's method 5 lane
pub const REPLY: &str = "
SELECT e.outcome, e.trust, t.not_before
FROM user u LEFT JOIN event e ON e.id = ?1
LEFT JOIN throttle t ON (t.organization, t.user, t.method, t.lane) = (u.organization, u.id, ?4, ?5)
WHERE u.organization = ?2 AND u.id = ?3";
