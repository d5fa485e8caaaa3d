//! Backup codes: what a set looks like (A24, B1), what people type, and under which index a code
//! is found (B3).

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]
#![allow(clippy::arithmetic_side_effects, clippy::panic, clippy::as_conversions)]

use std::{collections::BTreeSet, fs, path::Path};

use postern::{
    backup_codes::{BackupCode, BackupCodeSet, CODES, ENTROPY, Format, LookUp, NotABackupCode},
    secret::Secret,
    slow_hash::{Memory, SlowHash},
};
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const CROCKFORD: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Entropy that is the same in every run: SHA-256 of a label and a counter.
fn entropy(label: &str, set: u32) -> [u8; ENTROPY] {
    let mut entropy = [0; ENTROPY];
    for (block, bytes) in entropy.chunks_mut(32).enumerate() {
        let digest = Sha256::digest(format!("{label} {set} {block}"));
        bytes.copy_from_slice(&digest);
    }
    entropy
}

fn hex(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

/// Pearson's statistic of counts that ought to be equal.
fn chi_square(counts: &[u32]) -> f64 {
    let expected = f64::from(counts.iter().sum::<u32>()) / counts.len() as f64;
    counts
        .iter()
        .map(|count| (f64::from(*count) - expected).powi(2) / expected)
        .sum()
}

/// Where the statistic lies above with p = 0.001 (Wilson and Hilferty's approximation).
fn limit(degrees: usize) -> f64 {
    let degrees = degrees as f64;
    let spread = 2.0 / (9.0 * degrees);
    degrees * (1.0 - spread + 3.0902 * spread.sqrt()).powi(3)
}

#[test]
fn a24_a_hundred_thousand_codes_of_each_format_are_uniform_and_sets_have_no_repeat() {
    // From the table of the distribution: 27.88 for 9 degrees, 61.10 for 31.
    assert!((limit(9) - 27.88).abs() < 0.3 && (limit(31) - 61.10).abs() < 0.3);
    for (format, alphabet, length) in [
        (Format::Digits8, &CROCKFORD[..10], 8),
        (Format::Recovery, CROCKFORD, 14),
    ] {
        let mut places = vec![vec![0; alphabet.len()]; length];
        let mut pairs = vec![0; alphabet.len() * alphabet.len()];
        let mut all = BTreeSet::new();
        for set in 0..10_000 {
            let codes = BackupCodeSet::generate(format, &entropy("uniform", set));
            let different: BTreeSet<_> = codes.iter().map(|code| code.as_str()).collect();
            assert_eq!(different.len(), CODES);
            for code in &codes {
                let values: Vec<usize> = code
                    .as_str()
                    .chars()
                    .map(|c| alphabet.find(c).unwrap())
                    .collect();
                assert_eq!(values.len(), length);
                for (counts, value) in places.iter_mut().zip(&values) {
                    counts[*value] += 1;
                }
                pairs[values[0] * alphabet.len() + values[1]] += 1;
                all.insert(code.as_str().to_owned());
            }
        }
        for (place, counts) in places.iter().enumerate() {
            let statistic = chi_square(counts);
            assert!(
                statistic < limit(counts.len() - 1),
                "{format:?} {place}: {statistic:.1}"
            );
        }
        let statistic = chi_square(&pairs);
        assert!(
            statistic < limit(pairs.len() - 1),
            "{format:?} pairs: {statistic:.1}"
        );
        // Between sets codes may repeat: 50 pairs of eight digits are expected, none of 65 bits.
        let repeats = 100_000 - all.len();
        let expected = if format == Format::Digits8 {
            20..90
        } else {
            0..1
        };
        assert!(expected.contains(&repeats), "{format:?}: {repeats}");
    }
}

#[test]
fn look_ups_are_what_other_implementations_compute() {
    let file: Value =
        serde_json::from_str(include_str!("vectors/backup-code-look-ups.json")).unwrap();
    let tests = file["tests"].as_array().unwrap();
    assert_eq!(tests.len(), 8);
    let mut memory = Memory::new();
    let mut different = BTreeSet::new();
    for test in tests {
        let code: BackupCode = test["code"].as_str().unwrap().parse().unwrap();
        let pepper = Secret::new(hex(&test["pepper"]).try_into().unwrap());
        let set = BackupCodeSet::new(code.format(), hex(&test["salt"]).try_into().unwrap());
        let look_up = set.look_up(&code, &pepper, &mut memory);
        assert_eq!(
            look_up.to_string(),
            test["expect"].as_str().unwrap(),
            "{test}"
        );
        assert_eq!(look_up.to_string().parse::<LookUp>(), Ok(look_up));
        different.insert(look_up.to_string());
    }
    // The same code under another salt has another index.
    assert_eq!(different.len(), 8);
}

#[test]
fn another_pepper_salt_cost_or_code_is_another_index() {
    let mut memory = Memory::new();
    let set = BackupCodeSet {
        slow_hash: SlowHash::new(64, 1, 1).unwrap(),
        ..BackupCodeSet::new(Format::Digits8, [1; 16])
    };
    let code: BackupCode = "12345678".parse().unwrap();
    let look_up = set.look_up(&code, &Secret::new([2; 32]), &mut memory);
    assert_eq!(
        look_up,
        set.look_up(&code, &Secret::new([2; 32]), &mut memory)
    );
    assert_ne!(
        look_up,
        set.look_up(&code, &Secret::new([3; 32]), &mut memory)
    );
    let other = "12345679".parse().unwrap();
    assert_ne!(
        look_up,
        set.look_up(&other, &Secret::new([2; 32]), &mut memory)
    );
    let salted = BackupCodeSet {
        salt: [4; 16],
        ..set.clone()
    };
    assert_ne!(
        look_up,
        salted.look_up(&code, &Secret::new([2; 32]), &mut memory)
    );
    let slower = BackupCodeSet {
        slow_hash: SlowHash::new(64, 2, 1).unwrap(),
        ..set.clone()
    };
    assert_ne!(
        look_up,
        slower.look_up(&code, &Secret::new([2; 32]), &mut memory)
    );
    for text in [
        "",
        "AAAA",
        "=",
        &look_up.to_string()[1..],
        &format!("{look_up}="),
        "é",
    ] {
        assert!(text.parse::<LookUp>().is_err(), "{text}");
    }
}

#[test]
fn a_set_is_stored_with_its_salt_and_cost() {
    let set = BackupCodeSet::new(Format::Recovery, [0xff; 16]);
    let written = json!({
        "format": "recovery",
        "salt": "_____________________w",
        "slow_hash": {"memory_kib": 19_456, "iterations": 2, "lanes": 1},
    });
    assert_eq!(serde_json::to_value(&set).unwrap(), written);
    assert_eq!(
        serde_json::from_value::<BackupCodeSet>(written.clone()).unwrap(),
        set
    );
    assert_eq!(
        serde_json::to_value(Format::default()).unwrap(),
        json!("digits8")
    );
    for (field, value) in [
        ("format", json!("hex")),
        ("salt", json!("____")),
        ("salt", json!("_____________________w==")),
        ("salt", json!(null)),
        (
            "slow_hash",
            json!({"memory_kib": 4_000_000, "iterations": 2, "lanes": 1}),
        ),
        ("more", json!(1)),
    ] {
        let mut wrong = written.clone();
        wrong[field] = value;
        assert!(
            serde_json::from_value::<BackupCodeSet>(wrong.clone()).is_err(),
            "{wrong}"
        );
    }
}

#[test]
fn a8_codes_are_read_as_people_copy_them() {
    let digits: BackupCode = "12345678".parse().unwrap();
    assert_eq!(digits.format(), Format::Digits8);
    for text in [
        "1234 5678",
        "1234-5678",
        " 12 34 56 78 ",
        "1-2-3-4-5-6-7-8",
        "12345678\n",
        "\t12345678",
        "1234\u{a0}5678",
        "1234\u{2013}5678",
        "l2345678",
        "１２３４　５６７８",
        "１２３４－５６７８",
    ] {
        assert_eq!(text.parse(), Ok(digits.clone()), "{text}");
    }
    let zeros: BackupCode = "10000000".parse().unwrap();
    for text in ["1OOOOOOO", "ioooo ooo", "Ｌ０００—ＯｏＯｏ"] {
        assert_eq!(text.parse(), Ok(zeros.clone()), "{text}");
    }
    // 10 and 01 are written with letters that look like them.
    let recovery: BackupCode = "00000000000104".parse().unwrap();
    assert_eq!(recovery.format(), Format::Recovery);
    assert_eq!(recovery.to_string(), "00000-00000-0104");
    for text in [
        "00000-00000-0104",
        "OOOOO ooooo oi o4",
        "0000000000 0L04",
        "ooooo-OOOOO-0l04",
        "00000–00000−0104",
        "０００００－ＯＯＯＯＯ－０ｌ０４",
    ] {
        assert_eq!(text.parse(), Ok(recovery.clone()), "{text}");
    }
    let letters: BackupCode = "v7yya-qhazd-rk0g".parse().unwrap();
    assert_eq!(letters.as_str(), "V7YYAQHAZDRK0G");
    assert_eq!(
        serde_json::to_value(&letters).unwrap(),
        json!("V7YYAQHAZDRK0G")
    );
    assert_eq!(
        serde_json::from_value::<BackupCode>(json!("v7yya qhazd rkOg")).unwrap(),
        letters
    );
    assert!(serde_json::from_value::<BackupCode>(json!(12_345_678)).is_err());
}

#[test]
fn what_is_not_a_code_says_why() {
    use NotABackupCode::{Characters, Check, Length};
    for (text, why) in [
        ("", Length),
        ("1234567", Length),
        ("123456789", Length),
        ("0000000000010", Length),
        ("000000000001040", Length),
        ("1234567U", Characters),
        ("1234567A", Characters),
        ("00000000000105", Check),
        ("00000000001004", Check),
        ("0000000000010U", Characters),
        ("0000000000010*", Characters),
        ("1234\u{200b}5678", Characters),
        ("1234\u{7}5678", Characters),
        ("1234_5678", Characters),
        ("+2345678", Characters),
        ("1234567.", Characters),
    ] {
        assert_eq!(text.parse::<BackupCode>(), Err(why), "{text:?}");
    }
    assert_eq!("1".repeat(1_000_000).parse::<BackupCode>(), Err(Length));
    assert_eq!(
        format!("{}12345678", " ".repeat(60)).parse::<BackupCode>(),
        Err(Length)
    );
}

#[test]
fn a7_full_width_digits_are_read_and_digits_of_other_scripts_are_refused() {
    let path = "../shared/vectors/hostile-input/unicode-digits.json";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let Ok(text) = fs::read_to_string(&path) else {
        eprintln!("skipped: {} is not there", path.display());
        return;
    };
    let file: Value = serde_json::from_str(&text).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), 539);
    for vector in vectors {
        let digit = String::from_utf8(hex(&vector["utf8_hex"])).unwrap();
        for text in [
            format!("1234567{digit}"),
            format!("0000000000010{digit}"),
            digit.repeat(8),
        ] {
            let full_width = ("０"..="９").contains(&digit.as_str());
            let read = match text.parse::<BackupCode>() {
                Ok(_) => true,
                // Its last character checks the others.
                Err(why) => why == NotABackupCode::Check,
            };
            assert_eq!(read, full_width, "{vector}");
        }
    }
}

/// Run alone, in release: `cargo test --release --test backup_codes -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn how_long_a_look_up_takes() {
    let mut memory = Memory::new();
    let set = BackupCodeSet::new(Format::Digits8, [1; 16]);
    let code: BackupCode = "12345678".parse().unwrap();
    for round in ["first, with its memory", "second", "third"] {
        let start = std::time::Instant::now();
        std::hint::black_box(set.look_up(&code, &Secret::new([2; 32]), &mut memory));
        eprintln!("{round}: {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in ".{0,80}", ascii in "[ -~]{0,80}") {
        for text in [text, ascii] {
            let _ = text.parse::<BackupCode>();
        }
    }

    #[test]
    fn codes_read_back_however_they_are_shown(bytes in prop::collection::vec(any::<u8>(), ENTROPY)) {
        let entropy: [u8; ENTROPY] = bytes.try_into().unwrap();
        for format in [Format::Digits8, Format::Recovery] {
            for code in BackupCodeSet::generate(format, &entropy) {
                prop_assert_eq!(code.to_string().parse::<BackupCode>(), Ok(code.clone()));
                prop_assert_eq!(code.as_str().to_lowercase().parse::<BackupCode>(), Ok(code));
            }
        }
    }
}
