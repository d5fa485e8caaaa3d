//! Mailed links while the database fails (ATTACKS A97, A99): at every trip, before it runs and with its answer lost. What
//! a request does is done once or not at all, and asking again leads to where it would have led.

use http::Method;
use postern::totp::TotpSecret;
use postern_worker::platform::native::DatabaseFault::{AnswerLost, Fails};
use serde_json::{Value, json};

use crate::{
    mailed::{USER, mailed, reachable},
    people::{USERS, path_of},
    world::{ANN, Answer, World},
};

const NEW: &str = "another long password 43";

/// What a request takes: a world, and what is known in it.
struct Known {
    world: World,
    token: String,
    secret: Option<TotpSecret>,
}

/// A request under faults.
struct Sweep {
    prepare: fn() -> Known,
    ask: fn(&Known) -> Answer,
    /// Its answer when all is well.
    done: u16,
    /// Its answer when it was done before.
    again: u16,
}

/// What there is to see of what was done.
fn state(world: &World) -> Vec<u32> {
    [
        "event WHERE outcome = 'accepted'",
        "event WHERE outcome <> 'accepted'",
        "mail",
        "link WHERE ended_at IS NULL",
        "session WHERE ended_at IS NULL",
        "backup_code WHERE used_at IS NOT NULL",
        "user WHERE password IS NOT NULL",
        "spent_challenge",
    ]
    .iter()
    .map(|table| world.count(table))
    .collect()
}

impl Sweep {
    fn run(&self) {
        let known = (self.prepare)();
        let before = state(&known.world);
        let answer = (self.ask)(&known);
        assert_eq!(answer.status, self.done, "{}", answer.body);
        let after = state(&known.world);
        assert_ne!(before, after);
        // One more than without a fault: what was lost is read back.
        for trip in 1..=answer.trips.max(1) + 1 {
            for faults in [
                vec![(trip, Fails)],
                vec![(trip, AnswerLost)],
                vec![(trip, AnswerLost), (trip + 1, Fails)],
                vec![(trip, AnswerLost), (trip + 1, Fails), (trip + 2, Fails)],
            ] {
                self.meet(&faults, &before, &after);
            }
        }
    }

    fn meet(
        &self,
        faults: &[(usize, postern_worker::platform::native::DatabaseFault)],
        before: &[u32],
        after: &[u32],
    ) {
        let known = (self.prepare)();
        let database = &known.world.native.database;
        // The request's own trips are counted from here.
        database.set_faults(faults);
        let answer = (self.ask)(&known);
        database.set_faults(&[]);
        let status = answer.status;
        assert!([self.done, 503].contains(&status), "{faults:?}: {status}");
        let found = state(&known.world);
        assert!(found == before || found == after, "{faults:?}: {found:?}");
        if found == before {
            assert_eq!(status, 503, "{faults:?}");
        }
        let done = found == after;
        let again = (self.ask)(&known).status;
        let expected = if done { self.again } else { self.done };
        assert_eq!(again, expected, "{faults:?}");
    }
}

fn known(world: World, token: String) -> Known {
    Known {
        world,
        token,
        secret: None,
    }
}

fn with_invited() -> World {
    let world = reachable();
    let body = json!({"username": "bea", "email": "bea@acme.test"});
    let made = world.application(Method::PUT, &format!("{USERS}/bea"), body);
    assert_eq!(made.status, 201, "{}", made.body);
    world
}

fn invited() -> Known {
    let world = with_invited();
    let sent = world.application(Method::POST, &path_of("bea", "invite"), json!({}));
    assert_eq!(sent.status, 200, "{}", sent.body);
    let token = mailed(&world, "invitation", "invitation");
    known(world, token)
}

fn forgetful(world: &World) -> String {
    let body = json!({"organization": "acme", "username": ANN});
    let asked = world.call(Method::POST, "/v1/passwords/forgotten", None, Some(body));
    assert_eq!(asked.status, 204, "{}", asked.body);
    mailed(world, "password_forgotten", "password")
}

fn post(known: &Known, path: &str, body: Value) -> Answer {
    known.world.call(Method::POST, path, None, Some(body))
}

#[test]
fn a97_a99_an_invitation_is_accepted_once_or_not_at_all() {
    let accept = |known: &Known| {
        let body = json!({"token": known.token, "password": NEW});
        post(known, "/v1/invitations/accept", body)
    };
    Sweep {
        prepare: invited,
        ask: accept,
        done: 204,
        again: 410,
    }
    .run();
}

#[test]
fn a97_a99_an_invitation_is_sent_once_or_not_at_all() {
    let invite = |known: &Known| {
        known
            .world
            .application(Method::POST, &path_of("bea", "invite"), json!({}))
    };
    Sweep {
        prepare: || known(with_invited(), String::new()),
        ask: invite,
        done: 200,
        again: 200,
    }
    .run();
}

#[test]
fn a97_a99_a_forgotten_password_is_replaced_once_or_not_at_all() {
    let reset = |known: &Known| {
        let body = json!({"token": known.token, "password": NEW});
        post(known, "/v1/passwords/reset", body)
    };
    Sweep {
        prepare: || {
            let world = reachable();
            let token = forgetful(&world);
            known(world, token)
        },
        ask: reset,
        done: 204,
        again: 410,
    }
    .run();
}

#[test]
fn a97_a99_a_code_is_used_with_the_link_or_not_at_all() {
    let reset = |known: &Known| {
        let code = known.world.code(known.secret.as_ref().unwrap());
        let body = json!({"token": known.token, "password": NEW, "method": "totp", "code": code});
        post(known, "/v1/passwords/reset", body)
    };
    Sweep {
        prepare: || {
            let mut world = reachable();
            let secret = Some(world.enroll());
            world.wait(60);
            world.native.outside.take_posts();
            let token = forgetful(&world);
            Known {
                world,
                token,
                secret,
            }
        },
        ask: reset,
        done: 204,
        again: 410,
    }
    .run();
}

#[test]
fn a97_a99_this_was_not_me_is_done_once_or_not_at_all() {
    let say = |known: &Known| post(known, "/v1/mail/not-me", json!({"token": known.token}));
    Sweep {
        prepare: || {
            let world = reachable();
            world.sign_in();
            let address = json!({"second_email": "ann@home.test"});
            assert_eq!(world.application(Method::PATCH, USER, address).status, 200);
            let posts = world.native.outside.take_posts();
            let body: Value = serde_json::from_str(&posts[0].body).unwrap();
            let link = body["data"]["links"]["not_me"].as_str().unwrap();
            let token = link.split_once('#').unwrap().1.to_owned();
            known(world, token)
        },
        ask: say,
        done: 204,
        again: 410,
    }
    .run();
}

#[test]
fn a97_a99_a_link_that_was_asked_for_is_mailed_once_or_not_at_all_and_the_answer_is_the_same() {
    let body = || json!({"organization": "acme", "username": ANN});
    let mailed = |world: &World| {
        let links = world.count("link WHERE purpose = 'password'");
        let mails = world.count("mail WHERE kind = 'password_forgotten'");
        (world.accepted("password.forgotten"), links, mails)
    };
    // After the reply: the request, and the delivery of its mail.
    for trip in 1..=5 {
        for fault in [Fails, AnswerLost] {
            let world = reachable();
            world.native.database.set_faults(&[(trip, fault)]);
            let asked = world.call(Method::POST, "/v1/passwords/forgotten", None, Some(body()));
            world.native.database.set_faults(&[]);
            assert_eq!((asked.status, &*asked.text), (204, ""), "{trip} {fault:?}");
            let found = mailed(&world);
            assert!(
                [(0, 0, 0), (1, 1, 1)].contains(&found),
                "{trip} {fault:?}: {found:?}"
            );
        }
    }
}
