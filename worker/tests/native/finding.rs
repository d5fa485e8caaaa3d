//! Which people lists and filters find, in which order, and by which indexes.

use http::Method;
use serde_json::{Value, json};

use crate::{
    people::{
        USERS, acme, by_code, by_provider, enroll, enroll_with_codes, first_factor, person,
        set_policy,
    },
    world::{Answer, PASSWORD, World},
};

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
