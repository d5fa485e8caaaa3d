//! D1: statements in, rows out, one trip per batch.
//!
//! The only place that touches the binding. A batch is one transaction; which statements go into
//! one is for the rooms.

use std::borrow::Cow;

use js_sys::{Array, JSON, Reflect};
use postern::json::{Fields, Record};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use worker::worker_sys::D1Database;

use crate::problem::Fault;

/// One statement and its parameters; D1 takes 100 at most.
///
/// Parameters are numbered in short statements (`?1` first, [`Statement::new`]) and named in long
/// ones (`:now`, [`statement!`]).
#[derive(Clone, Debug)]
pub struct Statement {
    /// Its text.
    pub sql: &'static str,
    /// What the values are called in the text, in their order; empty where they are numbered.
    pub names: &'static [&'static str],
    /// Its parameters.
    pub values: Vec<Value>,
}

/// A statement with named parameters: `statement!(SQL, { event: id, now: now })`. That the names
/// are exactly those of the text is checked when this is compiled.
macro_rules! statement {
    ($sql:path, { $($name:ident: $value:expr),* $(,)? }) => {{
        const NAMES: &[&str] = &[$(stringify!($name)),*];
        const {
            assert!(
                $crate::d1::names_are_those_of($sql, NAMES),
                "the statement has other parameters"
            );
        }
        $crate::d1::Statement {
            sql: $sql,
            names: NAMES,
            values: vec![$($crate::d1::Value::from($value)),*],
        }
    }};
}
pub(crate) use statement;

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
    /// A statement with numbered parameters.
    pub fn new(sql: &'static str, values: impl Into<Vec<Value>>) -> Self {
        Self {
            sql,
            names: &[],
            values: values.into(),
        }
    }

    /// The text as D1 takes it: D1 knows no names, so `:now` becomes its number.
    fn numbered(&self) -> Cow<'static, str> {
        if self.names.is_empty() {
            return Cow::Borrowed(self.sql);
        }
        let mut text = String::with_capacity(self.sql.len());
        let mut parts = self.sql.split(':');
        text.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let end = part
                .find(|char: char| !is_of_name(char))
                .unwrap_or(part.len());
            let (name, rest) = part.split_at(end);
            match self.names.iter().position(|known| *known == name) {
                Some(at) => text.push_str(&format!("?{}", at.saturating_add(1))),
                None => {
                    text.push(':');
                    text.push_str(name);
                }
            }
            text.push_str(rest);
        }
        Cow::Owned(text)
    }
}

const fn is_of_name(char: char) -> bool {
    char.is_ascii_lowercase() || char == '_'
}

/// Whether `names` are exactly the named parameters of `sql`.
#[expect(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "runs in the compiler"
)]
pub const fn names_are_those_of(sql: &str, names: &[&str]) -> bool {
    let sql = sql.as_bytes();
    let mut seen = 0_u64;
    let mut at = 0;
    while at < sql.len() {
        if sql[at] != b':' {
            at += 1;
            continue;
        }
        let from = at + 1;
        at = from;
        while at < sql.len() && is_of_name(sql[at] as char) {
            at += 1;
        }
        if at == from {
            continue;
        }
        let mut name = 0;
        while name < names.len() && !same(sql, from, at, names[name].as_bytes()) {
            name += 1;
        }
        if name == names.len() {
            return false;
        }
        seen |= 1 << name;
    }
    seen.count_ones() as usize == names.len()
}

#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "runs in the compiler"
)]
const fn same(text: &[u8], from: usize, to: usize, name: &[u8]) -> bool {
    if to - from != name.len() {
        return false;
    }
    let mut at = 0;
    while at < name.len() {
        if text[from + at] != name[at] {
            return false;
        }
        at += 1;
    }
    true
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

#[cfg(test)]
mod tests {
    use super::*;

    const SQL: &str = "SELECT :now, 'a: b', x FROM y WHERE id = :event AND at < :now";

    #[test]
    fn names_become_numbers_and_the_rest_stays() {
        let statement = statement!(SQL, { event: "e", now: 7_u32 });
        assert_eq!(
            statement.numbered(),
            "SELECT ?2, 'a: b', x FROM y WHERE id = ?1 AND at < ?2"
        );
        assert_eq!(Statement::new(SQL, []).numbered(), SQL);
    }

    #[test]
    fn names_missing_unknown_or_too_many_are_found() {
        const TWO: &str = ":a + :b_c";
        assert!(names_are_those_of(TWO, &["a", "b_c"]));
        assert!(names_are_those_of(TWO, &["b_c", "a"]));
        for names in [&["a"][..], &["b_c"], &["a", "b"], &["a", "b_c", "d"], &[]] {
            assert!(!names_are_those_of(TWO, names), "{names:?}");
        }
    }
}
