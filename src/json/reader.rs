//! [`Json`] as the source of any type that `serde` can read.
//!
//! An object is never read from an array, a whole number never from a fraction. What is expected is
//! worded here, once for all types.

use alloc::{
    string::String,
    vec::{self, Vec},
};
use core::mem;

use serde::{
    Deserializer,
    de::{
        DeserializeSeed, EnumAccess, Error as _, IntoDeserializer as _, MapAccess, SeqAccess,
        VariantAccess, Visitor, value::StrDeserializer,
    },
    forward_to_deserialize_any,
};

use super::{Json, Unread};

impl<'de> Deserializer<'de> for Json {
    type Error = Unread;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unread> {
        match self {
            Self::Null => visitor.visit_unit(),
            Self::Bool(flag) => visitor.visit_bool(flag),
            Self::Natural(number) => visitor.visit_u64(number),
            Self::Number(number) => visitor.visit_f64(number),
            Self::Text(text) => visitor.visit_string(text),
            Self::List(items) => visitor.visit_seq(Items(items.into_iter())),
            Self::Object(members) => visitor.visit_map(Members::of(members, &[])),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unread> {
        match self {
            Self::Bool(flag) => visitor.visit_bool(flag),
            _ => Err(Unread::new("true or false")),
        }
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unread> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unread> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unread> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unread> {
        match self {
            Self::Natural(number) => visitor.visit_u64(number),
            _ => Err(Unread::new("a whole number")),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unread> {
        match self {
            Self::Text(text) => visitor.visit_string(text),
            _ => Err(Unread::new("a string")),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unread> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unread> {
        match self {
            Self::Null => visitor.visit_none(),
            value => visitor.visit_some(value),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unread> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unread> {
        match self {
            Self::List(items) => visitor.visit_seq(Items(items.into_iter())),
            _ => Err(Unread::new("an array")),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unread> {
        match self {
            Self::Object(members) => visitor.visit_map(Members::of(members, &[])),
            _ => Err(Unread::new("an object")),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unread> {
        match self {
            Self::Object(members) => visitor.visit_map(Members::of(members, fields)),
            _ => Err(Unread::new("an object")),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unread> {
        match self {
            Self::Text(word) => visitor.visit_enum(Variant(word, Self::Null)),
            Self::Object(mut members) if members.len() == 1 => {
                let (word, value) = members.remove(0);
                visitor.visit_enum(Variant(word, value))
            }
            _ => Err(Unread::unknown_variant("", known)),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unread> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct identifier
    }
}

struct Items(vec::IntoIter<Json>);

impl<'de> SeqAccess<'de> for Items {
    type Error = Unread;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Unread> {
        self.0.next().map(|item| seed.deserialize(item)).transpose()
    }
}

struct Members {
    rest: vec::IntoIter<(String, Json)>,
    /// The one whose name was read.
    current: (String, Json),
    /// The fields of the type that is read; none of a map.
    fields: &'static [&'static str],
}

impl Members {
    fn of(members: Vec<(String, Json)>, fields: &'static [&'static str]) -> Self {
        Self {
            rest: members.into_iter(),
            current: (String::new(), Json::Null),
            fields,
        }
    }
}

impl<'de> MapAccess<'de> for Members {
    type Error = Unread;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Unread> {
        let Some(member) = self.rest.next() else {
            return Ok(None);
        };
        self.current = member;
        let name: StrDeserializer<'_, Unread> = self.current.0.as_str().into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Unread> {
        let (name, value) = mem::replace(&mut self.current, (String::new(), Json::Null));
        let field = self.fields.iter().find(|field| **field == name);
        seed.deserialize(value).map_err(|unread| match field {
            Some(field) => unread.within(field),
            None => unread.below(&name),
        })
    }
}

/// A word, and what comes with it.
struct Variant(String, Json);

impl<'de> EnumAccess<'de> for Variant {
    type Error = Unread;
    type Variant = Json;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Json), Unread> {
        let Self(word, value) = self;
        let word: StrDeserializer<'_, Unread> = word.as_str().into_deserializer();
        Ok((seed.deserialize(word)?, value))
    }
}

impl<'de> VariantAccess<'de> for Json {
    type Error = Unread;

    fn unit_variant(self) -> Result<(), Unread> {
        match self {
            Self::Null => Ok(()),
            _ => Err(Unread::new("a word with nothing to it")),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Unread> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Unread> {
        self.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unread> {
        self.deserialize_map(visitor)
    }
}
