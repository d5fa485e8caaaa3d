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

/// One statement and its parameters, `?1` first; D1 takes 100 at most.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Its text.
    pub sql: &'static str,
    /// Its parameters.
    pub values: Vec<Value>,
}

/// A parameter.
#[derive(Clone, Debug)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// A whole number; JavaScript carries 53 bits.
    Integer(u64),
    /// Text.
    Text(String),
}

/// Why a batch came back without rows.
#[derive(Debug)]
pub enum D1Error {
    /// A constraint of this name or column failed: everything was rolled back.
    Constraint(String),
    /// No answer; what became of the batch is unknown.
    Lost(String),
}

impl Statement {
    /// A statement with its parameters.
    pub fn new(sql: &'static str, values: impl Into<Vec<Value>>) -> Self {
        Self {
            sql,
            values: values.into(),
        }
    }
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
    let mut lost = String::new();
    for _ in 0..TRIES {
        match batch(database, statements).await {
            Err(D1Error::Lost(why)) => lost = why,
            answer => return answer,
        }
    }
    Err(D1Error::Lost(lost))
}

/// Runs `writes` and then `reads` as one transaction in one trip, and returns the rows of `reads`.
///
/// The writes insert an event whose id was drawn before: when an answer is lost, the same batch is
/// sent again, and if the first one was committed, the second fails whole on that id and only the
/// reads are made.
///
/// # Errors
/// Any [`D1Error`]; after [`D1Error::Lost`] nothing is known, but that it was not done twice.
pub async fn write(
    database: &D1Database,
    writes: &[Statement],
    reads: &[Statement],
) -> Result<Rows, D1Error> {
    let all = [writes, reads].concat();
    let mut lost = String::new();
    for _ in 0..TRIES {
        match batch(database, &all).await {
            Ok(mut rows) => {
                rows.skip(writes.len());
                return Ok(rows);
            }
            Err(error) if error.violates("event.id") => return run(database, reads).await,
            Err(D1Error::Lost(why)) => lost = why,
            Err(error) => return Err(error),
        }
    }
    Err(D1Error::Lost(lost))
}

/// Runs `statements` as one transaction in one trip.
async fn batch(database: &D1Database, statements: &[Statement]) -> Result<Rows, D1Error> {
    let results = send(database, statements)
        .await
        .map_err(|why| D1Error::of(&why))?;
    Ok(Rows(Array::from(&results).to_vec().into_iter()))
}

async fn send(database: &D1Database, statements: &[Statement]) -> Result<JsValue, JsValue> {
    let prepared = Array::new();
    for statement in statements {
        let values: Array = statement.values.iter().map(JsValue::from).collect();
        let bound = database.prepare(statement.sql)?.bind(values)?;
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

impl From<&Value> for JsValue {
    #[expect(
        clippy::as_conversions,
        clippy::cast_precision_loss,
        reason = "times and versions stay below 2^53"
    )]
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::NULL,
            Value::Integer(number) => Self::from_f64(*number as f64),
            Value::Text(text) => Self::from_str(text),
        }
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Integer(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Integer(number.into())
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Integer(flag.into())
    }
}

impl From<postern::time::UnixTime> for Value {
    fn from(time: postern::time::UnixTime) -> Self {
        Self::Integer(time.0)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Text from anything that prints itself: ids and names.
pub fn text(value: impl ToString) -> Value {
    Value::Text(value.to_string())
}
