//! Attacks on an assertion, as far as the rules settle them. All signed correctly; each changes one
//! thing of an assertion that is accepted.

use postern::{
    base64url,
    ids::{OrganizationId, UserId},
    passkeys::{
        AuthenticationResponseJSON, Refused, UserHandle, UserVerificationRequirement,
        authentication::User,
    },
    refusal::Refusal,
    strict_json,
};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::forge::{
    AT, Authentication, BE, BS, Credential, NONCE, Registration, UP, UV, alice, client_data, okp,
};

#[test]
fn a_good_assertion_is_accepted() {
    for name in ["none-es256", "packed-eddsa"] {
        let assertion = Authentication::by(Credential::w3c(name)).verify().unwrap();
        assert!(assertion.user_verified && !assertion.backup_state && !assertion.possible_clone);
        assert_eq!(assertion.sign_count, 11);
    }
}

#[test]
fn a25_to_a29_another_nonce_is_refused() {
    for nonce in [[8; 32].as_slice(), &NONCE[..31], &[]] {
        assert_eq!(
            Authentication::good().verify_with(nonce),
            Err(Refused::Challenge)
        );
    }
}

#[test]
fn a28_a43_somebody_elses_passkey_is_refused() {
    // Mallory's passkey, while the account is Alice's.
    let mut attempt = Authentication::good();
    attempt.record.id = serde_json::from_value(json!(base64url::encode(b"another id"))).unwrap();
    assert_eq!(attempt.verify(), Err(Refused::UnknownCredential));
    // With Alice's id on it, the key tells.
    let mut attempt = Authentication::good();
    attempt.record.public_key = Credential::w3c("packed-self-es256").record().public_key;
    assert_eq!(attempt.verify(), Err(Refused::Signature));
}

#[test]
fn a30_the_wrong_kind_of_response_is_malformed() {
    let read = |json: serde_json::Value| {
        strict_json::read::<AuthenticationResponseJSON>(json.to_string().as_bytes())
            .map_err(|e| e.to_string())
    };
    let good = Authentication::good().json();
    read(good.clone()).unwrap();
    let mut other_type = good.clone();
    other_type["type"] = json!("password");
    let mut other_id = good;
    other_id["rawId"] = json!("AAAA");
    for (json, expect) in [
        (Registration::good().json(), "response: authenticatorData"),
        (other_type, "type public-key"),
        (other_id, "the same id and rawId"),
    ] {
        let reason = read(json).unwrap_err();
        assert!(reason.contains(expect), "{reason}");
    }
}

#[test]
fn a31_client_data_of_another_ceremony_is_refused() {
    for r#type in ["webauthn.create", "payment.get", "webauthn.get.", ""] {
        let attempt = Authentication {
            client_data: client_data(r#type),
            ..Authentication::good()
        };
        assert_eq!(attempt.verify(), Err(Refused::Type), "{type}");
    }
}

#[test]
fn a34_another_rp_id_is_refused() {
    let zero = [0; 32];
    let hashes = [
        "org",
        "https://example.org",
        "sub.example.org",
        "example.com",
    ]
    .map(|id| Sha256::digest(id).into());
    for rp_id_hash in hashes.into_iter().chain([zero]) {
        let mut attempt = Authentication::good();
        attempt.auth_data.rp_id_hash = rp_id_hash;
        assert_eq!(attempt.verify(), Err(Refused::RpIdHash));
    }
}

#[test]
fn a35_an_absent_user_is_refused() {
    let mut attempt = Authentication::good();
    attempt.auth_data.flags = UV;
    assert_eq!(attempt.verify(), Err(Refused::UserPresence));
}

#[test]
fn a36_user_verification_is_inspected_and_required_alone() {
    let mut attempt = Authentication::good();
    attempt.auth_data.flags = UP;
    assert!(!attempt.verify().unwrap().user_verified);
    attempt.user_verification = UserVerificationRequirement::Required;
    assert_eq!(attempt.verify(), Err(Refused::UserVerification));
    attempt.auth_data.flags = UP | UV;
    assert!(attempt.verify().unwrap().user_verified);
}

#[test]
fn a37_nothing_changes_before_everything_holds() {
    // `verify` borrows the record; only an assertion that was verified can update it.
    let mut attempt = Authentication::good();
    attempt.auth_data = super::forge::AuthData {
        flags: UP | UV | BE,
        sign_count: 99,
        ..attempt.auth_data
    };
    assert_eq!(attempt.verify(), Err(Refused::BackupEligibility));
    attempt.record.backup_eligible = true;
    attempt.signature = Some(attempt.credential.sign(b"something else"));
    let before = attempt.record.clone();
    assert_eq!(attempt.verify(), Err(Refused::Signature));
    assert_eq!(attempt.record, before);
}

#[test]
fn a38_a_counter_that_does_not_go_up_is_a_possible_clone() {
    let highest = u32::MAX;
    for (stored, new, possible_clone, kept) in [
        (0, 0, false, 0),
        (0, 1, false, 1),
        (10, 11, false, 11),
        (10, highest, false, highest),
        (10, 10, true, 10),
        (10, 9, true, 10),
        (10, 0, true, 10),
        (highest, 1, true, highest),
        (highest, highest, true, highest),
    ] {
        let mut attempt = Authentication::good();
        attempt.record.sign_count = stored;
        attempt.auth_data.sign_count = new;
        let assertion = attempt.verify().unwrap();
        assert_eq!(
            assertion.possible_clone, possible_clone,
            "{stored} then {new}"
        );
        let mut record = attempt.record.clone();
        assertion.update(&mut record, true);
        assert_eq!(record.sign_count, kept, "{stored} then {new}");
    }
}

#[test]
fn an_update_keeps_what_another_one_stored() {
    let attempt = Authentication::good();
    let mut record = attempt.record.clone();
    record.uv_initialized = false;
    record.sign_count = 20;
    let assertion = attempt.verify().unwrap();
    assertion.update(&mut record, false);
    assert_eq!((record.sign_count, record.uv_initialized), (20, false));
    assertion.update(&mut record, true);
    assert!(record.uv_initialized);
}

#[test]
fn a39_backup_flags_agree_with_each_other_and_the_record() {
    for (eligible, bits, expect) in [
        (false, 0, None),
        (true, BE, None),
        (true, BE | BS, None),
        (false, BS, Some(Refused::BackupState)),
        (true, BS, Some(Refused::BackupState)),
        (false, BE, Some(Refused::BackupEligibility)),
        (true, 0, Some(Refused::BackupEligibility)),
    ] {
        let mut attempt = Authentication::good();
        attempt.record.backup_eligible = eligible;
        attempt.auth_data.flags = UP | bits;
        assert_eq!(attempt.verify().err(), expect, "{eligible} {bits}");
        // What was registered is news only to a holder of the key.
        attempt.signature = Some(attempt.credential.sign(b"something else"));
        let unsigned = expect.filter(|refused| *refused != Refused::BackupEligibility);
        let expect = unsigned.unwrap_or(Refused::Signature);
        assert_eq!(attempt.verify(), Err(expect), "{eligible} {bits}");
    }
}

#[test]
fn a41_an_assertion_is_verified_with_the_stored_algorithm() {
    // Signed by an EdDSA key under the id of an ES256 one, and the reverse.
    let es256 = Credential::w3c("none-es256");
    let eddsa = Credential::w3c("packed-eddsa");
    for (signs, stored) in [(&es256, &eddsa), (&eddsa, &es256)] {
        let mut attempt = Authentication::by(signs.clone());
        attempt.record.public_key = stored.record().public_key;
        assert_eq!(attempt.verify(), Err(Refused::Signature));
    }
}

#[test]
fn a43_the_user_handle_is_the_accounts() {
    let organization = OrganizationId::from_entropy([1; 16]);
    let user = UserId::from_entropy([2; 16]);
    let eve = UserHandle::new(OrganizationId::from_entropy([9; 16]), user, [3; 32]);
    let mallory = UserHandle::new(organization, UserId::from_entropy([9; 16]), [3; 32]);
    let other_random = UserHandle::new(organization, user, [9; 32]);
    let handles = [
        ("Alice's", Some(alice().as_bytes().to_vec()), [None, None]),
        ("none", None, [None, Some(Refused::UserHandle)]),
        (
            "empty, which is none",
            Some(vec![]),
            [None, Some(Refused::UserHandle)],
        ),
        (
            "Mallory's",
            Some(mallory.as_bytes().to_vec()),
            [Some(Refused::UserHandle); 2],
        ),
        (
            "of another organization",
            Some(eve.as_bytes().to_vec()),
            [Some(Refused::UserHandle); 2],
        ),
        (
            "with other random bytes",
            Some(other_random.as_bytes().to_vec()),
            [Some(Refused::UserHandle); 2],
        ),
        (
            "cut short",
            Some(alice().as_bytes()[..63].to_vec()),
            [Some(Refused::UserHandle); 2],
        ),
        (
            "too long",
            Some([alice().as_bytes().as_slice(), &[0]].concat()),
            [Some(Refused::UserHandle); 2],
        ),
    ];
    for (name, user_handle, expect) in handles {
        for (user, expect) in [User::Identified, User::Discoverable]
            .into_iter()
            .zip(expect)
        {
            let attempt = Authentication {
                user,
                user_handle: user_handle.clone(),
                ..Authentication::good()
            };
            assert_eq!(attempt.verify().err(), expect, "{name} {user:?}");
        }
    }
}

#[test]
fn a108_an_assertion_carries_no_credential() {
    let mut attempt = Authentication::good();
    attempt.auth_data.flags = UP | AT;
    assert_eq!(attempt.verify(), Err(Refused::AuthenticatorData));
    attempt.auth_data.attested = Registration::good().auth_data.attested;
    assert_eq!(attempt.verify(), Err(Refused::AuthenticatorData));
    attempt.auth_data.flags = UP;
    assert_eq!(attempt.verify(), Err(Refused::AuthenticatorData));
    assert!(!okp(-8, 6, &[]).is_empty());
}

#[test]
fn a40_every_refusal_but_malformed_is_the_same_no() {
    for refused in [
        Refused::Type,
        Refused::Challenge,
        Refused::Origin,
        Refused::CrossOrigin,
        Refused::TopOrigin,
        Refused::AuthenticatorData,
        Refused::RpIdHash,
        Refused::UserPresence,
        Refused::UserVerification,
        Refused::BackupState,
        Refused::BackupEligibility,
        Refused::Algorithm,
        Refused::PublicKey,
        Refused::CredentialId,
        Refused::AttestationFormat,
        Refused::AttestationStatement,
        Refused::UnknownCredential,
        Refused::UserHandle,
        Refused::Signature,
    ] {
        assert_eq!(Refusal::from(refused), Refusal::NotAccepted);
        assert!(refused.code().starts_with("passkey."));
    }
    assert_eq!(
        Refusal::from(Refused::Malformed("clientDataJSON")).code(),
        "malformed"
    );
}
