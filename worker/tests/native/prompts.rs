//! The offer to enroll after a sign-in, and "not now".

use http::Method;
use serde_json::{Value, json};

use crate::{
    people::{acme, enroll, person, set_policy},
    world::{Answer, PASSWORD, World},
};

const DAY: u64 = 86_400;

fn sign_in(world: &World, id: &str) -> Answer {
    let answer = world.sign_in_as(id, PASSWORD, "bearer");
    assert_eq!(answer.body["decision"], "complete", "{}", answer.body);
    answer
}

/// What an application hears.
fn asked_by_application(world: &World, id: &str, first: &str) -> Value {
    let body = json!({"organization": "acme", "user": id, "session": "bearer",
        "first_factor": {"method": first}});
    let answer = world.application(Method::POST, "/v1/sign-ins", body);
    assert_eq!(answer.body["decision"], "complete", "{}", answer.body);
    answer.body
}

fn not_now(world: &World, token: &str) -> Answer {
    let path = "/v1/me/prompt/declined";
    world.call(Method::POST, path, Some(token), Some(json!({})))
}

fn token(answer: &Answer) -> &str {
    answer.body["session"]["token"].as_str().unwrap()
}

#[test]
fn not_now_is_kept_with_the_user_and_asked_again_when_the_days_are_over() {
    let mut world = acme();
    person(&world, "mia", "member");
    let first = sign_in(&world, "mia");
    assert_eq!(first.body["prompt"], json!({"again_after_days": 14}));
    assert_eq!(first.trips, 2);
    // Until it is answered it comes again, in every browser.
    assert_eq!(sign_in(&world, "mia").body["prompt"], first.body["prompt"]);
    let declined = not_now(&world, token(&first));
    assert_eq!(
        (declined.status, declined.trips),
        (204, 2),
        "{}",
        declined.body
    );
    assert_eq!(sign_in(&world, "mia").body["prompt"], Value::Null);
    let told = asked_by_application(&world, "mia", "password");
    assert_eq!(told["prompt"], Value::Null);
    // Said once more, it changes nothing: the days count from the first time.
    world.wait(DAY);
    let later = sign_in(&world, "mia");
    assert_eq!(not_now(&world, token(&later)).status, 204);
    assert_eq!(world.accepted("prompt.decline"), 1);
    world.wait(13 * DAY - 1);
    assert_eq!(sign_in(&world, "mia").body["prompt"], Value::Null);
    world.wait(1);
    let again = sign_in(&world, "mia");
    assert_eq!(again.body["prompt"], first.body["prompt"]);
    let told = asked_by_application(&world, "mia", "password");
    assert_eq!(told["prompt"], first.body["prompt"]);
    let by_provider = asked_by_application(&world, "mia", "sso");
    assert_eq!(by_provider["prompt"], Value::Null);
    assert_eq!(not_now(&world, token(&again)).status, 204);
    assert_eq!(world.accepted("prompt.decline"), 2);
    // Fewer days, and what was said before is over.
    world.wait(2 * DAY);
    set_policy(&world, &json!({"prompt": {"days": 3}}));
    assert_eq!(sign_in(&world, "mia").body["prompt"], Value::Null);
    set_policy(&world, &json!({"prompt": {"days": 2}}));
    let prompt = &sign_in(&world, "mia").body["prompt"];
    assert_eq!(prompt, &json!({"again_after_days": 2}));
    set_policy(&world, &json!({"prompt": "off"}));
    assert_eq!(sign_in(&world, "mia").body["prompt"], Value::Null);
}

#[test]
fn not_now_moves_no_version_and_ends_no_session() {
    let world = acme();
    person(&world, "mia", "member");
    let (one, other) = (sign_in(&world, "mia"), sign_in(&world, "mia"));
    assert_eq!(not_now(&world, token(&one)).status, 204);
    for session in [&one, &other] {
        let me = world.call(Method::GET, "/v1/me", Some(token(session)), None);
        assert_eq!(me.status, 200, "{}", me.body);
    }
}

#[test]
fn who_has_an_authenticator_is_offered_nothing_and_grace_offers_with_its_day() {
    let mut world = acme();
    for id in ["mia", "noa", "zoe"] {
        person(&world, id, "member");
    }
    let enrolled = enroll(&world, "mia");
    assert_eq!(not_now(&world, &enrolled).status, 204);
    assert_eq!(world.accepted("prompt.decline"), 0);
    let until = world.now + 7 * DAY;
    set_policy(&world, &json!({"mode": "required", "grace_until": until}));
    let noa = sign_in(&world, "noa");
    assert_eq!(noa.body["prompt"], json!({"again_after_days": 14}));
    assert_eq!(noa.body["deadline_at"], until);
    assert_eq!(not_now(&world, token(&noa)).status, 204);
    world.wait(7 * DAY);
    // From then on it is no offer.
    let must = world.sign_in_as("noa", PASSWORD, "bearer");
    assert_eq!(must.body["decision"], "enroll", "{}", must.body);
    assert_eq!(must.body["prompt"], Value::Null);
    let refused = not_now(&world, token(&must));
    assert_eq!(
        refused.body["code"], "enrollment_required",
        "{}",
        refused.body
    );
}

#[test]
fn a_preview_tells_how_many_people_would_be_offered_enrollment() {
    let world = acme();
    for id in ["mia", "noa", "zoe"] {
        person(&world, id, "member");
    }
    enroll(&world, "mia");
    set_policy(&world, &json!({"prompt": "off"}));
    let path = "/v1/organizations/acme/policy/preview";
    let body = json!({"policy": {"prompt": {"days": 5}}});
    let preview = world.application(Method::POST, path, body);
    let effects =
        json!([{"change": "prompted", "from": world.now, "people": 2, "named": ["noa", "zoe"]}]);
    assert_eq!(preview.body["preview"]["effects"], effects);
    let wrong = json!({"policy": {"prompt": {"days": 0}}});
    let refused = world.application(Method::POST, path, wrong);
    assert_eq!(refused.body["field"], "prompt", "{}", refused.body);
}
