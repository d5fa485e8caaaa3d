//! Mail that waits leaves, at least once each: by two jobs at once, and past a sender that fails.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join;
use http::Method;
use postern_worker::{
    jobs,
    platform::{
        WebPost,
        native::{Answer, DatabaseFault},
    },
};
use serde_json::{Value, json};

use crate::{
    mailed::{USER, by_webhook, reachable},
    world::World,
};

/// So many mails to Ann, due now, of events that do not exist.
fn waiting(world: &World, count: u32) {
    world.run(&format!(
        "INSERT INTO mail (organization, user, event, kind, address, created_at, due_at)
         WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {count})
         SELECT u.organization, u.id, 'e' || n, 'signed_out', 'ann@acme.test', {now}, {now} FROM n, user u",
        now = world.now
    ));
}

fn id(post: &WebPost) -> String {
    let id = post.headers.iter().find(|(name, _)| *name == "webhook-id");
    id.unwrap().1.clone()
}

#[test]
fn ten_thousand_mails_and_two_jobs_lose_none_and_repeat_only_what_was_not_answered() {
    let mut world = by_webhook();
    waiting(&world, 10_000);
    // Every third fails, and of every tenth that arrives the answer is lost.
    world.native.outside.answer(|number| match number {
        number if number % 3 == 2 => Answer::Fails,
        number if number % 10 == 0 => Answer::Lost,
        _ => Answer::Status(204),
    });
    let mut arrived = BTreeMap::new();
    let mut runs = 0;
    while world.count("mail WHERE sent_at IS NULL AND failed_at IS NULL") > 0 {
        let (one, other) = (world.native.platform(), world.native.platform());
        pollster::block_on(join(jobs::run(&one), jobs::run(&other)));
        for post in world.native.outside.take_posts() {
            *arrived.entry(id(&post)).or_insert(0_u32) += 1;
        }
        world.wait(300);
        runs += 1;
        assert!(runs < 10_000, "mail that never leaves");
    }
    assert_eq!(world.count("mail WHERE failed_at IS NOT NULL"), 0);
    assert_eq!(arrived.len(), 10_000, "each arrived");
    let repeated: u32 = arrived.values().map(|times| times - 1).sum();
    // One in ten of those that arrive is repeated, each time that its answer is lost.
    assert!((500..1500).contains(&repeated), "{repeated} repeated");
}

#[test]
fn without_a_lost_answer_nothing_is_sent_twice() {
    let mut world = by_webhook();
    waiting(&world, 1_000);
    world.native.outside.answer(|number| match number % 3 {
        2 => Answer::Fails,
        _ => Answer::Status(200),
    });
    let mut ids = BTreeSet::new();
    while world.count("mail WHERE sent_at IS NULL AND failed_at IS NULL") > 0 {
        let (one, other) = (world.native.platform(), world.native.platform());
        pollster::block_on(join(jobs::run(&one), jobs::run(&other)));
        for post in world.native.outside.take_posts() {
            assert!(ids.insert(id(&post)), "sent twice");
        }
        world.wait(300);
    }
    assert_eq!(ids.len(), 1_000);
}

#[test]
fn a_job_that_dies_anywhere_sends_again_what_it_had_claimed_under_the_same_id() {
    // Trips of a run: time, the sweep, the deadlines, the claim, the marks.
    for trip in 1..8 {
        let mut world = by_webhook();
        waiting(&world, 3);
        for fault in [DatabaseFault::Fails, DatabaseFault::AnswerLost] {
            world.native.database.set_faults(&[(trip, fault)]);
            world.sweep();
            world.native.database.set_faults(&[]);
        }
        for _ in 0..10 {
            world.sweep();
            world.wait(60);
        }
        let ids: BTreeSet<_> = world.native.outside.take_posts().iter().map(id).collect();
        assert_eq!(ids.len(), 3, "trip {trip}");
        assert_eq!(world.count("mail WHERE sent_at IS NULL"), 0, "trip {trip}");
    }
}

#[test]
fn what_is_never_taken_is_given_up_after_three_days_and_says_why() {
    for answer in [
        Answer::Fails,
        Answer::Status(500),
        Answer::Status(301),
        Answer::Status(404),
    ] {
        let mut world = by_webhook();
        waiting(&world, 1);
        world.native.outside.answer(move |_| answer);
        let mut half_hours = 0;
        while world.count("mail WHERE failed_at IS NULL") > 0 {
            world.sweep();
            world.wait(1800);
            half_hours += 1;
            assert!(half_hours < 400, "never given up");
        }
        assert_eq!(sum(&world, "tries"), 17, "{answer:?}");
        assert!((144..160).contains(&half_hours), "{half_hours} half hours");
        assert_eq!(world.count("mail WHERE error IS NOT NULL"), 1);
    }
}

fn sum(world: &World, column: &str) -> u32 {
    let sql = format!("SELECT coalesce(sum({column}), 0) FROM mail");
    let sum = world
        .native
        .database
        .with(|connection| connection.query_row(&sql, [], |row| row.get(0)));
    sum.unwrap()
}

#[test]
fn a_notice_leaves_right_after_its_reply_and_says_all_that_is_known() {
    let world = by_webhook();
    let address = json!({"email": "ann@acme.test"});
    let changed = world.application(Method::PATCH, "/v1/organizations/acme/users/ann", address);
    assert_eq!(changed.status, 200, "{}", changed.body);
    world.native.outside.take_posts();
    let put = json!({"password": "another long password 43"});
    let changed = world.application(Method::PATCH, "/v1/organizations/acme/users/ann", put);
    assert_eq!(changed.status, 200, "{}", changed.body);
    let posts = world.native.outside.take_posts();
    assert_eq!(posts.len(), 1);
    let body: Value = serde_json::from_str(&posts[0].body).unwrap();
    assert_eq!(body["type"], "mail.password_changed");
    assert_eq!(body["timestamp"], "2027-01-15T08:00:00Z");
    let data = &body["data"];
    assert_eq!(
        (
            &data["organization"],
            &data["user"],
            &data["to"],
            &data["actor"]
        ),
        (
            &json!("acme"),
            &json!("ann"),
            &json!("ann@acme.test"),
            &json!("application")
        ),
    );
    let not_me = data["links"]["not_me"].as_str().unwrap();
    assert!(
        not_me.starts_with("https://mfa.example.test/not-me#pl_no_"),
        "{not_me}"
    );
    assert!(data["text"].as_str().unwrap().contains(not_me));
    assert!(data["html"].as_str().unwrap().contains(not_me));
    assert_eq!(world.count("mail WHERE sent_at IS NULL"), 0);
}

#[test]
fn mail_waits_where_nothing_sends_it_and_leaves_by_post_where_that_is_set() {
    let world = World::with_ann();
    waiting(&world, 2);
    world.sweep();
    assert_eq!(world.count("mail WHERE tries = 0"), 2);
    world.native.settings.set("MAIL_FROM", "mfa@example.test");
    world.sweep();
    let mails = world.native.outside.take_mails();
    assert_eq!(mails.len(), 2);
    assert!(
        mails
            .iter()
            .all(|mail| mail.to == "ann@acme.test" && mail.from == "mfa@example.test")
    );
    assert_eq!(world.count("mail WHERE sent_at IS NOT NULL"), 2);
}

#[test]
fn a_mail_is_kept_thirty_days_after_it_left_and_one_that_waits_for_ever() {
    let mut world = World::with_ann();
    waiting(&world, 3);
    world.run("UPDATE mail SET sent_at = created_at WHERE seq = 1; UPDATE mail SET failed_at = created_at WHERE seq = 2");
    world.wait(30 * 86_400 + 3600);
    world.sweep();
    assert_eq!(world.count("mail"), 3);
    world.wait(1);
    world.sweep();
    assert_eq!(world.count("mail WHERE seq = 3"), 1);
    assert_eq!(world.count("mail"), 1);
}

#[test]
fn a_second_address_gets_its_own_mail_and_one_that_is_the_same_none() {
    let world = by_webhook();
    world.run("UPDATE user SET email = 'ann@acme.test', second_email = 'ann@home.test'");
    let path = "/v1/organizations/acme/users/ann/sign-out";
    world.application(Method::POST, path, json!({}));
    let to = |posts: Vec<WebPost>| -> Vec<String> {
        let data = |post: &WebPost| serde_json::from_str::<Value>(&post.body).unwrap();
        let mut to: Vec<_> = posts
            .iter()
            .map(|post| data(post)["data"]["to"].as_str().unwrap().to_owned())
            .collect();
        to.sort();
        to
    };
    let posts = world.native.outside.take_posts();
    assert_eq!(posts.iter().map(id).collect::<BTreeSet<_>>().len(), 2);
    assert_eq!(to(posts), ["ann@acme.test", "ann@home.test"]);
    world.run("UPDATE user SET second_email = email");
    world.application(Method::POST, path, json!({}));
    assert_eq!(to(world.native.outside.take_posts()), ["ann@acme.test"]);
}

#[test]
fn a80_what_is_done_over_and_over_is_told_forty_times_an_hour() {
    let world = reachable();
    let path = format!("{USER}/sign-out");
    for _ in 0..60 {
        assert_eq!(
            world.application(Method::POST, &path, json!({})).status,
            200
        );
    }
    assert_eq!(world.count("mail WHERE kind = 'signed_out'"), 40);
}
