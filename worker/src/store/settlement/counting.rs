//! The statements that read a throttle's counters, and count at them.

use postern::{
    ids::EventId,
    throttle::{DISABLED, Rule, ThrottleKey, WINDOW_SECONDS},
    time::UnixTime,
};
use serde::Serialize;

use super::statements::{COUNT, GATE};
use crate::{
    http::context::Home,
    platform::Fault,
    store::d1::{Effect, Statement, Value, effect, text},
};

/// Reads the counters of a throttle, in a trip that reads something else too.
pub fn throttle_statement(home: Home, throttle: Option<ThrottleKey>) -> Statement {
    let throttle = ThrottleValues::of(throttle);
    let (organization, user) = (text(home.organization), text(home.user));
    let values = [
        organization,
        user,
        throttle.method,
        throttle.lane,
        throttle.shared,
    ];
    Statement::new(GATE, values)
}

/// A throttle as statements take it; one that matches no row where there is none.
pub struct ThrottleValues {
    /// The method counted.
    pub method: Value,
    /// Its lane.
    pub lane: Value,
    /// The lane that it shares, or NULL.
    pub shared: Value,
}

impl ThrottleValues {
    /// The parameters of `throttle`.
    pub fn of(throttle: Option<ThrottleKey>) -> Self {
        Self {
            method: throttle.map(|throttle| throttle.method.as_str()).into(),
            lane: throttle.map(|throttle| throttle.lane.to_string()).into(),
            shared: throttle
                .and_then(|throttle| throttle.shared())
                .map(|shared| shared.lane)
                .into(),
        }
    }
}

/// A counter as [`COUNT`] takes it.
#[derive(Serialize)]
struct Counter {
    lane: String,
    /// `None` where a refusal is followed by no wait.
    waits: Option<&'static [u32]>,
    cap: u32,
    disabled_after: Option<u32>,
    forgets: bool,
}

impl Counter {
    fn new(lane: String, rule: Rule) -> Self {
        Self {
            lane,
            waits: Some(rule.waits).filter(|waits| !waits.is_empty()),
            cap: rule.cap,
            disabled_after: rule.disabled_after,
            forgets: rule.forgets(),
        }
    }
}

/// Counts a refused attempt, or forgives the waits when it is accepted: at the counter of its lane
/// and at the one that it shares.
///
/// # Errors
/// A fault when the rules have no JSON.
pub fn counting(
    event: EventId,
    now: UnixTime,
    throttle: ThrottleKey,
    cost: u32,
) -> Result<Effect, Fault> {
    let own = Counter::new(throttle.lane.to_string(), throttle.own());
    let shared = throttle.shared();
    let shared = shared.map(|shared| Counter::new(shared.lane.to_owned(), shared.rule));
    let counters: Vec<Counter> = std::iter::once(own).chain(shared).collect();
    Ok(effect!(COUNT, {
        event: event,
        now: now,
        method: throttle.method.as_str(),
        counters: serde_json::to_string(&counters)?,
        cost: cost,
        window: WINDOW_SECONDS,
        disabled_until: DISABLED,
    }))
}
