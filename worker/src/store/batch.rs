//! A batch that writes, and what may go into one.
//!
//! D1's answer can be lost, and the batch is then sent again. In between its first run may have been
//! committed, and others may have written. So every batch that writes records an event whose id was
//! drawn before, and does everything else with that event only.

use std::sync::Arc;

use crate::platform::{Database, DatabaseError, Rows, Statement, contains, run, split, trip};

/// A batch that writes. Sent again, it changes nothing that it changed before: while its event does
/// not exist it did nothing, and when the event exists the recording fails and all of the batch is
/// rolled back.
pub struct Batch {
    /// Records the event.
    pub recording: Recording,
    /// What becomes true with the event.
    pub effects: Vec<Effect>,
    /// What the reply shows of it.
    pub reads: Vec<Statement>,
}

/// The first statement of a batch: it records the event, or nothing where a proviso does not hold.
/// When the event exists already, it fails, whether its provisos hold or not.
#[derive(Clone, Debug)]
pub struct Recording(Statement);

/// A statement that does something only with the event of its batch.
#[derive(Clone, Debug)]
pub struct Effect(Statement);

/// The text of a [`Recording`]: `select` finds the row of the event `:event`, or none. An event that
/// exists is selected too, and cannot be inserted again. Nothing is done where `:now` is not the
/// database's time, to within half a minute ([`crate::http::one_clock`]).
macro_rules! recording_text {
    ($columns:literal, $($select:expr),+ $(,)?) => {
        concat!(
            "\nINSERT INTO event (",
            $columns,
            ")",
            $($select,)+
            "\nUNION ALL SELECT ",
            $columns,
            " FROM event
WHERE id = iif(abs(:now - unixepoch()) <= 30, :event, json('another time'))"
        )
    };
}
pub(crate) use recording_text;

/// A [`Recording`] from a [`recording_text!`] and its named parameters, `event` among them.
macro_rules! recording {
    ($sql:path, { $($parameters:tt)* }) => {{
        const {
            assert!($crate::store::batch::is_recording($sql), "not a text of recording_text!");
        }
        $crate::store::batch::Recording::checked($crate::platform::statement!($sql, { $($parameters)* }))
    }};
}
pub(crate) use recording;

/// An [`Effect`]: `effect!(SQL, event, 7)` with numbered parameters, the first of which is the
/// event, or `effect!(SQL, { event: event, days: 7 })` with named ones. That the text selects from
/// the event is checked when this is compiled.
macro_rules! effect {
    ($sql:path, { $($parameters:tt)* }) => {{
        const {
            assert!($crate::store::batch::is_effect($sql), "the statement does not select from its event");
        }
        $crate::store::batch::Effect::checked($crate::platform::statement!($sql, { $($parameters)* }))
    }};
    ($sql:path, $event:expr $(, $value:expr)* $(,)?) => {{
        const {
            assert!($crate::store::batch::is_effect($sql), "the statement does not select from its event");
        }
        $crate::store::batch::Effect::checked($crate::platform::Statement::new(
            $sql,
            [$crate::platform::Value::from($event) $(, $crate::platform::Value::from($value))*],
        ))
    }};
}
pub(crate) use effect;

/// Whether `sql` is a text of [`recording_text!`].
pub const fn is_recording(sql: &str) -> bool {
    contains(sql, "\nINSERT INTO event (")
        && contains(sql, "\nUNION ALL SELECT ")
        && contains(
            sql,
            " FROM event\nWHERE id = iif(abs(:now - unixepoch()) <= 30, :event, json(",
        )
}

/// Whether `sql` selects from its event, which is its first parameter or the one named so, or from its
/// events, which its first parameter lists. Of a
/// `UNION ALL` each part must.
pub const fn is_effect(sql: &str) -> bool {
    if let Some((part, rest)) = split(sql, "\nUNION ALL\n") {
        return is_effect(part) && is_effect(rest);
    }
    let selects = contains(sql, "FROM accepted") || contains(sql, "FROM event");
    let by_number = contains(sql, " id = ?1") || contains(sql, " e.id = ?1");
    let by_name = contains(sql, " id = :event") || contains(sql, " e.id = :event");
    let by_list = contains(sql, "id IN (SELECT value FROM json_each(?1))");
    selects && (by_number || by_name || by_list)
}

impl Batch {
    /// All statements, in order, and how many of them write.
    pub fn statements(&self) -> (Vec<&Statement>, usize) {
        let effects = self.effects.iter().map(|Effect(statement)| statement);
        let writes = std::iter::once(&self.recording.0).chain(effects);
        let all: Vec<_> = writes.chain(&self.reads).collect();
        (all, self.effects.len().saturating_add(1))
    }
}

impl Recording {
    /// For [`recording!`], which checks the text.
    pub const fn checked(statement: Statement) -> Self {
        Self(statement)
    }
}

impl Effect {
    /// For [`effect!`], which checks the text.
    pub const fn checked(statement: Statement) -> Self {
        Self(statement)
    }
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
    match trip(database, &statements).await {
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
