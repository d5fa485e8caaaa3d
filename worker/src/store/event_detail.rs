//! What the audit trail keeps of an event besides its columns.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::platform::Fault;

/// An object of JSON, or nothing. Holds no secret and no code: only our own words and numbers.
#[derive(Clone, Debug, Default)]
pub struct EventDetail(Map<String, Value>);

impl EventDetail {
    /// The fields of a struct.
    ///
    /// # Errors
    /// A fault when it has no JSON, or is no struct.
    pub fn of(value: &impl Serialize) -> Result<Self, Fault> {
        match serde_json::to_value(value)? {
            Value::Object(fields) => Ok(Self(fields)),
            _ => Err(Fault::new("a detail that is no object")),
        }
    }

    /// Adds a field.
    ///
    /// # Errors
    /// A fault when the value has no JSON.
    pub fn with(mut self, name: &str, value: &impl Serialize) -> Result<Self, Fault> {
        self.0.insert(name.to_owned(), serde_json::to_value(value)?);
        Ok(self)
    }

    /// The text, unless there is nothing in it.
    ///
    /// # Errors
    /// A fault when it cannot be written.
    pub fn text(&self) -> Result<Option<String>, Fault> {
        if self.0.is_empty() {
            return Ok(None);
        }
        Ok(Some(serde_json::to_string(&self.0)?))
    }
}
