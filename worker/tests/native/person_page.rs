//! What owners and admins see of people and of what is asked of them.

use http::Method;
use serde_json::{Value, json};

use crate::people::{USERS, acme, enroll, first_factor, path_of, person};

#[test]
fn owners_and_admins_see_people_and_members_do_not() {
    let world = acme();
    for (id, role) in [("olga", "owner"), ("adam", "admin"), ("mia", "member")] {
        person(&world, id, role);
    }
    let once = first_factor(&world, "adam");
    for path in [USERS, "/v1/organizations/acme/users/mia"] {
        let answer = world.call(Method::GET, path, Some(&once), None);
        assert_eq!(answer.body["code"], "step_up_required", "{path}");
    }
    for (id, status) in [("olga", 200), ("adam", 200), ("mia", 403)] {
        let token = enroll(&world, id);
        for path in [USERS, "/v1/organizations/acme/users/mia"] {
            let answer = world.call(Method::GET, path, Some(&token), None);
            assert_eq!(answer.status, status, "{id} {path}: {}", answer.body);
        }
        for path in [
            "/v1/organizations/umbrella/users",
            "/v1/organizations/umbrella/users/mia",
        ] {
            let answer = world.call(Method::GET, path, Some(&token), None);
            assert_eq!(answer.status, 404, "{id} {path}: {}", answer.body);
        }
    }
}

#[test]
fn owners_and_admins_see_what_a_policy_depends_on_and_owners_set_it() {
    let world = acme();
    for (id, role) in [("olga", "owner"), ("adam", "admin"), ("mia", "member")] {
        person(&world, id, role);
    }
    let named = json!({"name": "Mia Moss", "groups": ["staff"]});
    world.application(Method::PATCH, &format!("{USERS}/mia"), named);
    let policy = "/v1/organizations/acme/policy";
    let facts = format!("{policy}/facts");
    for (id, seen, put) in [("olga", 200, 200), ("adam", 200, 403), ("mia", 403, 403)] {
        let token = enroll(&world, id);
        for path in [policy, &facts] {
            let answer = world.call(Method::GET, path, Some(&token), None);
            assert_eq!(answer.status, seen, "{id} {path}: {}", answer.body);
        }
        let read = world.application(Method::GET, policy, Value::Null).body;
        let body = json!({"policy": read["policy"], "version": read["version"]});
        let answer = world.call(Method::PUT, policy, Some(&token), Some(body));
        assert_eq!(answer.status, put, "{id}: {}", answer.body);
    }
    let answer = world.application(Method::GET, &facts, Value::Null).body;
    let people = answer["people"].as_array().unwrap();
    let ids: Vec<_> = people.iter().map(|one| &one["facts"]["user"]).collect();
    assert_eq!(ids, ["adam", "mia", "olga"]);
    let mia = json!({"name": "Mia Moss", "facts": {
        "user": "mia", "role": "member", "groups": ["staff"], "authenticators": 1, "sso": false,
        "amr": [], "trusted_devices": 0,
    }});
    assert_eq!(people[1], mia);
    assert_eq!(
        (&answer["unreadable"], &answer["surfaces"]),
        (&json!(0), &json!([]))
    );
}

#[test]
fn one_persons_page_says_what_would_end_and_what_the_policy_asks() {
    let world = acme();
    person(&world, "adam", "admin");
    person(&world, "mia", "member");
    let adam = enroll(&world, "adam");
    let show = || {
        world
            .call(Method::GET, &path_of("mia", "security"), Some(&adam), None)
            .body
    };
    let before = show();
    assert_eq!(before["authenticators"], json!([]), "{before}");
    assert_eq!(before["backup_codes"], Value::Null, "{before}");
    let asked = |mode, decision, reason| json!({"mode": mode, "decision": decision, "reasons": [reason], "rule": "mode", "enroll_by": null});
    assert_eq!(
        before["policy"],
        asked("optional", "complete", "policy.optional")
    );
    enroll(&world, "mia");
    world.sign_in_as("mia", "not the password", "bearer");
    let after = show();
    assert_eq!(after["authenticators"][0]["name"], "Phone", "{after}");
    assert_eq!(after["backup_codes"]["remaining"], 10, "{after}");
    assert_eq!(after["sessions"].as_array().unwrap().len(), 1, "{after}");
    assert_eq!(after["sessions"][0]["current"], false, "{after}");
    assert_eq!(
        after["policy"],
        asked("optional", "challenge", "evidence.enrolled")
    );
    let event = &after["events"][0];
    assert_eq!(
        (&event["action"], &event["outcome"]),
        (&json!("sign_in.first_factor"), &json!("wrong"))
    );
    // Nothing secret is shown.
    let text = after.to_string();
    for word in ["secret", "token", "hash", "evidence\":"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
}
