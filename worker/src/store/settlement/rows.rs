//! The rows that a settlement reads, and those of a decision without one.

use postern::{
    json, record,
    refusal::Hint,
    throttle::{Counter, Counters},
    time::UnixTime,
};

use super::{Trust, Truth};
use crate::platform::Fault;

record! {
    /// What [`super::GATE`] reads: how many refusals were counted under a throttle key.
    #[derive(Debug, Default)]
    pub struct ThrottleState {
        not_before: Option<UnixTime>,
        in_window: Option<u32>,
        window_from: Option<UnixTime>,
        shared_not_before: Option<UnixTime>,
        shared_in_window: Option<u32>,
        shared_window_from: Option<UnixTime>,
    }
}

impl ThrottleState {
    /// The counters; zero where nothing was counted yet.
    pub fn counters(&self) -> Counters {
        Counters {
            own: Counter {
                not_before: self.not_before.unwrap_or_default(),
                in_window: self.in_window.unwrap_or_default(),
                window_from: self.window_from.unwrap_or_default(),
            },
            shared: Counter {
                not_before: self.shared_not_before.unwrap_or_default(),
                in_window: self.shared_in_window.unwrap_or_default(),
                window_from: self.shared_window_from.unwrap_or_default(),
            },
        }
    }
}

record! {
    /// The models in a row, as JSON text.
    pub struct TruthRow {
        user: String,
        organization: String,
    }
}

impl TruthRow {
    /// The two models of a row that holds more.
    pub const fn new(user: String, organization: String) -> Self {
        Self { user, organization }
    }

    /// Reads both models.
    ///
    /// # Errors
    /// A fault when the database holds something this version does not read.
    pub fn read(self) -> Result<Truth, Fault> {
        Ok(Truth {
            user: json::read(self.user.as_bytes())?,
            organization: json::read(self.organization.as_bytes())?,
        })
    }
}

record! {
    /// What [`super::READBACK`] reads.
    pub struct ReadbackRow {
        user: Option<String>,
        organization: Option<String>,
        /// The outcome's word; none when nothing was written.
        pub outcome: Option<String>,
        /// What became of the trusted device that was presented.
        pub trust: Option<Trust>,
        not_before: Option<UnixTime>,
        in_window: Option<u32>,
        window_from: Option<UnixTime>,
        shared_not_before: Option<UnixTime>,
        shared_in_window: Option<u32>,
        shared_window_from: Option<UnixTime>,
        spent: Option<u32>,
        is_unused: Option<u32>,
        used_up: Option<u32>,
    }
}

impl ReadbackRow {
    /// The user and the organization, where a version is not the one that was decided on.
    ///
    /// # Errors
    /// As [`TruthRow::read`].
    pub fn moved_on(&mut self) -> Result<Option<Truth>, Fault> {
        let models = self.user.take().zip(self.organization.take());
        let row = models.map(|(user, organization)| TruthRow { user, organization });
        row.map(TruthRow::read).transpose()
    }

    /// Whether the challenge is spent: also by this event.
    pub fn is_spent(&self) -> bool {
        self.spent == Some(1)
    }

    /// Whether a backup code was shown and none is left now.
    pub fn is_used_up(&self) -> bool {
        self.used_up == Some(1)
    }

    /// What the person may be told of `hint`: of a code of the past only that it is newer than the
    /// last one accepted.
    pub fn confirmed(&self, hint: Option<Hint>) -> Option<Hint> {
        hint.filter(|hint| match hint {
            Hint::ClockBehind { .. } => self.is_unused == Some(1),
            Hint::PasskeyChanged => true,
        })
    }

    /// See [`ThrottleState::counters`].
    pub fn counters(&self) -> Counters {
        let row = ThrottleState {
            not_before: self.not_before,
            in_window: self.in_window,
            window_from: self.window_from,
            shared_not_before: self.shared_not_before,
            shared_in_window: self.shared_in_window,
            shared_window_from: self.shared_window_from,
        };
        row.counters()
    }
}
