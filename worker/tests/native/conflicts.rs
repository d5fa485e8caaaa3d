//! What the stored state does not allow, as a code for programs.

use http::Method;
use serde_json::{Value, json};

use crate::{
    people::{USERS, acme, enroll, person},
    world::{Answer, World},
};

const POLICY: &str = "/v1/organizations/acme/policy";

fn check(answer: &Answer, conflict: &str) {
    let told = (&answer.body["code"], &answer.body["conflict"]);
    let expect = (&json!("conflict"), &json!(conflict));
    assert_eq!((answer.status, told), (409, expect), "{}", answer.body);
    // For developers, and not to be read by programs.
    assert!(answer.body["detail"].is_string(), "{}", answer.body);
}

fn by(world: &World, token: &str, method: Method, path: &str, body: Value) -> Answer {
    let body = Some(body).filter(|body| !body.is_null());
    world.call(method, path, Some(token), body)
}

#[test]
fn a_conflict_says_which_one_it_is() {
    let mut world = acme();
    for (id, role) in [("olga", "owner"), ("mia", "member"), ("noa", "member")] {
        person(&world, id, role);
    }
    let (olga, mia) = (enroll(&world, "olga"), enroll(&world, "mia"));
    let path = |id: &str| format!("{USERS}/{id}");
    let revoke = |id: &str| format!("{USERS}/{id}/revoke-mfa");

    let taken = json!({"username": "mia"});
    check(
        &world.application(Method::PATCH, &path("noa"), taken),
        "username_taken",
    );
    let member = json!({"role": "member"});
    check(
        &world.application(Method::PATCH, &path("olga"), member),
        "last_owner",
    );
    check(
        &world.application(Method::DELETE, &path("olga"), Value::Null),
        "last_owner",
    );
    let two = json!({"authenticators": 2});
    check(
        &by(&world, &olga, Method::POST, &revoke("mia"), two),
        "miscounted",
    );

    let version = world.application(Method::GET, POLICY, Value::Null).body["version"].clone();
    let off = json!({"policy": {"mode": "off"}, "version": version, "affected": 7});
    check(&by(&world, &olga, Method::PUT, POLICY, off), "miscounted");
    let old = json!({"policy": {}, "version": 1});
    check(
        &world.application(Method::PUT, POLICY, old.clone()),
        "policy_changed",
    );
    check(
        &by(&world, &olga, Method::PUT, POLICY, old),
        "policy_changed",
    );

    let begun = by(&world, &mia, Method::POST, "/v1/me/totp", json!({}));
    let shown = &begun.body["enrollment"];
    world.wait(30);
    let body = json!({"enrollment": shown["id"], "code": world.code_of(shown), "name": "Other"});
    let confirm = "/v1/me/totp/confirm";
    let confirmed = by(&world, &mia, Method::POST, confirm, body);
    assert_eq!(confirmed.status, 200, "{}", confirmed.body);
    let mia = confirmed.body["session"]["token"].as_str().unwrap_or(&mia);
    let renamed = &confirmed.body["authenticator"]["id"];
    let at = format!("/v1/me/authenticators/{}", renamed.as_str().unwrap());
    check(
        &by(&world, mia, Method::PATCH, &at, json!({"name": "Phone"})),
        "name_taken",
    );

    let noa = crate::people::first_factor(&world, "noa");
    let codes = "/v1/me/backup-codes";
    check(
        &by(&world, &noa, Method::POST, codes, json!({})),
        "authenticator_missing",
    );
    let body = json!({"password": crate::world::PASSWORD});
    check(
        &by(&world, &noa, Method::DELETE, "/v1/me/mfa", body),
        "nothing_on",
    );
}
