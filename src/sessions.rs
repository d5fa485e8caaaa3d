//! How long a session lives and what it can prove.
//!
//! A session is born from evidence, and only verified evidence raises it. It is read from D1 on
//! every request; what it may do is for [`crate::evidence`] and [`crate::policy`].

use alloc::vec::Vec;

use serde::Serialize;

use crate::{evidence::Evidence, ids::SessionId, time::UnixTime};

/// Seconds without a request after which a session ends.
pub const IDLE_SECONDS: u64 = 3600;

/// Seconds after which a session ends, whatever happens (SP 800-63B-4 section 2.2.3).
pub const ABSOLUTE_SECONDS: u64 = 86_400;

/// Seconds between two writes of the last use: idle ends up to this much early, never late.
pub const LAST_USE_SECONDS: u64 = 60;

crate::record! {
    /// A session as stored.
    #[derive(Clone, Debug, Serialize)]
    pub struct Session {
        /// The session.
        pub id: SessionId,
        /// What was shown in it.
        pub evidence: Vec<Evidence>,
        /// When it began.
        pub born_at: UnixTime,
        /// When it was last used, to the minute.
        pub last_used_at: UnixTime,
        /// The user version it dies with; `None` for `aal2` sessions that may do more than enroll.
        pub user_version: Option<u64>,
        /// It was opened only to enroll.
        pub enrolling: bool,
    }
}

impl Session {
    /// When it ends at the latest.
    #[must_use]
    pub const fn expires_at(&self) -> UnixTime {
        self.born_at.plus(ABSOLUTE_SECONDS)
    }

    /// Whether it still lives at `now` under the user's present version.
    #[must_use]
    pub fn lives(&self, user_version: u64, now: UnixTime) -> bool {
        now.since(self.last_used_at) < IDLE_SECONDS
            && now < self.expires_at()
            && self
                .user_version
                .is_none_or(|version| version == user_version)
    }

    /// Whether this use is to be written down.
    #[must_use]
    pub const fn use_is_due(&self, now: UnixTime) -> bool {
        now.since(self.last_used_at) >= LAST_USE_SECONDS
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
            user_version: Some(7),
            enrolling: false,
        };
        assert!(session.lives(7, UnixTime(4599)));
        assert!(!session.lives(7, UnixTime(4600)), "idle");
        assert!(
            !session.lives(8, UnixTime(1000)),
            "dies with the user version"
        );
        let used = Session {
            last_used_at: UnixTime(87_000),
            user_version: None,
            ..session
        };
        assert!(used.lives(8, UnixTime(87_399)));
        assert!(!used.lives(8, UnixTime(87_400)), "absolute");
        assert!(used.use_is_due(UnixTime(87_060)));
        assert!(!used.use_is_due(UnixTime(87_059)));
    }
}
