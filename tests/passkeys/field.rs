//! Ceremonies recorded from real authenticators and browsers.

use postern::passkeys::{
    AuthenticationResponseJSON, CredentialRecord, Refused, RegistrationResponseJSON, RelyingParty,
    UserVerificationRequirement,
    authentication::{self, Account, Assertion, User},
    registration,
};
use serde_json::{Value, json};

use super::{
    forge::alice,
    native::verifies,
    vectors::{base64url, shared, text},
};

/// What was asked for.
#[derive(Clone, Copy)]
pub struct Ceremony<'a> {
    pub rp_id: &'a str,
    pub origins: &'a [&'a str],
    pub nonce: &'a [u8],
}

impl<'a> Ceremony<'a> {
    const fn rp(&self) -> RelyingParty<'a> {
        RelyingParty {
            id: self.rp_id,
            name: "",
            origins: self.origins,
        }
    }
}

/// Posts a registration.
pub fn register(asked: &Ceremony<'_>, post: &Value) -> Result<CredentialRecord, Refused> {
    let response: RegistrationResponseJSON = serde_json::from_value(post.clone()).unwrap();
    let ceremony = registration::Ceremony {
        nonce: asked.nonce,
        user_verification: UserVerificationRequirement::Preferred,
    };
    registration::verify(&asked.rp(), &ceremony, &response)?.verified_by(verifies)
}

/// Posts an assertion to an account with one passkey.
pub fn authenticate(
    asked: &Ceremony<'_>,
    record: &CredentialRecord,
    post: &Value,
) -> Result<Assertion, Refused> {
    let response: AuthenticationResponseJSON = serde_json::from_value(post.clone()).unwrap();
    let ceremony = authentication::Ceremony {
        nonce: asked.nonce,
        user: User::Identified,
        user_verification: UserVerificationRequirement::Preferred,
    };
    let account = Account {
        user_handle: &alice(),
        credentials: &[record],
    };
    authentication::verify(&asked.rp(), &ceremony, &account, &response)?.verified_by(verifies)
}

/// The verdicts hold for a relying party that offers ES384 and ES512 too, and `either` for those
/// that judge statements: ours are named beside them.
#[test]
fn registrations_seen_in_the_field_come_out_as_recorded() {
    let Some(file) = shared("webauthn/real-registrations.json") else {
        return;
    };
    let (mut accepted, mut refused) = (0, 0);
    for vector in file["vectors"].as_array().unwrap() {
        let id = text(vector, "id");
        let nonce = base64url(vector, "challenge_b64u");
        let origin = text(vector, "origin");
        let ceremony = Ceremony {
            rp_id: text(vector, "rp_id"),
            origins: &[origin],
            nonce: &nonce,
        };
        let outcome = register(&ceremony, &vector["credential"]);
        let facts = &vector["facts"];
        let expect = match (text(&vector["expect"], "verdict"), text(facts, "alg_name")) {
            ("reject", "EdDSA") => Err(Refused::AuthenticatorData),
            ("accept", "ES512") | ("reject", _) => Err(Refused::Algorithm),
            // Statements of formats that were not asked for are not judged.
            ("accept" | "either", _) => Ok(()),
            (verdict, _) => panic!("{verdict}"),
        };
        match outcome {
            Ok(record) => {
                assert_eq!(Ok(()), expect, "{id}");
                let flags = &facts["flags"];
                assert_eq!(
                    record.public_key.as_bytes(),
                    base64url(facts, "public_key_cose_b64u"),
                    "{id}"
                );
                assert_eq!(
                    i64::from(record.public_key.algorithm().identifier()),
                    facts["alg"],
                    "{id}"
                );
                assert_eq!(record.sign_count, facts["sign_count"], "{id}");
                assert_eq!(record.uv_initialized, flags["uv"], "{id}");
                assert_eq!(record.backup_eligible, flags["be"], "{id}");
                assert_eq!(record.backup_state, flags["bs"], "{id}");
                assert_eq!(
                    record.aaguid.to_string().replace('-', ""),
                    facts["aaguid"],
                    "{id}"
                );
                accepted += 1;
            }
            Err(reason) => {
                assert_eq!(Err(reason), expect, "{id}");
                refused += 1;
            }
        }
    }
    println!("{accepted} accepted, {refused} refused");
    assert_eq!((accepted, refused), (62, 7));
}

#[test]
fn authentications_seen_in_the_field_come_out_as_recorded() {
    let Some(file) = shared("webauthn/real-authentications.json") else {
        return;
    };
    let vectors = file["vectors"].as_array().unwrap();
    for vector in vectors {
        let id = text(vector, "id");
        let nonce = base64url(vector, "challenge_b64u");
        let origin = text(vector, "origin");
        let ceremony = Ceremony {
            rp_id: text(vector, "rp_id"),
            origins: &[origin],
            nonce: &nonce,
        };
        let facts = &vector["facts"];
        let credential_id = vector["credential_id"].as_str().unwrap_or("AA");
        let mut record: CredentialRecord = serde_json::from_value(json!({
            "id": credential_id,
            "public_key": vector["public_key_cose_b64u"],
            "sign_count": vector["stored_sign_count"],
            "uv_initialized": false,
            "transports": [],
            "backup_eligible": facts["flags"]["be"],
            "backup_state": false,
            "aaguid": postern::base64url::encode(&[0; 16]),
        }))
        .unwrap();
        let mut post = json!({"id": credential_id, "rawId": credential_id, "type": "public-key"});
        post["response"] = vector["response"].clone();
        let assertion = authenticate(&ceremony, &record, &post).unwrap();
        assert_eq!(text(&vector["expect"], "verdict"), "accept", "{id}");
        assert_eq!(assertion.user_verified, facts["flags"]["uv"], "{id}");
        assert_eq!(assertion.sign_count, facts["sign_count"], "{id}");
        assert!(!assertion.possible_clone, "{id}");

        // The same again: a counter that is kept did not go up.
        assertion.update(&mut record, true);
        let again = authenticate(&ceremony, &record, &post).unwrap();
        assert_eq!(again.possible_clone, assertion.sign_count != 0, "{id}");
    }
    assert_eq!(vectors.len(), 16);
}
