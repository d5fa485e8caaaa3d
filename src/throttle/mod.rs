//! How guessing is slowed down (SP 800-63B-4 section 3.2.2): per user, method and lane, in D1.
//!
//! Here are the numbers, the lanes in which attempts are counted, and what the counters mean. The
//! counting happens in the settlement, in the batch of the verdict, so that parallel attempts are
//! counted one by one.

use serde::{Deserialize, Serialize};

use crate::{evidence::Method, time::UnixTime};

mod lane;
mod network;
#[cfg(test)]
mod tests;

pub use lane::{KNOWN, Lane};
pub use network::Network;

/// Seconds in the window that starts with the first wrong proof.
pub const WINDOW_SECONDS: u64 = 86_400;

/// Refusals in a row after which a method is disabled until step-up by another factor or a reset.
pub const DISABLED_AFTER: u32 = 100;

/// `not_before` of a disabled method: 9999-12-31T23:59:59Z.
pub const DISABLED: UnixTime = UnixTime(253_402_300_799);

/// The rules of one counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Seconds to wait after the n-th refusal in a row (index 0 is not used); the last one repeats.
    /// Empty where the counter only has its cap.
    pub waits: &'static [u32],
    /// Wrong proofs per [`WINDOW_SECONDS`]; after the last one no attempt is looked at until the
    /// window ends. A success does not give any back.
    pub cap: u32,
    /// Refusals in a row that disable the method; `None` where nothing else could enable it again.
    /// Such a counter forgets its row of refusals with the window, and says nothing from then on.
    pub disabled_after: Option<u32>,
}

/// For second factors: at most nine wrong proofs a day keep a year of guessing under 1 %,
/// and the waits stop a burst after four.
const SECOND_FACTOR: Rule = Rule {
    waits: &[0, 0, 0, 0, 30, 60, 120, 300, 900, 3600],
    cap: 9,
    disabled_after: Some(DISABLED_AFTER),
};

/// For passwords: every stranger can send wrong ones, so the waits are short enough for the owner
/// to sign in between them, and the cap of a day is the standard's hundred.
const PASSWORD: Rule = Rule {
    waits: &[0, 0, 0, 0, 0, 0, 5, 10, 20, 40, 60, 120, 300],
    cap: 100,
    disabled_after: None,
};

/// For passkeys: there is nothing to guess. Waits of half a minute at most keep a password thief
/// from filling the audit trail without locking the owner out.
const PASSKEY: Rule = Rule {
    waits: &[0, 0, 0, 0, 0, 0, 1, 2, 5, 10, 30],
    cap: u32::MAX,
    disabled_after: None,
};

/// All lanes of known browsers and sessions together may use up so many times the cap of one. An
/// attacker who can finish a sign-in, say with a stolen passkey, can make new lanes, and must not
/// get endless guesses at the password; one known browser alone must not stop the others.
const KNOWN_TOGETHER: u32 = 3;

impl Rule {
    /// The rule for attempts by `method`, in a lane that is counted alone.
    #[must_use]
    pub const fn of(method: Method) -> Self {
        match method {
            Method::Password => PASSWORD,
            Method::Passkey => PASSKEY,
            _ => SECOND_FACTOR,
        }
    }

    /// Whether a counter that is open and whose window is over can be deleted: it means the same as
    /// none.
    #[must_use]
    pub const fn forgets(&self) -> bool {
        self.disabled_after.is_none()
    }
}

/// Which counter of a user's refusals an attempt belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThrottleKey {
    /// The method counted.
    pub method: Method,
    /// The lane: known browsers are counted apart, so that strangers cannot lock them out.
    pub lane: Lane,
}

/// A counter that a lane shares with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shared {
    /// Its lane in the database.
    pub lane: &'static str,
    /// Its rule: a cap, and no waits, so that one lane's waits are no other's.
    pub rule: Rule,
}

impl ThrottleKey {
    /// The rule of the lane's own counter.
    #[must_use]
    pub const fn own(&self) -> Rule {
        let rule = Rule::of(self.method);
        match self.lane {
            // The account's cap is the only one.
            Lane::Network(_) => Rule {
                cap: u32::MAX,
                ..rule
            },
            _ => rule,
        }
    }

    /// The counter besides: of the account for browsers that are not known, of all known ones for
    /// the others.
    #[must_use]
    pub const fn shared(&self) -> Option<Shared> {
        let rule = Rule::of(self.method);
        let (lane, cap) = match self.lane {
            Lane::Everyone | Lane::Device(_) => return None,
            Lane::Network(_) => ("", rule.cap),
            Lane::Browser(_) | Lane::Session => (KNOWN, rule.cap.saturating_mul(KNOWN_TOGETHER)),
        };
        Some(Shared {
            lane,
            rule: Rule {
                waits: &[],
                cap,
                ..rule
            },
        })
    }

    /// Why an attempt that tries `cost` secrets is not looked at now; `None` when it is.
    #[must_use]
    pub fn closed(&self, counters: &Counters, cost: u32, now: UnixTime) -> Option<Closed> {
        let own = (self.own(), counters.own);
        let shared = self.shared().map(|shared| (shared.rule, counters.shared));
        let each = || core::iter::once(own).chain(shared);
        let until = each().map(|(rule, counter)| counter.shut_until(&rule, now));
        match until.max() {
            Some(DISABLED) => Some(Closed::Disabled),
            Some(until) if until > now => Some(Closed::Until(until)),
            _ if each().any(|(rule, counter)| cost > counter.left(&rule, now)) => {
                Some(Closed::TooCostly)
            }
            _ => None,
        }
    }
}

/// Why an attempt is not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// Not before this moment.
    Until(UnixTime),
    /// Not until another factor is shown, or the method is reset.
    Disabled,
    /// It tries more secrets than wrong proofs are left.
    TooCostly,
}

/// What the database knows about refusals under a key; nothing was counted where a field is zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// The counter of the lane.
    pub own: Counter,
    /// The one it shares, see [`ThrottleKey::shared`].
    pub shared: Counter,
}

/// What the database knows about refusals of one user, method and lane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counter {
    /// Nothing is looked at before this moment.
    pub not_before: UnixTime,
    /// Wrong proofs in the window.
    pub in_window: u32,
    /// When the window began.
    pub window_from: UnixTime,
}

impl Counter {
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

    /// When it opens: after the wait, and after the window where nothing is left of it.
    fn shut_until(&self, rule: &Rule, now: UnixTime) -> UnixTime {
        if self.left(rule, now) == 0 {
            self.not_before.max(self.window_from.plus(WINDOW_SECONDS))
        } else {
            self.not_before
        }
    }
}
