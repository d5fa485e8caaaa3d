//! Rows of sign-ins, challenges and sessions.

use http::Method;
use serde_json::{Value, json};

use super::{
    Case, nothing, row,
    stage::{ACME, Stage},
};
use crate::people::USERS;

const SIGN_INS: &str = "POST /v1/sign-ins";
const PASSWORD: &str = "POST /v1/sign-ins/password";
const VERIFY: &str = "POST /v1/challenges/verify";
const HELP: &str = "POST /v1/challenges/help";

const OPENED: &str = "challenge.open accepted by user on mia; -; -; purpose,surface";

pub const CASES: &[Case] = &[
    row(
        SIGN_INS,
        "a question",
        nothing,
        |s| s.asked("mia", &Value::Null),
        200,
        &[OPENED],
    ),
    row(
        SIGN_INS,
        "enough",
        nothing,
        |s| s.asked("nina", &Value::Null),
        200,
        &["sign_in.first_factor accepted by user on nina; password; -; -"],
    ),
    row(
        SIGN_INS,
        "by a provider",
        nothing,
        |s| {
            s.asked(
                "nina",
                &json!({"first_factor": {"method": "sso", "amr": ["mfa"]}}),
            )
        },
        200,
        &["sign_in.first_factor accepted by user on nina; sso; -; amr,multi_factor"],
    ),
    row(
        SIGN_INS,
        "a trusted device",
        nothing,
        |s| s.asked("mia", &json!({"trusted_device": s.device})),
        200,
        &["sign_in.first_factor accepted/accepted by user on mia; password; trusted_device; -"],
    ),
    row(
        SIGN_INS,
        "a trusted device's token of before",
        |s| {
            s.asked("mia", &json!({"trusted_device": s.device}));
            s.wait(61);
        },
        |s| s.asked("mia", &json!({"trusted_device": s.device})),
        200,
        &[
            "sign_in.first_factor accepted/reused by user on mia; password; trusted_device; -",
            OPENED,
        ],
    ),
    row(
        SIGN_INS,
        "a trusted device that ended",
        |s| {
            s.by("mia", Method::DELETE, "/v1/me/trusted-devices", Value::Null);
        },
        |s| s.asked("mia", &json!({"trusted_device": s.device})),
        200,
        &[
            "sign_in.first_factor accepted/ended by user on mia; password; trusted_device; -",
            OPENED,
        ],
    ),
    row(
        SIGN_INS,
        "a user who may not sign in",
        |s| {
            let path = format!("{USERS}/nina");
            s.application(Method::PATCH, &path, json!({"state": "disabled"}));
        },
        |s| s.asked("nina", &Value::Null),
        200,
        &[],
    ),
    row(
        SIGN_INS,
        "the link of a reset",
        |s| s.keep_link(("mia", "reset-mfa"), "reset_started", "reset"),
        |s| s.asked("mia", &json!({"reset": s.kept})),
        200,
        &["sign_in.first_factor accepted by user on mia; password; -; -"],
    ),
    row(
        PASSWORD,
        "enough",
        nothing,
        |s| s.right_password("nina"),
        200,
        &["sign_in.first_factor accepted by user on nina; password; -; -"],
    ),
    row(
        PASSWORD,
        "right, and a second factor asked for",
        nothing,
        |s| s.right_password("mia"),
        200,
        &[
            "sign_in.first_factor accepted by user on mia; password; -; -",
            OPENED,
        ],
    ),
    row(
        PASSWORD,
        "wrong",
        nothing,
        |s| s.password("nina", "not the password"),
        401,
        &["sign_in.first_factor wrong by user on nina; password; -; -"],
    ),
    row(
        PASSWORD,
        "the last of a day",
        |s| {
            s.password("nina", "not the password");
            s.world.run(
                "UPDATE throttle SET in_window = 99, not_before = 0 WHERE method = 'password'",
            );
        },
        |s| s.password("nina", "not the password"),
        401,
        &["sign_in.first_factor wrong by user on nina; password; -; closes"],
    ),
    row(
        PASSWORD,
        "a name that no user has",
        nothing,
        |s| s.password("zoe", "not the password"),
        401,
        &["sign_in.first_factor wrong by user on a stranger; password; -; -"],
    ),
    row(
        PASSWORD,
        "through a closed throttle",
        |s| {
            s.password("nina", "not the password");
            s.world
                .run("UPDATE throttle SET not_before = 1 << 40 WHERE method = 'password'");
        },
        |s| s.right_password("nina"),
        429,
        &[],
    ),
    row(
        "POST /v1/sign-ins/passkey",
        "a question to nobody known",
        nothing,
        |s| s.nobody("/v1/sign-ins/passkey", json!({})),
        200,
        &[],
    ),
    row(
        "POST /v1/resets/open",
        "a look",
        |s| s.keep_link(("mia", "reset-mfa"), "reset_started", "reset"),
        |s| s.nobody("/v1/resets/open", json!({"token": s.kept})),
        200,
        &[],
    ),
    row(
        "POST /v1/challenges",
        "a step-up",
        nothing,
        |s| s.post("mia", "/v1/challenges", json!({"purpose": "step_up"})),
        200,
        &[OPENED],
    ),
    row(
        VERIFY,
        "a right code",
        |s| s.keep_challenge("mia"),
        |s| s.answer("totp", &s.code("mia")),
        200,
        &["sign_in.verify accepted by user on mia; totp; authenticator; opened_at"],
    ),
    row(
        VERIFY,
        "a right code, and trust",
        |s| s.keep_challenge("mia"),
        |s| {
            let body = json!({"challenge": s.kept["token"], "method": "totp", "code": s.code("mia"),
                "trust_device": true});
            s.nobody("/v1/challenges/verify", body)
        },
        200,
        &[
            "sign_in.verify accepted by user on mia; totp; authenticator; opened_at",
            "trusted_device.grant accepted by user on mia; totp; trusted_device; expires_at",
        ],
    ),
    row(
        VERIFY,
        "a wrong code",
        |s| s.keep_challenge("mia"),
        |s| s.answer("totp", "000000"),
        401,
        &["sign_in.verify wrong by user on mia; totp; -; opened_at"],
    ),
    row(
        VERIFY,
        "a code again",
        |s| {
            s.keep_challenge("mia");
            s.answer("totp", &s.code("mia"));
            s.kept = s.ask("mia");
        },
        |s| s.answer("totp", &s.code("mia")),
        401,
        &["sign_in.verify replayed by user on mia; totp; authenticator; opened_at"],
    ),
    row(
        VERIFY,
        "the ninth wrong code of a day",
        |s| {
            s.keep_challenge("mia");
            s.answer("totp", "000000");
            s.world
                .run("UPDATE throttle SET in_window = 8, not_before = 0 WHERE method = 'totp'");
        },
        |s| s.answer("totp", "000000"),
        401,
        &["sign_in.verify wrong by user on mia; totp; -; closes,opened_at"],
    ),
    row(
        VERIFY,
        "the hundredth wrong code in a row",
        |s| {
            s.keep_challenge("mia");
            s.answer("totp", "000000");
            s.world
                .run("UPDATE throttle SET in_row = 99, not_before = 0 WHERE method = 'totp'");
        },
        |s| s.answer("totp", "000000"),
        401,
        &["sign_in.verify wrong by user on mia; totp; -; closes,opened_at"],
    ),
    row(
        VERIFY,
        "a right code through a closed throttle",
        |s| {
            s.keep_challenge("mia");
            s.answer("totp", "000000");
            s.world
                .run("UPDATE throttle SET not_before = 1 << 40 WHERE method = 'totp'");
        },
        |s| s.answer("totp", &s.code("mia")),
        429,
        &[],
    ),
    row(
        VERIFY,
        "a spent challenge",
        |s| {
            s.keep_challenge("mia");
            s.answer("totp", &s.code("mia"));
        },
        |s| s.answer("totp", &s.code("mia")),
        410,
        &[],
    ),
    row(
        VERIFY,
        "what is no challenge",
        nothing,
        |s| s.answer("totp", "000000"),
        400,
        &[],
    ),
    row(
        VERIFY,
        "a backup code",
        |s| s.keep_challenge("mia"),
        |s| s.answer("backup_code", &s.codes[0]),
        200,
        &["sign_in.verify accepted by user on mia; backup_code; backup_code_set; opened_at"],
    ),
    row(
        VERIFY,
        "a wrong backup code",
        |s| s.keep_challenge("mia"),
        |s| s.answer("backup_code", &"0".repeat(s.codes[0].len())),
        401,
        &["sign_in.verify wrong by user on mia; backup_code; backup_code_set; opened_at"],
    ),
    row(
        VERIFY,
        "a backup code again",
        |s| {
            s.keep_challenge("mia");
            s.answer("backup_code", &s.codes[0]);
            s.keep_challenge("mia");
        },
        |s| s.answer("backup_code", &s.codes[0]),
        401,
        &["sign_in.verify used by user on mia; backup_code; backup_code_set; opened_at"],
    ),
    row(
        VERIFY,
        "a passkey",
        |s| s.keep_challenge("mia"),
        |s| s.answer_by_passkey(0),
        200,
        &["sign_in.verify accepted by user on mia; passkey; authenticator; opened_at"],
    ),
    row(
        VERIFY,
        "a passkey whose count went back",
        |s| {
            s.keep_challenge("mia");
            s.answer_by_passkey(9);
            s.keep_challenge("mia");
        },
        |s| s.answer_by_passkey(3),
        200,
        &["sign_in.verify possible_clone by user on mia; passkey; authenticator; opened_at"],
    ),
    row(
        VERIFY,
        "what a passkey signed for another challenge",
        |s| {
            s.keep_challenge("mia");
            s.kept["token"] = s.ask("mia")["token"].clone();
        },
        |s| s.answer_by_passkey(0),
        401,
        &["sign_in.verify wrong by user on mia; passkey; -; flaw,opened_at"],
    ),
    row(
        VERIFY,
        "a passkey alone",
        |s| s.kept = s.nobody("/v1/sign-ins/passkey", json!({})).body["challenge"].clone(),
        |s| s.answer_by_passkey(0),
        200,
        &["sign_in.passkey accepted by user on mia; passkey; authenticator; opened_at"],
    ),
    row(
        VERIFY,
        "a step-up",
        |s| s.keep_step_up("mia"),
        |s| s.answer_by("mia", "totp", &s.code("mia")),
        200,
        &["step_up.verify accepted by user on mia; totp; authenticator; opened_at"],
    ),
    row(
        VERIFY,
        "a step-up by a backup code",
        |s| s.keep_step_up("mia"),
        |s| s.answer_by("mia", "backup_code", &s.codes[0]),
        200,
        &["step_up.verify accepted by user on mia; backup_code; backup_code_set; opened_at"],
    ),
    row(
        VERIFY,
        "a wrong step-up",
        |s| s.keep_step_up("mia"),
        |s| s.answer_by("mia", "totp", "000000"),
        401,
        &["step_up.verify wrong by user on mia; totp; -; opened_at"],
    ),
    row(
        VERIFY,
        "a step-up in another session",
        |s| s.keep_step_up("mia"),
        |s| s.answer_by("nina", "totp", "000000"),
        401,
        &[],
    ),
    row(
        HELP,
        "a look",
        |s| s.keep_challenge("mia"),
        |s| s.nobody("/v1/challenges/help", json!({"challenge": s.kept["token"]})),
        200,
        &[],
    ),
    row(
        HELP,
        "a request",
        |s| s.keep_challenge("mia"),
        help,
        200,
        &["help.request accepted by user on mia; -; -; -"],
    ),
    row(
        HELP,
        "a request again",
        |s| {
            s.keep_challenge("mia");
            help(s);
        },
        help,
        200,
        &[],
    ),
    row(
        "DELETE /v1/session",
        "signed out",
        nothing,
        |s| s.by("mia", Method::DELETE, "/v1/session", Value::Null),
        204,
        &["session.end accepted by user on mia; -; session; -"],
    ),
    row(
        "POST /v1/sessions/introspect",
        "a look",
        |s| s.kept = s.right_password("nina").body["session"].clone(),
        |s| {
            let body = json!({"token": s.kept["token"]});
            s.application(Method::POST, "/v1/sessions/introspect", body)
        },
        200,
        &[],
    ),
    row(
        "POST /v1/organizations/{org}/policy/preview",
        "a look",
        |s| {
            s.kept = s
                .by("olga", Method::GET, &format!("{ACME}/policy"), Value::Null)
                .body
        },
        |s| {
            let path = format!("{ACME}/policy/preview");
            s.post("olga", &path, json!({"policy": s.kept["policy"]}))
        },
        200,
        &[],
    ),
];

fn help(s: &Stage) -> crate::world::Answer {
    let body = json!({"challenge": s.kept["token"], "send": true});
    s.nobody("/v1/challenges/help", body)
}
