//! What owners and admins see of other people, and do for them.

use http::Method;
use postern_worker::platform::native::DatabaseFault;
use serde_json::{Value, json};

use crate::world::{Answer, PASSWORD, World};

pub const USERS: &str = "/v1/organizations/acme/users";

/// An organization and no people in it.
pub fn acme() -> World {
    let world = World::new();
    let path = "/v1/organizations/acme";
    let made = world.application(Method::PUT, path, json!({"name": "Acme"}));
    assert_eq!(made.status, 201, "{}", made.body);
    world
}

/// Makes a person of this role.
pub fn person(world: &World, id: &str, role: &str) {
    let body = json!({"role": role, "password": PASSWORD, "email": format!("{id}@acme.test")});
    let made = world.application(Method::PUT, &format!("{USERS}/{id}"), body);
    assert_eq!(made.status, 201, "{}", made.body);
}

/// A session of the password alone.
pub fn first_factor(world: &World, id: &str) -> String {
    let answer = world.sign_in_as(id, PASSWORD, "bearer");
    assert_eq!(answer.body["decision"], "complete", "{}", answer.body);
    answer.body["session"]["token"].as_str().unwrap().to_owned()
}

/// Enrolls an app, and answers the token of the session that two factors were shown to.
pub fn enroll(world: &World, id: &str) -> String {
    enroll_with_codes(world, id).0
}

/// As [`enroll`], and the backup codes.
pub fn enroll_with_codes(world: &World, id: &str) -> (String, Vec<String>) {
    let token = first_factor(world, id);
    let begun = world.call(Method::POST, "/v1/me/totp", Some(&token), Some(json!({})));
    let shown = &begun.body["enrollment"];
    let body = json!({"enrollment": shown["id"], "code": world.code_of(shown), "name": "Phone"});
    let path = "/v1/me/totp/confirm";
    let confirmed = world.call(Method::POST, path, Some(&token), Some(body));
    assert_eq!(confirmed.status, 200, "{}", confirmed.body);
    let raised = confirmed.body["session"]["token"].as_str();
    let codes = confirmed.body["backup_codes"]["codes"].as_array().unwrap();
    let codes = codes.iter().map(|code| code.as_str().unwrap().to_owned());
    (raised.unwrap_or(&token).to_owned(), codes.collect())
}

/// Signs in by an identity provider's word, as an application tells it.
fn by_provider(world: &World, id: &str, amr: &[&str]) -> Answer {
    let body = json!({"organization": "acme", "user": id, "session": "bearer",
        "first_factor": {"method": "sso", "amr": amr}});
    let answer = world.application(Method::POST, "/v1/sign-ins", body);
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer
}

/// Signs in by a backup code, and answers the session's token.
fn by_code(world: &World, id: &str, code: &str) -> String {
    let asked = world.sign_in_as(id, PASSWORD, "bearer");
    let answer = world.verify_by("backup_code", &asked.body["challenge"]["token"], code);
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["session"]["token"].as_str().unwrap().to_owned()
}

/// The policy is changed in this.
pub fn set_policy(world: &World, change: &Value) {
    let path = "/v1/organizations/acme/policy";
    let mut set = world.application(Method::GET, path, Value::Null).body;
    let policy = set["policy"].as_object_mut().unwrap();
    policy.extend(change.as_object().unwrap().clone());
    let affected = world.count("user WHERE enrolled = 1");
    let body = json!({"policy": policy, "version": set["version"], "affected": affected});
    let done = world.application(Method::PUT, path, body);
    assert_eq!(done.status, 200, "{}", done.body);
}

#[test]
fn exempt_is_who_comes_by_a_provider_that_the_policy_takes() {
    let world = acme();
    for id in ["a1", "a2", "a3", "a4"] {
        person(&world, id, "member");
    }
    by_provider(&world, "a1", &[]);
    by_provider(&world, "a2", &["mfa"]);
    by_provider(&world, "a3", &["otp", "pin"]);
    first_factor(&world, "a4");
    let exempt = || {
        let (ids, counts) = listed(&world, "exempt=1");
        assert_eq!(counts["exempt"], ids.len());
        ids
    };
    assert_eq!(exempt(), ["a1", "a2", "a3"]);
    set_policy(&world, &json!({"sso": "evidence"}));
    assert_eq!(exempt(), ["a2", "a3"]);
    set_policy(&world, &json!({"sso": "always"}));
    assert_eq!(exempt(), [""; 0]);
    set_policy(&world, &json!({"sso": "exempt"}));
    // It attaches to the sign-in, not to the person.
    first_factor(&world, "a2");
    assert_eq!(exempt(), ["a1", "a3"]);
    set_policy(&world, &json!({"mode": "off"}));
    assert_eq!(exempt(), [""; 0]);
}

#[test]
fn restricted_is_who_lives_in_a_session_by_backup_code() {
    let mut world = acme();
    person(&world, "mia", "member");
    let (_, codes) = enroll_with_codes(&world, "mia");
    let restricted = |world: &World| {
        let (ids, counts) = listed(world, "restricted=1");
        assert_eq!(counts["restricted"], ids.len());
        ids.len()
    };
    assert_eq!(restricted(&world), 0);
    let token = by_code(&world, "mia", &codes[0]);
    assert_eq!(restricted(&world), 1);
    let session = world.call(Method::GET, "/v1/session", Some(&token), None);
    assert_eq!(
        session.body["session"]["restricted"], true,
        "{}",
        session.body
    );
    // A real factor that is confirmed in it.
    let begun = world.call(Method::POST, "/v1/me/totp", Some(&token), Some(json!({})));
    let shown = &begun.body["enrollment"];
    let body = json!({"enrollment": shown["id"], "code": world.code_of(shown), "name": "New"});
    let path = "/v1/me/totp/confirm";
    let confirmed = world.call(Method::POST, path, Some(&token), Some(body));
    assert_eq!(confirmed.status, 200, "{}", confirmed.body);
    assert_eq!(restricted(&world), 0);
    by_code(&world, "mia", &codes[1]);
    assert_eq!(restricted(&world), 1);
    world.wait(3600);
    assert_eq!(restricted(&world), 0);
}

#[test]
fn groups_are_found_as_one_types() {
    let world = acme();
    for (id, groups) in [
        ("a1", json!(["Night", "day_1", "Été"])),
        ("a2", json!(["night", "day%"])),
        ("a3", json!(["Nightly", "night"])),
    ] {
        let made = world.application(
            Method::PUT,
            &format!("{USERS}/{id}"),
            json!({"groups": groups}),
        );
        assert_eq!(made.status, 201, "{}", made.body);
    }
    world.application(
        Method::PUT,
        "/v1/organizations/umbrella",
        json!({"name": "Umbrella"}),
    );
    let foreign = json!({"groups": ["nightmare"]});
    let foreign = world.application(Method::PUT, "/v1/organizations/umbrella/users/b1", foreign);
    assert_eq!(foreign.status, 201, "{}", foreign.body);
    let groups = |query: &str| {
        let (mut found, mut cursor) = (vec![], String::new());
        loop {
            let path = format!("/v1/organizations/acme/groups?limit=1&prefix={query}{cursor}");
            let page = world.application(Method::GET, &path, Value::Null);
            assert_eq!((page.status, page.trips), (200, 1), "{}", page.body);
            check_plans(&world, &page, &path);
            for group in page.body["groups"].as_array().unwrap() {
                let name = group["name"].as_str().unwrap();
                found.push(format!("{name} {}", group["people"]));
            }
            match page.body["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={}", next.replace('%', "%25")),
                None => return found,
            }
        }
    };
    let all = [
        "day% 1",
        "day_1 1",
        "Night 1",
        "night 2",
        "Nightly 1",
        "Été 1",
    ];
    assert_eq!(groups(""), all);
    assert_eq!(groups("NI"), ["Night 1", "night 2", "Nightly 1"]);
    assert_eq!(groups("day_"), ["day_1 1"]);
    assert_eq!(groups("%25"), [""; 0]);
    assert_eq!(groups("%C3%89"), ["Été 1"]);
    for (query, field) in [
        ("limit=0", "limit"),
        ("cursor=", "cursor"),
        (&*format!("prefix={}", "x".repeat(65)), "prefix"),
    ] {
        let path = format!("/v1/organizations/acme/groups?{query}");
        let answer = world.application(Method::GET, &path, Value::Null);
        assert_eq!(answer.body["field"], field, "{}", answer.body);
    }
    let none = world.application(Method::GET, "/v1/organizations/nobody/groups", Value::Null);
    assert_eq!(none.status, 404);
}

#[test]
fn owners_and_admins_see_people_and_members_do_not() {
    let world = acme();
    for (id, role) in [("olga", "owner"), ("adam", "admin"), ("mia", "member")] {
        person(&world, id, role);
    }
    let once = first_factor(&world, "adam");
    for path in [USERS, "/v1/organizations/acme/users/mia"] {
        let answer = world.call(Method::GET, path, Some(&once), None);
        assert_eq!(answer.body["code"], "step_up_required", "{path}");
    }
    for (id, status) in [("olga", 200), ("adam", 200), ("mia", 403)] {
        let token = enroll(&world, id);
        for path in [USERS, "/v1/organizations/acme/users/mia"] {
            let answer = world.call(Method::GET, path, Some(&token), None);
            assert_eq!(answer.status, status, "{id} {path}: {}", answer.body);
        }
        for path in [
            "/v1/organizations/umbrella/users",
            "/v1/organizations/umbrella/users/mia",
        ] {
            let answer = world.call(Method::GET, path, Some(&token), None);
            assert_eq!(answer.status, 404, "{id} {path}: {}", answer.body);
        }
    }
}

#[test]
fn owners_and_admins_see_what_a_policy_depends_on_and_owners_set_it() {
    let world = acme();
    for (id, role) in [("olga", "owner"), ("adam", "admin"), ("mia", "member")] {
        person(&world, id, role);
    }
    let named = json!({"name": "Mia Moss", "groups": ["staff"]});
    world.application(Method::PATCH, &format!("{USERS}/mia"), named);
    let policy = "/v1/organizations/acme/policy";
    let facts = format!("{policy}/facts");
    for (id, seen, put) in [("olga", 200, 200), ("adam", 200, 403), ("mia", 403, 403)] {
        let token = enroll(&world, id);
        for path in [policy, &facts] {
            let answer = world.call(Method::GET, path, Some(&token), None);
            assert_eq!(answer.status, seen, "{id} {path}: {}", answer.body);
        }
        let read = world.application(Method::GET, policy, Value::Null).body;
        let body = json!({"policy": read["policy"], "version": read["version"]});
        let answer = world.call(Method::PUT, policy, Some(&token), Some(body));
        assert_eq!(answer.status, put, "{id}: {}", answer.body);
    }
    let answer = world.application(Method::GET, &facts, Value::Null).body;
    let people = answer["people"].as_array().unwrap();
    let ids: Vec<_> = people.iter().map(|one| &one["facts"]["user"]).collect();
    assert_eq!(ids, ["adam", "mia", "olga"]);
    let mia = json!({"name": "Mia Moss", "facts": {
        "user": "mia", "role": "member", "groups": ["staff"], "authenticators": 1, "sso": false,
        "amr": [], "trusted_devices": 0,
    }});
    assert_eq!(people[1], mia);
    assert_eq!(
        (&answer["unreadable"], &answer["surfaces"]),
        (&json!(0), &json!([]))
    );
}

/// The ids on all pages of a list, and how the first page counts.
fn listed(world: &World, query: &str) -> (Vec<String>, Value) {
    let (mut ids, mut cursor, mut counts) = (vec![], String::new(), Value::Null);
    loop {
        let path = format!("{USERS}?limit=2&{query}{cursor}");
        let page = world.application(Method::GET, &path, Value::Null);
        assert_eq!(page.status, 200, "{path}: {}", page.body);
        assert_eq!(page.trips, 1, "{path}");
        check_plans(world, &page, &path);
        if cursor.is_empty() {
            counts = page.body["counts"].clone();
        } else {
            assert_eq!(page.body["counts"], Value::Null, "{path}");
        }
        let users = page.body["users"].as_array().unwrap().iter();
        ids.extend(users.map(|user| user["id"].as_str().unwrap().to_owned()));
        match page.body["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return (ids, counts),
        }
    }
}

/// Every table is searched by an index, and none is read from end to end.
fn check_plans(world: &World, page: &Answer, path: &str) {
    for sql in page.statements.iter().flatten() {
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
        let scans = |step: &&String| {
            let is_table = *step != "SCAN CONSTANT ROW" && !step.contains("VIRTUAL TABLE");
            step.starts_with("SCAN ") && is_table
        };
        let among_all =
            |step: &&String| step.contains("throttle_closed") && sql.contains("t.user FROM");
        let closed = plan.iter().filter(among_all).count();
        assert!(closed <= 1, "{path}: {plan:#?}");
        let scan = plan.iter().find(scans);
        assert_eq!(scan, None, "{path}: {plan:#?}");
        // One that is in order of an index is not sorted.
        let is_ordered = [
            "enrollment=",
            "exempt=",
            "group=",
            "sort=name&",
            "state=active",
        ]
        .iter()
        .any(|query| path.contains(&format!("limit=2&{query}")))
            && !path.contains("search=")
            && !path.contains("restricted=")
            && !path.contains("disabled");
        let sorts = plan.iter().any(|step| step.contains("FOR ORDER BY"));
        assert!(!(is_ordered && sorts), "{path}: {plan:#?}");
    }
}

#[test]
fn people_are_found_by_what_they_are_and_how_they_are_called() {
    let world = acme();
    for (id, body) in [
        (
            "a1",
            json!({"role": "owner", "name": "Zoe Quinn", "groups": ["night", "night"]}),
        ),
        ("a2", json!({"role": "admin", "email": "ZOLA@acme.test"})),
        (
            "a3",
            json!({"username": "zora", "name": "adam_1", "groups": ["day", "night"]}),
        ),
        (
            "a4",
            json!({"state": "disabled", "name": "Adam%", "groups": ["day"]}),
        ),
        ("a5", json!({"name": "zoé"})),
    ] {
        let mut body = body;
        body["password"] = json!(PASSWORD);
        let made = world.application(Method::PUT, &format!("{USERS}/{id}"), body);
        assert_eq!(made.status, 201, "{}", made.body);
    }
    // The names of another organization are not found here.
    world.application(
        Method::PUT,
        "/v1/organizations/umbrella",
        json!({"name": "Umbrella"}),
    );
    let foreign = json!({"name": "Zoe", "groups": ["night"], "role": "owner"});
    let foreign = world.application(Method::PUT, "/v1/organizations/umbrella/users/b1", foreign);
    assert_eq!(foreign.status, 201, "{}", foreign.body);
    let codes = enroll_with_codes(&world, "a1").1;
    enroll(&world, "zora");
    by_provider(&world, "a5", &[]);
    by_code(&world, "a1", &codes[0]);
    for _ in 0..9 {
        world.sign_in_as("a2", "not the password", "bearer");
    }
    let check = |query: &str, expected: &[&str]| {
        let (ids, counts) = listed(&world, query);
        assert_eq!(ids, expected, "{query}");
        let of_all = json!({"people": 5, "enrolled": 2, "missing": 3, "exempt": 1, "restricted": 1, "locked": 1, "disabled": 1});
        assert_eq!(counts, of_all, "{query}");
    };
    check("exempt=1", &["a5"]);
    check("exempt=1&sort=name", &["a5"]);
    check("exempt=1&state=disabled", &[]);
    check("exempt=1&restricted=1", &[]);
    check("restricted=1", &["a1"]);
    check("restricted=1&sort=name", &["a1"]);
    check("restricted=1&role=admin", &[]);
    check("restricted=1&locked=1", &[]);
    check("restricted=1&search=zo", &["a1"]);
    check("state=active", &["a1", "a2", "a3", "a5"]);
    check("sort=name&state=active", &["a2", "a3", "a1", "a5"]);
    check("sort=name&search=AD", &["a4", "a3"]);
    check("enrollment=enrolled", &["a1", "a3"]);
    check("enrollment=missing", &["a2", "a4", "a5"]);
    check("enrollment=missing&sort=name", &["a2", "a4", "a5"]);
    check("locked=1", &["a2"]);
    check("locked=1&role=owner", &[]);
    check("group=night", &["a1", "a3"]);
    check("group=nigh", &[]);
    check("group=day&state=disabled", &["a4"]);
    check("group=day&enrollment=enrolled&sort=name", &["a3"]);
    check("role=owner", &["a1"]);
    check("role=admin&state=active", &["a2"]);
    check("role=member", &["a3", "a4", "a5"]);
    check("role=owner&state=disabled", &[]);
    check("state=disabled", &["a4"]);
    check("search=zo", &["a1", "a2", "a3", "a5"]);
    check("search=ZOE", &["a1"]);
    check("search=zo&role=owner", &["a1"]);
    // No character stands for others.
    for (search, expected) in [
        ("adam%25", &["a4"][..]),
        ("adam_", &["a3"]),
        ("%25", &[]),
        ("*", &[]),
    ] {
        check(&format!("search={search}"), expected);
    }
    // Groups and enrollment follow.
    let path = format!("{USERS}/a3");
    let moved = world.application(Method::PATCH, &path, json!({"groups": ["dusk"]}));
    assert_eq!(moved.status, 200, "{}", moved.body);
    check("group=day", &["a4"]);
    check("group=dusk", &["a3"]);
    world.run(
        "DELETE FROM authenticator WHERE user = (SELECT id FROM user WHERE external_id = 'a3')",
    );
    assert_eq!(listed(&world, "enrollment=enrolled").0, ["a1"]);
    let deleted = world.application(Method::DELETE, &path, Value::Null);
    assert_eq!(deleted.status, 204, "{}", deleted.body);
    assert_eq!(listed(&world, "group=dusk").0, [""; 0]);
}

#[test]
fn a_list_is_not_asked_for_what_is_not_there() {
    let world = acme();
    for query in [
        "enrollment=some",
        "locked=0",
        "exempt=yes",
        "restricted=",
        "role=king",
        "state=gone",
        "search=",
        "search=%20",
        "group=",
        "sort=role",
        "limit=0",
        "limit=101",
        "cursor=%00",
        "sort=name&cursor=a1",
        "sort=name&cursor=%2B.a1",
        "sort=name&cursor=_w.a1",
    ] {
        let answer = world.application(Method::GET, &format!("{USERS}?{query}"), Value::Null);
        assert_eq!(answer.body["code"], "malformed", "{query}: {}", answer.body);
        let field = query.split('&').next_back().unwrap().split('=').next();
        assert_eq!(answer.body["field"].as_str(), field, "{query}");
    }
}

pub fn path_of(id: &str, what: &str) -> String {
    format!("{USERS}/{id}/{what}")
}

/// Bodies of what is done for a person who has `authenticators`.
fn helps(authenticators: u32) -> [(&'static str, Value); 3] {
    [
        ("revoke-mfa", json!({"authenticators": authenticators})),
        ("sign-out", json!({})),
        ("unlock", json!({})),
    ]
}

/// Everything in the tables of people, and the trail.
pub fn everything(world: &World) -> Vec<u32> {
    [
        "authenticator",
        "backup_code",
        "enrollment",
        "throttle",
        "mail",
        "event",
    ]
    .iter()
    .map(|table| world.count(table))
    .chain([world.count("session WHERE ended_at IS NULL")])
    .collect()
}

#[test]
fn help_comes_from_above_and_never_from_oneself() {
    let world = acme();
    let people = [
        ("olga", "owner"),
        ("otto", "owner"),
        ("adam", "admin"),
        ("alma", "admin"),
        ("mia", "member"),
        ("max", "member"),
    ];
    let mut tokens = vec![];
    for (id, role) in people {
        person(&world, id, role);
        tokens.push((id, role, enroll(&world, id)));
    }
    let before = everything(&world);
    for (helper, role, token) in &tokens {
        for (id, of) in people {
            let may = match (*role, of) {
                _ if *helper == id => false,
                ("owner", _) | ("admin", "member") => true,
                _ => false,
            };
            // Another number of authenticators: whoever may help is told so, and nothing ends.
            let (status, code) = if may {
                (409, "conflict")
            } else {
                (403, "forbidden")
            };
            let path = path_of(id, "revoke-mfa");
            let body = json!({"authenticators": 7});
            let answer = world.call(Method::POST, &path, Some(token), Some(body));
            let told = (answer.status, answer.body["code"].as_str().unwrap());
            assert_eq!(told, (status, code), "{helper} {id}: {}", answer.body);
            for (what, body) in helps(1).into_iter().filter(|_| !may) {
                let path = path_of(id, what);
                let answer = world.call(Method::POST, &path, Some(token), Some(body));
                assert_eq!(answer.status, 403, "{helper} {what} {id}: {}", answer.body);
            }
        }
        for (what, body) in helps(1) {
            let answer = world.call(
                Method::POST,
                &path_of("nobody", what),
                Some(token),
                Some(body),
            );
            let status = if *role == "member" { 403 } else { 404 };
            assert_eq!(answer.status, status, "{helper} {what}: {}", answer.body);
        }
    }
    assert_eq!(everything(&world), before);
}

#[test]
fn help_takes_a_fresh_proof() {
    let mut world = acme();
    person(&world, "olga", "owner");
    person(&world, "mia", "member");
    let token = enroll(&world, "olga");
    world.wait(301);
    let before = everything(&world);
    for (what, body) in helps(0) {
        let answer = world.call(
            Method::POST,
            &path_of("mia", what),
            Some(&token),
            Some(body),
        );
        assert_eq!(
            answer.body["code"], "step_up_required",
            "{what}: {}",
            answer.body
        );
    }
    assert_eq!(everything(&world), before);
}

/// As docs/operations.md has it.
#[test]
fn an_only_owner_who_lost_everything_is_helped_by_the_operator() {
    let world = acme();
    person(&world, "olga", "owner");
    let lost = enroll(&world, "olga");
    let own = world.call(
        Method::POST,
        &path_of("olga", "revoke-mfa"),
        Some(&lost),
        Some(json!({"authenticators": 1})),
    );
    assert_eq!(own.status, 403, "{}", own.body);
    let seen = world.application(Method::GET, &path_of("olga", "security"), json!(null));
    let held = seen.body["authenticators"].as_array().map(Vec::len);
    assert_eq!(held, Some(1), "{}", seen.body);
    let done = world.application(
        Method::POST,
        &path_of("olga", "revoke-mfa"),
        json!({"authenticators": held}),
    );
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(done.body["ended"]["sessions"], 1, "{}", done.body);
    let recorded =
        "event WHERE action = 'mfa.revoke' AND actor = 'application' AND subject = 'olga'";
    assert_eq!(world.count(recorded), 1);
    let again = enroll(&world, "olga");
    let people = world.call(Method::GET, USERS, Some(&again), None);
    assert_eq!(people.status, 200, "{}", people.body);
}

#[test]
fn what_is_revoked_ends_at_once_and_the_next_sign_in_enrolls() {
    for by in ["owner", "admin", "application"] {
        let world = acme();
        person(
            &world,
            "helper",
            if by == "application" { "member" } else { by },
        );
        person(&world, "mia", "member");
        let helper = enroll(&world, "helper");
        let second = first_factor(&world, "mia");
        let token = enroll(&world, "mia");
        let begun = world.call(Method::POST, "/v1/me/totp", Some(&token), Some(json!({})));
        assert_eq!(begun.status, 200, "{}", begun.body);
        let path = path_of("mia", "revoke-mfa");
        let body = json!({"authenticators": 1});
        let done = if by == "application" {
            world.application(Method::POST, &path, body)
        } else {
            world.call(Method::POST, &path, Some(&helper), Some(body))
        };
        assert_eq!(done.status, 200, "{by}: {}", done.body);
        let ended = json!({"authenticators": 1, "backup_codes": 10, "trusted_devices": 0,
            "sessions": 1, "locks": 0});
        assert_eq!(done.body["ended"], ended, "{by}");
        // One trip looks the person up, and one commits.
        assert_eq!(done.trips, if by == "application" { 2 } else { 3 }, "{by}");
        for token in [&second, &token] {
            let me = world.call(Method::GET, "/v1/me", Some(token), None);
            assert_eq!(me.status, 401, "{by}: {}", me.body);
        }
        let left = ["authenticator", "backup_code", "enrollment", "session"].map(|table| {
            let of_mia = "(SELECT id FROM user WHERE external_id = 'mia')";
            let ended = if table == "session" {
                " AND ended_at IS NULL"
            } else {
                ""
            };
            world.count(&format!("{table} WHERE user = {of_mia}{ended}"))
        });
        assert_eq!(left, [0; 4], "{by}");
        let told = world.count("mail WHERE kind = 'mfa_revoked' AND address = 'mia@acme.test'");
        assert_eq!(told, 1, "{by}");
        let sql = format!(
            "event WHERE action = 'mfa.revoke' AND actor = '{by}' AND subject = 'mia' \
            AND detail ->> '$.ended.authenticators' = 1 AND detail ->> 'by' IS {}",
            if by == "application" {
                "NULL"
            } else {
                "'helper'"
            }
        );
        assert_eq!(world.count(&sql), 1, "{by}");
        // The helper is still who they were, and the person enrolls again.
        if by != "application" {
            let again = world.call(Method::GET, USERS, Some(&helper), None);
            assert_eq!(again.status, 200, "{by}: {}", again.body);
        }
        enroll(&world, "mia");
    }
}

#[test]
fn a_revocation_whose_answer_is_lost_is_done_once() {
    let world = acme();
    person(&world, "mia", "member");
    enroll(&world, "mia");
    // The first trip looks the person up.
    world
        .native
        .database
        .set_faults(&[(2, DatabaseFault::AnswerLost)]);
    let body = json!({"authenticators": 1});
    let done = world.application(Method::POST, &path_of("mia", "revoke-mfa"), body);
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(done.body["ended"]["authenticators"], 1, "{}", done.body);
    assert_eq!(world.accepted("mfa.revoke"), 1);
    assert_eq!(world.count("mail WHERE kind = 'mfa_revoked'"), 1);
}

#[test]
fn signing_out_ends_sessions_and_keeps_factors() {
    let world = acme();
    person(&world, "mia", "member");
    let token = enroll(&world, "mia");
    let done = world.application(Method::POST, &path_of("mia", "sign-out"), json!({}));
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(done.body["ended"]["sessions"], 1, "{}", done.body);
    assert_eq!(done.body["ended"]["authenticators"], 0, "{}", done.body);
    let me = world.call(Method::GET, "/v1/me", Some(&token), None);
    assert_eq!(me.status, 401, "{}", me.body);
    assert_eq!(world.count("authenticator"), 1);
    assert_eq!(world.count("mail WHERE kind = 'signed_out'"), 1);
}

#[test]
fn who_was_locked_out_tries_again_at_once() {
    let world = acme();
    person(&world, "mia", "member");
    for _ in 0..9 {
        world.sign_in_as("mia", "not the password", "bearer");
    }
    assert_eq!(world.sign_in_as("mia", PASSWORD, "bearer").status, 429);
    let done = world.application(Method::POST, &path_of("mia", "unlock"), json!({}));
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(done.body["ended"]["locks"], 1, "{}", done.body);
    first_factor(&world, "mia");
    assert_eq!(world.count("mail WHERE kind = 'unlocked'"), 1);
}

#[test]
fn one_persons_page_says_what_would_end_and_what_the_policy_asks() {
    let world = acme();
    person(&world, "adam", "admin");
    person(&world, "mia", "member");
    let adam = enroll(&world, "adam");
    let show = || {
        world
            .call(Method::GET, &path_of("mia", "security"), Some(&adam), None)
            .body
    };
    let before = show();
    assert_eq!(before["authenticators"], json!([]), "{before}");
    assert_eq!(before["backup_codes"], Value::Null, "{before}");
    let asked = |mode, decision, reason| json!({"mode": mode, "decision": decision, "reasons": [reason], "rule": "mode", "enroll_by": null});
    assert_eq!(
        before["policy"],
        asked("optional", "complete", "policy.optional")
    );
    enroll(&world, "mia");
    world.sign_in_as("mia", "not the password", "bearer");
    let after = show();
    assert_eq!(after["authenticators"][0]["name"], "Phone", "{after}");
    assert_eq!(after["backup_codes"]["remaining"], 10, "{after}");
    assert_eq!(after["sessions"].as_array().unwrap().len(), 1, "{after}");
    assert_eq!(after["sessions"][0]["current"], false, "{after}");
    assert_eq!(
        after["policy"],
        asked("optional", "challenge", "evidence.enrolled")
    );
    let event = &after["events"][0];
    assert_eq!(
        (&event["action"], &event["outcome"]),
        (&json!("sign_in.first_factor"), &json!("wrong"))
    );
    // Nothing secret is shown.
    let text = after.to_string();
    for word in ["secret", "token", "hash", "evidence\":"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
}

#[test]
fn a_group_is_listed_in_order_whatever_its_people_are_renamed_to() {
    let world = acme();
    for (id, name) in [("a1", "Cleo"), ("a2", "Bob"), ("a3", "Ann"), ("a4", "Dan")] {
        let body =
            json!({"name": name, "groups": if id == "a4" { json!([]) } else { json!(["staff"]) }});
        let made = world.application(Method::PUT, &format!("{USERS}/{id}"), body);
        assert_eq!(made.status, 201, "{}", made.body);
    }
    let (by_id, by_name) = ("group=staff", "group=staff&sort=name");
    assert_eq!(listed(&world, by_id).0, ["a1", "a2", "a3"]);
    assert_eq!(listed(&world, by_name).0, ["a3", "a2", "a1"]);
    let change = |id: &str, body: Value| {
        let done = world.application(Method::PATCH, &format!("{USERS}/{id}"), body);
        assert_eq!(done.status, 200, "{}", done.body);
    };
    change("a2", json!({"name": "Zoe"}));
    assert_eq!(listed(&world, by_name).0, ["a3", "a1", "a2"]);
    // Without a name the username is what is shown.
    change("a2", json!({"name": null, "username": "aaron"}));
    assert_eq!(listed(&world, by_name).0, ["a2", "a3", "a1"]);
    change("a2", json!({"username": "yann"}));
    assert_eq!(listed(&world, by_name).0, ["a3", "a1", "a2"]);
    change("a4", json!({"name": "BEA", "groups": ["staff"]}));
    assert_eq!(listed(&world, by_name).0, ["a3", "a4", "a1", "a2"]);
    assert_eq!(listed(&world, by_id).0, ["a1", "a2", "a3", "a4"]);
}

#[test]
fn what_a_policy_depends_on_comes_in_pages() {
    let world = acme();
    person(&world, "olga", "owner");
    world.run(
        "INSERT INTO user (organization, id, external_id, created_at, version, username, role, groups, state, handle)
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)
         SELECT u.organization, 'u_' || i, printf('m%04d', i), 0, 1, 'm' || i, 'member', '[]', 'active', u.handle
         FROM user u, n",
    );
    let path = "/v1/organizations/acme/policy/facts";
    let (mut ids, mut cursor, mut pages) = (vec![], String::new(), vec![]);
    loop {
        let page = world.application(Method::GET, &format!("{path}{cursor}"), Value::Null);
        assert_eq!((page.status, page.trips), (200, 2), "{}", page.body);
        check_plans(&world, &page, path);
        let people = page.body["people"].as_array().unwrap();
        pages.push(people.len());
        ids.extend(people.iter().map(|one| one["facts"]["user"].to_string()));
        match page.body["next_cursor"].as_str() {
            Some(next) => cursor = format!("?cursor={next}"),
            None => break,
        }
    }
    assert_eq!(pages, [2000, 2000, 1]);
    assert!(ids.is_sorted() && ids.len() == 4001);
    let wrong = world.application(Method::GET, &format!("{path}?cursor="), Value::Null);
    assert_eq!(wrong.body["field"], "cursor", "{}", wrong.body);
}
