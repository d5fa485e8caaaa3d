//! `docs/audit-events.md`, which is made from the matrix.

use std::{env, fmt::Write as _, fs, path::Path};

use super::{Case, cases};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/audit-events.md");

const ABOUT: &str = "\
# What the audit log records

Which event each request records, in each way that it can end. This page is made from the matrix that the tests check
(`worker/tests/native/audit_matrix/`); after a change of it, `POSTERN_WRITE_PAGE=1 cargo test -p postern-worker --test
native -- the_page` writes it anew.

An event is committed with the change that it records, so there is none without the other. It has the time, the
organization, who acted, whom it concerns, the action, the outcome, the method and the authenticator where one took
part, the address, the browser and the request; where a setting changed, also its old and its new value. It never holds a
secret, a code, a token, a nonce or a cookie, not even hashed.

- **Who acted**: `user` (whom it concerns), `owner` or `admin` with their name, `application`, `operator` (who has the
  set-up code), `system` (the scheduled job).
- **Whom it concerns**: a person, or the organization where there is none.
- **Refused attempts** are proofs that do not hold, and requests of somebody signed in that are above them
  (`access.refuse`, sixty an hour of one person as long as they do nothing else). What is malformed, missing, in
  conflict with the state, against the policy or in need of a fresh proof is no attempt, and strangers write nothing but
  wrong passwords, which a throttle counts. A closed throttle writes nothing; the refusal that closes it says so: `closes`
  is `for_a_day`, or `until_enabled` by another factor.
- **Recorded after the reply**, best effort, since nothing changed: challenges that were opened, passkeys that were
  begun. A forgotten password is recorded with its link after the reply, too.
- The scheduled job records `policy.grace_over` once for each deadline, and `keys.move` where secrets moved to another
  root key.

| request | how it ends | recorded: action, outcome | by | concerns | method | about | detail |
| --- | --- | --- | --- | --- | --- | --- | --- |
";

/// A line for each event, and one where there is none.
fn lines(case: &Case, page: &mut String) {
    let Case { route, about, .. } = case;
    if case.events.is_empty() {
        writeln!(page, "| `{route}` | {about} | nothing | | | | | |").unwrap();
    }
    for event in case.events {
        let (what, rest) = event.split_once(" by ").unwrap();
        let (by, rest) = rest.split_once(" on ").unwrap();
        let parts: Vec<&str> = rest.split("; ").map(named).collect();
        let (action, outcome) = what.split_once(' ').unwrap();
        let by = by.split(':').next().unwrap();
        let parts = parts.join(" | ");
        writeln!(
            page,
            "| `{route}` | {about} | `{action}` {outcome} | {by} | {parts} |"
        )
        .unwrap();
    }
}

/// People have names only in the tests.
fn named(part: &str) -> &str {
    match part {
        "-" => "",
        "olga" | "adam" | "mia" | "nina" | "bea" | "zoe" => "the person",
        "a stranger" => "a name that no user has, or a deleted person",
        part => part,
    }
}

#[test]
fn the_page_of_events_is_made_from_the_matrix() {
    let mut page = ABOUT.to_owned();
    for case in cases() {
        lines(case, &mut page);
    }
    if env::var_os("POSTERN_WRITE_PAGE").is_some() {
        fs::write(Path::new(PAGE), &page).unwrap();
    }
    assert!(
        fs::read_to_string(PAGE).unwrap_or_default() == page,
        "docs/audit-events.md is not of this matrix"
    );
}
