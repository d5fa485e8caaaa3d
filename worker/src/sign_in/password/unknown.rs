//! Names that no user has: refused with the work, the waits and the statements of a user whose
//! password is wrong.

use futures_util::future::join;
use postern::{
    audit::Action,
    base64url,
    decision::{Attempt, Finding},
    evidence::Method,
    ids::EventId,
    passwords::{Password, Verifier},
    refusal::Refusal,
    slow_hash::Memory,
    throttle::ThrottleKey,
};

use crate::platform::Fault;
use crate::{
    http::{context::Context, problem::Problem, slow_hashes::Place},
    sign_in::{assurance, finish::SignInReply},
    store::{
        d1::{Recording, Statement, Value, recording, recording_text, statement},
        settlement::{Settled, Statements, ThrottleValues, commit, readback_text},
    },
};

/// A name, and what stands for it in the database if no user has it: it may be a password that was
/// typed into the wrong field.
pub struct Unknown {
    /// The organization, as it was named.
    pub organization: String,
    /// The name.
    pub name: String,
    /// A question mark, and a keyed hash of both.
    pub pseudonym: String,
}

impl Unknown {
    /// The pseudonym of `name` in `organization`.
    pub fn new(context: &Context, organization: String, name: String) -> Self {
        let length = organization.len();
        let both = format!("{length}\n{organization}\n{name}");
        let pseudonym = context.settings.keys.common().pseudonym(both.as_bytes());
        Self {
            organization,
            name,
            pseudonym: format!("?{}", base64url::encode(pseudonym.expose())),
        }
    }

    /// Refuses it, with the slow hash, the trip and the statements of a wrong password.
    ///
    /// # Errors
    /// Always: `not_accepted`; `throttled` when the throttle was shut meanwhile; `unavailable`.
    pub async fn refuse(
        &self,
        context: &Context,
        throttle: ThrottleKey,
        password: &Password,
        place: Place,
    ) -> Result<SignInReply, Problem> {
        let keys = &context.settings.keys;
        let verifier = Verifier::of_nobody(keys);
        let check = |memory: &mut Memory| verifier.matches(password, keys, memory);
        place.hash(check).await??;
        let event = context.event_id()?;
        let attempt = Attempt {
            throttle: Some(throttle),
            method: Some(Method::Password),
            cost: 1,
            finding: Finding::Wrong,
            ..Attempt::none()
        };
        let statements = Statements {
            event,
            now: context.now,
            attempt: &attempt,
            challenge: None,
            verdict: self.verdict_statement(context, event, throttle),
            readback: self.readback_statement(event, throttle),
        };
        let batch = statements.batch()?;
        // As for a user who is known, so that the time taken does not tell.
        let ready = assurance::get_ready(context);
        let (settled, ()) = join(commit(context, &batch, &attempt), ready).await;
        match settled? {
            Settled::Judged(_) => Err(Refusal::NotAccepted.into()),
            Settled::Closed(closed) => Err(Refusal::closed(closed, Refusal::NotAccepted).into()),
            // No user, no challenge.
            Settled::Gone | Settled::Spent | Settled::Stale(_) => {
                Err(Fault::new("the readback of an unknown name").into())
            }
        }
    }

    fn verdict_statement(
        &self,
        context: &Context,
        event: EventId,
        throttle: ThrottleKey,
    ) -> Recording {
        let (throttle, origin) = (ThrottleValues::of(Some(throttle)), &context.origin);
        recording!(VERDICT, {
            event: event,
            now: context.now,
            organization: self.organization.as_str(),
            pseudonym: self.pseudonym.as_str(),
            action: Action::SignInFirstFactor.as_str(),
            method: throttle.method,
            lane: throttle.lane,
            shared: throttle.shared,
            ip: origin.ip.clone(),
            user_agent: origin.user_agent.clone(),
            request_id: origin.request_id.clone(),
        })
    }

    fn readback_statement(&self, event: EventId, throttle: ThrottleKey) -> Statement {
        let throttle = ThrottleValues::of(Some(throttle));
        statement!(READBACK, {
            event: event,
            named: self.organization.as_str(),
            organization: Value::Null,
            user: self.pseudonym.as_str(),
            user_version: Value::Null,
            policy_version: Value::Null,
            throttle_method: throttle.method,
            lane: throttle.lane,
            shared: throttle.shared,
            challenge: Value::Null,
            late_authenticator: Value::Null,
            late_step: Value::Null,
        })
    }
}

/// Always wrong. Where the organization is unknown too, it is '?'.
const VERDICT: &str = recording_text!(
    "id, organization, user, at, action, actor, method, outcome, ip, user_agent, request_id",
    "
SELECT :event, o.id, :pseudonym, :now, :action, 'user', :method, 'wrong', :ip, :user_agent, :request_id
FROM (SELECT coalesce((SELECT id FROM organization WHERE external_id = :organization), '?') AS id) o
LEFT JOIN throttle t ON (t.organization, t.user, t.method, t.lane) = (o.id, :pseudonym, :method, :lane)
LEFT JOIN throttle h ON (h.organization, h.user, h.method, h.lane) = (o.id, :pseudonym, :method, :shared)
WHERE coalesce(t.not_before, 0) <= :now AND coalesce(h.not_before, 0) <= :now"
);

/// Always one row: no user has the name, but the statement that would read theirs is planned all the
/// same. That takes longer than running it, and the time taken must not tell.
const READBACK: &str = concat!(
    "
SELECT NULL AS user, NULL AS organization,
  e.outcome, e.trust, t.not_before, t.in_window, t.window_from,
  h.not_before AS shared_not_before, h.in_window AS shared_in_window, h.window_from AS shared_window_from,
  0 AS spent, 0 AS is_unused, 0 AS used_up
FROM (SELECT coalesce((SELECT id FROM organization WHERE external_id = :named), '?') AS id) o
LEFT JOIN event e ON e.id = :event
LEFT JOIN throttle t ON (t.organization, t.user, t.method, t.lane) = (o.id, :user, :throttle_method, :lane)
LEFT JOIN throttle h ON (h.organization, h.user, h.method, h.lane) = (o.id, :user, :throttle_method, :shared)
UNION ALL",
    readback_text!()
);
