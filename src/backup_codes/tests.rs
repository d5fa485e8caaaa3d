#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions
)]
extern crate std;

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::*;

#[test]
fn recovery_codes_are_written_as_others_write_them() {
    let file: Value =
        serde_json::from_str(include_str!("../../tests/vectors/recovery-codes.json")).unwrap();
    let tests = file["tests"].as_array().unwrap();
    assert_eq!(tests.len(), 14);
    for test in tests {
        let number = test["number"].as_str().unwrap().parse().unwrap();
        let text = test["expect"].as_str().unwrap();
        assert_eq!(BackupCode::new(Format::Recovery, number).as_str(), text);
        assert_eq!(text.parse::<BackupCode>().unwrap().as_str(), text);
    }
}

#[test]
fn eight_digits_keep_their_leading_zeros() {
    for (number, text, shown) in [
        (0, "00000000", "0000 0000"),
        (7, "00000007", "0000 0007"),
        (12_345_678, "12345678", "1234 5678"),
        (99_999_999, "99999999", "9999 9999"),
    ] {
        let code = BackupCode::new(Format::Digits8, number);
        assert_eq!((code.as_str(), code.to_string().as_str()), (text, shown));
        assert_eq!(shown.parse(), Ok(code));
    }
}

/// All 24 results come out once each of all 4 * 3 * 2 ways to draw: no result is likelier.
#[test]
fn a24_every_set_is_as_likely_as_any_other() {
    let mut results = BTreeMap::new();
    for (a, b, c) in (0..24).map(|n| (n % 4, n / 4 % 3, n / 12)) {
        let result = draw::distinct([a, b, c], 4);
        *results.entry(result).or_insert(0) += 1;
        assert!(result[0] != result[1] && result[1] != result[2] && result[0] != result[2]);
    }
    assert_eq!(results.len(), 24);
    assert!(results.values().all(|times| *times == 1));
}

#[test]
fn a24_no_entropy_makes_a_set_with_a_repeat() {
    // Numbers that all fall on the same place, at both ends and in the middle.
    for format in [Format::Digits8, Format::Recovery] {
        for byte in [0x00, 0x01, 0x7f, 0x80, 0xff] {
            let codes = BackupCodeSet::generate(format, &[byte; ENTROPY]);
            let different: BTreeSet<_> = codes.iter().map(BackupCode::as_str).collect();
            assert_eq!(different.len(), CODES, "{byte}");
            assert!(codes.iter().all(|code| code.format() == format));
            assert!(
                codes
                    .iter()
                    .all(|code| code.as_str().parse().as_ref() == Ok(code))
            );
        }
    }
    // Ten draws of ten are all ten.
    let mut all = draw::distinct([9, 99, 999, 0, u128::MAX, 5, 5, 5, 5, 5], 10);
    all.sort_unstable();
    assert_eq!(all, core::array::from_fn(|n| n as u128));
}

#[test]
fn sets_are_drawn_from_all_their_entropy() {
    let before = BackupCodeSet::generate(Format::Recovery, &[3; ENTROPY]);
    for changed in 0..ENTROPY {
        let mut entropy = [3; ENTROPY];
        entropy[changed] ^= 1;
        let after = BackupCodeSet::generate(Format::Recovery, &entropy);
        // Of the first number 65 bits suffice: it is drawn from 2^65 places.
        assert!(after != before || changed < 7, "{changed}");
    }
}

#[test]
fn every_wrong_character_is_found_and_nearly_every_swap() {
    const CROCKFORD: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let (mut swaps, mut missed) = (0_u32, 0_u32);
    for seed in 0..40 {
        let entropy = core::array::from_fn(|at| (at as u8).wrapping_mul(seed).wrapping_add(seed));
        for code in BackupCodeSet::generate(Format::Recovery, &entropy) {
            let good: Vec<char> = code.as_str().chars().collect();
            for at in 0..14 {
                for other in CROCKFORD.chars().filter(|other| *other != good[at]) {
                    let mut typed = good.clone();
                    typed[at] = other;
                    let typed: String = typed.iter().collect();
                    assert_eq!(typed.parse::<BackupCode>(), Err(NotABackupCode::Check));
                }
                if at < 13 && good[at] != good[at + 1] {
                    let mut typed = good.clone();
                    typed.swap(at, at + 1);
                    let typed: String = typed.iter().collect();
                    swaps += 1;
                    missed += u32::from(typed.parse::<BackupCode>().is_ok());
                }
            }
        }
    }
    assert!(swaps > 4_000 && missed * 100 < swaps, "{missed} of {swaps}");
}

#[test]
fn nothing_secret_is_printed_for_debugging() {
    let [code, ..] = BackupCodeSet::generate(Format::Digits8, &[9; ENTROPY]);
    let set = BackupCodeSet {
        slow_hash: SlowHash::new(8, 1, 1).unwrap(),
        ..BackupCodeSet::new(Format::Digits8, [0; 16])
    };
    let look_up = set.look_up(&code, &Secret::new([0; 32]), &mut Memory::new());
    assert_eq!(format!("{code:?} {look_up:?}"), "[redacted] [redacted]");
}

#[test]
fn a_text_may_be_as_long_as_that_and_no_longer() {
    let padded = |length: usize| format!("{}12345678", " ".repeat(length - 8));
    assert!(padded(code::LONGEST_TEXT).parse::<BackupCode>().is_ok());
    assert_eq!(
        padded(code::LONGEST_TEXT + 1).parse::<BackupCode>(),
        Err(NotABackupCode::Length)
    );
}

#[test]
fn every_dash_and_space_is_left_out() {
    use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};
    let code: BackupCode = "12345678".parse().unwrap();
    // In the property `Dash` besides the category `Pd` (Unicode's PropList.txt).
    let signs = ['\u{2053}', '\u{207b}', '\u{208b}', '\u{2212}'];
    let mut left_out = 0;
    for mark in char::MIN..=char::MAX {
        let is_dash = mark.general_category() == GeneralCategory::DashPunctuation;
        let expected = is_dash || signs.contains(&mark) || mark.is_whitespace();
        let read = format!("1234{mark}5678").parse() == Ok(code.clone());
        assert_eq!(read, expected, "{mark:?}");
        left_out += u32::from(read);
    }
    assert!(left_out > 50, "{left_out}");
}

#[test]
fn what_is_wrong_is_said_in_words() {
    let said = [
        NotABackupCode::Characters.to_string(),
        NotABackupCode::Check.to_string(),
        NotABackupCode::Length.to_string(),
        NotALookUp.to_string(),
    ];
    assert!(said.iter().all(|words| words.contains("backup code")));
}
