//! The test vectors of the standard itself, section 16.

use postern::passkeys::{CredentialRecord, Refused};
use serde_json::{Value, json};

use super::{
    field::{Ceremony, authenticate, register},
    vectors::{hex, ours, shared, text},
};

const ORIGINS: &[&str] = &["https://example.org"];

#[test]
fn four_pairs_of_section_16_come_out_as_the_standard_says() {
    for vector in ours("webauthn-l3-section-16.json")["tests"]
        .as_array()
        .unwrap()
    {
        let expect = match text(vector, "expect") {
            "accepted" => None,
            "cross_origin" => Some(Refused::CrossOrigin),
            other => panic!("{other}"),
        };
        check(vector, expect);
    }
}

#[test]
fn all_pairs_of_section_16_come_out_as_the_standard_says() {
    let Some(file) = shared("webauthn/w3c-level3-section16.json") else {
        return;
    };
    for vector in file["vectors"].as_array().unwrap() {
        let expect = match text(vector, "id") {
            "none-es256-crossOrigin" => Some(Refused::CrossOrigin),
            // Not offered.
            "packed-es512" => Some(Refused::Algorithm),
            _ => None,
        };
        let mut flat = vector.clone();
        for ceremony in ["registration", "authentication"] {
            for member in [
                "challenge",
                "clientDataJSON",
                "attestationObject",
                "authenticatorData",
                "signature",
            ] {
                flat[ceremony][member] = vector[ceremony][&format!("{member}_hex")].clone();
            }
        }
        for member in ["credential_id", "aaguid"] {
            flat[member] = vector["registration"][&format!("{member}_hex")].clone();
        }
        check(&flat, expect);
    }
    assert_eq!(file["vectors"].as_array().unwrap().len(), 10);
}

#[track_caller]
fn check(vector: &Value, expect: Option<Refused>) {
    let (registration, authentication) = (&vector["registration"], &vector["authentication"]);
    let nonce = hex(registration, "challenge");
    let ceremony = Ceremony {
        rp_id: "example.org",
        origins: ORIGINS,
        nonce: &nonce,
    };
    let registered = register(&ceremony, &credential(vector, registration));
    if let Some(refused) = expect {
        assert_eq!(registered, Err(refused));
        return;
    }
    let record: CredentialRecord = registered.unwrap();
    assert_eq!(record.id.as_bytes(), hex(vector, "credential_id"));
    assert_eq!(record.aaguid.0.as_slice(), hex(vector, "aaguid"));

    let nonce = hex(authentication, "challenge");
    let ceremony = Ceremony {
        nonce: &nonce,
        ..ceremony
    };
    let assertion = authenticate(&ceremony, &record, &credential(vector, authentication)).unwrap();
    assert_eq!(assertion.credential_id, record.id);
    assert!(!assertion.possible_clone, "none of them counts");
    let flags = hex(authentication, "authenticatorData")[32];
    assert_eq!(
        (assertion.user_verified, assertion.backup_state),
        (flags & 4 != 0, flags & 16 != 0)
    );
}

/// As a browser posts it.
fn credential(vector: &Value, ceremony: &Value) -> Value {
    let base64url = |name: &str| {
        ceremony[name]
            .as_str()
            .map(|_| postern::base64url::encode(&hex(ceremony, name)))
    };
    let id = postern::base64url::encode(&hex(vector, "credential_id"));
    let mut response = json!({});
    for name in [
        "clientDataJSON",
        "attestationObject",
        "authenticatorData",
        "signature",
    ] {
        if let Some(bytes) = base64url(name) {
            response[name] = bytes.into();
        }
    }
    json!({"id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {}, "response": response})
}
