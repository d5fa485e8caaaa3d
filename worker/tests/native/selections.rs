//! What ends for several people at once.

use http::Method;
use postern_worker::platform::native::DatabaseFault;
use serde_json::{Value, json};

use crate::{
    people::{acme, enroll, everything, person},
    world::World,
};

const REVOKE: &str = "/v1/organizations/acme/revoke-mfa";
const PREVIEW: &str = "/v1/organizations/acme/revoke-mfa/preview";

/// Olga and Otto, owners, Adam, an admin, and three members, of whom Max has no factor; and the tokens
/// of Olga, Adam and Mia.
fn staffed() -> (World, [String; 3]) {
    let world = acme();
    for (id, role) in [
        ("olga", "owner"),
        ("otto", "owner"),
        ("adam", "admin"),
        ("mia", "member"),
        ("mona", "member"),
        ("max", "member"),
    ] {
        person(&world, id, role);
    }
    let tokens = ["olga", "adam", "mia"].map(|id| enroll(&world, id));
    for id in ["otto", "mona"] {
        enroll(&world, id);
    }
    (world, tokens)
}

fn outcomes(answer: &Value) -> Vec<String> {
    let users = answer["users"].as_array().unwrap().iter();
    users
        .map(|user| {
            let text = |name: &str| user[name].as_str().unwrap().to_owned();
            format!(
                "{} {} {}",
                text("id"),
                text("outcome"),
                user["ended"]["authenticators"]
            )
        })
        .collect()
}

#[test]
fn what_will_happen_is_said_first_and_then_happens_at_once() {
    let (world, [_, adam, mia]) = staffed();
    let users = json!(["nobody", "mia", "otto", "max", "adam", "mona"]);
    let before = everything(&world);
    let said = world.call(
        Method::POST,
        PREVIEW,
        Some(&adam),
        Some(json!({"users": users})),
    );
    assert_eq!((said.status, said.trips), (200, 2), "{}", said.body);
    let expected = [
        "nobody not_found null",
        "mia ends 1",
        "otto forbidden null",
        "max ends 0",
        "adam forbidden null",
        "mona ends 1",
    ];
    assert_eq!(outcomes(&said.body), expected);
    assert_eq!(said.body["people"], 3);
    let ended = json!({"authenticators": 2, "backup_codes": 20, "trusted_devices": 0,
        "sessions": 2, "locks": 0});
    assert_eq!(said.body["ended"], ended);
    // Other numbers than are true: nothing ends.
    for (people, authenticators) in [(3, 3), (2, 2), (0, 0)] {
        let body = json!({"users": users, "people": people, "authenticators": authenticators});
        let answer = world.call(Method::POST, REVOKE, Some(&adam), Some(body));
        assert_eq!(answer.status, 409, "{}", answer.body);
    }
    assert_eq!(everything(&world), before);
    let body = json!({"users": users, "people": 3, "authenticators": 2});
    let done = world.call(Method::POST, REVOKE, Some(&adam), Some(body));
    assert_eq!((done.status, done.trips), (200, 3), "{}", done.body);
    assert_eq!(done.body, said.body);
    let me = world.call(Method::GET, "/v1/me", Some(&mia), None);
    assert_eq!(me.status, 401, "{}", me.body);
    // Those of Olga, Otto and Adam.
    assert_eq!(world.count("authenticator"), 3);
    assert_eq!(world.count("backup_code_set"), 3);
    assert_eq!(world.count("mail WHERE kind = 'mfa_revoked'"), 3);
    let sql = "event WHERE action = 'mfa.revoke' AND actor = 'admin' AND actor_name = 'adam' \
        AND detail ->> 'selected' = 3 AND subject IN ('mia', 'max', 'mona')";
    assert_eq!(world.count(sql), 3);
    assert_eq!(world.accepted("mfa.revoke"), 3);
    for id in ["mia", "mona"] {
        enroll(&world, id);
    }
    // The helper is still let in.
    let none = json!({"users": ["nobody"], "people": 0, "authenticators": 0});
    let none = world.call(Method::POST, REVOKE, Some(&adam), Some(none));
    assert_eq!((none.status, &none.body["people"]), (200, &json!(0)));
}

#[test]
fn a_selection_is_revoked_whole_or_not_at_all_and_once() {
    let body = json!({"users": ["mia", "mona", "max"], "people": 3, "authenticators": 2});
    for sql in [
        "UPDATE user SET version = version + 1 WHERE external_id = 'max'",
        "DELETE FROM user WHERE external_id = 'mona'",
        "UPDATE session SET ended_at = 1",
    ] {
        let (world, [olga, ..]) = staffed();
        let left = world
            .count("authenticator WHERE user IN (SELECT id FROM user WHERE external_id = 'mia')");
        let events = world.count("event");
        let faults = &[(3, DatabaseFault::Preceded(sql))];
        world.native.database.set_faults(faults);
        let answer = world.call(Method::POST, REVOKE, Some(&olga), Some(body.clone()));
        assert_eq!(answer.status, 409, "{sql}: {}", answer.body);
        assert_eq!(world.count("event"), events, "{sql}");
        let sql = "authenticator WHERE user IN (SELECT id FROM user WHERE external_id = 'mia')";
        assert_eq!(world.count(sql), left);
    }
    let (world, [olga, ..]) = staffed();
    world
        .native
        .database
        .set_faults(&[(3, DatabaseFault::AnswerLost)]);
    let answer = world.call(Method::POST, REVOKE, Some(&olga), Some(body));
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.body["ended"]["authenticators"], 2, "{}", answer.body);
    assert_eq!(world.accepted("mfa.revoke"), 3);
    assert_eq!(world.count("mail WHERE kind = 'mfa_revoked'"), 3);
}

#[test]
fn a70_a_selection_reaches_no_other_organization_and_no_one_twice() {
    let (mut world, [olga, _, mia]) = staffed();
    for (org, id) in [("umbrella", "eve"), ("umbrella", "mia")] {
        let path = format!("/v1/organizations/{org}");
        world.application(Method::PUT, &path, json!({"name": "Umbrella"}));
        let path = format!("{path}/users/{id}");
        let made = world.application(Method::PUT, &path, json!({}));
        assert_eq!(made.status, 201, "{}", made.body);
    }
    let foreign = json!({"users": ["eve"]});
    let said = world.call(Method::POST, PREVIEW, Some(&olga), Some(foreign));
    assert_eq!(outcomes(&said.body), ["eve not_found null"]);
    let many: Vec<_> = (0..101).map(|n| format!("u{n}")).collect();
    for users in [json!([]), json!(["mia", "mia"]), json!(many)] {
        for (path, body) in [
            (PREVIEW, json!({"users": users})),
            (
                REVOKE,
                json!({"users": users, "people": 1, "authenticators": 1}),
            ),
        ] {
            let answer = world.application(Method::POST, path, body);
            assert_eq!(answer.body["field"], "users", "{}", answer.body);
        }
    }
    let body = json!({"users": ["mia"], "people": 1, "authenticators": 1});
    let other = REVOKE.replace("acme", "umbrella");
    let answer = world.call(Method::POST, &other, Some(&olga), Some(body.clone()));
    assert_eq!(answer.status, 404, "{}", answer.body);
    let answer = world.call(Method::POST, REVOKE, Some(&mia), Some(body.clone()));
    assert_eq!(answer.status, 403, "{}", answer.body);
    world.wait(301);
    let answer = world.call(Method::POST, REVOKE, Some(&olga), Some(body));
    assert_eq!(answer.body["code"], "step_up_required", "{}", answer.body);
    assert_eq!(world.accepted("mfa.revoke"), 0);
}

#[test]
fn the_copies_say_so_at_once_of_everyone_whose_factors_ended() {
    let (world, [olga, ..]) = staffed();
    // What an application hears, which is told of a challenge by a copy alone.
    let asked = |id: &str| {
        let body = json!({"organization": "acme", "user": id, "session": "bearer",
            "first_factor": {"method": "password"}});
        let answer = world.application(Method::POST, "/v1/sign-ins", body);
        answer.body["decision"].as_str().unwrap().to_owned()
    };
    let people = ["mia", "mona"];
    assert_eq!(people.map(asked), ["challenge", "challenge"]);
    let body = json!({"users": people, "people": 2, "authenticators": 2});
    let done = world.call(Method::POST, REVOKE, Some(&olga), Some(body));
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(people.map(asked), ["complete", "complete"]);
    assert_eq!(asked("otto"), "challenge");
}
