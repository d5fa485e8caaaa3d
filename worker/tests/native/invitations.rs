//! Invitations (ATTACKS A57, A75 to A80, A120): a mailed link by which a person without a password chooses one.

use axum::body::Body;
use http::{Method, Request, header};
use postern_worker::{platform::native::DatabaseFault, router};
use serde_json::{Value, json};
use tower_service::Service as _;

use crate::{
    mailed::{by_webhook, fifty_at_once, mailed, not_quite},
    people::{USERS, enroll, path_of, person, set_policy},
    world::{ANN, API_KEY, Answer, PASSWORD, World},
};

const NEW: &str = "a first password 43";
const DAY: u64 = 24 * 3600;

/// A deployment whose mail leaves, with Bea who has an address and no password.
fn with_bea() -> World {
    let world = by_webhook();
    bea(&world);
    world
}

fn bea(world: &World) {
    let body = json!({"username": "bea", "name": "Bea", "email": "bea@acme.test"});
    let made = world.application(Method::PUT, &format!("{USERS}/bea"), body);
    assert_eq!(made.status, 201, "{}", made.body);
}

fn invite(world: &World) -> Answer {
    world.application(Method::POST, &path_of("bea", "invite"), json!({}))
}

/// Invites Bea, and answers the token of the mailed link.
fn link(world: &World) -> String {
    world.native.outside.take_posts();
    let invited = invite(world);
    assert_eq!(invited.status, 200, "{}", invited.body);
    mailed(world, "invitation", "invitation")
}

fn open(world: &World, token: &str) -> Answer {
    let body = json!({"token": token});
    world.call(Method::POST, "/v1/invitations/open", None, Some(body))
}

fn accept(world: &World, token: &str, password: &str) -> Answer {
    let body = json!({"token": token, "password": password});
    world.call(Method::POST, "/v1/invitations/accept", None, Some(body))
}

fn change(world: &World, body: Value) {
    let changed = world.application(Method::PATCH, &format!("{USERS}/bea"), body);
    assert_eq!(changed.status, 200, "{}", changed.body);
}

fn security(world: &World) -> Value {
    let seen = world.application(Method::GET, &path_of("bea", "security"), Value::Null);
    assert_eq!(seen.status, 200, "{}", seen.body);
    seen.body
}

fn refused(answer: &Answer, status: u16, conflict: &Value) {
    let told = (answer.status, &answer.body["conflict"]);
    assert_eq!(told, (status, conflict), "{}", answer.body);
}

fn tables(world: &World) -> [u32; 5] {
    ["event", "mail", "link", "throttle", "spent_challenge"].map(|table| world.count(table))
}

#[test]
fn an_invited_person_chooses_a_password_once_and_signs_in_as_everyone_does() {
    let world = with_bea();
    let token = link(&world);
    let before = tables(&world);
    for _ in 0..10 {
        let opened = open(&world, &token);
        let said = json!({"organization": "acme", "organization_name": "Acme", "username": "bea",
            "second_factor": false, "methods": [], "enrolls": false, "expires_at": world.now + DAY});
        assert_eq!((opened.status, opened.body), (200, said));
    }
    set_policy(&world, &json!({"mode": "required"}));
    assert_eq!(open(&world, &token).body["enrolls"], true);
    // What cannot be chosen does not use the link up.
    for password in ["short", "password1", &"x".repeat(257)] {
        let answer = accept(&world, &token, password);
        let told = (answer.status, &answer.body["field"]);
        assert_eq!(told, (400, &json!("password")));
    }
    assert_eq!(tables(&world)[2..], before[2..], "opening changes nothing");
    world.native.outside.take_posts();
    let accepted = accept(&world, &token, NEW);
    assert_eq!((accepted.status, &*accepted.text), (204, ""));
    assert!(accepted.cookies.is_empty());
    assert_eq!(world.accepted("invitation.accept"), 1);
    let posts = world.native.outside.take_posts();
    let told = |kind: &str| posts.iter().any(|post| post.body.contains(kind));
    assert!(told("mail.password_changed"));
    let answer = world.sign_in_as("bea", NEW, "bearer");
    assert_eq!(answer.body["decision"], "enroll", "{}", answer.body);
    // Used.
    assert_eq!(open(&world, &token).status, 410);
    assert_eq!(accept(&world, &token, PASSWORD).status, 410);
    assert_eq!(world.sign_in_as("bea", PASSWORD, "bearer").status, 401);
    refused(&invite(&world), 409, &json!("has_password"));
}

#[test]
fn who_keeps_people_below_them_invites_them_and_the_trail_says_who_it_was() {
    let mut world = by_webhook();
    for (id, role) in [("olga", "owner"), ("adam", "admin"), ("mia", "member")] {
        person(&world, id, role);
    }
    bea(&world);
    let [olga, adam, mia] = ["olga", "adam", "mia"].map(|id| enroll(&world, id));
    let by = |token: &str| {
        let path = path_of("bea", "invite");
        world.call(Method::POST, &path, Some(token), Some(json!({})))
    };
    assert_eq!(by(&mia).status, 403);
    assert_eq!(by(&adam).status, 200);
    let by_adam =
        "event WHERE action = 'invitation.send' AND actor = 'admin' AND actor_name = 'adam'";
    assert_eq!(world.count(by_adam), 1);
    // Adam is not above an admin, even an invited one.
    change(&world, json!({"role": "admin"}));
    assert_eq!(by(&adam).status, 403);
    assert_eq!(by(&olga).status, 200);
    let sent = json!({"sent_at": world.now, "expires_at": world.now + DAY});
    assert_eq!(security(&world)["invitation"], sent);
    world.wait(301);
    let path = path_of("bea", "invite");
    let stale = world.call(Method::POST, &path, Some(&olga), Some(json!({})));
    assert_eq!(stale.body["code"], "step_up_required", "{}", stale.body);
    assert_eq!(world.accepted("invitation.send"), 2);
}

#[test]
fn the_persons_page_says_until_when_they_are_invited_and_that_it_is_over() {
    let mut world = with_bea();
    let shown = |world: &World| {
        let seen = security(world);
        (seen["password"].clone(), seen["invitation"].clone())
    };
    assert_eq!(shown(&world), (json!(false), Value::Null));
    let token = link(&world);
    let sent = json!({"sent_at": world.now, "expires_at": world.now + DAY});
    assert_eq!(shown(&world), (json!(false), sent.clone()));
    world.wait(2 * DAY);
    assert_eq!(shown(&world), (json!(false), sent));
    assert_eq!(open(&world, &token).status, 410);
    let token = link(&world);
    assert_eq!(accept(&world, &token, NEW).status, 204);
    assert_eq!(shown(&world), (json!(true), Value::Null));
}

#[test]
fn what_an_invitation_needs_is_said_and_nothing_changes_without_it() {
    let world = with_bea();
    let before = tables(&world);
    let to = |id: &str| world.application(Method::POST, &path_of(id, "invite"), json!({}));
    refused(&to("nobody"), 404, &Value::Null);
    refused(&to("ann"), 409, &json!("has_password"));
    let path = path_of("bea", "invite");
    let with_more = world.application(Method::POST, &path, json!({"minutes": 5}));
    refused(&with_more, 400, &Value::Null);
    assert_eq!(tables(&world), before);
    change(&world, json!({"state": "disabled"}));
    refused(&invite(&world), 409, &json!("not_active"));
    change(&world, json!({"state": "active", "email": null}));
    refused(&invite(&world), 409, &json!("no_address"));
    change(&world, json!({"second_email": "bea@home.test"}));
    assert_eq!(invite(&world).status, 200);
}

#[test]
fn a76_a_link_that_is_over_superseded_or_overtaken_does_nothing() {
    let over = |world: &World, token: &str, why: &str| {
        assert_eq!(open(world, token).status, 410, "{why}");
        assert_eq!(accept(world, token, NEW).status, 410, "{why}");
        assert_eq!(world.accepted("invitation.accept"), 0, "{why}");
    };
    let mut world = with_bea();
    let token = link(&world);
    world.wait(DAY - 1);
    assert_eq!(open(&world, &token).status, 200);
    world.wait(1);
    over(&world, &token, "a day later");

    let world = with_bea();
    let older = link(&world);
    let newer = link(&world);
    over(&world, &older, "superseded");
    assert_eq!(accept(&world, &newer, NEW).status, 204);

    let changes = [
        vec![json!({"state": "disabled"})],
        vec![json!({"state": "disabled"}), json!({"state": "active"})],
        vec![json!({"email": "bea@home.test"})],
        vec![
            json!({"email": "bea@home.test"}),
            json!({"email": "bea@acme.test"}),
        ],
        vec![json!({"second_email": "bea@home.test"})],
        vec![json!({"password": PASSWORD})],
    ];
    for bodies in changes {
        let world = with_bea();
        let token = link(&world);
        let why = json!(bodies).to_string();
        for body in bodies {
            change(&world, body);
        }
        over(&world, &token, &why);
    }

    // Deleted, and made again under the same name.
    let world = with_bea();
    let token = link(&world);
    let deleted = world.application(Method::DELETE, &format!("{USERS}/bea"), Value::Null);
    assert_eq!(deleted.status, 204, "{}", deleted.body);
    over(&world, &token, "deleted");
    bea(&world);
    over(&world, &token, "another person");
}

#[test]
fn a_link_outlives_what_has_nothing_to_do_with_it() {
    let world = with_bea();
    let token = link(&world);
    change(
        &world,
        json!({"role": "admin", "groups": ["staff"], "name": "Beatrice"}),
    );
    set_policy(&world, &json!({"mode": "required"}));
    assert_eq!(accept(&world, &token, NEW).status, 204);
}

#[test]
fn what_changes_between_reading_and_writing_is_seen() {
    // Trips of an acceptance: what it rests on, and the settlement.
    let cases = [
        (
            "UPDATE user SET version = version + 1, groups = '[\"staff\"]' WHERE external_id = 'bea'",
            204,
        ),
        (
            "UPDATE organization SET policy_version = policy_version + 1",
            204,
        ),
        (
            "UPDATE user SET version = version + 1, state = 'disabled' WHERE external_id = 'bea'",
            410,
        ),
        (
            "UPDATE user SET version = version + 1, password = (SELECT password FROM user WHERE external_id = 'ann') WHERE external_id = 'bea'",
            410,
        ),
        ("UPDATE link SET ended_at = unixepoch()", 410),
        ("DELETE FROM user WHERE external_id = 'bea'", 401),
    ];
    for (sql, status) in cases {
        let world = with_bea();
        let token = link(&world);
        let faults = [(2, DatabaseFault::Preceded(sql))];
        world.native.database.set_faults(&faults);
        let answer = accept(&world, &token, NEW);
        world.native.database.set_faults(&[]);
        assert_eq!(answer.status, status, "{sql}: {}", answer.body);
        let accepted = u32::from(status == 204);
        assert_eq!(world.accepted("invitation.accept"), accepted, "{sql}");
    }
}

#[test]
fn a79_the_link_of_a_person_with_a_second_factor_takes_that_too() {
    let mut world = by_webhook();
    let secret = world.enroll();
    world.run("UPDATE user SET password = NULL, email = 'ann@acme.test', version = version + 1");
    world.wait(60);
    let invited = world.application(Method::POST, &path_of("ann", "invite"), json!({}));
    assert_eq!(invited.status, 200, "{}", invited.body);
    let token = mailed(&world, "invitation", "invitation");
    let opened = open(&world, &token);
    let told = (&opened.body["second_factor"], &opened.body["enrolls"]);
    assert_eq!(told, (&json!(true), &json!(false)));
    assert_eq!(accept(&world, &token, NEW).status, 401);
    assert_eq!(world.sign_in_as(ANN, NEW, "bearer").status, 401);
    let body =
        json!({"token": token, "password": NEW, "method": "totp", "code": world.code(&secret)});
    let done = world.call(Method::POST, "/v1/invitations/accept", None, Some(body));
    assert_eq!(done.status, 204, "{}", done.body);
    let answer = world.sign_in_as(ANN, NEW, "bearer");
    assert_eq!(answer.body["decision"], "challenge", "{}", answer.body);
}

#[test]
fn a57_a120_what_is_no_link_of_ours_is_told_no_more_than_that_and_costs_no_trip() {
    let world = with_bea();
    let token = link(&world);
    let before = tables(&world);
    let mut others = not_quite(&token, "pl_in_");
    let foreign = World::new();
    foreign
        .native
        .settings
        .set("POSTERN_KEYS", crate::world::NEWER_KEY);
    others.push(
        world.sign_in().body["session"]["token"]
            .as_str()
            .unwrap()
            .to_owned(),
    );
    let mut bodies = Vec::new();
    for other in &others {
        for answer in [open(&world, other), accept(&world, other, NEW)] {
            assert_eq!((answer.status, answer.trips), (401, 0), "{other}");
            bodies.push(without_request(&answer));
        }
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    // A link of another deployment, and this one where it leads to something else.
    assert_eq!(open(&foreign, &token).status, 401);
    for path in ["/v1/passwords/open", "/v1/resets/open", "/v1/mail/not-me"] {
        let body = json!({"token": token});
        let answer = world.call(Method::POST, path, None, Some(body));
        assert_eq!(answer.status, 401, "{path}");
    }
    assert_eq!(tables(&world)[1..], before[1..]);
    // Over, used and of somebody who is gone: one answer.
    let older = token;
    let newer = link(&world);
    let superseded = open(&world, &older);
    assert_eq!(accept(&world, &newer, NEW).status, 204);
    let used = open(&world, &newer);
    world.application(Method::DELETE, &format!("{USERS}/bea"), Value::Null);
    let gone = open(&world, &newer);
    let [superseded, used, gone] = [superseded, used, gone].map(|answer| {
        assert_eq!(answer.status, 410);
        without_request(&answer)
    });
    assert_eq!((&superseded, &superseded), (&used, &gone));
    let leaked = format!("event WHERE detail LIKE '%{}%'", &newer[..30]);
    assert_eq!(world.count(&leaked), 0);
}

/// The body of a problem, without the id that each request has.
fn without_request(answer: &Answer) -> Value {
    let mut body = answer.body.clone();
    body.as_object_mut().unwrap().remove("request_id");
    body
}

#[test]
fn a75_one_of_fifty_at_once_accepts_in_twenty_rounds() {
    let mut world = with_bea();
    for round in 0..20 {
        world.wait(3600);
        let token = link(&world);
        let answers = fifty_at_once(
            &world,
            "/v1/invitations/accept",
            |number| json!({"token": token, "password": format!("a first password of {round} {number}")}),
        );
        let won = answers.iter().filter(|status| **status == 204).count();
        assert_eq!(won, 1, "round {round}: {answers:?}");
        let others = answers
            .iter()
            .all(|status| [204, 410, 429].contains(status));
        assert!(others, "round {round}: {answers:?}");
        assert_eq!(world.accepted("invitation.accept"), round + 1);
        world.run(
            "UPDATE user SET password = NULL, version = version + 1 WHERE external_id = 'bea'",
        );
    }
}

#[test]
fn a80_a_thousand_invitations_mail_three_links_an_hour() {
    let mut world = with_bea();
    let statuses: Vec<u16> = (0..1000).map(|_| invite(&world).status).collect();
    assert_eq!(statuses[..3], [200; 3]);
    assert!(statuses[3..].iter().all(|status| *status == 429));
    assert_eq!(world.count("mail WHERE kind = 'invitation'"), 3);
    assert_eq!(world.count("link"), 1);
    world.wait(3601);
    link(&world);
}

#[test]
fn a78_the_link_is_ours_whatever_host_was_asked() {
    let world = with_bea();
    let request = Request::builder()
        .method(Method::POST)
        .uri(format!("https://evil.example{}", path_of("bea", "invite")))
        .header(header::AUTHORIZATION, format!("Bearer {API_KEY}"))
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::HOST, "evil.example")
        .header("x-forwarded-host", "evil.example")
        .extension(world.native.platform())
        .body(Body::from("{}"))
        .unwrap();
    let answer = pollster::block_on(router().call(request)).unwrap();
    assert_eq!(answer.status(), 200);
    pollster::block_on(world.native.later.drain());
    let posts = world.native.outside.take_posts();
    assert_eq!(posts.len(), 1);
    assert!(!posts[0].body.contains("evil.example"));
    let link = "https://mfa.example.test/invitation#pl_in_";
    assert!(posts[0].body.contains(link));
}
