//! Browsers that a person finished a sign-in with before (the OWASP device cookie).
//!
//! What such a browser holds proves only that, and skips nothing: wrong passwords that come with it
//! are counted in a lane of its own, so that strangers cannot lock its owner out. Our mark makes it
//! authentic, and it has no row; see [`crate::throttle`] for the lane.

use alloc::{string::String, vec::Vec};

use crate::{
    base64url,
    ids::{KnownBrowserId, OrganizationId, UserId},
    sealing::Keys,
    tokens,
};

/// Seconds a browser keeps what it was given: a year, from each sign-in anew.
pub const LIFE_SECONDS: u64 = 365 * 86_400;

const PREFIX: &str = "pb_";

/// A browser, and the user it is known to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownBrowser {
    /// The user's organization.
    pub organization: OrganizationId,
    /// The user.
    pub user: UserId,
    /// Its lane.
    pub id: KnownBrowserId,
}

impl KnownBrowser {
    /// Writes what the browser is given: prefix, base64url of 48 bytes, a dot, and our mark.
    #[must_use]
    pub fn write(&self, keys: &Keys) -> String {
        let mut bytes = Vec::with_capacity(48);
        bytes.extend_from_slice(self.organization.as_bytes());
        bytes.extend_from_slice(self.user.as_bytes());
        bytes.extend_from_slice(self.id.as_bytes());
        let mut text = String::from(PREFIX);
        text.push_str(&base64url::encode(&bytes));
        tokens::marked(&text, keys.writer())
    }

    /// Reads it; `None` for everything that [`KnownBrowser::write`] did not make.
    #[must_use]
    pub fn read(text: &str, keys: &Keys) -> Option<Self> {
        let (text, _) = tokens::unmarked(text, keys)?;
        let bytes = base64url::decode(text.strip_prefix(PREFIX)?)?;
        let (organization, rest) = bytes.split_first_chunk::<16>()?;
        let (user, id) = rest.split_first_chunk::<16>()?;
        Some(Self {
            organization: OrganizationId::from_entropy(*organization),
            user: UserId::from_entropy(*user),
            id: KnownBrowserId::from_entropy(id.try_into().ok()?),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::{
        secret::Secret,
        tokens::{Kind, Token},
        trusted_devices::DeviceToken,
    };

    const OURS: &str = "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    const THEIRS: &str = "k1:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";

    fn keys(text: &str) -> Keys {
        Keys::parse(text).unwrap()
    }

    #[test]
    fn a127_a_made_up_browser_is_no_browser() {
        let keys = keys(OURS);
        let browser = KnownBrowser {
            organization: OrganizationId::from_entropy([1; 16]),
            user: UserId::from_entropy([2; 16]),
            id: KnownBrowserId::from_entropy([3; 16]),
        };
        let text = browser.write(&keys);
        assert_eq!(KnownBrowser::read(&text, &keys), Some(browser));
        assert!(text.len() < 120, "{}", text.len());
        let (body, mark) = text.split_once('.').unwrap();
        let another = KnownBrowser {
            user: UserId::from_entropy([9; 16]),
            ..browser
        };
        let another = another.write(&keys);
        let swapped = alloc::format!("{}.{mark}", another.split_once('.').unwrap().0);
        for bad in [body, mark, "", ".", "pb_.", &swapped, &text.to_uppercase()] {
            assert_eq!(KnownBrowser::read(bad, &keys), None, "{bad}");
        }
    }

    #[test]
    fn a_trusted_device_is_no_known_browser_and_none_of_another_deployment_is() {
        let ours = keys(OURS);
        let token = Token {
            kind: Kind::TrustedDevice,
            organization: OrganizationId::from_entropy([1; 16]),
            user: UserId::from_entropy([2; 16]),
            row: [3; 16],
            secret: Secret::new([4; 32]),
        };
        let organization = token.organization;
        let device = DeviceToken::new(token, &ours).write(&ours).unwrap();
        assert_eq!(KnownBrowser::read(&device, &ours), None);
        let browser = KnownBrowser {
            organization,
            user: UserId::from_entropy([2; 16]),
            id: KnownBrowserId::from_entropy([3; 16]),
        };
        let theirs = browser.write(&keys(THEIRS));
        assert_eq!(KnownBrowser::read(&theirs, &ours), None);
        assert!(DeviceToken::read(&browser.write(&ours), &ours).is_none());
        let both = keys(&alloc::format!("k2:{},{OURS}", &THEIRS[3..]));
        let before = KnownBrowser::read(&browser.write(&ours), &both);
        assert_eq!(before, Some(browser), "known before the rotation of keys");
    }
}
