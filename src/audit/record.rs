//! An event as it is sealed and exported.

use alloc::{
    string::{String, ToString as _},
    vec::Vec,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::tree::{Hash, leaf_hash};

/// An event. What is personal in it is apart, so that it can be taken out while the seal still holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Record {
    /// Its id.
    pub id: String,
    /// The internal id of the organization.
    pub organization: String,
    /// When, in seconds since 1970.
    pub at: u64,
    /// What was done or attempted ([`super::Action`]).
    pub action: String,
    /// What came of it.
    pub outcome: String,
    /// Who did it: `user`, `owner`, `admin`, `application`, `operator` or `system`.
    pub actor: String,
    /// Of an owner or admin: the internal id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor_id: Option<String>,
    /// The internal id of the user that the event concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// By which method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// What became of a trusted device that was presented.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trust: Option<String>,
    /// The request's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What is personal in it; `None` once it was taken out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub personal: Option<Personal>,
    /// Drawn for this event: without it the hash below would tell an address to those who try them all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub salt: Option<String>,
    /// The salted hash of what was taken out, in base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub personal_hash: Option<String>,
}

/// What is personal in an event.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Personal {
    /// The external id of the owner or admin who acted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor_name: Option<String>,
    /// More about it, old and new values among it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<Value>,
    /// The network address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// The authenticator, device, session, set or person concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The browser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
}

/// The event is none that can be sealed: it has neither its salt nor the hash that takes its place, or
/// both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotSealable;

impl Record {
    /// The salted hash of what is personal: SHA-256 of the salt, a zero byte and the canonical JSON (RFC 8785).
    ///
    /// # Errors
    /// [`NotSealable`].
    pub fn personal_hash(&self) -> Result<String, NotSealable> {
        personal_hash(&mut self.fields()?)
    }

    /// Its leaf in the tree: see [`leaf`].
    ///
    /// # Errors
    /// [`NotSealable`].
    pub fn leaf(&self) -> Result<Hash, NotSealable> {
        leaf(self.fields()?)
    }

    fn fields(&self) -> Result<Map<String, Value>, NotSealable> {
        match serde_json::to_value(self) {
            Ok(Value::Object(fields)) => Ok(fields),
            _ => Err(NotSealable),
        }
    }
}

/// The leaf of a record with these fields: the canonical JSON (RFC 8785) of all but what is personal, and of the
/// salted hash of that as `personal_hash`.
///
/// # Errors
/// [`NotSealable`].
pub fn leaf(mut fields: Map<String, Value>) -> Result<Hash, NotSealable> {
    let personal_hash = personal_hash(&mut fields)?;
    fields.insert(PERSONAL_HASH.to_string(), personal_hash.into());
    Ok(leaf_hash(&canonical(&Value::Object(fields))?))
}

const PERSONAL_HASH: &str = "personal_hash";

/// Takes out what is personal, and answers its hash, or the one that stands in its place.
fn personal_hash(fields: &mut Map<String, Value>) -> Result<String, NotSealable> {
    let mut taken = |name| fields.remove(name);
    match (taken("salt"), taken("personal"), taken(PERSONAL_HASH)) {
        (Some(Value::String(salt)), Some(personal @ Value::Object(_)), None) => {
            let hash = Sha256::new()
                .chain_update(salt.as_bytes())
                .chain_update([0])
                .chain_update(canonical(&personal)?)
                .finalize();
            Ok(STANDARD.encode(hash))
        }
        (None, None, Some(Value::String(hash))) => Ok(hash),
        _ => Err(NotSealable),
    }
}

fn canonical(value: &Value) -> Result<Vec<u8>, NotSealable> {
    serde_json_canonicalizer::to_vec(value).map_err(|_| NotSealable)
}
