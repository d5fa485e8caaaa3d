//! What people see and change of their own.

use serde_json::json;

use super::{
    Operation,
    examples::{
        AUTHENTICATOR, ENROLLMENT, HANDLE, LATER, NONCE, NOW, SESSION, SOON, TOKEN, TOMORROW,
        authenticator, backup_codes, device, session,
    },
};

pub fn operations() -> Vec<(&'static str, Operation)> {
    let mut operations = kept();
    operations.extend(enrollments());
    operations.extend(authenticators());
    operations
}

const TAG: &str = "Account";

fn kept() -> Vec<(&'static str, Operation)> {
    vec![
        (
            "GET /v1/me",
            Operation {
                id: "showMe",
                tag: TAG,
                summary: "Show everything that the security page shows",
                refuses: &[],
                request: None,
                answer: Some(json!({
                    "user": {
                        "id": "alice", "username": "alice", "name": "Alice", "email": "alice@acme.test",
                        "role": "member",
                    },
                    "gives": [],
                    "organization": { "id": "acme", "name": "Acme" },
                    "session": session(),
                    "authenticators": [authenticator()],
                    "backup_codes": { "remaining": 9, "format": "digits8", "created_at": NOW, "saved_at": NOW, "last_used_at": null },
                    "trusted_devices": [device()],
                    "enrollment": null,
                    "policy": { "mode": "required" },
                    "has_password": true,
                    "passkeys": { "rp_id": "acme.test", "user_handle": HANDLE },
                })),
            },
        ),
        (
            "GET /v1/me/activity",
            Operation {
                id: "showActivity",
                tag: TAG,
                summary: "Show what happened to the caller's account in the last 30 days, the newest first",
                refuses: &[],
                request: None,
                answer: Some(json!({ "events": [{
                    "at": NOW, "action": "mfa.revoke", "outcome": "accepted", "actor": "admin", "by": "Cho Carter",
                    "method": null, "browser": "Firefox on Linux", "ip": "203.0.113.7",
                }]})),
            },
        ),
        (
            "GET /v1/me/sessions",
            Operation {
                id: "listSessions",
                tag: TAG,
                summary: "List the caller's sessions, the last used one first",
                refuses: &[],
                request: None,
                answer: Some(json!({ "sessions": [{
                    "id": SESSION, "aal": "aal2", "born_at": NOW, "last_used_at": NOW, "current": true,
                    "name": "Firefox on Linux", "user_agent": "Mozilla/5.0",
                }]})),
            },
        ),
        (
            "DELETE /v1/me/sessions",
            Operation {
                id: "endOtherSessions",
                tag: TAG,
                summary: "End all sessions of the caller but this one",
                refuses: &["conflict"],
                request: None,
                answer: None,
            },
        ),
        (
            "DELETE /v1/me/sessions/{id}",
            Operation {
                id: "endSession",
                tag: TAG,
                summary: "End a session of the caller",
                refuses: &["conflict", "not_found"],
                request: None,
                answer: None,
            },
        ),
        (
            "GET /v1/me/trusted-devices",
            Operation {
                id: "listTrustedDevices",
                tag: TAG,
                summary: "List the browsers that the caller trusts, the newest first",
                refuses: &[],
                request: None,
                answer: Some(json!({ "trusted_devices": [device()] })),
            },
        ),
        (
            "DELETE /v1/me/trusted-devices",
            Operation {
                id: "revokeTrustedDevices",
                tag: TAG,
                summary: "End trust in all browsers of the caller",
                refuses: &["conflict"],
                request: None,
                answer: None,
            },
        ),
        (
            "DELETE /v1/me/trusted-devices/{id}",
            Operation {
                id: "revokeTrustedDevice",
                tag: TAG,
                summary: "End trust in a browser of the caller",
                refuses: &["conflict", "not_found"],
                request: None,
                answer: None,
            },
        ),
        (
            "POST /v1/mail/not-me",
            Operation {
                id: "sayNotMe",
                tag: TAG,
                summary: "Say by the link of a notice that it was not the person: everything is signed out",
                refuses: &["expired", "not_accepted"],
                request: Some(json!({ "token": "pl_no_AmsxAAECAwQFBgcICQoLDA0ODw" })),
                answer: None,
            },
        ),
        (
            "POST /v1/invitations/open",
            Operation {
                id: "openInvitation",
                tag: TAG,
                summary: "Say whom the mailed link of an invitation is for; nothing changes",
                refuses: &["expired", "not_accepted"],
                request: Some(json!({ "token": "pl_in_AmsxAAECAwQFBgcICQoLDA0ODw" })),
                answer: Some(json!({
                    "organization": "acme", "organization_name": "Acme", "username": "alice",
                    "second_factor": false, "methods": [], "enrolls": true, "expires_at": TOMORROW,
                })),
            },
        ),
        (
            "POST /v1/invitations/accept",
            Operation {
                id: "acceptInvitation",
                tag: TAG,
                summary: "Choose the first password by the mailed link of an invitation",
                refuses: &["conflict", "expired", "not_accepted", "throttled"],
                request: Some(json!({
                    "token": "pl_in_AmsxAAECAwQFBgcICQoLDA0ODw", "password": "correct horse battery staple",
                })),
                answer: None,
            },
        ),
        (
            "POST /v1/passwords/forgotten",
            Operation {
                id: "forgetPassword",
                tag: TAG,
                summary: "Mail a user a link to a new password; the answer is the same whether or not there is such a user",
                refuses: &[],
                request: Some(json!({ "organization": "acme", "username": "alice" })),
                answer: None,
            },
        ),
        (
            "POST /v1/passwords/open",
            Operation {
                id: "openPassword",
                tag: TAG,
                summary: "Say whom the mailed link to a new password is for; nothing changes",
                refuses: &["expired", "not_accepted"],
                request: Some(json!({ "token": "pl_pw_AmsxAAECAwQFBgcICQoLDA0ODw" })),
                answer: Some(json!({
                    "organization": "acme", "organization_name": "Acme", "username": "alice",
                    "second_factor": true, "methods": ["totp", "backup_code"], "enrolls": false,
                    "expires_at": SOON,
                })),
            },
        ),
        (
            "POST /v1/passwords/reset",
            Operation {
                id: "resetPassword",
                tag: TAG,
                summary: "Choose a new password by a mailed link, with the second factor of a user who has one",
                refuses: &["conflict", "expired", "not_accepted", "throttled"],
                request: Some(json!({
                    "token": "pl_pw_AmsxAAECAwQFBgcICQoLDA0ODw", "password": "correct horse battery staple",
                    "method": "totp", "code": "492039",
                })),
                answer: None,
            },
        ),
        (
            "PUT /v1/me/password",
            Operation {
                id: "putPassword",
                tag: TAG,
                summary: "Change the built-in password",
                refuses: &["conflict", "throttled"],
                request: Some(json!({ "password": "correct horse battery staple" })),
                answer: None,
            },
        ),
    ]
}

fn enrollments() -> Vec<(&'static str, Operation)> {
    vec![
        (
            "POST /v1/me/totp",
            Operation {
                id: "startTotp",
                tag: TAG,
                summary: "Show the secret of a pending authenticator app, or a new one",
                refuses: &["conflict", "throttled"],
                request: Some(json!({})),
                answer: Some(json!({ "enrollment": {
                    "id": ENROLLMENT, "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
                    "key_uri": "otpauth://totp/Acme:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Acme",
                    "expires_at": LATER,
                }})),
            },
        ),
        (
            "POST /v1/me/totp/confirm",
            Operation {
                id: "confirmTotp",
                tag: TAG,
                summary: "Confirm an authenticator app by a code",
                refuses: &[
                    "conflict",
                    "expired",
                    "not_accepted",
                    "not_found",
                    "policy_forbids",
                    "throttled",
                ],
                request: Some(
                    json!({ "enrollment": ENROLLMENT, "code": "123456", "name": "My phone" }),
                ),
                answer: Some(json!({
                    "authenticator": authenticator(), "session": session(), "backup_codes": backup_codes(),
                })),
            },
        ),
        (
            "POST /v1/me/passkeys",
            Operation {
                id: "startPasskey",
                tag: TAG,
                summary: "Begin to add a passkey",
                refuses: &["conflict"],
                request: Some(json!({})),
                answer: Some(json!({ "enrollment": {
                    "token": TOKEN,
                    "options": {
                        "rp": { "id": "acme.test", "name": "Acme" },
                        "user": { "id": HANDLE, "name": "alice", "displayName": "Alice" },
                        "challenge": NONCE,
                        "pubKeyCredParams": [
                            { "type": "public-key", "alg": -8 },
                            { "type": "public-key", "alg": -7 },
                            { "type": "public-key", "alg": -257 },
                        ],
                        "timeout": 300_000,
                        "excludeCredentials": [],
                        "authenticatorSelection": {
                            "residentKey": "preferred", "requireResidentKey": false,
                            "userVerification": "preferred",
                        },
                        "attestation": "none",
                    },
                    "expires_at": SOON,
                }})),
            },
        ),
        (
            "POST /v1/me/passkeys/confirm",
            Operation {
                id: "confirmPasskey",
                tag: TAG,
                summary: "Confirm a passkey by what the browser made",
                refuses: &[
                    "conflict",
                    "expired",
                    "not_accepted",
                    "policy_forbids",
                    "throttled",
                ],
                request: Some(json!({
                    "enrollment": TOKEN,
                    "credential": {
                        "id": "AAEC", "rawId": "AAEC", "type": "public-key",
                        "response": {
                            "clientDataJSON": "e30", "attestationObject": "oA", "transports": ["internal"],
                        },
                    },
                    "name": "My laptop",
                })),
                answer: Some(json!({
                    "authenticator": {
                        "id": AUTHENTICATOR, "kind": "passkey", "name": "My laptop", "created_at": NOW,
                        "last_used_at": NOW, "credential_id": "AAEC", "synced": true,
                    },
                    "session": session(),
                })),
            },
        ),
    ]
}

fn authenticators() -> Vec<(&'static str, Operation)> {
    vec![
        (
            "PATCH /v1/me/authenticators/{id}",
            Operation {
                id: "renameAuthenticator",
                tag: TAG,
                summary: "Rename an authenticator",
                refuses: &["conflict", "not_found"],
                request: Some(json!({ "name": "My phone" })),
                answer: Some(json!({ "authenticator": authenticator() })),
            },
        ),
        (
            "DELETE /v1/me/authenticators/{id}",
            Operation {
                id: "removeAuthenticator",
                tag: TAG,
                summary: "Remove an authenticator; the last one as all of them are turned off",
                refuses: &[
                    "conflict",
                    "not_accepted",
                    "not_found",
                    "policy_forbids",
                    "throttled",
                ],
                request: Some(json!({})),
                answer: None,
            },
        ),
        (
            "POST /v1/me/backup-codes",
            Operation {
                id: "renewBackupCodes",
                tag: TAG,
                summary: "Issue new backup codes in the place of the old ones",
                refuses: &["conflict", "throttled"],
                request: Some(json!({})),
                answer: Some(json!({ "backup_codes": backup_codes() })),
            },
        ),
        (
            "POST /v1/me/backup-codes/saved",
            Operation {
                id: "backupCodesSaved",
                tag: TAG,
                summary: "Say that the backup codes are kept somewhere",
                refuses: &["conflict", "not_found"],
                request: Some(json!({})),
                answer: None,
            },
        ),
        (
            "POST /v1/me/prompt/declined",
            Operation {
                id: "declinePrompt",
                tag: TAG,
                summary: "Say \"not now\" to the offer to enroll",
                refuses: &["conflict"],
                request: Some(json!({})),
                answer: None,
            },
        ),
        (
            "DELETE /v1/me/mfa",
            Operation {
                id: "turnOff",
                tag: TAG,
                summary: "Turn off all second factors",
                refuses: &["conflict", "not_accepted", "policy_forbids", "throttled"],
                request: Some(json!({ "password": "correct horse battery staple" })),
                answer: None,
            },
        ),
    ]
}
