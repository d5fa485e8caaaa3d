//! Root keys, and sealing under them: AES-256-GCM with keys made by HKDF-SHA-256.
//!
//! A blob opens only in its [`Place`]: the same bytes under another user, row or purpose are
//! refused, so that an attacker who can write to the database cannot swap rows. Nonces are
//! arguments; each call of [`Keys::seal`] needs 96 fresh random bits.

use alloc::{string::String, vec::Vec};

use aes_gcm::{
    Nonce,
    aead::{Aead, Payload},
};
use zeroize::Zeroizing;

use crate::base64url;

mod keys;
#[cfg(test)]
mod tests;
mod token;

pub use keys::{BadKeys, Keys, MissingKey, RootKey};
pub use token::Form;

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
    /// A mailed link that replaces all factors.
    ResetLink,
    /// A mailed link to a first password.
    InvitationLink,
    /// A mailed link to a new password.
    PasswordLink,
    /// A mailed link that says "this was not me".
    NotMeLink,
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
            Self::ResetLink => "reset link",
            Self::InvitationLink => "invitation link",
            Self::PasswordLink => "password link",
            Self::NotMeLink => "not me link",
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

/// Why a blob does not open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotOpened {
    /// It was not sealed here: forged, damaged, or of another place.
    NotSealed,
    /// Its key is not there, so it is not known whether it was sealed here.
    MissingKey(MissingKey),
}

impl From<MissingKey> for NotOpened {
    fn from(missing: MissingKey) -> Self {
        Self::MissingKey(missing)
    }
}

/// What is to be sealed is more than AES-GCM takes, 64 GiB (NIST SP 800-38D section 5.2.1.1), or has
/// no JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CannotSeal;

impl core::fmt::Display for CannotSeal {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("cannot be sealed")
    }
}

impl core::error::Error for CannotSeal {}

impl Keys {
    /// Seals `plaintext` for `place` under the first key:
    /// base64url of key id length (1 byte), key id, nonce, ciphertext and 16-byte tag.
    ///
    /// # Errors
    /// [`CannotSeal`] when AES-GCM does not take as much under one nonce.
    pub fn seal(
        &self,
        place: &Place<'_>,
        nonce: [u8; NONCE_BYTES],
        plaintext: &[u8],
    ) -> Result<String, CannotSeal> {
        let key = self.writer();
        let payload = Payload {
            msg: plaintext,
            aad: &place.additional_data(),
        };
        let sealed = key
            .cipher(place.purpose)
            .encrypt(&Nonce::from(nonce), payload)
            .map_err(|_| CannotSeal)?;
        let id = key.id().as_bytes();
        let length = u8::try_from(id.len()).map_err(|_| CannotSeal)?;
        let blob = [&[length], id, &nonce, &sealed].concat();
        Ok(base64url::encode(&blob))
    }

    /// Opens a blob in the place it was sealed for, under whichever key sealed it.
    ///
    /// # Errors
    /// [`NotOpened`] for everything that is not byte for byte what [`Keys::seal`] wrote there.
    pub fn open(&self, place: &Place<'_>, blob: &str) -> Result<Zeroizing<Vec<u8>>, NotOpened> {
        let blob = Blob::read(blob).ok_or(NotOpened::NotSealed)?;
        let payload = Payload {
            msg: &blob.sealed,
            aad: &place.additional_data(),
        };
        self.find(&blob.key)?
            .cipher(place.purpose)
            .decrypt(&Nonce::from(blob.nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| NotOpened::NotSealed)
    }
}

/// The id of the key that `blob` says it was sealed under; `None` when it is no blob.
#[must_use]
pub fn key_of(blob: &str) -> Option<String> {
    Blob::read(blob).map(|blob| blob.key)
}

/// What [`Keys::seal`] wrote, taken apart.
struct Blob {
    key: String,
    nonce: [u8; NONCE_BYTES],
    sealed: Vec<u8>,
}

impl Blob {
    fn read(text: &str) -> Option<Self> {
        let blob = base64url::decode(text)?;
        let (length, rest) = blob.split_first()?;
        let (id, rest) = rest.split_at_checked(usize::from(*length))?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>()?;
        let key = core::str::from_utf8(id).ok().filter(|id| keys::is_id(id))?;
        Some(Self {
            key: key.into(),
            nonce: *nonce,
            sealed: sealed.into(),
        })
    }
}
