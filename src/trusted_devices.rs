//! A browser that may skip the second factor until a fixed day.
//!
//! Whether a device is the one it says is for the settlement; where trust is offered and where it
//! is not enough is for [`crate::policy`].

use alloc::{borrow::ToOwned as _, string::String};

use crate::{
    sealing::{Keys, MissingKey},
    tokens::{self, Kind, Token},
};

/// Seconds in which a rotated token still gets the answer of the first use: a repeated request.
pub const REPEAT_SECONDS: u64 = 60;

/// Trusted devices per user at most.
pub const MAX_TRUSTED_DEVICES: u32 = 50;

/// Seconds in a day of trust.
pub const DAY_SECONDS: u64 = 86_400;

/// A device's token. All tokens of its series rest on the root key that wrote when the device was
/// trusted, so that every deployment that has the key derives the same ones, whichever key it
/// writes with.
#[derive(Clone, Debug)]
pub struct DeviceToken {
    /// The token.
    pub token: Token,
    /// The id of the root key of its series.
    pub key: String,
}

impl DeviceToken {
    /// The first token of a series.
    #[must_use]
    pub fn new(token: Token, keys: &Keys) -> Self {
        Self {
            token,
            key: keys.writer().id().to_owned(),
        }
    }

    /// Writes the token, a dot, and our mark on it. An old token shows that it was copied; an
    /// invented one shows nothing. The mark tells them apart.
    ///
    /// # Errors
    /// [`MissingKey`] when the key of the series is gone.
    pub fn write(&self, keys: &Keys) -> Result<String, MissingKey> {
        let key = keys.find(&self.key)?;
        Ok(tokens::marked(&self.token.write(), key))
    }

    /// Reads a device's token; `None` for everything that [`DeviceToken::write`] did not make under
    /// one of `keys`.
    #[must_use]
    pub fn read(text: &str, keys: &Keys) -> Option<Self> {
        let (text, key) = tokens::unmarked(text, keys)?;
        let token = Token::parse(Kind::TrustedDevice, text)?;
        let key = key.id().to_owned();
        Some(Self { token, key })
    }

    /// The token after this one: derived under our own key, so that a repeated request gets the
    /// same one, and the holder of the old one cannot make it.
    ///
    /// # Errors
    /// [`MissingKey`] when the key of the series is gone.
    pub fn next(&self, keys: &Keys) -> Result<Self, MissingKey> {
        let secret = keys.find(&self.key)?.successor(self.token.secret.expose());
        Ok(Self {
            token: Token {
                secret,
                ..self.token.clone()
            },
            key: self.key.clone(),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::ids::{OrganizationId, UserId};
    use crate::secret::Secret;

    const K1: &str = "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    const K2: &str = "k2:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";

    fn keys(ring: &[&str]) -> Keys {
        Keys::parse(&ring.join(",")).unwrap()
    }

    fn first(keys: &Keys) -> DeviceToken {
        let token = Token {
            kind: Kind::TrustedDevice,
            organization: OrganizationId::from_entropy([1; 16]),
            user: UserId::from_entropy([2; 16]),
            row: [3; 16],
            secret: Secret::new([4; 32]),
        };
        DeviceToken::new(token, keys)
    }

    #[test]
    fn a113_a_made_up_token_is_no_token() {
        let keys = keys(&[K1]);
        let device = first(&keys);
        let text = device.write(&keys).unwrap();
        assert_eq!(DeviceToken::read(&text, &keys).unwrap().token.row, [3; 16]);
        let (body, mark) = text.split_once('.').unwrap();
        let other = Token {
            secret: Secret::new([5; 32]),
            ..device.token.clone()
        };
        let swapped = alloc::format!("{}.{mark}", other.write());
        for bad in [body, mark, "", ".", &swapped, &text.to_uppercase()] {
            assert!(DeviceToken::read(bad, &keys).is_none(), "{bad}");
        }
        let followed = device.next(&keys).unwrap();
        assert!(followed.token.secret != device.token.secret);
        assert_eq!(
            device.next(&keys).unwrap().token.hash(),
            followed.token.hash(),
            "a repeat gets the same"
        );
    }

    #[test]
    fn a146_every_deployment_that_has_the_key_reads_and_derives_the_same_tokens() {
        let (old, before, after, new) =
            (keys(&[K1]), keys(&[K1, K2]), keys(&[K2, K1]), keys(&[K2]));
        for (writer, without) in [(&old, &new), (&before, &new), (&after, &old), (&new, &old)] {
            let device = first(writer);
            let text = device.write(writer).unwrap();
            let following = device.next(writer).unwrap().write(writer).unwrap();
            let mut readers = 0;
            for reader in [&old, &before, &after, &new] {
                let Some(read) = DeviceToken::read(&text, reader) else {
                    continue;
                };
                readers += 1;
                assert_eq!(
                    read.next(reader).unwrap().write(reader).unwrap(),
                    following,
                    "{writer:?} {reader:?}"
                );
            }
            assert_eq!(readers, 3, "{writer:?}");
            assert!(DeviceToken::read(&text, without).is_none(), "{writer:?}");
            assert!(device.next(without).is_err() && device.write(without).is_err());
        }
    }
}
