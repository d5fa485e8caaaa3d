//! Numbers that stand in triggers and views are the core's: SQL knows no constants.

use std::collections::{BTreeMap, BTreeSet};

use postern::{
    backup_codes::CODES,
    throttle::{DISABLED, WINDOW_SECONDS},
    trusted_devices::DAY_SECONDS,
};
use rusqlite::Connection;

use crate::world::World;

/// A person's factors are bits: an app is 1, a passkey 2.
const PASSKEY: u64 = 2;
const BOTH: u64 = 3;

/// Base64 of SHA-256.
const HASH_LENGTH: u64 = 44;

/// Letters of an id before its random part, and SQLite counts from 1.
const AFTER_PREFIX: u64 = 3;

/// Seconds that the mark of a spent challenge outlives it.
const MARK_SECONDS: u64 = 60;

fn known() -> BTreeMap<&'static str, BTreeSet<u64>> {
    let codes = u64::try_from(CODES).unwrap();
    let locks = [WINDOW_SECONDS, DISABLED.0];
    [
        ("authenticator_added", vec![PASSKEY]),
        ("authenticator_removed", vec![PASSKEY]),
        ("checkpoint_is_fixed", vec![DAY_SECONDS]),
        ("event_counted", vec![DAY_SECONDS]),
        ("event_is_fixed", vec![HASH_LENGTH]),
        ("event_is_kept", vec![DAY_SECONDS]),
        // By a provider that said so.
        ("exempt_user", vec![2]),
        // None are left, or three.
        ("few_codes_are_told", vec![codes, codes - 3]),
        ("link_spent", vec![AFTER_PREFIX, MARK_SECONDS]),
        ("lock_begun_is_told", locks.to_vec()),
        ("lock_is_told", locks.to_vec()),
        ("throttle_begun", locks.to_vec()),
        ("throttle_counted", locks.to_vec()),
        ("today", vec![DAY_SECONDS]),
        ("user_discounted", vec![PASSKEY, BOTH]),
        ("user_enrolled", vec![PASSKEY, BOTH]),
        ("user_model", vec![DISABLED.0]),
    ]
    .into_iter()
    .map(|(name, numbers)| (name, numbers.into_iter().collect()))
    .collect()
}

/// Numbers above 1 in `sql`, outside of texts and names.
fn numbers(sql: &str) -> BTreeSet<u64> {
    let outside = sql.split('\'').step_by(2).collect::<Vec<_>>().join(" ");
    let words = outside.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words
        .filter_map(|word| word.parse().ok())
        .filter(|number| *number > 1)
        .collect()
}

#[test]
fn numbers_in_triggers_and_views_are_those_of_the_core() {
    let read = |database: &Connection| {
        let mut all = database.prepare(
            "SELECT name, sql FROM sqlite_schema WHERE type IN ('trigger', 'view') ORDER BY name",
        )?;
        let rows = all.query_map([], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        })?;
        rows.collect::<rusqlite::Result<Vec<_>>>()
    };
    let found = World::new().native.database.with(read).unwrap();
    let found = found.iter().map(|(name, sql)| (&**name, numbers(sql)));
    let found: BTreeMap<_, _> = found.filter(|(_, numbers)| !numbers.is_empty()).collect();
    assert_eq!(found, known());
}
