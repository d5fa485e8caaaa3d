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

use std::{cell::RefCell, collections::BTreeMap};

use postern::ids::{MailId, SessionId};
use proptest::test_runner::{
    Config, RngAlgorithm, TestCaseError, TestCaseResult, TestRng, TestRunner,
};

use super::*;
use crate::{mail, sessions, trusted_devices};
use cases::{Case, DEVICE, EVENT, NOW, cases};
use database::{Database, Rewrite, Tables, first};
use model::Answer;

const CASES: u32 = 4_000;

const NOW_MS: u64 = NOW * 1000;
const NEW_SESSION: SessionId = SessionId::from_entropy([20; 16]);
const NEW_EVIDENCE: &str = r#"[{"method":"password","at":1}]"#;
const WARNING: MailId = MailId::from_entropy([21; 16]);
const CLONE_NOTICE: MailId = MailId::from_entropy([23; 16]);
const REUSE_NOTICE: MailId = MailId::from_entropy([22; 16]);

#[test]
fn a_settlement_does_what_its_rules_say() {
    let seen = RefCell::new(BTreeMap::new());
    let checked = check(&str::to_owned, |answer| {
        *seen.borrow_mut().entry(kind(answer)).or_insert(0_u32) += 1;
    });
    assert_eq!(checked, Ok(()));
    // Every answer there is, often enough to mean something.
    let seen = seen.into_inner();
    assert_eq!(seen.len(), 18, "{seen:?}");
    println!("{seen:?}");
    assert!(seen.values().all(|times| *times >= 10), "{seen:?}");
}

#[test]
fn a_missing_gate_is_noticed() {
    let unnoticed: Vec<_> = gates::GATES
        .iter()
        .filter(|gate| check(&|sql| gate.missing_in(sql), |_| ()).is_ok())
        .map(|gate| gate.text)
        .collect();
    assert!(unnoticed.is_empty(), "{unnoticed:#?}");
}

fn check(rewrite: Rewrite<'_>, see: impl Fn(&Answer)) -> Result<(), String> {
    let database = Database::new();
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

    if case.moved_meanwhile {
        database.run("UPDATE user SET version = version + 1");
        after = database.tables();
    }
    let again = send(database, case, rewrite)?;
    match answer {
        Answer::Judged(..) => same(&answer, &again)?,
        _ if case.moved_meanwhile && answer != Answer::Gone => same(&Answer::Stale, &again)?,
        _ => same(&answer, &again)?,
    }
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
        ip: Some("192.0.2.7".to_owned()),
        user_agent: None,
        request_id: "request".to_owned(),
    };
    let settlement = settlement(case);
    let closing = closing(&settlement);
    let mut batch = opening(UnixTime(NOW), &origin, &settlement);
    batch.extend(settlement.effects);
    let writes = batch.len();
    batch.extend(closing.iter().cloned());

    let rows = match database.batch(&batch, rewrite) {
        Ok(mut rows) => rows.split_off(writes),
        Err(why) if why.contains("event.id") => database.batch(&closing, rewrite).unwrap(),
        Err(why) => return Err(TestCaseError::fail(why)),
    };
    let settled = settled(
        first(&rows[0]),
        first(&rows[1]),
        Rows::default(),
        UnixTime(NOW),
    );
    Ok(
        match settled.map_err(|_| TestCaseError::fail("the reply cannot be read"))? {
            Settled::Gone => Answer::Gone,
            Settled::Judged(judgment) => Answer::Judged(judgment.outcome, judgment.trust),
            Settled::Stale(_) => Answer::Stale,
            Settled::Throttled { until } => Answer::Throttled(until.0),
            Settled::TooCostly => Answer::TooCostly,
        },
    )
}

/// With the effects of a sign-in, and of a change of factors.
fn settlement(case: &Case) -> Settlement {
    let device = case.attempt.device.as_ref().map(|device| device.id);
    let mut effects = vec![Statement::new(
        sessions::OPEN,
        [
            text(EVENT),
            text(NEW_SESSION),
            "new".into(),
            NEW_EVIDENCE.into(),
            7_u32.into(),
            false.into(),
            Value::Null,
            Value::Null,
            device.is_some().into(),
        ],
    )];
    if let Some(device) = device {
        let (event, device) = (text(EVENT), text(device));
        effects.extend([
            Statement::new(
                trusted_devices::ROTATE,
                [event.clone(), device.clone(), "next".into()],
            ),
            Statement::new(trusted_devices::END_SERIES, [event.clone(), device]),
            Statement::new(mail::REUSED_TOKEN, [event, text(REUSE_NOTICE)]),
        ]);
    }
    effects.push(Statement::new(
        mail::POSSIBLE_CLONE,
        [text(EVENT), text(CLONE_NOTICE)],
    ));
    effects.push(Statement::new(
        mail::WRONG_PROOF,
        [text(EVENT), text(WARNING), NOW.into()],
    ));
    if case.moves_version {
        effects.push(Statement::new(
            sessions::MOVE_VERSION,
            [text(EVENT), NOW_MS.into()],
        ));
    }
    Settlement {
        event: EVENT,
        action: Action::SignInVerify,
        provisos: case.attempt.clone(),
        subject: device.map(|_| DEVICE.to_string()),
        opened_at: None,
        effects,
        reads: vec![],
    }
}

fn kind(answer: &Answer) -> String {
    match answer {
        Answer::Judged(Outcome::Accepted, Some(trust)) => format!("Accepted, {trust:?}"),
        Answer::Judged(outcome, _) => format!("{outcome:?}"),
        Answer::Throttled(_) => "Throttled".to_owned(),
        other => format!("{other:?}"),
    }
}
