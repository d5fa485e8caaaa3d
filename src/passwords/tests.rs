#![allow(clippy::unwrap_used)]
use super::*;
use alloc::borrow::ToOwned;

fn password(text: &str) -> Password {
    Password::from(text.to_owned())
}

#[track_caller]
fn check(text: &str, expect: Result<(), Unsuitable>) {
    assert_eq!(password(text).suitable(), expect, "{text}");
}

#[test]
fn passwords_that_may_be_set() {
    check("correct horse battery staple", Ok(()));
    check("пароль-длинный", Ok(()));
    check("short77", Err(Unsuitable::TooShort));
    check("ééééééé", Err(Unsuitable::TooShort));
    check("Password123", Err(Unsuitable::Common));
    check("zzzzzzzzzzzz", Err(Unsuitable::Common));
    check(&"x1".repeat(128), Ok(()));
    check(&"x1".repeat(129), Err(Unsuitable::TooLong));
}

#[test]
fn a_verifier_matches_its_password_under_its_key_only() {
    let keys = Keys::parse("k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=").unwrap();
    let others = Keys::parse("k1:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=").unwrap();
    let mut memory = Memory::default();
    let verifier = Verifier::new(
        &password("correct horse"),
        [5; SALT_BYTES],
        &keys,
        &mut memory,
    );
    assert!(verifier.matches(&password("correct horse"), &keys, &mut memory));
    assert!(!verifier.matches(&password("correct horsf"), &keys, &mut memory));
    assert!(!verifier.matches(&password("correct horse"), &others, &mut memory));
    assert!(!Verifier::of_nobody(&keys).matches(&password("correct horse"), &keys, &mut memory));
}
