//! Failures of our side.

use std::fmt;

use postern::sealing::{CannotSeal, MissingKey};

use super::DatabaseError;

/// Our side broke. The text goes to the log, never to the client.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Whose failure it is.
    pub kind: FaultKind,
    /// What is logged.
    pub text: String,
}

/// Whose failure a [`Fault`] is, and what it leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// Our own.
    Own,
    /// A dependency failed; nothing changed.
    Dependency,
    /// A dependency failed, and whether it did before that what it was asked for is not known.
    Unknown,
}

impl Fault {
    /// A failure of our own.
    pub fn new(text: impl Into<String>) -> Self {
        let (kind, text) = (FaultKind::Own, text.into());
        Self { kind, text }
    }

    /// A dependency failed; nothing changed.
    pub fn unavailable(text: impl Into<String>) -> Self {
        let (kind, text) = (FaultKind::Dependency, text.into());
        Self { kind, text }
    }

    /// A dependency failed, and whether it did before that what it was asked for is not known.
    pub fn unknown(text: impl Into<String>) -> Self {
        let (kind, text) = (FaultKind::Unknown, text.into());
        Self { kind, text }
    }
}

/// For the log.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<MissingKey> for Fault {
    fn from(missing: MissingKey) -> Self {
        Self::unavailable(missing.to_string())
    }
}

impl From<CannotSeal> for Fault {
    #[cold]
    fn from(error: CannotSeal) -> Self {
        Self::new(error.to_string())
    }
}

impl From<serde_json::Error> for Fault {
    #[cold]
    fn from(error: serde_json::Error) -> Self {
        Self::new(format!("JSON that cannot be written: {error}"))
    }
}

impl From<DatabaseError> for Fault {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Constraint(text) => Self::new(format!("D1 refused: {text}")),
            DatabaseError::Lost(text) | DatabaseError::Late(text) | DatabaseError::Schema(text) => {
                Self::unavailable(format!("D1: {text}"))
            }
            DatabaseError::WrongClock => Self::unavailable("D1: another time than here"),
            DatabaseError::Unknown(text) => Self::unknown(format!("D1: {text}")),
        }
    }
}
