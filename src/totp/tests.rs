#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]
extern crate std;

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

use serde_json::Value;

use super::*;

const RFC_SECRET: &[u8] = b"12345678901234567890";

fn rfc_secret() -> TotpSecret {
    TotpSecret::from_bytes(RFC_SECRET).unwrap()
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn vectors(json: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(json).unwrap();
    file["tests"].as_array().unwrap().clone()
}

/// A time in the middle of a step of 30 seconds.
fn within(step: u64) -> UnixTime {
    UnixTime(step * 30 + 15)
}

#[test]
fn hmac_and_truncation_are_those_of_rfc_4226_appendix_d() {
    let tests = vectors(include_str!("../../tests/vectors/rfc4226-appendix-d.json"));
    assert_eq!(tests.len(), 10);
    for test in tests {
        let counter = test["counter"].as_u64().unwrap();
        let computed = mac(&keyed::<Hmac<Sha1>>(&rfc_secret()), counter);
        assert_eq!(computed[..], hex(test["hmac"].as_str().unwrap()), "{test}");
        let truncated = format!("{:08x}", truncate(&computed));
        assert_eq!(truncated, test["truncated"].as_str().unwrap());
    }
}

#[test]
fn the_offset_reaches_both_ends_of_a_hash() {
    let mut hash: Vec<u8> = (0xa0..0xb4).collect();
    hash[19] = 0x00;
    assert_eq!(truncate(&hash), 0x20a1_a2a3);
    hash[19] = 0xff;
    assert_eq!(truncate(&hash), 0x2fb0_b1b2);
}

#[test]
fn base32_is_that_of_rfc_4648_section_10() {
    let tests = vectors(include_str!(
        "../../tests/vectors/rfc4648-section-10-base32.json"
    ));
    assert_eq!(tests.len(), 7);
    for test in tests {
        let bytes = test["bytes"].as_str().unwrap().as_bytes();
        let text = test["expect"].as_str().unwrap();
        assert_eq!(secret::decode(text).unwrap().as_slice(), bytes, "{text}");
        let bare = text.trim_end_matches('=');
        assert_eq!(secret::decode(bare).unwrap().as_slice(), bytes);
        assert_eq!(
            secret::decode(&bare.to_lowercase()).unwrap().as_slice(),
            bytes
        );
        assert_eq!(secret::encode(bytes), bare);
    }
}

#[test]
fn base32_that_ends_inside_a_byte_is_refused() {
    for text in [
        "A", "AAA", "AAAAAA", "A=======", "AA=A", "1A", "0A", "8A", "é", "A\u{a0}A", "A\tA",
    ] {
        assert!(secret::decode(text).is_none(), "{text}");
    }
}

#[test]
fn where_neighbors_share_a_code_the_newest_step_is_the_one_spent() {
    // Found by trying 628,459 steps with another program (Python's hmac).
    let code: TotpCode = "669470".parse().unwrap();
    let (older, newer) = (40_628_458, 40_628_459);
    for step in [older, newer] {
        assert_eq!(
            hotp(&rfc_secret(), step, Algorithm::Sha1, Digits::Six),
            code
        );
    }
    let step = |now| verify(&rfc_secret(), Parameters::DEFAULT, &code, now);
    assert_eq!(step(within(older - 2)), None);
    assert_eq!(step(within(older - 1)), Some(TimeStep(older)));
    assert_eq!(step(within(older)), Some(TimeStep(newer)));
    assert_eq!(step(within(newer)), Some(TimeStep(newer)));
    assert_eq!(step(within(newer + 1)), Some(TimeStep(newer)));
    assert_eq!(step(within(newer + 2)), None);
}

#[test]
fn a_late_code_is_one_of_the_last_hour_and_of_no_step_that_is_accepted() {
    for (period, farthest) in [(15, 240), (30, 120), (60, 60)] {
        let parameters = Parameters {
            period: Period::try_from(period).unwrap(),
            ..Parameters::DEFAULT
        };
        let now = UnixTime(2_000_000_000);
        let current = TimeStep::at(now, parameters.period).0;
        for step in current - farthest - 2..current + 4 {
            let code = hotp(&rfc_secret(), step, Algorithm::Sha1, Digits::Six);
            let found = late(&rfc_secret(), parameters, &code, now);
            let expected = (current - farthest..=current - 2).contains(&step);
            assert_eq!(
                found,
                expected.then_some(TimeStep(step)),
                "{step} of {period}"
            );
        }
        let eight = hotp(&rfc_secret(), current - 5, Algorithm::Sha1, Digits::Eight);
        assert_eq!(late(&rfc_secret(), parameters, &eight, now), None);
        // Before an hour of time there was nothing.
        let code = hotp(&rfc_secret(), 3, Algorithm::Sha1, Digits::Six);
        let early = late(&rfc_secret(), parameters, &code, UnixTime(period * 5));
        assert_eq!(early, Some(TimeStep(3)));
    }
}

#[test]
fn a_clock_is_behind_by_minutes_rounded() {
    let now = UnixTime(1_000 * 30 + 10);
    for (away, minutes) in [
        (2, 1),
        (3, 1),
        (4, 2),
        (10, 5),
        (20, 10),
        (119, 59),
        (120, 60),
    ] {
        let behind = TimeStep(1_000 - away).minutes_behind(now, Period::DEFAULT);
        assert_eq!(behind, minutes, "{away}");
    }
    assert_eq!(TimeStep(1_000).minutes_behind(now, Period::DEFAULT), 1);
}

#[test]
fn where_the_outer_steps_share_a_code_the_newest_is_the_one_spent() {
    let code: TotpCode = "259026".parse().unwrap();
    let older = 40_515_428;
    let step = |now| verify(&rfc_secret(), Parameters::DEFAULT, &code, now);
    assert_eq!(step(within(older + 1)), Some(TimeStep(older + 2)));
    assert_eq!(step(within(older)), Some(TimeStep(older)));
}

#[test]
fn both_ends_of_time_have_codes_and_no_panic() {
    let secret = rfc_secret();
    for now in [0, 1, 29, 30, u64::MAX - 1, u64::MAX] {
        let now = UnixTime(now);
        let step = TimeStep::at(now, Period::DEFAULT);
        let code = totp(&secret, Parameters::DEFAULT, now);
        assert_eq!(
            verify(&secret, Parameters::DEFAULT, &code, now),
            Some(step),
            "{now:?}"
        );
        assert_eq!(
            diagnose(&secret, Parameters::DEFAULT, &code, now, 3),
            Some(0)
        );
        let preview = preview(&secret, Parameters::DEFAULT, now);
        assert_eq!(preview.code, code);
        assert!((1..=30).contains(&preview.seconds_left));
    }
    // There is no step before the first.
    let second = hotp(&secret, 1, Algorithm::Sha1, Digits::Six);
    assert_eq!(
        verify(&secret, Parameters::DEFAULT, &second, UnixTime(0)),
        Some(TimeStep(1))
    );
    assert_eq!(
        diagnose(&secret, Parameters::DEFAULT, &second, UnixTime(95), 9),
        Some(-2)
    );
}

#[test]
fn a_code_of_another_length_matches_nothing() {
    // 94287082 at 59 seconds (RFC 6238 appendix B); its last six digits are the six-digit code.
    let eight: TotpCode = "94287082".parse().unwrap();
    let six: TotpCode = "287082".parse().unwrap();
    let zeros: TotpCode = "00287082".parse().unwrap();
    let parameters = |digits| Parameters {
        digits,
        ..Parameters::DEFAULT
    };
    let found =
        |code, digits| verify(&rfc_secret(), parameters(digits), code, UnixTime(59)).is_some();
    assert!(found(&eight, Digits::Eight) && found(&six, Digits::Six));
    assert!(!found(&eight, Digits::Six) && !found(&six, Digits::Eight));
    assert!(!found(&zeros, Digits::Six) && !found(&zeros, Digits::Eight));
    assert!(!found(&eight, Digits::Seven));
}

#[test]
fn leading_zeros_are_kept() {
    for (text, digits) in [
        ("000000", Digits::Six),
        ("0000001", Digits::Seven),
        ("00000012", Digits::Eight),
    ] {
        let code: TotpCode = text.parse().unwrap();
        assert_eq!((code.to_string().as_str(), code.digits()), (text, digits));
    }
    let same_number: (TotpCode, TotpCode) = ("000001".parse().unwrap(), "0000001".parse().unwrap());
    assert_ne!(same_number.0, same_number.1);
}

#[test]
fn a_wrapped_number_is_no_code() {
    // 2^32 more than 123456, which u32 arithmetic alone would take for it.
    assert_eq!("4295090752".parse::<TotpCode>(), Err(NotACode));
    assert_eq!("9".repeat(32).parse::<TotpCode>(), Err(NotACode));
}

#[test]
fn secrets_are_16_to_128_bytes() {
    for (length, fits) in [
        (0, false),
        (10, false),
        (15, false),
        (16, true),
        (20, true),
        (128, true),
        (129, false),
    ] {
        let bytes = std::vec![0x5a; length];
        assert_eq!(TotpSecret::from_bytes(&bytes).is_ok(), fits, "{length}");
        assert_eq!(
            TotpSecret::from_base32(&secret::encode(&bytes)).is_ok(),
            fits
        );
    }
    let long = "A".repeat(1_000_000);
    assert_eq!(TotpSecret::from_base32(&long), Err(NotASecret::Length));
}

#[test]
fn nothing_secret_is_printed_for_debugging() {
    let secret = TotpSecret::from_entropy([7; 20]);
    let shown = format!(
        "{secret:?} {:?} {:?}",
        totp(&secret, Parameters::DEFAULT, UnixTime(0)),
        preview(&secret, Parameters::DEFAULT, UnixTime(0))
    );
    assert_eq!(
        shown,
        "[redacted] [redacted] Preview { code: [redacted], next: [redacted], seconds_left: 30 }"
    );
}

#[test]
fn a_secret_is_shown_in_groups_of_four_and_read_back() {
    let secret = rfc_secret();
    let shown: String = secret.groups_of_four().to_string();
    assert_eq!(shown, "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
    for typed in [
        shown.to_lowercase(),
        shown.replace(' ', "-"),
        format!(" {shown} "),
        format!("{shown}===="),
    ] {
        assert_eq!(TotpSecret::from_base32(&typed), Ok(secret.clone()));
    }
    let odd = TotpSecret::from_bytes(&[0xff; 17]).unwrap();
    assert!(odd.groups_of_four().ends_with(" 777Q"));
}

#[test]
fn a_text_may_be_as_long_as_that_and_no_longer() {
    let padded = |length: usize| format!("{}123456", " ".repeat(length - 6));
    assert!(padded(code::LONGEST_TEXT).parse::<TotpCode>().is_ok());
    assert_eq!(
        padded(code::LONGEST_TEXT + 1).parse::<TotpCode>(),
        Err(NotACode)
    );
    assert!(NotACode.to_string().contains("digits"));
}

#[test]
fn a_secret_may_be_typed_with_so_much_around_it_and_no_more() {
    let typed = |length: usize| format!("{}{}", " ".repeat(length - 32), "A".repeat(32));
    assert!(TotpSecret::from_base32(&typed(secret::LONGEST_TEXT)).is_ok());
    assert_eq!(
        TotpSecret::from_base32(&typed(secret::LONGEST_TEXT + 1)).err(),
        Some(NotASecret::Length)
    );
    let said = [
        NotASecret::Length.to_string(),
        NotASecret::Base32.to_string(),
    ];
    assert!(said.iter().all(|words| !words.is_empty()));
    assert!(NotAParameter::Period.to_string().contains("period"));
}

#[test]
fn secrets_are_equal_only_to_themselves() {
    let [one, other] = [[1; 20], [2; 20]].map(|bytes| TotpSecret::from_bytes(&bytes).unwrap());
    assert!(one == one.clone());
    assert!(one != other);
}
