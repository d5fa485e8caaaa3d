//! What is left under which root key, as the log says it: an operator drops a key when nothing is.

use std::{collections::BTreeMap, sync::Arc};

use postern::sealing::Keys;
use serde::Deserialize;

use crate::{
    http::problem::Problem,
    platform::{log, note},
    store::d1::{self, Database, Statement},
};

/// Rows of one kind under one key.
#[derive(Deserialize)]
struct Count {
    kind: String,
    key: String,
    rows: u64,
}

/// Writes the report. Rows under the writing key are not counted: there are as many as people.
///
/// # Errors
/// `unavailable`.
pub async fn write(database: &Arc<dyn Database>, keys: &Keys, moved: usize) -> Result<(), Problem> {
    let writer = || keys.writer().id().into();
    let statements = [
        Statement::new(BELOW, [writer()]),
        Statement::new(ABOVE, [writer()]),
    ];
    let mut rows = d1::run(database, &statements).await?;
    let mut counts = rows.all::<Count>()?;
    counts.extend(rows.all::<Count>()?);
    if moved > 0 {
        note(&format!(
            "keys: {moved} rows moved to {}",
            keys.writer().id()
        ));
    }
    for line in lines(keys, &counts) {
        match line {
            Line::Left(text) => note(&text),
            Line::Missing(text) => log(&text),
        }
    }
    Ok(())
}

/// A line of the report.
#[derive(Debug, PartialEq, Eq)]
enum Line {
    /// Of a key that is there.
    Left(String),
    /// Of one that is not: what is under it cannot be read.
    Missing(String),
}

fn lines(keys: &Keys, counts: &[Count]) -> Vec<Line> {
    let mut by_key: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for key in keys.iter().skip(1) {
        by_key.insert(key.id(), vec![]);
    }
    for Count { kind, key, rows } in counts {
        let line = by_key.entry(key).or_default();
        line.push(format!("{kind} {rows}"));
    }
    let line = |(key, rows): (&str, Vec<String>)| {
        let rows = rows.join(", ");
        match (key, &*rows) {
            ("", _) => Line::Left(format!("keys: of a key that is not known yet: {rows}")),
            (_, "") => Line::Left(format!("keys: {key}: no rows, it can be dropped")),
            _ if keys.find(key).is_ok() => Line::Left(format!("keys: {key}: {rows}")),
            _ => Line::Missing(format!("keys: {key} is missing: {rows}")),
        }
    };
    by_key.into_iter().map(line).collect()
}

/// ?1 writing key
const BELOW: &str = "
SELECT kind, key, count(*) AS rows FROM keyed_row WHERE key < ?1 GROUP BY kind, key";

/// ?1 writing key
const ABOVE: &str = "
SELECT kind, key, count(*) AS rows FROM keyed_row WHERE key > ?1 GROUP BY kind, key";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_report_says_what_is_left_under_which_key_and_which_can_be_dropped() {
        let key = |id: &str, byte: u8| {
            let bytes = [byte; 32];
            format!("{id}:{}=", postern::base64url::encode(&bytes))
        };
        let ring = [key("k3", 3), key("k2", 2), key("k1", 1)].join(",");
        let keys = Keys::parse(&ring).unwrap();
        let count = |kind: &str, key: &str, rows| Count {
            kind: kind.to_owned(),
            key: key.to_owned(),
            rows,
        };
        let counts = [
            count("totp", "", 5),
            count("totp", "k0", 2),
            count("backup_codes", "k2", 40),
            count("password", "k2", 312),
        ];
        let left = |text: &str| Line::Left(text.to_owned());
        assert_eq!(
            lines(&keys, &counts),
            [
                left("keys: of a key that is not known yet: totp 5"),
                Line::Missing("keys: k0 is missing: totp 2".to_owned()),
                left("keys: k1: no rows, it can be dropped"),
                left("keys: k2: backup_codes 40, password 312"),
            ]
        );
        assert_eq!(lines(&Keys::parse(&key("k1", 1)).unwrap(), &[]), []);
    }
}
