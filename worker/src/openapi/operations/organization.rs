//! What applications and owners change.

use serde_json::json;

use super::{
    Operation,
    examples::{EVENT, NOW, TOMORROW, policy, user},
};

pub fn operations() -> Vec<(&'static str, Operation)> {
    let mut operations = set_up();
    operations.extend(organizations());
    operations.push(overview());
    operations.extend(policies());
    operations.extend(users());
    operations.extend(help());
    operations
}

const TAG: &str = "Organizations";

fn set_up() -> Vec<(&'static str, Operation)> {
    vec![
        (
            "GET /v1/set-up",
            Operation {
                id: "showSetUp",
                tag: TAG,
                summary: "Ask whether the operator's code opens set-up: 410 once it was used",
                refuses: &[],
                request: None,
                answer: None,
            },
        ),
        (
            "POST /v1/set-up",
            Operation {
                id: "setUp",
                tag: TAG,
                summary: "Make a first organization and its first owner, once and never again",
                refuses: &["conflict", "throttled"],
                request: Some(json!({
                    "organization": "acme", "organization_name": "Acme", "username": "olga@acme.test",
                    "name": "Olga", "email": "olga@acme.test", "password": "a long password 42",
                    "mode": "required",
                })),
                answer: None,
            },
        ),
    ]
}

fn organizations() -> Vec<(&'static str, Operation)> {
    let organization = json!({ "organization": {
        "id": "acme", "name": "Acme", "created_at": NOW, "support": "help@acme.test", "language": "en", "audit_days": 400,
        "owners": 1,
    } });
    vec![
        (
            "PUT /v1/organizations/{org}",
            Operation {
                id: "putOrganization",
                tag: TAG,
                summary: "Make an organization, or rename it",
                refuses: &[],
                request: Some(json!({ "name": "Acme" })),
                answer: Some(organization.clone()),
            },
        ),
        (
            "GET /v1/organizations/{org}",
            Operation {
                id: "showOrganization",
                tag: TAG,
                summary: "Show an organization",
                refuses: &["not_found"],
                request: None,
                answer: Some(organization.clone()),
            },
        ),
        (
            "PATCH /v1/organizations/{org}",
            Operation {
                id: "changeOrganization",
                tag: TAG,
                summary: "Change what an organization is called, and whom to ask for help",
                refuses: &["conflict", "not_found"],
                request: Some(
                    json!({ "support": "help@acme.test", "language": "de", "audit_days": 365 }),
                ),
                answer: Some(organization),
            },
        ),
    ]
}

fn overview() -> (&'static str, Operation) {
    let attacks: Vec<_> = (1_787_443_200_u64..1_790_035_200)
        .step_by(86_400)
        .map(|from| json!({ "from": from, "wrong": 0, "locks": 0, "refused_devices": 0 }))
        .collect();
    (
        "GET /v1/organizations/{org}/overview",
        Operation {
            id: "showOverview",
            tag: TAG,
            summary: "Show an organization at a glance: factors, deadlines, attacks",
            refuses: &["not_found"],
            request: None,
            answer: Some(json!({ "overview": {
                "now": {
                    "people": 2, "missing": 1, "totp": 1, "passkey": 0, "both": 0,
                    "backup_codes_low": 1, "backup_codes_none": 0, "trusted_devices": 1, "locked": 1, "disabled": 0,
                },
                "enrollment": [{ "from": 1_789_948_800, "people": 2, "enrolled": 1, "missing": 1 }],
                "due": {
                    "mode": "required", "deadline": TOMORROW, "next": TOMORROW, "people": 1,
                    "first": [{ "id": "bob", "name": "Bob Baker" }],
                },
                "attacks": attacks,
                "under_attack": [{
                    "id": "alice", "name": "Alice", "tries": 9, "networks": 2, "locked": true, "locked_until": TOMORROW,
                }],
            } })),
        },
    )
}

fn audit_events() -> (&'static str, Operation) {
    let event = json!({
        "id": EVENT, "at": NOW, "action": "mfa.revoke", "outcome": "accepted",
        "actor": { "kind": "admin", "id": "cho", "name": "Cho Carter" },
        "person": { "id": "bob", "name": "Bob Baker", "deleted": false },
        "method": null, "subject": "bob", "authenticator": null, "trusted_device": null,
        "detail": { "ended": { "authenticators": 1 } }, "personal_removed": false,
        "ip": "203.0.113.7", "browser": "Firefox on Linux",
        "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
        "request_id": "9c1f0a7e5d3b4c62",
    });
    (
        "GET /v1/organizations/{org}/audit-events",
        Operation {
            id: "listAuditEvents",
            tag: TAG,
            summary: "Read the audit log, the newest first; that it is read is recorded, too, once an hour of each reader",
            refuses: &["not_found"],
            request: None,
            answer: Some(json!({
                "events": [event], "next_cursor": null, "searched_until": null,
                "count": { "events": 1, "or_more": false },
            })),
        },
    )
}

fn policies() -> Vec<(&'static str, Operation)> {
    let version = 1_790_000_000_000_u64;
    vec![
        (
            "GET /v1/organizations/{org}/policy",
            Operation {
                id: "showPolicy",
                tag: TAG,
                summary: "Show the policy in force",
                refuses: &["not_found"],
                request: None,
                answer: Some(json!({ "policy": policy(), "version": version })),
            },
        ),
        (
            "PUT /v1/organizations/{org}/policy",
            Operation {
                id: "putPolicy",
                tag: TAG,
                summary: "Replace the policy that was read",
                refuses: &["conflict", "not_found"],
                request: Some(json!({ "policy": policy(), "version": version })),
                answer: Some(json!({ "policy": policy(), "version": version + 1 })),
            },
        ),
        (
            "POST /v1/organizations/{org}/policy/preview",
            Operation {
                id: "previewPolicy",
                tag: TAG,
                summary: "Find out what a policy would ask of which people, and from when",
                refuses: &["not_found"],
                request: Some(json!({ "policy": { "mode": "required", "grace_until": TOMORROW } })),
                answer: Some(json!({
                    "preview": {
                        "people": 2, "affected": 1,
                        "effects": [
                            { "change": "enrolls", "from": TOMORROW, "people": 1, "named": ["bob"] },
                        ],
                    },
                    "version": version, "enrolled": 1, "locks_out": null, "unreadable": 0,
                })),
            },
        ),
        (
            "GET /v1/organizations/{org}/policy/facts",
            Operation {
                id: "showPolicyFacts",
                tag: TAG,
                summary: "Show what a policy depends on, to preview one in the browser",
                refuses: &["not_found"],
                request: None,
                answer: Some(json!({
                    "people": [{
                        "name": "Alice",
                        "facts": {
                            "user": "alice", "role": "member", "groups": ["staff"], "authenticators": 1,
                            "sso": false, "amr": [], "trusted_devices": 1,
                        },
                    }],
                    "next_cursor": null, "unreadable": 0, "surfaces": ["control_panel"],
                })),
            },
        ),
    ]
}

fn users() -> Vec<(&'static str, Operation)> {
    let stored = json!({ "user": user() });
    vec![
        audit_events(),
        (
            "GET /v1/organizations/{org}/groups",
            Operation {
                id: "listGroups",
                tag: TAG,
                summary: "List the groups that users are in, as one types",
                refuses: &["not_found"],
                request: None,
                answer: Some(
                    json!({ "groups": [{ "name": "staff", "people": 7 }], "next_cursor": null }),
                ),
            },
        ),
        (
            "GET /v1/organizations/{org}/users",
            Operation {
                id: "listUsers",
                tag: TAG,
                summary: "List users, search them, and count them",
                refuses: &["not_found"],
                request: None,
                answer: Some(json!({ "users": [user()], "next_cursor": null,
                    "counts": { "people": 1, "enrolled": 1, "missing": 0, "exempt": 0, "restricted": 0, "locked": 0, "disabled": 0 }  })),
            },
        ),
        (
            "GET /v1/organizations/{org}/users.csv",
            Operation {
                id: "exportUsers",
                tag: TAG,
                summary: "Write a list of users into a file for spreadsheets",
                refuses: &["conflict", "not_found"],
                request: None,
                answer: Some(json!(
                    "id,username,name,email,role,groups,state,enrolled,created_at\r\n"
                )),
            },
        ),
        (
            "GET /v1/organizations/{org}/audit-log.ndjson",
            Operation {
                id: "exportAuditLog",
                tag: TAG,
                summary: "Write the audit log into a file that anyone can verify",
                refuses: &["conflict", "not_found"],
                request: None,
                answer: Some(json!("{\"type\":\"unsealed\"}\n{\"type\":\"end\"}\n")),
            },
        ),
        (
            "GET /v1/organizations/{org}/audit-log.csv",
            Operation {
                id: "exportAuditLogAsCsv",
                tag: TAG,
                summary: "Write the audit log into a file for spreadsheets",
                refuses: &["conflict", "not_found"],
                request: None,
                answer: Some(json!(
                    "number,id,at,action,outcome,actor,actor_id,actor_name,user,method,subject,trust,detail,ip,user_agent,request_id\r\n"
                )),
            },
        ),
        (
            "GET /v1/organizations/{org}/audit-checkpoints",
            Operation {
                id: "listAuditCheckpoints",
                tag: TAG,
                summary: "List the checkpoints of the audit log, to keep them elsewhere",
                refuses: &["not_found"],
                request: None,
                answer: Some(json!({
                    "keys": ["mfa.example.com/audit+5cb5ab47+AYqIbvZKJTZZlhlU2jA/KyR9d1aXEjVN8cYMqKUE4kPp"],
                    "checkpoints": [{
                        "size": 8, "at": 1_795_808_700,
                        "note": "mfa.example.com/audit/acme\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n\u{2014} mfa.example.com/audit XLWrR…\n",
                    }],
                    "next_before": null,
                })),
            },
        ),
        (
            "PUT /v1/organizations/{org}/users/{user}",
            Operation {
                id: "putUser",
                tag: TAG,
                summary: "Make a user, or replace what is said of one",
                refuses: &["conflict", "not_found", "throttled"],
                request: Some(json!({
                    "username": "alice", "name": "Alice", "email": "alice@acme.test", "role": "member",
                    "groups": ["staff"], "state": "active",
                })),
                answer: Some(stored.clone()),
            },
        ),
        (
            "PATCH /v1/organizations/{org}/users/{user}",
            Operation {
                id: "changeUser",
                tag: TAG,
                summary: "Change some of what is said of a user",
                refuses: &["conflict", "not_found", "throttled"],
                request: Some(json!({ "groups": ["staff"], "name": null })),
                answer: Some(stored.clone()),
            },
        ),
        (
            "GET /v1/organizations/{org}/users/{user}",
            Operation {
                id: "showUser",
                tag: TAG,
                summary: "Show a user",
                refuses: &["not_found"],
                request: None,
                answer: Some(stored),
            },
        ),
        (
            "DELETE /v1/organizations/{org}/users/{user}",
            Operation {
                id: "deleteUser",
                tag: TAG,
                summary: "Delete a user and everything of theirs but events",
                refuses: &["conflict", "not_found"],
                request: None,
                answer: None,
            },
        ),
    ]
}

fn help() -> Vec<(&'static str, Operation)> {
    let none = json!({
        "authenticators": 0, "backup_codes": 0, "trusted_devices": 0, "sessions": 0, "locks": 0,
    });
    let ended = |changed: serde_json::Value| {
        let mut ended = none.clone();
        if let (Some(ended), Some(changed)) = (ended.as_object_mut(), changed.as_object()) {
            ended.extend(changed.clone());
        }
        Some(json!({ "ended": ended }))
    };
    let two = json!({
        "authenticators": 2, "backup_codes": 8, "trusted_devices": 1, "sessions": 3, "locks": 0,
    });
    let selection = json!({
        "users": [
            { "id": "alice", "outcome": "ends", "ended": two },
            { "id": "olga", "outcome": "forbidden", "ended": null },
            { "id": "nobody", "outcome": "not_found", "ended": null },
        ],
        "people": 1,
        "ended": two,
    });
    vec![
        (
            "GET /v1/organizations/{org}/help-requests",
            Operation {
                id: "listHelpRequests",
                tag: TAG,
                summary: "List who asked for help in the last seven days and was not helped since",
                refuses: &["not_found"],
                request: None,
                answer: Some(json!({
                    "requests": [{
                        "user": "alice", "username": "alice@example.com", "name": "Alice", "role": "member",
                        "reachable": true, "signed_in_at": NOW,
                        "asked": { "at": NOW, "browser": "Firefox on Linux", "ip": "203.0.113.7" },
                    }],
                    "next_cursor": null,
                })),
            },
        ),
        (
            "GET /v1/organizations/{org}/users/{user}/security",
            Operation {
                id: "showUserSecurity",
                tag: TAG,
                summary: "Show what a user keeps, and what the policy asks of them",
                refuses: &["not_found"],
                request: None,
                answer: Some(json!({
                    "why_not": null,
                    "authenticators": [], "backup_codes": null, "trusted_devices": [], "sessions": [],
                    "locks": [{ "method": "password", "until": TOMORROW }],
                    "policy": {
                        "mode": "optional", "decision": "complete", "reasons": ["policy.optional"],
                        "rule": "mode", "enroll_by": null,
                    },
                    "password": true,
                    "invitation": null,
                    "reset": { "expires_at": TOMORROW },
                    "asked_for_help": null,
                    "events": [{
                        "at": NOW, "action": "sign_in.first_factor", "outcome": "accepted", "actor": "user",
                        "method": "password", "browser": null, "ip": null,
                    }],
                })),
            },
        ),
        (
            "POST /v1/organizations/{org}/users/{user}/revoke-mfa",
            Operation {
                id: "revokeMfa",
                tag: TAG,
                summary: "End all factors, trusted devices and sessions of a user now",
                refuses: &["conflict", "not_found"],
                request: Some(json!({ "authenticators": 2 })),
                answer: ended(json!({
                    "authenticators": 2, "backup_codes": 8, "trusted_devices": 1, "sessions": 3,
                })),
            },
        ),
        (
            "GET /v1/organizations/{org}/mail",
            Operation {
                id: "listUnsentMail",
                tag: TAG,
                summary: "List mail of the organization's people that has not left: what waits, and what was given up",
                refuses: &["not_found"],
                request: None,
                answer: Some(json!({
                    "sends": true,
                    "mails": [{
                        "id": "1042", "kind": "signed_out", "user": "alice", "name": "Alice", "to": "alice@acme.test",
                        "at": NOW, "state": "given_up", "tries": 17, "next_at": null, "given_up_at": TOMORROW,
                        "error": "answered 500", "can_be_sent": true,
                    }],
                    "next_cursor": null,
                })),
            },
        ),
        (
            "POST /v1/organizations/{org}/mail/{id}/retry",
            Operation {
                id: "retryMail",
                tag: TAG,
                summary: "Try a mail again that has not left",
                refuses: &["conflict", "not_found"],
                request: Some(json!({})),
                answer: None,
            },
        ),
        (
            "POST /v1/organizations/{org}/users/{user}/invite",
            Operation {
                id: "invite",
                tag: TAG,
                summary: "Mail a user without a password a link by which they choose one",
                refuses: &["conflict", "not_found", "throttled"],
                request: Some(json!({})),
                answer: Some(json!({ "expires_at": TOMORROW })),
            },
        ),
        (
            "POST /v1/organizations/{org}/users/{user}/reset-mfa",
            Operation {
                id: "startReset",
                tag: TAG,
                summary: "Mail a user a link by which they replace all their factors; until then the old ones work",
                refuses: &["conflict", "not_found", "policy_forbids", "throttled"],
                request: Some(json!({ "minutes": 60 })),
                answer: Some(json!({ "expires_at": TOMORROW })),
            },
        ),
        (
            "POST /v1/organizations/{org}/users/{user}/cancel-reset",
            Operation {
                id: "cancelReset",
                tag: TAG,
                summary: "Take the link of a reset back",
                refuses: &["conflict", "not_found"],
                request: Some(json!({})),
                answer: None,
            },
        ),
        (
            "POST /v1/organizations/{org}/revoke-mfa/preview",
            Operation {
                id: "previewRevocation",
                tag: TAG,
                summary: "Say what would end of several users, of each and all together",
                refuses: &["not_found"],
                request: Some(json!({ "users": ["alice", "olga", "nobody"] })),
                answer: Some(selection.clone()),
            },
        ),
        (
            "POST /v1/organizations/{org}/revoke-mfa",
            Operation {
                id: "revokeSelection",
                tag: TAG,
                summary: "End all factors, trusted devices and sessions of several users now, or of none",
                refuses: &["conflict", "not_found"],
                request: Some(json!({
                    "users": ["alice", "olga", "nobody"], "people": 1, "authenticators": 2,
                })),
                answer: Some(selection),
            },
        ),
        (
            "POST /v1/organizations/{org}/users/{user}/sign-out",
            Operation {
                id: "signUserOut",
                tag: TAG,
                summary: "End all sessions and trusted devices of a user",
                refuses: &["conflict", "not_found"],
                request: Some(json!({})),
                answer: ended(json!({ "trusted_devices": 1, "sessions": 3 })),
            },
        ),
        (
            "POST /v1/organizations/{org}/users/{user}/unlock",
            Operation {
                id: "unlockUser",
                tag: TAG,
                summary: "Let a user try again who was locked out by wrong proofs",
                refuses: &["conflict", "not_found"],
                request: Some(json!({})),
                answer: ended(json!({ "locks": 1 })),
            },
        ),
    ]
}
