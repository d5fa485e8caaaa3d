//! JSON that a client wrote (RFC 8259), read into types that derive `serde::Deserialize`.
//!
//! `serde_json` and the derives do the reading, and `#[serde(deny_unknown_fields)]` refuses fields that
//! a type does not know. This module adds:
//!
//! - A name that comes twice in an object is refused at every depth, also in what no type reads. Two
//!   readers of one text could take different values.
//! - An object is never read from an array, which a derived struct would accept: [`read`] sees to it
//!   at the top, [`object`] in a field. `serde` itself refuses a fraction for a whole number, and
//!   `serde_json` limits the depth to 128.
//! - What does not fit is named ([`Malformed`]): the outermost field, and what was expected there. It
//!   never repeats a value, which may be a secret.
//!
//! A value inside an internally tagged or an untagged enum, or below `#[serde(flatten)]`, is named by
//! the field that holds the enum: `serde` reads such values a second time, from a buffer that has no
//! path.

mod expected;
mod object;
#[cfg(test)]
mod tests;
mod value;

use alloc::{
    borrow::Cow,
    string::{String, ToString as _},
    vec::Vec,
};

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use crate::refusal::Malformed;
use expected::Misfit;
use value::Unrepeated;

pub use object::{Object, object, objects_by_name};
pub use value::MOST_NAMES;

/// Reads one text, and nothing after it, as an object.
///
/// # Errors
/// [`Malformed`], naming the outermost field that does not fit; without a field where the text is not
/// JSON, repeats a name or holds an unknown one, or is no object.
pub fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, Malformed> {
    let Object(read) = of_value(value(text)?)?;
    Ok(read)
}

/// Reads one text, and nothing after it, as an array of objects.
///
/// # Errors
/// [`Malformed`], as [`read`].
pub fn read_list<T: DeserializeOwned>(text: &[u8]) -> Result<Vec<T>, Malformed> {
    let list: Vec<Object<T>> = of_value(value(text)?)?;
    Ok(list.into_iter().map(|Object(item)| item).collect())
}

/// Reads an object that is a field of a text that was read: what does not fit is named from here on.
///
/// # Errors
/// [`Malformed`], as [`read`].
pub fn read_value<T: DeserializeOwned>(value: Value) -> Result<T, Malformed> {
    let Object(read) = of_value(value)?;
    Ok(read)
}

fn value(text: &[u8]) -> Result<Value, Malformed> {
    match serde_json::from_slice(text) {
        Ok(Unrepeated(value)) => Ok(value),
        Err(error) => Err(Malformed {
            field: None,
            detail: not_json(&error).into(),
        }),
    }
}

fn of_value<T: DeserializeOwned>(value: Value) -> Result<T, Malformed> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let misfit = Misfit::of(&error.inner().to_string());
        malformed(error.path(), misfit)
    })
}

/// Why a text is not JSON, without the place: what is sent is one line.
fn not_json(error: &serde_json::Error) -> String {
    let told = error.to_string();
    let place = alloc::format!(" at line {} column {}", error.line(), error.column());
    told.strip_suffix(&place).unwrap_or(&told).into()
}

/// The first name of the path is the field; the other names lead on to what does not fit.
fn malformed(path: &Path, misfit: Misfit) -> Malformed {
    let mut names: Vec<&str> = path
        .iter()
        .filter_map(|segment| match segment {
            Segment::Map { key } => Some(key.as_str()),
            Segment::Seq { .. } | Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect();
    let (missing, detail) = match &misfit {
        Misfit::Missing(name) => (Some(name.as_str()), Cow::Borrowed("missing")),
        Misfit::Unknown(name) => {
            // The path ends with the unknown name where the source tells names one by one.
            if names.last() == Some(&name.as_str()) {
                names.pop();
            }
            (None, Cow::Owned(["an unknown field, ", name].concat()))
        }
        Misfit::Other(expected) => (None, expected.clone()),
    };
    names.extend(missing);
    let mut names = names.into_iter();
    let field = names.next().map(|name| Cow::Owned(name.into()));
    let lead: String = names.flat_map(|name| [name, ": "]).collect();
    let detail = if lead.is_empty() {
        detail
    } else {
        Cow::Owned([&*lead, &*detail].concat())
    };
    Malformed { field, detail }
}
