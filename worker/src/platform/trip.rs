//! Trips to the database: tried again when an answer is lost, and their rows.
//!
//! Which statements go into a batch is for the rooms.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{Database, DatabaseError, Fault, Statement, log};

/// The rows of each statement of a batch, in order.
#[derive(Default)]
pub struct Rows(std::vec::IntoIter<String>);

impl Rows {
    /// The rows of the next statement.
    ///
    /// # Errors
    /// A fault when there is no such statement, or a row is not what it should be.
    pub fn all<T: DeserializeOwned>(&mut self) -> Result<Vec<T>, Fault> {
        serde_json::from_str(&self.next()?).map_err(stored)
    }

    /// The rows of the next statement, each for itself: one that cannot be read takes no other with
    /// it. It is logged, as one of `what`, and given back as it is.
    ///
    /// # Errors
    /// A fault when there is no such statement.
    pub fn each<T: DeserializeOwned>(
        &mut self,
        what: &str,
    ) -> Result<Vec<Result<T, Unreadable>>, Fault> {
        let rows: Vec<Map<String, Value>> = serde_json::from_str(&self.next()?).map_err(stored)?;
        let each = rows.into_iter().map(|row| {
            T::deserialize(&row).map_err(|why| {
                log(&format!("{what}: a row that cannot be read: {why}"));
                Unreadable(row)
            })
        });
        Ok(each.collect())
    }

    /// The rows of the next statement that can be read, as [`Rows::each`].
    ///
    /// # Errors
    /// As [`Rows::each`].
    pub fn readable<T: DeserializeOwned>(&mut self, what: &str) -> Result<Vec<T>, Fault> {
        Ok(self.each(what)?.into_iter().flatten().collect())
    }

    /// The first row of the next statement.
    ///
    /// # Errors
    /// As [`Rows::all`].
    pub fn first<T: DeserializeOwned>(&mut self) -> Result<Option<T>, Fault> {
        Ok(self.all()?.into_iter().next())
    }

    fn next(&mut self) -> Result<String, Fault> {
        let rows = self.0.next();
        rows.ok_or(Fault::new("a statement without a result"))
    }

    /// Passes over the results of `count` statements that return nothing.
    pub fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.0.next();
        }
    }
}

/// A row of which not all can be read.
#[derive(Debug)]
pub struct Unreadable(Map<String, Value>);

impl Unreadable {
    /// The text in `column`.
    ///
    /// # Errors
    /// A fault when there is none.
    pub fn text(&self, column: &str) -> Result<String, Fault> {
        let text = self.0.get(column).and_then(Value::as_str);
        Ok(text.ok_or(Fault::new("a row without a name"))?.to_owned())
    }
}

fn stored(why: serde_json::Error) -> Fault {
    Fault::new(format!("rows that cannot be read: {why}"))
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
    trip(database, &statements.iter().collect::<Vec<_>>()).await
}

/// Runs `statements`, again while the answer is lost.
///
/// # Errors
/// Any [`DatabaseError`].
pub async fn trip(
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
