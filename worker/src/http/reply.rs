//! Objects of JSON for the audit trail.

use serde::Serialize;

use crate::platform::Fault;

/// A JSON object under construction: each value is written once, by the one serializer.
#[derive(Clone, Default)]
pub struct Object(Vec<u8>);

impl Object {
    /// An object without fields.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The fields of a struct.
    ///
    /// # Errors
    /// A fault when the value has no JSON.
    pub fn of(value: &impl Serialize) -> Result<Self, Fault> {
        let mut text = serde_json::to_vec(value)?;
        text.pop();
        Ok(Self(text))
    }

    /// Adds a field. Names are our own and need no escaping.
    ///
    /// # Errors
    /// A fault when the value has no JSON.
    pub fn with(mut self, name: &'static str, value: &impl Serialize) -> Result<Self, Fault> {
        self.name(name);
        serde_json::to_writer(&mut self.0, value)?;
        Ok(self)
    }

    fn name(&mut self, name: &str) {
        let Self(text) = self;
        text.push(if text.is_empty() { b'{' } else { b',' });
        text.push(b'"');
        text.extend_from_slice(name.as_bytes());
        text.extend_from_slice(b"\":");
    }

    /// The text.
    pub fn into_bytes(self) -> Vec<u8> {
        let Self(mut text) = self;
        if text.is_empty() {
            text.push(b'{');
        }
        text.push(b'}');
        text
    }

    /// The text, unless there is nothing in it.
    pub fn text(self) -> Option<String> {
        if self.0.is_empty() {
            None
        } else {
            String::from_utf8(self.into_bytes()).ok()
        }
    }
}
