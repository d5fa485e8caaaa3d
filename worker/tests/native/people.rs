//! What owners and admins see of other people, and do for them.

use http::Method;
use serde_json::json;

use crate::world::{PASSWORD, World};

const USERS: &str = "/v1/organizations/acme/users";

/// An organization and no people in it.
fn acme() -> World {
    let world = World::new();
    let path = "/v1/organizations/acme";
    let made = world.application(Method::PUT, path, json!({"name": "Acme"}));
    assert_eq!(made.status, 201, "{}", made.body);
    world
}

/// Makes a person of this role.
fn person(world: &World, id: &str, role: &str) {
    let body = json!({"role": role, "password": PASSWORD, "email": format!("{id}@acme.test")});
    let made = world.application(Method::PUT, &format!("{USERS}/{id}"), body);
    assert_eq!(made.status, 201, "{}", made.body);
}

/// A session of the password alone.
fn first_factor(world: &World, id: &str) -> String {
    let answer = world.sign_in_as(id, PASSWORD, "bearer");
    assert_eq!(answer.body["decision"], "complete", "{}", answer.body);
    answer.body["session"]["token"].as_str().unwrap().to_owned()
}

/// Enrolls an app, and answers the token of the session that two factors were shown to.
fn enroll(world: &World, id: &str) -> String {
    let token = first_factor(world, id);
    let begun = world.call(Method::POST, "/v1/me/totp", Some(&token), Some(json!({})));
    let shown = &begun.body["enrollment"];
    let body = json!({"enrollment": shown["id"], "code": world.code_of(shown), "name": "Phone"});
    let path = "/v1/me/totp/confirm";
    let confirmed = world.call(Method::POST, path, Some(&token), Some(body));
    assert_eq!(confirmed.status, 200, "{}", confirmed.body);
    let raised = confirmed.body["session"]["token"].as_str();
    raised.unwrap_or(&token).to_owned()
}

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
        // Seeing is not changing.
        let path = "/v1/organizations/acme/users/mia";
        let answer = world.call(
            Method::PATCH,
            path,
            Some(&token),
            Some(json!({"name": "M"})),
        );
        assert_eq!(answer.status, 403, "{id}: {}", answer.body);
    }
}
