//! Names of things: 128 random bits each, printed as a short prefix and lower-case base32.
//!
//! An id names a thing and is no permission to use it: tokens carry a secret beside ids.

use alloc::string::String;
use core::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Crockford's alphabet in lower case would read well too; RFC 4648 is what every library has.
const ALPHABET: base32::Alphabet = base32::Alphabet::Rfc4648Lower { padding: false };

/// A text that is not an id of the kind asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAnId {
    /// No id of any kind.
    Malformed,
    /// An id of something else.
    OtherKind,
}

impl fmt::Display for NotAnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "an id is a letter, _, and 26 of a-z and 2-7",
            Self::OtherKind => "an id of another kind",
        })
    }
}

/// The 16 bytes of an id, and the prefix that says what it names.
fn split(text: &str) -> Option<(&str, [u8; 16])> {
    let (prefix, digits) = text.split_at_checked(2)?;
    let is_prefix = prefix.ends_with('_') && prefix.starts_with(|c: char| c.is_ascii_lowercase());
    if !is_prefix || digits.len() != 26 {
        return None;
    }
    let bytes: [u8; 16] = base32::decode(ALPHABET, digits)?.try_into().ok()?;
    // One id has one spelling.
    (base32::encode(ALPHABET, &bytes) == digits).then_some((prefix, bytes))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// Makes an id of 128 random bits.
            #[must_use]
            pub const fn from_entropy(entropy: [u8; 16]) -> Self {
                Self(entropy)
            }

            /// The 16 bytes, for tokens that carry a reference.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($prefix)?;
                f.write_str(&base32::encode(ALPHABET, &self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            /// Reads only the canonical text, so that one id has one spelling.
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                match split(text) {
                    Some(($prefix, bytes)) => Ok(Self(bytes)),
                    Some(_) => Err(NotAnId::OtherKind),
                    None => Err(NotAnId::Malformed),
                }
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }
    )*};
}

ids! {
    /// One organization, alone in its D1 database or among others.
    OrganizationId = "o_";
    /// One user of one organization.
    UserId = "u_";
    /// One bound TOTP app or passkey.
    AuthenticatorId = "a_";
    /// An authenticator being added, not yet confirmed.
    EnrollmentId = "n_";
    /// One set of backup codes.
    BackupCodeSetId = "b_";
    /// One session.
    SessionId = "s_";
    /// One open request for a second factor.
    ChallengeId = "c_";
    /// One browser that may skip the second factor.
    TrustedDeviceId = "d_";
    /// One browser that a user signed in with before.
    KnownBrowserId = "w_";
    /// One audit event, drawn before the first try of its batch.
    EventId = "e_";
    /// One outgoing mail: the same at every try to deliver it.
    MailId = "m_";
    /// What a mailed link rests on: its row, or the mail that it is in.
    LinkId = "l_";
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn an_id_has_one_spelling() {
        let id = UserId::from_entropy([7; 16]);
        let text = id.to_string();
        assert_eq!(text.parse::<UserId>().unwrap(), id);
        assert_eq!(
            text.replace("u_", "o_").parse::<UserId>(),
            Err(NotAnId::OtherKind)
        );
        for other in [
            String::new(),
            "ü".repeat(14),
            text.to_uppercase(),
            text.replace("u_", "2_"),
            text.replace("u_", ""),
            text.trim_end_matches(|c: char| c.is_ascii()).to_string(),
            alloc::format!("{text}a"),
            // the last character of 26 carries two unused bits
            alloc::format!("{}z", &text[..text.len() - 1]),
        ] {
            assert_eq!(other.parse::<UserId>(), Err(NotAnId::Malformed), "{other}");
        }
    }
}
