//! One-time passcodes against the outside world: the RFCs' tables, other implementations' figures,
//! and what people and attackers type (A6, A7, A8).

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]
#![allow(clippy::arithmetic_side_effects, clippy::panic)]

use std::{fs, path::Path};

use postern::{
    base64url,
    time::UnixTime,
    totp::{
        Algorithm, Digits, NotACode, NotAParameter, Parameters, Period, TimeStep, TotpCode,
        TotpSecret, diagnose, hotp, preview, totp, verify,
    },
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn tests(json: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(json).unwrap();
    file["tests"].as_array().unwrap().clone()
}

/// The larger corpora lie beside the repository, where they are there at all.
fn corpus(path: &str) -> Option<Vec<Value>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/vectors")
        .join(path);
    let Ok(text) = fs::read_to_string(&path) else {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    };
    let file: Value = serde_json::from_str(&text).unwrap();
    Some(file["vectors"].as_array().unwrap().clone())
}

fn secret() -> TotpSecret {
    TotpSecret::from_bytes(b"12345678901234567890").unwrap()
}

fn digits(count: u64) -> Digits {
    Digits::try_from(count).unwrap()
}

#[test]
fn hotp_agrees_with_rfc_4226_appendix_d() {
    let tests = tests(include_str!("vectors/rfc4226-appendix-d.json"));
    assert_eq!(tests.len(), 10);
    for test in tests {
        let counter = test["counter"].as_u64().unwrap();
        let code = hotp(&secret(), counter, Algorithm::Sha1, Digits::Six);
        assert_eq!(code.to_string(), test["expect"].as_str().unwrap(), "{test}");
    }
}

#[test]
fn totp_agrees_with_rfc_6238_appendix_b() {
    let tests = tests(include_str!("vectors/rfc6238-appendix-b.json"));
    assert_eq!(tests.len(), 18);
    for test in tests {
        let secret = TotpSecret::from_bytes(test["secret"].as_str().unwrap().as_bytes()).unwrap();
        let parameters = Parameters {
            algorithm: test["algorithm"].as_str().unwrap().parse().unwrap(),
            digits: Digits::Eight,
            period: Period::DEFAULT,
        };
        let now = UnixTime(test["time"].as_u64().unwrap());
        let expected: TotpCode = test["expect"].as_str().unwrap().parse().unwrap();
        assert_eq!(totp(&secret, parameters, now), expected, "{test}");
        let step = TimeStep::at(now, Period::DEFAULT);
        assert_eq!(verify(&secret, parameters, &expected, now), Some(step));
    }
}

#[test]
fn codes_agree_with_other_implementations() {
    let Some(vectors) = corpus("otp/otp-from-other-implementations.json") else {
        return;
    };
    let mut compared = 0;
    for vector in vectors {
        // SHA-224 and SHA-384 are nobody's authenticator.
        let Ok(algorithm) = vector["algorithm"].as_str().unwrap().parse::<Algorithm>() else {
            assert!(["SHA224", "SHA384"].contains(&vector["algorithm"].as_str().unwrap()));
            continue;
        };
        let digits = digits(vector["digits"].as_u64().unwrap());
        let counter = match vector["kind"].as_str().unwrap() {
            "hotp" => vector["counter"].as_u64().unwrap(),
            _ => vector["time"].as_u64().unwrap() / vector["period"].as_u64().unwrap(),
        };
        // One example has the 80 bits that Google once used, too few for us to read. HMAC fills
        // a key up with zeros, so zeros after it change no code.
        let secret = vector["secret_base32"].as_str().unwrap();
        let secret = TotpSecret::from_base32(&format!("{secret:A<26}")).unwrap();
        let code = hotp(&secret, counter, algorithm, digits);
        assert_eq!(
            code.to_string(),
            vector["otp"].as_str().unwrap(),
            "{vector}"
        );
        compared += 1;
    }
    assert_eq!(compared, 25);
}

#[test]
fn a6_codes_of_the_previous_current_and_next_step_count_and_no_others() {
    for period in [15, 30, 60] {
        let period = Period::try_from(period).unwrap();
        let parameters = Parameters {
            period,
            ..Parameters::DEFAULT
        };
        let start = 1_234_567_890 / period.seconds() * period.seconds().get();
        for now in [start, start + 1, start + period.seconds().get() - 1] {
            let TimeStep(current) = TimeStep::at(UnixTime(now), period);
            for offset in -3..=3 {
                let step = current.checked_add_signed(offset).unwrap();
                let code = hotp(&secret(), step, Algorithm::Sha1, Digits::Six);
                let expected = (offset.abs() <= 1).then_some(TimeStep(step));
                let found = verify(&secret(), parameters, &code, UnixTime(now));
                assert_eq!(found, expected, "{offset} at {now}");
            }
        }
    }
}

#[test]
fn a6_a_code_is_good_for_the_seconds_of_three_steps() {
    let code = totp(&secret(), Parameters::DEFAULT, UnixTime(1_000_000_020));
    let good: Vec<u64> = (999_999_900..1_000_000_200)
        .filter(|now| verify(&secret(), Parameters::DEFAULT, &code, UnixTime(*now)).is_some())
        .collect();
    assert_eq!((good[0], good.len()), (999_999_990, 90));
}

#[test]
fn a7_full_width_digits_are_read_and_digits_of_other_scripts_are_refused() {
    let code: TotpCode = "123456".parse().unwrap();
    for text in [
        "１２３４５６",
        "12345６",
        "１２３　４５６",
        "１２３－４５６",
    ] {
        assert_eq!(text.parse(), Ok(code), "{text}");
    }
    for text in ["٣٤٥٦٧٨", "१२३४५६", "𝟏𝟐𝟑𝟒𝟓𝟔", "①23456"] {
        assert_eq!(text.parse::<TotpCode>(), Err(NotACode), "{text}");
    }
    let Some(vectors) = corpus("hostile-input/unicode-digits.json") else {
        return;
    };
    assert_eq!(vectors.len(), 539);
    for vector in vectors {
        let codepoint = vector["codepoint"]
            .as_str()
            .unwrap()
            .trim_start_matches("U+");
        let digit = char::from_u32(u32::from_str_radix(codepoint, 16).unwrap()).unwrap();
        for text in [
            format!("12345{digit}"),
            format!("{digit}23456"),
            format!("123456{digit}"),
            String::from_iter([digit; 6]),
        ] {
            let full_width = ('０'..='９').contains(&digit);
            assert_eq!(text.parse::<TotpCode>().is_ok(), full_width, "{vector}");
        }
    }
}

#[test]
fn a8_spaces_and_hyphens_are_left_out_and_nothing_else_is() {
    let code: TotpCode = "123456".parse().unwrap();
    for text in [
        "123 456",
        "123-456",
        " 123456 ",
        "1 2 3 4 5 6",
        "-123456",
        "12-34-56",
        "123  456",
    ] {
        assert_eq!(text.parse(), Ok(code), "{text:?}");
    }
    for text in [
        "",
        " ",
        "-",
        "12345",
        "123456789",
        "+123456",
        "0x1e240",
        "1e5",
        "12345.6",
        "123,456",
        "123\u{a0}456",
        "123\t456",
        "123456\n",
        "\r123456",
        "123\u{200b}456",
        "123\u{2009}456",
        "123\u{2011}456",
        "123\u{2013}456",
        "123_456",
        "123456\0",
        "NaN",
        "null",
        "1234 5б",
        "\u{feff}123456",
        "\u{202e}123456",
        "12345O",
        "l23456",
    ] {
        assert_eq!(text.parse::<TotpCode>(), Err(NotACode), "{text:?}");
    }
}

#[test]
fn a8_long_and_naughty_strings_are_refused_without_a_panic() {
    for text in [
        "1".repeat(1_000_000),
        " ".repeat(1_000_000),
        format!("{}123456", " ".repeat(40)),
    ] {
        assert_eq!(text.parse::<TotpCode>(), Err(NotACode));
    }
    let Some(vectors) = corpus("hostile-input/naughty-strings.json") else {
        return;
    };
    assert_eq!(vectors.len(), 344);
    for vector in vectors {
        let text = base64(vector["base64"].as_str().unwrap());
        let plain = text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b" -".contains(&byte));
        assert!(plain || text.parse::<TotpCode>().is_err(), "{text:?}");
        let _ = TotpSecret::from_base32(&text);
    }
}

#[test]
fn a_code_in_json_is_a_string() {
    let read = |value: Value| serde_json::from_value::<TotpCode>(value).ok();
    assert_eq!(read(json!("012 345")), "012345".parse().ok());
    for value in [
        json!(123456),
        json!(123456.0),
        json!(null),
        json!(["123456"]),
        json!({"a": 1}),
    ] {
        assert_eq!(read(value), None);
    }
}

#[test]
fn parameters_in_json_are_bounded() {
    let default = json!({"algorithm": "SHA1", "digits": 6, "period": 30});
    assert_eq!(serde_json::to_value(Parameters::DEFAULT).unwrap(), default);
    assert_eq!(
        serde_json::from_value::<Parameters>(default).unwrap(),
        Parameters::DEFAULT
    );
    for (field, values) in [
        (
            "algorithm",
            json!(["MD5", "SHA224", "SHA384", "sha1", "", 1, null]),
        ),
        ("digits", json!([0, 5, 9, 10, -1, "6", 6.0, null])),
        ("period", json!([0, 4, 14, 61, 120, 286, -30, "30", null])),
        ("other", json!([1])),
    ] {
        for value in values.as_array().unwrap() {
            let mut parameters = json!({"algorithm": "SHA1", "digits": 6, "period": 30});
            parameters[field] = value.clone();
            assert!(
                serde_json::from_value::<Parameters>(parameters.clone()).is_err(),
                "{parameters}"
            );
        }
    }
    assert_eq!("md5".parse::<Algorithm>(), Err(NotAParameter::Algorithm));
    assert_eq!("sha256".parse(), Ok(Algorithm::Sha256));
    assert_eq!(
        serde_json::to_value(TimeStep(41_152_263)).unwrap(),
        json!(41_152_263)
    );
}

#[test]
fn diagnosis_names_the_offset_of_a_clock() {
    let now = UnixTime(1_700_000_000);
    for offset in [-120, -7, -1, 0, 1, 2, 120] {
        let then = UnixTime(now.0.checked_add_signed(offset * 30).unwrap());
        let code = totp(&secret(), Parameters::DEFAULT, then);
        let found = diagnose(&secret(), Parameters::DEFAULT, &code, now, 120);
        assert_eq!(found, Some(offset));
    }
    let beyond = totp(&secret(), Parameters::DEFAULT, now.plus(121 * 30));
    assert_eq!(
        diagnose(&secret(), Parameters::DEFAULT, &beyond, now, 120),
        None
    );
}

#[test]
fn a_preview_counts_down_to_the_next_code() {
    for (now, left) in [(0, 30), (1, 29), (29, 1), (30, 30), (1_111_111_109, 1)] {
        let shown = preview(&secret(), Parameters::DEFAULT, UnixTime(now));
        assert_eq!(shown.seconds_left, left, "{now}");
        assert_eq!(
            shown.code,
            totp(&secret(), Parameters::DEFAULT, UnixTime(now))
        );
        assert_eq!(
            shown.next,
            totp(&secret(), Parameters::DEFAULT, UnixTime(now + left))
        );
    }
}

/// T9. Run alone, in release: `cargo test --release --test otp -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn a_nearly_right_code_takes_as_long_as_a_wrong_one() {
    use std::{hint::black_box, time::Instant};
    let now = UnixTime(1_700_000_000);
    let right = totp(&secret(), Parameters::DEFAULT, now).to_string();
    let last = right[5..].parse::<u8>().unwrap();
    let near: TotpCode = format!("{}{}", &right[..5], (last + 1) % 10)
        .parse()
        .unwrap();
    let far: TotpCode = right
        .bytes()
        .map(|b| char::from(b'0' + (b - b'0' + 5) % 10))
        .collect::<String>()
        .parse()
        .unwrap();
    let right: TotpCode = right.parse().unwrap();
    let mut times = [const { Vec::new() }; 3];
    for round in 0..10_500 {
        for (times, code) in times.iter_mut().zip([near, far, right]) {
            let start = Instant::now();
            for _ in 0..20 {
                black_box(verify(
                    black_box(&secret()),
                    Parameters::DEFAULT,
                    black_box(&code),
                    now,
                ));
            }
            if round >= 500 {
                times.push(u32::try_from(start.elapsed().as_nanos()).unwrap());
            }
        }
    }
    let [near, far, right] = times.map(|mut times| {
        times.sort_unstable();
        // The slowest tenth is the scheduler's.
        let kept = &times[..times.len() * 9 / 10];
        kept.iter().copied().map(f64::from).sum::<f64>()
            / 20.0
            / f64::from(u32::try_from(kept.len()).unwrap())
    });
    eprintln!("ns a check: near {near:.1}, wrong {far:.1}, right {right:.1}");
    assert!((near / far - 1.0).abs() < 0.01 && (right / far - 1.0).abs() < 0.01);
}

/// Run alone, in release, as above.
#[test]
#[ignore = "a measurement"]
fn how_many_codes_are_checked_in_a_second() {
    use std::{hint::black_box, time::Instant};
    for algorithm in [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512] {
        let parameters = Parameters {
            algorithm,
            ..Parameters::DEFAULT
        };
        let code = "123456".parse().unwrap();
        let start = Instant::now();
        for now in 0..1_000_000 {
            black_box(verify(
                &secret(),
                parameters,
                black_box(&code),
                UnixTime(now),
            ));
        }
        eprintln!(
            "{}: {:.0} a second",
            algorithm.name(),
            1e6 / start.elapsed().as_secs_f64()
        );
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_parsers_panic(text in ".{0,80}", ascii in "[ -~]{0,80}") {
        for text in [text, ascii] {
            let _ = text.parse::<TotpCode>();
            let _ = TotpSecret::from_base32(&text);
        }
    }

    #[test]
    fn a_code_reads_back_and_belongs_to_its_step(
        bytes in prop::collection::vec(any::<u8>(), 16..=128),
        now in 60..u64::MAX / 2,
        count in 6u64..=8,
        period in 15u64..=60,
        algorithm in prop::sample::select(vec![Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512]),
    ) {
        let secret = TotpSecret::from_bytes(&bytes).unwrap();
        let period = Period::try_from(period).unwrap();
        let parameters = Parameters { algorithm, digits: digits(count), period };
        let code = totp(&secret, parameters, UnixTime(now));
        let typed: TotpCode = code.to_string().parse().unwrap();
        let TimeStep(step) = TimeStep::at(UnixTime(now), period);
        // A neighbor may share the code; then the newer step is named.
        let found = verify(&secret, parameters, &typed, UnixTime(now));
        prop_assert!(found == Some(TimeStep(step)) || found == Some(TimeStep(step + 1)));
        prop_assert_eq!(TotpSecret::from_base32(&secret.to_base32()), Ok(secret.clone()));
        prop_assert_eq!(TotpSecret::from_base32(&secret.groups_of_four()), Ok(secret));
    }
}

/// Standard base64, as the corpus has it.
fn base64(text: &str) -> String {
    let text = text
        .trim_end_matches('=')
        .replace('+', "-")
        .replace('/', "_");
    String::from_utf8(base64url::decode(&text).unwrap()).unwrap()
}
