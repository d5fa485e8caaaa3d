//! Which mails a job delivers, and what became of them.

use std::{fmt, sync::Arc};

use postern::{
    base64url,
    ids::{OrganizationId, UserId},
    time::UnixTime,
    users::Language,
};
use serde::{Deserialize, Serialize};

use crate::{
    platform::{Database, Fault, Platform, Statement, run, statement},
    store::mail,
};

/// Seconds for which a mail is its job's: longer than a portion takes when no server answers.
const CLAIM_SECONDS: u64 = 300;

/// Seconds from each try to the next one; after the last one a mail is given up. Three days in all.
const WAITS: [u64; 16] = [
    60, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 14_400, 21_600, 28_800, 43_200, 57_600,
    72_000,
];

/// Characters of an error that are kept.
const ERROR_CHARACTERS: usize = 200;

/// One job's hold on some mails.
pub struct Claim {
    id: String,
    now: UnixTime,
}

/// A mail that waits, and the facts that it tells.
#[derive(Deserialize)]
pub struct Waiting {
    pub seq: u64,
    pub organization: OrganizationId,
    pub user: UserId,
    pub event: String,
    pub kind: String,
    pub address: String,
    pub place: Option<String>,
    pub language: Language,
    /// What the application calls the organization and the person.
    pub organization_id: String,
    pub user_id: String,
    pub organization_name: String,
    pub support: Option<String>,
    pub person: String,
    /// Another person whom the event is about.
    pub about: Option<String>,
    pub at: UnixTime,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    pub actor: String,
    pub actor_name: Option<String>,
    /// As JSON text.
    pub detail: Option<String>,
    /// Until when the link that it is for does something; `None` where it has none, or not any more.
    pub link_until: Option<UnixTime>,
}

/// What became of a mail.
pub struct Outcome {
    pub seq: u64,
    pub failed: Option<Failed>,
}

/// Why a mail was not taken.
#[derive(Debug)]
pub struct Failed {
    why: String,
    for_good: bool,
}

impl Outcome {
    /// Whether it was not taken, and another try may succeed.
    pub fn may_yet_be_taken(&self) -> bool {
        self.failed.as_ref().is_some_and(|failed| !failed.for_good)
    }
}

impl Failed {
    /// Another try may succeed.
    pub fn for_now(why: impl Into<String>) -> Self {
        let (why, for_good) = (why.into(), false);
        Self { why, for_good }
    }

    /// No other try would succeed.
    pub fn for_good(why: impl Into<String>) -> Self {
        let (why, for_good) = (why.into(), true);
        Self { why, for_good }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl Claim {
    /// # Errors
    /// A fault without randomness.
    pub fn new(platform: &Platform, now: UnixTime) -> Result<Self, Fault> {
        let mut bytes = [0; 16];
        platform.randomness.fill(&mut bytes)?;
        let id = base64url::encode(&bytes);
        Ok(Self { id, now })
    }

    /// Takes up to `most` mails that are due, the oldest first. Where the answer is lost they wait
    /// until the claim is over.
    ///
    /// # Errors
    /// D1's.
    pub async fn take(
        &self,
        database: &Arc<dyn Database>,
        most: u32,
    ) -> Result<Vec<Waiting>, Fault> {
        let statements = [
            statement!(TAKE, {
                claim: self.id.as_str(),
                now: self.now,
                until: self.now.plus(CLAIM_SECONDS),
                most: most,
                with_links: mail::kinds_with_links()?,
            }),
            Statement::new(TAKEN, [self.id.as_str().into()]),
        ];
        let mut rows = run(database, &statements).await?;
        rows.skip(1);
        // One that cannot be read keeps no other one waiting; it is in the log.
        Ok(rows.each("mail")?.into_iter().flatten().collect())
    }

    /// Writes down what became of the mails.
    ///
    /// # Errors
    /// A fault when an error cannot be written.
    pub fn mark(&self, outcomes: &[Outcome]) -> Result<[Statement; 2], Fault> {
        let sent: Vec<u64> = outcomes
            .iter()
            .filter(|outcome| outcome.failed.is_none())
            .map(|outcome| outcome.seq)
            .collect();
        let failed: Vec<FailedRow> = outcomes.iter().filter_map(FailedRow::of).collect();
        Ok([
            statement!(SENT, {
                claim: self.id.as_str(),
                now: self.now,
                sent: serde_json::to_string(&sent)?,
            }),
            statement!(FAILED, {
                claim: self.id.as_str(),
                now: self.now,
                waits: serde_json::to_string(&WAITS)?,
                failed: serde_json::to_string(&failed)?,
            }),
        ])
    }
}

/// What [`FAILED`] reads of a mail.
#[derive(Serialize)]
struct FailedRow {
    seq: u64,
    error: String,
    for_good: bool,
}

impl FailedRow {
    fn of(outcome: &Outcome) -> Option<Self> {
        let failed = outcome.failed.as_ref()?;
        Some(Self {
            seq: outcome.seq,
            error: failed.why.chars().take(ERROR_CHARACTERS).collect(),
            for_good: failed.for_good,
        })
    }
}

/// Links first: they are over soon.
const TAKE: &str = "
UPDATE mail SET claim = :claim, tries = tries + 1, due_at = :until
WHERE seq IN (
  SELECT seq FROM mail WHERE sent_at IS NULL AND failed_at IS NULL AND due_at <= :now
  ORDER BY kind NOT IN (SELECT value FROM json_each(:with_links)), due_at LIMIT :most)";

/// ?1 claim
const TAKEN: &str = "
SELECT m.seq, m.organization, m.user, m.event, m.kind, m.address, m.place,
  coalesce(u.language, o.language) AS language, o.external_id AS organization_id, u.external_id AS user_id,
  o.name AS organization_name, o.support, coalesce(u.name, u.username, u.external_id) AS person,
  (SELECT coalesce(a.name, a.username, a.external_id) FROM user a
   WHERE a.organization = e.organization AND a.id = e.user AND a.id <> m.user) AS about,
  m.created_at AS at, e.ip, e.user_agent, coalesce(e.actor, 'system') AS actor, e.actor_name, e.detail,
  (SELECT l.expires_at FROM link l
   WHERE l.organization = m.organization AND l.user = m.user AND l.event = m.event AND l.ended_at IS NULL
     AND m.address IN (
       SELECT b.address FROM mailbox b WHERE b.organization = m.organization AND b.user = m.user)) AS link_until
FROM mail m
JOIN organization o ON o.id = m.organization
JOIN user u ON u.organization = m.organization AND u.id = m.user
LEFT JOIN event e ON e.id = m.event
WHERE m.claim = ?1 ORDER BY m.seq";

const SENT: &str = "
UPDATE mail SET sent_at = :now, claim = NULL, error = NULL
WHERE claim = :claim AND seq IN (SELECT value FROM json_each(:sent))";

const FAILED: &str = "
UPDATE mail SET claim = NULL, error = j.value ->> 'error',
  due_at = :now + coalesce(:waits ->> (tries - 1), 0),
  failed_at = iif(j.value ->> 'for_good' OR :waits ->> (tries - 1) IS NULL, :now, NULL)
FROM json_each(:failed) j
WHERE mail.claim = :claim AND mail.seq = j.value ->> 'seq'";
