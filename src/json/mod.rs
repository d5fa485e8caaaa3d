//! JSON as it comes in (RFC 8259): read once into a [`Json`], and from there into types.
//!
//! Stricter than the standard asks: a name that comes twice in an object is refused wherever it
//! stands, an object is never read from an array, and depth and the number of names are bounded.
//! What does not fit says where. And small: a type that is read from values costs the Worker a
//! third of one that is read from text, because the text is read in one place.
//!
//! Leaves writing to `serde_json`, and what values mean to the types.

mod reader;
mod record;
#[cfg(test)]
mod tests;
mod unread;

use alloc::{
    string::{String, ToString as _},
    vec::Vec,
};
use core::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _, MapAccess, SeqAccess, Visitor},
};

pub use record::{Fields, Given, Record, nested};
pub use unread::Unread;

/// Names in one object at most: looking for one that comes twice takes the square of their number.
const MOST_NAMES: usize = 256;

/// Reads one text, and nothing after it, as a `T`.
///
/// # Errors
/// [`Unread`], with the place that does not fit.
pub fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, Unread> {
    T::deserialize(Json::parse(text)?)
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number without sign, fraction and exponent.
    Natural(u64),
    /// Any other number.
    Number(f64),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object; no name comes twice.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads one text, and nothing after it.
    ///
    /// # Errors
    /// [`Unread`] when it is not JSON, or not as strict as we are.
    pub fn parse(text: &[u8]) -> Result<Self, Unread> {
        serde_json::from_slice(text).map_err(|error| Unread::new(error.to_string()))
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Anything)
    }
}

struct Anything;

impl<'de> Visitor<'de> for Anything {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Json, E> {
        Ok(Json::Bool(flag))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Natural(number))
    }

    #[expect(
        clippy::as_conversions,
        clippy::cast_precision_loss,
        reason = "nothing reads a negative number; it is kept to be refused"
    )]
    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        // Whole numbers of JavaScript come this way.
        Ok(u64::try_from(number).map_or(Json::Number(number as f64), Json::Natural))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Json, E> {
        Ok(Json::Number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.into()))
    }

    fn visit_string<E>(self, text: String) -> Result<Json, E> {
        Ok(Json::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object: Vec<(String, Json)> = Vec::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.iter().any(|(known, _)| *known == name) {
                return Err(A::Error::custom("a name that comes twice"));
            }
            if object.len() == MOST_NAMES {
                return Err(A::Error::custom("more names than any object has"));
            }
            object.push((name, members.next_value()?));
        }
        Ok(Json::Object(object))
    }
}
