//! What owners and admins see of their organization at a glance.

use http::Method;
use serde_json::{Value, json};

use crate::{
    people::{acme, enroll, first_factor, person},
    world::{Answer, NOW, PASSWORD, World},
};

const ORGANIZATION: &str = "/v1/organizations/acme";
const OVERVIEW: &str = "/v1/organizations/acme/overview";
const DAY: u64 = 86_400;

fn shown(world: &World) -> Value {
    let answer = world.application(Method::GET, OVERVIEW, Value::Null);
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.trips, 1);
    check_plans(world, &answer);
    check_counts(world);
    answer.body["overview"].clone()
}

/// Every table is searched by an index, and none is read from end to end.
fn check_plans(world: &World, answer: &Answer) {
    for sql in answer.statements.iter().flatten() {
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
        // Rows of JSON, and of a part of the statement itself.
        let may = [
            "CONSTANT ROW",
            "VIRTUAL TABLE",
            "SCAN asking",
            "SCAN busiest",
            "SCAN grouped",
            "SCAN roles",
            "SCAN (subquery-",
        ];
        for step in plan.iter().filter(|step| step.starts_with("SCAN ")) {
            assert!(may.iter().any(|may| step.contains(may)), "{plan:#?}");
        }
        for (part, index) in [
            ("trust_epoch", "trusted_device_alive"),
            ("b.used >= 10", "backup_codes_low"),
            ("u.enrolled = 0", "user_due"),
            ("in_window", "throttle_busiest"),
            ("JOIN event", "event_refused"),
        ] {
            let used = plan.iter().any(|step| step.contains(index));
            assert!(used || !sql.contains(part), "{index}: {plan:#?}");
        }
    }
}

/// What the triggers kept is what counting afresh finds.
fn check_counts(world: &World) {
    let kind = "SELECT 1 FROM authenticator a WHERE (a.organization, a.user) = (u.organization, u.id) AND a.kind";
    let sums = |column: &str| {
        let sql = format!(
            "SELECT coalesce(sum({column}), 0) FROM organization_day WHERE organization <> '?'"
        );
        let sum = |database: &rusqlite::Connection| {
            database.query_row(&sql, [], |row| row.get::<_, u32>(0))
        };
        world.native.database.with(sum).unwrap()
    };
    let (totp, passkey) = (
        format!("EXISTS ({kind} = 'totp')"),
        format!("EXISTS ({kind} = 'passkey')"),
    );
    for (column, afresh) in [
        ("people", "user u".to_owned()),
        ("totp", format!("user u WHERE {totp} AND NOT {passkey}")),
        ("passkey", format!("user u WHERE {passkey} AND NOT {totp}")),
        ("both", format!("user u WHERE {totp} AND {passkey}")),
        (
            "wrong",
            "event WHERE organization <> '?' AND outcome IN ('wrong', 'replayed', 'used', 'count_regressed')".into(),
        ),
    ] {
        assert_eq!(world.count(&afresh), sums(column), "{column}");
    }
    let others = world.count(&format!(
        "user u WHERE factors <> {totp} + 2 * {passkey} OR enrolled <> (factors > 0)"
    ));
    assert_eq!(others, 0);
    let miscounted = world.count(
        "backup_code_set s WHERE used <> (SELECT count(*) FROM backup_code c
         WHERE (c.organization, c.user) = (s.organization, s.user) AND used_at IS NOT NULL)",
    );
    assert_eq!(miscounted, 0);
}

/// An event, and a change that a test makes in its name.
fn run(world: &World, sql: &str) {
    let id = world.count("event");
    world.run(&format!(
        "INSERT INTO event (id, organization, at, action, outcome, actor)
         SELECT 'test-{id}', id, {}, 'user.put', 'accepted', 'system' FROM organization LIMIT 1; {sql}",
        world.now
    ));
}

fn in_acme(id: &str) -> String {
    format!("(SELECT id FROM user WHERE external_id = '{id}')")
}

fn put_policy(world: &World, policy: Value) {
    let path = format!("{ORGANIZATION}/policy");
    let read = world.application(Method::GET, &path, Value::Null);
    let body = json!({"policy": policy, "version": read.body["version"]});
    let put = world.application(Method::PUT, &path, body);
    assert_eq!(put.status, 200, "{}", put.body);
}

#[test]
fn an_overview_is_for_admins_of_the_organization() {
    let world = acme();
    for (id, role, status) in [
        ("olga", "owner", 200),
        ("adam", "admin", 200),
        ("mia", "member", 403),
    ] {
        person(&world, id, role);
        let token = enroll(&world, id);
        let answer = world.call(Method::GET, OVERVIEW, Some(&token), None);
        assert_eq!((answer.status, answer.trips), (status, 2), "{id}");
        let other = "/v1/organizations/umbrella/overview";
        let answer = world.call(Method::GET, other, Some(&token), None);
        assert_eq!(answer.status, 404, "{id}: {}", answer.body);
    }
    let unknown = "/v1/organizations/umbrella/overview";
    let answer = world.application(Method::GET, unknown, Value::Null);
    assert_eq!(answer.status, 404, "{}", answer.body);
}

#[test]
fn enrollment_is_shown_day_by_day() {
    let mut world = acme();
    let today = NOW - NOW % DAY;
    let empty = json!([{"from": today, "people": 0, "enrolled": 0, "missing": 0}]);
    assert_eq!(shown(&world)["enrollment"], empty);
    for id in ["olga", "mia", "max"] {
        person(&world, id, "member");
    }
    world.wait(DAY);
    enroll(&world, "olga");
    enroll(&world, "mia");
    world.wait(2 * DAY);
    let revoked = world.application(
        Method::POST,
        &format!("{ORGANIZATION}/users/mia/revoke-mfa"),
        json!({"authenticators": 1}),
    );
    assert_eq!(revoked.status, 200, "{}", revoked.body);
    let path = format!("{ORGANIZATION}/users/max");
    world.application(Method::DELETE, &path, Value::Null);
    let of = |day: u64, people: u32, enrolled: u32| {
        json!({"from": today + day * DAY, "people": people,
        "enrolled": enrolled, "missing": people - enrolled})
    };
    let days = json!([of(0, 3, 0), of(1, 3, 2), of(2, 3, 2), of(3, 2, 1)]);
    assert_eq!(shown(&world)["enrollment"], days);
    // A person goes with everything of theirs.
    let path = format!("{ORGANIZATION}/users/olga");
    world.application(Method::DELETE, &path, Value::Null);
    assert_eq!(shown(&world)["enrollment"][3], of(3, 1, 0));
    // What is older than the window is in its first day.
    world.wait(200 * DAY);
    let days = shown(&world)["enrollment"].clone();
    assert_eq!(days.as_array().unwrap().len(), 90);
    assert_eq!((&days[0], &days[89]), (&of(114, 1, 0), &of(203, 1, 0)));
}

#[test]
fn factors_are_counted_by_person() {
    let mut world = acme();
    for id in ["olga", "mia", "max", "ben"] {
        person(&world, id, "member");
    }
    for id in ["olga", "mia", "max"] {
        enroll(&world, id);
    }
    let passkey = |id: &str, of: &str| {
        let user = in_acme(of);
        format!(
            "INSERT INTO authenticator (organization, user, id, kind, created_at, name, credential)
             SELECT organization, id, '{id}', 'passkey', 0, 'Key', '{{\"id\": \"{id}\"}}' FROM user WHERE id = {user};"
        )
    };
    // Max has two passkeys besides the app, and Mia only a passkey.
    let app = format!(
        "DELETE FROM authenticator WHERE kind = 'totp' AND user = {};",
        in_acme("mia")
    );
    let keys = passkey("p1", "max") + &passkey("p2", "max") + &passkey("p3", "mia") + &app;
    run(&world, &keys);
    let use_codes = |of: &str, count: u32| {
        format!(
            "UPDATE backup_code SET used_at = 1 WHERE (user, look_up) IN (
               SELECT user, look_up FROM backup_code WHERE user = {} LIMIT {count});",
            in_acme(of)
        )
    };
    run(
        &world,
        &(use_codes("olga", 6) + &use_codes("mia", 7) + &use_codes("max", 10)),
    );
    let trusts = |id: &str, of: &str, until: u64| {
        format!(
            "INSERT INTO trusted_device (organization, user, id, created_at, expires_at, user_version, trust_epoch,
               name, token_hash, rotated_at)
             SELECT u.organization, u.id, '{id}', 0, {until}, u.version, o.trust_epoch, 'Browser', '{id}', 0
             FROM user u JOIN organization o ON o.id = u.organization WHERE u.id = {};",
            in_acme(of)
        )
    };
    let until = world.now + DAY;
    run(
        &world,
        &(trusts("d1", "olga", until)
            + &trusts("d2", "olga", until)
            + &trusts("d3", "max", until)
            + &trusts("d4", "mia", world.now)),
    );
    let now = json!({"people": 4, "missing": 1, "totp": 1, "passkey": 1, "both": 1, "backup_codes_low": 1,
        "backup_codes_none": 1, "trusted_devices": 2, "locked": 0, "disabled": 0});
    assert_eq!(shown(&world)["now"], now);
    // Who is signed out everywhere trusts no browser any more, and says so.
    let path = format!("{ORGANIZATION}/users/olga/sign-out");
    let done = world.application(Method::POST, &path, json!({}));
    assert_eq!(done.body["ended"]["trusted_devices"], 2, "{}", done.body);
    assert_eq!(shown(&world)["now"]["trusted_devices"], 1);
    assert_eq!(world.count("trusted_device WHERE ended_at IS NOT NULL"), 2);
    // One passkey less is still both; without any, it is an app.
    run(&world, "DELETE FROM authenticator WHERE id = 'p1'");
    assert_eq!(shown(&world)["now"]["both"], 1);
    run(&world, "DELETE FROM authenticator WHERE id = 'p2'");
    let now = shown(&world)["now"].clone();
    assert_eq!((&now["both"], &now["totp"]), (&json!(0), &json!(2)));
    // A policy that asks for more ends trust.
    put_policy(&world, json!({"mode": "required"}));
    assert_eq!(shown(&world)["now"]["trusted_devices"], 0);
    world.wait(1);
    let path = format!("{ORGANIZATION}/users/ben");
    world.application(Method::PATCH, &path, json!({"state": "disabled"}));
    assert_eq!(shown(&world)["now"]["disabled"], 1);
}

#[test]
fn who_has_to_enroll_and_from_when() {
    let mut world = acme();
    for (id, role, groups) in [
        ("olga", "owner", json!([])),
        ("adam", "admin", json!(["night", "day"])),
        ("mia", "member", json!(["day"])),
        ("max", "member", json!(["night"])),
    ] {
        let body = json!({"role": role, "groups": groups, "password": PASSWORD, "name": id.to_uppercase()});
        let made = world.application(Method::PUT, &format!("{ORGANIZATION}/users/{id}"), body);
        assert_eq!(made.status, 201, "{}", made.body);
    }
    for n in 10..20 {
        let path = format!("{ORGANIZATION}/users/n{n}");
        world.application(Method::PUT, &path, json!({}));
    }
    enroll(&world, "olga");
    let due = |world: &World| shown(world)["due"].clone();
    let nobody =
        json!({"mode": "optional", "deadline": null, "next": null, "people": 0, "first": []});
    assert_eq!(due(&world), nobody);
    put_policy(&world, json!({"mode": "required"}));
    let all = due(&world);
    let first: Vec<_> = all["first"]
        .as_array()
        .unwrap()
        .iter()
        .map(|who| who["id"].as_str().unwrap())
        .collect();
    assert_eq!(all["people"], 13, "{all}");
    assert_eq!(
        first,
        [
            "adam", "max", "mia", "n10", "n11", "n12", "n13", "n14", "n15", "n16"
        ]
    );
    assert_eq!(
        (&all["next"], &all["deadline"]),
        (&json!(world.now), &Value::Null)
    );
    assert_eq!(all["first"][0], json!({"id": "adam", "name": "ADAM"}));
    assert_eq!(all["first"][3], json!({"id": "n10", "name": "n10"}));
    let deadline = world.now + DAY;
    for (scope, expected) in [
        (json!({"roles": ["admin", "owner"]}), &["adam"][..]),
        (
            json!({"groups": ["day", "night", "dusk"]}),
            &["adam", "max", "mia"],
        ),
        (json!({"groups": ["dusk"]}), &[]),
    ] {
        put_policy(
            &world,
            json!({"mode": "required", "grace_until": deadline, "scope": scope}),
        );
        let due = due(&world);
        let first: Vec<_> = due["first"]
            .as_array()
            .unwrap()
            .iter()
            .map(|who| who["id"].as_str().unwrap())
            .collect();
        assert_eq!(first, expected, "{due}");
        assert_eq!(due["people"], expected.len(), "{due}");
        assert_eq!(due["next"], deadline, "{due}");
    }
    // For Adam, a provider answers.
    let policy = json!({"mode": "required", "scope": {"groups": ["day"]}});
    put_policy(&world, policy);
    run(&world, "UPDATE user SET sso = 1 WHERE external_id = 'adam'");
    assert_eq!(due(&world)["people"], 1);
    let policy = json!({"mode": "required", "scope": {"groups": ["day"]}, "sso": "evidence"});
    put_policy(&world, policy);
    assert_eq!(due(&world)["people"], 2);
    run(&world, "UPDATE user SET sso = 2 WHERE external_id = 'adam'");
    assert_eq!(due(&world)["people"], 1);
    run(&world, "UPDATE user SET sso = 0");
    // Who may not sign in has nothing to do.
    put_policy(
        &world,
        json!({"mode": "required", "scope": {"groups": ["day"]}}),
    );
    world.application(
        Method::PATCH,
        &format!("{ORGANIZATION}/users/mia"),
        json!({"state": "disabled"}),
    );
    assert_eq!(due(&world)["people"], 1);
    world.wait(2 * DAY);
    assert_eq!(due(&world)["next"], world.now);
}

#[test]
fn attacks_are_counted_by_day_and_by_person() {
    let mut world = acme();
    for id in ["olga", "mia", "max"] {
        person(&world, id, "member");
    }
    enroll(&world, "olga");
    world.wait(DAY);
    let guess = |world: &World, id: &str| world.sign_in_as(id, "not the password", "bearer").status;
    assert_eq!(guess(&world, "max"), 401);
    world.wait(DAY);
    let mut refused = [0, 0];
    for (at, (id, tries)) in [("mia", 5), ("ghost", 3)].into_iter().enumerate() {
        for _ in 0..tries {
            refused[at] += u32::from(guess(&world, id) == 401);
        }
    }
    // Nine wrong codes close the app until the day is over.
    let mut wrong = 0;
    while wrong < 9 {
        let asked = world.sign_in_as("olga", PASSWORD, "bearer");
        let answer = world.verify(&asked.body["challenge"]["token"], "000000");
        wrong += u32::from(answer.status == 401);
        world.wait(if answer.status == 401 { 1 } else { 600 });
    }
    let overview = shown(&world);
    let attacks = overview["attacks"].as_array().unwrap();
    assert_eq!(attacks.len(), 30);
    let today = world.now - world.now % DAY;
    let of = |day: u64, wrong: u32, locks: u32| {
        json!({"from": today - day * DAY, "wrong": wrong, "locks": locks,
        "refused_devices": 0})
    };
    assert_eq!(attacks[29], of(0, wrong + refused[0] + refused[1], 1));
    assert_eq!(attacks[28], of(1, 1, 0));
    assert_eq!(attacks[27], of(2, 0, 0));
    let found = overview["under_attack"].as_array().unwrap();
    let found: Vec<_> = found
        .iter()
        .map(|who| (who["id"].as_str().unwrap(), who["tries"].as_u64().unwrap()))
        .collect();
    // Max was attacked longer ago than a day, and nobody is called ghost.
    assert_eq!(found, [("olga", 9), ("mia", refused[0].into())]);
    let olga = &overview["under_attack"][0];
    assert_eq!(
        (&olga["networks"], &olga["locked"]),
        (&json!(1), &json!(true)),
        "{olga}"
    );
    assert!(olga["locked_until"].as_u64().unwrap() > world.now, "{olga}");
    // What is disabled for good has no end.
    let forever = format!(
        "UPDATE throttle SET not_before = 253402300799 WHERE user = {}",
        in_acme("olga")
    );
    run(&world, &forever);
    let overview = shown(&world);
    assert_eq!(overview["under_attack"][0]["locked_until"], Value::Null);
    assert_eq!(overview["under_attack"][0]["locked"], true);
    assert_eq!(overview["now"]["locked"], 1);
    // A day later nobody is under attack, and what was is still told.
    world.wait(DAY);
    let later = shown(&world);
    assert_eq!(later["under_attack"], json!([]));
    assert_eq!(later["attacks"][28]["wrong"], attacks[29]["wrong"]);
    first_factor(&world, "mia");
}

#[test]
fn networks_are_counted_and_devices_refused() {
    let world = acme();
    person(&world, "mia", "member");
    world.sign_in_as("mia", "not the password", "bearer");
    for (at, ip) in ["'203.0.113.7'", "'203.0.113.8'", "'198.51.100.1'", "NULL"]
        .iter()
        .enumerate()
    {
        world.run(&format!(
            "INSERT INTO event (id, organization, user, at, action, outcome, trust, actor, ip)
             SELECT 'e{at}', organization, id, {}, 'sign_in.first_factor', 'wrong', 'reused', 'user', {ip}
             FROM user WHERE external_id = 'mia'",
            world.now
        ));
    }
    let overview = shown(&world);
    let mia = &overview["under_attack"][0];
    // All that come from nowhere known are one.
    assert_eq!(
        (&mia["tries"], &mia["networks"]),
        (&json!(5), &json!(3)),
        "{mia}"
    );
    assert_eq!(overview["attacks"][29]["refused_devices"], 4);
}
