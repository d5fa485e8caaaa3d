//! Events whose time is over are deleted, up to a checkpoint; and what is personal in events goes with its
//! person. Only what is sealed: what is left can still be verified.

use std::sync::Arc;

use postern::time::UnixTime;
use serde::Serialize;

use crate::{
    platform::{Fault, statement},
    store::{
        d1::{self, Database, Statement},
        records::{RecordRow, not_sealable, record_columns},
    },
};

/// Rows deleted or changed per statement and minute.
const PORTION: u32 = 500;

/// Seconds that an event is kept longer than its time, since its checkpoint and it may be told by two clocks.
const SLACK: u64 = 3600;

/// Seconds for which what is personal in events is kept after its person was deleted, so that an admin who
/// deletes a user does not delete the traces of it at once.
const PERSONAL_SECONDS: u64 = 30 * 86_400;

/// Does what is due at `now`.
///
/// # Errors
/// D1's; the next minute tries again.
pub async fn run(database: &Arc<dyn Database>, now: UnixTime) -> Result<(), Fault> {
    let deleted = delete(database, now).await;
    take_out(database, now).await?;
    deleted
}

/// Deletes events whose time is over.
async fn delete(database: &Arc<dyn Database>, now: UnixTime) -> Result<(), Fault> {
    let over = now.minus(SLACK);
    let statements = [
        Statement::new(BEGIN_LATER, [over.into()]),
        Statement::new(CHECKPOINTS, [PORTION.into()]),
        Statement::new(EVENTS, [over.into(), PORTION.into()]),
    ];
    d1::run(database, &statements).await?;
    Ok(())
}

/// Takes out what is personal in events of people who were deleted.
async fn take_out(database: &Arc<dyn Database>, now: UnixTime) -> Result<(), Fault> {
    let until = now.minus(PERSONAL_SECONDS);
    let found = statement!(PERSONAL, { until: until, most: PORTION });
    let mut rows = d1::run(database, &[found]).await?;
    let personal: Vec<RecordRow> = rows.all()?;
    if personal.is_empty() {
        return Ok(());
    }
    let hashed = personal.into_iter().map(Hashed::of);
    let hashed = hashed.collect::<Result<Vec<_>, _>>()?;
    let taking_out = Statement::new(TAKE_OUT, [serde_json::to_string(&hashed)?.into()]);
    d1::run(database, &[taking_out]).await?;
    Ok(())
}

/// The hash that takes the place of what is personal.
#[derive(Serialize)]
struct Hashed {
    seq: u64,
    hash: String,
}

impl Hashed {
    fn of(row: RecordRow) -> Result<Self, Fault> {
        let seq = row.seq;
        let hash = row.record().personal_hash().map_err(not_sealable)?;
        Ok(Self { seq, hash })
    }
}

/// The log of each organization begins behind the newest checkpoint whose time is over. ?1 now
const BEGIN_LATER: &str = "
UPDATE checkpoint SET leaves = NULL WHERE (organization, size) IN (
  SELECT o.id, (
    SELECT c.size FROM checkpoint c
    WHERE c.organization = o.id AND c.leaves IS NOT NULL AND c.at < ?1 - 86400 * o.audit_days
    ORDER BY c.at DESC, c.size DESC LIMIT 1)
  FROM organization o)";

/// ?1 portion
const CHECKPOINTS: &str = "
DELETE FROM checkpoint WHERE (organization, size) IN (
  SELECT c.organization, c.size FROM checkpoint first
  JOIN checkpoint c ON c.organization = first.organization AND c.size < first.size
  WHERE first.leaves IS NULL LIMIT ?1)";

/// The newest event stays, since the next one would get its place again; and what says that everyone was told of a
/// deadline. ?1 now 2 portion
const EVENTS: &str = "
DELETE FROM event WHERE seq IN (
  SELECT e.seq FROM checkpoint first JOIN organization o ON o.id = first.organization
  JOIN event e ON e.organization = first.organization AND e.seq <= first.seq
  WHERE first.leaves IS NULL AND e.at < ?1 - 86400 * o.audit_days AND e.action <> 'policy.grace_over'
    AND e.seq < (SELECT max(seq) FROM event) LIMIT ?2)";

/// Of people who were deleted before `:until`, the oldest events first: the deletion, by which they are found,
/// goes last.
const PERSONAL: &str = concat!(
    "SELECT ",
    record_columns!(),
    " FROM (
    SELECT organization, user FROM event
    WHERE action = 'user.delete' AND outcome = 'accepted' AND personal IS NULL AND at < :until
    ORDER BY at LIMIT 10) gone
JOIN event e ON e.organization = gone.organization AND e.user = gone.user
WHERE e.personal IS NULL AND e.seq <= (SELECT seq FROM sealed)
  AND NOT EXISTS (SELECT 1 FROM user u WHERE u.organization = gone.organization AND u.id = gone.user)
ORDER BY e.seq LIMIT :most"
);

/// ?1 the hashes
const TAKE_OUT: &str = "
UPDATE event SET personal = h.value ->> 'hash', salt = NULL, actor_name = NULL, subject = NULL, detail = NULL, ip = NULL,
  user_agent = NULL
FROM json_each(?1) h WHERE event.seq = h.value ->> 'seq' AND event.personal IS NULL";
