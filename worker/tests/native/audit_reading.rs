//! The audit log as owners, admins and applications read it: who may, what an event says, and what is recorded of it.

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value, json};

use crate::{
    audit_events::{
        EVENTS, check_plans, eventful, ids_of, internal_ids, listed, matches, page, stored,
    },
    people::{USERS, acme, enroll, first_factor, person},
    world::World,
};

#[test]
fn an_event_says_who_did_what_to_whom() {
    let mut world = acme();
    for (id, role) in [("olga", "owner"), ("mia", "member")] {
        person(&world, id, role);
    }
    world.application(
        Method::PATCH,
        &format!("{USERS}/olga"),
        json!({"name": "Olga Owens"}),
    );
    world.application(
        Method::PATCH,
        &format!("{USERS}/mia"),
        json!({"name": "Mia Moss"}),
    );
    let mia = enroll(&world, "mia");
    let olga = enroll(&world, "olga");
    let path = format!("{USERS}/mia");
    let done = world.call(
        Method::PATCH,
        &path,
        Some(&olga),
        Some(json!({"role": "admin"})),
    );
    assert_eq!(done.status, 200, "{}", done.body);
    let newest = |world: &World, query: &str| page(world, query).body["events"][0].clone();
    let event = newest(&world, "action=user.put");
    let person_now = json!({"id": "mia", "name": "Mia Moss", "deleted": false});
    assert_eq!(
        event["actor"],
        json!({"kind": "owner", "id": "olga", "name": "Olga Owens"})
    );
    assert_eq!(event["person"], person_now);
    assert_eq!(event["detail"]["old"]["role"], "member", "{event}");
    assert_eq!(event["detail"]["new"]["role"], "admin", "{event}");
    let event = newest(&world, "person=mia&action=enrollment.confirm");
    assert_eq!(
        event["actor"],
        json!({"kind": "user", "id": "mia", "name": "Mia Moss"})
    );
    assert_eq!(event["person"], person_now);
    let kept = world.call(Method::GET, "/v1/me", Some(&mia), None).body;
    assert_eq!(
        kept["authenticators"].as_array().unwrap().len(),
        1,
        "{kept}"
    );
    world.wait(600);
    let asked = world.sign_in_as("mia", crate::world::PASSWORD, "bearer");
    world.verify(&asked.body["challenge"]["token"], "000000");
    // A wrong code of one app is one that took part.
    let event = newest(&world, "outcome=wrong");
    assert_eq!(
        (&event["action"], &event["method"]),
        (&json!("sign_in.verify"), &json!("totp")),
        "{event}"
    );
    let deleted = world.application(Method::DELETE, &path, Value::Null);
    assert_eq!(deleted.status, 204, "{}", deleted.body);
    let event = newest(&world, "person=mia&action=enrollment.confirm");
    assert_eq!(
        event["person"],
        json!({"id": "mia", "name": null, "deleted": true})
    );
    assert_eq!(event["personal_removed"], false);
    // Once the event is sealed, what is personal in it goes, and the event stays.
    world.run(
        "UPDATE sealed SET seq = (SELECT max(seq) FROM event);
         UPDATE event SET salt = NULL, personal = printf('%044d', 0), actor_name = NULL, subject = NULL, detail = NULL,
           ip = NULL, user_agent = NULL
         WHERE action = 'enrollment.confirm' AND user NOT IN (SELECT id FROM user)",
    );
    let event = newest(&world, "person=mia&action=enrollment.confirm");
    assert_eq!(
        event["person"],
        json!({"id": "mia", "name": null, "deleted": true})
    );
    assert_eq!(
        (&event["personal_removed"], &event["subject"]),
        (&json!(true), &Value::Null)
    );
}

#[test]
fn a72_only_owners_and_admins_read_the_log_of_their_own_organization() {
    let world = eventful();
    let other = "/v1/organizations/umbrella/audit-events";
    let foreign = world
        .application(Method::GET, &format!("{other}?limit=1"), Value::Null)
        .body;
    let foreign_cursor = foreign["next_cursor"].as_str().unwrap().to_owned();
    let once = first_factor(&world, "adam");
    let answer = world.call(Method::GET, EVENTS, Some(&once), None);
    assert_eq!(answer.body["code"], "step_up_required", "{}", answer.body);
    for (id, status) in [("olga", 200), ("adam", 200), ("mia", 403)] {
        let token = enroll(&world, id);
        let answer = world.call(Method::GET, EVENTS, Some(&token), None);
        assert_eq!(answer.status, status, "{id}: {}", answer.body);
        if status == 200 {
            assert_eq!(answer.trips, 2);
            let own: BTreeSet<_> = stored(&world).into_iter().map(|event| event.id).collect();
            assert!(ids_of(&answer.body).iter().all(|id| own.contains(id)));
        }
        let answer = world.call(Method::GET, other, Some(&token), None);
        assert_eq!(answer.body["code"], "not_found", "{id}: {}", answer.body);
    }
    let unknown = "e_aaaaaaaaaaaaaaaaaaaaaaaaaa";
    for query in [
        &*format!("cursor={foreign_cursor}"),
        &format!("cursor={unknown}"),
        "cursor=",
        "cursor=1",
        "organization=umbrella",
        "person=a/b",
        "person=",
        "actor=",
        "actor=a/b",
        "action=",
        "action=Sign_in",
        "action=a,,b",
        "outcome=",
        "outcome=a,b",
        "method=%27",
        "from=-1",
        "from=1e9",
        "until=x",
        "until=253402300800",
        "limit=0",
        "limit=101",
    ] {
        let answer = world.application(Method::GET, &format!("{EVENTS}?{query}"), Value::Null);
        assert_eq!(answer.body["code"], "malformed", "{query}: {}", answer.body);
        if !query.starts_with("organization") {
            assert_eq!(
                answer.body["field"].as_str(),
                query.split('=').next(),
                "{query}"
            );
        }
    }
    let none = world.application(
        Method::GET,
        "/v1/organizations/nobody/audit-events",
        Value::Null,
    );
    assert_eq!(none.status, 404);
    // The id of somebody elsewhere finds only who has it here.
    let (ids, _) = listed(&world, "person=mia");
    let internal = internal_ids(&world);
    let own = stored(&world)
        .into_iter()
        .filter(|event| matches(event, "person=mia", &internal));
    assert_eq!(ids, own.map(|event| event.id).collect::<Vec<_>>());
}

#[test]
fn that_the_log_is_read_is_recorded_once_an_hour_of_each_reader() {
    let mut world = acme();
    for (id, role) in [("olga", "owner"), ("adam", "admin")] {
        person(&world, id, role);
    }
    let [olga, adam] = ["olga", "adam"].map(|id| enroll(&world, id));
    let look = |world: &World| {
        for reader in [Some(&olga), Some(&adam), None] {
            for _ in 0..3 {
                let answer = match reader {
                    Some(token) => world.call(Method::GET, EVENTS, Some(token), None),
                    None => world.application(Method::GET, EVENTS, Value::Null),
                };
                assert_eq!(answer.status, 200, "{}", answer.body);
            }
        }
        world.count("event WHERE action = 'audit.read' AND outcome = 'accepted'")
    };
    assert_eq!(look(&world), 3);
    world.wait(1800);
    assert_eq!(look(&world), 3);
    world.wait(1800);
    assert_eq!(look(&world), 6);
    for (actor, readings) in [
        ("actor=olga", 2),
        ("actor=adam", 2),
        ("actor=application", 2),
    ] {
        let page = page(&world, &format!("{actor}&action=audit.read"));
        assert_eq!(ids_of(&page.body).len(), readings, "{actor}");
    }
}

#[test]
fn a84_a87_what_clients_say_of_themselves_is_text_and_breaks_no_line() {
    let world = acme();
    let evil =
        "<img src=x onerror=alert(1)>\r\n\u{1b}[31m{{7*7}}\u{2028}\u{202e}=HYPERLINK(1)\u{7f}";
    world.native.database.with(|connection| {
        let sql = "INSERT INTO event (id, organization, at, action, actor, method, subject, detail, outcome, user_agent, ip, request_id)
            SELECT 'e_aaaaaaaaaaaaaaaaaaaaaaaaaa', id, ?2, 'x', 'user', ?1, ?1, json_object('name', ?1), ?1, ?1, ?1, ?1 FROM organization";
        connection.execute(sql, rusqlite::params![evil, world.now])
    }).unwrap();
    let answer = world.application(Method::GET, EVENTS, Value::Null);
    let event = &answer.body["events"]
        .as_array()
        .unwrap()
        .iter()
        .find(|event| event["action"] == "x")
        .unwrap();
    for field in [
        "user_agent",
        "ip",
        "subject",
        "request_id",
        "method",
        "outcome",
    ] {
        assert_eq!(event[field], evil, "{field}");
    }
    assert_eq!(event["detail"]["name"], evil);
    assert!(!answer.text.chars().any(|c| c < ' '), "{}", answer.text);
}

#[test]
fn everyone_sees_what_happened_to_their_own_account_in_one_trip() {
    let mut world = acme();
    for (id, role) in [("olga", "owner"), ("mia", "member"), ("max", "member")] {
        person(&world, id, role);
    }
    let olga_named = json!({"name": "Olga Owens"});
    world.application(Method::PATCH, &format!("{USERS}/olga"), olga_named);
    let mia = enroll(&world, "mia");
    world.sign_in_as("mia", "not the password", "bearer");
    world.sign_in_as("max", "not the password", "bearer");
    let olga = enroll(&world, "olga");
    let path = format!("{USERS}/mia");
    let change = json!({"groups": ["night"]});
    let changed = world.call(Method::PATCH, &path, Some(&olga), Some(change));
    assert_eq!(changed.status, 200, "{}", changed.body);
    let look = |world: &World, token: &str| {
        let mut answer = world.call(Method::GET, "/v1/me/activity", Some(token), None);
        // The session is looked up in the same trip.
        answer.statements[0].retain(|sql| sql.contains("event_of_user"));
        assert_eq!((answer.status, answer.trips), (200, 1), "{}", answer.body);
        check_plans(world, &answer, "activity");
        let events = answer.body["events"].as_array().unwrap().clone();
        let said =
            |event: &Value| ["action", "outcome", "actor", "by"].map(|part| event[part].clone());
        events.iter().map(said).collect::<Vec<_>>()
    };
    let seen = look(&world, &mia);
    let expected = [
        json!(["user.put", "accepted", "owner", "Olga Owens"]),
        json!(["sign_in.first_factor", "wrong", "user", null]),
        json!(["enrollment.confirm", "accepted", "user", null]),
        json!(["enrollment.start", "accepted", "user", null]),
        json!(["sign_in.first_factor", "accepted", "user", null]),
        json!(["user.put", "accepted", "application", null]),
    ];
    assert_eq!(json!(seen), json!(expected));
    // A month later only what happened since is shown.
    world.wait(30 * 86_400);
    let code = world.sign_in_as("max", crate::world::PASSWORD, "bearer");
    let max = code.body["session"]["token"].as_str().unwrap();
    assert_eq!(look(&world, max).len(), 1);
    let nobody = world.call(Method::GET, "/v1/me/activity", None, None);
    assert_eq!(nobody.status, 401);
}
