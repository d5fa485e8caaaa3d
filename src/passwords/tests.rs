#![allow(clippy::indexing_slicing, clippy::unwrap_used)]
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

/// RFC 8265 section 4.3, table 4.
#[test]
fn the_examples_of_the_standard() {
    for text in [
        "correct horse battery staple",
        "Correct Horse Battery Staple",
        "\u{3c0}\u{df}\u{e5} and more",
        "Jack of \u{2666}s",
    ] {
        check(text, Ok(()));
        assert_eq!(*password(text).text, *text);
    }
    assert_eq!(
        *password("foo\u{1680}bar and more").text,
        *"foo bar and more"
    );
    check("", Err(Unsuitable::TooShort));
    check("my cat is a \tby", Err(Unsuitable::Characters));
    check("my cat is a \u{200b}by", Err(Unsuitable::Characters));
    assert_ne!(
        *password("correct horse battery staple").text,
        *password("Correct Horse Battery Staple").text
    );
}

#[test]
fn a_password_is_the_same_however_it_is_composed() {
    let keys = Keys::parse("k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=").unwrap();
    let mut memory = Memory::default();
    let set = password("Zoe\u{308}\u{a0}an der Küste");
    let verifier = Verifier::new(&set, [5; SALT_BYTES], &keys, &mut memory);
    let mut matches = |text| {
        verifier
            .matches(&password(text), &keys, &mut memory)
            .unwrap()
    };
    assert!(matches("Zo\u{eb} an der Ku\u{308}ste"));
    assert!(matches("Zoë\u{2003}an der Küste"));
    assert!(!matches("zoë an der küste"));
    assert!(!matches("Zoe an der Kuste"));
    assert!(!matches("Zoë an der Küste\u{200b}"));
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
    let mut matches = |verifier: &Verifier, text, keys| {
        verifier
            .matches(&password(text), keys, &mut memory)
            .unwrap()
    };
    assert!(matches(&verifier, "correct horse", &keys));
    assert!(!matches(&verifier, "correct horsf", &keys));
    assert!(!matches(&verifier, "correct horse", &others));
    assert!(!matches(
        &Verifier::of_nobody(&keys),
        "correct horse",
        &keys
    ));
    // What was kept, and what is damaged: not read as a verifier that matches nothing.
    let mut kept = serde_json::to_value(&verifier).unwrap();
    let again: Verifier = serde_json::from_value(kept.clone()).unwrap();
    assert!(matches(&again, "correct horse", &keys));
    for field in ["salt", "hash"] {
        let text = kept[field].take();
        for damaged in ["", "AAAA", &text.as_str().unwrap()[1..]] {
            kept[field] = damaged.into();
            assert!(serde_json::from_value::<Verifier>(kept.clone()).is_err());
        }
        kept[field] = text;
    }
}

#[test]
fn a134_a_password_whose_pepper_is_gone_is_neither_right_nor_wrong() {
    let keys = Keys::parse("k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=").unwrap();
    let other = Keys::parse("k2:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=").unwrap();
    let mut memory = Memory::default();
    let right = password("correct horse");
    let verifier = Verifier::new(&right, [5; SALT_BYTES], &keys, &mut memory);
    for shown in [&right, &password("correct horsf")] {
        assert_eq!(
            verifier.matches(shown, &other, &mut memory),
            Err(MissingKey("k1".to_owned()))
        );
    }
}
