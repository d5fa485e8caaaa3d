//! What a refusal costs: the waits, the day, the hundredth in a row.

use postern::{
    decision::Outcome,
    evidence::Method,
    throttle::{DISABLED, Lane, ThrottleKey},
};

use super::{
    cases::{ALICE, Case, DAY, HERE, NOW, State, Throttle},
    database::{Cell, Row, Tables, cell, number},
    model::mail,
};

/// Refusals that are counted together.
pub struct Counter {
    method: Method,
    lane: String,
    /// Whether each refusal lengthens a wait.
    waits: bool,
    /// Wrong proofs a day.
    pub cap: u32,
}

/// Where an attempt counts. Networks wait one by one and have the account's cap; known browsers,
/// and sessions, have each a cap, and all of them one that is three times as high; the rest is
/// counted once.
pub fn counters(throttle: ThrottleKey) -> Vec<Counter> {
    let cap = match throttle.method {
        Method::Password => 100,
        // Nothing to guess.
        Method::Passkey => u32::MAX,
        _ => 9,
    };
    let (own_cap, shared) = match throttle.lane {
        Lane::Everyone | Lane::Device(_) => (cap, None),
        Lane::Network(_) => (u32::MAX, Some(("", cap))),
        Lane::Browser(_) | Lane::Session => (cap, Some(("known", cap.saturating_mul(3)))),
    };
    let own = Counter {
        method: throttle.method,
        lane: throttle.lane.to_string(),
        waits: true,
        cap: own_cap,
    };
    let shared = shared.map(|(lane, cap)| Counter {
        method: throttle.method,
        lane: lane.to_owned(),
        waits: false,
        cap,
    });
    std::iter::once(own).chain(shared).collect()
}

/// Every refused proof lengthens the wait; a wrong one counts toward the day, whose last one shuts
/// the throttle until the day is over; the hundredth in a row shuts it for good, where another factor
/// can open it again. Where none can, the row ends with the day.
pub fn count(case: &Case, outcome: Outcome, after: &mut Tables) {
    let attempt = &case.attempt.attempt;
    let Some(throttle) = attempt.throttle else {
        return;
    };
    let cost = if outcome == Outcome::Wrong {
        attempt.cost
    } else {
        0
    };
    for counter in counters(throttle) {
        counter.count(case, cost, after);
    }
}

/// How long a refusal closes the method, as its event says it.
pub fn closes(case: &Case, outcome: Outcome) -> Cell {
    let attempt = &case.attempt.attempt;
    let counters = attempt.throttle.map_or_else(Vec::new, counters);
    let is_wrong = outcome == Outcome::Wrong;
    let is_refused = is_wrong
        || matches!(
            outcome,
            Outcome::Replayed | Outcome::Used | Outcome::CountRegressed
        );
    let of_all = |counter: &Counter| {
        let before = counter.found(&case.alice).map_or(0, |found| found.in_row);
        is_refused && counter.waits && counter.disables() && before >= 99
    };
    let of_day = |counter: &Counter| {
        is_wrong && counter.tried_today(&case.alice) + attempt.cost >= counter.cap
    };
    if counters.iter().any(of_all) {
        cell(r#"{"closes":"until_enabled"}"#)
    } else if counters.iter().any(of_day) {
        cell(r#"{"closes":"for_a_day"}"#)
    } else {
        Cell::Null
    }
}

impl Counter {
    fn count(&self, case: &Case, cost: u32, after: &mut Tables) {
        let old = self.found(&case.alice);
        let today = old.filter(|old| lasts(old));
        let remembered = if self.disables() { old } else { today };
        let in_row = remembered.map_or(0, |old| old.in_row) + 1;
        let window_from = today.map_or(NOW, |old| old.window_from);
        let in_window = self.tried_today(&case.alice) + cost;
        let mut not_before = if self.waits {
            NOW + wait(self.method, in_row)
        } else {
            0
        };
        if in_window >= self.cap {
            not_before = not_before.max(window_from + DAY);
        }
        if in_row >= 100 && self.disables() {
            not_before = DISABLED.0;
        }
        let user = case.alice.user.as_ref().filter(|_| self.disables());
        let locks = [window_from + DAY, DISABLED.0].contains(&not_before);
        if let Some(user) =
            user.filter(|_| locks && old.is_none_or(|old| not_before > old.not_before))
        {
            mail(user, "locked_out", Cell::Null, after);
        }
        let counters = [
            ("window_from", number(window_from)),
            ("in_window", number(in_window.into())),
            ("in_row", number(in_row.into())),
            ("not_before", number(not_before)),
        ];
        if let Some(row) = self.row(after) {
            row.extend(counters.map(|(name, cell)| (name.to_owned(), cell)));
        } else {
            let key = [
                ("organization", cell(HERE)),
                ("user", cell(ALICE)),
                ("method", cell(self.method.as_str())),
                ("lane", cell(&self.lane)),
            ];
            after.add("throttle", key.into_iter().chain(counters));
        }
    }

    /// Whether a hundred in a row end it.
    fn disables(&self) -> bool {
        matches!(self.method, Method::Totp | Method::BackupCode)
    }

    /// The end of its wait, or of a day of which nothing is left, where that is to come.
    pub fn closed_until(&self, state: &State) -> Option<u64> {
        let found = self.found(state)?;
        let day_ends = if lasts(found) && found.in_window >= self.cap {
            found.window_from + DAY
        } else {
            0
        };
        Some(found.not_before.max(day_ends)).filter(|until| *until > NOW)
    }

    /// Wrong proofs of the day.
    pub fn tried_today(&self, state: &State) -> u32 {
        let today = self.found(state).filter(|found| lasts(found));
        today.map_or(0, |found| found.in_window)
    }

    /// Its row.
    pub fn row<'a>(&self, tables: &'a mut Tables) -> Option<&'a mut Row> {
        let (method, lane): (Cell, Cell) = (cell(self.method.as_str()), cell(&self.lane));
        let mut rows = tables.hers("throttle");
        rows.find(|row| row["method"] == method && row["lane"] == lane)
    }

    fn found<'a>(&self, state: &'a State) -> Option<&'a Throttle> {
        let mut throttles = state.throttles.iter();
        throttles.find(|found| found.method == self.method && found.lane == self.lane)
    }
}

/// A day begins with its first wrong proof.
fn lasts(throttle: &Throttle) -> bool {
    NOW < throttle.window_from + DAY
}

/// Seconds to wait after so many refusals in a row.
fn wait(method: Method, in_row: u32) -> u64 {
    let waits: &[u64] = match method {
        Method::Password => &[5, 10, 20, 40, 60, 120, 300],
        Method::Passkey => &[1, 2, 5, 10, 30],
        _ => &[30, 60, 120, 300, 900, 3600],
    };
    let free = match method {
        Method::Password | Method::Passkey => 5,
        _ => 3,
    };
    let nth = usize::try_from(in_row).unwrap();
    match nth.checked_sub(free + 1) {
        None => 0,
        Some(past) => waits[past.min(waits.len() - 1)],
    }
}
