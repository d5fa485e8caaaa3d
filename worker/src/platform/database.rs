//! A SQL database: statements in, rows out as JSON text, one trip per batch.
//!
//! A batch is one transaction. Which statements go into one is for the rooms; tries of a batch whose
//! answer was lost are for [`crate::store::d1`].

use async_trait::async_trait;

use super::Statement;

/// The truth.
#[async_trait]
pub trait Database: Send + Sync {
    /// Runs `statements` as one transaction in one trip: the rows of each, as a JSON array of objects.
    ///
    /// # Errors
    /// Any [`DatabaseError`].
    async fn batch(&self, statements: &[&Statement]) -> Result<Vec<String>, DatabaseError>;
}

/// Why a batch came back without rows.
#[derive(Debug)]
pub enum DatabaseError {
    /// A constraint of this name or column failed: everything was rolled back.
    Constraint(String),
    /// No answer; what became of the batch is unknown.
    Lost(String),
    /// No answer in time: the batch may be done yet.
    Late(String),
    /// Of a batch that writes: no answer, and what became of it cannot be read back.
    Unknown(String),
    /// A table or column is not there: nothing was done.
    Schema(String),
    /// The request's moment is not the database's: nothing was done.
    WrongClock,
}

impl DatabaseError {
    /// What a message of SQLite or D1 says.
    pub fn of(message: String) -> Self {
        if message.contains("constraint failed") || message.contains("append-only") {
            Self::Constraint(message)
        } else if ["no such table", "no such column", "has no column named"]
            .iter()
            .any(|words| message.contains(words))
        {
            Self::Schema(message)
        } else {
            Self::Lost(message)
        }
    }

    /// Whether text was read as JSON that is none.
    pub fn is_malformed_json(&self) -> bool {
        matches!(self, Self::Lost(text) if text.contains("malformed JSON"))
    }

    /// Whether the constraint on `column` ("table.column") failed.
    pub fn violates(&self, column: &str) -> bool {
        matches!(self, Self::Constraint(text) if text.contains(column))
    }
}
