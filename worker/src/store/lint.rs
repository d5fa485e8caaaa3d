//! Every statement of the Worker that writes, found in its source: each selects from the event of
//! its batch, or stands in a list with the reason why it may run twice.

#![allow(clippy::unwrap_used)]

use std::{collections::BTreeSet, fs, path::Path};

use super::batch::is_effect;

const VERBS: [&str; 4] = ["INSERT INTO ", "UPDATE ", "DELETE FROM ", "REPLACE INTO "];

/// Statements that run without an event: file, name, and why a second run after a lost answer does
/// no harm.
const WITHOUT_EVENT: [(&str, &str, &str); 24] = [
    (
        "live_session.rs",
        "NOTE_USE",
        "the last use is that of the last request",
    ),
    ("sweep.rs", "SPENT", STAYS_OVER),
    ("sweep.rs", "SESSIONS", STAYS_OVER),
    ("sweep.rs", "ENROLLMENTS", STAYS_OVER),
    ("sweep.rs", "DEVICES", STAYS_OVER),
    ("sweep.rs", "COUNTERS", STAYS_OVER),
    ("sweep.rs", "UNKNOWN_ORGANIZATIONS", STAYS_OVER),
    ("sweep.rs", "SENT_MAIL", STAYS_OVER),
    ("sweep.rs", "FAILED_MAIL", STAYS_OVER),
    (
        "claim.rs",
        "TAKE",
        "what was taken and not sent is tried when the claim is over",
    ),
    ("retention.rs", "BEGIN_LATER", STAYS_OVER),
    ("retention.rs", "CHECKPOINTS", STAYS_OVER),
    ("retention.rs", "EVENTS", STAYS_OVER),
    (
        "retention.rs",
        "TAKE_OUT",
        "what was taken out is not there any more",
    ),
    ("seal.rs", "WRITE", SEALS_ONCE),
    ("seal.rs", "KEY", "a key that is there stays as it is"),
    ("seal.rs", "MOVE", SEALS_ONCE),
    ("claim.rs", "SENT", MARKS_ONCE),
    ("claim.rs", "FAILED", MARKS_ONCE),
    ("resealing.rs", "MOVE_AUTHENTICATORS", MOVES_ONCE),
    ("resealing.rs", "MOVE_ENROLLMENTS", MOVES_ONCE),
    ("resealing.rs", "MOVE_PASSWORD", MOVES_ONCE),
    ("resealing.rs", "RECORD_AUTHENTICATORS", IS_RECORDED_ONCE),
    ("resealing.rs", "RECORD_ENROLLMENTS", IS_RECORDED_ONCE),
];

const STAYS_OVER: &str = "what is over stays over";

const SEALS_ONCE: &str = "only while all is sealed up to the place where it begins";

const MARKS_ONCE: &str = "a mail is marked only while it bears the claim";

const MOVES_ONCE: &str = "a row moves only while it holds what was read";

const IS_RECORDED_ONCE: &str = "what moved in a batch has one event in an organization";

#[test]
fn whatever_writes_selects_from_its_event() {
    let mut found = Vec::new();
    in_folder(
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")),
        &mut found,
    );
    assert!(found.len() > 40, "{}", found.len());
    let without: BTreeSet<_> = found
        .iter()
        .filter(|writing| !writing.is_good())
        .map(|writing| (&*writing.file, &*writing.name))
        .collect();
    let expected = WITHOUT_EVENT.map(|(file, name, _)| (file, name));
    assert_eq!(without, BTreeSet::from(expected));
}

#[test]
fn a_planted_statement_is_found() {
    let good = r#"const A: &str = "
UPDATE user SET version = 1 FROM accepted e WHERE e.id = ?1";"#;
    assert!(in_text("", good).iter().all(Writing::is_good));
    for bad in [
        r#"const A: &str = "UPDATE user SET version = 1 WHERE id = ?1";"#,
        r#"const A: &str = "
DELETE FROM user WHERE organization IN (SELECT organization FROM accepted) AND name = ?1";"#,
        r#"const A: &str = "
INSERT INTO event (id) SELECT ?1 FROM event WHERE id = ?1";"#,
        r#"run("REPLACE INTO user SELECT * FROM user u")"#,
        r#"const A: &str = "
INSERT INTO mail SELECT id FROM accepted e WHERE e.id = :event
UNION ALL
SELECT id FROM user";"#,
    ] {
        let found = in_text("", bad);
        assert_eq!(found.len(), 1, "{bad}");
        assert!(!found.iter().any(Writing::is_good), "{bad}");
    }
}

/// A statement that writes.
struct Writing {
    file: String,
    /// Of the constant.
    name: String,
    sql: String,
}

impl Writing {
    fn is_good(&self) -> bool {
        // Events are recorded by texts of `recording_text!`, which do not begin so; another one may
        // follow from one that was accepted.
        let records = self.sql.trim_start().starts_with("INSERT INTO event");
        is_effect(&self.sql) && (!records || self.sql.contains("FROM accepted e WHERE e.id = "))
    }
}

fn in_folder(folder: &Path, found: &mut Vec<Writing>) {
    let entries = fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "tests" {
            in_folder(&path, found);
        } else if name.ends_with(".rs") && name != "lint.rs" && name != "tests.rs" {
            found.extend(in_text(&name, &fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The string literals of a source that begin with a verb of writing.
fn in_text(file: &str, source: &str) -> Vec<Writing> {
    let mut found = Vec::new();
    for (at, _) in source.match_indices('"') {
        let (before, literal) = source.split_at(at);
        let sql = literal.trim_start_matches('"').trim_start();
        if !VERBS.iter().any(|verb| sql.starts_with(verb)) {
            continue;
        }
        let words = before.rsplit_once("const ").map_or("", |(_, name)| name);
        found.push(Writing {
            file: file.to_owned(),
            name: words.split(':').next().unwrap_or_default().to_owned(),
            sql: sql.split('"').next().unwrap_or_default().to_owned(),
        });
    }
    found
}
