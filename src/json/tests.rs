#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]
extern crate std;

use alloc::{collections::BTreeMap, format, vec};

use serde_json::json;

use super::*;
use crate::refusal::Malformed;

crate::record! {
    #[derive(Debug, PartialEq)]
    strict struct Body {
        code: String,
        days: Option<u8>,
        trust: bool = false,
        inner: Inner = Inner::default(),
        kind: Option<Kind>,
    }
}

crate::record! {
    #[derive(Debug, Default, PartialEq)]
    strict struct Inner {
        names: Vec<String> = Vec::new(),
        ages: BTreeMap<String, u64> = BTreeMap::new(),
    }
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Plain,
    Of(u64),
    With { at: u64 },
}

fn body(text: &str) -> Result<Body, Unread> {
    Fields::parse(text.as_bytes())?.read()
}

/// What a problem document says: `field: detail`.
#[track_caller]
fn refused(text: &str, expect: &str) {
    assert_eq!(body(text).unwrap_err().to_string(), expect, "{text}");
}

#[track_caller]
fn kind(text: &str, expect: Option<Kind>) {
    let text = format!(r#"{{"code":"1","kind":{text}}}"#);
    assert_eq!(body(&text).unwrap().kind, expect, "{text}");
}

#[test]
fn a_body_is_read_whole() {
    let text = r#" { "inner": {"names": ["a", "\u00e4"], "ages": {"a": 7}}, "code": "1", "days": 30, "trust": true } "#;
    let inner = Inner {
        names: vec!["a".into(), "ä".into()],
        ages: BTreeMap::from([("a".into(), 7)]),
    };
    let expect = Body {
        code: "1".into(),
        days: Some(30),
        trust: true,
        inner,
        kind: None,
    };
    assert_eq!(body(text), Ok(expect));
    assert_eq!(body(r#"{"code":"1","days":null}"#), body(r#"{"code":"1"}"#));
}

#[test]
fn an_enum_is_a_word_or_a_word_with_something() {
    kind("null", None);
    kind(r#""plain""#, Some(Kind::Plain));
    kind(r#"{"plain":null}"#, Some(Kind::Plain));
    kind(r#"{"of":7}"#, Some(Kind::Of(7)));
    kind(r#"{"with":{"at":7}}"#, Some(Kind::With { at: 7 }));
    refused(r#"{"code":"1","kind":"of"}"#, "kind: a whole number");
    refused(
        r#"{"code":"1","kind":{"of":1,"plain":null}}"#,
        "kind: one of plain, of, with",
    );
    refused(
        r#"{"code":"1","kind":"other"}"#,
        "kind: one of plain, of, with",
    );
    refused(r#"{"code":"1","kind":{"with":{}}}"#, "kind: at: missing");
}

#[test]
fn what_does_not_fit_is_named_from_the_outside_in() {
    refused("{}", "code: a string");
    refused(r#"{"code":1}"#, "code: a string");
    refused(r#"{"code":null}"#, "code: a string");
    refused(r#"{"code":"1","trust":null}"#, "trust: true or false");
    refused(r#"{"code":"1","days":256}"#, "days: out of range");
    refused(r#"{"code":"1","days":-1}"#, "days: a whole number");
    refused(r#"{"code":"1","days":1.0}"#, "days: a whole number");
    refused(r#"{"code":"1","days":1e1}"#, "days: a whole number");
    refused(r#"{"code":"1","other":1}"#, "an unknown field, other");
    refused(r#"{"code":"1","inner":[]}"#, "inner: an object");
    refused(
        r#"{"code":"1","inner":{"names":null}}"#,
        "inner: names: an array",
    );
    refused(
        r#"{"code":"1","inner":{"names":[1]}}"#,
        "inner: names: a string",
    );
    refused(
        r#"{"code":"1","inner":{"ages":{"a":"b"}}}"#,
        "inner: ages: a: a whole number",
    );
    refused(
        r#"{"code":"1","inner":{"other":1}}"#,
        "inner: an unknown field, other",
    );
}

#[test]
fn the_field_of_the_body_is_the_one_to_blame() {
    #[track_caller]
    fn check(text: &str, field: Option<&str>, detail: &str) {
        let malformed = Malformed::from(body(text).unwrap_err());
        assert_eq!(malformed.field.as_deref(), field);
        assert_eq!(malformed.detail, detail);
    }
    check("[]", None, "an object");
    check(r#"{"code":"1","other":1}"#, None, "an unknown field, other");
    check(r#"{"code":1}"#, Some("code"), "a string");
    check(
        r#"{"code":"1","inner":{"ages":{"a":"b"}}}"#,
        Some("inner"),
        "ages: a: a whole number",
    );
}

#[test]
fn a_derived_struct_names_its_field_too() {
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[expect(dead_code, reason = "only whether it can be read")]
        inner: Inner,
    }
    #[derive(Debug, Deserialize)]
    struct Inner {
        #[expect(dead_code, reason = "only whether it can be read")]
        age: u8,
    }
    #[track_caller]
    fn check(text: &str, field: Option<&str>, detail: &str) {
        let malformed = Malformed::from(read::<Outer>(text.as_bytes()).unwrap_err());
        assert_eq!(malformed.field.as_deref(), field);
        assert_eq!(malformed.detail, detail);
    }
    check("{}", Some("inner"), "missing");
    check(r#"{"inner":null}"#, Some("inner"), "an object");
    check(
        r#"{"inner":{"age":""}}"#,
        Some("inner"),
        "age: a whole number",
    );
    check(r#"{"inner":{"age":1},"x":1}"#, None, "an unknown field, x");
}

#[test]
fn an_array_is_no_object() {
    refused(r#"["1"]"#, "an object");
    refused(r#"{"code":"1","inner":[["a"]]}"#, "inner: an object");
    refused("null", "an object");
    refused(r#""code""#, "an object");
}

#[test]
fn a_name_that_comes_twice_is_refused_at_any_depth() {
    for text in [
        r#"{"code":"1","code":"1"}"#,
        r#"{"code":"1","c\u006fde":"2"}"#,
        r#"{"code":"1","inner":{"ages":{"a":1,"a":1}}}"#,
        r#"{"code":"1","x":[{"a":1,"a":1}]}"#,
    ] {
        let unread = body(text).unwrap_err().to_string();
        assert!(unread.starts_with("a name that comes twice"), "{unread}");
    }
}

#[test]
fn size_is_bounded_where_it_would_cost_more_than_reading() {
    let object = |names: usize| {
        let members: Vec<String> = (0..names).map(|name| format!(r#""{name}":0"#)).collect();
        format!("{{{}}}", members.join(","))
    };
    assert!(Json::parse(object(MOST_NAMES).as_bytes()).is_ok());
    assert!(Json::parse(object(MOST_NAMES + 1).as_bytes()).is_err());
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(Json::parse(nested(100).as_bytes()).is_ok());
    assert!(Json::parse(nested(200).as_bytes()).is_err());
}

#[test]
fn the_json_test_suite_is_read_as_it_says() {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../shared/vectors/hostile-input/jsontestsuite.json"
    );
    let Ok(text) = std::fs::read_to_string(file) else {
        std::println!("skipped: the corpus {file} is not beside this checkout");
        return;
    };
    let suite: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut read = 0;
    for vector in suite["vectors"].as_array().unwrap() {
        let Some(text) = vector["base64"].as_str() else {
            continue;
        };
        let name = vector["name"].as_str().unwrap();
        let parsed = Json::parse(&base64(text));
        // RFC 8259 section 4: names SHOULD be unique. Ours must be.
        let twice = name.starts_with("y_object_duplicated_key");
        match name.get(..2).unwrap() {
            "y_" => assert_eq!(parsed.is_ok(), !twice, "{name}: {parsed:?}"),
            "n_" => assert!(parsed.is_err(), "{name}: {parsed:?}"),
            _ => {}
        }
        read += 1;
    }
    assert_eq!(read, 212);
}

#[test]
fn another_reader_of_json_reads_the_same() {
    let value = json!({"code": "1", "days": 3, "inner": {"names": ["a"]}, "kind": {"of": 1}});
    let there = body(&value.to_string()).unwrap();
    assert_eq!(serde_json::from_value::<Body>(value).unwrap(), there);
}

fn base64(text: &str) -> Vec<u8> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    STANDARD.decode(text).unwrap()
}
