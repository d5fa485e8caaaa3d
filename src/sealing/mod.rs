//! Root keys, and sealing under them: AES-256-GCM with keys made by HKDF-SHA-256.
//!
//! A blob opens only in its [`Place`]: the same bytes under another user, row or purpose are
//! refused, so rows cannot be swapped by someone who can write to the database. Nonces are
//! arguments; whoever calls [`Keys::seal`] draws 96 fresh random bits for each blob.

use alloc::{string::String, vec::Vec};
use core::fmt;

use aes_gcm::{
    Aes256Gcm, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{base64url, secret::Secret};

#[cfg(test)]
mod tests;

/// Random bytes in front of each sealed blob (NIST SP 800-38D: 96 bits).
pub const NONCE_BYTES: usize = 12;

/// What a blob is for. Part of the key's derivation and of the additional data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A challenge for a sign-in.
    SignInChallenge,
    /// A challenge for a step-up.
    StepUpChallenge,
    /// The ceremony of a new passkey.
    PasskeyEnrollment,
    /// The ceremony of a sign-in by passkey alone.
    PasskeySignIn,
    /// A TOTP secret of a confirmed authenticator or an enrollment.
    TotpSecret,
    /// The KV copy of a user.
    UserCopy,
    /// The KV copy of an organization's policy.
    PolicyCopy,
    /// The KV entry from an application's names to our ids.
    NameCopy,
}

impl Purpose {
    const fn label(self) -> &'static str {
        match self {
            Self::SignInChallenge => "sign-in challenge",
            Self::StepUpChallenge => "step-up challenge",
            Self::PasskeyEnrollment => "passkey enrollment",
            Self::PasskeySignIn => "passkey sign-in",
            Self::TotpSecret => "totp secret",
            Self::UserCopy => "user copy",
            Self::PolicyCopy => "policy copy",
            Self::NameCopy => "name copy",
        }
    }
}

/// Where a blob lives: its purpose and the names that lead to it, outermost first
/// (organization, user, row id; a copy's version). None of them may hold a line feed.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// What the blob is for.
    pub purpose: Purpose,
    /// The names, outermost first.
    pub path: &'a [&'a str],
}

impl Place<'_> {
    fn additional_data(&self) -> Vec<u8> {
        let mut data = Vec::from(self.purpose.label().as_bytes());
        for name in self.path {
            data.push(b'\n');
            data.extend_from_slice(name.as_bytes());
        }
        data
    }
}

/// The root keys of a deployment: the first one writes, all of them read.
pub struct Keys {
    ring: Vec<RootKey>,
}

/// `POSTERN_KEYS` is missing or not a list of `id:base64` with 32 bytes each and distinct ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadKeys;

/// The blob was not sealed here: forged, damaged, of another place, or under a retired key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotSealed;

impl Keys {
    /// Reads `id:base64[,id:base64…]`, standard base64 of exactly 32 bytes each, ids of 1 to 16
    /// letters and digits.
    ///
    /// # Errors
    /// [`BadKeys`] for anything else, an empty list included.
    pub fn parse(text: &str) -> Result<Self, BadKeys> {
        let mut ring: Vec<RootKey> = Vec::new();
        for entry in text.split(',') {
            let (id, key) = entry.trim().split_once(':').ok_or(BadKeys)?;
            let plain =
                !id.is_empty() && id.len() <= 16 && id.bytes().all(|b| b.is_ascii_alphanumeric());
            if !plain || ring.iter().any(|known| known.id == id) {
                return Err(BadKeys);
            }
            let bytes = Zeroizing::new(STANDARD.decode(key).map_err(|_| BadKeys)?);
            let secret = Secret::new(bytes.as_slice().try_into().map_err(|_| BadKeys)?);
            ring.push(RootKey {
                id: id.into(),
                secret,
            });
        }
        if ring.is_empty() {
            Err(BadKeys)
        } else {
            Ok(Self { ring })
        }
    }

    /// The id of the key that writes.
    #[must_use]
    pub fn writer(&self) -> &str {
        self.ring.first().map_or("", |key| &key.id)
    }

    /// Seals `plaintext` for `place` under the first key:
    /// base64url of key id length (1 byte), key id, nonce, ciphertext and 16-byte tag.
    #[must_use]
    pub fn seal(&self, place: &Place<'_>, nonce: [u8; NONCE_BYTES], plaintext: &[u8]) -> String {
        let Some(key) = self.ring.first() else {
            return String::new();
        };
        let payload = Payload {
            msg: plaintext,
            aad: &place.additional_data(),
        };
        let Ok(sealed) = key
            .cipher(place.purpose)
            .encrypt(&Nonce::from(nonce), payload)
        else {
            return String::new();
        };
        let mut blob = Vec::new();
        blob.push(u8::try_from(key.id.len()).unwrap_or_default());
        blob.extend_from_slice(key.id.as_bytes());
        blob.extend_from_slice(&nonce);
        blob.extend_from_slice(&sealed);
        base64url::encode(&blob)
    }

    /// Opens a blob in the place it was sealed for, under whichever key sealed it.
    ///
    /// # Errors
    /// [`NotSealed`] for everything that is not byte for byte what [`Keys::seal`] wrote there.
    pub fn open(&self, place: &Place<'_>, blob: &str) -> Result<Zeroizing<Vec<u8>>, NotSealed> {
        let blob = base64url::decode(blob).ok_or(NotSealed)?;
        let (length, rest) = blob.split_first().ok_or(NotSealed)?;
        let (id, rest) = rest
            .split_at_checked(usize::from(*length))
            .ok_or(NotSealed)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(NotSealed)?;
        let key = self
            .ring
            .iter()
            .find(|key| key.id.as_bytes() == id)
            .ok_or(NotSealed)?;
        let payload = Payload {
            msg: sealed,
            aad: &place.additional_data(),
        };
        key.cipher(place.purpose)
            .decrypt(&Nonce::from(*nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| NotSealed)
    }

    /// The pepper of root key `id`: HMAC key over slow hashes, kept outside the database.
    /// `None` when that key was retired.
    #[must_use]
    pub fn pepper(&self, id: &str) -> Option<Secret<32>> {
        self.ring
            .iter()
            .find(|key| key.id == id)
            .map(|key| key.derive("pepper"))
    }

    /// Marks `text` as ours: HMAC-SHA-256 under a key of its own, of the writing root key.
    #[must_use]
    pub fn mark(&self, text: &[u8]) -> Option<Secret<32>> {
        let key = self.ring.first()?.derive("mark");
        let mut mac = Hmac::<Sha256>::new_from_slice(key.expose()).ok()?;
        mac.update(text);
        Some(Secret::new(mac.finalize().into_bytes().into()))
    }

    /// The secret that follows `secret` in a series of rotating tokens, under the writing key.
    #[must_use]
    pub fn successor(&self, secret: &[u8; 32]) -> Option<Secret<32>> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(self.ring.first()?.derive("series").expose()).ok()?;
        mac.update(secret);
        Some(Secret::new(mac.finalize().into_bytes().into()))
    }

    /// The Ed25519 seed (RFC 8032 section 5.1.5) that signs assurance tokens, and the id of each
    /// root key it comes from: all are published, the first one signs.
    pub fn signing_seeds(&self) -> impl Iterator<Item = (&str, Secret<32>)> {
        self.ring
            .iter()
            .map(|key| (key.id.as_str(), key.derive("assurance token")))
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.ring.iter().map(|key| &key.id))
            .finish()
    }
}

struct RootKey {
    id: String,
    secret: Secret<32>,
}

impl RootKey {
    fn cipher(&self, purpose: Purpose) -> Aes256Gcm {
        Aes256Gcm::new(self.derive(purpose.label()).expose().into())
    }

    /// HKDF-SHA-256 (RFC 5869) without salt: the root keys are uniform already.
    fn derive(&self, label: &str) -> Secret<32> {
        let mut key = [0; 32];
        // Fails only above 255 * 32 bytes.
        let _ = Hkdf::<Sha256>::new(None, self.secret.expose())
            .expand_multi_info(&[b"postern v1 ", label.as_bytes()], &mut key);
        Secret::new(key)
    }
}
