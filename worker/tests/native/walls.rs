//! What keeps organizations apart, and what no body may set.

use http::Method;
use serde_json::{Value, json};

use crate::{
    people::{acme, enroll, person},
    world::World,
};

/// Every route of an organization that a session may call, with a body that is understood.
const ROUTES: &[(&str, &str, &str)] = &[
    ("GET", "", ""),
    ("PATCH", "", r#"{"name": "Taken"}"#),
    ("GET", "/overview", ""),
    ("GET", "/audit-log.ndjson", ""),
    ("GET", "/audit-log.csv", ""),
    ("GET", "/audit-checkpoints", ""),
    ("GET", "/groups", ""),
    ("GET", "/help-requests", ""),
    ("GET", "/policy", ""),
    ("GET", "/policy/facts", ""),
    (
        "PUT",
        "/policy",
        r#"{"policy": {"mode": "off"}, "version": 1, "affected": 0}"#,
    ),
    (
        "POST",
        "/policy/preview",
        r#"{"policy": {"mode": "required"}}"#,
    ),
    ("GET", "/users", ""),
    ("GET", "/users.csv", ""),
    ("GET", "/users/mia", ""),
    ("PUT", "/users/new", r#"{"username": "new"}"#),
    ("PATCH", "/users/mia", r#"{"name": "Taken"}"#),
    ("DELETE", "/users/mia", ""),
    ("GET", "/users/mia/security", ""),
    ("POST", "/users/mia/revoke-mfa", r#"{"authenticators": 0}"#),
    ("POST", "/users/mia/sign-out", "{}"),
    ("POST", "/users/mia/unlock", "{}"),
    ("POST", "/revoke-mfa/preview", r#"{"users": ["mia"]}"#),
    (
        "POST",
        "/revoke-mfa",
        r#"{"users": ["mia"], "people": 0, "authenticators": 0}"#,
    ),
];

fn send(world: &World, token: &str, organization: &str, route: &(&str, &str, &str)) -> u16 {
    let (method, rest, body) = *route;
    let method: Method = method.parse().unwrap();
    let path = format!("/v1/organizations/{organization}{rest}");
    let body: Option<Value> = (!body.is_empty()).then(|| serde_json::from_str(body).unwrap());
    world.call(method, &path, Some(token), body).status
}

/// Acme with Olga, an owner, and Mia; and Umbrella, where people have the same ids.
fn two_organizations() -> (World, String) {
    let world = acme();
    person(&world, "olga", "owner");
    person(&world, "mia", "member");
    let olga = enroll(&world, "olga");
    let made = world.application(
        Method::PUT,
        "/v1/organizations/umbrella",
        json!({"name": "Umbrella"}),
    );
    assert_eq!(made.status, 201, "{}", made.body);
    for (id, role) in [("olga", "owner"), ("mia", "member")] {
        let path = format!("/v1/organizations/umbrella/users/{id}");
        let made = world.application(Method::PUT, &path, json!({"role": role}));
        assert_eq!(made.status, 201, "{}", made.body);
    }
    (world, olga)
}

fn umbrella(world: &World) -> Vec<u32> {
    let of = "(SELECT id FROM organization WHERE external_id = 'umbrella')";
    ["user", "event", "mail", "user_group"]
        .map(|table| world.count(&format!("{table} WHERE organization = {of}")))
        .into()
}

#[test]
fn a73_an_owner_reaches_nothing_of_an_organization_where_people_have_the_same_ids() {
    let (world, olga) = two_organizations();
    let before = umbrella(&world);
    for route in ROUTES {
        assert_eq!(send(&world, &olga, "umbrella", route), 404, "{route:?}");
    }
    assert_eq!(umbrella(&world), before);
    let untouched = "organization WHERE external_id = 'umbrella' AND name = 'Umbrella'";
    assert_eq!(world.count(untouched), 1);
    // The same requests are understood at home: none is refused for what it says.
    for route in ROUTES.iter().filter(|(method, ..)| *method == "GET") {
        assert_eq!(send(&world, &olga, "acme", route), 200, "{route:?}");
    }
}

#[test]
fn a74_no_body_sets_what_is_not_its_own() {
    let (world, olga) = two_organizations();
    let users = "/v1/organizations/acme/users";
    for member in [
        "id",
        "organization",
        "organization_id",
        "verified",
        "version",
        "created_at",
        "enrolled",
        "factors",
        "sso",
        "handle",
        "last_step",
        "sign_count",
    ] {
        let bodies = [
            (
                Method::PUT,
                format!("{users}/new"),
                json!({"username": "new"}),
            ),
            (
                Method::PATCH,
                format!("{users}/mia"),
                json!({"name": "Mia"}),
            ),
            (
                Method::PATCH,
                "/v1/organizations/acme".to_owned(),
                json!({"name": "Acme"}),
            ),
            (
                Method::POST,
                format!("{users}/mia/revoke-mfa"),
                json!({"authenticators": 0}),
            ),
            (Method::POST, format!("{users}/mia/sign-out"), json!({})),
            (
                Method::POST,
                "/v1/organizations/acme/revoke-mfa/preview".to_owned(),
                json!({"users": ["mia"]}),
            ),
        ];
        for (method, path, mut body) in bodies {
            body[member] = json!(1);
            let answer = world.call(method, &path, Some(&olga), Some(body));
            assert_eq!(answer.status, 400, "{path} {member}: {}", answer.body);
            assert_eq!(answer.body["code"], "malformed", "{path} {member}");
        }
    }
    assert_eq!(world.count("user WHERE external_id = 'new'"), 0);
}

#[test]
fn a72_what_another_organization_gives_away_filters_nothing_and_shows_only_ones_own() {
    let (world, olga) = two_organizations();
    for id in ["eve", "zoe"] {
        let path = format!("/v1/organizations/umbrella/users/{id}");
        let foreign = json!({"name": "Zoe", "groups": ["secret"]});
        let made = world.application(Method::PUT, &path, foreign);
        assert_eq!(made.status, 201, "{}", made.body);
    }
    let get = |path: &str| world.call(Method::GET, path, Some(&olga), None);
    let ids = |query: &str| -> Vec<String> {
        let page = get(&format!("/v1/organizations/acme/users?{query}"));
        assert_eq!(page.status, 200, "{query}: {}", page.body);
        let users = page.body["users"].as_array().unwrap().iter();
        users
            .map(|user| user["id"].as_str().unwrap().to_owned())
            .collect()
    };
    // Cursors that the other organization's pages gave, and its groups and names as filters.
    for sort in ["id", "name"] {
        let path = format!("/v1/organizations/umbrella/users?limit=1&sort={sort}");
        let page = world.application(Method::GET, &path, Value::Null);
        let cursor = page.body["next_cursor"].as_str().unwrap();
        let after = ids(&format!("sort={sort}&cursor={cursor}"));
        assert!(
            after
                .iter()
                .all(|id| ["mia", "olga"].contains(&id.as_str())),
            "{after:?}"
        );
    }
    for query in ["group=secret", "search=zoe", "search=eve"] {
        assert_eq!(ids(query), [""; 0], "{query}");
    }
    let groups = get("/v1/organizations/acme/groups?prefix=se");
    assert_eq!(groups.body["groups"], json!([]));
    // The organization is that of the path: a query or a body that names another is refused.
    for path in [
        "users",
        "groups",
        "policy/facts",
        "overview",
        "users/mia/security",
    ] {
        let named = get(&format!(
            "/v1/organizations/acme/{path}?organization=umbrella"
        ));
        assert_eq!(named.status, 400, "{path}: {}", named.body);
    }
    let body = json!({"users": ["mia"], "organization": "umbrella"});
    let path = "/v1/organizations/acme/revoke-mfa/preview";
    let named = world.call(Method::POST, path, Some(&olga), Some(body));
    assert_eq!(named.status, 400, "{}", named.body);
    // The events of a person are their own, where another organization has one of the same id.
    let path = "/v1/organizations/umbrella/users/mia";
    world.application(Method::PATCH, path, json!({"role": "admin"}));
    let events = |org: &str| {
        let path = format!("/v1/organizations/{org}/users/mia/security");
        let seen = world.application(Method::GET, &path, Value::Null);
        seen.body["events"].as_array().unwrap().len()
    };
    assert_eq!((events("acme"), events("umbrella")), (1, 2));
}
