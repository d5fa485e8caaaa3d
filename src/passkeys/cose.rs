//! `COSE_Key` as WebAuthn uses it (RFC 9052 section 7, RFC 9053, RFC 8230; WebAuthn L3 sections
//! 5.8.5 and 6.5.1.1): three kinds of public keys, each in its one allowed form.
//!
//! Leaves the arithmetic to the verifier, above all whether a P-256 point is on its curve: every
//! registration goes through [`super::Unverified`] for that.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{
    Base64UrlString,
    cbor::{Map, Value},
    spki,
};

/// `COSEAlgorithmIdentifier` (WebAuthn L3 section 5.8.5) of the algorithms we offer and verify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// -8, EdDSA, here always with Ed25519 (WebAuthn L3 section 5.8.5).
    EdDsa,
    /// -7, ECDSA with SHA-256, here always with P-256.
    Es256,
    /// -257, RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
}

impl Algorithm {
    /// What registration offers, the preferred one first (WebAuthn L3 section 5.4
    /// `pubKeyCredParams`).
    pub const OFFERED: [Self; 3] = [Self::EdDsa, Self::Es256, Self::Rs256];

    /// The number in the IANA COSE Algorithms registry.
    #[must_use]
    pub const fn identifier(self) -> i16 {
        match self {
            Self::EdDsa => -8,
            Self::Es256 => -7,
            Self::Rs256 => -257,
        }
    }

    fn from_identifier(identifier: i128) -> Option<Self> {
        Self::OFFERED
            .into_iter()
            .find(|known| i128::from(known.identifier()) == identifier)
    }
}

/// Why bytes are not a key we can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAKey {
    /// A key of an algorithm that we do not offer.
    Algorithm,
    /// Not a key in the one form its algorithm has, or a weak one.
    Malformed,
}

/// A credential public key: well-formed, of an offered algorithm, not known to be weak.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Base64UrlString", into = "Base64UrlString")]
pub struct CoseKey {
    algorithm: Algorithm,
    cose: Vec<u8>,
    spki: Vec<u8>,
}

impl CoseKey {
    /// Reads a `COSE_Key` and nothing after it.
    ///
    /// # Errors
    /// [`NotAKey`].
    pub fn from_bytes(cose: &[u8]) -> Result<Self, NotAKey> {
        let value = Value::read(cose).map_err(|_| NotAKey::Malformed)?;
        let key = value.map().ok_or(NotAKey::Malformed)?;
        let algorithm = key
            .at(ALG)
            .and_then(Value::integer)
            .ok_or(NotAKey::Malformed)?;
        let algorithm = Algorithm::from_identifier(algorithm).ok_or(NotAKey::Algorithm)?;
        let spki = match algorithm {
            Algorithm::EdDsa => ed25519(key),
            Algorithm::Es256 => p256(key),
            Algorithm::Rs256 => rsa(key),
        };
        Ok(Self {
            algorithm,
            cose: cose.into(),
            spki: spki.ok_or(NotAKey::Malformed)?,
        })
    }

    /// The algorithm this key signs with, and no other.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The `COSE_Key`, byte for byte as registered.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.cose
    }

    /// The same key as `SubjectPublicKeyInfo` in DER, which WebCrypto imports as `spki`.
    #[must_use]
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }
}

impl TryFrom<Base64UrlString> for CoseKey {
    type Error = &'static str;

    fn try_from(cose: Base64UrlString) -> Result<Self, Self::Error> {
        Self::from_bytes(&cose).map_err(|_| "not a credential public key")
    }
}

impl From<CoseKey> for Base64UrlString {
    fn from(key: CoseKey) -> Self {
        key.cose.into()
    }
}

/// "OKP", crv "Ed25519" (RFC 9053 section 7.2): x is 32 bytes (RFC 8032 section 5.1.2).
fn ed25519(key: &Map<'_>) -> Option<Vec<u8>> {
    has(key, 4, KTY, 1)?;
    has(key, 4, CRV, 6)?;
    let x = key.at(X)?.bytes()?.try_into().ok()?;
    if is_usable_ed25519(x) {
        Some(spki::ed25519(x))
    } else {
        None
    }
}

/// "EC2", crv P-256 (RFC 9053 section 7.1): 32 bytes each, y never as a sign bit
/// (WebAuthn L3 section 5.8.5).
fn p256(key: &Map<'_>) -> Option<Vec<u8>> {
    has(key, 5, KTY, 2)?;
    has(key, 5, CRV, 1)?;
    let x = key.at(X)?.bytes()?.try_into().ok()?;
    let y = key.at(Y)?.bytes()?.try_into().ok()?;
    Some(spki::p256(x, y))
}

/// "RSA" (RFC 8230 section 4): n of 2048 to 8192 bits, e of at most 32 bits, both odd, in the
/// fewest bytes.
fn rsa(key: &Map<'_>) -> Option<Vec<u8>> {
    has(key, 4, KTY, 3)?;
    let n = key.at(N)?.bytes()?;
    let e = key.at(E)?.bytes()?;
    let n_is_odd = n.last()? & 1 == 1;
    let n_is_sized = match n {
        [0, ..] => false,
        [first, ..] => n.len() >= 257 || (n.len() == 256 && *first >= 0x80),
        [] => false,
    } && n.len() <= 1024;
    let e_is_sized = match e {
        [0, ..] | [] | [1] => false,
        _ => e.len() <= 4,
    } && e.last()? & 1 == 1;
    if n_is_odd && n_is_sized && e_is_sized {
        spki::rsa(n, e)
    } else {
        None
    }
}

/// Whether `label` has `value` in a key of exactly `entries` parameters: WebAuthn forbids optional
/// ones.
fn has(key: &Map<'_>, entries: usize, label: i128, value: i128) -> Option<()> {
    let right = key.len() == entries && key.at(label)?.integer()? == value;
    right.then_some(())
}

/// False for the points of small order, under which one signature fits many messages, and for
/// every `y` that is not below `p = 2^255 - 19` (RFC 8032 section 5.1.3). Verifiers differ in both.
fn is_usable_ed25519(x: &[u8; 32]) -> bool {
    let mut y = *x;
    let [first, middle @ .., last] = &mut y;
    // The sign of x: P and -P have the same order.
    *last &= 0x7f;
    let at_least_p = *first >= 0xed && middle.iter().all(|byte| *byte == 0xff) && *last == 0x7f;
    !at_least_p && !SMALL_ORDER.contains(&y)
}

/// The `y` of the eight points whose order divides 8: orders 4, 1, 2 and twice 8, little-endian.
/// Recomputed in `tests/passkeys` with `ed25519-dalek`.
const SMALL_ORDER: [[u8; 32]; 5] = [
    [0; 32],
    [
        1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0,
    ],
    [
        0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0x7f,
    ],
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

// RFC 9052 table 4, RFC 9053 tables 19 and 20, RFC 8230 table 4.
const KTY: i128 = 1;
const ALG: i128 = 3;
const CRV: i128 = -1;
const X: i128 = -2;
const Y: i128 = -3;
const N: i128 = -1;
const E: i128 = -2;
