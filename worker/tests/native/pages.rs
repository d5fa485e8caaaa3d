//! What pages rest on: cookies that a browser keeps, and help for a person who cannot answer a challenge.

use http::Method;
use serde_json::{Value, json};

use crate::world::{ANN, PASSWORD, World};

#[test]
fn cookies_are_secure_everywhere_but_on_localhost() {
    let world = World::with_ann();
    let signed_in = world.sign_in_as(ANN, PASSWORD, "cookie");
    assert!(!signed_in.cookies.is_empty());
    for cookie in &signed_in.cookies {
        assert!(cookie.starts_with("__Host-postern-"), "{cookie}");
        assert!(cookie.contains("; Secure; HttpOnly"), "{cookie}");
    }
    world
        .native
        .settings
        .set("ORIGINS", "http://localhost:8787");
    world.native.settings.set("RP_ID", "localhost");
    let here = world.sign_in_as(ANN, PASSWORD, "cookie");
    assert!(!here.cookies.is_empty(), "{}", here.body);
    for cookie in &here.cookies {
        assert!(cookie.starts_with("postern-"), "{cookie}");
        assert!(!cookie.contains("Secure"), "{cookie}");
    }
}

#[test]
fn help_is_asked_for_once_and_says_no_more_than_the_first_factor_did() {
    let mut world = World::with_ann();
    for (id, role, mail) in [
        ("olive", "owner", "olive@example.test"),
        ("adam", "admin", "adam@example.test"),
        ("bob", "member", "bob@example.test"),
    ] {
        let body = json!({"username": mail, "name": id, "email": mail, "role": role});
        let path = format!("/v1/organizations/acme/users/{id}");
        assert_eq!(world.application(Method::PUT, &path, body).status, 201);
    }
    let secret = world.enroll();
    world.wait(60);
    let ask = |world: &World, challenge: &Value, send: bool| {
        let body = json!({"challenge": challenge, "send": send});
        world.call(Method::POST, "/v1/challenges/help", None, Some(body))
    };
    let mails = |world: &World| -> u32 {
        let count = world.native.database.with(|connection| {
            let sql = "SELECT count(*) FROM mail WHERE kind = 'help_wanted'";
            connection.query_row(sql, [], |row| row.get(0))
        });
        count.unwrap()
    };
    let challenge = world.sign_in().body["challenge"]["token"].clone();
    let help = ask(&world, &challenge, false);
    let unnamed = json!({"people": [], "support": null, "can_send": true, "sent_at": null});
    assert_eq!((help.status, help.trips), (200, 2), "{}", help.body);
    assert_eq!(help.body, unnamed);
    assert_eq!(mails(&world), 0);

    let policy = world.application(Method::GET, "/v1/organizations/acme/policy", Value::Null);
    let mut body = policy.body;
    body["policy"]["show_admins"] = json!(true);
    body.as_object_mut()
        .unwrap()
        .retain(|name, _| name == "policy" || name == "version");
    let put = world.application(Method::PUT, "/v1/organizations/acme/policy", body);
    assert_eq!(put.status, 200, "{}", put.body);
    // One to each of them, however often it is asked, and word of it to Ann if she has an address.
    for _ in 0..3 {
        let help = ask(&world, &challenge, true);
        assert_eq!(help.status, 200, "{}", help.body);
        assert_eq!(help.body["people"], json!(["adam", "olive"]));
        assert_eq!(help.body["sent_at"], json!(world.now));
        assert_eq!(mails(&world), 2);
    }
    assert_eq!(world.accepted("help.request"), 1);
    world.wait(3601);
    let later = world.sign_in().body["challenge"]["token"].clone();
    assert_eq!(ask(&world, &later, true).status, 200);
    assert_eq!(mails(&world), 4);
    // Over, spent or forged: the same answers as to any proof.
    assert_eq!(ask(&world, &challenge, true).status, 410);
    assert_eq!(world.verify(&later, &world.code(&secret)).status, 200);
    assert_eq!(ask(&world, &later, true).status, 410);
    assert_eq!(ask(&world, &json!("forged"), true).status, 401);
    assert_eq!(mails(&world), 4);
}
