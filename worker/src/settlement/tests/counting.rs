//! What a refusal costs: the waits, the day, the hundredth in a row.

use postern::{
    decision::{Gate, Outcome},
    evidence::Method,
    throttle::DISABLED,
};

use super::{
    cases::{ALICE, Case, DAY, HERE, NOW, State, Throttle},
    database::{Cell, Row, Tables, cell, number},
};

/// Every refused proof lengthens the wait; a wrong one counts toward the day, whose last one shuts
/// the gate until the day is over; the hundredth in a row shuts it for good.
pub fn count(case: &Case, outcome: Outcome, after: &mut Tables) {
    let attempt = &case.attempt.attempt;
    let Some(gate) = attempt.gate else { return };
    let old = throttle(&case.alice, gate);
    let in_row = old.map_or(0, |old| old.in_row) + 1;
    let window_from = old
        .filter(|old| lasts(old))
        .map_or(NOW, |old| old.window_from);
    let cost = if outcome == Outcome::Wrong {
        attempt.cost
    } else {
        0
    };
    let in_window = old.map_or(0, tried_today) + cost;
    let mut not_before = NOW + wait(gate.method, in_row);
    if in_window >= cap(gate.method) {
        not_before = not_before.max(window_from + DAY);
    }
    let ends = matches!(gate.method, Method::Totp | Method::BackupCode);
    if in_row >= 100 && ends {
        not_before = DISABLED.0;
    }
    let counters = [
        ("window_from", number(window_from)),
        ("in_window", number(in_window.into())),
        ("in_row", number(in_row.into())),
        ("not_before", number(not_before)),
    ];
    if let Some(row) = throttle_row(gate, after) {
        row.extend(counters.map(|(name, cell)| (name.to_owned(), cell)));
    } else {
        let key = [
            ("organization", cell(HERE)),
            ("user", cell(ALICE)),
            ("method", cell(gate.method.as_str())),
            ("lane", lane(gate)),
        ];
        after.add("throttle", key.into_iter().chain(counters));
    }
}

pub fn throttle(state: &State, gate: Gate) -> Option<&Throttle> {
    let mut throttles = state.throttles.iter();
    throttles.find(|throttle| (throttle.method, throttle.lane) == (gate.method, gate.lane))
}

pub fn throttle_row(gate: Gate, tables: &mut Tables) -> Option<&mut Row> {
    let (method, lane) = (cell(gate.method.as_str()), lane(gate));
    let mut rows = tables.hers("throttle");
    rows.find(|row| row["method"] == method && row["lane"] == lane)
}

fn lane(gate: Gate) -> Cell {
    cell(gate.lane.map_or_else(String::new, |lane| lane.to_string()))
}

/// A day begins with its first wrong proof.
fn lasts(throttle: &Throttle) -> bool {
    NOW < throttle.window_from + DAY
}

pub fn tried_today(throttle: &Throttle) -> u32 {
    if lasts(throttle) {
        throttle.in_window
    } else {
        0
    }
}

pub fn cap(method: Method) -> u32 {
    match method {
        Method::Password => 100,
        // Nothing to guess.
        Method::Passkey => u32::MAX,
        _ => 9,
    }
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
