//! Time as an argument: seconds since 1970, read once per request at the edge.
//!
//! Leaves reading the clock to the Worker's `context`.

use core::fmt;

use serde::{Deserialize, Serialize};

/// Seconds by which our clocks, and those of applications and identity providers, differ at most.
pub const SKEW_SECONDS: u64 = 60;

/// Whole seconds since 1970-01-01T00:00:00Z, without leap seconds (POSIX time).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixTime(pub u64);

impl UnixTime {
    /// This moment less `seconds`, at the beginning of time at the earliest.
    #[must_use]
    pub const fn minus(self, seconds: u64) -> Self {
        Self(self.0.saturating_sub(seconds))
    }

    /// This moment plus `seconds`, at the end of time at the latest.
    #[must_use]
    pub const fn plus(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Seconds from `earlier` until this moment; zero when `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Whether this moment was told by a clock that is wrong, as it is further ahead of `now` than
    /// clocks differ. What is said to begin at such a moment does not count.
    #[must_use]
    pub const fn is_ahead_of(self, now: Self) -> bool {
        self.0 > now.plus(SKEW_SECONDS).0
    }
}

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
