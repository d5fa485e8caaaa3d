//! A forgotten password (ATTACKS A57, A75 to A80, A120): a mailed link, a new password, and the second
//! factor of a person who has one.

use axum::body::Body;
use http::{Method, Request, header};
use postern::totp::TotpSecret;
use postern_worker::router;
use serde_json::{Value, json};
use tower_service::Service as _;

use crate::{
    mailed::{USER, fifty_at_once, mailed, not_quite, reachable},
    world::{ANN, Answer, PASSWORD, World},
};

const NEW: &str = "another long password 43";

fn enrolled() -> (World, TotpSecret, Vec<String>) {
    let mut world = reachable();
    let (secret, codes) = world.enroll_with_codes();
    world.wait(60);
    world.native.outside.take_posts();
    (world, secret, codes)
}

fn ask(world: &World, organization: &str, username: &str) -> Answer {
    let body = json!({"organization": organization, "username": username});
    world.call(Method::POST, "/v1/passwords/forgotten", None, Some(body))
}

/// Asks, and answers the token of the mailed link.
fn link(world: &World) -> String {
    world.native.outside.take_posts();
    let asked = ask(world, "acme", ANN);
    assert_eq!(asked.status, 204, "{}", asked.body);
    mailed(world, "password_forgotten", "password")
}

fn open(world: &World, token: &str) -> Answer {
    let body = json!({"token": token});
    world.call(Method::POST, "/v1/passwords/open", None, Some(body))
}

fn reset(world: &World, token: &str, password: &str, code: Option<&str>) -> Answer {
    let mut body = json!({"token": token, "password": password});
    if let Some(code) = code {
        body["method"] = json!("totp");
        body["code"] = json!(code);
    }
    world.call(Method::POST, "/v1/passwords/reset", None, Some(body))
}

fn sign_in(world: &World, password: &str) -> u16 {
    world.sign_in_as(ANN, password, "bearer").status
}

fn reset_by_backup(world: &World, token: &str, password: &str, code: &str) -> Answer {
    let body = json!({"token": token, "password": password, "method": "backup_code", "code": code});
    world.call(Method::POST, "/v1/passwords/reset", None, Some(body))
}

/// As an app never shows it.
fn wrong(code: &str) -> String {
    let first = if code.starts_with('0') { "1" } else { "0" };
    [first, &code[1..]].concat()
}

fn tables(world: &World) -> [u32; 4] {
    ["event", "mail", "link", "throttle"].map(|table| world.count(table))
}

#[test]
fn a57_everyone_hears_the_same_and_mail_leaves_for_those_who_have_a_password_and_an_address() {
    let world = reachable();
    let users = [
        ("bob", json!({"username": "bob", "password": PASSWORD})),
        ("eve", json!({"username": "eve", "email": "eve@acme.test"})),
        (
            "dan",
            json!({"username": "dan", "password": PASSWORD, "email": "dan@acme.test", "state": "disabled"}),
        ),
    ];
    for (id, body) in users {
        let path = format!("/v1/organizations/acme/users/{id}");
        let made = world.application(Method::PUT, &path, body);
        assert_eq!(made.status, 201, "{}", made.body);
    }
    world.native.outside.take_posts();
    let before = tables(&world);
    let long = "x".repeat(300);
    let names = [
        ("acme", "bob"),
        ("acme", "eve"),
        ("acme", "dan"),
        ("acme", "nobody"),
        ("acme", ""),
        ("acme", "a\u{0}b"),
        ("acme", &*long),
        ("nowhere", ANN),
        ("", ANN),
    ];
    for (organization, name) in names {
        let answer = ask(&world, organization, name);
        assert_eq!(
            (answer.status, &*answer.text, answer.trips),
            (204, "", 0),
            "{organization} {name}"
        );
        assert!(answer.cookies.is_empty());
        assert_eq!(tables(&world), before, "{organization} {name}");
    }
    assert!(world.native.outside.take_posts().is_empty());
    let answer = ask(&world, "acme", ANN);
    assert_eq!((answer.status, &*answer.text, answer.trips), (204, "", 0));
    assert_eq!(world.native.outside.take_posts().len(), 1);
    assert_eq!(world.accepted("password.forgotten"), 1);
}

#[test]
fn a_link_sets_the_password_once_and_signs_everything_out_and_nobody_in() {
    let world = reachable();
    let session = world.sign_in().body["session"]["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let token = link(&world);
    let events = world.count("event");
    for _ in 0..10 {
        let opened = open(&world, &token);
        let said = json!({"organization": "acme", "organization_name": "Acme", "username": ANN,
            "second_factor": false, "methods": [], "enrolls": false,
            "expires_at": world.now + 3600});
        assert_eq!((opened.status, opened.body), (200, said));
    }
    assert_eq!(world.count("event"), events, "opening changes nothing");
    // What cannot be chosen does not use the link up.
    for password in ["short", "password1", &"x".repeat(257)] {
        let refused = reset(&world, &token, password, None);
        assert_eq!(
            (refused.status, &refused.body["field"]),
            (400, &json!("password"))
        );
    }
    world.native.outside.take_posts();
    let done = reset(&world, &token, NEW, None);
    assert_eq!((done.status, &*done.text), (204, ""));
    assert!(done.cookies.is_empty());
    let me = world.call(Method::GET, "/v1/me", Some(&session), None);
    assert_eq!(me.status, 401);
    assert_eq!(
        (sign_in(&world, PASSWORD), sign_in(&world, NEW)),
        (401, 200)
    );
    assert_eq!(world.accepted("password.reset"), 1);
    let posts = world.native.outside.take_posts();
    assert!(
        posts
            .iter()
            .any(|post| post.body.contains("mail.password_changed"))
    );
    assert_eq!(open(&world, &token).status, 410);
    assert_eq!(reset(&world, &token, PASSWORD, None).status, 410);
    assert_eq!(sign_in(&world, NEW), 200);
}

#[test]
fn a79_the_link_alone_of_a_person_with_a_second_factor_does_nothing() {
    let (mut world, secret, codes) = enrolled();
    let token = link(&world);
    let opened = open(&world, &token);
    assert_eq!(opened.body["second_factor"], true);
    assert_eq!(opened.body["methods"], json!(["totp", "backup_code"]));
    let before = tables(&world);
    assert_eq!(reset(&world, &token, NEW, None).status, 401);
    for code in ["12345", "", "not a code"] {
        let refused = reset(&world, &token, NEW, Some(code));
        assert_eq!(
            (refused.status, &refused.body["field"]),
            (400, &json!("code")),
            "{code}"
        );
    }
    assert_eq!(tables(&world), before);
    // A wrong code counts, as at a sign-in, and keeps the link.
    let right = world.code(&secret);
    let refused = reset(&world, &token, NEW, Some(&wrong(&right)));
    assert_eq!(
        (refused.status, &refused.body["code"]),
        (401, &json!("not_accepted"))
    );
    assert_eq!(
        world.count("throttle WHERE method = 'totp' AND in_row = 1 AND in_window = 1"),
        1
    );
    assert_eq!(
        world.count("event WHERE action = 'password.reset' AND outcome = 'wrong'"),
        1
    );
    assert_eq!(sign_in(&world, NEW), 401);
    // A code that signed in is not good again.
    world.wait(60);
    let used = world.code(&secret);
    assert_eq!(world.verify(&world.ask(), &used).status, 200);
    assert_eq!(reset(&world, &token, NEW, Some(&used)).status, 401);
    assert_eq!(
        world.count("event WHERE action = 'password.reset' AND outcome = 'replayed'"),
        1
    );
    world.wait(60);
    let code = world.code(&secret);
    let done = reset(&world, &token, NEW, Some(&code));
    assert_eq!(done.status, 204, "{}", done.body);
    // Factors stay, and the code was used.
    assert_eq!(world.count("authenticator"), 1);
    let answer = world.sign_in_as(ANN, NEW, "bearer");
    assert_eq!(answer.body["decision"], "challenge");
    let challenge = &answer.body["challenge"]["token"];
    assert_eq!(world.verify(challenge, &code).status, 401);
    world.wait(60);
    assert_eq!(world.verify(challenge, &world.code(&secret)).status, 200);

    // By a backup code, once.
    let token = link(&world);
    let done = reset_by_backup(&world, &token, PASSWORD, &codes[0]);
    assert_eq!(done.status, 204, "{}", done.body);
    assert_eq!(world.count("backup_code WHERE used_at IS NOT NULL"), 1);
    assert_eq!(world.count("mail WHERE kind = 'backup_code_used'"), 1);
    let token = link(&world);
    assert_eq!(reset_by_backup(&world, &token, NEW, &codes[0]).status, 401);
    world.wait(3600);
    assert_eq!(sign_in(&world, PASSWORD), 200);
}

#[test]
fn guesses_by_the_link_are_throttled_as_at_a_sign_in() {
    let (world, secret, _) = enrolled();
    let token = link(&world);
    let guess = wrong(&world.code(&secret));
    let mut statuses = Vec::new();
    for _ in 0..20 {
        statuses.push(reset(&world, &token, NEW, Some(&guess)).status);
    }
    assert!(statuses.contains(&429), "{statuses:?}");
    let counted = world.count("event WHERE action = 'password.reset' AND outcome = 'wrong'");
    let refused = statuses.iter().filter(|status| **status == 401).count();
    assert_eq!(usize::try_from(counted).unwrap(), refused);
    // The same counter stops a sign-in.
    assert_eq!(world.verify(&world.ask(), &guess).status, 429);
}

#[test]
fn a76_a_link_that_is_over_superseded_or_overtaken_does_nothing() {
    let over = |world: &World, token: &str| {
        assert_eq!(open(world, token).status, 410);
        assert_eq!(reset(world, token, NEW, None).status, 410);
        assert_eq!(world.accepted("password.reset"), 0);
    };
    let mut world = reachable();
    let token = link(&world);
    world.wait(3599);
    assert_eq!(open(&world, &token).status, 200);
    world.wait(1);
    over(&world, &token);

    let world = reachable();
    let older = link(&world);
    let newer = link(&world);
    over(&world, &older);
    assert_eq!(
        world.count("spent_challenge WHERE id LIKE 'c_%' AND tries_left = 0"),
        1
    );
    assert_eq!(reset(&world, &newer, NEW, None).status, 204);

    for change in ["sign-out", "password", "disable"] {
        let world = reachable();
        let token = link(&world);
        let (method, path, body) = match change {
            "sign-out" => (Method::POST, format!("{USER}/sign-out"), json!({})),
            "password" => (Method::PATCH, USER.to_owned(), json!({"password": NEW})),
            _ => (Method::PATCH, USER.to_owned(), json!({"state": "disabled"})),
        };
        let changed = world.application(method, &path, body);
        assert_eq!(changed.status, 200, "{}", changed.body);
        over(&world, &token);
    }

    // "This was not me", by the same mail.
    let world = reachable();
    assert_eq!(ask(&world, "acme", ANN).status, 204);
    let posts = world.native.outside.take_posts();
    let body: Value = serde_json::from_str(&posts[0].body).unwrap();
    let token = |name: &str| {
        let link = body["data"]["links"][name].as_str().unwrap();
        link.split_once('#').unwrap().1.to_owned()
    };
    let not_me = json!({"token": token("not_me")});
    let said = world.call(Method::POST, "/v1/mail/not-me", None, Some(not_me));
    assert_eq!(said.status, 204, "{}", said.body);
    over(&world, &token("act"));
}

#[test]
fn a120_what_is_no_link_of_ours_is_told_no_more_than_that() {
    let (world, secret, _) = enrolled();
    let token = link(&world);
    let challenge = world.ask();
    let reset_link = {
        world.native.outside.take_posts();
        let started = world.application(Method::POST, &format!("{USER}/reset-mfa"), json!({}));
        assert_eq!(started.status, 200);
        let posts = world.native.outside.take_posts();
        let body: Value = serde_json::from_str(&posts[0].body).unwrap();
        let link = body["data"]["links"]["act"].as_str().unwrap();
        link.split_once('#').unwrap().1.to_owned()
    };
    let mut others = not_quite(&token, "pl_pw_");
    others.push(challenge.as_str().unwrap().to_owned());
    others.push(reset_link.replace("pl_re_", "pl_pw_"));
    others.push(reset_link);
    for other in &others {
        assert_eq!(open(&world, other).status, 401, "{other}");
        let code = world.code(&secret);
        assert_eq!(
            reset(&world, other, NEW, Some(&code)).status,
            401,
            "{other}"
        );
    }
    // Nor does the link lead to new factors.
    let body =
        json!({"organization": "acme", "username": ANN, "password": PASSWORD, "reset": token});
    let answer = world.call(Method::POST, "/v1/sign-ins/password", None, Some(body));
    assert_eq!(answer.status, 401, "{}", answer.body);
    let leaked = format!("event WHERE detail LIKE '%{}%'", &token[..30]);
    assert_eq!(world.count(&leaked), 0);
}

#[test]
fn a75_one_of_fifty_at_once_sets_the_password_in_twenty_rounds() {
    let mut world = reachable();
    for round in 0..20 {
        world.wait(3600);
        let token = link(&world);
        let answers = fifty_at_once(
            &world,
            "/v1/passwords/reset",
            |number| json!({"token": token, "password": format!("a new password of {round} {number}")}),
        );
        let won = answers.iter().filter(|status| **status == 204).count();
        assert_eq!(won, 1, "round {round}: {answers:?}");
        let lost = answers
            .iter()
            .all(|status| [204, 410, 429].contains(status));
        assert!(lost, "round {round}: {answers:?}");
        assert_eq!(world.accepted("password.reset"), round + 1);
    }
}

#[test]
fn a80_a_thousand_times_asked_mails_three_links_an_hour() {
    let mut world = reachable();
    for _ in 0..1000 {
        assert_eq!(ask(&world, "acme", ANN).status, 204);
    }
    assert_eq!(world.count("mail WHERE kind = 'password_forgotten'"), 3);
    assert_eq!(world.accepted("password.forgotten"), 3);
    assert_eq!(world.count("link"), 1);
    world.wait(3601);
    link(&world);
}

#[test]
fn a78_the_link_is_ours_whatever_host_was_asked() {
    let world = reachable();
    let body = json!({"organization": "acme", "username": ANN});
    let request = Request::builder()
        .method(Method::POST)
        .uri("https://evil.example/v1/passwords/forgotten")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::HOST, "evil.example")
        .header("x-forwarded-host", "evil.example")
        .header("x-forwarded-proto", "http")
        .header("forwarded", "host=evil.example")
        .extension(world.native.platform())
        .body(Body::from(body.to_string()))
        .unwrap();
    let answer = pollster::block_on(router().call(request)).unwrap();
    assert_eq!(answer.status(), 204);
    pollster::block_on(world.native.later.drain());
    let posts = world.native.outside.take_posts();
    assert_eq!(posts.len(), 1);
    assert!(!posts[0].body.contains("evil.example"));
    let link = "https://mfa.example.test/password#pl_pw_";
    assert!(posts[0].body.contains(link));
}
