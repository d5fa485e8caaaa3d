//! Key URIs: what we write, what real apps write and refuse, and names that try to be something
//! else (A85).

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::{collections::BTreeMap, fs, path::Path};

use postern::{
    base64url,
    key_uri::{KeyUri, NotAKeyUri, NotAName},
    totp::{Algorithm, Digits, NotAParameter, NotASecret, Parameters, Period, TotpSecret},
};
use proptest::prelude::*;
use serde_json::Value;

const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

fn secret() -> TotpSecret {
    TotpSecret::from_base32(SECRET).unwrap()
}

fn uri(issuer: &str, account: &str) -> Result<KeyUri, NotAKeyUri> {
    KeyUri::new(issuer, account, secret(), Parameters::DEFAULT)
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

fn read(text: &str) -> Result<KeyUri, NotAKeyUri> {
    text.parse()
}

#[track_caller]
fn refused(text: &str, why: NotAKeyUri) {
    assert_eq!(read(text).err(), Some(why), "{text}");
}

/// The example of the "Key Uri Format" page, with our secret.
#[test]
fn a_uri_is_written_as_the_format_says() {
    let written = uri("ACME Co", "john.doe@email.com").unwrap().to_string();
    assert_eq!(
        written,
        "otpauth://totp/ACME%20Co:john.doe%40email.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
         &issuer=ACME%20Co"
    );
    let parameters = Parameters {
        algorithm: Algorithm::Sha256,
        digits: Digits::Eight,
        period: Period::try_from(60).unwrap(),
    };
    let written = KeyUri::new("ACME", "john", secret(), parameters)
        .unwrap()
        .to_string();
    assert!(
        written.ends_with("&issuer=ACME&algorithm=SHA256&digits=8&period=60"),
        "{written}"
    );
    let one = Parameters {
        digits: Digits::Eight,
        ..Parameters::DEFAULT
    };
    let written = KeyUri::new("ACME", "john", secret(), one)
        .unwrap()
        .to_string();
    assert!(
        written.ends_with("&algorithm=SHA1&digits=8&period=30"),
        "{written}"
    );
}

#[test]
fn a85_names_stay_what_they_are_and_the_secret_stays_ours() {
    let names = [
        "Acme",
        "x&secret=AAAA",
        "x?secret=",
        "#",
        "a#b",
        "%26",
        "%",
        "%zz",
        "a/b",
        "a\\b",
        "a+b",
        "a=b",
        "a;b",
        "A B",
        "%3A",
        "%0a",
        "日本銀行",
        "Ünïcödé",
        "👩‍👩‍👧‍👦 family",
        "בנק ישראל",
        "مصرف",
        "\u{200f}abc\u{200e}",
        "e\u{301}",
        "<script>alert(1)</script>",
        "'; DROP TABLE--",
        "=cmd|' /C calc'!A0",
        "..",
        "../..",
        "~._-",
        "\"",
        "{{7*7}}",
        "name@example.org",
        "issuer=x",
        "💩",
        "Ａｃｍｅ",
        "a  b",
    ];
    for issuer in names {
        for account in names {
            let made = uri(issuer, account).unwrap();
            let written = made.to_string();
            assert!(
                written.bytes().all(|byte| byte.is_ascii_graphic()),
                "{written}"
            );
            assert!(
                !written.contains('+') && !written.contains('#'),
                "{written}"
            );
            assert_eq!(written.matches("secret=").count(), 1);
            assert_eq!(written.matches([':', '?', '&']).count(), 4, "{written}");
            assert_eq!(read(&written), Ok(made.clone()), "{written}");
            assert_eq!((made.issuer(), made.account()), (issuer, account));
            assert_eq!(made.secret(), &secret());
        }
    }
}

#[test]
fn a85_naughty_names_are_refused_or_read_back() {
    let Some(vectors) = corpus("hostile-input/naughty-strings.json") else {
        return;
    };
    assert_eq!(vectors.len(), 344);
    let mut made = 0;
    for vector in vectors {
        let text = vector["base64"].as_str().unwrap();
        let text = text
            .trim_end_matches('=')
            .replace('+', "-")
            .replace('/', "_");
        let name = String::from_utf8(base64url::decode(&text).unwrap()).unwrap();
        let _ = read(&name);
        for uri in [uri(&name, "mary"), uri("Acme", &name)]
            .into_iter()
            .flatten()
        {
            assert_eq!(read(&uri.to_string()).as_ref(), Ok(&uri));
            assert!(uri.issuer() == name || uri.account() == name);
            assert_eq!(uri.secret(), &secret());
            made += 1;
        }
    }
    assert!(made > 300, "{made}");
}

/// Each of the 78, with the answer that differs from its client's and the reason.
#[test]
fn uris_are_read_as_real_apps_read_them() {
    let Some(vectors) = corpus("otpauth/otpauth-uris.json") else {
        return;
    };
    let mut outcomes = BTreeMap::new();
    for vector in vectors {
        let uri = vector["uri"].as_str().unwrap();
        let parsed = &vector["parsed"];
        let outcome = match (vector["expect"].as_str().unwrap(), read(uri)) {
            ("reject", Err(_)) => "both refuse",
            ("accept", Ok(read)) => {
                assert_eq!(parsed["type"], "totp");
                assert_eq!(read.account(), parsed["account"].as_str().unwrap(), "{uri}");
                assert_eq!(
                    read.issuer(),
                    parsed["issuer"].as_str().unwrap_or(""),
                    "{uri}"
                );
                if let Some(secret) = parsed["secret_base32"].as_str() {
                    assert_eq!(read.secret().to_base32().as_str(), secret);
                }
                let Parameters {
                    algorithm,
                    digits,
                    period,
                } = read.parameters();
                assert_eq!(
                    algorithm.name(),
                    parsed["algorithm"].as_str().unwrap_or("SHA1")
                );
                assert_eq!(u64::from(digits), parsed["digits"].as_u64().unwrap_or(6));
                assert_eq!(u64::from(period), parsed["period"].as_u64().unwrap_or(30));
                "both read"
            }
            ("accept", Err(NotAKeyUri::CounterBased)) => {
                assert_eq!(parsed["type"], "hotp");
                "counter-based"
            }
            ("accept", Err(NotAKeyUri::Parameter(NotAParameter::Period))) => {
                assert!([5, 10].contains(&parsed["period"].as_u64().unwrap()));
                "a period under 15 seconds"
            }
            ("accept", Err(NotAKeyUri::Parameter(NotAParameter::Algorithm))) => {
                assert!(["SHA224", "SHA384"].contains(&parsed["algorithm"].as_str().unwrap()));
                "a hash that RFC 6238 does not name"
            }
            (_, ours) => panic!("{vector}: {ours:?}"),
        };
        *outcomes.entry(outcome).or_insert(0) += 1;
    }
    let expected = [
        ("a hash that RFC 6238 does not name", 2),
        ("a period under 15 seconds", 6),
        ("both read", 22),
        ("both refuse", 21),
        ("counter-based", 27),
    ];
    assert_eq!(outcomes, BTreeMap::from(expected));
}

#[test]
fn a_label_is_split_at_its_colon_however_it_is_written() {
    for label in [
        "Acme:mary",
        "Acme%3Amary",
        "Acme%3amary",
        "Acme:%20mary",
        "Acme:  mary",
    ] {
        for issuer in ["", "&issuer=Acme", "&issuer=", "&ISSUER=Acme"] {
            let text = format!("otpauth://totp/{label}?secret={SECRET}{issuer}");
            assert_eq!(read(&text), Ok(uri("Acme", "mary").unwrap()), "{text}");
        }
    }
    let spaced = uri("Air Canada", "mary").unwrap();
    for issuer in ["Air%20Canada", "Air+Canada", "Air Canada"] {
        let text = format!("otpauth://totp/Air%20Canada:mary?secret={SECRET}&issuer={issuer}");
        assert_eq!(read(&text), Ok(spaced.clone()), "{text}");
    }
    let plus = format!("otpauth://totp/mary?secret={SECRET}&issuer=A+B");
    assert_eq!(read(&plus).unwrap().issuer(), "A+B");
    let nobody = read(&format!("otpauth://totp/mary?secret={SECRET}")).unwrap();
    assert_eq!((nobody.issuer(), nobody.account()), ("", "mary"));
    assert_eq!(
        nobody.to_string(),
        format!("otpauth://totp/mary?secret={SECRET}")
    );
}

#[test]
fn what_cannot_be_read_says_why() {
    use NotAKeyUri::*;
    let good = format!("otpauth://totp/Acme:mary?secret={SECRET}&issuer=Acme");
    assert!(read(&good).is_ok());
    refused("", Scheme);
    refused("otpauth:", Scheme);
    refused(&good.replace("otpauth", "https"), Scheme);
    refused(&good.replace("totp", "hotp"), CounterBased);
    refused(&good.replace("/totp/", "/steam/"), Type);
    refused(&format!("{good}#fragment"), Syntax);
    refused(&format!("{good}&"), Syntax);
    refused(&format!("{good}&x"), Syntax);
    refused(&format!("{good}&x=%"), Syntax);
    refused(&format!("{good}&x=%4"), Syntax);
    refused(&format!("{good}&x=%+1"), Syntax);
    refused(&format!("{good}&x=%é0"), Syntax);
    refused(&format!("{good}&x=%ff"), Syntax);
    refused(&format!("{good}&color=red"), Syntax);
    refused(&format!("{good}&secret={SECRET}"), Repeated("secret"));
    refused(&format!("{good}&Issuer=Acme"), Repeated("issuer"));
    refused(&good.replace("issuer=Acme", "issuer=Evil"), IssuersDiffer);
    refused(&good.replace("Acme:mary", "Evil:mary"), IssuersDiffer);
    refused(
        &good.replace("Acme:mary", "Acme:"),
        Account(NotAName::Empty),
    );
    refused(&good.replace("Acme:mary", ""), Account(NotAName::Empty));
    refused(&good.replace("mary", "ma:ry"), Account(NotAName::Colon));
    refused(
        &good.replace("mary", "ma%0Ary"),
        Account(NotAName::Invisible),
    );
    refused(
        &good.replace("mary", "ma%E2%80%AEry"),
        Account(NotAName::Invisible),
    );
    refused(&good.replace("Acme", "Steam"), Issuer(NotAName::Steam));
    refused("otpauth://totp/mary", Missing("secret"));
    refused("otpauth://totp/mary?secret=", Empty("secret"));
    refused(
        "otpauth://totp/mary?secret=JBSWY3DPEHPK3PXP",
        Secret(NotASecret::Length),
    );
    refused(&good.replace("GEZ", "GE1"), Secret(NotASecret::Base32));
    refused(
        &format!("{good}&digits=%2B6"),
        Parameter(NotAParameter::Digits),
    );
    refused(&format!("{good}&digits="), Empty("digits"));
    refused(
        &format!("{good}&digits=9"),
        Parameter(NotAParameter::Digits),
    );
    refused(
        &format!("{good}&period=3600"),
        Parameter(NotAParameter::Period),
    );
    refused(
        &format!("{good}&period=99999999999999999999"),
        Parameter(NotAParameter::Period),
    );
    refused(
        &format!("{good}&algorithm=MD5"),
        Parameter(NotAParameter::Algorithm),
    );
    refused(&format!("{good}&x={}", "x".repeat(2048)), TooLong);
    let unknown = format!("{good}&image=https%3A%2F%2Fexample.org%2Flogo.png&color=ff00AA");
    assert_eq!(read(&unknown), read(&good));
}

/// KeePassXC writes `encoder=steam`, under any issuer: read without it, every code would be wrong.
#[test]
fn another_encoder_is_refused_whatever_the_issuer() {
    let good = format!("otpauth://totp/Acme:mary?secret={SECRET}&issuer=Acme");
    for encoder in ["steam", "Steam", "base20", "digits", "%73team"] {
        for name in ["encoder", "Encoder", "ENCODER"] {
            refused(&format!("{good}&{name}={encoder}"), NotAKeyUri::Encoder);
        }
    }
    let bare = format!("otpauth://totp/mary?encoder=steam&secret={SECRET}");
    refused(&bare, NotAKeyUri::Encoder);
}

#[test]
fn a_parameter_that_is_missing_empty_or_repeated_is_named() {
    let without = |name: &str| {
        let all = [
            ("secret", SECRET),
            ("issuer", "Acme"),
            ("algorithm", "SHA1"),
            ("digits", "6"),
            ("period", "30"),
            ("color", "ff00aa"),
        ];
        let kept: Vec<String> = all
            .iter()
            .filter(|(known, _)| *known != name)
            .map(|(known, value)| format!("{known}={value}"))
            .collect();
        format!("otpauth://totp/Acme:mary?{}", kept.join("&"))
    };
    let said = |text: &str| read(text).unwrap_err().to_string();
    assert_eq!(said(&without("secret")), "the parameter secret is missing");
    for name in [
        "secret",
        "algorithm",
        "digits",
        "period",
        "encoder",
        "color",
    ] {
        let empty = format!("the parameter {name} is empty");
        assert_eq!(said(&format!("{}&{name}=", without(name))), empty);
        assert_eq!(said(&format!("{}&{name}", without(name))), empty);
    }
    for (name, value) in [
        ("secret", SECRET),
        ("issuer", "Acme"),
        ("algorithm", "SHA1"),
        ("digits", "6"),
        ("period", "30"),
        ("color", "ff00aa"),
    ] {
        let repeated = format!("the parameter {name} comes twice");
        for name in [name, &name.to_uppercase()] {
            assert_eq!(said(&format!("{}&{name}={value}", without(""))), repeated);
            assert_eq!(said(&format!("{}&{name}=", without(""))), repeated);
        }
    }
    assert!(read(&without("")).is_ok());
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in ".{0,120}", rest in "[ -~]{0,120}", raw in ".{0,60}") {
        let _ = read(&text);
        let _ = read(&format!("otpauth://totp/{rest}"));
        let _ = read(&format!("otpauth://totp/{raw}?secret={SECRET}&issuer={rest}"));
    }

    #[test]
    fn what_is_written_reads_back(issuer in "\\PC{1,30}", account in "\\PC{1,60}") {
        if let Ok(made) = uri(&issuer, &account) {
            let written = made.to_string();
            prop_assert!(written.len() <= KeyUri::LONGEST);
            prop_assert_eq!(read(&written), Ok(made));
        }
    }
}
