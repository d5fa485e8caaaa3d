#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used
)]
use pollster::block_on;
use postern::{
    ids::{AuthenticatorId, EnrollmentId, OrganizationId, UserId},
    policy::Policy,
    sealing::key_of,
    totp::Parameters,
};
use rusqlite::params;

use super::*;
use crate::platform::native::{DatabaseFault, Native};

const K1: &str = "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
const K2: &str = "k2:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";
/// Not a full hour.
const NOW: UnixTime = UnixTime(1_800_000_060);

fn keys(ring: &[&str]) -> Keys {
    Keys::parse(&ring.join(",")).unwrap()
}

/// Users with one authenticator app each, sealed under `keys`, but for the first `damaged`, whose
/// secret is another's; every hundredth has an enrollment too.
fn world(keys: &Keys, users: u32, damaged: u32) -> Native {
    let native = Native::new(NOW.0 * 1000, 7, &[]);
    let organization = OrganizationId::from_entropy([1; 16]).to_string();
    native.database.with(|connection| {
        connection
            .execute(
                "INSERT INTO organization (id, external_id, created_at, name, policy, policy_version, trust_epoch)
                 VALUES (?1, 'acme', 0, 'Acme', ?2, 1, 1)",
                params![organization, serde_json::to_string(&Policy::default()).unwrap()],
            )
            .unwrap();
        for n in 0..users {
            let bytes = || {
                let mut bytes = [0; 16];
                bytes[..4].copy_from_slice(&n.to_be_bytes());
                bytes
            };
            let user = UserId::from_entropy(bytes()).to_string();
            let sealed = |id: &str| {
                let secret = format!("secret number {n:06}");
                let user = if n < damaged { "another" } else { &user };
                let place = Place {
                    purpose: Purpose::TotpSecret,
                    path: &[&organization, user, id],
                };
                keys.seal(&place, [7; _], secret.as_bytes())
            };
            connection
                .execute(
                    "INSERT INTO user (organization, id, external_id, created_at, version, username, role, groups, state, handle)
                     VALUES (?1, ?2, ?2, 0, 7, ?2, 'member', '[]', 'active', ?3)",
                    params![organization, user, "A".repeat(43)],
                )
                .unwrap();
            let id = AuthenticatorId::from_entropy(bytes()).to_string();
            let key = if n % 3 == 0 { "" } else { keys.writer().id() };
            connection
                .execute(
                    "INSERT INTO authenticator (organization, user, id, kind, created_at, name, secret, key, parameters, last_step)
                     VALUES (?1, ?2, ?3, 'totp', 0, 'Phone', ?4, ?5, ?6, 0)",
                    params![organization, user, id, sealed(&id).unwrap(), key, serde_json::to_string(&Parameters::DEFAULT).unwrap()],
                )
                .unwrap();
            if n % 100 == 99 {
                let id = EnrollmentId::from_entropy(bytes()).to_string();
                connection
                    .execute(
                        "INSERT INTO enrollment (organization, user, id, session, secret, key, started_at, expires_at)
                         VALUES (?1, ?2, ?3, 's', ?4, ?5, 0, 600)",
                        params![organization, user, id, sealed(&id).unwrap(), key],
                    )
                    .unwrap();
            }
        }
    });
    native
}

/// How many rows are under key `id`; each opens in its place, to what it always held, and is under
/// the key that its column says.
fn under(native: &Native, keys: &Keys, id: &str) -> usize {
    let rows = native.database.with(|connection| {
        let sql = "SELECT organization, user, id, secret, key FROM authenticator
                   UNION ALL SELECT organization, user, id, secret, key FROM enrollment";
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| {
            Ok([
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
            ])
        });
        rows.unwrap()
            .collect::<rusqlite::Result<Vec<[String; 5]>>>()
            .unwrap()
    });
    let mut found = 0;
    for [organization, user, row, secret, key] in rows {
        let place = Place {
            purpose: Purpose::TotpSecret,
            path: &[&organization, &user, &row],
        };
        let Ok(plaintext) = keys.open(&place, &secret) else {
            continue;
        };
        assert!(plaintext.starts_with(b"secret number "));
        let sealed_under = key_of(&secret).unwrap();
        assert!(
            key.is_empty() || key == sealed_under,
            "{key} {sealed_under}"
        );
        found += usize::from(sealed_under == id);
    }
    found
}

fn versions_moved(native: &Native) -> u32 {
    let sql = "SELECT count(*) FROM user WHERE version <> 7";
    native
        .database
        .with(|connection| connection.query_row(sql, [], |row| row.get(0)).unwrap())
}

/// How many rows moved, as the audit log has it.
fn recorded(native: &Native) -> usize {
    let sql = "
        SELECT total(detail ->> 'authenticators') + total(detail ->> 'enrollments') FROM event
        WHERE action = 'keys.move' AND actor = 'system' AND detail ->> 'key' = 'k2'";
    let moved: f64 = native
        .database
        .with(|connection| connection.query_row(sql, [], |row| row.get(0)).unwrap());
    format!("{moved}").parse().unwrap()
}

#[test]
fn a92_rows_move_in_portions_and_what_does_not_open_is_in_no_way() {
    let ring = keys(&[K2, K1]);
    let native = world(&keys(&[K1]), 2_000, 250);
    let platform = native.platform();
    let readable = 2_000 - 250 + 20 - 2;
    assert_eq!(under(&native, &ring, "k1"), readable);
    let mut left = readable;
    for _ in 0..4 {
        native.database.take_trips();
        let moved = block_on(move_rows(&platform, &ring)).unwrap();
        let trips = native.database.take_trips().len();
        assert!(trips <= 10, "{trips}");
        assert!(moved <= 4_000, "{moved}");
        left -= moved;
        assert_eq!(under(&native, &ring, "k1"), left);
        assert_eq!(under(&native, &ring, "k2"), readable - left);
        assert_eq!(recorded(&native), readable - left);
    }
    assert_eq!(left, 0);
    assert_eq!(versions_moved(&native), 0);
    // The old key opens nothing any more, and is not needed.
    assert_eq!(under(&native, &keys(&[K2]), "k2"), readable);
}

#[test]
fn a92_where_nothing_is_to_do_the_job_asks_once() {
    let ring = keys(&[K2, K1]);
    let native = world(&ring, 30, 0);
    let platform = native.platform();
    block_on(run(&platform, &ring, NOW)).unwrap();
    native.database.take_trips();
    block_on(run(&platform, &ring, NOW)).unwrap();
    assert_eq!(native.database.take_trips().len(), 1);
    assert_eq!(under(&native, &ring, "k2"), 30);
}

#[test]
fn a92_a_job_that_dies_anywhere_leaves_each_row_under_one_key() {
    let ring = keys(&[K2, K1]);
    for fault in [DatabaseFault::Fails, DatabaseFault::AnswerLost] {
        for trip in 1..=6 {
            let native = world(&keys(&[K1]), 450, 0);
            let platform = native.platform();
            // From this trip on nothing comes back.
            let faults: Vec<_> = (trip..100).map(|trip| (trip, fault)).collect();
            native.database.set_faults(&faults);
            let died = block_on(run(&platform, &ring, NOW));
            native.database.set_faults(&[]);
            let (old, new) = (under(&native, &ring, "k1"), under(&native, &ring, "k2"));
            assert_eq!(old + new, 454, "{fault:?} {trip}");
            assert_eq!(recorded(&native), new, "{fault:?} {trip}");
            assert_eq!(died.is_ok(), trip > 5, "{fault:?} {trip}");
            block_on(run(&platform, &ring, NOW)).unwrap();
            assert_eq!(under(&native, &ring, "k2"), 454, "{fault:?} {trip}");
            assert_eq!(recorded(&native), 454, "{fault:?} {trip}");
        }
    }
}

#[test]
fn a92_a_job_that_was_overtaken_changes_nothing() {
    let (first, second) = (keys(&[K2, K1]), keys(&[K1, K2]));
    let native = world(&keys(&[K1]), 20, 0);
    let platform = native.platform();
    let page = Page {
        table: TABLES[0],
        key: "k1",
        after: Default::default(),
    };
    let mut found = block_on(d1::run(&platform.database, &[page.statement()])).unwrap();
    let movements = movements(&platform, &first, found.all().unwrap()).unwrap();
    let slow = TABLES[0].moving(&first, &movements).unwrap();
    assert_eq!(movements.len(), 13);
    // Another was faster, and one of a deployment that still writes with the old key after it.
    block_on(move_rows(&platform, &first)).unwrap();
    block_on(move_rows(&platform, &second)).unwrap();
    let before = under(&native, &first, "k1");
    let mut done = block_on(d1::run(&platform.database, &[slow])).unwrap();
    assert_eq!(done.all::<Moved>().unwrap().len(), 0);
    assert_eq!((before, under(&native, &first, "k1")), (20, 20));
}
