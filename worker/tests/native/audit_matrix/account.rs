//! Rows of what people change themselves.

use http::Method;
use serde_json::{Value, json};

use super::{Case, nothing, row, stage::Stage};
use crate::{
    people::{USERS, set_policy},
    world::{Answer, PASSWORD},
};

const TOTP: &str = "POST /v1/me/totp";
const CONFIRM_TOTP: &str = "POST /v1/me/totp/confirm";
const CONFIRM_PASSKEY: &str = "POST /v1/me/passkeys/confirm";
const RENAME: &str = "PATCH /v1/me/authenticators/{id}";
const REMOVE: &str = "DELETE /v1/me/authenticators/{id}";
const OFF: &str = "DELETE /v1/me/mfa";
const FORGOTTEN: &str = "POST /v1/passwords/forgotten";
const RESET: &str = "POST /v1/passwords/reset";
const NEW: &str = "another long password 43";

pub const CASES: &[Case] = &[
    row(
        "DELETE /v1/me/sessions",
        "all others",
        nothing,
        |s| s.by("mia", Method::DELETE, "/v1/me/sessions", Value::Null),
        204,
        &["session.end accepted by user on mia; -; others; -"],
    ),
    row(
        "DELETE /v1/me/sessions/{id}",
        "one",
        |s| s.kept = json!(s.first("mia", "/v1/me/sessions", "sessions")),
        |s| delete(s, "mia", "sessions", Value::Null),
        204,
        &["session.end accepted by user on mia; -; session; -"],
    ),
    row(
        "DELETE /v1/me/sessions/{id}",
        "somebody else's",
        |s| s.kept = json!(s.first("olga", "/v1/me/sessions", "sessions")),
        |s| delete(s, "mia", "sessions", Value::Null),
        404,
        &[],
    ),
    row(
        "DELETE /v1/me/trusted-devices",
        "all",
        nothing,
        |s| s.by("mia", Method::DELETE, "/v1/me/trusted-devices", Value::Null),
        204,
        &["trusted_device.revoke accepted by user on mia; -; all; -"],
    ),
    row(
        "DELETE /v1/me/trusted-devices/{id}",
        "one",
        |s| s.kept = json!(s.first("mia", "/v1/me/trusted-devices", "trusted_devices")),
        |s| delete(s, "mia", "trusted-devices", Value::Null),
        204,
        &["trusted_device.revoke accepted by user on mia; -; trusted_device; -"],
    ),
    row(
        TOTP,
        "begun",
        nothing,
        |s| s.post("mia", "/v1/me/totp", json!({})),
        200,
        &["enrollment.start accepted by user on mia; totp; enrollment; -"],
    ),
    row(
        TOTP,
        "shown again",
        |s| s.keep_enrollment("mia"),
        |s| s.post("mia", "/v1/me/totp", json!({})),
        200,
        &[],
    ),
    row(
        TOTP,
        "begun anew",
        |s| s.keep_enrollment("mia"),
        |s| s.post("mia", "/v1/me/totp", json!({"restart": true})),
        200,
        &["enrollment.start accepted by user on mia; totp; enrollment; -"],
    ),
    row(
        TOTP,
        "without a fresh proof",
        |s| s.wait(301),
        |s| s.post("mia", "/v1/me/totp", json!({})),
        403,
        &[],
    ),
    row(
        CONFIRM_TOTP,
        "a right code",
        |s| s.keep_enrollment("mia"),
        |s| s.post("mia", "/v1/me/totp/confirm", s.kept.clone()),
        200,
        &["enrollment.confirm accepted by user on mia; totp; authenticator; name"],
    ),
    row(
        CONFIRM_TOTP,
        "a right code of the first app",
        |s| s.keep_enrollment("nina"),
        |s| s.post("nina", "/v1/me/totp/confirm", s.kept.clone()),
        200,
        &["enrollment.confirm accepted by user on nina; totp; authenticator; name"],
    ),
    row(
        CONFIRM_TOTP,
        "a wrong code",
        |s| s.keep_enrollment("mia"),
        |s| {
            let body = s.kept_with("code", json!("000000"));
            s.post("mia", "/v1/me/totp/confirm", body)
        },
        401,
        &["enrollment.confirm wrong by user on mia; totp; an id; name"],
    ),
    row(
        CONFIRM_TOTP,
        "by the link of a reset",
        |s| {
            s.keep_link(("mia", "reset-mfa"), "reset_started", "reset");
            let opened = s.asked("mia", &json!({"reset": s.kept}));
            let token = opened.body["session"]["token"].as_str().unwrap().to_owned();
            s.signed_in("mia", token);
            s.keep_enrollment("mia");
        },
        |s| s.post("mia", "/v1/me/totp/confirm", s.kept.clone()),
        200,
        &["reset.complete accepted by user on mia; totp; authenticator; name"],
    ),
    row(
        "POST /v1/me/passkeys",
        "begun",
        nothing,
        |s| s.post("mia", "/v1/me/passkeys", json!({})),
        200,
        &["enrollment.start accepted by user on mia; passkey; -; -"],
    ),
    row(
        CONFIRM_PASSKEY,
        "a passkey",
        Stage::keep_passkey,
        |s| s.post("mia", "/v1/me/passkeys/confirm", s.kept.clone()),
        200,
        &["enrollment.confirm accepted by user on mia; passkey; authenticator; name"],
    ),
    row(
        CONFIRM_PASSKEY,
        "a passkey again",
        |s| {
            s.keep_passkey();
            let made = s.kept["credential"].clone();
            s.keep_passkey();
            s.post("mia", "/v1/me/passkeys/confirm", s.kept.clone());
            s.kept["credential"] = made;
        },
        |s| s.post("mia", "/v1/me/passkeys/confirm", s.kept.clone()),
        401,
        &[],
    ),
    row(
        CONFIRM_PASSKEY,
        "a passkey made for another enrollment",
        |s| {
            s.keep_passkey();
            let made = s.kept["credential"].clone();
            s.keep_passkey();
            s.kept["credential"] = made;
        },
        |s| s.post("mia", "/v1/me/passkeys/confirm", s.kept.clone()),
        401,
        &["enrollment.confirm wrong by user on mia; passkey; an id; flaw,name"],
    ),
    row(
        RENAME,
        "another name",
        keep_authenticator,
        |s| rename(s, "Work phone"),
        200,
        &["authenticator.rename accepted by user on mia; totp; authenticator; new,old"],
    ),
    row(
        RENAME,
        "the name of another one",
        keep_authenticator,
        |s| rename(s, "Laptop"),
        409,
        &[],
    ),
    row(
        REMOVE,
        "one of two",
        keep_authenticator,
        |s| delete(s, "mia", "authenticators", json!({})),
        204,
        &["authenticator.remove accepted by user on mia; totp; an id; name"],
    ),
    row(
        REMOVE,
        "the last one",
        |s| s.kept = json!(s.first("olga", "/v1/me", "authenticators")),
        |s| delete(s, "olga", "authenticators", json!({"password": PASSWORD})),
        204,
        &["mfa.off accepted by user on olga; password; an id; -"],
    ),
    row(
        "POST /v1/me/backup-codes",
        "a new set",
        nothing,
        |s| s.post("mia", "/v1/me/backup-codes", json!({})),
        200,
        &["backup_codes.renew accepted by user on mia; backup_code; backup_code_set; -"],
    ),
    row(
        "POST /v1/me/backup-codes",
        "after a backup code",
        |s| {
            s.keep_challenge("mia");
            let answer = s.answer("backup_code", &s.codes[0]);
            let token = answer.body["session"]["token"].as_str().unwrap().to_owned();
            s.signed_in("mia", token);
        },
        |s| s.post("mia", "/v1/me/backup-codes", json!({})),
        403,
        &["access.refuse forbidden by user on mia; -; -; route"],
    ),
    row(
        "POST /v1/me/backup-codes/saved",
        "said",
        nothing,
        |s| s.post("mia", "/v1/me/backup-codes/saved", json!({})),
        204,
        &["backup_codes.save accepted by user on mia; backup_code; backup_code_set; -"],
    ),
    row(
        "POST /v1/me/prompt/declined",
        "not now",
        nothing,
        |s| s.post("nina", "/v1/me/prompt/declined", json!({})),
        204,
        &["prompt.decline accepted by user on nina; -; -; -"],
    ),
    row(
        "POST /v1/me/prompt/declined",
        "where nothing is offered",
        nothing,
        |s| s.post("mia", "/v1/me/prompt/declined", json!({})),
        204,
        &[],
    ),
    row(
        "PUT /v1/me/password",
        "a new one",
        nothing,
        |s| {
            s.by(
                "mia",
                Method::PUT,
                "/v1/me/password",
                json!({"password": NEW}),
            )
        },
        204,
        &["password.change accepted by user on mia; -; -; -"],
    ),
    row(
        OFF,
        "all of it",
        nothing,
        |s| {
            s.by(
                "mia",
                Method::DELETE,
                "/v1/me/mfa",
                json!({"password": PASSWORD}),
            )
        },
        204,
        &["mfa.off accepted by user on mia; password; -; -"],
    ),
    row(
        OFF,
        "a wrong password",
        nothing,
        |s| {
            s.by(
                "mia",
                Method::DELETE,
                "/v1/me/mfa",
                json!({"password": NEW}),
            )
        },
        401,
        &["mfa.off wrong by user on mia; password; -; -"],
    ),
    row(
        OFF,
        "where the policy requires it",
        |s| set_policy(&s.world, &json!({"mode": "required"})),
        |s| {
            s.by(
                "mia",
                Method::DELETE,
                "/v1/me/mfa",
                json!({"password": PASSWORD}),
            )
        },
        403,
        &[],
    ),
    row(
        "POST /v1/invitations/open",
        "a look",
        |s| s.keep_link(("bea", "invite"), "invitation", "invitation"),
        |s| s.nobody("/v1/invitations/open", json!({"token": s.kept})),
        200,
        &[],
    ),
    row(
        "POST /v1/invitations/accept",
        "a password",
        |s| s.keep_link(("bea", "invite"), "invitation", "invitation"),
        |s| {
            s.nobody(
                "/v1/invitations/accept",
                json!({"token": s.kept, "password": NEW}),
            )
        },
        204,
        &["invitation.accept accepted by user on bea; -; -; -"],
    ),
    row(
        "POST /v1/mail/not-me",
        "said",
        keep_not_me,
        |s| s.nobody("/v1/mail/not-me", json!({"token": s.kept})),
        204,
        &["mail.not_me accepted by user on nina; -; -; -"],
    ),
    row(
        FORGOTTEN,
        "by a user",
        nothing,
        |s| {
            s.nobody(
                "/v1/passwords/forgotten",
                json!({"organization": "acme", "username": "nina"}),
            )
        },
        204,
        &["password.forgotten accepted by user on nina; -; -; expires_at"],
    ),
    row(
        FORGOTTEN,
        "by nobody",
        nothing,
        |s| {
            s.nobody(
                "/v1/passwords/forgotten",
                json!({"organization": "acme", "username": "zoe"}),
            )
        },
        204,
        &[],
    ),
    row(
        "POST /v1/passwords/open",
        "a look",
        |s| s.keep_password_link("nina"),
        |s| s.nobody("/v1/passwords/open", json!({"token": s.kept})),
        200,
        &[],
    ),
    row(
        RESET,
        "a password",
        |s| s.keep_password_link("nina"),
        |s| {
            s.nobody(
                "/v1/passwords/reset",
                json!({"token": s.kept, "password": NEW}),
            )
        },
        204,
        &["password.reset accepted by user on nina; -; -; -"],
    ),
    row(
        RESET,
        "a password and a code",
        |s| s.keep_password_link("mia"),
        |s| reset(s, "totp", &s.code("mia")),
        204,
        &["password.reset accepted by user on mia; totp; authenticator; -"],
    ),
    row(
        RESET,
        "a password and a backup code",
        |s| s.keep_password_link("mia"),
        |s| reset(s, "backup_code", &s.codes[0]),
        204,
        &["password.reset accepted by user on mia; backup_code; backup_code_set; -"],
    ),
    row(
        RESET,
        "a password and a wrong code",
        |s| s.keep_password_link("mia"),
        |s| reset(s, "totp", "000000"),
        401,
        &["password.reset wrong by user on mia; totp; -; -"],
    ),
    row(
        RESET,
        "a password alone, where it takes a code",
        |s| s.keep_password_link("mia"),
        |s| {
            s.nobody(
                "/v1/passwords/reset",
                json!({"token": s.kept, "password": NEW}),
            )
        },
        401,
        &[],
    ),
];

fn delete(s: &Stage, who: &str, list: &str, body: Value) -> Answer {
    let path = format!("/v1/me/{list}/{}", s.kept.as_str().unwrap());
    s.by(who, Method::DELETE, &path, body)
}

/// Mia's app.
fn keep_authenticator(s: &mut Stage) {
    let shown = s.by("mia", Method::GET, "/v1/me", Value::Null);
    let mut all = shown.body["authenticators"].as_array().unwrap().iter();
    let app = all.find(|each| each["kind"] == "totp").unwrap();
    s.kept = app["id"].clone();
}

fn rename(s: &Stage, name: &str) -> Answer {
    let path = format!("/v1/me/authenticators/{}", s.kept.as_str().unwrap());
    s.by("mia", Method::PATCH, &path, json!({"name": name}))
}

fn reset(s: &Stage, method: &str, code: &str) -> Answer {
    let body = json!({"token": s.kept, "password": NEW, "method": method, "code": code});
    s.nobody("/v1/passwords/reset", body)
}

/// The link of the notice that Nina's second address is another.
fn keep_not_me(s: &mut Stage) {
    s.world.native.outside.take_posts();
    let address = json!({"second_email": "nina@home.test"});
    let path = format!("{USERS}/nina");
    s.application(Method::PATCH, &path, address);
    let posts = s.world.native.outside.take_posts();
    let body: Value = serde_json::from_str(&posts[0].body).unwrap();
    let link = body["data"]["links"]["not_me"].as_str().unwrap();
    s.kept = json!(link.split_once('#').unwrap().1);
}
