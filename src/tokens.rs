//! Bearer tokens: kind, organization, user, row, and 256 secret bits.
//!
//! The ids in front let one look-up find the row; only the SHA-256 of the secret is stored and
//! compared there. The ids are trusted only once the hash matched.

use alloc::{string::String, vec::Vec};

use sha2::{Digest, Sha256};

use crate::{
    base64url,
    ids::{OrganizationId, UserId},
    sealing::{Keys, RootKey},
    secret::Secret,
};

/// What a token opens. Each kind has its own prefix, so that one is never read as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A session.
    Session,
    /// A trusted device.
    TrustedDevice,
}

impl Kind {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Session => "ps_",
            Self::TrustedDevice => "pd_",
        }
    }
}

/// A token as its bearer holds it.
#[derive(Clone, Debug)]
pub struct Token {
    /// What it opens.
    pub kind: Kind,
    /// The organization it claims to be of.
    pub organization: OrganizationId,
    /// The user it claims to be of.
    pub user: UserId,
    /// The row: a session's or trusted device's id.
    pub row: [u8; 16],
    /// What proves it.
    pub secret: Secret<32>,
}

impl Token {
    /// Reads a token of `kind`; `None` for everything that [`Token::write`] did not make.
    #[must_use]
    pub fn parse(kind: Kind, text: &str) -> Option<Self> {
        let bytes = base64url::decode(text.strip_prefix(kind.prefix())?)?;
        let (organization, rest) = bytes.split_first_chunk::<16>()?;
        let (user, rest) = rest.split_first_chunk::<16>()?;
        let (row, rest) = rest.split_first_chunk::<16>()?;
        Some(Self {
            kind,
            organization: OrganizationId::from_entropy(*organization),
            user: UserId::from_entropy(*user),
            row: *row,
            secret: Secret::new(rest.try_into().ok()?),
        })
    }

    /// Writes the token: prefix and base64url of 80 bytes.
    #[must_use]
    pub fn write(&self) -> String {
        let mut bytes = Vec::with_capacity(80);
        bytes.extend_from_slice(self.organization.as_bytes());
        bytes.extend_from_slice(self.user.as_bytes());
        bytes.extend_from_slice(&self.row);
        bytes.extend_from_slice(self.secret.expose());
        let mut text = String::from(self.kind.prefix());
        text.push_str(&base64url::encode(&bytes));
        text
    }

    /// What is stored in its place: base64url of SHA-256 over the secret bits.
    #[must_use]
    pub fn hash(&self) -> String {
        base64url::encode(&Sha256::digest(self.secret.expose()))
    }
}

/// `text`, a dot, and our mark on it under `key`: for tokens that have no row, or that must not
/// cost a look-up when they are invented.
#[must_use]
pub fn marked(text: &str, key: &RootKey) -> String {
    let mark = key.mark(text.as_bytes());
    alloc::format!("{text}.{}", base64url::encode(mark.expose()))
}

/// The text of what [`marked`] made, and under which of `keys`; `None` for everything else.
#[must_use]
pub fn unmarked<'a, 'k>(marked: &'a str, keys: &'k Keys) -> Option<(&'a str, &'k RootKey)> {
    let (text, mark) = marked.split_once('.')?;
    let mark = base64url::decode_array(mark).map(Secret::new)?;
    Some((text, keys.marker(text.as_bytes(), &mark)?))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn token(kind: Kind) -> Token {
        Token {
            kind,
            organization: OrganizationId::from_entropy([1; 16]),
            user: UserId::from_entropy([2; 16]),
            row: [3; 16],
            secret: Secret::new([0; 32]),
        }
    }

    #[test]
    fn a_token_is_read_only_as_its_kind() {
        let text = token(Kind::Session).write();
        assert_eq!(Token::parse(Kind::Session, &text).unwrap().row, [3; 16]);
        assert!(Token::parse(Kind::TrustedDevice, &text).is_none());
        for other in [
            "",
            "ps_",
            "ps_AAAA",
            &text.replace("ps_", ""),
            &alloc::format!("{text}A"),
        ] {
            assert!(Token::parse(Kind::Session, other).is_none(), "{other}");
        }
    }

    /// SHA-256 of 32 zero bytes, as `head -c 32 /dev/zero | sha256sum` prints it:
    /// 66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925.
    #[test]
    fn only_the_hash_of_the_secret_is_stored() {
        assert_eq!(
            token(Kind::Session).hash(),
            "Zmh6rfhivXdsj8GLjp-OIAiXFIVu4jOzkCpZHQ1fKSU"
        );
    }
}
