//! What owners and admins change of other people, and what no one changes of those above.

use http::Method;
use postern_worker::platform::native::DatabaseFault;
use serde_json::{Value, json};

use crate::{
    people::{USERS, acme, enroll, everything, first_factor, person},
    world::{Answer, PASSWORD, World},
};

const PEOPLE: [(&str, &str); 5] = [
    ("olga", "owner"),
    ("otto", "owner"),
    ("adam", "admin"),
    ("alma", "admin"),
    ("mia", "member"),
];

/// The people, and a token of each to whom two factors were shown.
fn staffed() -> (World, Vec<(&'static str, &'static str, String)>) {
    let world = acme();
    let mut tokens = vec![];
    for (id, role) in PEOPLE {
        person(&world, id, role);
        tokens.push((id, role, enroll(&world, id)));
    }
    (world, tokens)
}

fn path(id: &str) -> String {
    format!("{USERS}/{id}")
}

/// A whole user of this role.
fn whole(id: &str, role: &str) -> Value {
    json!({"username": id, "name": null, "email": null, "role": role, "groups": [], "state": "active"})
}

fn told(answer: &Answer) -> String {
    let code = answer.body["code"].as_str().unwrap_or_default();
    format!("{} {code}", answer.status)
}

/// Everything of people, and who they are.
fn all_of(world: &World) -> (Vec<u32>, Value) {
    let users = world.application(Method::GET, USERS, Value::Null);
    (everything(world), users.body)
}

#[test]
fn a118_no_one_changes_a_person_above_them_or_themselves() {
    let (world, tokens) = staffed();
    let before = all_of(&world);
    for (helper, role, token) in &tokens {
        for (id, of) in PEOPLE {
            let may = *helper != id && matches!((*role, of), ("owner", _) | ("admin", "member"));
            if may {
                continue;
            }
            for (method, body) in [
                (Method::PATCH, json!({"groups": ["night"]})),
                (Method::PATCH, json!({"role": "member"})),
                (Method::PATCH, json!({"role": "owner"})),
                (Method::PATCH, json!({"state": "disabled"})),
                (Method::PATCH, json!({"name": "N", "state": "active"})),
                (Method::PUT, whole(id, of)),
                (Method::PUT, json!({"name": "half"})),
                (Method::DELETE, Value::Null),
            ] {
                let what = format!("{helper} {method} {id} {body}");
                let body = Some(body).filter(|body| !body.is_null());
                let answer = world.call(method, &path(id), Some(token), body);
                assert_eq!(told(&answer), "403 forbidden", "{what}");
            }
        }
    }
    assert_eq!(all_of(&world), before);
}

#[test]
fn a118_no_one_gives_a_role_above_their_own_or_a_password() {
    let (world, tokens) = staffed();
    let before = all_of(&world);
    for (helper, role, token) in &tokens {
        let mut refused = vec![
            json!({"password": PASSWORD}),
            json!({"password": PASSWORD, "name": "M"}),
        ];
        if *role != "owner" {
            refused.push(json!({"role": "owner"}));
        }
        for body in refused {
            for (method, id) in [
                (Method::PATCH, "mia"),
                (Method::PUT, "mia"),
                (Method::PUT, "nina"),
            ] {
                let mut body = body.clone();
                if method == Method::PUT {
                    let mut all = whole(id, "member");
                    all.as_object_mut()
                        .unwrap()
                        .extend(body.as_object().unwrap().clone());
                    body = all;
                }
                let what = format!("{helper} {method} {id} {body}");
                let answer = world.call(method, &path(id), Some(token), Some(body));
                assert_eq!(told(&answer), "403 forbidden", "{what}");
            }
        }
    }
    assert_eq!(all_of(&world), before);
}

#[test]
fn owners_and_admins_add_change_and_delete_people() {
    for (helper, role) in [("olga", "owner"), ("adam", "admin")] {
        let (world, tokens) = staffed();
        let (_, _, token) = tokens.iter().find(|(id, _, _)| *id == helper).unwrap();
        let call = |method, id: &str, body| world.call(method, &path(id), Some(token), body);
        let added = call(
            Method::PUT,
            "nina",
            Some(json!({"email": "nina@acme.test"})),
        );
        assert_eq!((added.status, added.trips), (201, 3), "{}", added.body);
        assert_eq!(added.body["user"]["role"], "member");
        // Nothing is guessed of a person who exists.
        let half = call(Method::PUT, "nina", Some(json!({"name": "Nina"})));
        assert_eq!(half.body["field"], "username", "{}", half.body);
        let put = call(Method::PUT, "nina", Some(whole("nina", role)));
        assert_eq!(put.status, 200, "{}", put.body);
        assert_eq!(put.body["user"]["role"], role);
        // An admin who made an admin is not above them any more.
        let back = call(Method::PATCH, "nina", Some(json!({"role": "member"})));
        let expected = if role == "owner" {
            "200 "
        } else {
            "403 forbidden"
        };
        assert_eq!(told(&back), expected, "{}", back.body);
        let moved = call(
            Method::PATCH,
            "mia",
            Some(json!({"groups": ["night"], "name": "Mia"})),
        );
        assert_eq!(moved.body["user"]["groups"], json!(["night"]));
        let sql = format!(
            "event WHERE action = 'user.put' AND subject = 'mia' AND actor = '{role}' \
            AND actor_name = '{helper}' AND detail -> 'old' = '{{\"groups\":[]}}' \
            AND detail -> 'new' = '{{\"groups\":[\"night\"]}}'"
        );
        assert_eq!(world.count(&sql), 1);
        let gone = call(Method::PATCH, "nobody", Some(json!({"name": "N"})));
        assert_eq!(told(&gone), "404 not_found");
        let taken = call(Method::PATCH, "mia", Some(json!({"username": "olga"})));
        assert_eq!(told(&taken), "409 conflict", "{}", taken.body);
        let moved = call(
            Method::PATCH,
            "mia",
            Some(json!({"email": "new@acme.test"})),
        );
        assert_eq!(moved.status, 200, "{}", moved.body);
        // The old address hears of it, and so does the new one.
        let mails =
            world.count("mail WHERE kind = 'address_changed' AND address = 'new@acme.test'");
        assert_eq!(mails, 1);
        let mails =
            world.count("mail WHERE kind = 'address_changed' AND address = 'mia@acme.test'");
        assert_eq!(mails, 1);
        let disabled = call(Method::PATCH, "mia", Some(json!({"state": "disabled"})));
        assert_eq!(disabled.status, 200, "{}", disabled.body);
        let (_, _, mia) = tokens.iter().find(|(id, _, _)| *id == "mia").unwrap();
        assert_eq!(
            world.call(Method::GET, "/v1/me", Some(mia), None).status,
            401
        );
        let deleted = call(Method::DELETE, "mia", None);
        assert_eq!(deleted.status, 204, "{}", deleted.body);
        assert_eq!(told(&call(Method::DELETE, "mia", None)), "404 not_found");
        let sql = format!(
            "event WHERE action = 'user.delete' AND subject = 'mia' AND actor = '{role}' \
            AND actor_name = '{helper}' AND detail -> 'old' = '{{\"role\":\"member\",\"state\":\"disabled\"}}'"
        );
        assert_eq!(world.count(&sql), 1);
        // The keeper is still let in.
        let me = world.call(Method::GET, USERS, Some(token), None);
        assert_eq!(me.status, 200, "{}", me.body);
    }
}

#[test]
fn of_themselves_keepers_change_only_how_they_are_called() {
    let (world, tokens) = staffed();
    for (id, role, token) in &tokens {
        let body =
            json!({"name": "New", "email": format!("{id}@new.test"), "username": format!("{id}2")});
        let named = world.call(Method::PATCH, &path(id), Some(token), Some(body));
        let expected = if *role == "member" { 403 } else { 200 };
        assert_eq!(named.status, expected, "{id}: {}", named.body);
        if expected == 200 {
            assert_eq!(
                world.call(Method::GET, USERS, Some(token), None).status,
                200
            );
        }
    }
}

#[test]
fn a_change_takes_a_fresh_proof() {
    let (mut world, tokens) = staffed();
    world.wait(301);
    person(&world, "una", "admin");
    let before = all_of(&world);
    for token in [&tokens[0].2, &first_factor(&world, "una")] {
        for (method, body) in [
            (Method::PATCH, Some(json!({"name": "M"}))),
            (Method::PUT, Some(whole("mia", "member"))),
            (Method::DELETE, None),
        ] {
            let answer = world.call(method, &path("mia"), Some(token), body);
            assert_eq!(told(&answer), "403 step_up_required");
        }
    }
    assert_eq!(all_of(&world).1, before.1);
}

/// What may happen between the moment when a change was allowed and its commit.
const MEANWHILE: [(&str, &str); 6] = [
    (
        "the helper is demoted",
        "UPDATE user SET role = 'member', version = version + 1 WHERE external_id = 'olga';
        UPDATE session SET user_version = user_version + 1
        WHERE user = (SELECT id FROM user WHERE external_id = 'olga')",
    ),
    (
        "the session ends",
        "UPDATE session SET ended_at = 1 WHERE user = (SELECT id FROM user WHERE external_id = 'olga')",
    ),
    (
        "the session gets another token",
        "UPDATE session SET token_hash = 'x' WHERE user = (SELECT id FROM user WHERE external_id = 'olga')",
    ),
    (
        "the helper's factor goes",
        "DELETE FROM authenticator WHERE user = (SELECT id FROM user WHERE external_id = 'olga')",
    ),
    (
        "the policy changes",
        "UPDATE organization SET policy_version = policy_version + 1",
    ),
    (
        "the person changes",
        "UPDATE user SET role = 'admin', version = version + 1 WHERE external_id = 'mia'",
    ),
];

#[test]
fn what_changed_since_it_was_allowed_is_not_done() {
    for (what, sql) in MEANWHILE {
        for (method, id, tail, body) in [
            (Method::PATCH, "mia", "", Some(json!({"groups": ["night"]}))),
            (Method::PUT, "nina", "", Some(json!({}))),
            (Method::DELETE, "mia", "", None),
            (
                Method::POST,
                "mia",
                "/revoke-mfa",
                Some(json!({"authenticators": 1})),
            ),
            (Method::POST, "mia", "/sign-out", Some(json!({}))),
        ] {
            if id == "nina" && what == "the person changes" {
                continue;
            }
            let world = acme();
            person(&world, "olga", "owner");
            person(&world, "mia", "member");
            let token = enroll(&world, "olga");
            enroll(&world, "mia");
            let events = world.count("event");
            let users = world.count("user");
            // The first trip lets the caller in, the second finds the person, the third commits.
            world
                .native
                .database
                .set_faults(&[(3, DatabaseFault::Preceded(sql))]);
            let path = format!("{}{tail}", path(id));
            let answer = world.call(method.clone(), &path, Some(&token), body);
            assert_eq!(told(&answer), "409 conflict", "{what}: {method} {path}");
            assert_eq!(world.count("event"), events, "{what}: {method} {path}");
            assert_eq!(world.count("user"), users, "{what}: {method} {path}");
        }
    }
}

#[test]
fn a_person_who_comes_or_goes_meanwhile_is_not_written_over() {
    let world = acme();
    person(&world, "olga", "owner");
    person(&world, "mia", "member");
    let token = enroll(&world, "olga");
    let preceded = |sql| {
        let faults = &[(3, DatabaseFault::Preceded(sql))];
        world.native.database.set_faults(faults);
    };
    preceded("INSERT INTO user (organization, id, external_id, created_at, version, username, role, groups, state, handle)
        SELECT organization, 'u_x', 'nina', 1, 1, 'nina', 'owner', '[]', 'active', 'h' FROM user WHERE external_id = 'olga'");
    let body = whole("nina", "member");
    let answer = world.call(Method::PUT, &path("nina"), Some(&token), Some(body));
    assert_eq!(told(&answer), "409 conflict", "{}", answer.body);
    assert_eq!(
        world.count("user WHERE external_id = 'nina' AND role = 'owner'"),
        1
    );
    preceded("DELETE FROM user WHERE external_id = 'mia'");
    let body = whole("mia", "member");
    let answer = world.call(Method::PUT, &path("mia"), Some(&token), Some(body));
    assert_eq!(told(&answer), "409 conflict", "{}", answer.body);
    assert_eq!(world.count("user WHERE external_id = 'mia'"), 0);
}

#[test]
fn a118_the_last_owner_stays_whoever_asks() {
    let world = acme();
    person(&world, "olga", "owner");
    person(&world, "otto", "owner");
    let olga = enroll(&world, "olga");
    let otto = enroll(&world, "otto");
    let demote = json!({"role": "admin"});
    let done = world.call(
        Method::PATCH,
        &path("otto"),
        Some(&olga),
        Some(demote.clone()),
    );
    assert_eq!(done.status, 200, "{}", done.body);
    // Who was demoted does not answer in kind, nor does the last one leave.
    for token in [&otto, &olga] {
        let answer = world.call(
            Method::PATCH,
            &path("olga"),
            Some(token),
            Some(demote.clone()),
        );
        assert_eq!(told(&answer), "403 forbidden");
        let answer = world.call(Method::DELETE, &path("olga"), Some(token), None);
        assert_eq!(told(&answer), "403 forbidden");
    }
    let answer = world.application(Method::PATCH, &path("olga"), demote);
    assert_eq!(told(&answer), "409 conflict");
    assert_eq!(world.count("user WHERE role = 'owner'"), 1);
}
