//! Every vector cut at each byte and with each bit flipped: refused, or nothing that was signed is
//! different. Never a panic.

use postern::passkeys::{
    AuthenticationResponseJSON, Base64UrlString, CredentialRecord, Refused,
    RegistrationResponseJSON, RelyingParty, UserVerificationRequirement,
    authentication::{self, Account, User},
    registration,
};

use super::{
    forge::{Authentication, Credential, NONCE, RP, Registration, alice},
    native::verifies,
    vectors::{base64url, shared, text},
};

#[test]
fn a_changed_assertion_is_refused_whatever_changed() {
    for name in ["none-es256", "packed-eddsa"] {
        let good = Authentication::by(Credential::w3c(name));
        let mut response: AuthenticationResponseJSON = serde_json::from_value(good.json()).unwrap();
        let verify = |response: &AuthenticationResponseJSON| {
            let ceremony = authentication::Ceremony {
                nonce: &NONCE,
                user: User::Identified,
                user_verification: UserVerificationRequirement::Preferred,
            };
            let account = Account {
                user_handle: &alice(),
                credentials: &[&good.record],
            };
            authentication::verify(&RP, &ceremony, &account, response)?.verified_by(verifies)
        };
        verify(&response).unwrap();
        for member in [
            (|response| &mut response.response.client_data_json)
                as fn(&mut AuthenticationResponseJSON) -> &mut Base64UrlString,
            |response| &mut response.response.authenticator_data,
            |response| &mut response.response.signature,
        ] {
            let bytes = member(&mut response).to_vec();
            let tried = change_each(&bytes, |changed| {
                *member(&mut response) = changed.into();
                assert!(verify(&response).is_err(), "{changed:02x?}");
            });
            *member(&mut response) = bytes.into();
            println!("{name}: {tried} of {tried} refused");
        }
        verify(&response).unwrap();
    }
}

#[test]
fn a_changed_self_attestation_is_refused_whatever_changed() {
    let good = Registration {
        fmt: "packed",
        ..Registration::good()
    };
    let mut response: RegistrationResponseJSON = serde_json::from_value(good.json()).unwrap();
    let verify = |response: &RegistrationResponseJSON| {
        register(&RP, &NONCE, response)?.verified_by(verifies)
    };
    verify(&response).unwrap();
    for member in MEMBERS {
        let bytes = member(&mut response).to_vec();
        let tried = change_each(&bytes, |changed| {
            *member(&mut response) = changed.into();
            assert!(verify(&response).is_err(), "{changed:02x?}");
        });
        *member(&mut response) = bytes.into();
        println!("{tried} of {tried} refused");
    }
    verify(&response).unwrap();
}

/// Without a judged signature the authenticator's word stands, as everywhere without attestation:
/// what differs then is the counter, the AAGUID, a flag or the key. The id is still the one that
/// was posted. Keys and self attestations are taken to hold, for the sake of speed: the tests
/// above do not.
#[test]
fn a_changed_registration_is_refused_or_differs_where_nothing_is_signed() {
    let Some(file) = shared("webauthn/real-registrations.json") else {
        return;
    };
    let (mut tried, mut same, mut unsigned) = (0, 0, 0);
    for vector in file["vectors"].as_array().unwrap() {
        let nonce = base64url(vector, "challenge_b64u");
        let origin = text(vector, "origin");
        let rp = RelyingParty {
            id: text(vector, "rp_id"),
            name: "",
            origins: &[origin],
        };
        let mut response: RegistrationResponseJSON =
            serde_json::from_value(vector["credential"].clone()).unwrap();
        let verify = |response: &RegistrationResponseJSON| {
            register(&rp, &nonce, response)?.verified_by(|_| true)
        };
        let original = verify(&response);
        for member in MEMBERS {
            let bytes = member(&mut response).to_vec();
            tried += change_each(&bytes, |changed| {
                *member(&mut response) = changed.into();
                let Ok(record) = verify(&response) else {
                    return;
                };
                let expected = original
                    .as_ref()
                    .expect("refused, and accepted when changed");
                if record == *expected {
                    same += 1;
                } else {
                    assert_eq!(signed_or_posted(record), signed_or_posted(expected.clone()));
                    unsigned += 1;
                }
            });
            *member(&mut response) = bytes.into();
        }
    }
    println!("{tried} tried, {same} the same, {unsigned} different where nothing is signed");
    assert!(tried > 1_000_000 && same > 0 && unsigned > 0);
}

/// A record without what an unsigned registration may say.
fn signed_or_posted(record: CredentialRecord) -> CredentialRecord {
    let blank = Credential::w3c("none-es256").record();
    CredentialRecord {
        id: record.id,
        transports: record.transports,
        ..blank
    }
}

const MEMBERS: [fn(&mut RegistrationResponseJSON) -> &mut Base64UrlString; 2] = [
    |response| &mut response.response.client_data_json,
    |response| &mut response.response.attestation_object,
];

fn register(
    rp: &RelyingParty<'_>,
    nonce: &[u8],
    response: &RegistrationResponseJSON,
) -> Result<postern::passkeys::Unverified<CredentialRecord>, Refused> {
    let ceremony = registration::Ceremony {
        nonce,
        user_verification: UserVerificationRequirement::Preferred,
    };
    registration::verify(rp, &ceremony, response)
}

/// Calls `check` with `bytes` cut at every byte, then with every bit flipped; returns how often.
fn change_each(bytes: &[u8], mut check: impl FnMut(&[u8])) -> usize {
    for length in 0..bytes.len() {
        check(&bytes[..length]);
    }
    let mut flipped = bytes.to_vec();
    for bit in 0..flipped.len() * 8 {
        flipped[bit / 8] ^= 1 << (bit % 8);
        check(&flipped);
        flipped[bit / 8] ^= 1 << (bit % 8);
    }
    bytes.len() * 9
}
