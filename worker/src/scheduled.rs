//! Every minute: what is over is swept away, in small portions.

use postern::{sessions::ABSOLUTE_SECONDS, throttle::WINDOW_SECONDS, time::UnixTime};
use worker::worker_sys::D1Database;

use crate::d1::{self, D1Error, Statement};

/// Rows swept per statement and minute, so that a sweep never holds the database for long.
const PORTION: u32 = 500;

/// Sweeps once.
///
/// # Errors
/// D1's; the next minute tries again.
pub async fn sweep(database: &D1Database, now: UnixTime) -> Result<(), D1Error> {
    let before = |seconds: u64| now.0.saturating_sub(seconds);
    let portion = || PORTION.into();
    d1::run(
        database,
        &[
            Statement::new(SPENT, [now.into(), portion()]),
            Statement::new(SESSIONS, [before(ABSOLUTE_SECONDS).into(), portion()]),
            Statement::new(ENROLLMENTS, [now.into(), portion()]),
            Statement::new(DEVICES, [now.into(), portion()]),
            Statement::new(
                UNKNOWN_NAMES,
                [before(WINDOW_SECONDS).into(), now.into(), portion()],
            ),
        ],
    )
    .await
    .map(|_| ())
}

/// ?1 now 2 portion
const SPENT: &str = "
DELETE FROM spent_challenge WHERE id IN (SELECT id FROM spent_challenge WHERE expires_at < ?1 LIMIT ?2)";

/// ?1 born before 2 portion
const SESSIONS: &str = "
DELETE FROM session WHERE (organization, user, id) IN (
  SELECT organization, user, id FROM session WHERE born_at < ?1 LIMIT ?2)";

/// ?1 now 2 portion
const ENROLLMENTS: &str = "
DELETE FROM enrollment WHERE (organization, user) IN (
  SELECT organization, user FROM enrollment WHERE expires_at < ?1 LIMIT ?2)";

/// ?1 now 2 portion
const DEVICES: &str = "
DELETE FROM trusted_device WHERE (organization, user, id) IN (
  SELECT organization, user, id FROM trusted_device WHERE expires_at < ?1 LIMIT ?2)";

/// ?1 window began before 2 now 3 portion
const UNKNOWN_NAMES: &str = "
DELETE FROM throttle WHERE (organization, user, method, lane) IN (
  SELECT organization, user, method, lane FROM throttle
  WHERE user LIKE '?%' AND window_from < ?1 AND not_before < ?2 LIMIT ?3)";
