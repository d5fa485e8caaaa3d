#![allow(clippy::arithmetic_side_effects, clippy::unwrap_used)]
use super::*;
use alloc::{string::ToString, vec::Vec};

use crate::ids::{KnownBrowserId, TrustedDeviceId};

/// Three steps are accepted per try, one authenticator, a million codes.
#[test]
fn a_year_of_guessing_stays_under_one_percent() {
    let rule = Rule::of(Method::Totp);
    let miss = 1.0 - 3.0 / 1e6_f64;
    let a_year = 1.0 - miss.powf(f64::from(rule.cap) * 365.0);
    assert!(a_year <= 0.01, "{a_year}");
    let with_one_more = 1.0 - miss.powf(f64::from(rule.cap + 1) * 365.0);
    assert!(
        with_one_more > 0.01,
        "the cap is as generous as it can be: {with_one_more}"
    );
}

#[test]
fn ten_eight_digit_backup_codes_are_safer_still() {
    let rule = Rule::of(Method::BackupCode);
    let a_year = 1.0 - (1.0 - 10.0 / 1e8_f64).powf(f64::from(rule.cap) * 365.0);
    assert!(a_year < 0.001, "{a_year}");
}

#[test]
fn what_can_be_guessed_is_read_a_hundred_times_a_day_at_most() {
    for method in [Method::Password, Method::Totp, Method::BackupCode] {
        assert!(Rule::of(method).cap <= 100);
    }
}

#[test]
fn a_passkey_is_never_shut_for_longer_than_half_a_minute() {
    let rule = Rule::of(Method::Passkey);
    assert!(rule.waits.iter().all(|wait| *wait <= 30));
    assert_eq!((rule.cap, rule.disabled_after), (u32::MAX, None));
}

/// A149: the window begins with its first wrong proof, so that one window's last eight may
/// touch the next one's nine; over a year that is eight more.
#[test]
fn a149_the_year_at_the_windows_borders_stays_under_one_percent() {
    let cap = Rule::of(Method::Totp).cap;
    let tries = cap * 365 + (cap - 1);
    let a_year = 1.0 - (1.0 - 3.0 / 1e6_f64).powf(f64::from(tries));
    assert!(a_year <= 0.01, "{a_year}");
}

const DEVICE: Lane = Lane::Device(TrustedDeviceId::from_entropy([1; 16]));
const BROWSER: Lane = Lane::Browser(KnownBrowserId::from_entropy([1; 16]));
const HERE: Lane = Lane::Network(Network::V4([203, 0, 113]));

const fn throttle(method: Method, lane: Lane) -> ThrottleKey {
    ThrottleKey { method, lane }
}

#[test]
fn a_network_waits_and_the_account_has_the_cap() {
    let throttle = throttle(Method::Password, HERE);
    let shared = throttle.shared().unwrap();
    assert_eq!(
        (throttle.own().waits, throttle.own().cap),
        (PASSWORD.waits, u32::MAX)
    );
    assert_eq!(
        (shared.lane, shared.rule.waits.len(), shared.rule.cap),
        ("", 0, 100)
    );
    assert!(throttle.own().forgets() && shared.rule.forgets());
}

#[test]
fn a_known_browser_waits_alone_and_all_of_them_have_a_cap_too() {
    for lane in [BROWSER, Lane::Session] {
        let throttle = throttle(Method::Password, lane);
        let shared = throttle.shared().unwrap();
        assert_eq!(throttle.own(), PASSWORD);
        assert_eq!(
            (shared.lane, shared.rule.waits.len(), shared.rule.cap),
            ("known", 0, 300)
        );
    }
}

#[test]
fn a_second_factor_is_counted_once() {
    for lane in [Lane::Everyone, DEVICE] {
        for method in [Method::Totp, Method::BackupCode, Method::Passkey] {
            let throttle = throttle(method, lane);
            assert_eq!(
                (throttle.own(), throttle.shared()),
                (Rule::of(method), None)
            );
        }
    }
}

#[test]
fn no_lane_is_another_one_in_the_database() {
    let lanes = [
        Lane::Everyone,
        DEVICE,
        BROWSER,
        Lane::Session,
        HERE,
        Lane::Network(Network::V6([1, 2, 3, 4])),
        Lane::Network(Network::Unknown),
    ];
    let mut names: Vec<_> = lanes.iter().map(ToString::to_string).collect();
    names.push(KNOWN.to_string());
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 8);
}

#[test]
fn an_attempt_pays_for_every_secret_it_tries() {
    let throttle = throttle(Method::Totp, Lane::Everyone);
    let own = Counter {
        not_before: UnixTime(0),
        in_window: 7,
        window_from: UnixTime(1000),
    };
    let closed = |own: Counter, cost, now| {
        let shared = Counter::default();
        throttle.closed(&Counters { own, shared }, cost, UnixTime(now))
    };
    assert_eq!(closed(own, 2, 2000), None);
    assert_eq!(closed(own, 3, 2000), Some(Closed::TooCostly));
    assert_eq!(closed(own, 9, 1000 + WINDOW_SECONDS), None, "a new window");
    let shut = Counter {
        not_before: UnixTime(3000),
        ..own
    };
    assert_eq!(closed(shut, 1, 2999), Some(Closed::Until(UnixTime(3000))));
    assert_eq!(closed(shut, 1, 3000), None);
}

/// Issue 9, 21h: with nothing left of the day, naming an authenticator would not help.
#[test]
fn a_day_that_is_used_up_says_when_it_is_over() {
    let throttle = throttle(Method::Totp, Lane::Everyone);
    let own = Counter {
        not_before: UnixTime(1500),
        in_window: 9,
        window_from: UnixTime(1000),
    };
    let counters = Counters {
        own,
        shared: Counter::default(),
    };
    let over = UnixTime(1000 + WINDOW_SECONDS);
    for cost in [1, 2, 20] {
        let closed = throttle.closed(&counters, cost, UnixTime(2000));
        assert_eq!(closed, Some(Closed::Until(over)), "{cost}");
    }
    assert_eq!(throttle.closed(&counters, 9, over), None);
}

#[test]
fn a_disabled_method_has_no_time_at_which_it_opens() {
    let throttle = throttle(Method::Totp, Lane::Everyone);
    let own = Counter {
        not_before: DISABLED,
        in_window: 9,
        window_from: UnixTime(1000),
    };
    let shared = Counter::default();
    let closed = throttle.closed(&Counters { own, shared }, 1, UnixTime(2000));
    assert_eq!(closed, Some(Closed::Disabled));
}

#[test]
fn either_counter_shuts_the_gate() {
    let throttle = throttle(Method::Password, HERE);
    let counter = |in_window, not_before| Counter {
        not_before: UnixTime(not_before),
        in_window,
        window_from: UnixTime(1000),
    };
    let closed = |own, shared| throttle.closed(&Counters { own, shared }, 1, UnixTime(2000));
    assert_eq!(closed(counter(500, 0), counter(99, 0)), None);
    let over = UnixTime(1000 + WINDOW_SECONDS);
    assert_eq!(
        closed(counter(0, 0), counter(100, 0)),
        Some(Closed::Until(over))
    );
    assert_eq!(
        closed(counter(0, 2001), counter(0, 0)),
        Some(Closed::Until(UnixTime(2001)))
    );
    assert_eq!(
        closed(counter(0, 2001), counter(100, 0)),
        Some(Closed::Until(over))
    );
}
