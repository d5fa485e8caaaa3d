//! What owners change of their organization, and that people are independent of each other.

use http::Method;
use postern_worker::platform::native::DatabaseFault;
use serde_json::{Value, json};

use crate::{
    people::{USERS, acme, enroll, first_factor, person},
    world::World,
};

const ORGANIZATION: &str = "/v1/organizations/acme";

fn patch(world: &World, token: &str, body: Value) -> crate::world::Answer {
    world.call(Method::PATCH, ORGANIZATION, Some(token), Some(body))
}

/// The details of the changes so far.
fn changes(world: &World) -> Vec<Value> {
    let sql =
        "SELECT json_group_array(json_object('actor', actor, 'actor_name', actor_name, 'detail', json(detail))) FROM event
               WHERE action = 'organization.change'";
    let read = |database: &rusqlite::Connection| database.query_row(sql, [], |row| row.get(0));
    let text: String = world.native.database.with(read).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn an_owner_changes_what_the_organization_is_called_and_whom_to_ask() {
    let mut world = acme();
    for (id, role) in [("olga", "owner"), ("adam", "admin"), ("mia", "member")] {
        person(&world, id, role);
    }
    let [olga, adam, mia] = ["olga", "adam", "mia"].map(|id| enroll(&world, id));
    let shown = world.call(Method::GET, ORGANIZATION, Some(&adam), None);
    let organization = json!({"id": "acme", "name": "Acme", "created_at": world.now, "support": null, "language": "en", "audit_days": 400, "owners": 1});
    assert_eq!(shown.body["organization"], organization);
    for token in [&adam, &mia] {
        let answer = patch(&world, token, json!({"name": "Mine"}));
        assert_eq!(answer.status, 403, "{}", answer.body);
    }
    let shown = world.call(Method::GET, ORGANIZATION, Some(&mia), None);
    assert_eq!(shown.status, 403, "{}", shown.body);
    for (body, field) in [
        (json!({"name": null}), "name"),
        (json!({"name": "Steam"}), "name"),
        (json!({"audit_days": 29}), "audit_days"),
        (json!({"audit_days": 3651}), "audit_days"),
        (json!({"audit_days": 365.5}), "audit_days"),
        (json!({"audit_days": null}), "audit_days"),
        (json!({"support": ""}), "support"),
        (json!({"support": "x".repeat(65)}), "support"),
    ] {
        let answer = patch(&world, &olga, body);
        assert_eq!(
            (answer.status, &answer.body["field"]),
            (400, &json!(field)),
            "{}",
            answer.body
        );
    }
    let answer = patch(&world, &olga, json!({"owners": 2}));
    assert_eq!(answer.body["code"], "malformed", "{}", answer.body);
    assert_eq!(changes(&world), [Value::Null; 0]);

    let done = patch(&world, &olga, json!({"support": "help@acme.test"}));
    assert_eq!((done.status, done.trips), (200, 2), "{}", done.body);
    assert_eq!(done.body["organization"]["support"], "help@acme.test");
    let done = patch(
        &world,
        &olga,
        json!({"name": "Acme & Sons", "support": "help@acme.test"}),
    );
    assert_eq!(done.body["organization"]["name"], "Acme & Sons");
    let done = world.application(Method::PATCH, ORGANIZATION, json!({"support": null}));
    assert_eq!(
        done.body["organization"]["support"],
        Value::Null,
        "{}",
        done.body
    );
    assert_eq!(
        changes(&world),
        [
            json!({"actor": "owner", "actor_name": "olga", "detail": {"old": {"support": null}, "new": {"support": "help@acme.test"}}}),
            json!({"actor": "owner", "actor_name": "olga", "detail": {"old": {"name": "Acme"}, "new": {"name": "Acme & Sons"}}}),
            json!({"actor": "application", "actor_name": null, "detail": {"old": {"support": "help@acme.test"}, "new": {"support": null}}}),
        ]
    );
    // The new name is what people see.
    let me = world.call(Method::GET, "/v1/me", Some(&mia), None);
    assert_eq!(me.body["organization"]["name"], "Acme & Sons");

    let unknown = "/v1/organizations/umbrella";
    let answer = world.application(Method::PATCH, unknown, json!({"name": "Umbrella"}));
    assert_eq!(answer.status, 404, "{}", answer.body);
    let answer = world.call(
        Method::PATCH,
        unknown,
        Some(&olga),
        Some(json!({"name": "U"})),
    );
    assert_eq!(answer.status, 404, "{}", answer.body);
    world.wait(301);
    let answer = patch(&world, &olga, json!({"name": "Later"}));
    assert_eq!(answer.body["code"], "step_up_required", "{}", answer.body);
    person(&world, "otto", "owner");
    let shown = world.application(Method::GET, ORGANIZATION, Value::Null);
    assert_eq!(shown.body["organization"]["owners"], 2);
}

#[test]
fn an_organization_is_changed_once_and_only_by_who_still_keeps_it() {
    let world = acme();
    person(&world, "olga", "owner");
    let olga = enroll(&world, "olga");
    // The first trip looks the session up.
    world
        .native
        .database
        .set_faults(&[(2, DatabaseFault::AnswerLost)]);
    let done = patch(&world, &olga, json!({"name": "Once"}));
    assert_eq!(
        (done.status, changes(&world).len()),
        (200, 1),
        "{}",
        done.body
    );
    for meanwhile in [
        "UPDATE session SET ended_at = 1",
        "UPDATE user SET role = 'member', version = version + 1",
        "UPDATE organization SET policy_version = policy_version + 1",
    ] {
        let world = acme();
        person(&world, "olga", "owner");
        let olga = enroll(&world, "olga");
        world
            .native
            .database
            .set_faults(&[(2, DatabaseFault::Preceded(meanwhile))]);
        let answer = patch(&world, &olga, json!({"name": "Twice"}));
        assert_eq!(answer.status, 409, "{meanwhile}: {}", answer.body);
        assert_eq!(
            world.count("organization WHERE name = 'Acme'"),
            1,
            "{meanwhile}"
        );
        assert_eq!(changes(&world), [Value::Null; 0], "{meanwhile}");
    }
}

/// "An owner enrolling does not enroll their team members, and a team member enrolling does not affect anyone
/// else."
#[test]
fn owners_and_members_enroll_independently_of_each_other() {
    let world = acme();
    person(&world, "olga", "owner");
    person(&world, "mia", "member");
    let olga = enroll(&world, "olga");
    let enrolled = |id: &str| {
        let shown = world.application(Method::GET, &format!("{USERS}/{id}"), Value::Null);
        shown.body["user"]["enrolled"].clone()
    };
    assert_eq!(
        (enrolled("olga"), enrolled("mia")),
        (json!(true), json!(false))
    );
    first_factor(&world, "mia");
    let kept = |token: &str| {
        world.call(Method::GET, "/v1/me", Some(token), None).body["authenticators"].clone()
    };
    let before = kept(&olga);
    let mia = enroll(&world, "mia");
    assert_eq!(kept(&olga), before);
    assert_ne!(kept(&mia), before);
}

/// `PUT` of a policy over the one in force, by an owner.
fn put_policy(world: &World, token: &str, policy: &Value, confirm: Value) -> crate::world::Answer {
    let path = format!("{ORGANIZATION}/policy");
    let version = world.call(Method::GET, &path, Some(token), None).body["version"].clone();
    let body = json!({"policy": policy, "version": version, "confirm_lock_out": confirm});
    world.call(Method::PUT, &path, Some(token), Some(body))
}

#[test]
fn an_owner_confirms_a_policy_that_could_lock_them_out_and_an_application_need_not() {
    let world = acme();
    person(&world, "olga", "owner");
    let olga = enroll(&world, "olga");
    let required = json!({"mode": "required"});
    let preview = || {
        let path = format!("{ORGANIZATION}/policy/preview");
        let body = json!({"policy": required});
        let by_owner = world.call(Method::POST, &path, Some(&olga), Some(body.clone()));
        let by_application = world.application(Method::POST, &path, body);
        assert_eq!(by_application.body["locks_out"], Value::Null);
        by_owner.body["locks_out"].clone()
    };
    // She has backup codes.
    assert_eq!(preview(), Value::Null);
    world.run("UPDATE backup_code SET used_at = 1");
    assert_eq!(preview(), "alone");
    for confirm in [Value::Null, json!("enroll")] {
        let refused = put_policy(&world, &olga, &required, confirm);
        assert_eq!(refused.status, 400, "{}", refused.body);
        assert_eq!(
            refused.body["field"], "confirm_lock_out",
            "{}",
            refused.body
        );
    }
    let unknown = put_policy(&world, &olga, &required, json!("yes"));
    assert_eq!(unknown.body["code"], "malformed", "{}", unknown.body);
    assert_eq!(world.accepted("policy.put"), 0);
    let done = put_policy(&world, &olga, &required, json!("alone"));
    assert_eq!(done.status, 200, "{}", done.body);
    // Nothing is left to confirm.
    assert_eq!(preview(), Value::Null);
    let again = put_policy(&world, &olga, &required, Value::Null);
    assert_eq!(again.status, 200, "{}", again.body);
    crate::people::set_policy(&world, &json!({"mode": "optional"}));
    crate::people::set_policy(&world, &required);
}

#[test]
fn the_answers_say_whom_a_caller_may_help_and_which_roles_they_give() {
    let world = acme();
    for (id, role) in [
        ("olga", "owner"),
        ("adam", "admin"),
        ("alma", "admin"),
        ("mia", "member"),
    ] {
        person(&world, id, role);
    }
    let [olga, adam] = ["olga", "adam"].map(|id| enroll(&world, id));
    let mia = first_factor(&world, "mia");
    for (token, gives) in [
        (&olga, json!(["member", "admin", "owner"])),
        (&adam, json!(["member", "admin"])),
        (&mia, json!([])),
    ] {
        let me = world.call(Method::GET, "/v1/me", Some(token), None);
        assert_eq!(me.body["gives"], gives, "{}", me.body);
    }
    for (token, of, why) in [
        (&olga, "olga", json!("own")),
        (&olga, "adam", Value::Null),
        (&adam, "adam", json!("own")),
        (&adam, "alma", json!("above")),
        (&adam, "olga", json!("above")),
        (&adam, "mia", Value::Null),
    ] {
        let seen = world.call(
            Method::GET,
            &format!("{USERS}/{of}/security"),
            Some(token),
            None,
        );
        assert_eq!(seen.body["why_not"], why, "{of}");
    }
    let seen = world.application(Method::GET, &format!("{USERS}/olga/security"), Value::Null);
    assert_eq!(seen.body["why_not"], Value::Null);
}
