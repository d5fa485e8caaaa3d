//! Rows of what applications, owners, admins and the operator change.

use http::Method;
use postern_worker::platform::native as web;
use serde_json::{Value, json};

use super::{
    Case, nothing, row,
    stage::{ACME, SETUP_CODE, Stage},
};
use crate::{
    people::{USERS, path_of},
    world::{Answer, PASSWORD},
};

const PUT: &str = "PUT /v1/organizations/{org}";
const PATCH: &str = "PATCH /v1/organizations/{org}";
const POLICY: &str = "PUT /v1/organizations/{org}/policy";
const PUT_USER: &str = "PUT /v1/organizations/{org}/users/{user}";
const PATCH_USER: &str = "PATCH /v1/organizations/{org}/users/{user}";
const DELETE_USER: &str = "DELETE /v1/organizations/{org}/users/{user}";
const REVOKE: &str = "POST /v1/organizations/{org}/users/{user}/revoke-mfa";
const REVOKE_ALL: &str = "POST /v1/organizations/{org}/revoke-mfa";
const INVITE: &str = "POST /v1/organizations/{org}/users/{user}/invite";
const RESET: &str = "POST /v1/organizations/{org}/users/{user}/reset-mfa";
const CANCEL: &str = "POST /v1/organizations/{org}/users/{user}/cancel-reset";
const SIGN_OUT: &str = "POST /v1/organizations/{org}/users/{user}/sign-out";
const UNLOCK: &str = "POST /v1/organizations/{org}/users/{user}/unlock";
const EXPORT: &str = "GET /v1/organizations/{org}/users.csv";
const SET_UP: &str = "POST /v1/set-up";

pub const CASES: &[Case] = &[
    row(
        PUT,
        "made",
        nothing,
        |s| {
            s.application(
                Method::PUT,
                "/v1/organizations/umbrella",
                json!({"name": "Umbrella"}),
            )
        },
        201,
        &["organization.put accepted by application on -; -; -; created,new"],
    ),
    row(
        PUT,
        "renamed",
        nothing,
        |s| s.application(Method::PUT, ACME, json!({"name": "Acme & Sons"})),
        200,
        &["organization.put accepted by application on -; -; -; created,new,old"],
    ),
    row(
        PATCH,
        "by an owner",
        nothing,
        |s| {
            s.by(
                "olga",
                Method::PATCH,
                ACME,
                json!({"support": "help@acme.test"}),
            )
        },
        200,
        &["organization.change accepted by owner:olga on -; -; -; new,old"],
    ),
    row(
        PATCH,
        "by an application",
        nothing,
        |s| s.application(Method::PATCH, ACME, json!({"support": "help@acme.test"})),
        200,
        &["organization.change accepted by application on -; -; -; new,old"],
    ),
    row(
        POLICY,
        "by an owner",
        keep_policy,
        |s| put_policy(s, true),
        200,
        &["policy.put accepted by owner:olga on -; -; -; new,old"],
    ),
    row(
        POLICY,
        "by an application",
        keep_policy,
        |s| put_policy(s, false),
        200,
        &["policy.put accepted by application on -; -; -; new,old"],
    ),
    row(
        POLICY,
        "over another version",
        |s| {
            keep_policy(s);
            s.kept["version"] = json!(1);
        },
        |s| put_policy(s, true),
        409,
        &[],
    ),
    row(
        REVOKE_ALL,
        "of two people",
        nothing,
        |s| revoke_all(s, "olga", 2),
        200,
        &[
            "mfa.revoke accepted by owner:olga on adam; -; adam; ended,selected",
            "mfa.revoke accepted by owner:olga on mia; -; mia; ended,selected",
        ],
    ),
    row(
        REVOKE_ALL,
        "another number",
        nothing,
        |s| revoke_all(s, "olga", 7),
        409,
        &[],
    ),
    row(
        "POST /v1/organizations/{org}/revoke-mfa/preview",
        "a look",
        nothing,
        |s| {
            s.post(
                "olga",
                &format!("{ACME}/revoke-mfa/preview"),
                json!({"users": ["mia"]}),
            )
        },
        200,
        &[],
    ),
    row(
        PUT_USER,
        "made by an admin",
        nothing,
        |s| {
            s.by(
                "adam",
                Method::PUT,
                &format!("{USERS}/zoe"),
                json!({"email": "zoe@acme.test"}),
            )
        },
        201,
        &["user.put accepted by admin:adam on zoe; -; zoe; changed,created,new,old"],
    ),
    row(
        PUT_USER,
        "made by an application",
        nothing,
        |s| {
            s.application(
                Method::PUT,
                &format!("{USERS}/zoe"),
                json!({"password": PASSWORD}),
            )
        },
        201,
        &["user.put accepted by application on zoe; -; zoe; changed,created,new,old"],
    ),
    row(
        PATCH_USER,
        "by an owner",
        nothing,
        |s| {
            s.by(
                "olga",
                Method::PATCH,
                &format!("{USERS}/mia"),
                json!({"role": "admin"}),
            )
        },
        200,
        &["user.put accepted by owner:olga on mia; -; mia; changed,created,new,old"],
    ),
    row(
        PATCH_USER,
        "of somebody above",
        nothing,
        |s| {
            s.by(
                "adam",
                Method::PATCH,
                &format!("{USERS}/olga"),
                json!({"role": "member"}),
            )
        },
        403,
        &["access.refuse forbidden by admin:adam on olga; -; olga; route"],
    ),
    row(
        PATCH_USER,
        "of nobody",
        nothing,
        |s| {
            s.by(
                "adam",
                Method::PATCH,
                &format!("{USERS}/zoe"),
                json!({"role": "member"}),
            )
        },
        404,
        &[],
    ),
    row(
        DELETE_USER,
        "by an owner",
        nothing,
        |s| s.by("olga", Method::DELETE, &format!("{USERS}/mia"), Value::Null),
        204,
        &["user.delete accepted by owner:olga on a stranger; -; an id; old"],
    ),
    row(
        DELETE_USER,
        "by an application",
        nothing,
        |s| s.application(Method::DELETE, &format!("{USERS}/mia"), Value::Null),
        204,
        &["user.delete accepted by application on a stranger; -; an id; old"],
    ),
    row(
        REVOKE,
        "by an admin",
        nothing,
        |s| {
            s.post(
                "adam",
                &path_of("mia", "revoke-mfa"),
                json!({"authenticators": 2}),
            )
        },
        200,
        &["mfa.revoke accepted by admin:adam on mia; -; mia; ended"],
    ),
    row(
        REVOKE,
        "of somebody above",
        nothing,
        |s| {
            s.post(
                "adam",
                &path_of("olga", "revoke-mfa"),
                json!({"authenticators": 1}),
            )
        },
        403,
        &["access.refuse forbidden by admin:adam on olga; -; olga; route"],
    ),
    row(
        REVOKE,
        "without a fresh proof",
        |s| s.wait(301),
        |s| {
            s.post(
                "adam",
                &path_of("mia", "revoke-mfa"),
                json!({"authenticators": 2}),
            )
        },
        403,
        &[],
    ),
    row(
        INVITE,
        "by an admin",
        nothing,
        |s| s.post("adam", &path_of("bea", "invite"), json!({})),
        200,
        &["invitation.send accepted by admin:adam on bea; -; bea; expires_at"],
    ),
    row(
        RESET,
        "by an owner",
        nothing,
        |s| s.post("olga", &path_of("mia", "reset-mfa"), json!({})),
        200,
        &["reset.start accepted by owner:olga on mia; -; mia; expires_at"],
    ),
    row(
        CANCEL,
        "taken back",
        |s| s.keep_link(("mia", "reset-mfa"), "reset_started", "reset"),
        |s| s.post("olga", &path_of("mia", "cancel-reset"), json!({})),
        204,
        &["reset.cancel accepted by owner:olga on mia; -; mia; -"],
    ),
    row(
        CANCEL,
        "without one",
        nothing,
        |s| s.post("olga", &path_of("mia", "cancel-reset"), json!({})),
        409,
        &[],
    ),
    row(
        SIGN_OUT,
        "by an application",
        nothing,
        |s| s.application(Method::POST, &path_of("mia", "sign-out"), json!({})),
        200,
        &["user.sign_out accepted by application on mia; -; mia; ended"],
    ),
    row(
        UNLOCK,
        "by an owner",
        nothing,
        |s| s.post("olga", &path_of("mia", "unlock"), json!({})),
        200,
        &["user.unlock accepted by owner:olga on mia; -; mia; ended"],
    ),
    row(
        EXPORT,
        "by an admin",
        nothing,
        |s| {
            s.by(
                "adam",
                Method::GET,
                &format!("{ACME}/users.csv"),
                Value::Null,
            )
        },
        200,
        &["user.export accepted by admin:adam on -; -; -; first"],
    ),
    row(
        "GET /v1/organizations/{org}/audit-events",
        "read by an admin",
        nothing,
        |s| {
            s.by(
                "adam",
                Method::GET,
                &format!("{ACME}/audit-events"),
                Value::Null,
            )
        },
        200,
        &["audit.read accepted by admin:adam on -; -; -; -"],
    ),
    row(
        "GET /v1/organizations/{org}/audit-events",
        "read again within the hour",
        |s| {
            s.by(
                "adam",
                Method::GET,
                &format!("{ACME}/audit-events"),
                Value::Null,
            );
        },
        |s| {
            s.by(
                "adam",
                Method::GET,
                &format!("{ACME}/audit-events"),
                Value::Null,
            )
        },
        200,
        &[],
    ),
    row(
        "GET /v1/organizations/{org}/audit-log.ndjson",
        "by an admin",
        nothing,
        |s| {
            s.by(
                "adam",
                Method::GET,
                &format!("{ACME}/audit-log.ndjson"),
                Value::Null,
            )
        },
        200,
        &["audit.export accepted by admin:adam on -; -; -; after,format"],
    ),
    row(
        "GET /v1/organizations/{org}/audit-log.csv",
        "by an application",
        nothing,
        |s| s.application(Method::GET, &format!("{ACME}/audit-log.csv"), Value::Null),
        200,
        &["audit.export accepted by application on -; -; -; after,format"],
    ),
    row(
        "POST /v1/organizations/{org}/mail/{id}/retry",
        "by an owner",
        |s| {
            s.world.native.outside.answer(|_| web::Answer::Status(500));
            s.application(Method::POST, &path_of("mia", "sign-out"), json!({}));
            s.world
                .run("UPDATE mail SET failed_at = created_at, claim = NULL WHERE sent_at IS NULL");
            let listed = s.by("olga", Method::GET, &format!("{ACME}/mail"), Value::Null);
            s.kept = listed.body["mails"][0]["id"].clone();
        },
        |s| {
            let path = format!("{ACME}/mail/{}/retry", s.kept.as_str().unwrap());
            s.post("olga", &path, json!({}))
        },
        204,
        &["mail.retry accepted by owner:olga on mia; -; mia; kind"],
    ),
    row(
        SET_UP,
        "done",
        nothing,
        |s| set_up(s, SETUP_CODE),
        204,
        &["organization.set_up accepted by operator on olga; -; olga; created,new"],
    ),
    row(
        SET_UP,
        "a wrong code",
        nothing,
        |s| set_up(s, "not the code"),
        401,
        &["organization.set_up wrong by operator on -; -; -; -"],
    ),
    row(
        "GET /v1/set-up",
        "a wrong code",
        nothing,
        |s| {
            s.world
                .call(Method::GET, "/v1/set-up", Some("not the code"), None)
        },
        401,
        &["organization.set_up wrong by operator on -; -; -; -"],
    ),
];

fn keep_policy(s: &mut Stage) {
    s.kept = s
        .by("olga", Method::GET, &format!("{ACME}/policy"), Value::Null)
        .body;
    s.kept["policy"]["mode"] = json!("required");
}

fn put_policy(s: &Stage, by_owner: bool) -> Answer {
    let (path, body) = (format!("{ACME}/policy"), s.kept.clone());
    if by_owner {
        s.by("olga", Method::PUT, &path, body)
    } else {
        s.application(Method::PUT, &path, body)
    }
}

fn revoke_all(s: &Stage, who: &str, people: u32) -> Answer {
    let body = json!({"users": ["adam", "mia", who], "people": people, "authenticators": 3});
    s.post(who, &format!("{ACME}/revoke-mfa"), body)
}

fn set_up(s: &Stage, code: &str) -> Answer {
    let body = json!({"organization": "umbrella", "organization_name": "Umbrella", "username": "olga",
        "name": "Olga", "email": "olga@umbrella.test", "password": PASSWORD, "mode": "required"});
    s.world
        .call(Method::POST, "/v1/set-up", Some(code), Some(body))
}
