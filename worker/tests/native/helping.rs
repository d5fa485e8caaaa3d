//! What owners and admins do for people.

use http::Method;
use postern_worker::platform::native::DatabaseFault;
use serde_json::{Value, json};

use crate::{
    people::{USERS, acme, enroll, everything, first_factor, path_of, person},
    world::PASSWORD,
};

/// Bodies of what is done for a person who has `authenticators`.
fn helps(authenticators: u32) -> [(&'static str, Value); 3] {
    [
        ("revoke-mfa", json!({"authenticators": authenticators})),
        ("sign-out", json!({})),
        ("unlock", json!({})),
    ]
}

#[test]
fn help_comes_from_above_and_never_from_oneself() {
    let world = acme();
    let people = [
        ("olga", "owner"),
        ("otto", "owner"),
        ("adam", "admin"),
        ("alma", "admin"),
        ("mia", "member"),
        ("max", "member"),
    ];
    let mut tokens = vec![];
    for (id, role) in people {
        person(&world, id, role);
        tokens.push((id, role, enroll(&world, id)));
    }
    let before = everything(&world);
    for (helper, role, token) in &tokens {
        for (id, of) in people {
            let may = match (*role, of) {
                _ if *helper == id => false,
                ("owner", _) | ("admin", "member") => true,
                _ => false,
            };
            // Another number of authenticators: whoever may help is told so, and nothing ends.
            let (status, code) = if may {
                (409, "conflict")
            } else {
                (403, "forbidden")
            };
            let path = path_of(id, "revoke-mfa");
            let body = json!({"authenticators": 7});
            let answer = world.call(Method::POST, &path, Some(token), Some(body));
            let told = (answer.status, answer.body["code"].as_str().unwrap());
            assert_eq!(told, (status, code), "{helper} {id}: {}", answer.body);
            for (what, body) in helps(1).into_iter().filter(|_| !may) {
                let path = path_of(id, what);
                let answer = world.call(Method::POST, &path, Some(token), Some(body));
                assert_eq!(answer.status, 403, "{helper} {what} {id}: {}", answer.body);
            }
        }
        for (what, body) in helps(1) {
            let answer = world.call(
                Method::POST,
                &path_of("nobody", what),
                Some(token),
                Some(body),
            );
            let status = if *role == "member" { 403 } else { 404 };
            assert_eq!(answer.status, status, "{helper} {what}: {}", answer.body);
        }
    }
    assert_eq!(everything(&world), before);
}

#[test]
fn help_takes_a_fresh_proof() {
    let mut world = acme();
    person(&world, "olga", "owner");
    person(&world, "mia", "member");
    let token = enroll(&world, "olga");
    world.wait(301);
    let before = everything(&world);
    for (what, body) in helps(0) {
        let answer = world.call(
            Method::POST,
            &path_of("mia", what),
            Some(&token),
            Some(body),
        );
        assert_eq!(
            answer.body["code"], "step_up_required",
            "{what}: {}",
            answer.body
        );
    }
    assert_eq!(everything(&world), before);
}

/// As docs/operations.md has it.
#[test]
fn an_only_owner_who_lost_everything_is_helped_by_the_operator() {
    let world = acme();
    person(&world, "olga", "owner");
    let lost = enroll(&world, "olga");
    let own = world.call(
        Method::POST,
        &path_of("olga", "revoke-mfa"),
        Some(&lost),
        Some(json!({"authenticators": 1})),
    );
    assert_eq!(own.status, 403, "{}", own.body);
    let seen = world.application(Method::GET, &path_of("olga", "security"), json!(null));
    let held = seen.body["authenticators"].as_array().map(Vec::len);
    assert_eq!(held, Some(1), "{}", seen.body);
    let done = world.application(
        Method::POST,
        &path_of("olga", "revoke-mfa"),
        json!({"authenticators": held}),
    );
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(done.body["ended"]["sessions"], 1, "{}", done.body);
    let recorded =
        "event WHERE action = 'mfa.revoke' AND actor = 'application' AND subject = 'olga'";
    assert_eq!(world.count(recorded), 1);
    let again = enroll(&world, "olga");
    let people = world.call(Method::GET, USERS, Some(&again), None);
    assert_eq!(people.status, 200, "{}", people.body);
}

#[test]
fn what_is_revoked_ends_at_once_and_the_next_sign_in_enrolls() {
    for by in ["owner", "admin", "application"] {
        let world = acme();
        person(
            &world,
            "helper",
            if by == "application" { "member" } else { by },
        );
        person(&world, "mia", "member");
        let helper = enroll(&world, "helper");
        let second = first_factor(&world, "mia");
        let token = enroll(&world, "mia");
        let begun = world.call(Method::POST, "/v1/me/totp", Some(&token), Some(json!({})));
        assert_eq!(begun.status, 200, "{}", begun.body);
        let path = path_of("mia", "revoke-mfa");
        let body = json!({"authenticators": 1});
        let done = if by == "application" {
            world.application(Method::POST, &path, body)
        } else {
            world.call(Method::POST, &path, Some(&helper), Some(body))
        };
        assert_eq!(done.status, 200, "{by}: {}", done.body);
        let ended = json!({"authenticators": 1, "backup_codes": 10, "trusted_devices": 0,
            "sessions": 1, "locks": 0});
        assert_eq!(done.body["ended"], ended, "{by}");
        // One trip looks the person up, and one commits.
        assert_eq!(done.trips, if by == "application" { 2 } else { 3 }, "{by}");
        for token in [&second, &token] {
            let me = world.call(Method::GET, "/v1/me", Some(token), None);
            assert_eq!(me.status, 401, "{by}: {}", me.body);
        }
        let left = ["authenticator", "backup_code", "enrollment", "session"].map(|table| {
            let of_mia = "(SELECT id FROM user WHERE external_id = 'mia')";
            let ended = if table == "session" {
                " AND ended_at IS NULL"
            } else {
                ""
            };
            world.count(&format!("{table} WHERE user = {of_mia}{ended}"))
        });
        assert_eq!(left, [0; 4], "{by}");
        let told = world.count("mail WHERE kind = 'mfa_revoked' AND address = 'mia@acme.test'");
        assert_eq!(told, 1, "{by}");
        let sql = format!(
            "event WHERE action = 'mfa.revoke' AND actor = '{by}' AND subject = 'mia' \
            AND detail ->> '$.ended.authenticators' = 1 AND actor_name IS {}",
            if by == "application" {
                "NULL"
            } else {
                "'helper'"
            }
        );
        assert_eq!(world.count(&sql), 1, "{by}");
        // The helper is still who they were, and the person enrolls again.
        if by != "application" {
            let again = world.call(Method::GET, USERS, Some(&helper), None);
            assert_eq!(again.status, 200, "{by}: {}", again.body);
        }
        enroll(&world, "mia");
    }
}

#[test]
fn a_revocation_whose_answer_is_lost_is_done_once() {
    let world = acme();
    person(&world, "mia", "member");
    enroll(&world, "mia");
    // The first trip looks the person up.
    world
        .native
        .database
        .set_faults(&[(2, DatabaseFault::AnswerLost)]);
    let body = json!({"authenticators": 1});
    let done = world.application(Method::POST, &path_of("mia", "revoke-mfa"), body);
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(done.body["ended"]["authenticators"], 1, "{}", done.body);
    assert_eq!(world.accepted("mfa.revoke"), 1);
    assert_eq!(world.count("mail WHERE kind = 'mfa_revoked'"), 1);
}

#[test]
fn signing_out_ends_sessions_and_keeps_factors() {
    let world = acme();
    person(&world, "mia", "member");
    let token = enroll(&world, "mia");
    let done = world.application(Method::POST, &path_of("mia", "sign-out"), json!({}));
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(done.body["ended"]["sessions"], 1, "{}", done.body);
    assert_eq!(done.body["ended"]["authenticators"], 0, "{}", done.body);
    let me = world.call(Method::GET, "/v1/me", Some(&token), None);
    assert_eq!(me.status, 401, "{}", me.body);
    assert_eq!(world.count("authenticator"), 1);
    assert_eq!(world.count("mail WHERE kind = 'signed_out'"), 1);
}

#[test]
fn who_was_locked_out_tries_again_at_once() {
    let world = acme();
    person(&world, "mia", "member");
    for _ in 0..9 {
        world.sign_in_as("mia", "not the password", "bearer");
    }
    assert_eq!(world.sign_in_as("mia", PASSWORD, "bearer").status, 429);
    let done = world.application(Method::POST, &path_of("mia", "unlock"), json!({}));
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(done.body["ended"]["locks"], 1, "{}", done.body);
    first_factor(&world, "mia");
    assert_eq!(world.count("mail WHERE kind = 'unlocked'"), 1);
}
