//! Deadlines to enroll that have passed: each is recorded once, and everyone who has to enroll at the
//! next sign-in is told.
//!
//! The rule itself needs no job: it compares the deadline with the time of the sign-in.

use std::sync::Arc;

use postern::{
    audit::Action,
    evidence::{Enrolled, Evidence, Method},
    ids::OrganizationId,
    policy::{self, Person, PersonFacts, Policy, Verdict},
    time::UnixTime,
};
use serde::Deserialize;

use crate::{
    http::{one_clock, problem::Problem},
    platform::log,
    store::{
        d1::{self, Batch, Database, Statement, recording, recording_text, text},
        mail, people,
    },
};

/// Organizations whose deadline has passed that are read in one trip.
const PORTION: u32 = 50;

/// Those that are dealt with in one minute.
const ORGANIZATIONS: usize = 10;

/// Deals with the deadlines that have passed. An organization for which this fails, or whose policy
/// cannot be read, keeps no other one waiting.
///
/// # Errors
/// `unavailable`; the next minute tries again.
pub async fn run(database: &Arc<dyn Database>, now: UnixTime) -> Result<(), Problem> {
    let (mut after, mut tried) = (String::new(), 0_usize);
    loop {
        let values = [now.into(), after.into(), PORTION.into()];
        let mut rows = d1::run(database, &[Statement::new(DUE, values)]).await?;
        let found = rows.each::<Due>("grace")?;
        let more = u32::try_from(found.len()) == Ok(PORTION);
        after = String::new();
        for row in found {
            let due = match row {
                Ok(due) => due,
                Err(row) => {
                    after = row.text("row")?;
                    continue;
                }
            };
            after = due.row.to_string();
            let Some(policy) = due.policy() else {
                continue;
            };
            if let Err(error) = due.end(database, &policy).await {
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

/// An organization whose deadline has passed.
#[derive(Deserialize)]
struct Due {
    row: OrganizationId,
    /// As JSON text: one that cannot be read is logged, and keeps no other organization waiting.
    policy: String,
    /// The id of the event that records it.
    event: String,
}

impl Due {
    /// `None` when the policy cannot be read, which is logged.
    fn policy(&self) -> Option<Policy> {
        let policy = serde_json::from_str(&self.policy);
        let cannot = |why: serde_json::Error| {
            log(&format!(
                "grace of {}: its policy cannot be read: {why}",
                self.row
            ))
        };
        policy.map_err(cannot).ok()
    }

    /// Records that the deadline has passed, and tells everyone who has to enroll.
    async fn end(&self, database: &Arc<dyn Database>, policy: &Policy) -> Result<(), Problem> {
        let now = one_clock::time(database).await?;
        let people = people::all(database, self.row, now).await?.facts;
        // To read many people takes long.
        let now = one_clock::time(database).await?;
        let must = people
            .iter()
            .filter(|person| must_enroll(policy, person, now));
        let names: Vec<&str> = must.map(|person| &*person.user).collect();
        let batch = Batch {
            recording: recording!(GRACE_OVER, {
                event: &*self.event,
                now: now,
                organization: text(self.row),
                action: Action::PolicyGraceOver.as_str(),
                people: u64::try_from(names.len()).unwrap_or(u64::MAX),
            }),
            effects: mail::to_people(
                &self.event.as_str().into(),
                mail::Kind::EnrollmentDue,
                &names,
            )?,
            reads: vec![],
        };
        d1::write(database, &batch).await?;
        Ok(())
    }
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

/// The event's id names the deadline, so that it is recorded once. ?1 now 2 after 3 at most
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
