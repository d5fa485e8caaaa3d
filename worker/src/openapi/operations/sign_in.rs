//! Sign-ins, challenges, sessions, and the service itself.

use serde_json::json;

use super::{
    Operation,
    examples::{JWT, NOW, SESSION, SOON, TOKEN, TOMORROW, challenge, request_options, session},
};

pub fn operations() -> Vec<(&'static str, Operation)> {
    let mut operations = sign_ins();
    operations.extend(sessions());
    operations.extend(service());
    operations
}

fn sign_ins() -> Vec<(&'static str, Operation)> {
    let tag = "Sign-ins";
    vec![
        (
            "POST /v1/sign-ins",
            Operation {
                id: "signIn",
                tag,
                summary: "Ask whether a first factor that an application has checked is enough",
                refuses: &["expired", "not_accepted", "not_found"],
                request: Some(json!({
                    "organization": "acme", "user": "alice", "first_factor": { "method": "password" },
                    "surface": "control_panel", "session": "bearer",
                })),
                answer: Some(json!({
                    "decision": "challenge", "reasons": ["policy.required", "evidence.enrolled"],
                    "challenge": challenge(),
                })),
            },
        ),
        (
            "POST /v1/resets/open",
            Operation {
                id: "openReset",
                tag,
                summary: "Say whom the mailed link of a reset is for; nothing changes",
                refuses: &["expired", "not_accepted", "throttled"],
                request: Some(json!({ "token": "pl_re_azE6AAECAwQFBgcICQoLDA0ODw" })),
                answer: Some(json!({
                    "organization": "acme", "organization_name": "Acme", "username": "alice", "password": true,
                    "expires_at": SOON,
                })),
            },
        ),
        (
            "POST /v1/sign-ins/password",
            Operation {
                id: "signInByPassword",
                tag,
                summary: "Sign in by a name and the built-in password",
                refuses: &["expired", "not_accepted", "throttled"],
                request: Some(json!({
                    "organization": "acme", "username": "alice", "password": "correct horse battery staple",
                })),
                answer: Some(json!({
                    "decision": "challenge", "reasons": ["evidence.enrolled"], "challenge": challenge(),
                })),
            },
        ),
        (
            "POST /v1/sign-ins/passkey",
            Operation {
                id: "beginPasskeySignIn",
                tag,
                summary: "Begin a sign-in by a passkey alone",
                refuses: &[],
                request: Some(json!({ "surface": "control_panel" })),
                answer: Some(json!({ "challenge": {
                    "token": TOKEN, "methods": ["passkey"], "passkey": request_options(json!([])),
                    "expires_at": SOON,
                }})),
            },
        ),
        (
            "POST /v1/challenges",
            Operation {
                id: "openStepUp",
                tag,
                summary: "Open a challenge to show a factor again",
                refuses: &["conflict"],
                request: Some(json!({ "purpose": "step_up" })),
                answer: Some(json!({ "challenge": challenge() })),
            },
        ),
        (
            "POST /v1/challenges/verify",
            Operation {
                id: "answerChallenge",
                tag,
                summary: "Answer a challenge, whatever it is for",
                refuses: &[
                    "authenticator_required",
                    "expired",
                    "not_accepted",
                    "throttled",
                    "unauthenticated",
                ],
                request: Some(json!({ "challenge": TOKEN, "method": "totp", "code": "123456" })),
                answer: Some(json!({
                    "decision": "complete", "reasons": ["evidence.second_factor"], "session": session(),
                    "assurance": JWT,
                })),
            },
        ),
        (
            "POST /v1/challenges/help",
            Operation {
                id: "askForHelp",
                tag,
                summary: "Learn whom to ask when a challenge cannot be answered, and send them a request",
                refuses: &["expired", "not_accepted"],
                request: Some(json!({ "challenge": TOKEN, "send": true })),
                answer: Some(
                    json!({ "people": ["Olive Owner"], "support": "help@acme.test", "can_send": true, "sent_at": NOW }),
                ),
            },
        ),
    ]
}

fn sessions() -> Vec<(&'static str, Operation)> {
    let tag = "Sign-ins";
    vec![
        (
            "GET /v1/session",
            Operation {
                id: "showSession",
                tag,
                summary: "Show what the session proves, and what the policy says to that now",
                refuses: &[],
                request: None,
                answer: Some(json!({
                    "session": session(), "username": "alice", "organization": { "id": "acme", "name": "Acme" },
                    "decision": "complete", "reasons": ["evidence.second_factor"], "assurance": JWT,
                })),
            },
        ),
        (
            "DELETE /v1/session",
            Operation {
                id: "signOut",
                tag,
                summary: "Sign out",
                refuses: &["conflict"],
                request: None,
                answer: None,
            },
        ),
        (
            "POST /v1/sessions/introspect",
            Operation {
                id: "introspectSession",
                tag,
                summary: "Check a session strictly: is it active now?",
                refuses: &[],
                request: Some(json!({ "token": "ps_AAECAwQFBgcICQoLDA0ODw", "touch": true })),
                answer: Some(json!({
                    "active": true, "iss": "https://login.acme.test", "aud": "acme", "sub": "alice",
                    "org": "acme", "sid": SESSION, "aal": "aal2", "amr": ["pwd", "otp", "mfa"],
                    "auth_time": NOW, "surface": "control_panel", "restricted": false,
                    "trusted_device": false, "exp": TOMORROW,
                })),
            },
        ),
    ]
}

fn service() -> Vec<(&'static str, Operation)> {
    let tag = "Service";
    vec![
        (
            "GET /.well-known/jwks.json",
            Operation {
                id: "showKeys",
                tag,
                summary: "The keys that assurance tokens are checked with",
                refuses: &[],
                request: None,
                answer: Some(json!({ "keys": [{
                    "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "k1",
                    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
                }]})),
            },
        ),
        (
            "GET /healthz",
            Operation {
                id: "showHealth",
                tag,
                summary: "Whether everything is there that the service needs",
                refuses: &[],
                request: None,
                answer: Some(json!({ "status": "ok" })),
            },
        ),
    ]
}
