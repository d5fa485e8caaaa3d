//! One clock: the database's. An instance whose own clock is wrong learns the time and begins anew.
//!
//! Every trip of a request looks at the time in its first statement, which fails, and the whole batch
//! with it, where the request's moment is not the database's. So what is decided, stored and compared by that moment is
//! right to within [`TOLERANCE_SECONDS`], whatever an instance's clock says. What is done without a
//! trip is checked when its result comes back: a challenge of an application holds the moment at which
//! it was opened.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use postern::time::UnixTime;
use serde::Deserialize;

use crate::platform::{Clock, Database, DatabaseError, Fault, Statement, log, run};

/// Seconds by which a request's moment may differ from the database's: the time that a slow request
/// takes with every trip sent again, and no more than a time step.
const TOLERANCE_SECONDS: u64 = 30;

/// A request's moment, told by an instance's clock, and held against the database's.
pub struct OneClock {
    now: UnixTime,
    clock: Arc<dyn Clock>,
    was_set: AtomicBool,
    may_begin_anew: AtomicBool,
}

impl OneClock {
    /// For a request at `now`, as `clock` told it.
    pub fn new(now: UnixTime, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            now,
            clock,
            was_set: AtomicBool::new(false),
            may_begin_anew: AtomicBool::new(true),
        })
    }

    /// Whether the clock turned out wrong before anything was done: it is right now, and the request
    /// is to be answered again.
    pub fn begins_anew(&self) -> bool {
        self.was_set.load(Ordering::Relaxed) && self.may_begin_anew.load(Ordering::Relaxed)
    }

    /// `database`, each trip of which holds the moment against the database's clock.
    pub fn guard(self: &Arc<Self>, database: Arc<dyn Database>) -> Arc<dyn Database> {
        let clock = self.clone();
        Arc::new(Guarded { clock, database })
    }

    /// What a batch that failed says: nothing but the time, where its moment is wrong.
    async fn explain(&self, database: &Arc<dyn Database>, error: DatabaseError) -> DatabaseError {
        if !error.is_malformed_json() {
            // Whether it was done is not known, and it must not be done twice.
            self.may_begin_anew.store(false, Ordering::Relaxed);
            return error;
        }
        match time(database).await {
            Ok(now) if now.0.abs_diff(self.now.0) > TOLERANCE_SECONDS => {
                log(&format!("clock: it was {}, and is set to {now}", self.now));
                self.clock.set(now.0.saturating_mul(1000));
                self.was_set.store(true, Ordering::Relaxed);
                DatabaseError::WrongClock
            }
            _ => error,
        }
    }
}

struct Guarded {
    clock: Arc<OneClock>,
    database: Arc<dyn Database>,
}

#[async_trait]
impl Database for Guarded {
    async fn batch(&self, statements: &[&Statement]) -> Result<Vec<String>, DatabaseError> {
        let clock = &self.clock;
        let writes = statements.iter().any(|statement| statement.writes());
        let guard = Statement::new(SAME_TIME, [clock.now.into(), TOLERANCE_SECONDS.into()]);
        // A batch that writes begins with a recording, which looks at the time itself.
        let guards = (!writes).then_some(&guard);
        let all: Vec<_> = guards
            .into_iter()
            .chain(statements.iter().copied())
            .collect();
        match self.database.batch(&all).await {
            Ok(rows) => {
                if writes {
                    clock.may_begin_anew.store(false, Ordering::Relaxed);
                }
                Ok(rows.into_iter().skip(usize::from(!writes)).collect())
            }
            Err(error) => Err(clock.explain(&self.database, error).await),
        }
    }
}

#[derive(Deserialize)]
struct TimeRow {
    now: UnixTime,
}

/// The database's time.
///
/// # Errors
/// `unavailable`.
pub async fn time(database: &Arc<dyn Database>) -> Result<UnixTime, Fault> {
    let mut rows = run(database, &[Statement::new(TIME, [])]).await?;
    let row = rows.first::<TimeRow>()?;
    Ok(row.ok_or(Fault::new("a database without a clock"))?.now)
}

const TIME: &str = "SELECT unixepoch() AS now";

/// Fails, for want of an error of its own, as text that is no JSON. ?1 now 2 tolerance
const SAME_TIME: &str = "SELECT iif(abs(?1 - unixepoch()) <= ?2, 1, json('another time'))";
