use core::fmt;

use super::Network;
use crate::ids::{KnownBrowserId, TrustedDeviceId};

/// Which attempts at one user's secret are counted together, so that wrong attempts of one person
/// do not make another one wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// All attempts that come with nothing to tell them apart.
    Everyone,
    /// A trusted device, whose token was the current one.
    Device(TrustedDeviceId),
    /// A browser that signed in as this user before.
    Browser(KnownBrowserId),
    /// All sessions of the user together: a person who can open one session can open others.
    Session,
    /// Browsers that are not known, in one network.
    Network(Network),
}

/// The lane in which all known browsers and sessions of a user are counted together.
pub const KNOWN: &str = "known";

impl Lane {
    /// The lane of a trusted device, if there is one.
    #[must_use]
    pub fn of_device(device: Option<TrustedDeviceId>) -> Self {
        device.map_or(Self::Everyone, Self::Device)
    }

    /// Whether the attempt comes from a browser or session in which a sign-in as this user was
    /// finished.
    #[must_use]
    pub const fn is_known(self) -> bool {
        matches!(self, Self::Device(_) | Self::Browser(_) | Self::Session)
    }
}

impl fmt::Display for Lane {
    /// As in the database.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => Ok(()),
            Self::Device(id) => id.fmt(f),
            Self::Browser(id) => id.fmt(f),
            Self::Session => f.write_str("session"),
            Self::Network(network) => network.fmt(f),
        }
    }
}
