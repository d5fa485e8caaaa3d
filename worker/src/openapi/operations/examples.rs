//! Things that several examples hold.

use serde_json::{Value, json};

/// A moment, and five, ten minutes and a day later.
pub const NOW: u64 = 1_790_000_000;
pub const SOON: u64 = 1_790_000_300;
pub const LATER: u64 = 1_790_000_600;
pub const TOMORROW: u64 = 1_790_086_400;

pub const AUTHENTICATOR: &str = "a_mfrggzdfmztwq2lknnwg23tpoa";
pub const ENROLLMENT: &str = "n_mfrggzdfmztwq2lknnwg23tpoa";
pub const EVENT: &str = "e_mfrggzdfmztwq2lknnwg23tpoa";
pub const SESSION: &str = "s_mfrggzdfmztwq2lknnwg23tpoa";
pub const DEVICE: &str = "d_mfrggzdfmztwq2lknnwg23tpoa";
pub const HANDLE: &str =
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
pub const NONCE: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
/// A token that is signed, shortened.
pub const JWT: &str = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl";
/// A challenge's token, shortened.
pub const TOKEN: &str = "pc_azEuQUFFQ0F3UUZCZ2NJQ1FvTERBME9E";

/// A session of two factors.
pub fn session() -> Value {
    json!({
        "id": SESSION, "aal": "aal2", "amr": ["pwd", "otp", "mfa"], "restricted": false,
        "trusted_device": false, "enrolling": false, "born_at": NOW, "expires_at": TOMORROW,
        "fresh_until_at": SOON,
    })
}

/// An authenticator app.
pub fn authenticator() -> Value {
    json!({
        "id": AUTHENTICATOR, "kind": "totp", "name": "My phone", "created_at": NOW, "last_used_at": NOW,
    })
}

/// An open challenge.
pub fn challenge() -> Value {
    json!({
        "token": TOKEN,
        "methods": ["totp", "backup_code"],
        "authenticators": [{ "id": AUTHENTICATOR, "kind": "totp", "name": "My phone" }],
        "code_lengths": [6],
        "expires_at": LATER,
        "organization": { "id": "acme", "name": "Acme" },
    })
}

/// A trusted device.
pub fn device() -> Value {
    json!({
        "id": DEVICE, "name": "Firefox on Linux", "created_at": NOW, "last_used_at": NOW,
        "expires_at": TOMORROW, "current": true,
    })
}

/// What the browser needs to ask for a passkey.
pub fn request_options(allowed: Value) -> Value {
    json!({
        "challenge": NONCE, "timeout": 300_000, "rpId": "acme.test", "allowCredentials": allowed,
        "userVerification": "required",
    })
}

/// New backup codes.
pub fn backup_codes() -> Value {
    let codes: Vec<String> = (1..=10).map(|code| format!("{code:08}")).collect();
    json!({ "codes": codes, "format": "digits8" })
}

/// A policy, written out.
pub fn policy() -> Value {
    json!({
        "mode": "required", "scope": { "groups": ["staff"] },
        "surfaces": { "control_panel": { "asked": true, "max_age": 3600, "every_sign_in": false } },
        "grace_until": TOMORROW, "prompt": { "days": 14 }, "sso": "exempt", "trusted_devices": { "days": 30 },
        "step_up": "second_factor", "backup_codes": "digits8", "sign_count_regression": "accept",
        "show_admins": false,
    })
}

/// A user.
pub fn user() -> Value {
    json!({
        "id": "alice", "username": "alice", "name": "Alice", "email": "alice@acme.test", "second_email": null, "language": "en",
        "role": "member", "groups": ["staff"], "state": "active", "enrolled": true, "created_at": NOW,
    })
}
