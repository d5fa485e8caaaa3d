//! A32, A33, A112: what client data may say, and how. The same code reads it in both ceremonies.

use std::time::{Duration, Instant};

use postern::{
    base64url,
    passkeys::{CollectedClientData, Refused},
};

use super::forge::{Authentication, NONCE, Registration, client_data_with};

const MALFORMED: Refused = Refused::Malformed("clientDataJSON");

/// The outcome of both ceremonies.
#[track_caller]
fn check(client_data: impl Fn(&str) -> Vec<u8>, expect: Option<Refused>, name: &str) {
    let registration = Registration {
        client_data: client_data("webauthn.create"),
        ..Registration::good()
    };
    assert_eq!(registration.verify().err(), expect, "{name}");
    let authentication = Authentication {
        client_data: client_data("webauthn.get"),
        ..Authentication::good()
    };
    assert_eq!(authentication.verify().err(), expect, "{name}");
}

fn nonce() -> String {
    base64url::encode(&NONCE)
}

#[test]
fn a32_only_a_configured_origin_is_accepted_letter_for_letter() {
    for origin in [
        "http://example.org",
        "https://example.org:444",
        "https://example.org:443",
        "https://www.example.org",
        "https://example.org.evil.com",
        "https://example.org@evil.com",
        "https://evil.com/https://example.org",
        "https://example.org.",
        "https://example.org/",
        "https://EXAMPLE.ORG",
        "HTTPS://example.org",
        "https://xn--exmple-cua.org",
        "https://exаmple.org",
        " https://example.org",
        "null",
        "",
        "android:apk-key-hash:7d1043473d55bfa90e8530d35801d4e381bc69f0",
        "example.org",
        "//example.org",
    ] {
        let with = |r#type: &str| client_data_with(r#type, &nonce(), origin, "");
        check(with, Some(Refused::Origin), origin);
    }
}

#[test]
fn a33_a_foreign_frame_is_refused() {
    for (more, expect) in [
        ("", None),
        (r#","crossOrigin":false"#, None),
        (r#","crossOrigin":true"#, Some(Refused::CrossOrigin)),
        (r#","crossOrigin":"true""#, Some(Refused::CrossOrigin)),
        (r#","crossOrigin":"false""#, Some(Refused::CrossOrigin)),
        (r#","crossOrigin":null"#, Some(Refused::CrossOrigin)),
        (r#","crossOrigin":0"#, Some(Refused::CrossOrigin)),
        (
            r#","topOrigin":"https://example.com""#,
            Some(Refused::TopOrigin),
        ),
        (
            r#","topOrigin":"https://example.org""#,
            Some(Refused::TopOrigin),
        ),
        (r#","topOrigin":null"#, Some(Refused::TopOrigin)),
        (
            r#","crossOrigin":true,"topOrigin":"https://example.org""#,
            Some(Refused::CrossOrigin),
        ),
    ] {
        let with = |r#type: &str| client_data_with(r#type, &nonce(), "https://example.org", more);
        check(with, expect, more);
    }
}

#[test]
fn a106_the_nonce_has_one_spelling() {
    let canonical = nonce();
    for challenge in [
        format!("{canonical}="),
        canonical.replace('_', "/"),
        canonical.to_uppercase(),
        format!(" {canonical}"),
        canonical[1..].to_owned(),
        "Bw".repeat(32),
        String::new(),
    ] {
        if challenge == canonical {
            continue;
        }
        let with = |r#type: &str| client_data_with(r#type, &challenge, "https://example.org", "");
        check(with, Some(Refused::Challenge), &challenge);
    }
    // The same bytes with the two unused bits of the last character set.
    let (last, rest) = (
        canonical.chars().last().unwrap(),
        &canonical[..canonical.len() - 1],
    );
    let next = char::from_u32(u32::from(last) + 1).unwrap();
    let with = |r#type: &str| {
        client_data_with(r#type, &format!("{rest}{next}"), "https://example.org", "")
    };
    check(with, Some(Refused::Challenge), "other unused bits");
}

#[test]
fn a112_client_data_is_json_as_the_standard_says() {
    let good = |r#type: &str| client_data_with(r#type, &nonce(), "https://example.org", "");
    let edit = |from: &'static str, to: &'static str| {
        move |r#type: &str| {
            String::from_utf8(good(r#type))
                .unwrap()
                .replace(from, to)
                .into_bytes()
        }
    };
    // Accepted: what means the same.
    check(
        |t| [b"\xef\xbb\xbf".to_vec(), good(t)].concat(),
        None,
        "a byte order mark",
    );
    check(edit("https://", r"https:\/\/"), None, "escaped slashes");
    check(
        edit(r#""origin""#, r#""or\u0069gin""#),
        None,
        "an escaped name",
    );
    check(edit("{", "\r\n{ "), None, "white space");
    check(
        edit("{", r#"{"other_keys_can_be_added_here":{"a":[1,{}]},"#),
        None,
        "another member",
    );
    check(
        edit(
            "{",
            r#"{"tokenBinding":{"status":"supported"},"hashAlgorithm":"SHA-256","#,
        ),
        None,
        "Level 1",
    );

    // Refused, though nobody reads it: two readers could take two values.
    check(
        edit("{", r#"{"x":1,"x":2,"#),
        Some(MALFORMED),
        "another member twice",
    );

    // Refused as no answer to what was asked.
    check(
        edit(r#""type""#, r#""typ""#),
        Some(Refused::Type),
        "no type",
    );
    check(
        edit(r#""challenge""#, r#""c""#),
        Some(Refused::Challenge),
        "no challenge",
    );
    check(
        edit(r#""origin""#, r#""o""#),
        Some(Refused::Origin),
        "no origin",
    );
    check(|_| b"{}".to_vec(), Some(Refused::Type), "nothing");

    // Malformed.
    for (name, from, to) in [
        ("type twice", "{", r#"{"type":"webauthn.create","#),
        ("challenge twice", "{", r#"{"challenge":"","#),
        (
            "challenge twice, once escaped",
            "{",
            r#"{"ch\u0061llenge":"","#,
        ),
        ("origin twice", "{", r#"{"origin":"https://example.org","#),
        (
            "crossOrigin twice",
            "{",
            r#"{"crossOrigin":false,"crossOrigin":false,"#,
        ),
        (
            "NUL in the origin",
            "https://example.org",
            r"https://example.org\u0000",
        ),
        (
            "a line feed in the origin",
            "https://example.org",
            r"https://example.org\n",
        ),
        (
            "half a surrogate pair in the origin",
            "https://example.org",
            r"https://example.org\ud800",
        ),
        ("type as an array", r#""type":"#, r#""type":[],"x":"#),
        (
            "challenge as a number",
            r#""challenge":"#,
            r#""challenge":7,"x":"#,
        ),
        ("origin as null", r#""origin":"#, r#""origin":null,"x":"#),
        ("a comma too many", "}", ",}"),
        ("bytes after it", "}", "}}"),
        ("no object", "{", "["),
    ] {
        check(edit(from, to), Some(MALFORMED), name);
    }
    check(
        |t| [good(t), b"\xff".to_vec()].concat(),
        Some(MALFORMED),
        "not UTF-8 after it",
    );
    check(
        |t| {
            good(t)
                .iter()
                .map(|byte| if *byte == b'x' { 0xff } else { *byte })
                .collect()
        },
        Some(MALFORMED),
        "not UTF-8",
    );
    check(
        |t| [b"\xef\xbb\xbf\xef\xbb\xbf".to_vec(), good(t)].concat(),
        Some(MALFORMED),
        "two marks",
    );
    check(
        |t| good(t).iter().flat_map(|byte| [*byte, 0]).collect(),
        Some(MALFORMED),
        "UTF-16",
    );
    check(|_| Vec::new(), Some(MALFORMED), "empty");
    check(
        |_| b"[\"webauthn.get\",\"BwcH\",\"https://example.org\"]".to_vec(),
        Some(MALFORMED),
        "an array",
    );
    let start = Instant::now();
    for (name, bomb) in [
        (
            "a megabyte",
            [good("webauthn.get"), vec![b' '; 1 << 20]].concat(),
        ),
        (
            "arrays in arrays",
            [b"{\"x\":".to_vec(), vec![b'['; 8000]].concat(),
        ),
        (
            "arrays in arrays in crossOrigin",
            [b"{\"crossOrigin\":".to_vec(), vec![b'['; 8000]].concat(),
        ),
    ] {
        assert_eq!(
            CollectedClientData::from_bytes(&bomb),
            Err(MALFORMED),
            "{name}"
        );
    }
    assert!(start.elapsed() < Duration::from_secs(1));
}

#[test]
fn any_json_is_read_without_a_panic() {
    let path = "hostile-input/jsontestsuite.json";
    let Some(file) = super::vectors::shared(path) else {
        return;
    };
    for vector in file["vectors"].as_array().unwrap() {
        let body = match vector.get("base64").and_then(|text| text.as_str()) {
            Some(text) => {
                use base64::{Engine as _, engine::general_purpose::STANDARD};
                STANDARD.decode(text).unwrap()
            }
            None => continue,
        };
        // None of it is client data; an object of it may still have all that is looked at: nothing.
        if let Ok(data) = CollectedClientData::from_bytes(&body) {
            assert_eq!(data, CollectedClientData::default());
        }
    }
}
