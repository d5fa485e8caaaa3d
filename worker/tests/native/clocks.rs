//! Instances whose clocks are wrong, over one database (A148).

use http::Method;
use serde_json::{Value, json};

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
        for wrong in [-3000, -300, -30, 0, 30, 300] {
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
fn what_a_late_copy_asks_after_a_change_can_be_answered_whatever_the_clock_that_made_it() {
    for (name, change) in &CHANGES[..3] {
        for wrong in [-3000, -300, -30, 0, 30, 300] {
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
