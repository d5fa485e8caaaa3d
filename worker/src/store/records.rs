//! Events as they are sealed and exported.

use postern::audit::record::{NotSealable, Personal, Record};
use serde::Deserialize;
use serde_json::Value;

use crate::platform::Fault;

/// What a [`RecordRow`] is read from: columns of `event e`.
macro_rules! record_columns {
    () => {
        "e.seq, e.id, e.organization, e.at, e.action, e.outcome, e.actor, e.actor_id, e.actor_name, e.user, e.method, e.subject,
  e.trust, e.detail, e.ip, e.user_agent, e.request_id, e.salt, e.personal"
    };
}
pub(crate) use record_columns;

/// A row of `event`.
#[derive(Deserialize)]
pub struct RecordRow {
    /// Its place among those of all organizations.
    pub seq: u64,
    id: String,
    /// The internal id.
    pub organization: String,
    at: u64,
    action: String,
    outcome: String,
    actor: String,
    actor_id: Option<String>,
    actor_name: Option<String>,
    user: Option<String>,
    method: Option<String>,
    subject: Option<String>,
    trust: Option<String>,
    detail: Option<String>,
    ip: Option<String>,
    user_agent: Option<String>,
    request_id: Option<String>,
    salt: Option<String>,
    personal: Option<String>,
}

impl RecordRow {
    /// The event. A detail that only SQLite takes for JSON stands as text.
    pub fn record(self) -> Record {
        let read = |text: String| serde_json::from_str(&text).unwrap_or(Value::String(text));
        let personal = Personal {
            actor_name: self.actor_name,
            detail: self.detail.map(read),
            ip: self.ip,
            subject: self.subject,
            user_agent: self.user_agent,
        };
        Record {
            id: self.id,
            organization: self.organization,
            at: self.at,
            action: self.action,
            outcome: self.outcome,
            actor: self.actor,
            actor_id: self.actor_id,
            user: self.user,
            method: self.method,
            trust: self.trust,
            request_id: self.request_id,
            personal: self.personal.is_none().then_some(personal),
            salt: self.salt,
            personal_hash: self.personal,
        }
    }
}

/// An event that has neither its salt nor the hash in its place.
pub fn not_sealable(_: NotSealable) -> Fault {
    Fault::new("an event without its salt")
}
