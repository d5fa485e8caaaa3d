//! Every vector cut at each byte and with each bit flipped: refused, or nothing that was signed is
//! different. Never a panic.

use postern::passkeys::{
    AttestationObject, AuthenticationResponseJSON, AuthenticatorData, Base64UrlString,
    CollectedClientData, CredentialRecord, Refused, RegistrationResponseJSON,
    UserVerificationRequirement,
    authentication::{self, Account, User},
    registration,
};
use serde_json::Value;

use super::{
    forge::{Authentication, Credential, NONCE, RP, Registration, alice},
    native::verifies,
    vectors::{base64url, shared},
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
    let verify = register;
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
/// what may differ then is what a record takes from authenticator data, and nothing else.
///
/// The readers alone, of which the tests above do the rest: 1.2 million ceremonies take minutes.
#[test]
fn a_changed_registration_is_refused_or_differs_where_nothing_is_signed() {
    let Some(file) = shared("webauthn/real-registrations.json") else {
        return;
    };
    let vectors = file["vectors"].as_array().unwrap();
    let half = vectors.len().div_ceil(2);
    let counts = std::thread::scope(|scope| {
        let halves: Vec<_> = vectors
            .chunks(half)
            .map(|vectors| {
                scope.spawn(|| {
                    let mut counts = Counts::default();
                    vectors
                        .iter()
                        .for_each(|vector| counts.change(&vector["credential"]["response"]));
                    counts
                })
            })
            .collect();
        halves.into_iter().map(|half| half.join().unwrap()).fold(
            Counts::default(),
            |sum, counts| Counts {
                tried: sum.tried + counts.tried,
                refused: sum.refused + counts.refused,
                same: sum.same + counts.same,
            },
        )
    });
    let unsigned = counts.tried - counts.refused - counts.same;
    println!("{counts:?}, {unsigned} different where nothing is signed");
    assert!(counts.tried > 1_000_000 && counts.same > 0 && unsigned > 0);
}

#[derive(Debug, Default)]
struct Counts {
    tried: usize,
    refused: usize,
    same: usize,
}

impl Counts {
    fn change(&mut self, response: &Value) {
        // What is read equals what was asked for, so that anything else is refused.
        let json = base64url(response, "clientDataJSON");
        let original = CollectedClientData::from_bytes(&json).unwrap();
        self.tried += change_each(&json, |changed| {
            match CollectedClientData::from_bytes(changed) {
                Ok(read) if read == original => self.same += 1,
                _ => self.refused += 1,
            }
        });

        let object = base64url(response, "attestationObject");
        let original = AttestationObject::from_bytes(&object).unwrap();
        let auth_data = AuthenticatorData::from_bytes(original.auth_data);
        self.tried += change_each(&object, |changed| {
            let Ok(read) = AttestationObject::from_bytes(changed) else {
                self.refused += 1;
                return;
            };
            if read.auth_data == original.auth_data {
                // Self attestations differ in what the signature is checked with.
                let judged = read.statement == original.statement;
                let counter = if judged {
                    &mut self.same
                } else {
                    &mut self.refused
                };
                *counter += 1;
                return;
            }
            assert_eq!(read.auth_data.len(), original.auth_data.len());
            match AuthenticatorData::from_bytes(read.auth_data) {
                Ok(read) if Ok(&read) == auth_data.as_ref() => self.same += 1,
                Ok(read) => {
                    let original = auth_data
                        .as_ref()
                        .expect("refused, and accepted when changed");
                    let id = |data: &AuthenticatorData| {
                        data.attested_credential_data
                            .as_ref()
                            .map(|data| data.credential_id.clone())
                    };
                    if read.rp_id_hash != original.rp_id_hash || id(&read) != id(original) {
                        self.refused += 1;
                    }
                }
                Err(_) => self.refused += 1,
            }
        });
    }
}

const MEMBERS: [fn(&mut RegistrationResponseJSON) -> &mut Base64UrlString; 2] = [
    |response| &mut response.response.client_data_json,
    |response| &mut response.response.attestation_object,
];

fn register(response: &RegistrationResponseJSON) -> Result<CredentialRecord, Refused> {
    let user_verification = UserVerificationRequirement::Preferred;
    let ceremony = registration::Ceremony {
        nonce: &NONCE,
        user_verification,
    };
    registration::verify(&RP, &ceremony, response)?.verified_by(verifies)
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
