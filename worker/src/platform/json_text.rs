//! JSON in a column of text, read where its row is read.

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _},
};

/// For `#[serde(deserialize_with = "json_text")]`: the column holds the value as JSON text.
///
/// # Errors
/// When the text does not hold a `T`.
pub fn json_text<'de, T: DeserializeOwned, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    serde_json::from_str(&text).map_err(D::Error::custom)
}

/// As [`json_text`], for a column that may be NULL: with `#[serde(default)]` beside it.
///
/// # Errors
/// As [`json_text`].
pub fn optional_json_text<'de, T: DeserializeOwned, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    let value = text.map(|text| serde_json::from_str(&text));
    value.transpose().map_err(D::Error::custom)
}
