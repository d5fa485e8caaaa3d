//! The audit log is complete (REQUIREMENTS L1 to L3, L5; ATTACKS A90, A93, A97): which event each changing route records
//! in each way that it can end, and that there is no change without its event and no event without its change.
//!
//! A row says its events in words: `action outcome[/trust] by actor[:name] on person; method; subject; detail`. The person
//! is `-` where it concerns the organization. The subject is what its id is found as, or the text itself; the detail is
//! the names of its members.

mod account;
mod events;
mod faults;
mod organization;
mod page;
mod sign_in;
mod stage;

use std::collections::BTreeSet;

use http::Method;
use postern_worker::{ROUTES, http::route::Access};
use serde_json::{Value, json};

use crate::world::Answer;
use events::Log;
use stage::Stage;

/// A row of the matrix.
pub struct Case {
    route: &'static str,
    /// How it ends.
    about: &'static str,
    prepare: fn(&mut Stage),
    ask: fn(&Stage) -> Answer,
    status: u16,
    /// What is recorded, in order.
    events: &'static [&'static str],
}

const fn row(
    route: &'static str,
    about: &'static str,
    prepare: fn(&mut Stage),
    ask: fn(&Stage) -> Answer,
    status: u16,
    events: &'static [&'static str],
) -> Case {
    Case {
        route,
        about,
        prepare,
        ask,
        status,
        events,
    }
}

const fn nothing(_: &mut Stage) {}

/// Routes that a row is there of, and that change nothing: they look, or they ask somebody who is not known yet.
const LOOKS: [&str; 7] = [
    "POST /v1/invitations/open",
    "POST /v1/organizations/{org}/policy/preview",
    "POST /v1/organizations/{org}/revoke-mfa/preview",
    "POST /v1/passwords/open",
    "POST /v1/resets/open",
    "POST /v1/sessions/introspect",
    "POST /v1/sign-ins/passkey",
];

fn cases() -> impl Iterator<Item = &'static Case> {
    let all = [sign_in::CASES, account::CASES, organization::CASES];
    all.into_iter().flatten()
}

/// What a row's request answers, and what it records.
fn played(stage: &Stage, case: &Case) -> (Stage, Answer, Vec<String>) {
    let mut stage = stage.copy();
    (case.prepare)(&mut stage);
    let before = Log::last(&stage.world);
    let answer = (case.ask)(&stage);
    let log = Log::after(&stage.world, before);
    log.check(&stage.world);
    let told = log.told();
    (stage, answer, told)
}

#[test]
fn each_route_records_what_its_row_says_and_no_secret() {
    let (stage, mut wrong) = (Stage::new(), vec![]);
    for case in cases() {
        let (stage, answer, told) = played(&stage, case);
        if (answer.status, &*told) != (case.status, &owned(case.events)) {
            let Case { route, about, .. } = case;
            wrong.push(format!(
                "{route}, {about}: {} {told:#?} {}",
                answer.status, answer.body
            ));
        }
        events::check_secrets(&stage.world);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn owned(events: &[&str]) -> Vec<String> {
    events.iter().map(|event| (*event).to_owned()).collect()
}

#[test]
fn every_changing_route_is_in_the_matrix() {
    let changing = ROUTES.iter().filter(|route| route.method != Method::GET);
    let changing: BTreeSet<_> = changing
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    let recorded =
        cases().filter(|case| case.events.iter().any(|event| event.contains(" accepted")));
    let recorded: BTreeSet<_> = recorded.map(|case| case.route).collect();
    let looked: BTreeSet<_> = cases()
        .map(|case| case.route)
        .filter(|route| LOOKS.contains(route))
        .collect();
    assert_eq!(looked, BTreeSet::from(LOOKS));
    let missing = changing
        .iter()
        .filter(|route| !recorded.contains(&***route) && !LOOKS.contains(&&***route));
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&String>::new());
}

/// Any value of a path.
fn path_of(pattern: &str) -> String {
    pattern
        .replace("{org}", "acme")
        .replace("{user}", "olga")
        .replace("{id}", "1")
}

#[test]
fn what_is_above_somebody_signed_in_is_recorded_of_every_route_and_strangers_write_nothing() {
    let stage = Stage::new();
    for route in ROUTES {
        let path = path_of(route.path);
        let body = Some(json!({})).filter(|_| route.method != Method::GET);
        let before = Log::last(&stage.world);
        let named = format!("{} {}", route.method, route.path);
        for bearer in [None, Some("not a token"), Some("ps_x.y")] {
            if route.access == Access::SetUp && bearer.is_some() {
                continue;
            }
            stage
                .world
                .call(route.method.clone(), &path, bearer, body.clone());
            assert_eq!(Log::last(&stage.world), before, "{named} {bearer:?}");
        }
        let above = matches!(
            route.access,
            Access::Owner
                | Access::FreshOwner
                | Access::Admin
                | Access::FreshAdmin
                | Access::Application
        );
        if !above {
            continue;
        }
        let answer = stage.by("mia", route.method.clone(), &path, body.unwrap_or_default());
        assert_eq!(answer.status, 403, "{named}: {}", answer.body);
        let log = Log::after(&stage.world, before);
        log.check(&stage.world);
        let subject = if path.contains("/users/olga") {
            "olga"
        } else {
            "-"
        };
        let expected = format!("access.refuse forbidden by user on mia; -; {subject}; route");
        assert_eq!(log.told(), [expected], "{named}");
    }
}

#[test]
fn refusals_of_one_person_are_recorded_sixty_times_an_hour_and_then_again() {
    let mut stage = Stage::new();
    let path = "/v1/organizations/acme/overview";
    let recorded = |stage: &Stage| stage.world.count("event WHERE outcome = 'forbidden'");
    for _ in 0..100 {
        let answer = stage.by("mia", Method::GET, path, Value::Null);
        assert_eq!(answer.status, 403);
    }
    assert_eq!(recorded(&stage), 60);
    stage.by("nina", Method::GET, path, Value::Null);
    assert_eq!(recorded(&stage), 61, "another person");
    stage.wait(3500);
    let token = stage.right_password("nina").body["session"]["token"].clone();
    stage.signed_in("nina", token.as_str().unwrap().to_owned());
    stage.wait(101);
    stage.by("nina", Method::GET, path, Value::Null);
    assert_eq!(recorded(&stage), 62);
}

#[test]
#[should_panic(expected = "is in the log")]
fn a93_a_secret_that_is_planted_in_the_log_is_found() {
    let mut stage = Stage::new();
    let agent = format!("Native/1 {}", stage.codes[0]);
    stage.world.headers = vec![("user-agent", agent)];
    stage.post("mia", "/v1/me/backup-codes/saved", json!({}));
    events::check_secrets(&stage.world);
}
