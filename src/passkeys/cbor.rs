//! The part of CBOR (RFC 8949) that WebAuthn data may use, read without trusting any length.
//!
//! Leaves meaning to its callers: this says only that bytes are one well-formed item of the CTAP2
//! canonical subset (CTAP 2.1 section 8), and what is in it.
//!
//! # Why not `ciborium`, `coset` or `minicbor`
//!
//! What WebAuthn needs is three maps. The general readers accept what we must refuse (indefinite
//! lengths, longer heads than needed, duplicate keys, 256 levels, bytes after the item), so every
//! rule would have to be checked again on top of them, and the two that build on serde cost the
//! Worker more code than this page. Here nothing is copied but map entries, nothing is reserved
//! from an announced length, and no path can panic.
//!
//! # What is read more widely than CTAP2 writes
//!
//! The order of map keys. Windows Hello and YubiKey 5 objects seen in the field are not sorted.

use alloc::vec::Vec;

/// Levels of arrays and maps, the outermost included. Real attestation objects have 3.
const DEPTH: u8 = 16;

/// Entries of one map: finding duplicate keys compares them pairwise. Real maps have up to 6.
const ENTRIES: u64 = 64;

/// Not one item of the subset: cut short, too long, too deep, or written in a way CTAP2 forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotCanonical;

/// One item. What no caller looks into is checked and not kept.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// Major types 0 and 1.
    Integer(i128),
    /// Major type 2.
    Bytes(&'a [u8]),
    /// Major type 3.
    Text(&'a str),
    /// Major type 4: its items are well-formed.
    Array,
    /// Major type 5.
    Map(Map<'a>),
    /// Major type 7: `false`, `true`, `null`, `undefined` or a floating-point number.
    Simple,
}

/// A map whose keys are integers, byte strings or texts, each of them once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map<'a>(Vec<(Value<'a>, Value<'a>)>);

impl<'a> Map<'a> {
    /// The value under an integer label.
    pub fn at(&self, label: i128) -> Option<&Value<'a>> {
        self.0
            .iter()
            .find(|(key, _)| *key == Value::Integer(label))
            .map(|(_, value)| value)
    }

    /// The value under a text key.
    pub fn named(&self, name: &str) -> Option<&Value<'a>> {
        self.0
            .iter()
            .find(|(key, _)| *key == Value::Text(name))
            .map(|(_, value)| value)
    }

    /// How many entries.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no entry.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> Value<'a> {
    /// Reads `bytes` as one item and nothing after it.
    ///
    /// # Errors
    /// [`NotCanonical`].
    pub fn read(bytes: &'a [u8]) -> Result<Self, NotCanonical> {
        let (value, rest) = Self::read_first(bytes)?;
        if rest.is_empty() {
            Ok(value)
        } else {
            Err(NotCanonical)
        }
    }

    /// Reads the item that `bytes` begins with, and returns what follows it.
    ///
    /// # Errors
    /// [`NotCanonical`].
    pub fn read_first(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), NotCanonical> {
        let mut reader = Reader { rest: bytes };
        let value = reader.item(DEPTH)?;
        Ok((value, reader.rest))
    }

    /// The integer.
    pub const fn integer(&self) -> Option<i128> {
        if let Self::Integer(integer) = self {
            Some(*integer)
        } else {
            None
        }
    }

    /// The byte string.
    pub const fn bytes(&self) -> Option<&'a [u8]> {
        if let Self::Bytes(bytes) = self {
            Some(bytes)
        } else {
            None
        }
    }

    /// The text.
    pub const fn text(&self) -> Option<&'a str> {
        if let Self::Text(text) = self {
            Some(text)
        } else {
            None
        }
    }

    /// The map.
    pub const fn map(&self) -> Option<&Map<'a>> {
        if let Self::Map(map) = self {
            Some(map)
        } else {
            None
        }
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads one item with at most `levels` levels of arrays and maps.
    fn item(&mut self, levels: u8) -> Result<Value<'a>, NotCanonical> {
        let [head] = self.array()?;
        let (major, additional) = (head >> 5, head & 0x1f);
        if major == 7 {
            return self.simple(additional);
        }
        let argument = self.argument(additional)?;
        match major {
            0 => Ok(Value::Integer(argument.into())),
            // -1 - argument (RFC 8949 section 3.1) is the complement.
            1 => Ok(Value::Integer(!i128::from(argument))),
            2 => self.take(argument).map(Value::Bytes),
            3 => {
                let bytes = self.take(argument)?;
                core::str::from_utf8(bytes)
                    .map(Value::Text)
                    .map_err(|_| NotCanonical)
            }
            4 => {
                let levels = levels.checked_sub(1).ok_or(NotCanonical)?;
                // Every item takes a byte, so a false count ends with the input.
                for _ in 0..argument {
                    self.item(levels)?;
                }
                Ok(Value::Array)
            }
            5 => self
                .map(argument, levels.checked_sub(1).ok_or(NotCanonical)?)
                .map(Value::Map),
            // 6: tags, which CTAP2 forbids.
            _ => Err(NotCanonical),
        }
    }

    fn map(&mut self, entries: u64, levels: u8) -> Result<Map<'a>, NotCanonical> {
        if entries > ENTRIES {
            return Err(NotCanonical);
        }
        let mut map = Map::default();
        for _ in 0..entries {
            let key = self.item(0)?;
            if matches!(key, Value::Simple) || map.0.iter().any(|(known, _)| *known == key) {
                return Err(NotCanonical);
            }
            map.0.push((key, self.item(levels)?));
        }
        Ok(map)
    }

    /// The number after a head. A longer form than needed and the indefinite length (31) are not
    /// canonical; 28 to 30 are not well-formed.
    fn argument(&mut self, additional: u8) -> Result<u64, NotCanonical> {
        let (argument, least) = match additional {
            0..=23 => (additional.into(), 0),
            24 => (u8::from_be_bytes(self.array()?).into(), 24),
            25 => (u16::from_be_bytes(self.array()?).into(), 1 << 8),
            26 => (u32::from_be_bytes(self.array()?).into(), 1 << 16),
            27 => (u64::from_be_bytes(self.array()?), 1 << 32),
            _ => return Err(NotCanonical),
        };
        if argument < least {
            Err(NotCanonical)
        } else {
            Ok(argument)
        }
    }

    /// `false`, `true`, `null`, `undefined`, and floating-point numbers of 16, 32 and 64 bits.
    fn simple(&mut self, additional: u8) -> Result<Value<'a>, NotCanonical> {
        match additional {
            20..=23 => {}
            25 => drop(self.array::<2>()?),
            26 => drop(self.array::<4>()?),
            27 => drop(self.array::<8>()?),
            _ => return Err(NotCanonical),
        }
        Ok(Value::Simple)
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], NotCanonical> {
        let length = usize::try_from(length).map_err(|_| NotCanonical)?;
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(NotCanonical)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], NotCanonical> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or(NotCanonical)?;
        self.rest = rest;
        Ok(*taken)
    }
}
