//! What `serde` says was expected, in the words of JSON.

use alloc::{borrow::Cow, string::String};

/// Why a value does not fit.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Misfit {
    /// An object lacks the field of this name.
    Missing(String),
    /// An object has a field of this name, which its type does not know.
    Unknown(String),
    /// Something else, in words.
    Other(Cow<'static, str>),
}

impl Misfit {
    /// Takes apart a message of `serde`'s derives, or of a type that reads itself: an error of
    /// `serde_json` has nothing else to tell them by. The tests fail if `serde` changes its words.
    pub(super) fn of(message: &str) -> Self {
        if let Some(name) = quoted(message, "missing field `") {
            return Self::Missing(name.into());
        }
        if let Some(name) = quoted(message, "unknown field `") {
            return Self::Unknown(name.into());
        }
        let of_serde = [
            "invalid type: ",
            "invalid value: ",
            "invalid length ",
            "unknown variant ",
        ];
        // Before the last `expected` stands the value, which is not repeated.
        let expected = match message.rsplit_once(", expected ") {
            Some((value, expected)) if of_serde.iter().any(|start| value.starts_with(start)) => {
                let words = in_words(expected);
                if value.starts_with("invalid value: integer") {
                    Cow::Owned([&*words, "; out of range"].concat())
                } else {
                    words
                }
            }
            _ => Cow::Owned(message.into()),
        };
        Self::Other(expected)
    }
}

/// The name after `start`. It may hold backticks, so the one that ends it is the last that `serde`'s
/// own words follow.
fn quoted<'a>(message: &'a str, start: &str) -> Option<&'a str> {
    let rest = message.strip_prefix(start)?;
    let end = rest
        .rfind("`, expected ")
        .or_else(|| rest.rfind("`, there are no fields"))
        .or_else(|| rest.rfind('`'))?;
    rest.get(..end)
}

fn in_words(expected: &str) -> Cow<'static, str> {
    Cow::Borrowed(match expected {
        "a boolean" => "true or false",
        "a map" | "an object" => "an object",
        "a sequence" => "an array",
        "map with a single key" | "newtype variant" | "struct variant" => {
            "an object with one member"
        }
        "string or map" => "a string, or an object with one member",
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" | "usize" => "a whole number from 0",
        "unit" | "unit variant" => "a string with nothing to it",
        _ if expected.starts_with("struct ") => "an object",
        _ => return Cow::Owned(words_of_enum(expected)),
    })
}

/// `serde` writes two words as "`a` or `b`" and more of them as "one of `a`, `b`, `c`".
fn words_of_enum(expected: &str) -> String {
    let listed = match expected.split_once("` or `") {
        Some((first, second)) => ["one of ", first, ", ", second].concat(),
        None => expected.into(),
    };
    listed.replace('`', "")
}
