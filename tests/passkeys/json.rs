//! What goes to the browser, what comes back, and what is stored.

use postern::{
    base64url,
    ids::{OrganizationId, UserId},
    passkeys::{
        Aaguid, AuthenticationResponseJSON, AuthenticatorTransport, CredentialRecord,
        PublicKeyCredentialCreationOptionsJSON, PublicKeyCredentialRequestOptionsJSON,
        PublicKeyCredentialUserEntityJSON, RegistrationResponseJSON, UserHandle,
        UserVerificationRequirement,
    },
};
use serde_json::json;

use super::forge::{Authentication, Credential, NONCE, RP, Registration, alice};

#[test]
fn creation_options_are_what_browsers_parse() {
    let record = Credential::w3c("none-es256").record();
    let user = PublicKeyCredentialUserEntityJSON {
        id: alice(),
        name: "alice".into(),
        display_name: "Alice Example".into(),
    };
    let options = PublicKeyCredentialCreationOptionsJSON::new(
        &RP,
        user,
        NONCE,
        UserVerificationRequirement::Preferred,
        [&record],
    );
    assert_eq!(
        serde_json::to_value(options).unwrap(),
        json!({
            "rp": {"id": "example.org", "name": "Example"},
            "user": {
                "id": base64url::encode(alice().as_bytes()),
                "name": "alice",
                "displayName": "Alice Example",
            },
            "challenge": base64url::encode(&[7; 32]),
            "pubKeyCredParams": [
                {"type": "public-key", "alg": -8},
                {"type": "public-key", "alg": -7},
                {"type": "public-key", "alg": -257},
            ],
            "timeout": 300_000,
            "excludeCredentials": [
                {"type": "public-key", "id": base64url::encode(record.id.as_bytes()), "transports": ["internal"]},
            ],
            "authenticatorSelection": {
                "residentKey": "preferred",
                "requireResidentKey": false,
                "userVerification": "preferred",
            },
            "attestation": "none",
        })
    );
}

#[test]
fn request_options_are_what_browsers_parse() {
    let mut record = Credential::w3c("none-es256").record();
    record.transports = vec![
        AuthenticatorTransport::SmartCard,
        AuthenticatorTransport::Hybrid,
    ];
    let unknown = CredentialRecord {
        transports: vec![],
        ..record.clone()
    };
    let required = UserVerificationRequirement::Required;
    let options =
        PublicKeyCredentialRequestOptionsJSON::new(&RP, NONCE, required, [&record, &unknown]);
    let id = base64url::encode(record.id.as_bytes());
    assert_eq!(
        serde_json::to_value(options).unwrap(),
        json!({
            "challenge": base64url::encode(&[7; 32]),
            "timeout": 300_000,
            "rpId": "example.org",
            "allowCredentials": [
                {"type": "public-key", "id": id, "transports": ["smart-card", "hybrid"]},
                {"type": "public-key", "id": id},
            ],
            "userVerification": "required",
        })
    );
    let alone = PublicKeyCredentialRequestOptionsJSON::new(&RP, NONCE, required, []);
    assert_eq!(
        serde_json::to_value(alone).unwrap()["allowCredentials"],
        json!([])
    );
}

#[test]
fn what_a_browser_adds_is_ignored() {
    // As Chromium's toJSON() writes it.
    let mut post = Registration::good().json();
    post["authenticatorAttachment"] = json!("platform");
    post["clientExtensionResults"] = json!({"credProps": {"rk": true}, "unknown": [1]});
    post["response"]["transports"] = json!(["internal", "hybrid", "cable", "internal", ""]);
    post["response"]["publicKey"] = json!("AAAA");
    post["response"]["publicKeyAlgorithm"] = json!(-257);
    post["response"]["authenticatorData"] = json!("AAAA");
    let response: RegistrationResponseJSON = serde_json::from_value(post).unwrap();
    use AuthenticatorTransport::{Hybrid, Internal};
    assert_eq!(response.response.transports, [Internal, Hybrid]);

    let mut post = Authentication::good().json();
    post["response"]
        .as_object_mut()
        .unwrap()
        .remove("userHandle");
    let response: AuthenticationResponseJSON = serde_json::from_value(post).unwrap();
    assert_eq!(response.response.user_handle(), None);
}

#[test]
fn a_user_handle_leads_home() {
    let (organization, user) = (
        OrganizationId::from_entropy([1; 16]),
        UserId::from_entropy([2; 16]),
    );
    let handle = alice();
    assert_eq!(
        handle.as_bytes().as_slice(),
        [[1; 16].as_slice(), &[2; 16], &[3; 32]].concat()
    );
    assert_eq!((handle.organization(), handle.user()), (organization, user));
    assert_eq!(
        UserHandle::from_bytes(handle.as_bytes()),
        Some(handle.clone())
    );
    for length in [0, 1, 63, 65] {
        assert_eq!(UserHandle::from_bytes(&vec![1; length]), None);
    }
    let attempt = Authentication {
        user_handle: Some(handle.as_bytes().to_vec()),
        ..Authentication::good()
    };
    let response: AuthenticationResponseJSON = serde_json::from_value(attempt.json()).unwrap();
    assert_eq!(response.response.user_handle(), Some(handle));
}

#[test]
fn a_record_is_stored_and_read_back() {
    let record = Registration::good().verify().unwrap();
    let text = serde_json::to_string(&record).unwrap();
    assert_eq!(
        serde_json::from_str::<CredentialRecord>(&text).unwrap(),
        record
    );
    for (from, to) in [
        ("\"id\":\"", "\"id\":\"!"),
        ("{\"id\"", "{\"more\":1,\"id\""),
        ("\"public_key\":\"p", "\"public_key\":\"q"),
    ] {
        assert!(text.contains(from), "{text}");
        assert!(
            serde_json::from_str::<CredentialRecord>(&text.replace(from, to)).is_err(),
            "{to}"
        );
    }
}

#[test]
fn providers_have_the_names_people_know() {
    let named = |digits: &str| {
        let bytes = super::vectors::from_hex(&digits.replace('-', ""));
        let aaguid = Aaguid(bytes.try_into().unwrap());
        assert_eq!(aaguid.to_string(), digits);
        aaguid.provider_name()
    };
    assert_eq!(
        named("fbfc3007-154e-4ecc-8c0b-6e020557d7bd"),
        Some("Apple Passwords")
    );
    assert_eq!(
        named("ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4"),
        Some("Google Password Manager")
    );
    assert_eq!(
        named("08987058-cadc-4b81-b6e1-30de50dcbe96"),
        Some("Windows Hello")
    );
    assert_eq!(named("00000000-0000-0000-0000-000000000000"), None);
}
