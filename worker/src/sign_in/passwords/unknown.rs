//! Names that no user has: refused with the work and the waits of a user whose password is wrong.

use postern::{
    audit::Action,
    base64url,
    evidence::Method,
    passwords::{Password, Verifier},
    refusal::Refusal,
    slow_hash::Memory,
    throttle::{Closed, Gate},
};

use crate::{
    http::{context::Context, problem::Fault, reply::Reply, slow_hashes::Place},
    store::{
        d1::{self, Batch, Statement, Value, effect, recording, recording_text, text},
        settlement::{ADVANCE, GateValues, ReplyRow, TRUTH, TruthRow, USE_CODE, counting},
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
    /// `not_accepted`; `throttled` when the gate was shut meanwhile; `unavailable`.
    pub async fn refuse(
        &self,
        context: &Context,
        gate: Gate,
        password: &Password,
        place: Place,
    ) -> Reply {
        let event = context.event_id()?;
        let keys = &context.settings.keys;
        let verifier = Verifier::of_nobody(keys);
        let check = |memory: &mut Memory| verifier.matches(password, keys, memory);
        place.hash(check).await??;
        let origin = &context.origin;
        let at = GateValues::of(Some(gate));
        let recording = recording!(RECORD, {
            event: event,
            now: context.now,
            organization: self.organization.as_str(),
            pseudonym: self.pseudonym.as_str(),
            action: Action::SignInFirstFactor.as_str(),
            method: Method::Password.as_str(),
            lane: at.lane,
            shared: at.shared,
            ip: origin.ip.clone(),
            user_agent: origin.user_agent.clone(),
            request_id: origin.request_id.clone(),
        });
        let mut effects = counting(event, context.now, gate, 1);
        // What a settlement sends besides: none of it finds anything.
        effects.push(effect!(ADVANCE, event, Value::Null));
        effects.push(effect!(USE_CODE, event, Value::Null));
        let at = GateValues::of(Some(gate));
        let (organization, user) = (
            || Value::from(self.organization.as_str()),
            || Value::from(self.pseudonym.as_str()),
        );
        let reads = vec![
            Statement::new(TRUTH, [organization(), user(), Value::Null, Value::Null]),
            Statement::new(
                REPLY,
                [
                    text(event),
                    organization(),
                    user(),
                    at.method,
                    at.lane,
                    at.shared,
                ],
            ),
        ];
        let batch = Batch {
            recording,
            effects,
            reads,
        };
        let mut rows = d1::write(&context.database, &batch).await?;
        rows.first::<TruthRow>()?;
        let reply = rows.first::<ReplyRow>()?;
        let reply = reply.ok_or_else(|| Fault::new("a reply without a row"))?;
        if reply.outcome.is_some() {
            return Err(Refusal::NotAccepted.into());
        }
        let closed = gate.closed(&reply.counters(), 1, context.now);
        let closed = closed.unwrap_or(Closed::TooCostly);
        Err(Refusal::closed(closed, Refusal::NotAccepted).into())
    }
}

/// Where the organization is unknown too, it is '?'.
const RECORD: &str = recording_text!(
    "id, organization, user, at, action, actor, method, outcome, ip, user_agent, request_id",
    "
SELECT :event, o.id, :pseudonym, :now, :action, 'user', :method, 'wrong', :ip, :user_agent, :request_id
FROM (SELECT coalesce((SELECT id FROM organization WHERE external_id = :organization), '?') AS id) o
LEFT JOIN throttle t ON (t.organization, t.user, t.method, t.lane) = (o.id, :pseudonym, :method, :lane)
LEFT JOIN throttle h ON (h.organization, h.user, h.method, h.lane) = (o.id, :pseudonym, :method, :shared)
WHERE coalesce(t.not_before, 0) <= :now AND coalesce(h.not_before, 0) <= :now"
);

/// Always one row. ?1 event 2 organization 3 pseudonym 4 gate's method 5 lane 6 lane that it shares
const REPLY: &str = "
SELECT e.outcome, e.trust, t.not_before, t.in_window, t.window_from,
  h.not_before AS shared_not_before, h.in_window AS shared_in_window, h.window_from AS shared_window_from
FROM (SELECT coalesce((SELECT id FROM organization WHERE external_id = ?2), '?') AS id) o
LEFT JOIN event e ON e.id = ?1
LEFT JOIN throttle t ON (t.organization, t.user, t.method, t.lane) = (o.id, ?3, ?4, ?5)
LEFT JOIN throttle h ON (h.organization, h.user, h.method, h.lane) = (o.id, ?3, ?4, ?6)";
