//! Instances whose clocks are wrong, over one database (A148).

use http::Method;
use serde_json::{Value, json};

use postern_worker::platform::native::DatabaseFault;

use crate::world::{ANN, PASSWORD, World};

const ANN_PATH: &str = "/v1/organizations/acme/users/ann";

/// A change of Ann, who has a session with this token.
type Change = fn(&World, &str);

/// Those that end what was asked before.
const CHANGES: [(&str, Change); 4] = [
    ("all signed out", |world, token| {
        let ended = world.call(Method::DELETE, "/v1/me/sessions", Some(token), None);
        assert_eq!(ended.status, 204, "{}", ended.body);
    }),
    ("another password", |world, _| {
        let password = json!({"password": "another password 7"});
        let changed = world.application(Method::PATCH, ANN_PATH, password);
        assert_eq!(changed.status, 200, "{}", changed.body);
    }),
    ("another group", |world, _| {
        let groups = json!({"groups": ["night shift"]});
        let changed = world.application(Method::PATCH, ANN_PATH, groups);
        assert_eq!(changed.status, 200, "{}", changed.body);
    }),
    ("another Ann", |world, _| {
        let deleted = world.application(Method::DELETE, ANN_PATH, Value::Null);
        assert_eq!(deleted.status, 204, "{}", deleted.body);
        let ann = json!({"username": ANN, "password": PASSWORD});
        let made = world.application(Method::PUT, ANN_PATH, ann);
        assert_eq!(made.status, 201, "{}", made.body);
    }),
];

#[test]
fn a_change_ends_what_was_asked_before_it_whatever_the_clock_that_made_it() {
    for (name, change) in CHANGES {
        for wrong in [-300, -30, 300] {
            let mut world = World::with_ann();
            let secret = world.enroll();
            world.wait(3600);
            let token = world.signed_in(&secret);
            let before = world.ask();
            world.wait(1);
            world.at_instance(wrong);
            change(&world, &token);
            world.wait(30);
            let answer = world.verify(&before, &world.code(&secret));
            assert_eq!(answer.status, 410, "{name}, {wrong} s: {}", answer.body);
        }
    }
}

#[test]
fn what_an_instance_that_is_ahead_asked_from_a_copy_ends_with_the_change_too() {
    for (name, change) in CHANGES {
        for ahead in [300, 86_400 * 30] {
            let mut world = World::with_ann();
            let secret = world.enroll();
            world.wait(3600);
            let token = world.signed_in(&secret);
            world.wait(1);
            world.at_instance(ahead);
            let before = world.ask();
            world.wait(5);
            change(&world, &token);
            world.wait(ahead.unsigned_abs() - 4);
            let answer = world.verify(&before, &world.code(&secret));
            assert_eq!(answer.status, 410, "{name}, {ahead} s: {}", answer.body);
        }
    }
}

#[test]
fn a_question_lasts_as_long_as_others_whatever_the_clock() {
    for wrong in [-86_400, -61, 61, 86_400] {
        let mut world = World::with_ann();
        world.enroll();
        world.wait(86_400 * 2);
        world.at_instance(wrong);
        let asked = world.call(Method::POST, "/v1/sign-ins/passkey", None, Some(json!({})));
        let over = &asked.body["challenge"]["expires_at"];
        assert_eq!(*over, world.now + 300, "{wrong} s: {}", asked.body);
        // An application's own clock is right.
        world.wait(7200);
        world.at_instance(wrong);
        let first_factor = json!({"method": "password", "auth_time": world.now});
        let ask = json!({"organization": "acme", "user": "ann", "first_factor": first_factor});
        let asked = world.application(Method::POST, "/v1/sign-ins", ask);
        assert_eq!(asked.status, 200, "{wrong} s: {}", asked.body);
        let over = &asked.body["challenge"]["expires_at"];
        assert_eq!(*over, world.now + 600, "{wrong} s: {}", asked.body);
    }
}

#[test]
fn a137_what_was_done_is_not_called_undone_when_its_answer_comes_too_late() {
    for (behind, late) in [(-28, 3), (0, 31)] {
        let mut world = World::with_ann();
        let secret = world.enroll();
        world.wait(3600);
        let challenge = world.ask();
        world.at_instance(behind);
        let fault = DatabaseFault::AnswerLostAfter(late);
        world.native.database.set_faults(&[(1, fault)]);
        let before = world.accepted("sign_in.verify");
        let answer = world.verify(&challenge, &world.code(&secret));
        assert_eq!(answer.status, 503, "{behind} s: {}", answer.body);
        assert_eq!(answer.body["outcome"], "unknown", "{}", answer.body);
        assert_eq!(world.accepted("sign_in.verify"), before + 1);
    }
}

#[test]
fn what_a_late_copy_asks_after_a_change_can_be_answered_whatever_the_clock_that_made_it() {
    for (name, change) in &CHANGES[..3] {
        for wrong in [-300, -30, 300] {
            let mut world = World::with_ann();
            let secret = world.enroll();
            world.wait(3600);
            let token = world.signed_in(&secret);
            world.at_instance(wrong);
            world.native.copies.lose_writes(true);
            change(&world, &token);
            world.wait(1);
            let after = world.ask();
            world.wait(29);
            let answer = world.verify(&after, &world.code(&secret));
            assert_eq!(answer.status, 200, "{name}, {wrong} s: {}", answer.body);
        }
    }
}

#[test]
fn an_app_is_confirmed_within_ten_minutes_of_the_beginning_whatever_the_clocks() {
    for (wrong, waited, status) in [
        (3000, 599, 200),
        (3000, 600, 410),
        (3000, 1800, 410),
        // When the moment comes that the instance told.
        (3000, 3100, 410),
        (-300, 599, 200),
        (-300, 600, 410),
    ] {
        let mut world = World::with_ann();
        world.wait(3600);
        world.at_instance(wrong);
        let session = world.sign_in();
        let token = session.body["session"]["token"].as_str().unwrap();
        let begun = world.call(Method::POST, "/v1/me/totp", Some(token), Some(json!({})));
        assert_eq!(begun.status, 200, "{}", begun.body);
        let shown = &begun.body["enrollment"];
        assert_eq!(shown["expires_at"], world.now + 600);
        world.wait(waited);
        let body =
            json!({"enrollment": shown["id"], "code": world.code_of(shown), "name": "Phone"});
        let confirmed = world.call(Method::POST, "/v1/me/totp/confirm", Some(token), Some(body));
        let case = format!("begun {wrong} s ahead, {waited} s ago");
        assert_eq!(confirmed.status, status, "{case}: {}", confirmed.body);
    }
}

#[test]
fn what_is_spent_stays_spent_at_an_instance_behind() {
    let mut world = World::with_ann();
    let secret = world.enroll();
    world.wait(4 * 3600);
    let challenge = world.ask();
    let answer = world.verify(&challenge, &world.code(&secret));
    assert_eq!(answer.status, 200, "{}", answer.body);
    for waited in [0, 300, 299, 3600, 2 * 3600] {
        world.wait(waited);
        world.sweep();
        for behind in [60, 600, 3600, 2 * 3600, 86_400] {
            world.at_instance(-behind);
            let again = world.verify(&challenge, &world.code(&secret));
            assert_eq!(again.status, 410, "{behind} s behind: {}", again.body);
        }
    }
    assert_eq!(world.count("spent_challenge"), 0);
}

#[test]
fn an_instance_whose_clock_is_wrong_learns_the_time() {
    for wrong in [-100_000, -7200, -31, 0, 31, 600, 7200, 100_000] {
        let mut world = World::with_ann();
        let secret = world.enroll();
        world.wait(200_000);
        let challenge = world.ask();
        world.at_instance(wrong);
        let answer = world.verify(&challenge, &world.code(&secret));
        assert_eq!(answer.status, 200, "{wrong}: {}", answer.body);
        let session = &answer.body["session"];
        assert_eq!(session["born_at"], world.now, "{wrong}");
        assert_eq!(session["fresh_until_at"], world.now + 300, "{wrong}");
        // It wants one trip for the time, and one more of what was refused.
        assert_eq!(answer.trips, if wrong == 0 { 1 } else { 3 }, "{wrong}");

        let token = session["token"].as_str();
        for (path, early) in [("/v1/me", 3599), ("/v1/session", 3600)] {
            world.wait(early);
            world.at_instance(wrong);
            let used = world.call(Method::GET, path, token, None);
            let status = if path == "/v1/me" { 200 } else { 401 };
            assert_eq!(used.status, status, "{wrong}: {}", used.body);
        }
    }
}

#[test]
fn a_method_that_works_is_offered_again_though_the_copy_that_said_so_was_lost() {
    let mut world = World::with_ann();
    let (secret, codes) = world.enroll_with_codes();
    world.wait(3600);
    let token = world.signed_in(&secret);
    assert_eq!(world.verify(&world.ask(), "000000").status, 401);
    world.run("UPDATE throttle SET in_row = 99 WHERE method = 'totp'");
    assert_eq!(world.verify(&world.ask(), "000000").status, 401);
    assert!(!world.offers("totp"));
    let step_up = json!({"purpose": "step_up"});
    let opened = world.call(Method::POST, "/v1/challenges", Some(&token), Some(step_up));
    world.native.copies.lose_writes(true);
    let shown = json!({"challenge": opened.body["challenge"]["token"], "method": "backup_code",
        "code": codes[0]});
    let raised = world.call(
        Method::POST,
        "/v1/challenges/verify",
        Some(&token),
        Some(shown),
    );
    assert_eq!(raised.status, 200, "{}", raised.body);
    world.native.copies.lose_writes(false);
    world.wait(60);
    let challenge = world.ask();
    assert!(!world.offers("totp"));
    let answer = world.verify(&challenge, &world.code(&secret));
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(world.offers("totp"));
    // And once: a copy that is right is not written again.
    world.wait(60);
    let before = world.native.copies.writes();
    assert_eq!(world.verify(&world.ask(), &world.code(&secret)).status, 200);
    assert_eq!(world.native.copies.writes(), before);
}
