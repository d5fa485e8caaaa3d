//! The rows that a settlement, and whoever decides without one, reads.

use postern::{decision::Hint, json, record, throttle::Gate, time::UnixTime};

use super::{Trust, Truth};
use crate::problem::Fault;

record! {
    /// A gate as stored, in whichever trip reads it.
    #[derive(Debug, Default)]
    pub struct GateRow {
        /// See [`Gate::not_before`].
        pub not_before: Option<UnixTime>,
        /// See [`Gate::in_window`].
        pub in_window: Option<u32>,
        /// See [`Gate::window_from`].
        pub window_from: Option<UnixTime>,
    }
}

impl GateRow {
    /// The gate; open where nothing was counted yet.
    pub fn gate(&self) -> Gate {
        Gate {
            not_before: self.not_before.unwrap_or_default(),
            in_window: self.in_window.unwrap_or_default(),
            window_from: self.window_from.unwrap_or_default(),
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
    /// What [`super::REPLY`] reads.
    pub struct ReplyRow {
        /// The outcome's word; none when nothing was written.
        pub outcome: Option<String>,
        /// What became of the trusted device that was presented.
        pub trust: Option<Trust>,
        /// See [`Gate::not_before`].
        pub not_before: Option<UnixTime>,
        /// Whether the step of a [`Hint::ClockBehind`] is newer than the last one accepted.
        pub is_unused: Option<u32>,
    }
}

impl ReplyRow {
    /// What the person may be told of `hint`.
    pub fn confirmed(&self, hint: Option<Hint>) -> Option<Hint> {
        hint.filter(|hint| match hint {
            Hint::ClockBehind { .. } => self.is_unused == Some(1),
            Hint::PasskeyChanged => true,
        })
    }
}
