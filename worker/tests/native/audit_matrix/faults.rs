//! No change without its event, and no event without its change (REQUIREMENTS L5; ATTACKS A90, A97): each row's request,
//! while each of its statements fails, and while each of its answers is lost.

use std::collections::BTreeMap;

use postern_worker::platform::native::DatabaseFault::{self, AnswerLost, Fails, FailsAt};
use rusqlite::Connection;
use serde_json::Value;

use super::{Case, cases, events::Log, stage::Stage};
use crate::world::World;

/// The rows of every table, without the last use of sessions.
type Tables = BTreeMap<String, Vec<Value>>;

fn tables(world: &World) -> Tables {
    let read = |sql: &str| {
        let read =
            |database: &Connection| database.query_row(sql, [], |row| row.get::<_, String>(0));
        world.native.database.with(read).unwrap()
    };
    let names = read("SELECT json_group_array(name) FROM sqlite_schema WHERE type = 'table'");
    let names: Vec<String> = serde_json::from_str(&names).unwrap();
    let contents = |name: String| {
        let columns = read(&format!(
            "SELECT group_concat('\"' || name || '\"') FROM pragma_table_info('{name}') WHERE name <> 'last_used_at'"
        ));
        let rows = read(&format!(
            "SELECT json_group_array(json_array({columns})) FROM \"{name}\""
        ));
        (name, serde_json::from_str(&rows).unwrap())
    };
    names.into_iter().map(contents).collect()
}

/// What came of a request.
struct Outcome {
    status: u16,
    /// What was recorded before the reply.
    recorded: Vec<String>,
    /// Tables that are not as they were, with how many rows they have now; but for events.
    changed: BTreeMap<String, usize>,
}

impl Outcome {
    fn of(stage: &Stage, case: &Case, faults: &[(usize, DatabaseFault)]) -> Self {
        let stage = stage.copy();
        let (before, last) = (tables(&stage.world), Log::last(&stage.world));
        stage.world.native.database.set_faults(faults);
        let answer = (case.ask)(&stage);
        stage.world.native.database.set_faults(&[]);
        let after = tables(&stage.world).into_iter();
        let changed = after.filter(|(name, rows)| name != "event" && before[name] != *rows);
        let mut recorded = Log::after(&stage.world, last).told();
        recorded.retain(|event| !is_late(event));
        Self {
            status: answer.status,
            recorded,
            changed: changed.map(|(name, rows)| (name, rows.len())).collect(),
        }
    }
}

/// Whether it is recorded after the reply, best effort.
fn is_late(event: &str) -> bool {
    [
        "challenge.open",
        "enrollment.start accepted by user on mia; passkey",
        "password.forgotten",
    ]
    .iter()
    .any(|late| event.starts_with(late))
}

/// What came of all faults.
#[derive(Default)]
struct Tally {
    faults: usize,
    mismatches: Vec<String>,
}

impl Tally {
    /// The request of `case` under `faults`: all that comes of it otherwise, or nothing of it, and then it says so.
    fn meet(
        &mut self,
        stage: &Stage,
        case: &Case,
        otherwise: &Outcome,
        faults: &[(usize, DatabaseFault)],
    ) {
        let found = Outcome::of(stage, case, faults);
        let nothing = found.recorded.is_empty() && found.changed.is_empty();
        let all = (&found.recorded, &found.changed) == (&otherwise.recorded, &otherwise.changed);
        self.faults += 1;
        if !(all && found.status == otherwise.status || (all || nothing) && found.status == 503) {
            self.mismatches.push(format!(
                "{}, {}, {faults:?}: {} {:?} {:?}",
                case.route, case.about, found.status, found.recorded, found.changed
            ));
        }
    }
}

/// The same from trip `from` on: it is sent again, and fails again.
fn from_then_on(from: usize, fault: DatabaseFault) -> Vec<(usize, DatabaseFault)> {
    (from..from + 12).map(|trip| (trip, fault)).collect()
}

#[test]
fn a90_a97_a_thousand_faults_leave_no_change_without_its_event_and_no_event_without_its_change() {
    let (base, mut tally) = (Stage::new(), Tally::default());
    for case in cases() {
        let mut stage = base.copy();
        (case.prepare)(&mut stage);
        let trips = (case.ask)(&stage.copy()).statements;
        let otherwise = Outcome::of(&stage, case, &[]);
        for (at, statements) in trips.iter().enumerate() {
            let trip = at + 1;
            for number in 1..=statements.len() {
                tally.meet(
                    &stage,
                    case,
                    &otherwise,
                    &from_then_on(trip, FailsAt(number)),
                );
            }
            tally.meet(&stage, case, &otherwise, &[(trip, AnswerLost)]);
            let lost = [vec![(trip, AnswerLost)], from_then_on(trip + 1, Fails)].concat();
            tally.meet(&stage, case, &otherwise, &lost);
        }
    }
    println!(
        "{} faults, {} mismatches",
        tally.faults,
        tally.mismatches.len()
    );
    assert!(
        tally.mismatches.is_empty(),
        "{}",
        tally.mismatches.join("\n")
    );
    assert!(tally.faults >= 1000, "{}", tally.faults);
}

/// The statement that records is the one that fails.
#[test]
fn a90_a_route_that_cannot_record_changes_nothing_and_says_503() {
    let base = Stage::new();
    for case in cases().filter(|case| case.events.iter().any(|event| !is_late(event))) {
        let mut stage = base.copy();
        (case.prepare)(&mut stage);
        stage.world.run(
            "CREATE TRIGGER no_record BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'no record today'); END",
        );
        let before = tables(&stage.world);
        let answer = (case.ask)(&stage);
        assert_eq!(
            answer.status, 503,
            "{}, {}: {}",
            case.route, case.about, answer.body
        );
        assert_eq!(answer.body["code"], Value::from("unavailable"));
        assert_eq!(
            tables(&stage.world),
            before,
            "{}, {}",
            case.route,
            case.about
        );
    }
}
