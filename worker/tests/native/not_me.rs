//! "This was not me": the link of a notice.

use http::Method;
use postern::{
    ids::{LinkId, OrganizationId, UserId},
    links::{Link, Purpose},
    sealing::Keys,
    time::UnixTime,
};
use postern_worker::platform::native::DatabaseFault;
use serde_json::{Value, json};

use crate::world::{ANN, Answer, KEY, NEWER_KEY, NOW, PASSWORD, World};

const WEEK: u64 = 7 * 24 * 60 * 60;

/// A token for Ann, as a mail holds it.
fn token(world: &World, id: u8, purpose: Purpose, keys: &str) -> String {
    let (organization, user): (String, String) = world
        .native
        .database
        .with(|connection| {
            let sql = "SELECT organization, id FROM user WHERE external_id = 'ann'";
            connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
        })
        .unwrap();
    let home: (OrganizationId, UserId) = (organization.parse().unwrap(), user.parse().unwrap());
    let id = LinkId::from_entropy([id; 16]);
    let link = Link::new(purpose, home, id, None, UnixTime(world.now));
    link.seal(&Keys::parse(keys).unwrap(), [9; 12]).unwrap()
}

fn say(world: &World, token: &str) -> Answer {
    let body = json!({"token": token});
    world.call(Method::POST, "/v1/mail/not-me", None, Some(body))
}

fn me(world: &World, session: &str) -> u16 {
    world
        .call(Method::GET, "/v1/me", Some(session), None)
        .status
}

fn mails(world: &World, kind: &str) -> u32 {
    world.count(&format!("mail WHERE kind = '{kind}'"))
}

#[test]
fn a77_not_me_ends_sessions_challenges_and_trusted_browsers_once_and_factors_stay() {
    let mut world = World::with_ann();
    let (secret, codes) = world.enroll_with_codes();
    world.run("UPDATE user SET email = 'ann@example.test', second_email = 'ann@home.test'");
    world.wait(60);
    let trusting = json!({"challenge": world.sign_in_as(ANN, PASSWORD, "cookie").body["challenge"]["token"],
        "method": "totp", "code": world.code(&secret), "trust_device": true});
    let trusted = world.call(Method::POST, "/v1/challenges/verify", None, Some(trusting));
    assert_eq!(trusted.status, 200, "{}", trusted.body);
    world.wait(60);
    let (session, challenge) = (world.signed_in(&secret), world.ask());
    let token = token(&world, 1, Purpose::NotMe, KEY);
    // What only looks changes nothing: there is nothing to get.
    for method in [Method::GET, Method::HEAD] {
        let path = format!("/v1/mail/not-me?token={token}");
        assert_eq!(world.call(method.clone(), &path, None, None).status, 405);
        assert_eq!(
            world.call(method, "/v1/mail/not-me", None, None).status,
            405
        );
    }
    assert_eq!(me(&world, &session), 200);

    let said = say(&world, &token);
    assert_eq!((said.status, said.trips), (204, 1), "{}", said.body);
    assert_eq!(me(&world, &session), 401);
    world.wait(30);
    assert_eq!(world.verify(&challenge, &world.code(&secret)).status, 410);
    assert_eq!(world.count("live_session"), 0);
    let alive = "trusted_device d JOIN user u ON u.id = d.user AND u.version = d.user_version";
    assert_eq!((world.count("trusted_device"), world.count(alive)), (1, 0));
    assert_eq!(world.accepted("mail.not_me"), 1);
    // Word of it goes to both addresses.
    assert_eq!(mails(&world, "not_me"), 2);
    // Nothing is lost that signing in does not bring back, and the copy knows of it.
    let asked = world.ask();
    assert_eq!(
        world.verify_by("backup_code", &asked, &codes[0]).status,
        200
    );
    world.wait(30);
    let session = world.signed_in(&secret);

    let again = say(&world, &token);
    assert_eq!(
        (again.status, &again.body["code"]),
        (410, &json!("expired"))
    );
    assert_eq!(me(&world, &session), 200);
    assert_eq!(
        (world.accepted("mail.not_me"), mails(&world, "not_me")),
        (1, 2)
    );
}

#[test]
fn a120_what_is_not_a_link_of_this_person_for_this_does_nothing() {
    let mut world = World::with_ann();
    let secret = world.enroll();
    world.wait(60);
    let session = world.signed_in(&secret);
    let (good, challenge) = (token(&world, 1, Purpose::NotMe, KEY), world.ask());
    let events = world.count("event");
    let refused = |world: &World, token: &str, status: u16, trips: usize| {
        let answer = say(world, token);
        assert_eq!(
            (answer.status, answer.trips),
            (status, trips),
            "{token}: {}",
            answer.body
        );
        answer.body
    };
    let mut bodies: Vec<Value> = [Purpose::Reset, Purpose::Invitation, Purpose::Password]
        .into_iter()
        .flat_map(|purpose| {
            let other = token(&world, 1, purpose, KEY);
            let renamed = ["pl_no_", &other[6..]].concat();
            [other, renamed]
        })
        .chain([
            token(&world, 1, Purpose::NotMe, NEWER_KEY),
            good.replace("pl_no_", "pl_re_"),
            good[1..].to_owned(),
            format!("{good}A"),
            challenge.as_str().unwrap().to_owned(),
            session.clone(),
            String::new(),
        ])
        .map(|token| refused(&world, &token, 401, 0))
        .collect();
    for body in &mut bodies {
        body.as_object_mut().unwrap().remove("request_id");
    }
    assert!(bodies.windows(2).all(|two| two[0] == two[1]), "{bodies:?}");
    // Of a person who is gone: as one that was never made.
    let nobody = Link::new(
        Purpose::NotMe,
        (
            OrganizationId::from_entropy([1; 16]),
            UserId::from_entropy([1; 16]),
        ),
        LinkId::from_entropy([2; 16]),
        None,
        UnixTime(world.now),
    );
    let nobody = nobody.seal(&Keys::parse(KEY).unwrap(), [9; 12]).unwrap();
    refused(&world, &nobody, 401, 1);
    assert_eq!(world.count("event"), events);
    assert_eq!(me(&world, &session), 200);
    // Made by a clock that is ahead, and a week old to the second.
    let early = NOW + 60 + 120;
    world.now = early;
    let ahead = token(&world, 3, Purpose::NotMe, KEY);
    world.now = NOW + 60;
    assert_eq!(say(&world, &ahead).status, 410);
    world.wait(WEEK - 1);
    let asked = world.count("event");
    assert_eq!(say(&world, &good).status, 204);
    assert_eq!(world.count("event"), asked + 1);
    // The link of another try to send the same mail.
    let again = token(&world, 1, Purpose::NotMe, KEY);
    let other = token(&world, 4, Purpose::NotMe, KEY);
    assert_eq!(say(&world, &again).status, 410);
    world.wait(WEEK - 1);
    world.sweep();
    assert_eq!(say(&world, &again).status, 410);
    world.wait(1);
    assert_eq!(say(&world, &other).status, 410);
    assert_eq!(world.accepted("mail.not_me"), 1);
    // Also once the mark of the used one was swept.
    world.wait(WEEK);
    world.sweep();
    assert_eq!(say(&world, &good).status, 410);
}

#[test]
fn a_link_counts_once_where_the_answer_was_lost() {
    let mut world = World::with_ann();
    let secret = world.enroll();
    world.wait(60);
    let session = world.signed_in(&secret);
    let token = token(&world, 1, Purpose::NotMe, KEY);
    let faults = [(1, DatabaseFault::AnswerLost)];
    world.native.database.set_faults(&faults);
    assert_eq!(say(&world, &token).status, 204);
    assert_eq!(
        (me(&world, &session), world.accepted("mail.not_me")),
        (401, 1)
    );
    assert_eq!(say(&world, &token).status, 410);
}
