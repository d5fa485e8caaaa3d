//! Rows that are over are deleted, in small portions.

use std::sync::Arc;

use postern::{sessions::ABSOLUTE_SECONDS, throttle::WINDOW_SECONDS, time::UnixTime};

use crate::store::d1::{self, Database, DatabaseError, Statement};

/// Rows deleted per statement and minute, so that a sweep never holds the database for long.
const PORTION: u32 = 5000;

/// Seconds that every row is kept longer than it lasts: a request that comes late is answered alike
/// before and after a sweep.
const SLACK: u64 = 3600;

/// Seconds that a mail is kept after it was sent or given up: to answer who was told what.
const MAIL_SECONDS: u64 = 30 * 86_400;

/// Sweeps once: what has been over for an hour at `now`, by the database's clock.
///
/// # Errors
/// D1's; the next minute tries again.
pub async fn run(database: &Arc<dyn Database>, now: UnixTime) -> Result<(), DatabaseError> {
    let each = |sql, lasts: u64| {
        let values = [now.into(), lasts.into(), SLACK.into(), PORTION.into()];
        Statement::new(sql, values)
    };
    let statements = [
        each(SPENT, 0),
        each(SESSIONS, ABSOLUTE_SECONDS),
        // As long as a session that may ask for it: the answer is the same before and after.
        each(ENROLLMENTS, ABSOLUTE_SECONDS),
        // As long as a session that rests on it.
        each(DEVICES, ABSOLUTE_SECONDS),
        each(COUNTERS, WINDOW_SECONDS),
        each(UNKNOWN_ORGANIZATIONS, WINDOW_SECONDS),
        each(SENT_MAIL, MAIL_SECONDS),
        each(FAILED_MAIL, MAIL_SECONDS),
    ];
    d1::run(database, &statements).await?;
    Ok(())
}

/// ?1 now 2 lasts so long 3 slack 4 portion
const SPENT: &str = "
DELETE FROM spent_challenge WHERE id IN (
  SELECT id FROM spent_challenge WHERE expires_at < ?1 - ?2 - ?3 LIMIT ?4)";

/// ?1 now 2 lasts so long 3 slack 4 portion
const SESSIONS: &str = "
DELETE FROM session WHERE (organization, user, id) IN (
  SELECT organization, user, id FROM session
  WHERE born_at < ?1 - ?2 - ?3 LIMIT ?4)";

/// ?1 now 2 lasts so long 3 slack 4 portion
const ENROLLMENTS: &str = "
DELETE FROM enrollment WHERE (organization, user) IN (
  SELECT organization, user FROM enrollment WHERE expires_at < ?1 - ?2 - ?3 LIMIT ?4)";

/// ?1 now 2 lasts so long 3 slack 4 portion
const DEVICES: &str = "
DELETE FROM trusted_device WHERE (organization, user, id) IN (
  SELECT organization, user, id FROM trusted_device
  WHERE expires_at < ?1 - ?2 - ?3 LIMIT ?4)";

/// Counters that say as much as none, of users and of names that no user has alike: open, their
/// window over, and with no refusals in a row, or of a method that forgets those with the window
/// ([`postern::throttle::Rule::forgets`]). ?1 now 2 window 3 slack 4 portion
const COUNTERS: &str = "
DELETE FROM throttle WHERE (organization, user, method, lane) IN (
  SELECT organization, user, method, lane FROM throttle
  WHERE window_from < ?1 - ?2 - ?3 AND not_before < ?1 - ?3
      AND (in_row = 0 OR method IN ('password', 'passkey')) LIMIT ?4)";

/// What was tried in organizations that do not exist is in no audit trail. The newest event stays, since the next one
/// would get its place again, which is sealed.
/// ?1 now 2 lasts so long 3 slack 4 portion
const UNKNOWN_ORGANIZATIONS: &str = "
DELETE FROM event WHERE seq IN (
  SELECT seq FROM event INDEXED BY event_of_no_organization
  WHERE organization = '?' AND at < ?1 - ?2 - ?3 AND seq < (SELECT max(seq) FROM event) LIMIT ?4)";

/// ?1 now 2 kept so long 3 slack 4 portion
const SENT_MAIL: &str = "
DELETE FROM mail WHERE seq IN (SELECT seq FROM mail WHERE sent_at < ?1 - ?2 - ?3 LIMIT ?4)";

/// ?1 now 2 kept so long 3 slack 4 portion
const FAILED_MAIL: &str = "
DELETE FROM mail WHERE seq IN (SELECT seq FROM mail WHERE failed_at < ?1 - ?2 - ?3 LIMIT ?4)";
