//! Attacks on a registration, as far as the rules settle them. All signed correctly where there is
//! a signature; each changes one thing of a registration that is accepted.

use postern::{
    passkeys::{Refused, RegistrationResponseJSON, UserVerificationRequirement},
    strict_json,
};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::forge::{
    AT, Authentication, BE, BS, NONCE, Registration, UP, UV, attested, client_data,
};

#[test]
fn a_good_registration_is_accepted() {
    let registration = Registration::good();
    let record = registration.verify().unwrap();
    assert_eq!(record.id.as_bytes(), registration.credential.id);
    assert_eq!(
        record.public_key.as_bytes(),
        registration.credential.public_key
    );
    assert!(record.uv_initialized && !record.backup_eligible && !record.backup_state);
    assert_eq!(record.aaguid.0, [9; 16]);
}

#[test]
fn a25_to_a29_another_nonce_is_refused() {
    let registration = Registration::good();
    let preferred = UserVerificationRequirement::Preferred;
    for nonce in [[8; 32].as_slice(), &NONCE[..31], &[]] {
        assert_eq!(
            registration.verify_with(preferred, nonce).unwrap_err(),
            Refused::Challenge
        );
    }
}

#[test]
fn a30_the_wrong_kind_of_response_is_malformed() {
    let read = |json: serde_json::Value| {
        strict_json::read::<RegistrationResponseJSON>(json.to_string().as_bytes())
            .map_err(|e| e.to_string())
    };
    let good = Registration::good().json();
    read(good.clone()).unwrap();
    let changed = |member: &str, value| {
        let mut json = good.clone();
        json[member] = value;
        json
    };
    for (json, expect) in [
        (Authentication::good().json(), "response: attestationObject"),
        (changed("type", json!("password")), "type public-key"),
        (changed("rawId", json!("AAAA")), "the same id and rawId"),
        (changed("id", json!("AAAA")), "the same id and rawId"),
        (
            changed("id", json!("AAA=")),
            "expected base64url without padding",
        ),
        (changed("rawId", json!("")), "expected 1 to 1023 bytes"),
        (changed("id", json!(7)), "id: a string"),
        (changed("response", json!(null)), "response: an object"),
        (json!("a text"), "an object"),
    ] {
        let reason = read(json).unwrap_err();
        assert!(reason.contains(expect), "{reason}");
    }
}

#[test]
fn a31_client_data_of_another_ceremony_is_refused() {
    for r#type in [
        "webauthn.get",
        "payment.get",
        "webauthn.create ",
        "WEBAUTHN.CREATE",
        "",
    ] {
        let registration = Registration {
            client_data: client_data(r#type),
            ..Registration::good()
        };
        assert_eq!(registration.verify(), Err(Refused::Type), "{type}");
    }
}

#[test]
fn a34_another_rp_id_is_refused() {
    for rp_id in [
        "org",
        "https://example.org",
        "sub.example.org",
        "example.com",
        "",
    ] {
        let mut registration = Registration::good();
        registration.auth_data.rp_id_hash = Sha256::digest(rp_id).into();
        assert_eq!(registration.verify(), Err(Refused::RpIdHash), "{rp_id}");
    }
}

#[test]
fn a35_an_absent_user_is_refused() {
    let mut registration = Registration::good();
    registration.auth_data.flags = UV | AT;
    assert_eq!(registration.verify(), Err(Refused::UserPresence));
}

#[test]
fn a36_user_verification_is_inspected() {
    use UserVerificationRequirement::{Preferred, Required};
    let mut registration = Registration::good();
    assert!(
        registration
            .verify_with(Required, &NONCE)
            .unwrap()
            .uv_initialized
    );
    registration.auth_data.flags = UP | AT;
    assert!(
        !registration
            .verify_with(Preferred, &NONCE)
            .unwrap()
            .uv_initialized
    );
    assert_eq!(
        registration.verify_with(Required, &NONCE),
        Err(Refused::UserVerification)
    );
}

#[test]
fn a39_backed_up_without_being_eligible_is_refused() {
    let mut registration = Registration::good();
    for (bits, expect) in [
        (0, Some((false, false))),
        (BE, Some((true, false))),
        (BE | BS, Some((true, true))),
        (BS, None),
    ] {
        registration.auth_data.flags = UP | AT | bits;
        let outcome = registration.verify();
        match expect {
            Some(state) => {
                let record = outcome.unwrap();
                assert_eq!((record.backup_eligible, record.backup_state), state);
            }
            None => assert_eq!(outcome, Err(Refused::BackupState)),
        }
    }
}

#[test]
fn a42_the_id_is_the_one_that_was_posted() {
    // That it is nobody else's is settled by the commit.
    let mut registration = Registration::good();
    let key = registration.credential.public_key.clone();
    registration.auth_data.attested = attested(b"another id", &key);
    assert_eq!(registration.verify(), Err(Refused::CredentialId));
}
