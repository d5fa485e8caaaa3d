//! The whole router in one native thread: request in, response out, over SQLite. What each route
//! costs in trips is what `tests/api/trips.test.ts` finds in workerd.
#![cfg(not(target_family = "wasm"))]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod audit_events;
mod audit_log;
mod audit_matrix;
mod audit_reading;
mod clocks;
mod conflicts;
mod delivery;
mod edits;
mod exports;
mod finding;
mod forgotten;
mod help_requests;
mod helping;
mod interrupted;
mod invitations;
mod mailed;
mod not_me;
mod numbers;
mod outgoing_mail;
mod overview;
mod pages;
mod passkey;
mod people;
mod person_page;
mod prompts;
mod resets;
mod selections;
mod set_up;
mod settings;
mod walls;
mod world;

use http::Method;
use postern::totp::TotpSecret;
use postern_worker::platform::{
    Timer as _,
    native::{DatabaseFault, Found},
};
use serde_json::json;

use world::{ANN, KEY, NEWER_KEY, PASSWORD, World};

#[test]
fn trips_are_those_of_workerd() {
    let mut world = World::with_ann();
    let without = world.sign_in();
    assert_eq!(
        (without.status, without.trips),
        (200, 2),
        "{}",
        without.body
    );
    let secret = world.enroll();
    world.wait(60);
    let asked = world.sign_in();
    assert_eq!(asked.body["decision"], "challenge");
    assert!(asked.trips <= 2);
    let challenge = &asked.body["challenge"]["token"];
    let wrong = world.verify(challenge, "000000");
    assert_eq!((wrong.status, wrong.trips), (401, 1), "{}", wrong.body);
    let right = world.verify(challenge, &world.code(&secret));
    assert_eq!((right.status, right.trips), (200, 1), "{}", right.body);
    let token = right.body["session"]["token"].as_str().unwrap();
    let me = world.call(Method::GET, "/v1/me", Some(token), None);
    assert_eq!((me.status, me.trips), (200, 1), "{}", me.body);
    let again = world.verify(challenge, &world.code(&secret));
    assert_eq!(again.status, 410, "{}", again.body);
}

#[test]
fn a_question_makes_no_trip_and_a_late_copy_costs_one_more() {
    let mut world = World::with_ann();
    let secret = world.enroll();
    world.wait(60);
    let body = json!({"organization": "acme", "user": "ann", "session": "bearer",
        "first_factor": {"method": "password"}});
    let asked = world.application(Method::POST, "/v1/sign-ins", body);
    assert_eq!(asked.body["decision"], "challenge", "{}", asked.body);
    assert_eq!(asked.trips, 0, "a copy is enough to ask");
    for found in [Found::Nothing, Found::Garbage, Found::Late] {
        let challenge = world.ask();
        world.native.copies.find(found);
        world.wait(30);
        let answer = world.verify(&challenge, &world.code(&secret));
        assert_eq!(answer.status, 200, "{found:?}: {}", answer.body);
        assert!(answer.trips <= 2, "{found:?}: {} trips", answer.trips);
        world.native.copies.find(Found::Newest);
    }
}

#[test]
fn a_lost_answer_is_read_back_and_counts_once() {
    let mut world = World::with_ann();
    let secret = world.enroll();
    world.wait(60);
    let challenge = world.ask();
    world
        .native
        .database
        .set_faults(&[(1, DatabaseFault::AnswerLost)]);
    let body = json!({"challenge": challenge, "method": "totp", "code": world.code(&secret)});
    let answer = world.call(Method::POST, "/v1/challenges/verify", None, Some(body));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let sessions = world.native.database.with(|connection| {
        connection.query_row(
            "SELECT count(*) FROM event WHERE action = 'sign_in.verify'",
            [],
            |row| row.get::<_, u32>(0),
        )
    });
    assert_eq!(sessions.unwrap(), 1, "one event for one attempt");
}

#[test]
fn a_right_and_a_wrong_proof_send_the_same_statements_and_no_more_than_these() {
    let mut world = World::with_ann();
    let (secret, codes) = world.enroll_with_codes();
    world.wait(60);
    let right = world.code(&secret);
    for (method, wrong, right, trips, count) in [
        ("totp", "000000", &*right, 1, 8),
        // The gate is read before the slow hash.
        (
            "backup_code",
            &*"0".repeat(codes[0].len()),
            &*codes[0],
            2,
            9,
        ),
    ] {
        let wrong = world.verify_by(method, &world.ask(), wrong);
        assert_eq!((wrong.status, wrong.trips), (401, trips), "{}", wrong.body);
        let right = world.verify_by(method, &world.ask(), right);
        assert_eq!((right.status, right.trips), (200, trips), "{}", right.body);
        assert_eq!(wrong.statements, right.statements, "{method}");
        assert_eq!(right.statements[trips - 1].len(), count, "{method}");
    }
    // Of a person with a second factor: a right password opens nothing yet.
    let wrong = world.sign_in_as(ANN, "not the password", "bearer");
    let right = world.sign_in();
    assert_eq!((wrong.status, right.status), (401, 200));
    assert_eq!(wrong.statements, right.statements);
    assert_eq!(right.statements[1].len(), 3);
}

#[test]
fn an_unknown_name_sends_the_statements_of_a_wrong_password() {
    let world = World::with_ann();
    let known = world.sign_in_as(ANN, "not the password", "bearer");
    let unknown = world.sign_in_as("bob@example.test", "not the password", "bearer");
    assert_eq!((known.status, unknown.status), (401, 401));
    assert_eq!(known.body["code"], unknown.body["code"]);
    assert_eq!((known.trips, unknown.trips), (2, 2));
    assert_eq!(known.statements[0], unknown.statements[0]);
    let (sent, refused) = (&known.statements[1], &unknown.statements[1]);
    // The verdict and the readback name a user or a pseudonym; all between is the same.
    let between = |list: &[&'static str]| list[1..list.len() - 1].to_vec();
    assert!(!between(sent).is_empty());
    assert_eq!(between(sent), between(refused));
    for list in [sent, refused] {
        assert!(list[0].starts_with("\nINSERT INTO event"), "{}", list[0]);
        let last = list.last().unwrap();
        assert!(last.starts_with("\nSELECT "), "{last}");
    }
}

#[test]
fn a54_a_refused_password_waits_by_chance_and_a_right_one_does_not() {
    let mut world = World::with_ann();
    // Making room among the slow hashes pauses, too, each time alike.
    let paused = |world: &mut World, name: &str, password: &str, status: u16| {
        world.wait(3600);
        let before = world.native.timer.elapsed_ms();
        let answer = world.sign_in_as(name, password, "bearer");
        assert_eq!(answer.status, status, "{}", answer.body);
        world.native.timer.elapsed_ms() - before
    };
    let right = paused(&mut world, ANN, PASSWORD, 200);
    assert!((paused(&mut world, ANN, PASSWORD, 200) - right).abs() < 0.5);
    let mut waits = std::collections::BTreeSet::new();
    for name in [ANN, "bob@example.test"] {
        for _ in 0..3 {
            let waited = paused(&mut world, name, "not the password", 401) - right;
            assert!((-0.5..50.0).contains(&waited), "{waited} ms");
            waits.insert(waited.to_string());
        }
    }
    assert!(waits.len() > 1, "{waits:?}");
}

#[test]
fn randomness_that_fails_after_the_commit_takes_no_acceptance_back() {
    let totp = || {
        let mut world = World::with_ann();
        let secret = world.enroll();
        world.wait(60);
        (world, Some(secret))
    };
    let password = || (World::with_ann(), None);
    let ways: [&dyn Fn() -> (World, Option<TotpSecret>); 2] = [&totp, &password];
    for prepare in ways {
        let mut outlived = 0;
        for nth in 1.. {
            let (world, secret) = prepare();
            // What was shown moves to the newer key once it is accepted.
            let keys = format!("{NEWER_KEY},{KEY}");
            world.native.settings.set("POSTERN_KEYS", &keys);
            let challenge = secret.as_ref().map(|_| world.ask());
            let action = ["sign_in.first_factor", "sign_in.verify"][usize::from(secret.is_some())];
            let before = world.accepted(action);
            world.native.randomness.fail_at(nth);
            let answer = match (&challenge, &secret) {
                (Some(challenge), Some(secret)) => world.verify(challenge, &world.code(secret)),
                _ => world.sign_in_as(ANN, PASSWORD, "cookie"),
            };
            let was_accepted = world.accepted(action) > before;
            assert_eq!(answer.status == 200, was_accepted, "{nth}: {}", answer.body);
            if world.native.randomness.cancel_failure() {
                break;
            }
            outlived += u32::from(was_accepted);
        }
        assert!(outlived > 0, "no draw came after the commit");
    }
}
