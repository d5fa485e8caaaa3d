//! D1: statements in, rows out, one trip per batch.
//!
//! The only place that touches the binding. A batch is one transaction; which statements go into
//! one is for the rooms.

use js_sys::{Array, JSON, Reflect};
use postern::json::{Fields, Record};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use worker::worker_sys::D1Database;

use crate::problem::Fault;

mod batch;
#[cfg(test)]
mod lint;
mod statement;

pub use batch::{Batch, Effect, Recording, is_effect, is_recording};
pub(crate) use batch::{effect, recording, recording_text};
pub(crate) use statement::statement;
pub use statement::{Statement, Value, names_are_those_of, text};

/// Why a batch came back without rows.
#[derive(Debug)]
pub enum D1Error {
    /// A constraint of this name or column failed: everything was rolled back.
    Constraint(String),
    /// No answer; what became of the batch is unknown.
    Lost(String),
}

/// The rows of each statement of a batch, in order.
#[derive(Default)]
pub struct Rows(std::vec::IntoIter<JsValue>);

impl Rows {
    /// The rows of the next statement. They pass as JSON text: one call across the border instead
    /// of one for each field.
    ///
    /// # Errors
    /// A fault when there is no such statement, or a row is not what it should be.
    pub fn all<T: Record>(&mut self) -> Result<Vec<T>, Fault> {
        let rows = self.read()?.into_iter();
        rows.map(|row| Ok(row.read()?)).collect()
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
        let result = self
            .0
            .next()
            .ok_or(Fault::new("a statement without a result"))?;
        let text = Reflect::get(&result, &"results".into())
            .and_then(|rows| JSON::stringify(&rows))
            .map_err(|why| Fault::new(format!("a result without rows: {why:?}")))?;
        Ok(Fields::parse_list(String::from(text).as_bytes())?)
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
/// Any [`D1Error`].
pub async fn run(database: &D1Database, statements: &[Statement]) -> Result<Rows, D1Error> {
    again_when_lost(database, &statements.iter().collect::<Vec<_>>()).await
}

/// Runs a batch that writes, as one transaction in one trip, and returns the rows of its reads.
///
/// When an answer is lost, the same batch is sent again; when it turns out to be recorded already,
/// by the first try or by another instance, only the reads are made.
///
/// # Errors
/// Any [`D1Error`]; after [`D1Error::Lost`] nothing is known, but that it was not done twice.
pub async fn write(database: &D1Database, batch: &Batch) -> Result<Rows, D1Error> {
    let (statements, writes) = batch.statements();
    match again_when_lost(database, &statements).await {
        Ok(mut rows) => {
            rows.skip(writes);
            Ok(rows)
        }
        // D1 takes no batch without statements.
        Err(error) if error.violates("event.id") && batch.reads.is_empty() => Ok(Rows::default()),
        Err(error) if error.violates("event.id") => run(database, &batch.reads).await,
        Err(error) => Err(error),
    }
}

async fn again_when_lost(
    database: &D1Database,
    statements: &[&Statement],
) -> Result<Rows, D1Error> {
    let mut lost = String::new();
    for _ in 0..TRIES {
        match once(database, statements).await {
            Err(D1Error::Lost(why)) => lost = why,
            answer => return answer,
        }
    }
    Err(D1Error::Lost(lost))
}

/// Runs `statements` as one transaction in one trip.
async fn once(database: &D1Database, statements: &[&Statement]) -> Result<Rows, D1Error> {
    let results = send(database, statements)
        .await
        .map_err(|why| D1Error::of(&why))?;
    Ok(Rows(Array::from(&results).to_vec().into_iter()))
}

async fn send(database: &D1Database, statements: &[&Statement]) -> Result<JsValue, JsValue> {
    let prepared = Array::new();
    for statement in statements {
        let values: Array = statement.values.iter().map(JsValue::from).collect();
        let bound = database.prepare(&statement.numbered())?.bind(values)?;
        prepared.push(bound.as_ref());
    }
    JsFuture::from(database.batch(prepared)?).await
}

impl D1Error {
    fn of(why: &JsValue) -> Self {
        let message = Reflect::get(why, &"message".into()).ok();
        let text = message
            .and_then(|message| message.as_string())
            .unwrap_or_else(|| format!("{why:?}"));
        if text.contains("constraint failed") || text.contains("append-only") {
            Self::Constraint(text)
        } else {
            Self::Lost(text)
        }
    }

    /// Whether the constraint on `column` ("table.column") failed.
    pub fn violates(&self, column: &str) -> bool {
        matches!(self, Self::Constraint(text) if text.contains(column))
    }
}

impl From<D1Error> for Fault {
    fn from(error: D1Error) -> Self {
        match error {
            D1Error::Constraint(text) => Self::new(format!("D1 refused: {text}")),
            D1Error::Lost(text) => Self::unavailable(format!("D1: {text}")),
        }
    }
}
