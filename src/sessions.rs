//! How long a session lives and what it can prove.
//!
//! A session begins with evidence, and only verified evidence raises it. It is read from D1 on
//! every request, because only D1 knows whether it has ended: a sign-out, another user version, the
//! end of the trusted device it rests on. What it may do is for [`crate::evidence`] and
//! [`crate::policy`].

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::{evidence::Evidence, ids::SessionId, time::UnixTime};

/// Seconds without a request after which a session ends.
pub const IDLE_SECONDS: u64 = 3600;

/// Seconds after which a session ends, whatever happens (SP 800-63B-4 section 2.2.3).
pub const ABSOLUTE_SECONDS: u64 = 86_400;

/// Seconds between two writes of the last use: idle ends up to this much early, never late.
pub const LAST_USE_SECONDS: u64 = 60;

/// A session as stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Session {
    /// The session.
    pub id: SessionId,
    /// What was shown in it.
    pub evidence: Vec<Evidence>,
    /// When it began.
    pub born_at: UnixTime,
    /// When it was last used, to the minute.
    pub last_used_at: UnixTime,
    /// It was opened only to enroll.
    pub enrolling: bool,
    /// It was opened by the link of a reset, and may replace all factors until then.
    #[serde(default)]
    pub replaces_until: Option<UnixTime>,
}

impl Session {
    /// The moment at which it ends at the latest.
    #[must_use]
    pub const fn expires_at(&self) -> UnixTime {
        self.born_at.plus(ABSOLUTE_SECONDS)
    }

    /// Whether its time is not over. A last use in the future was told by a clock that was ahead:
    /// it counts as if it were as far in the past, and the next use corrects it.
    #[must_use]
    pub const fn lives(&self, now: UnixTime) -> bool {
        let replaces = match self.replaces_until {
            Some(until) => now.0 < until.0,
            None => true,
        };
        replaces && self.idle(now) < IDLE_SECONDS && now.0 < self.expires_at().0
    }

    /// Whether this use is to be written down.
    #[must_use]
    pub const fn use_is_due(&self, now: UnixTime) -> bool {
        self.idle(now) >= LAST_USE_SECONDS
    }

    const fn idle(&self, now: UnixTime) -> u64 {
        now.0.abs_diff(self.last_used_at.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_on_the_second() {
        let session = Session {
            id: SessionId::from_entropy([0; 16]),
            evidence: Vec::new(),
            born_at: UnixTime(1000),
            last_used_at: UnixTime(1000),
            enrolling: false,
            replaces_until: None,
        };
        assert!(session.lives(UnixTime(4599)));
        assert!(!session.lives(UnixTime(4600)), "idle");
        let used = Session {
            last_used_at: UnixTime(87_000),
            ..session
        };
        assert!(used.lives(UnixTime(87_399)));
        assert!(!used.lives(UnixTime(87_400)), "absolute");
        assert!(used.lives(UnixTime(83_401)));
        assert!(!used.lives(UnixTime(83_400)), "used in an hour from now");
        assert!(used.use_is_due(UnixTime(87_060)));
        assert!(used.use_is_due(UnixTime(86_940)));
        assert!(!used.use_is_due(UnixTime(87_059)));
    }
}
