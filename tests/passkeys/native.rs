//! The native verifier: RustCrypto, where the Worker asks WebCrypto.

use ed25519_dalek::pkcs8::DecodePublicKey as _;
use p256::ecdsa::signature::Verifier as _;
use postern::passkeys::{Algorithm, Signed, ToVerify};
use rsa::pkcs8::DecodePublicKey as _;
use rsa::sha2::{Digest as _, Sha256};

/// Whether the key can be used, and the signature holds if there is one.
pub fn verifies(question: &ToVerify) -> bool {
    holds(
        question.key().algorithm(),
        question.key().spki(),
        question.signed(),
    )
}

/// The same from the parts, with the key as SubjectPublicKeyInfo.
pub fn holds(algorithm: Algorithm, spki: &[u8], signed: Option<&Signed>) -> bool {
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
