//! Trips to the database: tried again when an answer is lost, and their rows.
//!
//! Which statements go into a batch is for the rooms.

use std::sync::Arc;

use postern::json::{Fields, Record};

use crate::http::problem::Fault;
use crate::platform::log;
pub(crate) use crate::platform::statement;
pub use crate::platform::{Database, DatabaseError, Statement, Value, contains, split, text};

mod batch;
#[cfg(test)]
mod lint;

pub use batch::{Batch, Effect, Recording, is_effect, is_recording};
pub(crate) use batch::{effect, recording, recording_text};

/// The rows of each statement of a batch, in order.
#[derive(Default)]
pub struct Rows(std::vec::IntoIter<String>);

impl Rows {
    /// The rows of the next statement.
    ///
    /// # Errors
    /// A fault when there is no such statement, or a row is not what it should be.
    pub fn all<T: Record>(&mut self) -> Result<Vec<T>, Fault> {
        let rows = self.read()?.into_iter();
        rows.map(|row| Ok(row.read()?)).collect()
    }

    /// The rows of the next statement, each for itself: one that cannot be read takes no other with
    /// it. It is logged, as one of `what`, and given back as it is.
    ///
    /// # Errors
    /// A fault when there is no such statement.
    pub fn each<T: Record>(&mut self, what: &str) -> Result<Vec<Result<T, Fields>>, Fault> {
        let rows = self.read()?.into_iter();
        let each = rows.map(|row| {
            row.clone().read().map_err(|why| {
                log(&format!("{what}: a row that cannot be read: {why}"));
                row
            })
        });
        Ok(each.collect())
    }

    /// The rows of the next statement that can be read, as [`Rows::each`].
    ///
    /// # Errors
    /// As [`Rows::each`].
    pub fn readable<T: Record>(&mut self, what: &str) -> Result<Vec<T>, Fault> {
        Ok(self.each(what)?.into_iter().flatten().collect())
    }

    /// The first row of the next statement.
    ///
    /// # Errors
    /// As [`Rows::all`].
    pub fn first<T: Record>(&mut self) -> Result<Option<T>, Fault> {
        let row = self.read()?.into_iter().next();
        Ok(row.map(Fields::read).transpose()?)
    }

    fn read(&mut self) -> Result<Vec<Fields>, Fault> {
        let rows = self
            .0
            .next()
            .ok_or(Fault::new("a statement without a result"))?;
        Ok(Fields::parse_list(rows.as_bytes())?)
    }

    /// Passes over the results of `count` statements that return nothing.
    pub fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.0.next();
        }
    }
}

/// Tries of one batch before a lost answer is a failure.
const TRIES: u32 = 3;

/// Runs statements that may as well run twice: again when the answer is lost.
///
/// # Errors
/// Any [`DatabaseError`].
pub async fn run(
    database: &Arc<dyn Database>,
    statements: &[Statement],
) -> Result<Rows, DatabaseError> {
    again_when_lost(database, &statements.iter().collect::<Vec<_>>()).await
}

/// Runs a batch that writes, as one transaction in one trip, and returns the rows of its reads.
///
/// When an answer is lost, the same batch is sent again; when it turns out to be recorded already,
/// by the first try or by another instance, only the reads are made.
///
/// # Errors
/// Any [`DatabaseError`]; after [`DatabaseError::Unknown`] nothing is known, but that it was not done twice.
pub async fn write(database: &Arc<dyn Database>, batch: &Batch) -> Result<Rows, DatabaseError> {
    let (statements, writes) = batch.statements();
    match again_when_lost(database, &statements).await {
        Ok(mut rows) => {
            rows.skip(writes);
            Ok(rows)
        }
        // D1 takes no batch without statements.
        Err(error) if error.violates("event.id") && batch.reads.is_empty() => Ok(Rows::default()),
        Err(error) if error.violates("event.id") => {
            run(database, &batch.reads).await.map_err(unanswered)
        }
        Err(error) => Err(unanswered(error)),
    }
}

/// A batch that writes may have been done where no answer came.
fn unanswered(error: DatabaseError) -> DatabaseError {
    match error {
        DatabaseError::Lost(why) | DatabaseError::Late(why) => DatabaseError::Unknown(why),
        error => error,
    }
}

async fn again_when_lost(
    database: &Arc<dyn Database>,
    statements: &[&Statement],
) -> Result<Rows, DatabaseError> {
    let mut lost = String::new();
    for _ in 0..TRIES {
        match once(database, statements).await {
            Err(DatabaseError::Lost(why)) => lost = why,
            answer => return answer,
        }
    }
    Err(DatabaseError::Lost(lost))
}

/// Runs `statements` as one transaction in one trip.
async fn once(
    database: &Arc<dyn Database>,
    statements: &[&Statement],
) -> Result<Rows, DatabaseError> {
    Ok(Rows(database.batch(statements).await?.into_iter()))
}

impl From<DatabaseError> for Fault {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Constraint(text) => Self::new(format!("D1 refused: {text}")),
            DatabaseError::Lost(text) | DatabaseError::Late(text) | DatabaseError::Schema(text) => {
                Self::unavailable(format!("D1: {text}"))
            }
            DatabaseError::Unknown(text) => Self::unknown(format!("D1: {text}")),
        }
    }
}
