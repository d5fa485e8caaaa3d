//! A software authenticator that signs whatever it is told, with the private keys of the W3C test
//! vectors: every lie in the attacks is signed correctly.

use ed25519_dalek::Signer as _;
use postern::{
    base64url,
    ids::{OrganizationId, UserId},
    passkeys::{
        AuthenticationResponseJSON, CredentialRecord, Refused, RegistrationResponseJSON,
        RelyingParty, UserHandle, UserVerificationRequirement,
        authentication::{self, Account, Assertion, User},
        registration,
    },
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub use super::encode::*;
use super::{
    native::verifies,
    vectors::{hex, ours, text},
};

pub const RP: RelyingParty<'_> = RelyingParty {
    id: "example.org",
    name: "Example",
    origins: &["https://example.org"],
};

/// A credential with its private key.
#[derive(Clone)]
pub struct Credential {
    pub id: Vec<u8>,
    /// `COSE_Key`.
    pub public_key: Vec<u8>,
    signer: Signer,
}

#[derive(Clone)]
enum Signer {
    Es256(p256::ecdsa::SigningKey),
    EdDsa(ed25519_dalek::SigningKey),
}

impl Credential {
    /// One of the W3C vectors in `tests/vectors`.
    pub fn w3c(name: &str) -> Self {
        let file = ours("webauthn-l3-section-16.json");
        let vector = file["tests"]
            .as_array()
            .unwrap()
            .iter()
            .find(|v| text(v, "name") == name)
            .unwrap();
        let private_key = hex(vector, "private_key");
        let (signer, public_key) = if name.ends_with("eddsa") {
            let key =
                ed25519_dalek::SigningKey::from_bytes(private_key.as_slice().try_into().unwrap());
            let cose = okp(-8, 6, &key.verifying_key().to_bytes());
            (Signer::EdDsa(key), cose)
        } else {
            let key = p256::ecdsa::SigningKey::from_slice(&private_key).unwrap();
            let point = key.verifying_key().to_sec1_point(false);
            let cose = ec2(-7, 1, point.x().unwrap(), point.y().unwrap());
            (Signer::Es256(key), cose)
        };
        Self {
            id: hex(vector, "credential_id"),
            public_key,
            signer,
        }
    }

    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.signer {
            Signer::Es256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                signature.to_der().as_bytes().to_vec()
            }
            Signer::EdDsa(key) => key.sign(message).to_vec(),
        }
    }

    /// The record of this credential, with a counter at 10 and nothing backed up.
    pub fn record(&self) -> CredentialRecord {
        serde_json::from_value(json!({
            "id": base64url::encode(&self.id),
            "public_key": base64url::encode(&self.public_key),
            "sign_count": 10,
            "uv_initialized": true,
            "transports": ["internal"],
            "backup_eligible": false,
            "backup_state": false,
            "aaguid": base64url::encode(&[0; 16]),
        }))
        .unwrap()
    }
}

/// A registration to be posted: good until a test changes it.
pub struct Registration {
    pub credential: Credential,
    pub client_data: Vec<u8>,
    pub auth_data: AuthData,
    pub fmt: &'static str,
    /// `attStmt`; when empty and `fmt` is `packed`, self attestation with a good signature.
    pub statement: Option<Vec<u8>>,
    /// The whole attestation object, instead of the three above.
    pub object: Option<Vec<u8>>,
    pub post: Value,
}

impl Registration {
    pub fn good() -> Self {
        let credential = Credential::w3c("none-es256");
        Self {
            client_data: client_data("webauthn.create"),
            auth_data: AuthData {
                flags: UP | UV | AT,
                attested: attested(&credential.id, &credential.public_key),
                ..AuthData::default()
            },
            fmt: "none",
            statement: None,
            object: None,
            post: json!({"type": "public-key", "clientExtensionResults": {}}),
            credential,
        }
    }

    pub fn object(&self) -> Vec<u8> {
        if let Some(object) = &self.object {
            return object.clone();
        }
        let auth_data = self.auth_data.bytes();
        let statement = self.statement.clone().unwrap_or_else(|| {
            if self.fmt == "packed" {
                let message = [
                    auth_data.clone(),
                    Sha256::digest(&self.client_data).to_vec(),
                ]
                .concat();
                let signature = self.credential.sign(&message);
                [
                    b"\xa2\x63alg\x26\x63sig".as_slice(),
                    &head(2, signature.len()),
                    &signature,
                ]
                .concat()
            } else {
                vec![0xa0]
            }
        });
        attestation_object(self.fmt, &statement, &auth_data)
    }

    pub fn json(&self) -> Value {
        let id = base64url::encode(&self.credential.id);
        let mut post = self.post.clone();
        for member in ["id", "rawId"] {
            if post.get(member).is_none() {
                post[member] = id.clone().into();
            }
        }
        if post.get("response").is_none() {
            post["response"] = json!({
                "clientDataJSON": base64url::encode(&self.client_data),
                "attestationObject": base64url::encode(&self.object()),
            });
        }
        post
    }

    pub fn verify(&self) -> Result<CredentialRecord, Refused> {
        self.verify_with(UserVerificationRequirement::Preferred, &NONCE)
    }

    pub fn verify_with(
        &self,
        user_verification: UserVerificationRequirement,
        nonce: &[u8],
    ) -> Result<CredentialRecord, Refused> {
        let response: RegistrationResponseJSON = serde_json::from_value(self.json()).unwrap();
        let ceremony = registration::Ceremony {
            nonce,
            user_verification,
        };
        registration::verify(&RP, &ceremony, &response)?.verified_by(verifies)
    }
}

/// An authentication to be posted: good until a test changes it.
pub struct Authentication {
    pub credential: Credential,
    pub client_data: Vec<u8>,
    pub auth_data: AuthData,
    /// Instead of the good one.
    pub signature: Option<Vec<u8>>,
    pub user_handle: Option<Vec<u8>>,
    pub user: User,
    pub user_verification: UserVerificationRequirement,
    pub record: CredentialRecord,
}

impl Authentication {
    pub fn good() -> Self {
        Self::by(Credential::w3c("none-es256"))
    }

    pub fn by(credential: Credential) -> Self {
        Self {
            client_data: client_data("webauthn.get"),
            auth_data: AuthData {
                flags: UP | UV,
                sign_count: 11,
                ..AuthData::default()
            },
            signature: None,
            user_handle: None,
            user: User::Identified,
            user_verification: UserVerificationRequirement::Preferred,
            record: credential.record(),
            credential,
        }
    }

    pub fn json(&self) -> Value {
        let auth_data = self.auth_data.bytes();
        let signature = self.signature.clone().unwrap_or_else(|| {
            let message = [
                auth_data.clone(),
                Sha256::digest(&self.client_data).to_vec(),
            ]
            .concat();
            self.credential.sign(&message)
        });
        let id = base64url::encode(&self.credential.id);
        json!({
            "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {},
            "authenticatorAttachment": "platform",
            "response": {
                "clientDataJSON": base64url::encode(&self.client_data),
                "authenticatorData": base64url::encode(&auth_data),
                "signature": base64url::encode(&signature),
                "userHandle": self.user_handle.as_deref().map(base64url::encode),
            },
        })
    }

    pub fn verify(&self) -> Result<Assertion, Refused> {
        self.verify_with(&NONCE)
    }

    pub fn verify_with(&self, nonce: &[u8]) -> Result<Assertion, Refused> {
        let response: AuthenticationResponseJSON = serde_json::from_value(self.json()).unwrap();
        let ceremony = authentication::Ceremony {
            nonce,
            user: self.user,
            user_verification: self.user_verification,
        };
        let account = Account {
            user_handle: &alice(),
            credentials: &[&self.record],
        };
        authentication::verify(&RP, &ceremony, &account, &response)?.verified_by(verifies)
    }
}

/// Alice's user handle.
pub fn alice() -> UserHandle {
    UserHandle::new(
        OrganizationId::from_entropy([1; 16]),
        UserId::from_entropy([2; 16]),
        [3; 32],
    )
}
