//! The prompt: after signing in, people in scope without an authenticator are offered enrollment, and
//! can say "not now".
//!
//! Where that answer is kept and how the offer looks is for the Worker and the pages.

use serde::{Deserialize, Serialize};

use super::{Person, Policy, Reason, Ruling};
use crate::{time::UnixTime, trusted_devices::DAY_SECONDS};

/// Days between two offers at most.
pub const MAX_PROMPT_DAYS: u16 = 365;

/// Days between two offers, where the policy does not say.
const USUAL_DAYS: u16 = 14;

/// Whether people who need not enroll are offered it after signing in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// Never.
    Off,
    /// Until they enroll; after "not now" again when so many days are over, 1 to
    /// [`MAX_PROMPT_DAYS`].
    Days(u16),
}

impl Default for Prompt {
    fn default() -> Self {
        Self::Days(USUAL_DAYS)
    }
}

/// Whether `person`, whose sign-in `ruling` finds enough, is offered enrollment at `now`: then the
/// days after which they are offered it again if they say "not now". `declined_at` is when they last
/// said so.
///
/// It is for people in scope who have no authenticator and need none, yet or at all. One whose
/// identity provider answers for them is not offered what they would not be asked for, nor is anyone
/// at a surface that does not ask.
#[must_use]
pub fn prompts(
    policy: &Policy,
    person: &Person<'_>,
    ruling: &Ruling,
    declined_at: Option<UnixTime>,
    now: UnixTime,
) -> Option<u16> {
    let Prompt::Days(days) = policy.prompt else {
        return None;
    };
    let nothing_enrolled = ruling
        .reasons
        .iter()
        .any(|reason| matches!(reason, Reason::Optional | Reason::Grace));
    // A time to come is one of a clock that was wrong: it would silence the prompt for as long.
    let is_quiet = |at: UnixTime| {
        !at.is_ahead_of(now) && now.since(at) < u64::from(days).saturating_mul(DAY_SECONDS)
    };
    let offered =
        nothing_enrolled && policy.scope.binds(person) && !declined_at.is_some_and(is_quiet);
    offered.then_some(days)
}
