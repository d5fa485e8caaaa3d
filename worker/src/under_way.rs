//! Attempts that cost a slow hash, under way in this isolate.
//!
//! Requests that come at once have all passed a gate that the first of them will shut. Beyond so
//! many for one gate, the rest are sent away before their hash, or everybody else would wait behind
//! fifty of them. What counts is the throttle; this only keeps the isolate free.

use std::cell::{Cell, RefCell};

use postern::{refusal::Refusal, throttle::Gate, time::UnixTime};

/// Attempts at one gate at once: as many as there are backup codes in a set.
const MOST: usize = 10;

/// Seconds after which one that never ended is forgotten: its client went away.
const FORGOTTEN_SECONDS: u64 = 10;

thread_local! {
    static UNDER_WAY: RefCell<Vec<Entry>> = const { RefCell::new(Vec::new()) };
    static ENTERED: Cell<u64> = const { Cell::new(0) };
}

struct Entry {
    number: u64,
    gate: String,
    since: UnixTime,
}

/// An attempt under way, until it is dropped.
#[must_use]
pub struct UnderWay(u64);

impl UnderWay {
    /// Enters an attempt of `user`, an id or whatever stands for one in `organization`.
    ///
    /// # Errors
    /// `throttled` when there are too many already.
    pub fn enter(
        organization: impl ToString,
        user: impl ToString,
        gate: Gate,
        now: UnixTime,
    ) -> Result<Self, Refusal> {
        let parts = [
            organization.to_string(),
            user.to_string(),
            gate.method.as_str().to_owned(),
            gate.lane.to_string(),
        ];
        let gate = parts.join("\n");
        UNDER_WAY.with_borrow_mut(|all| {
            all.retain(|entry| now.since(entry.since) < FORGOTTEN_SECONDS);
            if all.iter().filter(|entry| entry.gate == gate).count() >= MOST {
                return Err(Refusal::Throttled { until: now.plus(1) });
            }
            let number = ENTERED.replace(ENTERED.get().wrapping_add(1));
            let since = now;
            all.push(Entry {
                number,
                gate,
                since,
            });
            Ok(Self(number))
        })
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        UNDER_WAY.with_borrow_mut(|all| all.retain(|entry| entry.number != self.0));
    }
}

#[cfg(test)]
mod tests {
    use postern::{evidence::Method, throttle::Lane};

    use super::*;

    fn enter(user: &str, at: u64) -> Option<UnderWay> {
        let gate = Gate {
            method: Method::Password,
            lane: Lane::Everyone,
        };
        UnderWay::enter("acme", user, gate, UnixTime(at)).ok()
    }

    #[test]
    fn ten_at_once_and_one_more_when_one_is_done() {
        let mut all: Vec<_> = (0..MOST).map(|_| enter("ann", 1)).collect();
        assert!(all.iter().all(Option::is_some));
        assert!(enter("ann", 1).is_none());
        assert!(enter("bob", 1).is_some());
        all.pop();
        assert!(enter("ann", 1).is_some());
    }

    #[test]
    fn one_that_never_ends_is_forgotten() {
        for _ in 0..MOST {
            std::mem::forget(enter("ann", 1));
        }
        assert!(enter("ann", FORGOTTEN_SECONDS).is_none());
        assert!(enter("ann", 1 + FORGOTTEN_SECONDS).is_some());
    }
}
