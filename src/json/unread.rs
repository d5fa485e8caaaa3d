//! Why a text is not what it should be.

use alloc::{borrow::Cow, string::ToString as _};
use core::fmt;

use serde::de::{Expected, Unexpected};

use crate::refusal::{Malformed, Refusal};

/// What does not fit, in words for a developer. It repeats no value, which may be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The field to blame, of the outermost record.
    field: Option<&'static str>,
    /// What was expected, after the names that lead there from the field.
    detail: Cow<'static, str>,
}

impl Unread {
    pub(crate) fn new(detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            field: None,
            detail: detail.into(),
        }
    }

    /// The same, seen from the record that holds it as `field`.
    #[must_use]
    pub(super) fn within(mut self, field: &'static str) -> Self {
        if let Some(inner) = self.field.replace(field) {
            self.lead(inner);
        }
        self
    }

    /// The same, seen from the object that holds it as `name`.
    #[must_use]
    pub(super) fn below(mut self, name: &str) -> Self {
        if let Some(inner) = self.field.take() {
            self.lead(inner);
        }
        self.lead(name);
        self
    }

    /// A field that nobody asked for.
    pub(super) fn unknown(name: &str) -> Self {
        Self::new(["an unknown field, ", name].concat())
    }

    fn lead(&mut self, name: &str) {
        self.detail = Cow::Owned([name, ": ", &self.detail].concat());
    }
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(field) = self.field {
            f.write_str(field)?;
            f.write_str(": ")?;
        }
        f.write_str(&self.detail)
    }
}

impl core::error::Error for Unread {}

impl From<Unread> for Malformed {
    fn from(unread: Unread) -> Self {
        Self {
            field: unread.field.map(Cow::Borrowed),
            detail: unread.detail,
        }
    }
}

impl From<Unread> for Refusal {
    fn from(unread: Unread) -> Self {
        Self::Malformed(unread.into())
    }
}

/// Words of our own: those of `serde` would bring numbers and values, and the code to write them.
impl serde::de::Error for Unread {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self::new("another kind of value")
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self::new("out of range")
    }

    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        Self::new("another number of values")
    }

    fn unknown_variant(_: &str, known: &'static [&'static str]) -> Self {
        Self::new(["one of ", &known.join(", ")].concat())
    }

    fn unknown_field(name: &str, _: &'static [&'static str]) -> Self {
        Self::unknown(name)
    }

    fn missing_field(name: &'static str) -> Self {
        Self::new("missing").within(name)
    }

    fn duplicate_field(name: &'static str) -> Self {
        Self::new("comes twice").within(name)
    }
}
