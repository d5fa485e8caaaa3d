//! The rows that a settlement reads, and those of a decision without one.

use postern::{
    organizations::Organization,
    refusal::Hint,
    throttle::{Counter, Counters},
    time::UnixTime,
    users::User,
};
use serde::Deserialize;

use crate::{platform::optional_json_text, store::models::Models};

/// What [`super::statements::GATE`] reads: how many refusals were counted under a throttle key.
#[derive(Debug, Default, Deserialize)]
pub struct ThrottleState {
    not_before: Option<UnixTime>,
    in_window: Option<u32>,
    window_from: Option<UnixTime>,
    shared_not_before: Option<UnixTime>,
    shared_in_window: Option<u32>,
    shared_window_from: Option<UnixTime>,
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

/// What became of a trusted device that was presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// It is the device; its token rotated.
    Accepted,
    /// It is over: expired, revoked, or the user or policy moved on.
    Ended,
    /// The request before was this one: the same answer again.
    Repeated,
    /// A token from before the last rotation: it was copied. The series was ended.
    Reused,
}

/// What [`super::statements::READBACK`] reads.
#[derive(Deserialize)]
pub struct ReadbackRow {
    #[serde(default, deserialize_with = "optional_json_text")]
    user: Option<User>,
    #[serde(default, deserialize_with = "optional_json_text")]
    organization: Option<Organization>,
    /// The outcome's word; none when nothing was written.
    pub outcome: Option<String>,
    /// What became of the trusted device that was presented.
    pub trust: Option<Trust>,
    #[serde(flatten)]
    state: ThrottleState,
    spent: Option<u32>,
    is_unused: Option<u32>,
    used_up: Option<u32>,
}

impl ReadbackRow {
    /// The user and the organization, where a version is not the one that was decided on.
    pub fn moved_on(&mut self) -> Option<Models> {
        let models = self.user.take().zip(self.organization.take());
        models.map(|(user, organization)| Models { user, organization })
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
        self.state.counters()
    }
}
