//! Every minute: what is over is swept away, in small portions; who has to enroll from today is told;
//! and rows under old root keys move to the one that writes.

use std::sync::Arc;

use postern::{
    audit::Action,
    evidence::{Enrolled, Evidence, Method},
    ids::OrganizationId,
    json,
    policy::{self, Person, PersonFacts, Policy, Verdict},
    record,
    sessions::ABSOLUTE_SECONDS,
    throttle::WINDOW_SECONDS,
    time::UnixTime,
};

use crate::{
    http::problem::{Fault, Problem},
    platform::{Platform, log},
    store::{
        d1::{self, Batch, Database, DatabaseError, Statement, recording, recording_text, text},
        mail, people, readiness, resealing,
    },
};

/// Rows swept per statement and minute, so that a sweep never holds the database for long.
const PORTION: u32 = 5000;

/// Seconds that everything is kept longer than it lasts, and by which it may be ahead.
const SLACK: u64 = 3600;

/// Organizations whose time to enroll is over that are read in one trip.
const DUE_PORTION: u32 = 50;

/// Those that are dealt with in one minute.
const ORGANIZATIONS: usize = 10;

/// Runs everything that is due.
pub async fn run(platform: &Platform) {
    let (database, now) = (&platform.database, UnixTime(platform.clock.now_ms() / 1000));
    let settings = match readiness::settings(platform, now).await {
        Ok(settings) => settings,
        // It is in the log by now.
        Err(Problem::Unready(_)) => return,
        Err(error) => return log(&format!("readiness: {error:?}")),
    };
    if let Err(error) = sweep(database, now).await {
        log(&format!("sweep: {error:?}"));
    }
    if let Err(error) = end_grace(database, now).await {
        log(&format!("grace: {error:?}"));
    }
    if let Err(error) = resealing::run(platform, &settings.keys, now).await {
        log(&format!("keys: {error:?}"));
    }
}

/// Sweeps once: what is over, and what was stamped by a clock that was ahead, so that it would last
/// too long. Only what is so by this clock and by the database's, and has been for an hour: whichever
/// of them is wrong, nothing goes that somebody still needs.
///
/// # Errors
/// D1's; the next minute tries again.
pub async fn sweep(database: &Arc<dyn Database>, now: UnixTime) -> Result<(), DatabaseError> {
    let each = |sql, lasts: u64| {
        let values = [now.into(), lasts.into(), SLACK.into(), PORTION.into()];
        Statement::new(sql, values)
    };
    d1::run(
        database,
        &[
            each(SPENT, 0),
            each(SESSIONS, ABSOLUTE_SECONDS),
            // As long as a session that may ask for it: the answer is the same before and after.
            each(ENROLLMENTS, ABSOLUTE_SECONDS),
            // As long as a session that rests on it.
            each(DEVICES, ABSOLUTE_SECONDS),
            each(COUNTERS, WINDOW_SECONDS),
            each(UNKNOWN_ORGANIZATIONS, WINDOW_SECONDS),
        ],
    )
    .await
    .map(|_| ())
}

record! {
    struct Due {
        row: OrganizationId,
        policy: String,
        event: String,
    }
}

/// Where a deadline to enroll has passed: records it, once, and tells everyone who has to enroll at
/// the next sign-in. The rule itself needs no job; it asks for the time. An organization for which
/// this fails, or whose policy cannot be read, keeps no other one waiting.
///
/// # Errors
/// `unavailable`; the next minute tries again.
pub async fn end_grace(database: &Arc<dyn Database>, now: UnixTime) -> Result<(), Problem> {
    let (mut after, mut tried) = (String::new(), 0_usize);
    loop {
        let values = [now.into(), after.into(), DUE_PORTION.into()];
        let mut rows = d1::run(database, &[Statement::new(DUE, values)]).await?;
        let portion = rows.each::<Due>("grace")?;
        let more = u32::try_from(portion.len()) == Ok(DUE_PORTION);
        after = String::new();
        for due in portion {
            let due = match due {
                Ok(due) => due,
                Err(mut fields) => {
                    after = fields.take("row").map_err(Fault::from)?;
                    continue;
                }
            };
            after = due.row.to_string();
            let policy: Policy = match json::read(due.policy.as_bytes()) {
                Ok(policy) => policy,
                Err(why) => {
                    log(&format!(
                        "grace of {}: its policy cannot be read: {why}",
                        due.row
                    ));
                    continue;
                }
            };
            if let Err(error) = end_grace_of(database, due, &policy, now).await {
                log(&format!("grace: {error:?}"));
            }
            tried = tried.saturating_add(1);
            if tried == ORGANIZATIONS {
                return Ok(());
            }
        }
        if !more {
            return Ok(());
        }
    }
}

async fn end_grace_of(
    database: &Arc<dyn Database>,
    due: Due,
    policy: &Policy,
    now: UnixTime,
) -> Result<(), Problem> {
    let people = people::all(database, due.row, now).await?.facts;
    let must = people
        .iter()
        .filter(|person| must_enroll(policy, person, now));
    let names: Vec<&str> = must.map(|person| &*person.user).collect();
    let count = u64::try_from(names.len()).unwrap_or(u64::MAX);
    let recording = recording!(GRACE_OVER, {
        event: &*due.event,
        now: now,
        organization: text(due.row),
        action: Action::PolicyGraceOver.as_str(),
        people: count,
    });
    let batch = Batch {
        recording,
        effects: mail::to_people(&due.event.into(), mail::Kind::EnrollmentDue, &names)?,
        reads: vec![],
    };
    d1::write(database, &batch).await?;
    Ok(())
}

/// Whether the person's next sign-in, as the last one began, ends in an enrollment.
fn must_enroll(policy: &Policy, facts: &PersonFacts, now: UnixTime) -> bool {
    let person = Person {
        role: facts.role,
        groups: &facts.groups,
        enrolled: Enrolled::default(),
    };
    let method = if facts.sso {
        Method::Sso
    } else {
        Method::Password
    };
    let evidence = [Evidence {
        amr: facts.amr.clone(),
        ..Evidence::new(method, now)
    }];
    let ruling = policy::decide(policy, &person, &evidence, None, now);
    facts.authenticators == 0 && matches!(ruling.verdict, Verdict::Enroll { .. })
}

/// The event's id is the deadline's: recorded once. ?1 now 2 after 3 at most
const DUE: &str = "
SELECT row, policy, event FROM (
  SELECT id AS row, policy, 'grace:' || id || ':' || (policy ->> 'grace_until') AS event FROM organization
  WHERE policy ->> 'mode' = 'required' AND policy ->> 'grace_until' <= ?1 AND id > ?2) due
WHERE NOT EXISTS (SELECT 1 FROM event WHERE event.id = due.event) ORDER BY row LIMIT ?3";

const GRACE_OVER: &str = recording_text!(
    "id, organization, at, action, actor, outcome, detail",
    "
SELECT :event, :organization, :now, :action, 'system', 'accepted', json_object('people', CAST(:people AS INTEGER))"
);

/// ?1 now 2 lasts so long 3 slack 4 portion
const SPENT: &str = "
DELETE FROM spent_challenge WHERE id IN (
  SELECT id FROM spent_challenge WHERE expires_at < min(?1, unixepoch()) - ?2 - ?3 LIMIT ?4)";

/// ?1 now 2 lasts so long 3 slack 4 portion
const SESSIONS: &str = "
DELETE FROM session WHERE (organization, user, id) IN (
  SELECT organization, user, id FROM session
  WHERE born_at < min(?1, unixepoch()) - ?2 - ?3 OR born_at > max(?1, unixepoch()) + ?3 LIMIT ?4)";

/// ?1 now 2 lasts so long 3 slack 4 portion
const ENROLLMENTS: &str = "
DELETE FROM enrollment WHERE (organization, user) IN (
  SELECT organization, user FROM enrollment WHERE expires_at < min(?1, unixepoch()) - ?2 - ?3 LIMIT ?4)";

/// ?1 now 2 lasts so long 3 slack 4 portion
const DEVICES: &str = "
DELETE FROM trusted_device WHERE (organization, user, id) IN (
  SELECT organization, user, id FROM trusted_device
  WHERE expires_at < min(?1, unixepoch()) - ?2 - ?3 OR created_at > max(?1, unixepoch()) + ?3 LIMIT ?4)";

/// Counters that say as much as none, of users and of names that no user has alike: open, their
/// window over, and with no refusals in a row, or of a method that forgets those with the window
/// ([`postern::throttle::Rule::forgets`]). And those that would shut somebody out for longer than a
/// window, as it is still to come. ?1 now 2 window 3 slack 4 portion
const COUNTERS: &str = "
DELETE FROM throttle WHERE (organization, user, method, lane) IN (
  SELECT organization, user, method, lane FROM throttle
  WHERE window_from < min(?1, unixepoch()) - ?2 - ?3 AND not_before < min(?1, unixepoch()) - ?3
      AND (in_row = 0 OR method IN ('password', 'passkey'))
    OR window_from > max(?1, unixepoch()) + ?3 LIMIT ?4)";

/// What was tried in organizations that do not exist is in no audit trail.
/// ?1 now 2 lasts so long 3 slack 4 portion
const UNKNOWN_ORGANIZATIONS: &str = "
DELETE FROM event WHERE seq IN (
  SELECT seq FROM event INDEXED BY event_of_no_organization
  WHERE organization = '?' AND at < min(?1, unixepoch()) - ?2 - ?3 LIMIT ?4)";
