//! What counts as a fresh proof.

use super::*;

#[track_caller]
fn check(
    step_up: &str,
    enrolled: Enrolled<'_>,
    evidence: &[Evidence],
    allowed: bool,
    until: Option<u64>,
) {
    let rule = policy(json!({ "step_up": step_up }));
    assert_eq!(
        password_steps_up(&rule, &member(enrolled), evidence, NOW),
        allowed
    );
    assert_eq!(
        fresh_until(&rule, &member(enrolled), evidence, NOW),
        until.map(UnixTime)
    );
}

#[test]
fn a_password_is_a_step_up_only_for_who_has_nothing_else() {
    let second = "second_factor";
    check(second, NOTHING, &[password()], true, Some(NOW.0 + 300));
    check(second, BOTH, &[password()], false, None);
    check(second, BOTH, &[password(), totp(100)], false, Some(400));
    check(
        second,
        BOTH,
        &[totp(NOW.0 + 1), password()],
        false,
        Some(NOW.0 + 301),
    );
}

#[test]
fn where_a_password_is_allowed_it_takes_a_session_that_showed_an_authenticator() {
    let allowed = "password_allowed";
    check(
        allowed,
        BOTH,
        &[password(), totp(100)],
        true,
        Some(NOW.0 + 300),
    );
    check(
        allowed,
        BOTH,
        &[password(), totp(NOW.0 + 1)],
        true,
        Some(NOW.0 + 301),
    );
    check(
        allowed,
        BOTH,
        &[sso(&["mfa"], NOW.0), totp(100)],
        true,
        Some(400),
    );
    check(allowed, BOTH, &[password()], false, None);
    check(allowed, BOTH, &[password(), trusted(NOW.0)], false, None);
    check(
        allowed,
        BOTH,
        &[password(), sso(&["mfa"], NOW.0)],
        false,
        None,
    );
    check(
        allowed,
        BOTH,
        &[password(), backup_code(100)],
        false,
        Some(400),
    );
    check(
        allowed,
        NOTHING,
        &[password(), totp(100)],
        true,
        Some(NOW.0 + 300),
    );
}

#[test]
fn sleeping_authenticators_still_serve_for_step_up() {
    let off = policy(json!({"mode": "off"}));
    assert_eq!(fresh_until(&off, &member(BOTH), &[password()], NOW), None);
    assert_eq!(
        fresh_until(&off, &member(BOTH), &[password(), totp(NOW.0)], NOW),
        Some(UnixTime(NOW.0 + 300))
    );
}

#[test]
fn a_password_of_a_clock_that_was_ahead_does_not_hide_one_that_is_fresh() {
    let ahead = Evidence::new(Method::Password, NOW.plus(600));
    let until = Some(NOW.0 + 300);
    check(
        "second_factor",
        NOTHING,
        &[password(), ahead.clone()],
        true,
        until,
    );
    let allowed = "password_allowed";
    check(
        allowed,
        BOTH,
        &[password(), totp(100), ahead.clone()],
        true,
        until,
    );
    check(allowed, BOTH, &[ahead, totp(100)], true, Some(400));
}
