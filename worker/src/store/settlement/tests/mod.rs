//! The settlement against a model of its rules: the Worker's own statements over the Worker's own
//! tables, in SQLite. Then each gate is taken away in turn, to see that its absence is noticed.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used
)]

mod cases;
mod counting;
mod database;
mod gates;
mod model;

use std::{cell::RefCell, collections::BTreeMap, sync::Mutex, thread};

use postern::{audit::Action, decision::Attempt, ids::SessionId};
use proptest::test_runner::{
    Config, RngAlgorithm, TestCaseError, TestCaseResult, TestRng, TestRunner,
};

use super::*;
use crate::{
    http::context::Origin,
    sign_in::trusted_devices,
    store::{
        d1::{Value, effect, text},
        event_detail::EventDetail,
        mail, sessions,
    },
};
use cases::{Case, DEVICE, EVENT, Meanwhile, NOW, cases};
use database::{Database, Rewrite, Tables, first};
use model::{Answer, UsedUp};

const CASES: u32 = 4_000;

/// What SQLite says of a statement that it cannot prepare, or that has other values than columns.
const UNREADABLE: [&str; 4] = [
    "syntax error",
    "no such column",
    "ambiguous column",
    "values were supplied",
];

const PLACE: &str = "Bern, CH";
const NEW_SESSION: SessionId = SessionId::from_entropy([20; 16]);
const NEW_EVIDENCE: &str = r#"[{"method":"password","at":1}]"#;
const NEW_GROUNDS: &str = r#"["backup_codes"]"#;

#[test]
fn a_settlement_does_what_its_rules_say() {
    let seen = RefCell::new(BTreeMap::new());
    let checked = check(&str::to_owned, |answer| {
        *seen.borrow_mut().entry(kind(answer)).or_insert(0_u32) += 1;
    });
    assert_eq!(checked, Ok(()));
    // Every answer there is, often enough to mean something.
    let seen = seen.into_inner();
    assert_eq!(seen.len(), 23, "{seen:?}");
    println!("{seen:?}");
    assert!(seen.values().all(|times| *times >= 10), "{seen:?}");
}

#[test]
fn a_missing_gate_is_noticed() {
    let next = Mutex::new(gates::GATES.iter());
    let unnoticed = Mutex::new(vec![]);
    let each = || {
        loop {
            let Some(gate) = next.lock().unwrap().next() else {
                break;
            };
            match check(&|sql| gate.missing_in(sql), |_| ()) {
                Ok(()) => unnoticed.lock().unwrap().push(gate.text),
                // What SQLite cannot read says nothing about the rules.
                Err(why) => assert!(!UNREADABLE.iter().any(|said| why.contains(said)), "{why}"),
            }
        }
    };
    // The longest test by far: on every core.
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(each);
        }
    });
    let unnoticed = unnoticed.into_inner().unwrap();
    assert!(unnoticed.is_empty(), "{unnoticed:#?}");
}

fn check(rewrite: Rewrite<'_>, see: impl Fn(&Answer)) -> Result<(), String> {
    let database = Database::new(rewrite);
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        max_shrink_iters: 0,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let result = TestRunner::new_with_rng(config, rng).run(&cases(), |case| {
        see(&database.rolled_back(|| one(&database, &case, rewrite))?);
        Ok(())
    });
    result.map_err(|why| why.to_string())
}

/// An attempt; then, because its answer was lost, the same one again.
fn one(database: &Database, case: &Case, rewrite: Rewrite<'_>) -> Result<Answer, TestCaseError> {
    database.write(case);
    let (answer, mut after) = model::expected(case, &database.tables());
    same(&answer, &send(database, case, rewrite)?)?;
    unchanged(&after, database)?;

    match case.meanwhile {
        Meanwhile::Nothing => {}
        Meanwhile::Moved => database.run("UPDATE user SET version = version + 1"),
        Meanwhile::Gone => database.run("DELETE FROM user"),
    }
    if case.meanwhile != Meanwhile::Nothing {
        after = database.tables();
    }
    let expected = match (&answer, case.meanwhile) {
        (Answer::WrongClock, _) => &Answer::WrongClock,
        (_, Meanwhile::Gone) => &Answer::Gone,
        (Answer::Judged(..) | Answer::Gone | Answer::Spent, _) | (_, Meanwhile::Nothing) => &answer,
        (_, Meanwhile::Moved) => &Answer::Stale,
    };
    same(expected, &send(database, case, rewrite)?)?;
    unchanged(&after, database)?;
    Ok(answer)
}

fn same(expected: &Answer, found: &Answer) -> TestCaseResult {
    if expected == found {
        return Ok(());
    }
    Err(TestCaseError::fail(format!(
        "expected {expected:?}, found {found:?}"
    )))
}

fn unchanged(expected: &Tables, database: &Database) -> TestCaseResult {
    let differences = expected.differences(&database.tables());
    if differences.is_empty() {
        return Ok(());
    }
    Err(TestCaseError::fail(differences.join("\n")))
}

/// Sends the batch of an attempt as [`settle`] and [`d1::write`] do.
fn send(database: &Database, case: &Case, rewrite: Rewrite<'_>) -> Result<Answer, TestCaseError> {
    let origin = Origin {
        place: Some(PLACE.to_owned()),
        ip: Some("192.0.2.7".to_owned()),
        user_agent: None,
        request_id: "request".to_owned(),
    };
    let (batch, provisos) = batch(UnixTime(NOW), &origin, settlement(case)).unwrap();
    let (statements, writes) = batch.statements();
    let rows = match database.batch(&statements, case.clock, rewrite) {
        Ok(mut rows) => rows.split_off(writes),
        Err(why) if why.contains("event.id") => {
            let reads: Vec<_> = batch.reads.iter().collect();
            database.batch(&reads, case.clock, rewrite).unwrap()
        }
        Err(why) if why.contains("malformed JSON") => return Ok(Answer::WrongClock),
        Err(why) => return Err(TestCaseError::fail(why)),
    };
    let row = first(&rows[0]);
    let settled = settled(row, Rows::default(), &provisos.attempt, UnixTime(NOW));
    Ok(
        match settled.map_err(|_| TestCaseError::fail("the reply cannot be read"))? {
            Settled::Gone => Answer::Gone,
            Settled::Judged(judgment) => {
                let told = match judgment.accepted_or_refused() {
                    Err(Refusal::NotAcceptedBecause(hint)) => Some(hint),
                    _ => None,
                };
                let used_up = UsedUp(judgment.used_up);
                Answer::Judged(judgment.outcome, judgment.trust, told, used_up)
            }
            Settled::Spent => Answer::Spent,
            Settled::Stale(_) => Answer::Stale,
            Settled::Closed(Closed::Until(until)) => Answer::Throttled(until.0),
            Settled::Closed(Closed::Disabled) => Answer::Disabled,
            Settled::Closed(Closed::TooCostly) => Answer::TooCostly,
        },
    )
}

/// With the effects of a sign-in, and of a change of factors.
fn settlement(case: &Case) -> Settlement {
    let device = case.attempt.device.as_ref().map(|device| device.id);
    let mut effects = vec![effect!(sessions::OPEN, {
        event: text(EVENT),
        session: text(NEW_SESSION),
        token_hash: "new",
        evidence: NEW_EVIDENCE,
        grounds: NEW_GROUNDS,
        enrolling: false,
        surface: Value::Null,
        user_agent: Value::Null,
        trusting: device.is_some(),
        reset: Value::Null,
    })];
    if let Some(device) = device {
        effects.extend([
            effect!(trusted_devices::ROTATE, EVENT, text(device), "next"),
            effect!(trusted_devices::END_SERIES, EVENT, text(device)),
            effect!(
                mail::REUSED_TOKEN,
                EVENT,
                PLACE,
                mail::Kind::TrustedDeviceReused.as_str()
            ),
        ]);
    }
    effects.push(effect!(
        mail::POSSIBLE_CLONE,
        EVENT,
        PLACE,
        mail::Kind::PossibleClone.as_str()
    ));
    effects.push(effect!(
        mail::WRONG_PROOF,
        EVENT,
        PLACE,
        mail::Kind::SecondFactorFailed.as_str(),
        NOW
    ));
    if let Some(survivors) = case.survivors {
        effects.extend(survivors.effects(EVENT));
    }
    Settlement {
        event: EVENT,
        action: Action::SignInVerify,
        provisos: the_same(&case.attempt),
        subject: device.map(|_| DEVICE.to_string()),
        keeps: false,
        detail: EventDetail::default(),
        effects,
        reads: vec![],
    }
}

/// What only a batch that is sent again may do: decide by an attempt that was made before.
fn the_same(provisos: &Provisos) -> Provisos {
    let attempt = &provisos.attempt;
    Provisos {
        attempt: Attempt {
            throttle: attempt.throttle,
            method: attempt.method,
            cost: attempt.cost,
            finding: attempt.finding.clone(),
            evidence: attempt.evidence.clone(),
            flaw: attempt.flaw,
            hint: attempt.hint,
            rekey: attempt.rekey.clone(),
        },
        challenge: provisos.challenge.clone(),
        session: provisos.session.clone(),
        device: provisos.device.clone(),
        ..*provisos
    }
}

fn kind(answer: &Answer) -> String {
    match answer {
        Answer::Judged(Outcome::Accepted, Some(trust), ..) => format!("Accepted, {trust:?}"),
        Answer::Judged(outcome, _, Some(told), _) => format!("{outcome:?}, {told:?}"),
        Answer::Judged(outcome, ..) => format!("{outcome:?}"),
        Answer::Throttled(_) => "Throttled".to_owned(),
        other => format!("{other:?}"),
    }
}
