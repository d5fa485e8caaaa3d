//! SQLite with the Worker's own migrations, fed as D1 feeds it: numbers are doubles, a batch is one
//! transaction, its limits are D1's, and its clock is not that of who asks.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use rusqlite::{
    Connection,
    backup::Backup,
    functions::FunctionFlags,
    limits::Limit,
    types::{ToSql, ToSqlOutput, ValueRef},
};

use super::{ToldClock, locked};
use crate::platform::{Clock as _, Database, DatabaseError, Statement, Value};

/// Every migration, in order.
pub const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/0001_accounts.sql"),
    include_str!("../../../migrations/0002_passkeys.sql"),
    include_str!("../../../migrations/0003_names_in_models.sql"),
    include_str!("../../../migrations/0004_last_owner.sql"),
    include_str!("../../../migrations/0005_schema_version.sql"),
    include_str!("../../../migrations/0006_strangers.sql"),
    include_str!("../../../migrations/0007_disabled_methods.sql"),
    include_str!("../../../migrations/0008_grounds_of_sessions.sql"),
    include_str!("../../../migrations/0009_sweep_strangers.sql"),
    include_str!("../../../migrations/0010_root_keys.sql"),
    include_str!("../../../migrations/0011_tries.sql"),
    include_str!("../../../migrations/0012_codes_left.sql"),
    include_str!("../../../migrations/0013_saved_codes.sql"),
    include_str!("../../../migrations/0014_finding_people.sql"),
    include_str!("../../../migrations/0015_exempt_and_restricted.sql"),
    include_str!("../../../migrations/0016_days.sql"),
    include_str!("../../../migrations/0017_support.sql"),
    include_str!("../../../migrations/0018_mail_delivery.sql"),
    include_str!("../../../migrations/0019_prompt.sql"),
    include_str!("../../../migrations/0020_set_up.sql"),
    include_str!("../../../migrations/0021_groups_in_order.sql"),
    include_str!("../../../migrations/0022_links.sql"),
    include_str!("../../../migrations/0023_news_of_counters.sql"),
    include_str!("../../../migrations/0024_help_requests.sql"),
    include_str!("../../../migrations/0025_links_end.sql"),
    include_str!("../../../migrations/0026_audit.sql"),
    include_str!("../../../migrations/0027_unsent_mail.sql"),
    include_str!("../../../migrations/0028_retention.sql"),
];

/// What D1 lets a statement be. The last one is of workerd, which refuses a sixth `SELECT` in a `UNION`;
/// the others are of D1's page on limits.
const LIMITS: &[(Limit, i32)] = &[
    (Limit::SQLITE_LIMIT_SQL_LENGTH, 100_000),
    (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 100),
    (Limit::SQLITE_LIMIT_FUNCTION_ARG, 32),
    (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50),
    (Limit::SQLITE_LIMIT_COLUMN, 100),
    (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 5),
];

/// What happens to a batch, by its number since the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It fails before it runs.
    Fails,
    /// The statement of this number, from 1, fails, and all of it is rolled back.
    FailsAt(usize),
    /// It runs, and its answer is lost.
    AnswerLost,
    /// It runs, and its answer is lost after so many seconds.
    AnswerLostAfter(u64),
    /// Something else is committed just before it.
    Preceded(&'static str),
}

/// A database in memory.
pub struct Sqlite {
    /// Its clock, which tells every instance the same.
    pub clock: Arc<ToldClock>,
    connection: Mutex<Connection>,
    trips: Mutex<Vec<Vec<&'static str>>>,
    faults: Mutex<Vec<(usize, Fault)>>,
}

impl Sqlite {
    /// A database at `now_ms`, with every migration applied.
    ///
    /// # Panics
    /// When a migration does not apply: nothing can be tested then.
    #[expect(clippy::expect_used, reason = "native tests only")]
    pub fn new(now_ms: u64) -> Self {
        let connection = Connection::open_in_memory().expect("SQLite in memory");
        connection
            .pragma_update(None, "foreign_keys", true)
            .expect("a pragma of SQLite");
        for migration in MIGRATIONS {
            connection
                .execute_batch(migration)
                .expect("a migration that applies");
        }
        Self::of(connection, now_ms)
    }

    /// Another database that holds the same, at the same time.
    ///
    /// # Panics
    /// When SQLite cannot copy it.
    #[expect(clippy::expect_used, reason = "native tests only")]
    pub fn copy(&self) -> Self {
        let mut connection = Connection::open_in_memory().expect("SQLite in memory");
        self.with(|from| {
            let copying = Backup::new(from, &mut connection).expect("a backup");
            copying
                .run_to_completion(i32::MAX, Duration::ZERO, None)
                .expect("a whole backup");
        });
        connection
            .pragma_update(None, "foreign_keys", true)
            .expect("a pragma of SQLite");
        Self::of(connection, self.clock.now_ms())
    }

    #[expect(clippy::expect_used, reason = "native tests only")]
    fn of(connection: Connection, now_ms: u64) -> Self {
        for (limit, most) in LIMITS {
            connection
                .set_limit(*limit, *most)
                .expect("a limit of SQLite");
        }
        connection.set_prepared_statement_cache_capacity(256);
        let clock = Arc::new(ToldClock::new(now_ms));
        // In triggers, too.
        let told = Arc::clone(&clock);
        let seconds =
            move |_: &rusqlite::functions::Context<'_>| Ok(told.now_ms().div_euclid(1000));
        connection
            .create_scalar_function("unixepoch", 0, FunctionFlags::SQLITE_UTF8, seconds)
            .expect("a function of SQLite");
        Self {
            clock,
            connection: Mutex::new(connection),
            trips: Mutex::default(),
            faults: Mutex::default(),
        }
    }

    /// The statements of each batch since the last call.
    pub fn take_trips(&self) -> Vec<Vec<&'static str>> {
        std::mem::take(&mut *locked(&self.trips))
    }

    /// What happens to the batches to come; the next one is number 1.
    pub fn set_faults(&self, faults: &[(usize, Fault)]) {
        locked(&self.trips).clear();
        *locked(&self.faults) = faults.to_vec();
    }

    /// Does `work` with the connection itself, as only a test may.
    pub fn with<T>(&self, work: impl FnOnce(&Connection) -> T) -> T {
        work(&locked(&self.connection))
    }

    /// Runs all `statements`, or none where the one of number `fails` does.
    fn transact(
        &self,
        statements: &[&Statement],
        fails: Option<usize>,
    ) -> Result<Vec<String>, DatabaseError> {
        let of = |why: rusqlite::Error| DatabaseError::of(why.to_string());
        let mut connection = locked(&self.connection);
        let transaction = connection.transaction().map_err(of)?;
        let before = |number: usize| statements.get(..number.saturating_sub(1));
        let run = fails.and_then(before).unwrap_or(statements);
        let rows = run
            .iter()
            .map(|statement| rows(&transaction, statement.sql, statement))
            .collect::<rusqlite::Result<Vec<_>>>()
            .map_err(of)?;
        if fails.is_some() {
            return Err(DatabaseError::Lost("a fault at a statement".to_owned()));
        }
        transaction.commit().map_err(of)?;
        Ok(rows)
    }
}

#[async_trait]
impl Database for Sqlite {
    async fn batch(&self, statements: &[&Statement]) -> Result<Vec<String>, DatabaseError> {
        let number = {
            let mut trips = locked(&self.trips);
            trips.push(statements.iter().map(|statement| statement.sql).collect());
            trips.len()
        };
        let fault = {
            let faults = locked(&self.faults);
            let meets = |(at, _): &&(usize, Fault)| *at == number;
            faults.iter().find(meets).map(|(_, fault)| *fault)
        };
        if fault == Some(Fault::Fails) {
            return Err(DatabaseError::Lost("a fault before the batch".to_owned()));
        }
        if let Some(Fault::Preceded(sql)) = fault {
            let run = self.with(|connection| connection.execute_batch(sql));
            run.map_err(|why| DatabaseError::of(why.to_string()))?;
        }
        let fails = match fault {
            Some(Fault::FailsAt(number)) => Some(number),
            _ => None,
        };
        let answer = self.transact(statements, fails);
        if let Some(Fault::AnswerLostAfter(seconds)) = fault {
            let passed = seconds.saturating_mul(1000);
            self.clock.set(self.clock.now_ms().saturating_add(passed));
        }
        if matches!(fault, Some(Fault::AnswerLost | Fault::AnswerLostAfter(_))) {
            return Err(DatabaseError::Lost("a fault after the batch".to_owned()));
        }
        answer
    }
}

/// Runs one statement, whose text may be another than it says, and answers its rows as a JSON array.
///
/// # Errors
/// SQLite's.
pub fn rows(connection: &Connection, sql: &str, sent: &Statement) -> rusqlite::Result<String> {
    let mut statement = connection.prepare_cached(sql)?;
    for (at, value) in sent.values.iter().enumerate() {
        let number = at.saturating_add(1);
        let place = match sent.names.get(at) {
            Some(name) => statement.parameter_index(&format!(":{name}"))?,
            None => (number <= statement.parameter_count()).then_some(number),
        };
        if let Some(place) = place {
            statement.raw_bind_parameter(place, AsD1(value))?;
        }
    }
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut found = statement.raw_query();
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        let mut object = serde_json::Map::new();
        for (at, name) in names.iter().enumerate() {
            object.insert(name.clone(), json(row.get_ref(at)?));
        }
        rows.push(serde_json::Value::Object(object));
    }
    Ok(serde_json::Value::Array(rows).to_string())
}

/// Numbers reach D1 as JavaScript has them.
struct AsD1<'a>(&'a Value);

impl ToSql for AsD1<'_> {
    #[expect(
        clippy::as_conversions,
        clippy::cast_precision_loss,
        reason = "as the border to JavaScript does it"
    )]
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Value::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Value::Integer(number) => ToSqlOutput::Borrowed(ValueRef::Real(*number as f64)),
            Value::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        })
    }
}

fn json(value: ValueRef<'_>) -> serde_json::Value {
    match value {
        ValueRef::Null | ValueRef::Blob(_) => serde_json::Value::Null,
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => number.into(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into(),
    }
}
