//! The audit log is sealed each minute, and anyone who has a file of it finds what was changed in it.

use ed25519_dalek::Verifier as _;
use futures_util::future::join;
use http::Method;
use postern::audit::{
    checkpoint::{Checkpoint, CheckpointKey, read_note},
    verification::{Broken, Verified, Verifier, Why},
};
use postern_worker::{jobs, platform::native::DatabaseFault};
use serde_json::{Value, json};

use crate::{
    people::{USERS, acme, enroll, person},
    world::{KEY, NEWER_KEY, World},
};

const ORGANIZATION: &str = "/v1/organizations/acme";

/// The whole file, part by part.
fn export(world: &World) -> String {
    export_from(world, "")
}

fn export_from(world: &World, query: &str) -> String {
    let mut file = String::new();
    let mut query = query.to_owned();
    loop {
        let path = format!("{ORGANIZATION}/audit-log.ndjson{query}");
        let part = world.application(Method::GET, &path, Value::Null);
        assert_eq!((part.status, part.trips), (200, 1), "{}", part.text);
        file.push_str(&part.text);
        let Some(link) = part.link else { return file };
        let next = link.strip_prefix('<').unwrap().split('>').next().unwrap();
        query = next.to_owned();
    }
}

fn verify(file: &str, keys: &[CheckpointKey], known: &[Checkpoint]) -> Result<Verified, Broken> {
    let mut verifier = Verifier::new(keys.to_vec(), known.to_vec());
    for line in file.lines() {
        if let Some(unverified) = verifier.push(line)? {
            let key = ed25519_dalek::VerifyingKey::from_bytes(unverified.key.bytes()).unwrap();
            let signature = ed25519_dalek::Signature::from_slice(&unverified.signature).unwrap();
            if key.verify(unverified.text.as_bytes(), &signature).is_err() {
                return Err(verifier.forged());
            }
        }
    }
    verifier.finish()
}

fn whole(world: &World) -> Verified {
    verify(&export(world), &[], &[]).unwrap()
}

/// So many events of the organization, by SQL.
fn events(world: &World, count: u32, name: &str) {
    world.run(&format!(
        "INSERT INTO event (id, organization, user, at, action, outcome, actor, detail, ip)
         WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {count})
         SELECT '{name}' || n, o.id, 'u_' || (n % 7), {now}, 'sign_in.verify', 'accepted', 'user',
           json_object('n', n), '192.0.2.1'
         FROM n, organization o",
        now = world.now
    ));
}

/// Three checkpoints: of what made the organization and its people, of 40 events, and of 30.
fn sealed() -> World {
    let mut world = acme();
    person(&world, "adam", "admin");
    world.sweep();
    for (name, count) in [("a", 40), ("b", 30)] {
        events(&world, count, name);
        world.wait(60);
        world.sweep();
    }
    world
}

#[test]
fn what_is_recorded_is_sealed_each_minute_and_told_apart_by_organization() {
    let mut world = acme();
    assert_eq!(whole(&world).sealed, 0);
    person(&world, "adam", "admin");
    world.application(
        Method::PUT,
        "/v1/organizations/other",
        json!({"name": "Other"}),
    );
    world.wait(60);
    world.sweep();
    // The event of the export above, and that of this one.
    let verified = whole(&world);
    assert_eq!(
        (verified.sealed, verified.unsealed, verified.checkpoints),
        (3, 1, 1)
    );
    assert_eq!(verified.origin, "example.test/audit/acme");
    // Nothing new, no checkpoint.
    let before = world.count("checkpoint");
    world.sweep();
    let again = world.count("checkpoint");
    world.sweep();
    assert_eq!((again, world.count("checkpoint")), (before + 1, again));
    let page = world.application(
        Method::GET,
        &format!("{ORGANIZATION}/audit-checkpoints?limit=1"),
        Value::Null,
    );
    assert_eq!(page.status, 200, "{}", page.text);
    assert_eq!(page.body["next_before"], 4);
    let key = CheckpointKey::read(page.body["keys"][0].as_str().unwrap()).unwrap();
    let note = page.body["checkpoints"][0]["note"].as_str().unwrap();
    let (checkpoint, _) = read_note(note, std::slice::from_ref(&key)).unwrap();
    // One that was kept elsewhere, and the key, are met again in the file.
    verify(&export(&world), &[key], &[checkpoint]).unwrap();
    let older = world.application(
        Method::GET,
        &format!("{ORGANIZATION}/audit-checkpoints?before=4"),
        Value::Null,
    );
    assert_eq!(older.body["checkpoints"][0]["size"], 3, "{}", older.text);
    assert_eq!(older.body["next_before"], Value::Null);
}

#[test]
fn a_long_log_is_written_in_parts_and_goes_on_where_it_broke_off() {
    let mut world = acme();
    events(&world, 12_345, "e");
    world.sweep();
    world.wait(60);
    events(&world, 3, "younger");
    let file = export(&world);
    let verified = verify(&file, &[], &[]).unwrap();
    // 25 checkpoints of 500 at most, and the events of the seven parts are recorded too.
    assert_eq!(
        (verified.sealed, verified.unsealed, verified.checkpoints),
        (12_346, 10, 25)
    );
    // Behind the first part.
    let rest = export_from(&world, "?after=2000");
    let length = file.find("\"type\":\"unsealed\"").unwrap();
    let begins = rest.find("\"type\":\"unsealed\"").unwrap();
    assert!(file[..length].ends_with(&rest[..begins]));
    for query in [
        "?after=2001",
        "?after=x",
        "?after=-1",
        "?after=0&after=0",
        "?limit=1",
    ] {
        let answer = world.application(
            Method::GET,
            &format!("{ORGANIZATION}/audit-log.ndjson{query}"),
            Value::Null,
        );
        assert_eq!(answer.body["code"], "malformed", "{query}");
    }
    let csv = world.application(
        Method::GET,
        &format!("{ORGANIZATION}/audit-log.csv"),
        Value::Null,
    );
    assert_eq!(
        (csv.status, csv.text.lines().count()),
        (200, 2001),
        "{}",
        csv.text.len()
    );
    assert_eq!(csv.link.as_deref(), Some("<?after=2000>; rel=\"next\""));
    let path = format!("{ORGANIZATION}/audit-log.csv?after=12000");
    let csv = world.application(Method::GET, &path, Value::Null);
    assert!(csv.text.starts_with("12001,e12000,"), "{}", csv.text);
    assert!(csv.text.contains("\r\n,younger1,"));
}

/// Two jobs at once, with answers lost and statements that fail, leave one tree without a gap.
#[test]
fn two_jobs_at_once_seal_each_event_once() {
    let mut world = acme();
    let mut made = 1;
    for round in 0..20_u32 {
        events(&world, 50, &format!("r{round}-"));
        made += 50;
        for fault in [DatabaseFault::Fails, DatabaseFault::AnswerLost] {
            let trip = usize::try_from(round % 12).unwrap();
            world.native.database.set_faults(&[(trip, fault)]);
            let (one, other) = (world.native.platform(), world.native.platform());
            pollster::block_on(join(jobs::run(&one), jobs::run(&other)));
            world.native.database.set_faults(&[]);
        }
        world.wait(60);
    }
    world.sweep();
    assert_eq!(whole(&world).sealed, made);
}

#[test]
fn a92_a_log_holds_over_a_change_of_keys() {
    let mut world = sealed();
    for keys in [format!("{NEWER_KEY},{KEY}"), NEWER_KEY.to_owned()] {
        world.native.settings.set("POSTERN_KEYS", &keys);
        events(
            &world,
            5,
            &keys[..3].replace(':', if keys.contains(',') { "x" } else { "y" }),
        );
        world.wait(60);
        world.sweep();
        let verified = whole(&world);
        assert_eq!(verified.keys.len(), 2);
    }
}

#[test]
fn a88_the_worker_cannot_edit_the_log() {
    let world = sealed();
    events(&world, 1, "new");
    let refused = |sql: &str| {
        let run =
            |database: &rusqlite::Connection| database.execute_batch(sql).unwrap_err().to_string();
        world.native.database.with(run)
    };
    for id in ["a3", "new1"] {
        for change in [
            format!("DELETE FROM event WHERE id = '{id}'"),
            format!("UPDATE event SET outcome = 'wrong' WHERE id = '{id}'"),
            format!("UPDATE event SET ip = NULL WHERE id = '{id}'"),
            format!("UPDATE event SET personal = 'x', salt = NULL WHERE id = '{id}'"),
            format!(
                "REPLACE INTO event (id, organization, at, action, outcome, actor) VALUES ('{id}', '', 0, '', '', '')"
            ),
        ] {
            let why = refused(&change);
            assert!(why.contains("append-only"), "{change}: {why}");
        }
    }
    // Of an event of nobody, and of one whose person is gone but which hides nothing.
    for change in [
        "UPDATE event SET salt = NULL, detail = NULL WHERE user IS NULL",
        "UPDATE event SET salt = NULL, detail = NULL, ip = NULL, personal = printf('%044d', 0) WHERE user IS NULL",
        "UPDATE event SET user = 'somebody' WHERE user IS NULL",
        "UPDATE event SET salt = NULL, detail = NULL, ip = NULL WHERE id = 'a3'",
    ] {
        let why = refused(change);
        assert!(why.contains("append-only"), "{change}: {why}");
    }
    for change in [
        "UPDATE sealed SET seq = seq - 1",
        "UPDATE sealed SET seq = 9007199254740991",
        "DELETE FROM sealed",
    ] {
        let why = refused(change);
        assert!(why.contains("sealed moves on"), "{change}: {why}");
    }
    for change in [
        "DELETE FROM checkpoint",
        "UPDATE checkpoint SET note = ''",
        "UPDATE checkpoint SET leaves = NULL",
        "UPDATE checkpoint_key SET since = 1",
        "DELETE FROM checkpoint_key",
        "REPLACE INTO checkpoint SELECT organization, size, seq, at, frontier, '', note FROM checkpoint",
    ] {
        let why = refused(change);
        assert!(why.contains("append-only"), "{change}: {why}");
    }
}

/// Somebody who can change the database, its triggers too.
#[test]
fn a89_what_was_changed_around_the_triggers_is_named() {
    for (change, number, id, why) in [
        ("UPDATE event SET ip = '192.0.2.2' WHERE id = 'a3'", 5, Some("a3"), Why::Edited),
        ("UPDATE event SET at = at + 1 WHERE id = 'b30'", 72, Some("b30"), Why::Edited),
        ("UPDATE event SET salt = 'other' WHERE id = 'a1'", 3, Some("a1"), Why::Edited),
        ("DELETE FROM event WHERE id = 'a3'", 5, Some("a4"), Why::Missing),
        ("DELETE FROM event WHERE id = 'a40'", 42, None, Why::Missing),
        ("DELETE FROM event WHERE id IN ('b29', 'b30')", 71, None, Why::Missing),
        (
            "UPDATE event SET seq = -seq WHERE id IN ('a3', 'a5');
             UPDATE event SET seq = 7 WHERE id = 'a3'; UPDATE event SET seq = 5 WHERE id = 'a5'",
            5,
            Some("a5"),
            Why::Moved,
        ),
        (
            "UPDATE event SET seq = seq + 1000 WHERE seq > 10;
             UPDATE sealed SET seq = seq + 1000; UPDATE checkpoint SET seq = seq + 1000 WHERE seq > 10;
             INSERT INTO event (seq, id, organization, at, action, outcome, actor)
             SELECT 11, 'new', organization, at, action, outcome, actor FROM event WHERE seq = 10",
            11,
            Some("new"),
            Why::Inserted,
        ),
    ] {
        let world = sealed();
        whole(&world);
        world.run("DROP TRIGGER event_is_kept; DROP TRIGGER event_is_fixed;
             DROP TRIGGER checkpoint_is_kept; DROP TRIGGER checkpoint_is_fixed;
             DROP TRIGGER event_is_new; DROP TRIGGER sealed_moves_on");
        world.run(change);
        let broken = verify(&export(&world), &[], &[]).unwrap_err();
        assert_eq!(
            (broken.number, broken.id.as_deref(), broken.why),
            (Some(number), id, why),
            "{change}"
        );
    }
    // Whole checkpoints go with their events: one that was kept elsewhere tells.
    let world = sealed();
    let page = world.application(
        Method::GET,
        &format!("{ORGANIZATION}/audit-checkpoints"),
        Value::Null,
    );
    let keys: Vec<_> = page.body["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| CheckpointKey::read(key.as_str().unwrap()).unwrap())
        .collect();
    let (known, _) =
        read_note(page.body["checkpoints"][0]["note"].as_str().unwrap(), &keys).unwrap();
    world.run(
        "DROP TRIGGER event_is_kept; DROP TRIGGER checkpoint_is_kept;
         DELETE FROM checkpoint WHERE size > 50; DELETE FROM event WHERE id LIKE 'b%'",
    );
    verify(&export(&world), &keys, &[]).unwrap();
    let broken = verify(&export(&world), &keys, &[known]).unwrap_err();
    assert_eq!(broken.why, Why::Diverged);
}

#[test]
fn only_owners_and_admins_of_the_organization_and_applications_have_the_log() {
    let world = acme();
    person(&world, "adam", "admin");
    person(&world, "mia", "member");
    let (adam, mia) = (enroll(&world, "adam"), enroll(&world, "mia"));
    world.application(
        Method::PUT,
        "/v1/organizations/other",
        json!({"name": "Other"}),
    );
    for file in ["audit-log.ndjson", "audit-log.csv", "audit-checkpoints"] {
        let ask = |organization: &str, token| {
            let path = format!("/v1/organizations/{organization}/{file}");
            world.call(Method::GET, &path, token, None).status
        };
        assert_eq!(ask("acme", Some(&*adam)), 200);
        assert_eq!(ask("acme", Some(&*mia)), 403);
        assert_eq!(ask("acme", None), 401);
        assert_eq!(ask("other", Some(&*adam)), 404);
        assert_eq!(ask("nobody", Some(&*adam)), 404);
        let none = world.application(
            Method::GET,
            &format!("/v1/organizations/nobody/{file}"),
            Value::Null,
        );
        assert_eq!(none.status, 404);
    }
    assert_eq!(
        world.count(
            "event WHERE action = 'audit.export' AND actor = 'admin' AND actor_name = 'adam'"
        ),
        2
    );
}

#[test]
fn a87_a_spreadsheet_gets_no_formula() {
    let world = acme();
    let name = json!({"username": "=1+1", "name": "@SUM(1)"});
    let made = world.application(Method::PUT, &format!("{USERS}/-1"), name);
    assert_eq!(made.status, 201, "{}", made.body);
    let csv = world.application(
        Method::GET,
        &format!("{ORGANIZATION}/audit-log.csv"),
        Value::Null,
    );
    assert!(csv.text.contains(",'-1,,"), "{}", csv.text);
    for line in csv.text.lines().skip(1) {
        for field in line.split(',') {
            assert!(
                !field
                    .trim_start_matches('"')
                    .starts_with(['=', '+', '-', '@']),
                "{line}"
            );
        }
    }
}

const DAY: u64 = 86_400;

#[test]
fn old_events_are_deleted_up_to_a_checkpoint_and_the_rest_is_still_whole() {
    let mut world = sealed();
    world.wait(200 * DAY);
    events(&world, 20, "later");
    world.sweep();
    world.wait(200 * DAY);
    world.sweep();
    assert_eq!(whole(&world).before, 0, "a minute before its time");
    world.wait(2 * 3600);
    world.sweep();
    let verified = whole(&world);
    assert_eq!((verified.before, verified.sealed), (72, 21));
    assert_eq!(world.count("event WHERE id LIKE 'a%' OR id LIKE 'b%'"), 0);
    assert_eq!(world.count("checkpoint WHERE leaves IS NULL"), 1);
    let gone = format!("{ORGANIZATION}/audit-log.ndjson?after=42");
    let answer = world.application(Method::GET, &gone, Value::Null);
    assert_eq!(answer.body["code"], "malformed");
    assert_eq!(
        world.count("event WHERE action = 'audit.export' AND detail ->> 'after' = 42"),
        0
    );
    // An application has it kept shorter.
    let shorter = json!({"audit_days": 100});
    let changed = world.application(Method::PATCH, ORGANIZATION, shorter);
    assert_eq!(
        changed.body["organization"]["audit_days"], 100,
        "{}",
        changed.text
    );
    world.sweep();
    assert_eq!(whole(&world).before, 92);
    let changed =
        "event WHERE detail ->> '$.old.audit_days' = 400 AND detail ->> '$.new.audit_days' = 100";
    assert_eq!(world.count(changed), 1);
}

#[test]
fn what_is_personal_goes_with_its_person_and_the_log_is_still_whole() {
    let mut world = acme();
    person(&world, "adam", "admin");
    person(&world, "mia", "member");
    enroll(&world, "mia");
    let deleted = world.application(Method::DELETE, &format!("{USERS}/mia"), Value::Null);
    assert_eq!(deleted.status, 204, "{}", deleted.body);
    world.wait(60);
    world.sweep();
    let of_mia = "event WHERE user = (SELECT user FROM event WHERE action = 'user.delete')";
    let all = world.count(of_mia);
    world.wait(29 * DAY);
    world.sweep();
    assert_eq!(world.count(&format!("{of_mia} AND personal IS NULL")), all);
    world.wait(2 * DAY);
    world.sweep();
    assert_eq!(world.count(&format!("{of_mia} AND personal IS NULL")), 0);
    let file = export(&world);
    let verified = verify(&file, &[], &[]).unwrap();
    assert_eq!(verified.redacted, u64::from(all));
    assert!(!file.contains("mia"), "{file}");
    assert!(file.contains("adam"));
}

/// The place of an event that was swept is not given again: it would be sealed already.
#[test]
fn what_strangers_tried_leaves_no_gap_in_what_is_sealed() {
    let mut world = World::new();
    world.run(
        "INSERT INTO event (id, organization, at, action, outcome, actor)
         WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 100)
         SELECT 's' || n, '?', 1800000000, 'sign_in.first_factor', 'wrong', 'user' FROM n",
    );
    world.sweep();
    world.wait(2 * DAY);
    world.sweep();
    assert_eq!(world.count("event"), 1, "all but the newest are swept");
    let made = world.application(Method::PUT, ORGANIZATION, json!({"name": "Acme"}));
    assert_eq!(made.status, 201, "{}", made.body);
    world.sweep();
    assert_eq!(whole(&world).sealed, 1);
}

/// What SQLite takes for JSON and others do not is sealed as text, and stops nothing.
#[test]
fn a_detail_that_cannot_be_read_is_sealed() {
    let world = sealed();
    for (id, detail) in [
        ("deep", "[".repeat(500) + &"]".repeat(500)),
        ("large", "9e999".to_owned()),
    ] {
        world.run(&format!("INSERT INTO event (id, organization, at, action, outcome, actor, detail)
             SELECT '{id}', id, 1800000000, 'user.put', 'accepted', 'system', '{detail}' FROM organization"));
    }
    world.sweep();
    assert_eq!(world.count("event WHERE seq > (SELECT seq FROM sealed)"), 0);
    whole(&world);
}
