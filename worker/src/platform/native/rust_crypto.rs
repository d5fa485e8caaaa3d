//! RustCrypto, where the Worker asks WebCrypto.

use async_trait::async_trait;
use ed25519_dalek::{Signer as _, pkcs8::DecodePublicKey as _};
use p256::ecdsa::signature::Verifier as _;
use postern::{
    base64url,
    passkeys::{Algorithm, Signed, ToVerify},
    secret::Secret,
};
use rsa::{
    pkcs8::DecodePublicKey as _,
    sha2::{Digest as _, Sha256},
};

use crate::{platform::Fault, platform::Signatures};

/// Signatures in Rust.
pub struct RustCrypto;

#[async_trait]
impl Signatures for RustCrypto {
    async fn verifies(&self, question: &ToVerify) -> bool {
        let (key, signed) = (question.key(), question.signed());
        holds(key.algorithm(), key.spki(), signed)
    }

    async fn verify_decoy(&self) {}

    async fn prepare(&self, _: &Secret<32>) {}

    async fn sign(&self, seed: &Secret<32>, message: &[u8]) -> Result<Vec<u8>, Fault> {
        let key = ed25519_dalek::SigningKey::from_bytes(seed.expose());
        Ok(key.sign(message).to_vec())
    }

    async fn public_key(&self, seed: &Secret<32>) -> Result<String, Fault> {
        let key = ed25519_dalek::SigningKey::from_bytes(seed.expose());
        Ok(base64url::encode(key.verifying_key().as_bytes()))
    }
}

/// Whether the key can be used, and the signature holds if there is one.
fn holds(algorithm: Algorithm, spki: &[u8], signed: Option<&Signed>) -> bool {
    match algorithm {
        Algorithm::Es256 => p256::ecdsa::VerifyingKey::from_public_key_der(spki).is_ok_and(|key| {
            signed.is_none_or(|Signed { message, signature }| {
                p256::ecdsa::Signature::from_slice(signature)
                    .is_ok_and(|signature| key.verify(message, &signature).is_ok())
            })
        }),
        Algorithm::EdDsa => {
            ed25519_dalek::VerifyingKey::from_public_key_der(spki).is_ok_and(|key| {
                signed.is_none_or(|Signed { message, signature }| {
                    ed25519_dalek::Signature::from_slice(signature)
                        .is_ok_and(|signature| key.verify(message, &signature).is_ok())
                })
            })
        }
        Algorithm::Rs256 => rsa::RsaPublicKey::from_public_key_der(spki).is_ok_and(|key| {
            signed.is_none_or(|Signed { message, signature }| {
                let padding = rsa::Pkcs1v15Sign::new::<Sha256>();
                key.verify(padding, &Sha256::digest(message), signature)
                    .is_ok()
            })
        }),
    }
}
