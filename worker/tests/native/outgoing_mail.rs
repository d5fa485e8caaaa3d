//! Mail that has not left, as owners and admins see it, and another try.

use http::Method;
use postern_worker::platform::native::{Answer as WebAnswer, DatabaseFault};
use serde_json::{Value, json};

use crate::{
    mailed::{USER, reachable},
    people::{acme, enroll, path_of, person},
    world::{Answer, World},
};

const MAIL: &str = "/v1/organizations/acme/mail";
const DAY: u64 = 86_400;

fn list(world: &World) -> Value {
    let listed = world.application(Method::GET, MAIL, Value::Null);
    assert_eq!(listed.status, 200, "{}", listed.body);
    listed.body
}

fn first(world: &World) -> Value {
    list(world)["mails"][0].clone()
}

fn retry(world: &World, id: &Value) -> Answer {
    let path = format!("{MAIL}/{}/retry", id.as_str().unwrap());
    world.application(Method::POST, &path, json!({}))
}

/// Ann is told something that nobody takes, until it is given up.
fn given_up(does: &str) -> World {
    let mut world = reachable();
    world.native.outside.answer(|_| WebAnswer::Status(500));
    let done = world.application(Method::POST, &format!("{USER}/{does}"), json!({}));
    assert_eq!(done.status, 200, "{}", done.body);
    while world.count("mail WHERE failed_at IS NULL AND sent_at IS NULL") > 0 {
        world.wait(3600);
        world.sweep();
    }
    world
}

#[test]
fn what_waits_and_what_was_given_up_is_shown_with_the_reason_and_without_what_it_says() {
    let mut world = reachable();
    assert_eq!(
        list(&world),
        json!({"sends": true, "mails": [], "next_cursor": null})
    );
    world.native.outside.answer(|_| WebAnswer::Status(500));
    world.application(Method::POST, &format!("{USER}/sign-out"), json!({}));
    let at = world.now;
    let waiting = json!({"id": first(&world)["id"], "kind": "signed_out", "user": "ann", "name": "ann@example.test",
        "to": "ann@acme.test", "at": at, "state": "waiting", "tries": 1, "next_at": at + 60,
        "given_up_at": null, "error": "answered 500", "can_be_sent": true});
    assert_eq!(first(&world), waiting);
    while world.count("mail WHERE failed_at IS NULL AND sent_at IS NULL") > 0 {
        world.wait(3600);
        world.sweep();
    }
    let mail = first(&world);
    assert_eq!(
        (&mail["state"], &mail["tries"]),
        (&json!("given_up"), &json!(17))
    );
    assert_eq!(
        (&mail["next_at"], &mail["given_up_at"]),
        (&Value::Null, &json!(world.now))
    );
    world.wait(31 * DAY);
    world.sweep();
    assert_eq!(list(&world)["mails"], json!([]));
    // Where nothing is set that sends, all of it waits.
    let world = World::with_ann();
    world.run("UPDATE user SET email = 'ann@acme.test'");
    world.application(Method::POST, &format!("{USER}/sign-out"), json!({}));
    let listed = list(&world);
    assert_eq!(
        (&listed["sends"], &listed["mails"][0]["error"]),
        (&json!(false), &Value::Null)
    );
}

#[test]
fn a_mail_that_was_given_up_is_sent_again_once_with_the_same_id() {
    let world = given_up("sign-out");
    let id = first(&world)["id"].clone();
    let tried = world.native.outside.take_posts();
    let name = |headers: &[(&'static str, String)]| {
        let id = headers.iter().find(|(name, _)| *name == "webhook-id");
        id.unwrap().1.clone()
    };
    // Refused once more: it waits again, for as long as the first time.
    assert_eq!(retry(&world, &id).status, 204);
    let mail = first(&world);
    assert_eq!(
        (&mail["state"], &mail["tries"]),
        (&json!("waiting"), &json!(1))
    );
    world.native.outside.answer(|_| WebAnswer::Status(200));
    assert_eq!(retry(&world, &id).status, 204);
    assert_eq!(list(&world)["mails"], json!([]));
    let sent = world.native.outside.take_posts();
    assert_eq!(sent.len(), 2);
    assert_eq!(name(&sent[1].headers), name(&tried[0].headers));
    assert_eq!(world.accepted("mail.retry"), 2);
    assert_eq!(
        world.count("event WHERE action = 'mail.retry' AND detail ->> 'kind' = 'signed_out'"),
        2
    );
    // Sent: there is nothing to try.
    let again = retry(&world, &id);
    assert_eq!(
        (again.status, &again.body["conflict"]),
        (409, &json!("moved_on"))
    );
    assert_eq!(world.accepted("mail.retry"), 2);
}

#[test]
fn a_link_that_is_over_is_not_sent_again() {
    let mut world = reachable();
    world.enroll();
    world.wait(60);
    world.native.outside.take_posts();
    world.native.outside.answer(|_| WebAnswer::Status(500));
    let begun = world.application(Method::POST, &format!("{USER}/reset-mfa"), json!({}));
    assert_eq!(begun.status, 200, "{}", begun.body);
    let mail = first(&world);
    assert_eq!(
        (&mail["kind"], &mail["can_be_sent"]),
        (&json!("reset_started"), &json!(true))
    );
    assert_eq!(retry(&world, &mail["id"]).status, 204);
    world.wait(3600);
    world.sweep();
    let mail = first(&world);
    assert_eq!(
        (&mail["state"], &mail["can_be_sent"]),
        (&json!("given_up"), &json!(false))
    );
    assert_eq!(mail["error"], "its link is over");
    let refused = retry(&world, &mail["id"]);
    assert_eq!(
        (refused.status, &refused.body["conflict"]),
        (409, &json!("link_over"))
    );
    assert_eq!(world.accepted("mail.retry"), 1);
    let shown = list(&world).to_string();
    assert!(
        !shown.contains("pl_re_") && !shown.contains("http"),
        "{shown}"
    );
}

#[test]
fn owners_and_admins_of_the_organization_see_it_and_nobody_else() {
    let world = acme();
    for (id, role) in [("olga", "owner"), ("adam", "admin"), ("mia", "member")] {
        person(&world, id, role);
    }
    let umbrella = world.application(
        Method::PUT,
        "/v1/organizations/umbrella",
        json!({"name": "U"}),
    );
    assert_eq!(umbrella.status, 201);
    world.application(Method::POST, &path_of("mia", "sign-out"), json!({}));
    let id = first(&world)["id"].as_str().unwrap().to_owned();
    let mail = list(&world)["mails"].as_array().unwrap().len();
    for (who, status) in [("olga", 200), ("adam", 200), ("mia", 403)] {
        let token = enroll(&world, who);
        assert_eq!(
            world.call(Method::GET, MAIL, Some(&token), None).status,
            status,
            "{who}"
        );
        let path = format!("{MAIL}/{id}/retry");
        let tried = world.call(Method::POST, &path, Some(&token), Some(json!({})));
        let expected = if status == 200 { 204 } else { status };
        assert_eq!(tried.status, expected, "{who}: {}", tried.body);
    }
    assert!(mail > 0);
    // Of another organization: not there.
    let elsewhere = "/v1/organizations/umbrella/mail";
    let none = world.application(Method::GET, elsewhere, Value::Null);
    assert_eq!(none.body["mails"], json!([]));
    for (path, status) in [
        (format!("{elsewhere}/{id}/retry"), 404),
        (format!("{MAIL}/999999/retry"), 404),
        (format!("{MAIL}/0{id}/retry"), 400),
        (format!("{MAIL}/nothing/retry"), 400),
        (format!("{MAIL}/-1/retry"), 400),
        ("/v1/organizations/nowhere/mail/1/retry".to_owned(), 404),
    ] {
        let answer = world.application(Method::POST, &path, json!({}));
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
    }
    assert_eq!(world.accepted("mail.retry"), 2);
}

#[test]
fn pages_follow_one_another_without_gap_or_repeat() {
    let mut world = World::with_ann();
    world.run("UPDATE user SET email = 'ann@acme.test'");
    for _ in 0..7 {
        world.application(Method::POST, &format!("{USER}/sign-out"), json!({}));
        world.wait(60);
    }
    let all: Vec<Value> = list(&world)["mails"].as_array().unwrap().clone();
    assert_eq!(all.len(), 7);
    let (mut found, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let after = cursor.as_str().map(|cursor| format!("&cursor={cursor}"));
        let path = format!("{MAIL}?limit=3{}", after.unwrap_or_default());
        let page = world.application(Method::GET, &path, Value::Null);
        assert_eq!(page.status, 200, "{}", page.body);
        found.extend(page.body["mails"].as_array().unwrap().clone());
        cursor = page.body["next_cursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    assert_eq!(found, all);
    for query in [
        "limit=0",
        "limit=101",
        "cursor=nothing",
        "cursor=01",
        "more=1",
    ] {
        let path = format!("{MAIL}?{query}");
        assert_eq!(
            world.application(Method::GET, &path, Value::Null).status,
            400,
            "{query}"
        );
    }
}

#[test]
fn a_mail_that_a_job_has_in_hand_is_not_sent_twice() {
    let world = given_up("sign-out");
    let id = first(&world)["id"].clone();
    let claimed = "UPDATE mail SET claim = 'another', failed_at = NULL, due_at = 9999999999";
    world
        .native
        .database
        .set_faults(&[(2, DatabaseFault::Preceded(claimed))]);
    let refused = retry(&world, &id);
    assert_eq!(
        (refused.status, &refused.body["conflict"]),
        (409, &json!("moved_on"))
    );
    assert_eq!(world.accepted("mail.retry"), 0);
}

#[test]
fn a97_a99_another_try_is_recorded_once_or_not_at_all() {
    for trip in 1..=3 {
        for fault in [DatabaseFault::Fails, DatabaseFault::AnswerLost] {
            let world = given_up("sign-out");
            world.native.outside.answer(|_| WebAnswer::Status(200));
            let id = first(&world)["id"].clone();
            world.native.database.set_faults(&[(trip, fault)]);
            let status = retry(&world, &id).status;
            world.native.database.set_faults(&[]);
            let done = world.accepted("mail.retry");
            assert!([204, 503].contains(&status), "{trip} {fault:?}: {status}");
            assert_eq!(done, u32::from(status == 204), "{trip} {fault:?}");
            let back = world.count("mail WHERE kind = 'signed_out' AND failed_at IS NULL");
            assert_eq!(back, done, "{trip} {fault:?}");
        }
    }
}
