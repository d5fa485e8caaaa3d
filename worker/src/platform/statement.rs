//! Statements and their parameters.

use std::borrow::Cow;

use postern::ids::EventId;

/// One statement and its parameters; D1 takes 100 at most.
///
/// Parameters are numbered in short statements (`?1` first, [`Statement::new`]) and named in long
/// ones (`:now`, [`statement!`]).
#[derive(Clone, Debug)]
pub struct Statement {
    /// Its text.
    pub sql: &'static str,
    /// What the values are called in the text, in their order; empty where they are numbered.
    pub names: &'static [&'static str],
    /// Its parameters.
    pub values: Vec<Value>,
}

/// A statement with named parameters: `statement!(SQL, { event: id, now: now })`. That the names
/// are exactly those of the text is checked when this is compiled.
macro_rules! statement {
    ($sql:path, { $($name:ident: $value:expr),* $(,)? }) => {{
        const NAMES: &[&str] = &[$(stringify!($name)),*];
        const {
            assert!(
                $crate::platform::names_are_those_of($sql, NAMES),
                "the statement has other parameters"
            );
        }
        $crate::platform::Statement {
            sql: $sql,
            names: NAMES,
            values: vec![$($crate::platform::Value::from($value)),*],
        }
    }};
}
pub(crate) use statement;

/// A parameter.
#[derive(Clone, Debug)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// A whole number; JavaScript carries 53 bits.
    Integer(u64),
    /// Text.
    Text(String),
}

impl Statement {
    /// A statement with numbered parameters.
    pub fn new(sql: &'static str, values: impl Into<Vec<Value>>) -> Self {
        Self {
            sql,
            names: &[],
            values: values.into(),
        }
    }

    /// Whether it changes rows.
    pub fn writes(&self) -> bool {
        let text = self.sql.trim_start();
        ["INSERT", "UPDATE", "DELETE"]
            .iter()
            .any(|word| text.starts_with(word))
    }

    /// The text as D1 takes it: D1 knows no names, so `:now` becomes its number.
    pub fn numbered(&self) -> Cow<'static, str> {
        if self.names.is_empty() {
            return Cow::Borrowed(self.sql);
        }
        let mut text = String::with_capacity(self.sql.len());
        let mut parts = self.sql.split(':');
        text.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let end = part
                .find(|char: char| !is_of_name(char))
                .unwrap_or(part.len());
            let (name, rest) = part.split_at(end);
            match self.names.iter().position(|known| *known == name) {
                Some(at) => text.push_str(&format!("?{}", at.saturating_add(1))),
                None => {
                    text.push(':');
                    text.push_str(name);
                }
            }
            text.push_str(rest);
        }
        Cow::Owned(text)
    }
}

const fn is_of_name(char: char) -> bool {
    char.is_ascii_lowercase() || char == '_'
}

/// Whether `names` are exactly the named parameters of `sql`.
#[expect(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "runs in the compiler"
)]
pub const fn names_are_those_of(sql: &str, names: &[&str]) -> bool {
    let sql = sql.as_bytes();
    let mut seen = 0_u64;
    let mut at = 0;
    while at < sql.len() {
        if sql[at] != b':' {
            at += 1;
            continue;
        }
        let from = at + 1;
        at = from;
        while at < sql.len() && is_of_name(sql[at] as char) {
            at += 1;
        }
        if at == from {
            continue;
        }
        let mut name = 0;
        while name < names.len() && !same(sql, from, at, names[name].as_bytes()) {
            name += 1;
        }
        if name == names.len() {
            return false;
        }
        seen |= 1 << name;
    }
    seen.count_ones() as usize == names.len()
}

#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "runs in the compiler"
)]
const fn same(text: &[u8], from: usize, to: usize, name: &[u8]) -> bool {
    if to - from != name.len() {
        return false;
    }
    let mut at = 0;
    while at < name.len() {
        if text[from + at] != name[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// Whether `part` is somewhere in `text`.
pub const fn contains(text: &str, part: &str) -> bool {
    split(text, part).is_some()
}

/// What is before and after the first `part` in `text`.
#[expect(clippy::arithmetic_side_effects, reason = "runs in the compiler")]
pub const fn split<'a>(text: &'a str, part: &str) -> Option<(&'a str, &'a str)> {
    let mut from = 0;
    while from + part.len() <= text.len() {
        let to = from + part.len();
        if same(text.as_bytes(), from, to, part.as_bytes()) {
            return Some((text.split_at(from).0, text.split_at(to).1));
        }
        from += 1;
    }
    None
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Integer(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Integer(number.into())
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Integer(flag.into())
    }
}

impl From<EventId> for Value {
    fn from(id: EventId) -> Self {
        Self::Text(id.to_string())
    }
}

impl From<postern::time::UnixTime> for Value {
    fn from(time: postern::time::UnixTime) -> Self {
        Self::Integer(time.0)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Text from anything that prints itself: ids and names.
pub fn text(value: impl ToString) -> Value {
    Value::Text(value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQL: &str = "SELECT :now, 'a: b', x FROM y WHERE id = :event AND at < :now";

    #[test]
    fn names_become_numbers_and_the_rest_stays() {
        let statement = statement!(SQL, { event: "e", now: 7_u32 });
        assert_eq!(
            statement.numbered(),
            "SELECT ?2, 'a: b', x FROM y WHERE id = ?1 AND at < ?2"
        );
        assert_eq!(Statement::new(SQL, []).numbered(), SQL);
    }

    #[test]
    fn names_missing_unknown_or_too_many_are_found() {
        const TWO: &str = ":a + :b_c";
        assert!(names_are_those_of(TWO, &["a", "b_c"]));
        assert!(names_are_those_of(TWO, &["b_c", "a"]));
        for names in [&["a"][..], &["b_c"], &["a", "b"], &["a", "b_c", "d"], &[]] {
            assert!(!names_are_those_of(TWO, names), "{names:?}");
        }
    }
}
