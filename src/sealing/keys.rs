//! The ring of root keys, and the keys made from each of them by HKDF-SHA-256.

use alloc::{borrow::ToOwned as _, string::String, vec::Vec};
use core::fmt;

use aes_gcm::{Aes256Gcm, KeyInit};
use base64::{Engine, engine::general_purpose::STANDARD};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::Purpose;
use crate::secret::Secret;

/// The root keys of a deployment: the first one writes, all of them read.
pub struct Keys {
    writer: RootKey,
    readers: Vec<RootKey>,
}

/// `POSTERN_KEYS` is missing or not a list of `id:base64` with 32 bytes each, distinct ids and
/// distinct keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadKeys;

/// Something was made under the root key of this id, which the deployment does not have. The
/// operator must repair that; it is not counted as a wrong proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingKey(pub String);

impl fmt::Display for MissingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "root key {} is not in POSTERN_KEYS", self.0)
    }
}

impl Keys {
    /// Reads `id:base64[,id:base64…]`, standard base64 of exactly 32 bytes each, ids of 1 to 16
    /// letters and digits.
    ///
    /// # Errors
    /// [`BadKeys`] for anything else, an empty list included.
    pub fn parse(text: &str) -> Result<Self, BadKeys> {
        let mut ring = Vec::new();
        for entry in text.split(',') {
            let key = RootKey::parse(entry.trim()).ok_or(BadKeys)?;
            let twice = |known: &RootKey| known.id == key.id || known.secret == key.secret;
            if ring.iter().any(twice) {
                return Err(BadKeys);
            }
            ring.push(key);
        }
        let mut ring = ring.into_iter();
        Ok(Self {
            writer: ring.next().ok_or(BadKeys)?,
            readers: ring.collect(),
        })
    }

    /// The key that writes.
    #[must_use]
    pub const fn writer(&self) -> &RootKey {
        &self.writer
    }

    /// The key that does not change when another one becomes the writing key: for names that are
    /// made under a key and looked up later.
    #[must_use]
    pub fn common(&self) -> &RootKey {
        let least = self.readers.iter().chain([&self.writer]);
        least
            .min_by(|one, other| one.id.cmp(&other.id))
            .unwrap_or(&self.writer)
    }

    /// Every key, the one that writes first.
    pub fn iter(&self) -> impl Iterator<Item = &RootKey> {
        core::iter::once(&self.writer).chain(&self.readers)
    }

    /// The key of this id.
    ///
    /// # Errors
    /// [`MissingKey`] when it is not in the ring.
    pub fn find(&self, id: &str) -> Result<&RootKey, MissingKey> {
        self.iter()
            .find(|key| key.id == id)
            .ok_or_else(|| MissingKey(id.to_owned()))
    }

    /// The key whose [`RootKey::mark`] on `text` this is, if it is one.
    #[must_use]
    pub fn marker(&self, text: &[u8], mark: &Secret<32>) -> Option<&RootKey> {
        self.iter().find(|key| key.mark(text) == *mark)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.iter().map(RootKey::id))
            .finish()
    }
}

/// One root key.
pub struct RootKey {
    id: String,
    secret: Secret<32>,
}

impl RootKey {
    fn parse(entry: &str) -> Option<Self> {
        let (id, key) = entry.split_once(':')?;
        let bytes = Zeroizing::new(STANDARD.decode(key).ok()?);
        let secret = Secret::new(bytes.as_slice().try_into().ok()?);
        let id = is_id(id).then(|| id.to_owned())?;
        Some(Self { id, secret })
    }

    /// Its id, which is stored beside everything that was made under it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The HMAC key over slow hashes, kept outside the database.
    #[must_use]
    pub fn pepper(&self) -> Secret<32> {
        self.derive("pepper")
    }

    /// Marks `text` as ours: HMAC-SHA-256 under a key of its own.
    #[must_use]
    pub fn mark(&self, text: &[u8]) -> Secret<32> {
        self.mac("mark", text)
    }

    /// A stand-in for `text` from which it cannot be read, nor found by guessing: HMAC-SHA-256
    /// under a key of its own.
    #[must_use]
    pub fn pseudonym(&self, text: &[u8]) -> Secret<32> {
        self.mac("pseudonym", text)
    }

    /// The secret that follows `secret` in a series of rotating tokens.
    #[must_use]
    pub fn successor(&self, secret: &[u8; 32]) -> Secret<32> {
        self.mac("series", secret)
    }

    /// The Ed25519 seed (RFC 8032 section 5.1.5) that signs assurance tokens. Those of all keys are
    /// published, the first one signs.
    #[must_use]
    pub fn signing_seed(&self) -> Secret<32> {
        self.derive("assurance token")
    }

    /// The Ed25519 seed that signs checkpoints of the audit log
    /// ([`crate::audit::checkpoint`]).
    #[must_use]
    pub fn checkpoint_seed(&self) -> Secret<32> {
        self.derive("audit checkpoint")
    }

    pub(super) fn cipher(&self, purpose: Purpose) -> Aes256Gcm {
        Aes256Gcm::new(self.derive(purpose.label()).expose().into())
    }

    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
    fn mac(&self, label: &str, text: &[u8]) -> Secret<32> {
        let key = self.derive(label);
        let mac = Hmac::<Sha256>::new_from_slice(key.expose()).expect("a key of any length");
        Secret::new(mac.chain_update(text).finalize().into_bytes().into())
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

/// Whether this can be the id of a root key.
pub(super) fn is_id(id: &str) -> bool {
    (1..=16).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
