//! Who asked for help, as owners and admins see it.

use http::Method;
use serde_json::{Value, json};

use crate::{
    people::{USERS, acme, enroll, first_factor, path_of, person},
    world::{Answer, PASSWORD, World},
};

const REQUESTS: &str = "/v1/organizations/acme/help-requests";

/// The person passes the first step, and asks for help.
fn ask(world: &World, id: &str) {
    let challenge = world.sign_in_as(id, PASSWORD, "bearer").body["challenge"]["token"].clone();
    let body = json!({"challenge": challenge, "send": true});
    let asked = world.call(Method::POST, "/v1/challenges/help", None, Some(body));
    assert_eq!(asked.body["sent_at"], world.now, "{}", asked.body);
}

/// Acme with Olga, who owns it, Adam, an admin, and members with an app.
fn with_members(members: &[&str]) -> (World, [String; 2]) {
    let mut world = acme();
    person(&world, "olga", "owner");
    person(&world, "adam", "admin");
    let tokens = ["olga", "adam"].map(|id| enroll(&world, id));
    for id in members {
        person(&world, id, "member");
        enroll(&world, id);
    }
    world.wait(90);
    (world, tokens)
}

fn show(world: &World, query: &str) -> Answer {
    let shown = world.application(Method::GET, &format!("{REQUESTS}{query}"), Value::Null);
    assert_eq!(shown.status, 200, "{}", shown.body);
    shown
}

/// The ids of those who wait for help.
fn waiting(world: &World) -> Vec<String> {
    let shown = show(world, "").body;
    let requests = shown["requests"].as_array().unwrap().iter();
    let ids = requests.map(|request| request["user"].as_str().unwrap().to_owned());
    let ids: Vec<String> = ids.collect();
    // Each person's own page says the same.
    for id in ["mia", "max"] {
        let seen = world.application(Method::GET, &path_of(id, "security"), Value::Null);
        let is_waiting = ids.iter().any(|waiting| waiting == id);
        assert_eq!(!seen.body["asked_for_help"].is_null(), is_waiting, "{id}");
    }
    ids
}

#[test]
fn those_who_asked_are_seen_by_owners_and_admins_of_their_organization_alone() {
    let (mut world, [olga, adam]) = with_members(&["mia", "max"]);
    assert_eq!(waiting(&world), [""; 0]);
    let enrolled_at = world.now - 90;
    ask(&world, "mia");
    world.wait(60);
    let no_address = json!({"email": null});
    let path = format!("{USERS}/max");
    assert_eq!(
        world.application(Method::PATCH, &path, no_address).status,
        200
    );
    ask(&world, "max");
    let request = |id: &str, reachable: bool, at: u64| {
        json!({"user": id, "username": id, "name": null, "role": "member",
            "reachable": reachable, "signed_in_at": enrolled_at,
            "asked": {"at": at, "browser": null, "ip": null}})
    };
    let two = json!({"requests": [request("max", false, world.now), request("mia", true, world.now - 60)],
        "next_cursor": null});
    for token in [&olga, &adam] {
        let seen = world.call(Method::GET, REQUESTS, Some(token), None);
        assert_eq!(seen.body, two);
    }
    assert_eq!(waiting(&world), ["max", "mia"]);

    // A page at a time, and each person once, however often they ask.
    world.wait(3601);
    ask(&world, "mia");
    let first = show(&world, "?limit=1").body;
    assert_eq!(first["requests"][0]["user"], "mia");
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = show(&world, &format!("?limit=1&cursor={cursor}")).body;
    assert_eq!(second["requests"][0]["user"], "max");
    assert_eq!(second["next_cursor"], Value::Null);
    let bad = world.application(Method::GET, &format!("{REQUESTS}?cursor=x"), Value::Null);
    assert_eq!(bad.body["field"], "cursor", "{}", bad.body);

    // Not by a member, and not from another organization.
    person(&world, "mo", "member");
    let mo = first_factor(&world, "mo");
    let refused = world.call(Method::GET, REQUESTS, Some(&mo), None);
    assert_eq!(refused.status, 403, "{}", refused.body);
    let other = "/v1/organizations/other";
    let made = world.application(Method::PUT, other, json!({"name": "Other"}));
    assert_eq!(made.status, 201);
    let path = format!("{other}/help-requests");
    let none = json!({"requests": [], "next_cursor": null});
    let seen = world.application(Method::GET, &path, Value::Null);
    assert_eq!(seen.body, none);
}

#[test]
fn a_request_stands_until_it_is_answered_or_a_week_old() {
    let (mut world, _) = with_members(&["mia", "max"]);
    for (what, body) in [
        ("reset-mfa", json!({})),
        ("unlock", json!({})),
        ("revoke-mfa", json!({"authenticators": 1})),
    ] {
        world.wait(3601);
        ask(&world, "mia");
        assert_eq!(waiting(&world), ["mia"], "{what}");
        let done = world.application(Method::POST, &path_of("mia", what), body);
        assert_eq!(done.status, 200, "{what}: {}", done.body);
        assert_eq!(waiting(&world), [""; 0], "{what}");
    }
    ask(&world, "max");
    // What the person does is no answer, and neither is what is refused.
    world.sign_in_as("max", "not the password", "bearer");
    world.wait(7 * 24 * 3600 - 1);
    assert_eq!(waiting(&world), ["max"]);
    world.wait(1);
    assert_eq!(waiting(&world), [""; 0]);
}

#[test]
fn a_deleted_person_waits_no_longer() {
    let (world, _) = with_members(&["mia", "max"]);
    ask(&world, "mia");
    ask(&world, "max");
    let path = format!("{USERS}/mia");
    let gone = world.application(Method::DELETE, &path, Value::Null);
    assert_eq!(gone.status, 204, "{}", gone.body);
    let shown = show(&world, "").body;
    assert_eq!(shown["requests"].as_array().unwrap().len(), 1);
    assert_eq!(shown["requests"][0]["user"], "max");
}

#[test]
fn requests_are_found_by_their_index_and_other_events_are_not_read() {
    let (world, _) = with_members(&["mia"]);
    ask(&world, "mia");
    let statements = [show(&world, ""), {
        world.application(Method::GET, &path_of("mia", "security"), Value::Null)
    }];
    let statements = statements.iter().flat_map(|answer| &answer.statements);
    let of_requests = statements.flatten().filter(|sql| sql.contains("later.seq"));
    let mut seen = 0;
    for (sql, index) in of_requests.zip(["event_help (", "event_help_of_user ("]) {
        let plan = world.native.database.with(|database| {
            let mut explained = database.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
            let mut rows = explained.raw_query();
            let mut plan = Vec::<String>::new();
            while let Some(row) = rows.next()? {
                plan.push(row.get("detail")?);
            }
            Ok::<_, rusqlite::Error>(plan)
        });
        let plan = plan.unwrap();
        assert!(
            plan.iter()
                .any(|step| step.starts_with("SEARCH e ") && step.contains(index)),
            "{plan:#?}"
        );
        let scans = |step: &String| step.starts_with("SCAN ") && !step.contains("(subquery-");
        assert!(!plan.iter().any(scans), "{plan:#?}");
        assert!(
            !plan.iter().any(|step| step.contains("TEMP B-TREE")),
            "{plan:#?}"
        );
        seen += 1;
    }
    assert_eq!(seen, 2);
}
