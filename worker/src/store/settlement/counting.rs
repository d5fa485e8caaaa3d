//! The statements that read a gate's counters, and count at them.

use postern::{
    ids::EventId,
    throttle::{DISABLED, Gate, Rule, WINDOW_SECONDS},
    time::UnixTime,
};

use super::{COUNT, FORGIVE, GATE};
use crate::{
    http::context::Home,
    store::d1::{Effect, Statement, Value, effect, text},
};

/// Reads a gate, in a trip that reads something else too.
pub fn gate_statement(home: Home, gate: Option<Gate>) -> Statement {
    let gate = GateValues::of(gate);
    let (organization, user) = (text(home.organization), text(home.user));
    let values = [organization, user, gate.method, gate.lane, gate.shared];
    Statement::new(GATE, values)
}

/// A gate as statements take it; one that matches no row where there is none.
pub struct GateValues {
    /// The method counted.
    pub method: Value,
    /// Its lane.
    pub lane: Value,
    /// The lane that it shares, or NULL.
    pub shared: Value,
}

impl GateValues {
    /// The parameters of `gate`.
    pub fn of(gate: Option<Gate>) -> Self {
        Self {
            method: gate.map(|gate| gate.method.as_str()).into(),
            lane: gate.map(|gate| gate.lane.to_string()).into(),
            shared: gate
                .and_then(|gate| gate.shared())
                .map(|shared| shared.lane)
                .into(),
        }
    }
}

/// Counts a refused attempt, and forgives the waits when it is accepted: at the counter of its lane
/// and at the one that it shares.
pub fn counting(event: EventId, now: UnixTime, gate: Gate, cost: u32) -> Vec<Effect> {
    let own = (gate.lane.to_string(), gate.own());
    let shared = gate
        .shared()
        .map(|shared| (shared.lane.to_owned(), shared.rule));
    let counters = std::iter::once(own).chain(shared);
    let statements = counters.flat_map(|(lane, rule)| {
        let method = gate.method.as_str();
        [
            count(event, now, &rule, cost, method, &lane),
            effect!(FORGIVE, event, method, lane),
        ]
    });
    statements.collect()
}

fn count(
    event: EventId,
    now: UnixTime,
    rule: &Rule,
    cost: u32,
    method: &str,
    lane: &str,
) -> Effect {
    let waits = match rule.waits {
        [] => None,
        waits => serde_json::to_string(waits).ok(),
    };
    effect!(COUNT, {
        event: event,
        now: now,
        waits: waits,
        window: WINDOW_SECONDS,
        cap: rule.cap,
        cost: cost,
        method: method,
        lane: lane,
        forgets: rule.forgets(),
        disabled_after: rule.disabled_after.unwrap_or(u32::MAX),
        disabled_until: DISABLED,
    })
}
