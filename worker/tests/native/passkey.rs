//! A passkey in software, which signs what it is asked (EdDSA, self-made, without attestation).

use ed25519_dalek::{Signer as _, SigningKey};
use postern::base64url::encode;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const RP_ID: &str = "example.test";

/// User present and verified.
const UP_UV: u8 = 0x05;

/// Attested credential data follow.
const AT: u8 = 0x40;

/// A passkey.
#[derive(Clone)]
pub struct Passkey {
    key: SigningKey,
    id: [u8; 16],
    user: String,
}

impl Passkey {
    /// One as `options` ask for it, number `number`, and what the browser posts of it.
    pub fn create(number: u8, options: &Value) -> (Self, Value) {
        let passkey = Self {
            key: SigningKey::from_bytes(&[number; 32]),
            id: [number; 16],
            user: options["user"]["id"].as_str().unwrap().to_owned(),
        };
        let client_data = client_data("webauthn.create", options);
        let data = passkey.authenticator_data(0, true);
        // {"fmt": "none", "attStmt": {}, "authData": data}
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(u8::try_from(data.len()).unwrap());
        object.extend(data);
        let posted = passkey.posted(json!({"clientDataJSON": encode(&client_data),
            "attestationObject": encode(&object), "transports": ["internal"]}));
        (passkey, posted)
    }

    /// What the browser posts of its answer to `options`.
    pub fn assert(&self, count: u32, options: &Value) -> Value {
        let client_data = client_data("webauthn.get", options);
        let data = self.authenticator_data(count, false);
        let signed = [&*data, &Sha256::digest(&client_data)].concat();
        let signature = self.key.sign(&signed).to_bytes();
        self.posted(
            json!({"clientDataJSON": encode(&client_data), "authenticatorData": encode(&data),
            "signature": encode(&signature), "userHandle": self.user}),
        )
    }

    fn posted(&self, response: Value) -> Value {
        let id = encode(&self.id);
        json!({"id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {}})
    }

    fn authenticator_data(&self, count: u32, is_new: bool) -> Vec<u8> {
        let mut data = Sha256::digest(RP_ID).to_vec();
        data.push(if is_new { UP_UV | AT } else { UP_UV });
        data.extend(count.to_be_bytes());
        if is_new {
            data.extend([0; 16]);
            data.extend([0, 16]);
            data.extend(self.id);
            // {1: 1, 3: -8, -1: 6, -2: the key}: OKP, EdDSA, Ed25519
            data.extend(b"\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x20");
            data.extend(self.key.verifying_key().to_bytes());
        }
        data
    }
}

fn client_data(kind: &str, options: &Value) -> Vec<u8> {
    let data = json!({"type": kind, "challenge": options["challenge"], "origin": "https://mfa.example.test",
        "crossOrigin": false});
    data.to_string().into_bytes()
}
