//! An independent client and authenticator, the `passkey` crate by 1Password: it parses our
//! options as a browser does, and answers.

use passkey::{
    authenticator::{Authenticator, UiHint, UserCheck, UserValidationMethod},
    client::{Client, DefaultClientData, WebauthnError},
    crypto::rust_crypto::RustCryptoBackend,
    types::{
        Passkey,
        ctap2::{Aaguid, Ctap2Error},
        webauthn::{CredentialCreationOptions, CredentialRequestOptions},
    },
};
use postern::passkeys::{
    CredentialRecord, PublicKeyCredentialCreationOptionsJSON,
    PublicKeyCredentialRequestOptionsJSON, PublicKeyCredentialUserEntityJSON, Refused,
    RelyingParty, UserVerificationRequirement,
    authentication::{self, Account, Assertion, User},
    registration,
};
use serde_json::json;

use super::{forge::alice, native::verifies};

const RP: RelyingParty<'_> = RelyingParty {
    id: "future.1password.com",
    name: "Example",
    origins: &["https://future.1password.com"],
};

type SoftwareClient =
    Client<Option<Passkey>, Person, RustCryptoBackend, public_suffix::PublicSuffixList, ()>;

#[test]
fn an_independent_client_registers_and_signs_in() {
    let mut client = client();
    let record = register(&mut client, [1; 32], &[]).unwrap();
    assert!(record.uv_initialized);

    // As second factor.
    let assertion = authenticate(&mut client, [2; 32], [2; 32], User::Identified, &record).unwrap();
    assert_eq!(assertion.credential_id, record.id);
    assert!(assertion.user_verified && !assertion.possible_clone);

    // Alone: the user handle comes back.
    authenticate(&mut client, [3; 32], [3; 32], User::Discoverable, &record).unwrap();

    // Of another nonce.
    let replayed = authenticate(&mut client, [4; 32], [5; 32], User::Identified, &record);
    assert_eq!(replayed, Err(Refused::Challenge));
}

#[test]
fn an_independent_client_obeys_exclude_credentials() {
    let mut client = client();
    let record = register(&mut client, [1; 32], &[]).unwrap();
    let again = register(&mut client, [2; 32], &[&record]);
    assert!(again.is_err(), "registered the same authenticator twice");
}

fn client() -> SoftwareClient {
    Client::new(Authenticator::new(
        Aaguid::new_empty(),
        None,
        Person,
        RustCryptoBackend,
    ))
}

fn register(
    client: &mut SoftwareClient,
    nonce: [u8; 32],
    exclude: &[&CredentialRecord],
) -> Result<CredentialRecord, WebauthnError> {
    let user_verification = UserVerificationRequirement::Required;
    let user = PublicKeyCredentialUserEntityJSON {
        id: alice(),
        name: "alice".into(),
        display_name: "Alice Example".into(),
    };
    let options = PublicKeyCredentialCreationOptionsJSON::new(
        &RP,
        user,
        nonce,
        user_verification,
        exclude.iter().copied(),
    );
    let options: CredentialCreationOptions =
        serde_json::from_value(json!({"publicKey": options})).unwrap();
    let origin = url::Url::parse("https://future.1password.com").unwrap();
    let created = pollster::block_on(client.register(&origin, options, DefaultClientData))?;
    let response = serde_json::from_value(serde_json::to_value(created).unwrap()).unwrap();
    let ceremony = registration::Ceremony {
        nonce: &nonce,
        user_verification,
    };
    Ok(registration::verify(&RP, &ceremony, &response)
        .unwrap()
        .verified_by(verifies)
        .unwrap())
}

fn authenticate(
    client: &mut SoftwareClient,
    asked: [u8; 32],
    expected: [u8; 32],
    user: User,
    record: &CredentialRecord,
) -> Result<Assertion, Refused> {
    let user_verification = UserVerificationRequirement::Required;
    let allow = match user {
        User::Identified => Some(record),
        User::Discoverable => None,
    };
    let options = PublicKeyCredentialRequestOptionsJSON::new(&RP, asked, user_verification, allow);
    let options: CredentialRequestOptions =
        serde_json::from_value(json!({"publicKey": options})).unwrap();
    let origin = url::Url::parse("https://future.1password.com").unwrap();
    let signed =
        pollster::block_on(client.authenticate(&origin, options, DefaultClientData)).unwrap();
    let response = serde_json::from_value(serde_json::to_value(signed).unwrap()).unwrap();
    let ceremony = authentication::Ceremony {
        nonce: &expected,
        user,
        user_verification,
    };
    let account = Account {
        user_handle: &alice(),
        credentials: &[record],
    };
    authentication::verify(&RP, &ceremony, &account, &response)?.verified_by(verifies)
}

/// Says yes to everything but a second passkey for the same account.
struct Person;

#[async_trait::async_trait]
impl UserValidationMethod for Person {
    type PasskeyItem = Passkey;

    async fn check_user<'a>(
        &self,
        hint: UiHint<'a, Passkey>,
        presence: bool,
        verification: bool,
    ) -> Result<UserCheck, Ctap2Error> {
        match hint {
            UiHint::InformExcludedCredentialFound(_) => Err(Ctap2Error::CredentialExcluded),
            _ => Ok(UserCheck {
                presence,
                verification,
            }),
        }
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        Some(true)
    }
}
