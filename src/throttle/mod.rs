//! How guessing is slowed down (SP 800-63B-4 section 3.2.2): per user, method and lane, in D1.
//!
//! These are the numbers and the arithmetic that bounds a guesser's year. The counting itself
//! happens in the settlement, in the same statement list as the verdict, so that parallel
//! attempts are counted one by one.

use serde::{Deserialize, Serialize};

use crate::{evidence::Method, time::UnixTime};

#[cfg(test)]
mod tests;

/// Seconds in the window that starts with the first wrong proof.
pub const WINDOW_SECONDS: u64 = 86_400;

/// Refusals in a row after which a method is disabled until step-up by another factor or a reset.
pub const DISABLED_AFTER: u32 = 100;

/// `not_before` of a disabled method: 9999-12-31T23:59:59Z.
pub const DISABLED: UnixTime = UnixTime(253_402_300_799);

/// The rules for one method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Seconds to wait after the n-th refusal in a row (index 0 is not used); the last one repeats.
    pub waits: &'static [u32],
    /// Wrong proofs per [`WINDOW_SECONDS`]; after the last one the gate stays shut until the
    /// window ends. A success does not give any back.
    pub cap: u32,
    /// Refusals in a row that disable the method; `None` where nothing else could enable it again.
    pub disabled_after: Option<u32>,
}

/// For second factors: at most nine wrong proofs a day keep a year of guessing under 1 %
/// (REQUIREMENTS R6), and the waits stop a burst after four.
const SECOND_FACTOR: Rule = Rule {
    waits: &[0, 0, 0, 0, 30, 60, 120, 300, 900, 3600],
    cap: 9,
    disabled_after: Some(DISABLED_AFTER),
};

/// For passwords: anyone can send wrong ones, so the waits stay short enough that an owner gets
/// in between, and the day's cap keeps to the standard's hundred. The lane of a trusted browser
/// is not touched by strangers.
const PASSWORD: Rule = Rule {
    waits: &[0, 0, 0, 0, 0, 0, 5, 10, 20, 40, 60, 120, 300],
    cap: 100,
    disabled_after: None,
};

/// For passkeys: there is nothing to guess. Waits of half a minute at most keep someone who has
/// the password from filling the audit trail, and the owner from being locked out.
const PASSKEY: Rule = Rule {
    waits: &[0, 0, 0, 0, 0, 0, 1, 2, 5, 10, 30],
    cap: u32::MAX,
    disabled_after: None,
};

impl Rule {
    /// The rule for attempts by `method`.
    #[must_use]
    pub const fn of(method: Method) -> Self {
        match method {
            Method::Password => PASSWORD,
            Method::Passkey => PASSKEY,
            _ => SECOND_FACTOR,
        }
    }
}

/// What the database knows about refusals of one user, method and lane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// Nothing is looked at before this moment.
    pub not_before: UnixTime,
    /// Wrong proofs in the window.
    pub in_window: u32,
    /// When the window began.
    pub window_from: UnixTime,
}

impl Gate {
    /// Whether an attempt that tries `cost` secrets may be looked at now.
    #[must_use]
    pub fn admits(&self, rule: &Rule, cost: u32, now: UnixTime) -> bool {
        self.not_before <= now && cost <= self.left(rule, now)
    }

    /// Wrong proofs left in this window.
    #[must_use]
    pub fn left(&self, rule: &Rule, now: UnixTime) -> u32 {
        let over = now.since(self.window_from) >= WINDOW_SECONDS;
        if over {
            rule.cap
        } else {
            rule.cap.saturating_sub(self.in_window)
        }
    }
}
