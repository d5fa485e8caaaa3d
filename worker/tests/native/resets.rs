//! A reset by a mailed link (ATTACKS A75 to A80, A121, A122): what it takes, what it does, and what it
//! leaves alone until then.

use axum::body::Body;
use futures_util::future::join_all;
use http::{Method, Request, header};
use postern::totp::TotpSecret;
use postern_worker::{platform::native::DatabaseFault, router};
use serde_json::{Value, json};
use tower_service::Service as _;

use crate::{
    mailed::{USER, mailed, reachable},
    world::{ANN, Answer, PASSWORD, World},
};

/// Ann with an app, an address, and mail that leaves.
fn enrolled() -> (World, TotpSecret, Vec<String>) {
    let mut world = reachable();
    let (secret, codes) = world.enroll_with_codes();
    world.wait(60);
    world.native.outside.take_posts();
    (world, secret, codes)
}

fn start(world: &World, body: Value) -> Answer {
    world.application(Method::POST, &format!("{USER}/reset-mfa"), body)
}

/// Starts a reset and answers the token of the mailed link.
fn link(world: &World) -> String {
    world.native.outside.take_posts();
    let started = start(world, json!({}));
    assert_eq!(started.status, 200, "{}", started.body);
    mailed(world, "reset_started", "reset")
}

fn open(world: &World, token: &str) -> Answer {
    let body = json!({"token": token});
    world.call(Method::POST, "/v1/resets/open", None, Some(body))
}

fn sign_in(world: &World, password: &str, token: &str) -> Answer {
    let body = json!({"organization": "acme", "username": ANN, "password": password,
        "session": "bearer", "reset": token});
    world.call(Method::POST, "/v1/sign-ins/password", None, Some(body))
}

/// Signs in with the link and answers the session's token.
fn replacing(world: &World, token: &str) -> String {
    let answer = sign_in(world, PASSWORD, token);
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.body["decision"], "enroll");
    assert_eq!(answer.body["reasons"], json!(["reset.link"]));
    assert!(answer.body.get("assurance").is_none());
    // So that a page asks for no other proof first.
    assert_eq!(
        answer.body["session"]["fresh_until_at"],
        open(world, token).body["expires_at"]
    );
    answer.body["session"]["token"].as_str().unwrap().to_owned()
}

/// Begins an app in `session`: the confirmation to send.
fn begin(world: &World, session: &str) -> Value {
    let started = world.call(Method::POST, "/v1/me/totp", Some(session), Some(json!({})));
    assert_eq!(started.status, 200, "{}", started.body);
    let enrollment = &started.body["enrollment"];
    json!({"enrollment": enrollment["id"], "code": world.code_of(enrollment), "name": "New phone"})
}

fn confirm(world: &World, session: &str, body: &Value) -> Answer {
    world.call(
        Method::POST,
        "/v1/me/totp/confirm",
        Some(session),
        Some(body.clone()),
    )
}

#[test]
fn a121_a122_the_old_factors_work_until_the_new_one_is_confirmed_and_nothing_old_does_after() {
    let (mut world, secret, codes) = enrolled();
    let old_session = world.signed_in(&secret);
    world.wait(30);
    let token = link(&world);
    let session = replacing(&world, &token);
    let me = world.call(Method::GET, "/v1/me", Some(&session), None);
    assert_eq!(
        me.status, 403,
        "it may replace factors, and see nothing: {}",
        me.body
    );
    let confirmation = begin(&world, &session);
    // Until the last moment: the old app, and the old session.
    world.signed_in(&secret);
    let me = world.call(Method::GET, "/v1/me", Some(&old_session), None);
    assert_eq!(me.status, 200);
    let challenge = world.ask();

    let confirmed = confirm(&world, &session, &confirmation);
    assert_eq!(confirmed.status, 200, "{}", confirmed.body);
    assert_eq!(
        confirmed.body["backup_codes"]["codes"]
            .as_array()
            .unwrap()
            .len(),
        10
    );
    assert_eq!(confirmed.body["session"]["aal"], "aal2");
    let new_session = confirmed.body["session"]["token"].as_str().unwrap();
    assert_eq!(world.count("authenticator"), 1);
    assert_eq!(world.accepted("reset.complete"), 1);
    assert_eq!(
        world.count("mail WHERE kind = 'reset_completed' AND sent_at IS NOT NULL"),
        1
    );

    world.wait(30);
    let old = world.verify(&challenge, &world.code(&secret));
    assert_eq!(old.status, 410, "the challenge ended: {}", old.body);
    let old = world.verify(&world.ask(), &world.code(&secret));
    assert_eq!(old.status, 401, "{}", old.body);
    world.wait(60);
    let old = world.verify_by("backup_code", &world.ask(), &codes[0]);
    assert_eq!(old.status, 401, "{}", old.body);
    let me = world.call(Method::GET, "/v1/me", Some(&old_session), None);
    assert_eq!(me.status, 401);
    let me = world.call(Method::GET, "/v1/me", Some(new_session), None);
    assert_eq!(me.status, 200, "{}", me.body);
    assert_eq!(open(&world, &token).status, 410);
    assert_eq!(sign_in(&world, PASSWORD, &token).status, 410);
}

#[test]
fn a77_opening_the_link_changes_nothing_however_often() {
    let (world, ..) = enrolled();
    let token = link(&world);
    let events = world.count("event");
    for _ in 0..10 {
        let opened = open(&world, &token);
        assert_eq!(opened.status, 200, "{}", opened.body);
        assert_eq!(opened.body["username"], ANN);
        assert_eq!(opened.body["password"], true);
    }
    assert_eq!(world.count("event"), events);
    replacing(&world, &token);
}

#[test]
fn a77_this_was_not_me_in_the_mail_that_starts_a_reset_ends_it() {
    let (mut world, secret, _) = enrolled();
    assert_eq!(start(&world, json!({})).status, 200);
    let posts = world.native.outside.take_posts();
    let body: Value = serde_json::from_str(&posts[0].body).unwrap();
    let token = |name: &str| {
        let link = body["data"]["links"][name].as_str().unwrap();
        link.split_once('#').unwrap().1.to_owned()
    };
    let session = replacing(&world, &token("act"));
    let confirmation = begin(&world, &session);
    let not_me = json!({"token": token("not_me")});
    let said = world.call(Method::POST, "/v1/mail/not-me", None, Some(not_me));
    assert_eq!(said.status, 204, "{}", said.body);
    assert_eq!(world.count("link WHERE ended_at IS NULL"), 0);
    assert_eq!(open(&world, &token("act")).status, 410);
    assert_eq!(confirm(&world, &session, &confirmation).status, 401);
    // The old factors are good, and word of it was mailed.
    let posts = world.native.outside.take_posts();
    assert!(posts.iter().any(|post| post.body.contains("mail.not_me")));
    world.wait(30);
    world.signed_in(&secret);
}

#[test]
fn a79_the_link_is_nothing_without_the_first_factor() {
    let (world, secret, _) = enrolled();
    let token = link(&world);
    let refused = sign_in(&world, "not the password", &token);
    assert_eq!(refused.status, 401, "{}", refused.body);
    assert!(world.count("throttle WHERE method = 'password' AND in_row = 1") > 0);
    for bearer in [None, Some(&*token)] {
        let begun = world.call(Method::POST, "/v1/me/totp", bearer, Some(json!({})));
        assert_eq!(begun.status, 401);
    }
    world.signed_in(&secret);
}

#[test]
fn an_application_shows_the_first_factor_with_the_link() {
    let (world, ..) = enrolled();
    let token = link(&world);
    let body = json!({"organization": "acme", "user": "ann", "session": "bearer",
        "first_factor": {"method": "password"}, "reset": token});
    let answer = world.application(Method::POST, "/v1/sign-ins", body);
    assert_eq!(answer.body["decision"], "enroll", "{}", answer.body);
    let session = answer.body["session"]["token"].as_str().unwrap();
    let confirmation = begin(&world, session);
    assert_eq!(confirm(&world, session, &confirmation).status, 200);
}

#[test]
fn a76_a_link_that_is_over_superseded_taken_back_or_overtaken_does_nothing_and_its_session_neither()
{
    // Over.
    let (mut world, ..) = enrolled();
    let token = link(&world);
    let session = replacing(&world, &token);
    let confirmation = begin(&world, &session);
    world.wait(3599);
    assert_eq!(open(&world, &token).status, 200);
    world.wait(1);
    assert_eq!(open(&world, &token).status, 410);
    assert_eq!(sign_in(&world, PASSWORD, &token).status, 410);
    assert_eq!(confirm(&world, &session, &confirmation).status, 401);

    // Superseded.
    let (world, ..) = enrolled();
    let older = link(&world);
    let session = replacing(&world, &older);
    let confirmation = begin(&world, &session);
    let newer = link(&world);
    assert_eq!(open(&world, &older).status, 410);
    assert_eq!(confirm(&world, &session, &confirmation).status, 401);
    replacing(&world, &newer);

    // Taken back.
    let (world, ..) = enrolled();
    let token = link(&world);
    let session = replacing(&world, &token);
    let confirmation = begin(&world, &session);
    let cancel = format!("{USER}/cancel-reset");
    assert_eq!(
        world.application(Method::POST, &cancel, json!({})).status,
        204
    );
    assert_eq!(open(&world, &token).status, 410);
    assert_eq!(sign_in(&world, PASSWORD, &token).status, 410);
    assert_eq!(confirm(&world, &session, &confirmation).status, 401);
    let again = world.application(Method::POST, &cancel, json!({}));
    assert_eq!(
        (again.status, &again.body["conflict"]),
        (409, &json!("no_reset"))
    );
    assert_eq!(world.count("mail WHERE kind = 'reset_cancelled'"), 1);

    // Overtaken by a change of the factors, and of who may sign in.
    for change in ["revoke-mfa", "sign-out"] {
        let (world, ..) = enrolled();
        let token = link(&world);
        let session = replacing(&world, &token);
        let confirmation = begin(&world, &session);
        let body = if change == "sign-out" {
            json!({})
        } else {
            json!({"authenticators": 1})
        };
        let path = format!("{USER}/{change}");
        assert_eq!(world.application(Method::POST, &path, body).status, 200);
        assert_eq!(open(&world, &token).status, 410, "{change}");
        assert_eq!(
            confirm(&world, &session, &confirmation).status,
            401,
            "{change}"
        );
    }
}

#[test]
fn a76_a_link_that_ends_while_it_is_used_opens_nothing_and_says_so() {
    let ends = [
        "UPDATE link SET ended_at = created_at",
        "UPDATE link SET event = 'e_aaaaaaaaaaaaaaaaaaaaaaaaaa'",
    ];
    // Trips of a sign-in with the link: the link, the user, the settlement.
    for sql in ends {
        for trip in 1..=3 {
            let (world, ..) = enrolled();
            let token = link(&world);
            let faults = [(trip, DatabaseFault::Preceded(sql))];
            world.native.database.set_faults(&faults);
            let answer = sign_in(&world, PASSWORD, &token);
            world.native.database.set_faults(&[]);
            assert_eq!(answer.status, 410, "{trip} {sql}: {}", answer.body);
            assert!(answer.body.get("session").is_none());
            let opened = "session WHERE reset IS NOT NULL AND ended_at IS NULL";
            assert_eq!(world.count(opened), 0, "{trip} {sql}");
        }
    }
}

#[test]
fn a_session_of_a_reset_is_opened_once_where_the_answer_was_lost() {
    for trip in 1..=3 {
        let (world, ..) = enrolled();
        let token = link(&world);
        let faults = [(trip, DatabaseFault::AnswerLost)];
        world.native.database.set_faults(&faults);
        let answer = sign_in(&world, PASSWORD, &token);
        world.native.database.set_faults(&[]);
        assert_eq!(answer.status, 200, "{trip}: {}", answer.body);
        let opened = "session WHERE reset IS NOT NULL AND ended_at IS NULL";
        assert_eq!(world.count(opened), 1, "{trip}");
    }
}

#[test]
fn a120_what_is_no_link_of_ours_is_told_no_more_than_that() {
    let (world, ..) = enrolled();
    let token = link(&world);
    let challenge = world.ask();
    let mut edited = token.clone().into_bytes();
    edited[40] = if edited[40] == b'A' { b'B' } else { b'A' };
    let edited = String::from_utf8(edited).unwrap();
    let cut = &token[..token.len() - 1];
    let others = [
        "",
        "pl_re_",
        &*edited,
        cut,
        challenge.as_str().unwrap(),
        &*token.replace("pl_re_", "pl_in_"),
    ];
    for other in others {
        let refused = open(&world, other);
        assert_eq!(refused.status, 401, "{other}: {}", refused.body);
        assert_eq!(sign_in(&world, PASSWORD, other).status, 401);
    }
    let leaked = format!("event WHERE detail LIKE '%{}%'", &token[..30]);
    assert_eq!(world.count(&leaked), 0);
}

#[test]
fn a_link_is_good_for_its_person_only() {
    let (world, ..) = enrolled();
    let bob = json!({"username": "bob", "password": PASSWORD});
    let made = world.application(Method::PUT, "/v1/organizations/acme/users/bob", bob);
    assert_eq!(made.status, 201);
    let token = link(&world);
    let body =
        json!({"organization": "acme", "username": "bob", "password": PASSWORD, "reset": token});
    let answer = world.call(Method::POST, "/v1/sign-ins/password", None, Some(body));
    assert_eq!(answer.status, 401, "{}", answer.body);
    // Whether there is a user of another name does not show: the same answer, and nothing counted.
    for name in ["bob", "nobody"] {
        for _ in 0..10 {
            let body = json!({"organization": "acme", "username": name, "password": "wrong", "reset": token});
            let answer = world.call(Method::POST, "/v1/sign-ins/password", None, Some(body));
            assert_eq!(
                (answer.status, answer.trips),
                (401, 1),
                "{name}: {}",
                answer.body
            );
        }
    }
    assert_eq!(world.count("throttle"), 0);
    let body = json!({"organization": "acme", "user": "bob", "first_factor": {"method": "password"}, "reset": token});
    let answer = world.application(Method::POST, "/v1/sign-ins", body);
    assert_eq!(answer.status, 410, "{}", answer.body);
}

#[test]
fn a75_one_confirmation_of_fifty_at_once_replaces_the_factors_in_twenty_rounds() {
    let (mut world, ..) = enrolled();
    for round in 0..20 {
        world.wait(3600);
        let token = link(&world);
        let session = replacing(&world, &token);
        let confirmation = begin(&world, &session).to_string();
        let answers = pollster::block_on(join_all((0..50).map(|_| {
            let request = Request::builder()
                .method(Method::POST)
                .uri("/v1/me/totp/confirm")
                .header(header::AUTHORIZATION, format!("Bearer {session}"))
                .header(header::CONTENT_TYPE, "application/json")
                .extension(world.native.platform())
                .body(Body::from(confirmation.clone()))
                .unwrap();
            async { router().call(request).await.unwrap().status().as_u16() }
        })));
        pollster::block_on(world.native.later.drain());
        let won = answers.iter().filter(|status| **status == 200).count();
        assert_eq!(won, 1, "round {round}: {answers:?}");
        assert_eq!(world.count("authenticator"), 1);
        assert_eq!(world.count("backup_code"), 10);
        assert_eq!(world.accepted("reset.complete"), round + 1);
    }
}

#[test]
fn a80_a_thousand_starts_mail_three_links_an_hour() {
    let (mut world, ..) = enrolled();
    let mut statuses = Vec::new();
    for _ in 0..1000 {
        statuses.push(start(&world, json!({})).status);
    }
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 3);
    assert!(statuses[3..].iter().all(|status| *status == 429));
    assert_eq!(world.count("mail WHERE kind = 'reset_started'"), 3);
    world.wait(3601);
    assert_eq!(start(&world, json!({})).status, 200);
}

#[test]
fn what_a_reset_needs_is_said_and_nothing_changes_without_it() {
    let (world, ..) = enrolled();
    let tables = |world: &World| {
        (
            world.count("event"),
            world.count("mail"),
            world.count("link"),
        )
    };
    let before = tables(&world);
    let refused = |answer: Answer, status: u16, conflict: Value| {
        assert_eq!(
            (answer.status, &answer.body["conflict"]),
            (status, &conflict),
            "{}",
            answer.body
        );
    };
    for minutes in [0, 9, 1441] {
        refused(start(&world, json!({"minutes": minutes})), 400, Value::Null);
    }
    refused(start(&world, json!({"hours": 1})), 400, Value::Null);
    let none = world.application(
        Method::POST,
        "/v1/organizations/acme/users/eve/reset-mfa",
        json!({}),
    );
    refused(none, 404, Value::Null);
    assert_eq!(tables(&world), before);

    let (world, ..) = enrolled();
    world.application(Method::PATCH, USER, json!({"email": null}));
    refused(start(&world, json!({})), 409, json!("no_address"));
    world.application(
        Method::PATCH,
        USER,
        json!({"second_email": "ann@home.test"}),
    );
    assert_eq!(start(&world, json!({"minutes": 1440})).status, 200);

    let (world, ..) = enrolled();
    world.application(
        Method::POST,
        &format!("{USER}/revoke-mfa"),
        json!({"authenticators": 1}),
    );
    refused(start(&world, json!({})), 409, json!("nothing_to_replace"));
}

#[test]
fn a69_a_link_ends_when_the_address_changes_that_it_went_to() {
    let (world, ..) = enrolled();
    let token = link(&world);
    let session = replacing(&world, &token);
    let confirmation = begin(&world, &session);
    let address = json!({"email": "ann@home.test"});
    assert_eq!(world.application(Method::PATCH, USER, address).status, 200);
    assert_eq!(open(&world, &token).status, 410);
    assert_eq!(confirm(&world, &session, &confirmation).status, 401);
}

#[test]
fn a78_the_link_is_ours_whatever_host_the_start_was_sent_to() {
    let (world, ..) = enrolled();
    let request = Request::builder()
        .method(Method::POST)
        .uri(format!("https://evil.example{USER}/reset-mfa"))
        .header(
            header::AUTHORIZATION,
            "Bearer native-application-key-0123456789abcdef",
        )
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::HOST, "evil.example")
        .header("x-forwarded-host", "evil.example")
        .header("x-forwarded-proto", "http")
        .header("forwarded", "host=evil.example")
        .extension(world.native.platform())
        .body(Body::from("{}"))
        .unwrap();
    let answer = pollster::block_on(router().call(request)).unwrap();
    assert_eq!(answer.status(), 200);
    pollster::block_on(world.native.later.drain());
    let posts = world.native.outside.take_posts();
    assert_eq!(posts.len(), 1);
    assert!(!posts[0].body.contains("evil.example"));
    assert!(
        posts[0]
            .body
            .contains("https://mfa.example.test/reset#pl_re_")
    );
}

#[test]
fn a_person_is_shown_with_the_link_that_still_works_and_with_no_other() {
    let (mut world, ..) = enrolled();
    let shown = |world: &World| {
        let seen = world.application(Method::GET, &format!("{USER}/security"), Value::Null);
        assert_eq!(seen.status, 200, "{}", seen.body);
        seen.body["reset"].clone()
    };
    assert_eq!(shown(&world), Value::Null);
    let begun = start(&world, json!({"minutes": 30}));
    let pending = json!({"expires_at": world.now + 1800});
    assert_eq!(begun.body, pending);
    assert_eq!(shown(&world), pending);
    // Taken back.
    let cancel = format!("{USER}/cancel-reset");
    assert_eq!(
        world.application(Method::POST, &cancel, json!({})).status,
        204
    );
    assert_eq!(shown(&world), Value::Null);
    // Over.
    assert_eq!(start(&world, json!({"minutes": 30})).status, 200);
    world.wait(1799);
    assert_ne!(shown(&world), Value::Null);
    world.wait(1);
    assert_eq!(shown(&world), Value::Null);
    // Overtaken: the factors changed.
    world.wait(3600);
    assert_eq!(start(&world, json!({})).status, 200);
    assert_ne!(shown(&world), Value::Null);
    let body = json!({"authenticators": 1});
    let revoked = world.application(Method::POST, &format!("{USER}/revoke-mfa"), body);
    assert_eq!(revoked.status, 200, "{}", revoked.body);
    assert_eq!(shown(&world), Value::Null);
}
