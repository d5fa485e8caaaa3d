//! Records: objects with known fields, taken one by one.

use alloc::{string::String, vec::Vec};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _},
};

use super::{Json, Unread};

/// The fields of an object that nobody took yet.
#[derive(Clone, Debug)]
pub struct Fields(Vec<(String, Json)>);

/// A type read from an object: made by [`record!`].
pub trait Record: Sized {
    /// Whether fields that it does not know are refused.
    const STRICT: bool;

    /// Takes its fields.
    ///
    /// # Errors
    /// [`Unread`], naming the field that does not fit.
    fn take(fields: &mut Fields) -> Result<Self, Unread>;
}

impl Fields {
    /// Reads one text, and nothing after it, as an object.
    ///
    /// # Errors
    /// [`Unread`] when it is not one.
    pub fn parse(text: &[u8]) -> Result<Self, Unread> {
        Json::parse(text)?.try_into()
    }

    /// Reads one text, and nothing after it, as an array of objects.
    ///
    /// # Errors
    /// [`Unread`] when it is not one.
    pub fn parse_list(text: &[u8]) -> Result<Vec<Self>, Unread> {
        match Json::parse(text)? {
            Json::List(items) => items.into_iter().map(Self::try_from).collect(),
            _ => Err(Unread::new("an array")),
        }
    }

    /// Reads the whole as a record.
    ///
    /// # Errors
    /// [`Unread`], naming the field that does not fit.
    pub fn read<T: Record>(mut self) -> Result<T, Unread> {
        let record = T::take(&mut self)?;
        match self.0.first() {
            Some((name, _)) if T::STRICT => Err(Unread::unknown(name)),
            _ => Ok(record),
        }
    }

    /// Takes a field. One that is absent is as one that is null.
    ///
    /// # Errors
    /// [`Unread`], naming it.
    pub fn take<T: DeserializeOwned>(&mut self, name: &'static str) -> Result<T, Unread> {
        let value = self.pull(name).unwrap_or(Json::Null);
        T::deserialize(value).map_err(|unread| unread.within(name))
    }

    /// Takes a field that may be absent, but not null.
    ///
    /// # Errors
    /// [`Unread`], naming it.
    pub fn take_or<T: DeserializeOwned>(
        &mut self,
        name: &'static str,
        absent: T,
    ) -> Result<T, Unread> {
        match self.pull(name) {
            None => Ok(absent),
            Some(value) => T::deserialize(value).map_err(|unread| unread.within(name)),
        }
    }

    /// Whether a field is there that nobody took, whatever it holds.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    fn pull(&mut self, name: &str) -> Option<Json> {
        let place = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.swap_remove(place).1)
    }
}

impl TryFrom<Json> for Fields {
    type Error = Unread;

    fn try_from(value: Json) -> Result<Self, Unread> {
        match value {
            Json::Object(members) => Ok(Self(members)),
            _ => Err(Unread::new("an object")),
        }
    }
}

/// A field that may be absent, where that does not mean null: `name: Given<T> = Given::NOT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given<T>(pub Option<T>);

impl<T> Given<T> {
    /// Absent.
    pub const NOT: Self = Self(None);
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Some).map(Self)
    }
}

/// Reads a record that is part of something else.
///
/// # Errors
/// That of `deserializer`, with the words of [`Unread`].
pub fn nested<'de, T: Record, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let value = Json::deserialize(deserializer)?;
    record_of(value).map_err(D::Error::custom)
}

fn record_of<T: Record>(value: Json) -> Result<T, Unread> {
    Fields::try_from(value)?.read()
}

/// Declares a struct that is read from an object field by field: far less code than `serde` derives
/// for it. `strict` refuses fields that it does not know; a field with a value after `=` may be
/// absent; an `Option` may be absent or null.
#[macro_export]
macro_rules! record {
    ($(#[$meta:meta])* $vis:vis strict struct $name:ident { $($fields:tt)* }) => {
        $crate::record! { @of true; $(#[$meta])* $vis struct $name { $($fields)* } }
    };
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($fields:tt)* }) => {
        $crate::record! { @of false; $(#[$meta])* $vis struct $name { $($fields)* } }
    };
    (@of $strict:literal; $(#[$meta:meta])* $vis:vis struct $name:ident {
        $($(#[$about:meta])* $shown:vis $field:ident: $type:ty $(= $absent:expr)?,)*
    }) => {
        $(#[$meta])*
        $vis struct $name {
            $($(#[$about])* $shown $field: $type,)*
        }

        impl $crate::json::Record for $name {
            const STRICT: bool = $strict;

            fn take(
                fields: &mut $crate::json::Fields,
            ) -> ::core::result::Result<Self, $crate::json::Unread> {
                ::core::result::Result::Ok(Self {
                    $($field: $crate::record!(@take fields $field $($absent)?)?,)*
                })
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                $crate::json::nested(deserializer)
            }
        }
    };
    (@take $fields:ident $field:ident) => { $fields.take(stringify!($field)) };
    (@take $fields:ident $field:ident $absent:expr) => {
        $fields.take_or(stringify!($field), $absent)
    };
}
