#![allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
use super::*;

/// REQUIREMENTS R6: three steps are accepted per try, one authenticator, a million codes.
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

#[test]
fn an_attempt_pays_for_every_secret_it_tries() {
    let rule = Rule::of(Method::Totp);
    let gate = Gate {
        not_before: UnixTime(0),
        in_window: 7,
        window_from: UnixTime(1000),
    };
    assert!(gate.admits(&rule, 2, UnixTime(2000)));
    assert!(!gate.admits(&rule, 3, UnixTime(2000)));
    assert!(
        gate.admits(&rule, 9, UnixTime(1000 + WINDOW_SECONDS)),
        "a new window"
    );
    let shut = Gate {
        not_before: UnixTime(3000),
        ..gate
    };
    assert!(!shut.admits(&rule, 1, UnixTime(2999)));
    assert!(shut.admits(&rule, 1, UnixTime(3000)));
}
