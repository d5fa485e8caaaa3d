//! The platform as a native test has it: SQLite in memory, a clock that is told, a seeded generator,
//! copies that can be late, missing or garbage, RustCrypto.
//!
//! With it the whole router runs in one thread, the same way each time. workerd stays where the
//! platform itself is in question.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    task::Poll,
};

use async_trait::async_trait;

use super::{AfterReply, Clock, Copies, Later, Platform, Randomness, Settings, Shield, Timer};
use crate::platform::Fault;

mod outside;
mod rust_crypto;
mod sqlite;

pub use outside::{Answer, Outside};
pub use rust_crypto::RustCrypto;
pub use sqlite::{Fault as DatabaseFault, MIGRATIONS, Sqlite, rows};

/// A platform, and the handles that only a test has.
pub struct Native {
    /// The database.
    pub database: Arc<Sqlite>,
    /// The copies.
    pub copies: Arc<NativeCopies>,
    /// The clock of the instance that answers; the database has its own.
    pub clock: Arc<ToldClock>,
    /// Waiting.
    pub timer: Arc<Pauses>,
    /// The generator.
    pub randomness: Arc<Seeded>,
    /// Variables and secrets.
    pub settings: Arc<Variables>,
    /// Work that waits for its reply.
    pub later: Arc<Queue>,
    /// What left.
    pub outside: Arc<Outside>,
}

impl Native {
    /// An empty deployment at `now_ms`.
    pub fn new(now_ms: u64, seed: u64, settings: &[(&str, &str)]) -> Self {
        Self::over(Sqlite::new(now_ms), seed, Variables::new(settings))
    }

    /// Another deployment with the same settings, database and time, and no copies. It draws from another `seed`.
    pub fn copy(&self, seed: u64) -> Self {
        let settings = locked(&self.settings.0).clone();
        Self::over(self.database.copy(), seed, Variables(Mutex::new(settings)))
    }

    fn over(database: Sqlite, seed: u64, settings: Variables) -> Self {
        Self {
            clock: Arc::new(ToldClock::new(database.clock.now_ms())),
            database: Arc::new(database),
            copies: Arc::default(),
            timer: Arc::default(),
            randomness: Arc::new(Seeded::new(seed)),
            settings: Arc::new(settings),
            later: Arc::default(),
            outside: Arc::default(),
        }
    }

    /// What a request gets.
    pub fn platform(&self) -> Platform {
        Platform {
            database: self.database.clone(),
            copies: Some(self.copies.clone()),
            clock: self.clock.clone(),
            timer: self.timer.clone(),
            randomness: self.randomness.clone(),
            signatures: Arc::new(RustCrypto),
            shield: Arc::new(Open),
            settings: self.settings.clone(),
            after_reply: self.later.clone(),
            post_office: Some(self.outside.clone()),
            web: self.outside.clone(),
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a read of a copy finds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Found {
    /// What was written last.
    #[default]
    Newest,
    /// What was written before that.
    Late,
    /// Nothing.
    Nothing,
    /// Text that no key opens.
    Garbage,
}

/// Copies in memory: every text ever kept under a key, the newest last.
#[derive(Default)]
pub struct NativeCopies {
    kept: Mutex<BTreeMap<String, Vec<Option<String>>>>,
    found: Mutex<Found>,
    loses: Mutex<bool>,
}

impl NativeCopies {
    /// Decides whether writes get lost from now on.
    pub fn lose_writes(&self, lost: bool) {
        *locked(&self.loses) = lost;
    }

    /// How many texts were ever kept.
    pub fn writes(&self) -> usize {
        locked(&self.kept).values().map(Vec::len).sum()
    }

    /// Decides what reads find from now on.
    pub fn find(&self, found: Found) {
        *locked(&self.found) = found;
    }
}

#[async_trait]
impl Copies for NativeCopies {
    async fn get(&self, keys: &[&str]) -> Vec<Option<String>> {
        let (kept, found) = (locked(&self.kept), *locked(&self.found));
        let one = |key: &&str| {
            let history = kept.get(*key)?;
            match found {
                Found::Newest => history.last()?.clone(),
                Found::Late => history.iter().rev().nth(1)?.clone(),
                Found::Nothing => None,
                Found::Garbage => Some("no copy that was ever sealed".to_owned()),
            }
        };
        keys.iter().map(one).collect()
    }

    async fn put(&self, key: &str, text: &str, _seconds: u32) {
        if *locked(&self.loses) {
            return;
        }
        let mut kept = locked(&self.kept);
        kept.entry(key.to_owned())
            .or_default()
            .push(Some(text.to_owned()));
    }

    async fn delete(&self, key: &str) {
        locked(&self.kept)
            .entry(key.to_owned())
            .or_default()
            .push(None);
    }
}

/// A clock that stands still until it is told.
pub struct ToldClock {
    now_ms: Mutex<u64>,
    confirmed_ms: Mutex<Option<u64>>,
}

impl ToldClock {
    const fn new(now_ms: u64) -> Self {
        Self {
            now_ms: Mutex::new(now_ms),
            confirmed_ms: Mutex::new(None),
        }
    }
}

impl Clock for ToldClock {
    fn now_ms(&self) -> u64 {
        *locked(&self.now_ms)
    }

    fn set(&self, now_ms: u64) {
        *locked(&self.now_ms) = now_ms;
    }

    fn confirm(&self, now_ms: u64) {
        *locked(&self.confirmed_ms) = Some(now_ms);
    }

    fn confirmed_ms(&self) -> Option<u64> {
        *locked(&self.confirmed_ms)
    }
}

/// Pauses that take no time: each lets all others go on once.
#[derive(Default)]
pub struct Pauses(Mutex<f64>);

#[async_trait]
impl Timer for Pauses {
    fn elapsed_ms(&self) -> f64 {
        *locked(&self.0)
    }

    async fn pause(&self, ms: u32) {
        *locked(&self.0) += f64::from(ms);
        let mut paused = false;
        std::future::poll_fn(|task| {
            if paused {
                return Poll::Ready(());
            }
            paused = true;
            task.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
}

/// SplitMix64: the same bytes for the same seed, and unfit for any secret.
pub struct Seeded {
    state: Mutex<u64>,
    /// Draws until one fails.
    until_failure: Mutex<Option<u32>>,
}

impl Seeded {
    const fn new(seed: u64) -> Self {
        Self {
            state: Mutex::new(seed),
            until_failure: Mutex::new(None),
        }
    }

    /// Lets one draw fail: the `nth` from now, 1 being the next one.
    pub fn fail_at(&self, nth: u32) {
        *locked(&self.until_failure) = Some(nth);
    }

    /// Whether the draw of [`Seeded::fail_at`] is still to come; it is not any more afterwards.
    pub fn cancel_failure(&self) -> bool {
        locked(&self.until_failure).take().is_some()
    }

    fn fails_now(&self) -> bool {
        let mut until = locked(&self.until_failure);
        *until = until.map(|draws| draws.saturating_sub(1));
        until.take_if(|draws| *draws == 0).is_some()
    }
}

impl Randomness for Seeded {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault> {
        if self.fails_now() {
            return Err(Fault::new("a draw that was to fail"));
        }
        let mut state = locked(&self.state);
        for chunk in bytes.chunks_mut(8) {
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = *state;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            for (byte, drawn) in chunk.iter_mut().zip((mixed ^ (mixed >> 31)).to_le_bytes()) {
                *byte = drawn;
            }
        }
        Ok(())
    }
}

struct Open;

#[async_trait]
impl Shield for Open {
    async fn admits(&self, _key: &str) -> bool {
        true
    }
}

/// Variables and secrets that a test can change.
pub struct Variables(Mutex<BTreeMap<String, String>>);

impl Variables {
    fn new(settings: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self(Mutex::new(settings.iter().map(owned).collect()))
    }

    /// Puts another value in place of the one there.
    pub fn set(&self, name: &str, value: &str) {
        locked(&self.0).insert(name.to_owned(), value.to_owned());
    }
}

impl Settings for Variables {
    fn get(&self, name: &str) -> Option<String> {
        let value = locked(&self.0).get(name).cloned();
        value.filter(|value| !value.is_empty())
    }
}

/// Work after replies, which runs when the test says so: late, or never, as in a Worker that ends.
#[derive(Default)]
pub struct Queue(Mutex<Vec<Later>>);

impl Queue {
    /// Runs what waits.
    pub async fn drain(&self) {
        loop {
            let work = std::mem::take(&mut *locked(&self.0));
            if work.is_empty() {
                return;
            }
            for work in work {
                work.await;
            }
        }
    }
}

impl AfterReply for Queue {
    fn run(&self, work: Later) {
        locked(&self.0).push(work);
    }
}
