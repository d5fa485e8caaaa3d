//! A result that still depends on a signature: it cannot be used before the signature was verified.
//!
//! Leaves the arithmetic to the platform: WebCrypto in the Worker, RustCrypto in native tests.

use alloc::vec::Vec;

use super::{Algorithm, CoseKey, Refused, der};

/// A `T` for which every other check of its ceremony held, or failed in a way that only the holder
/// of the key may learn. It comes out of [`Unverified::verified_by`] and in no other way.
#[derive(Debug)]
#[must_use]
pub struct Unverified<T> {
    claim: Result<T, Refused>,
    to_verify: ToVerify,
}

/// The question to the verifier: is this a valid key, and if there is a signature, does it hold?
#[derive(Debug)]
pub struct ToVerify {
    key: CoseKey,
    signed: Option<Signed>,
}

/// A message and its signature, as WebCrypto takes them.
#[derive(Debug)]
pub struct Signed {
    /// Authenticator data ‖ SHA-256 of the client data. Not hashed yet.
    pub message: Vec<u8>,
    /// ES256: `r ‖ s`, 64 bytes. EdDSA: 64 bytes. RS256: as many bytes as the modulus.
    pub signature: Vec<u8>,
}

impl Signed {
    /// Reads `signature` in the form of `algorithm` (WebAuthn L3 section 6.5.5): DER for ES256.
    /// `None` when it is of another form.
    #[must_use]
    pub fn read(algorithm: Algorithm, message: Vec<u8>, signature: &[u8]) -> Option<Self> {
        let signature = match algorithm {
            Algorithm::Es256 => der::r_and_s(signature, 32)?,
            Algorithm::EdDsa if signature.len() == 64 => signature.into(),
            // The longest modulus of a `CoseKey`; the verifier wants exactly its length.
            Algorithm::Rs256 if signature.len() <= 1024 => signature.into(),
            Algorithm::EdDsa | Algorithm::Rs256 => return None,
        };
        Some(Self { message, signature })
    }
}

impl<T> Unverified<T> {
    /// A claim that rests on a signature by `key`.
    pub(super) fn signed(
        claim: T,
        key: CoseKey,
        message: Vec<u8>,
        signature: &[u8],
    ) -> Result<Self, Refused> {
        let signed = Signed::read(key.algorithm(), message, signature).ok_or(Refused::Signature)?;
        Ok(Self {
            claim: Ok(claim),
            to_verify: ToVerify {
                key,
                signed: Some(signed),
            },
        })
    }

    /// A new key that nothing was signed with: the verifier says whether it can be used at all.
    pub(super) const fn unsigned(claim: T, key: CoseKey) -> Self {
        Self {
            claim: Ok(claim),
            to_verify: ToVerify { key, signed: None },
        }
    }

    /// The same, but refused even if the signature holds.
    pub(super) fn refused_for(self, refused: Refused) -> Self {
        Self {
            claim: Err(refused),
            ..self
        }
    }

    /// What to verify, for a verifier that has to be awaited: ask it, then pass its answer through
    /// [`Self::verified_by`].
    pub const fn to_verify(&self) -> &ToVerify {
        &self.to_verify
    }

    /// The `T`, if `verifier` says yes to [`ToVerify`].
    ///
    /// # Errors
    /// [`Refused::Signature`] if it says no; what is wrong besides if it says yes.
    pub fn verified_by(self, verifier: impl FnOnce(&ToVerify) -> bool) -> Result<T, Refused> {
        if verifier(&self.to_verify) {
            self.claim
        } else {
            Err(Refused::Signature)
        }
    }
}

impl ToVerify {
    /// The key: the stored one for an assertion, the new one for a registration. A verifier says no
    /// to one it cannot import, such as a point that is not on P-256. (WebCrypto in workerd imports
    /// any 32 bytes for Ed25519: those that are no point verify nothing later.)
    #[must_use]
    pub const fn key(&self) -> &CoseKey {
        &self.key
    }

    /// What was signed with the key's algorithm; `None` when only the key is in question.
    #[must_use]
    pub const fn signed(&self) -> Option<&Signed> {
        self.signed.as_ref()
    }
}
