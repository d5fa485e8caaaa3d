//! People of an organization, and how they come to be what they are.

use http::Method;
use postern::totp::TotpSecret;
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
    let Enrolled { token, codes, .. } = enroll_with_all(world, id);
    (token, codes)
}

/// What comes of an enrollment.
pub struct Enrolled {
    /// The token of the session that two factors were shown to.
    pub token: String,
    pub secret: TotpSecret,
    pub codes: Vec<String>,
}

/// As [`enroll`], and all that a person has then.
pub fn enroll_with_all(world: &World, id: &str) -> Enrolled {
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
    Enrolled {
        token: raised.unwrap_or(&token).to_owned(),
        secret: TotpSecret::from_base32(shown["secret"].as_str().unwrap()).unwrap(),
        codes: codes.collect(),
    }
}

/// Signs in by an identity provider's word, as an application tells it.
pub fn by_provider(world: &World, id: &str, amr: &[&str]) -> Answer {
    let body = json!({"organization": "acme", "user": id, "session": "bearer",
        "first_factor": {"method": "sso", "amr": amr}});
    let answer = world.application(Method::POST, "/v1/sign-ins", body);
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer
}

/// Signs in by a backup code, and answers the session's token.
pub fn by_code(world: &World, id: &str, code: &str) -> String {
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

/// The path of something of a person.
pub fn path_of(id: &str, what: &str) -> String {
    format!("{USERS}/{id}/{what}")
}

/// Everything in the tables of people, and the trail but for what was refused.
pub fn everything(world: &World) -> Vec<u32> {
    [
        "authenticator",
        "backup_code",
        "enrollment",
        "throttle",
        "mail",
        "event WHERE outcome <> 'forbidden'",
    ]
    .iter()
    .map(|table| world.count(table))
    .chain([world.count("session WHERE ended_at IS NULL")])
    .collect()
}
