//! Set-up of a first owner with the operator's code: once, and never by a caller without it.

use std::{sync::Barrier, thread};

use http::Method;
use postern_worker::platform::native::DatabaseFault;
use serde_json::{Value, json};

use crate::world::{API_KEY, Answer, PASSWORD, World};

const CODE: &str = "set-up-code-0123456789abcdef-012";
const PATH: &str = "/v1/set-up";

/// An empty deployment that can be set up.
fn fresh() -> World {
    let world = World::new();
    world.native.settings.set("POSTERN_SETUP_CODE", CODE);
    world
}

fn body() -> Value {
    json!({"organization": "acme", "organization_name": "Acme & Sons", "username": "Olga@acme.test",
        "name": "Olga", "email": "olga@acme.test", "password": PASSWORD, "mode": "required"})
}

fn with(field: &str, value: Value) -> Value {
    let mut body = body();
    body[field] = value;
    body
}

fn set_up(world: &World, code: &str, body: Value) -> Answer {
    world.call(Method::POST, PATH, Some(code), Some(body))
}

fn told(answer: &Answer) -> String {
    let code = answer.body["code"].as_str().unwrap_or_default();
    format!("{} {code}", answer.status)
}

/// How many rows there are of all that set-up makes.
fn made(world: &World) -> [u32; 4] {
    let events = "event WHERE outcome = 'accepted'";
    ["set_up", "organization", "user", events].map(|table| world.count(table))
}

#[test]
fn a_first_owner_is_set_up_signs_in_and_adds_a_factor() {
    let mut world = fresh();
    let open = world.call(Method::GET, PATH, Some(CODE), None);
    assert_eq!((open.status, open.trips), (204, 2), "{}", open.body);
    let done = set_up(&world, CODE, body());
    assert_eq!((done.status, done.trips), (204, 2), "{}", done.body);
    assert_eq!(made(&world), [1; 4]);

    let event = "event WHERE action = 'organization.set_up' AND actor = 'operator' AND outcome = 'accepted'
        AND subject = 'olga@acme.test' AND detail ->> '$.new.role' = 'owner' AND detail ->> '$.new.policy.mode' = 'required'
        AND organization = (SELECT organization FROM set_up) AND user = (SELECT id FROM user)";
    assert_eq!(world.count(event), 1);
    let path = "/v1/organizations/acme";
    let organization = world.application(Method::GET, path, Value::Null);
    let expected = json!({"id": "acme", "name": "Acme & Sons", "created_at": world.now, "support": null, "language": "en", "audit_days": 400, "owners": 1});
    assert_eq!(organization.body["organization"], expected);
    let path = "/v1/organizations/acme/users/olga@acme.test";
    let owner = world.application(Method::GET, path, Value::Null);
    let expected = json!({"id": "olga@acme.test", "username": "olga@acme.test", "name": "Olga",
        "email": "olga@acme.test", "second_email": null, "language": null, "role": "owner", "groups": [], "state": "active", "enrolled": false,
        "created_at": world.now});
    assert_eq!(owner.body["user"], expected);

    // From here on it is the way of every person.
    let signed_in = world.sign_in_as("olga@acme.test", PASSWORD, "bearer");
    assert_eq!(signed_in.body["decision"], "enroll", "{}", signed_in.body);
    let token = signed_in.body["session"]["token"].as_str().unwrap();
    let begun = world.call(Method::POST, "/v1/me/totp", Some(token), Some(json!({})));
    let shown = &begun.body["enrollment"];
    let app = json!({"enrollment": shown["id"], "code": world.code_of(shown), "name": "Phone"});
    let confirmed = world.call(Method::POST, "/v1/me/totp/confirm", Some(token), Some(app));
    assert_eq!(confirmed.status, 200, "{}", confirmed.body);
    let token = confirmed.body["session"]["token"].as_str().unwrap();
    let path = "/v1/organizations/acme/policy";
    let policy = world.call(Method::GET, path, Some(token), None);
    assert_eq!(policy.body["policy"]["mode"], "required");
    world.wait(1);
    let new = json!({"policy": {"mode": "optional"}, "version": policy.body["version"]});
    let put = world.call(Method::PUT, path, Some(token), Some(new));
    assert_eq!(put.status, 200, "{}", put.body);
}

#[test]
fn set_up_is_closed_without_a_code_and_open_to_no_other_one() {
    for configured in [false, true] {
        let world = if configured { fresh() } else { World::new() };
        let longer = format!("{CODE}0");
        let mut wrong = vec!["x", &CODE[..31], &longer, API_KEY];
        if !configured {
            wrong.push(CODE);
        }
        for (method, sent) in [
            (Method::GET, None),
            (Method::POST, Some(body())),
            // Who asks comes before what is asked.
            (Method::POST, Some(json!({"mode": 1}))),
        ] {
            for code in &wrong {
                let answer = world.call(method.clone(), PATH, Some(code), sent.clone());
                assert_eq!(told(&answer), "401 not_accepted", "{method} {code}");
            }
            let answer = world.call(method.clone(), PATH, None, sent);
            assert_eq!(told(&answer), "401 unauthenticated", "{method}");
        }
        assert_eq!(made(&world), [0; 4]);
    }
}

#[test]
fn set_up_is_done_once() {
    let world = fresh();
    assert_eq!(told(&set_up(&world, CODE, body())), "204 ");
    let before = made(&world);
    for sent in [body(), with("organization", json!("other")), json!({})] {
        assert_eq!(told(&set_up(&world, CODE, sent.clone())), "410 expired");
        // No one without the code hears that it was used.
        assert_eq!(told(&set_up(&world, "x", sent)), "401 not_accepted");
    }
    let answer = world.call(Method::GET, PATH, Some(CODE), None);
    assert_eq!(told(&answer), "410 expired");
    // Another code opens nothing more, nor does the end of what was made.
    let newer = CODE.replace("0", "1");
    world.native.settings.set("POSTERN_SETUP_CODE", &newer);
    let answer = set_up(&world, &newer, with("organization", json!("other")));
    assert_eq!(told(&answer), "410 expired");
    assert_eq!(told(&set_up(&world, CODE, body())), "401 not_accepted");
    let delete = |database: &rusqlite::Connection| database.execute("DELETE FROM set_up", []);
    assert!(world.native.database.with(delete).is_err());
    assert_eq!(made(&world), before);
}

#[test]
fn what_applications_made_before_leaves_set_up_open_and_is_not_written_over() {
    let world = World::with_ann();
    world.native.settings.set("POSTERN_SETUP_CODE", CODE);
    let before = made(&world);
    for sent in [body(), with("username", json!("ann"))] {
        let answer = set_up(&world, CODE, sent);
        assert_eq!(told(&answer), "409 conflict");
        assert_eq!(answer.body["conflict"], "organization_taken");
    }
    assert_eq!(made(&world), before);
    assert_eq!(world.count("organization WHERE name = 'Acme'"), 1);
    let done = set_up(&world, CODE, with("organization", json!("sons")));
    assert_eq!(told(&done), "204 ");
    let sons = "organization o JOIN user u ON u.organization = o.id WHERE o.external_id = 'sons' AND u.role = 'owner'";
    assert_eq!(world.count(sons), 1);
}

#[test]
fn a_field_that_does_not_fit_is_named_and_nothing_is_written() {
    let world = fresh();
    let mut bad = vec![
        ("organization", json!("Acme")),
        ("organization", json!("a/b")),
        ("organization", json!("a".repeat(64))),
        ("organization_name", json!("Steam")),
        ("organization_name", json!("a".repeat(65))),
        ("organization_name", json!("\u{202e}")),
        ("username", json!("Olga Müller")),
        ("username", json!("..")),
        ("username", json!("a".repeat(129))),
        ("name", json!("a".repeat(65))),
        ("email", json!("olga")),
        ("email", json!("olga@acme.test\r\nBcc: eve@evil.test")),
        ("password", json!("short")),
        ("password", json!("password1")),
        ("password", json!("a".repeat(257))),
        ("mode", json!("off")),
        ("mode", json!("Required")),
    ];
    let fields = [
        "organization",
        "organization_name",
        "username",
        "name",
        "email",
        "password",
        "mode",
    ];
    for field in fields {
        bad.extend([
            (field, json!("")),
            (field, json!(" ")),
            (field, json!(1)),
            (field, Value::Null),
        ]);
    }
    for (field, value) in bad {
        let answer = set_up(&world, CODE, with(field, value.clone()));
        let named = answer.body["field"].as_str();
        assert_eq!(
            (answer.status, named),
            (400, Some(field)),
            "{value}: {}",
            answer.body
        );
    }
    for field in fields {
        let mut missing = body();
        missing.as_object_mut().unwrap().remove(field);
        let answer = set_up(&world, CODE, missing);
        assert_eq!(
            (answer.status, answer.body["field"].as_str()),
            (400, Some(field))
        );
    }
    assert_eq!(
        set_up(&world, CODE, with("role", json!("owner"))).status,
        400
    );
    assert_eq!(made(&world), [0; 4]);
    assert_eq!(told(&set_up(&world, CODE, body())), "204 ");
}

#[test]
fn wrong_codes_fill_nothing_and_keep_the_operator_out_of_nothing() {
    let mut world = fresh();
    // An isolate's first request looks at the schema, too.
    world.call(Method::GET, "/healthz", None, None);
    let wrong =
        "event WHERE organization = '?' AND action = 'organization.set_up' AND outcome = 'wrong'";
    for _ in 0..2 {
        let before = world.count(wrong);
        for _ in 0..250 {
            let answer = world.call(Method::GET, PATH, Some("x"), None);
            assert_eq!(
                (told(&answer).as_str(), answer.trips),
                ("401 not_accepted", 1)
            );
        }
        assert_eq!(world.count(wrong), before + 100);
        assert_eq!(world.call(Method::GET, PATH, Some(CODE), None).status, 204);
        world.wait(86_400);
    }
    world.wait(86_400);
    world.sweep();
    // The newest event stays until there is another one.
    assert_eq!((world.count(wrong), world.count("throttle")), (1, 0));
    assert_eq!(told(&set_up(&world, CODE, body())), "204 ");
}

#[test]
fn no_wrong_code_is_recorded_where_none_would_open() {
    let done = fresh();
    assert_eq!(told(&set_up(&done, CODE, body())), "204 ");
    for world in [done, World::new()] {
        let before = (world.count("event"), world.count("throttle"));
        for method in [Method::GET, Method::POST] {
            let answer = world.call(method, PATH, Some("x"), None);
            assert_eq!(told(&answer), "401 not_accepted");
        }
        let after = (world.count("event"), world.count("throttle"));
        assert_eq!(after, before);
    }
}

#[test]
fn set_up_is_whole_or_not_there_whatever_fails() {
    for (fault, status) in [
        (DatabaseFault::Fails, 204),
        (DatabaseFault::AnswerLost, 204),
    ] {
        for trip in [1, 2] {
            let world = fresh();
            world.call(Method::GET, PATH, Some(CODE), None);
            world.native.database.set_faults(&[(trip, fault)]);
            let answer = set_up(&world, CODE, body());
            assert_eq!(answer.status, status, "{fault:?} {trip}: {}", answer.body);
            assert_eq!(made(&world), [1; 4]);
        }
    }
    // Each statement of the batch.
    for table in ["event", "organization", "user", "set_up"] {
        let world = fresh();
        world.run(&format!(
            "CREATE TRIGGER fails BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'a fault'); END"
        ));
        let answer = set_up(&world, CODE, body());
        assert!(answer.status >= 500, "{table}: {}", answer.body);
        assert_eq!(made(&world), [0; 4], "{table}");
        world.run("DROP TRIGGER fails");
        assert_eq!(told(&set_up(&world, CODE, body())), "204 ", "{table}");
    }
    // What others did between the look at the code and the commit.
    for (sql, expected) in [
        (
            "INSERT INTO set_up (one, at, organization) VALUES (1, 1, 'o_x')",
            "410 expired",
        ),
        (
            "INSERT INTO organization (id, external_id, created_at, name, policy, policy_version, trust_epoch)
             VALUES ('o_x', 'acme', 1, 'Other', '{}', 1, 1)",
            "409 conflict",
        ),
    ] {
        let world = fresh();
        world.call(Method::GET, PATH, Some(CODE), None);
        world
            .native
            .database
            .set_faults(&[(2, DatabaseFault::Preceded(sql))]);
        assert_eq!(told(&set_up(&world, CODE, body())), expected);
        assert_eq!((world.count("user"), world.count("event")), (0, 0));
    }
}

/// Each thread is an isolate of its own, with a room of its own for slow hashes.
#[test]
fn of_fifty_at_once_one_is_set_up() {
    for round in 0..20 {
        let world = fresh();
        let start = Barrier::new(50);
        let answers: Vec<String> = thread::scope(|scope| {
            let all: Vec<_> = (0..50)
                .map(|number| {
                    let (world, start) = (&world, &start);
                    scope.spawn(move || {
                        // In every other round they name one organization.
                        let name = format!("acme-{}", if round % 2 == 0 { number } else { 0 });
                        start.wait();
                        told(&set_up(world, CODE, with("organization", json!(name))))
                    })
                })
                .collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let count = |what: &str| answers.iter().filter(|answer| *answer == what).count();
        assert_eq!(
            (count("204 "), count("410 expired")),
            (1, 49),
            "{answers:?}"
        );
        assert_eq!(made(&world), [1; 4]);
    }
}
