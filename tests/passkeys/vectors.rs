//! Where the test data is.

use std::{fs, path::Path};

use serde_json::Value;

/// A file of this repository, under `tests/vectors`.
pub fn ours(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/vectors")
        .join(name);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// A file of `../shared/vectors`; `None`, and a line that says so, where there is none.
pub fn shared(name: &str) -> Option<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/vectors")
        .join(name);
    let Ok(text) = fs::read_to_string(&path) else {
        println!("skipped: {} is not there", path.display());
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

/// A member that is a text.
#[track_caller]
pub fn text<'a>(vector: &'a Value, name: &str) -> &'a str {
    vector[name]
        .as_str()
        .unwrap_or_else(|| panic!("no text {name}"))
}

/// A member that is hexadecimal.
#[track_caller]
pub fn hex(vector: &Value, name: &str) -> Vec<u8> {
    from_hex(text(vector, name))
}

/// A member that is base64url without padding.
#[track_caller]
pub fn base64url(vector: &Value, name: &str) -> Vec<u8> {
    postern::base64url::decode(text(vector, name)).unwrap()
}

/// Bytes of hexadecimal digits.
pub fn from_hex(digits: &str) -> Vec<u8> {
    assert!(digits.len().is_multiple_of(2));
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
        .collect()
}
