//! One clock: the database's. An instance whose own clock is wrong learns the time and begins anew.
//!
//! Every trip of a request looks at the time in its first statement, which fails, and the whole batch
//! with it, where the request's moment is not the database's. So what is decided, stored and compared by
//! that moment is right to within [`TOLERANCE_SECONDS`], whatever an instance's clock says. What needs no
//! trip is done by a clock that was found right within the last minute ([`CONFIRMED_SECONDS`]).

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use postern::time::UnixTime;
use serde::Deserialize;

use crate::platform::{Clock, Database, DatabaseError, Fault, Statement, log, run};

/// Seconds by which a request's moment may differ from the database's: the time that a slow request
/// takes with every trip sent again, and no more than a time step. The text of a recording
/// ([`crate::store::batch`]) has the same number.
const TOLERANCE_SECONDS: u64 = 30;

/// Seconds for which a clock that was right is believed: it may jump meanwhile, but by no more.
const CONFIRMED_SECONDS: u64 = 60;

/// A request's moment, told by an instance's clock, and held against the database's.
pub struct OneClock {
    now: UnixTime,
    clock: Arc<dyn Clock>,
    was_wrong: AtomicBool,
    may_begin_anew: AtomicBool,
}

impl OneClock {
    /// For a request at `now`, as `clock` told it.
    pub fn new(now: UnixTime, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            now,
            clock,
            was_wrong: AtomicBool::new(false),
            may_begin_anew: AtomicBool::new(true),
        })
    }

    /// Whether the request's moment turned out wrong before anything was done: the clock is right now,
    /// and the request is to be answered again.
    pub fn begins_anew(&self) -> bool {
        self.was_wrong.load(Ordering::Relaxed) && self.may_begin_anew.load(Ordering::Relaxed)
    }

    /// Whether the database found this clock right a moment ago.
    pub fn is_confirmed(&self) -> bool {
        let confirmed = self.clock.confirmed_ms().map(|ms| UnixTime(ms / 1000));
        confirmed.is_some_and(|at| at <= self.now && self.now.since(at) <= CONFIRMED_SECONDS)
    }

    /// `database`, each trip of which holds the moment against the database's clock.
    pub fn guard(self: &Arc<Self>, database: Arc<dyn Database>) -> Arc<dyn Database> {
        let clock = self.clone();
        Arc::new(Guarded { clock, database })
    }

    /// What a batch that failed says: nothing but the time, where its moment is wrong.
    async fn explain(&self, database: &Arc<dyn Database>, error: DatabaseError) -> DatabaseError {
        let before = self.clock.now_ms() / 1000;
        let Ok(now) = time(database).await else {
            return error;
        };
        if now.0.abs_diff(self.now.0) <= TOLERANCE_SECONDS {
            return error;
        }
        let after = self.clock.now_ms() / 1000;
        let right =
            before.saturating_sub(TOLERANCE_SECONDS)..=after.saturating_add(TOLERANCE_SECONDS);
        // Not where the request only took long.
        if !right.contains(&now.0) {
            log(&format!("clock: it was {}, and is set to {now}", self.now));
            self.clock.set(now.0.saturating_mul(1000));
        }
        if self.may_begin_anew.load(Ordering::Relaxed) {
            self.was_wrong.store(true, Ordering::Relaxed);
            DatabaseError::WrongClock
        } else {
            let why = "the time was over after something may have been done";
            DatabaseError::Unknown(why.to_owned())
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
                clock.clock.confirm(clock.now.0.saturating_mul(1000));
                if writes {
                    clock.may_begin_anew.store(false, Ordering::Relaxed);
                }
                Ok(rows.into_iter().skip(usize::from(!writes)).collect())
            }
            Err(error) if error.is_malformed_json() => {
                Err(clock.explain(&self.database, error).await)
            }
            Err(error) => {
                // Whether it was done is not known, and it must not be done twice.
                if writes {
                    clock.may_begin_anew.store(false, Ordering::Relaxed);
                }
                Err(error)
            }
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
