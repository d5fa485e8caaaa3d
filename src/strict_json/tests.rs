#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]
extern crate std;

use alloc::{collections::BTreeMap, format, vec};

use serde::Deserialize;

use super::*;

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    code: String,
    days: Option<u8>,
    #[serde(default)]
    trust: bool,
    #[serde(default, deserialize_with = "object")]
    inner: Inner,
    kind: Option<Kind>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Inner {
    names: Vec<String>,
    ages: BTreeMap<String, u64>,
    #[serde(deserialize_with = "objects_by_name")]
    rules: BTreeMap<String, Inner>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Plain,
    Of(u64),
    With { at: u64 },
}

/// A type that knows only some of the fields.
#[derive(Debug, PartialEq, Deserialize)]
struct Part {
    code: String,
}

fn body(text: &str) -> Result<Body, Malformed> {
    read(text.as_bytes())
}

/// The field to blame and the detail, as in a problem document.
#[track_caller]
fn refused(text: &str, field: &str, detail: &str) {
    let malformed = body(text).unwrap_err();
    let found = malformed.field.as_deref().unwrap_or_default();
    assert_eq!((found, &*malformed.detail), (field, detail), "{text}");
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
        ..Inner::default()
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
    for (kind, detail) in [
        (r#""of""#, "an object with one member"),
        (r#""with""#, "an object with one member"),
        (r#"{"of":1,"plain":null}"#, "an object with one member"),
        (r#"{"plain":1}"#, "a string with nothing to it"),
        (r#""other""#, "one of plain, of, with"),
        ("7", "a string, or an object with one member"),
        (r#"{"with":{}}"#, "at: missing"),
    ] {
        refused(&format!(r#"{{"code":"1","kind":{kind}}}"#), "kind", detail);
    }
}

#[test]
fn the_words_of_an_enum_are_listed() {
    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Two {
        First,
        Second,
    }
    #[derive(Debug, Deserialize)]
    enum One {
        #[serde(rename = "only")]
        Only,
    }
    let two = of_value::<Two>("third".into()).unwrap_err();
    assert_eq!(two.detail, "one of first, second");
    let one = of_value::<One>("other".into()).unwrap_err();
    assert_eq!(one.detail, "only");
}

#[test]
fn what_does_not_fit_is_named_from_the_outside_in() {
    for (text, field, detail) in [
        ("{}", "code", "missing"),
        (r#"{"code":1}"#, "code", "a string"),
        (r#"{"code":null}"#, "code", "a string"),
        (r#"{"code":"1","trust":null}"#, "trust", "true or false"),
        (r#"{"code":"1","other":1}"#, "", "an unknown field, other"),
        (r#"{"code":"1","":1}"#, "", "an unknown field, "),
        (r#"{"code":"1","inner":[]}"#, "inner", "an object"),
        (
            r#"{"code":"1","inner":{"names":null}}"#,
            "inner",
            "names: an array",
        ),
        (
            r#"{"code":"1","inner":{"names":[1]}}"#,
            "inner",
            "names: a string",
        ),
        (
            r#"{"code":"1","inner":{"ages":{"a":"b"}}}"#,
            "inner",
            "ages: a: a whole number from 0",
        ),
        (
            r#"{"code":"1","inner":{"other":1}}"#,
            "inner",
            "an unknown field, other",
        ),
        (
            r#"{"code":"1","inner":{"rules":{"a":{"other":1}}}}"#,
            "inner",
            "rules: a: an unknown field, other",
        ),
    ] {
        refused(text, field, detail);
    }
}

#[test]
fn a_whole_number_is_never_read_from_a_fraction() {
    let days = "a whole number from 0 to 255";
    for (written, detail) in [
        ("256", "a whole number from 0 to 255; out of range"),
        ("-1", "a whole number from 0 to 255; out of range"),
        ("1.0", days),
        ("1e1", days),
        ("1.5", days),
        (r#""1""#, days),
    ] {
        let text = format!(r#"{{"code":"1","days":{written}}}"#);
        refused(&text, "days", detail);
    }
}

#[test]
fn an_array_is_no_object() {
    for text in [r#"["1"]"#, "[]", "null", r#""code""#, "7"] {
        refused(text, "", "an object");
    }
    refused(r#"{"code":"1","inner":[["a"]]}"#, "inner", "an object");
    refused(
        r#"{"code":"1","inner":{"rules":{"a":[["a"]]}}}"#,
        "inner",
        "rules: a: an object",
    );
}

#[test]
fn a_name_that_comes_twice_is_refused_at_any_depth() {
    for text in [
        r#"{"code":"1","code":"1"}"#,
        r#"{"code":"1","c\u006fde":"2"}"#,
        r#"{"code":"1","inner":{"ages":{"a":1,"a":1}}}"#,
        r#"{"code":"1","x":[{"a":1,"a":1}]}"#,
    ] {
        refused(text, "", "a name that comes twice");
        let part = read::<Part>(text.as_bytes()).unwrap_err();
        assert_eq!(part.detail, "a name that comes twice", "{text}");
    }
}

#[test]
fn fields_that_a_type_does_not_know_are_refused_only_where_it_says_so() {
    let text = r#"{"code":"1","other":{"a":[1,2.5,-3,true,null]}}"#;
    assert_eq!(read(text.as_bytes()), Ok(Part { code: "1".into() }));
    refused(text, "", "an unknown field, other");
}

#[test]
fn a_value_is_never_repeated() {
    for secret in ["hunter2", "hunter2, expected hunter2", "`hunter2`"] {
        let secret = serde_json::to_string(secret).unwrap();
        for text in [
            format!(r#"{{"code":[{secret}]}}"#),
            format!(r#"{{"code":"1","days":{secret}}}"#),
            format!(r#"{{"code":"1","kind":{secret}}}"#),
            format!(r#"{{"code":"1","kind":{{"of":{secret}}}}}"#),
            format!(r#"{{"code":"1","inner":{{"ages":{secret}}}}}"#),
        ] {
            let malformed = body(&text).unwrap_err();
            assert!(!malformed.detail.contains("hunter2"), "{malformed:?}");
            assert!(malformed.field.is_some(), "{malformed:?}");
        }
    }
}

#[test]
fn an_unknown_name_is_told_as_it_stands() {
    for name in ["`", "a`, expected `code`", "missing field `code`"] {
        let text = format!(
            r#"{{"code":"1",{}:1}}"#,
            serde_json::to_string(name).unwrap()
        );
        refused(&text, "", &format!("an unknown field, {name}"));
    }
}

#[test]
fn what_is_not_json_is_told_without_a_place() {
    refused("", "", "EOF while parsing a value");
    refused(r#"{"code":"1""#, "", "EOF while parsing an object");
    refused(r#"{"code":"1"}}"#, "", "trailing characters");
}

#[test]
fn size_is_bounded() {
    let object = |names: usize| {
        let members: Vec<String> = (0..names).map(|name| format!(r#""{name}":0"#)).collect();
        format!(r#"{{"code":"1","other":{{{}}}}}"#, members.join(","))
    };
    assert!(read::<Part>(object(MOST_NAMES).as_bytes()).is_ok());
    assert!(read::<Part>(object(MOST_NAMES + 1).as_bytes()).is_err());
    let nested = |depth: usize| {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        format!(r#"{{"code":"1","other":{open}{close}}}"#)
    };
    assert!(read::<Part>(nested(100).as_bytes()).is_ok());
    assert!(read::<Part>(nested(200).as_bytes()).is_err());
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
    let suite: Value = serde_json::from_str(&text).unwrap();
    let mut read = 0;
    for vector in suite["vectors"].as_array().unwrap() {
        let Some(text) = vector["base64"].as_str() else {
            continue;
        };
        let name = vector["name"].as_str().unwrap();
        let parsed = serde_json::from_slice::<Unrepeated>(&base64(text));
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
fn a_list_holds_objects() {
    let list = |text: &str| read_list::<Part>(text.as_bytes());
    let part = || Part { code: "1".into() };
    assert_eq!(list("[]"), Ok(vec![]));
    assert_eq!(
        list(r#"[{"code":"1"},{"code":"1"}]"#),
        Ok(vec![part(), part()])
    );
    for (text, field, detail) in [
        (r#"[{"code":"1"},{}]"#, Some("code"), "missing"),
        (r#"[["1"]]"#, None, "an object"),
        (r#"{"code":"1"}"#, None, "an array"),
        (r#"[{"a":1,"a":1}]"#, None, "a name that comes twice"),
    ] {
        let malformed = list(text).unwrap_err();
        let found = (malformed.field.as_deref(), &*malformed.detail);
        assert_eq!(found, (field, detail), "{text}");
    }
}

fn base64(text: &str) -> Vec<u8> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    STANDARD.decode(text).unwrap()
}
