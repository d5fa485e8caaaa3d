//! Names that applications and people choose, parsed into types that hold only valid ones.
//!
//! Uniqueness is for the database.

mod browser;
mod shown;
mod username;

use alloc::{borrow::ToOwned as _, string::String};
use core::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

pub use browser::{browser, browser_and_system};

/// A name that breaks its rule; says what the rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadName(pub &'static str);

impl fmt::Display for BadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident, $parse:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = BadName;

            fn from_str(text: &str) -> Result<Self, BadName> {
                let parse: fn(&str) -> Result<String, BadName> = $parse;
                parse(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }
    )*};
}

names! {
    /// An organization as its application knows it: `[a-z0-9][a-z0-9_-]{0,62}`.
    OrganizationName, word;
    /// A user as the application knows it: 1 to 128 of `[A-Za-z0-9._~@+-]`.
    ExternalId, |text| plain(text, 128, is_unreserved)
        .ok_or(BadName("1 to 128 of A-Z, a-z, 0-9, and . _ ~ @ + -"));
    /// What a person types to sign in: 1 to 128 characters, trimmed, as RFC 8265 compares them.
    Username, username::parse;
    /// What something is called on a page: 1 to 64 characters that can be seen, trimmed.
    DisplayName, shown::parse;
    /// A group of users: 1 to 64 characters that can be seen, trimmed.
    Group, shown::parse;
    /// A thing a person signs in to: `[a-z0-9][a-z0-9_-]{0,62}`.
    Surface, word;
    /// One mail address, ASCII, at most 254 characters, one `@`, nothing that a mail header reads.
    MailAddress, |text| plain(text, 254, |c| c.is_ascii_graphic() && !matches!(c, ',' | ';' | '<' | '>' | '"' | '(' | ')' | '[' | ']' | '\\' | ':'))
        .filter(|text| text.split_once('@').is_some_and(|(who, host)| {
            !who.is_empty() && who.len() <= 64 && !host.contains('@') && host.split('.').count() > 1 && host.split('.').all(|label| !label.is_empty())
        }))
        .ok_or(BadName("one mail address"));
}

impl DisplayName {
    /// Whether both look the same to a person who has one of each.
    #[must_use]
    pub fn is_like(&self, other: &str) -> bool {
        self.0.to_lowercase() == other.to_lowercase()
    }

    /// This name, or the first of "name 2", "name 3", … that is not among `taken`.
    #[must_use]
    pub fn apart_from(self, taken: &[&str]) -> Self {
        let is_taken = |name: &Self| taken.iter().any(|other| name.is_like(other));
        if !is_taken(&self) {
            return self;
        }
        let numbered = (2_u32..).map(|number| Self(shown::numbered(&self.0, number)));
        numbered
            .clone()
            .find(|name| !is_taken(name))
            .unwrap_or(self.clone())
    }
}

fn word(text: &str) -> Result<String, BadName> {
    plain(text, 63, |c| matches!(c, 'a'..='z' | '0'..='9' | '_' | '-'))
        .filter(|text| !text.starts_with(['_', '-']))
        .ok_or(BadName(
            "1 to 63 of a-z, 0-9, _ and -, starting with a letter or digit",
        ))
}

const fn is_unreserved(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '~' | '@' | '+' | '-')
}

fn plain(text: &str, most: usize, allowed: fn(char) -> bool) -> Option<String> {
    let fits = !text.is_empty() && text.len() <= most && text.chars().all(allowed);
    // URL parsers remove a path segment of dots.
    (fits && text != "." && text != "..").then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[track_caller]
    fn check<T: FromStr<Err = BadName> + ToString>(text: &str, expect: Option<&str>) {
        assert_eq!(
            text.parse::<T>()
                .ok()
                .map(|name| name.to_string())
                .as_deref(),
            expect,
            "{text:?}"
        );
    }

    #[test]
    fn names_keep_their_rules() {
        check::<OrganizationName>("acme-2", Some("acme-2"));
        check::<OrganizationName>("-acme", None);
        check::<OrganizationName>("Acme", None);
        check::<OrganizationName>(&"a".repeat(64), None);
        check::<Surface>("control_panel", Some("control_panel"));
        check::<Surface>("0-", Some("0-"));
        check::<Surface>("__proto__", None);
        check::<Surface>("-", None);
        check::<ExternalId>("Ann.B+x@acme.test", Some("Ann.B+x@acme.test"));
        check::<ExternalId>("a/b", None);
        check::<ExternalId>("..", None);
        check::<ExternalId>("", None);
    }

    #[test]
    fn a_mail_address_is_one_address() {
        check::<MailAddress>("ann@acme.test", Some("ann@acme.test"));
        for bad in [
            "ann",
            "@acme.test",
            "ann@",
            "ann@acme",
            "a@b.c,evil@x.y",
            "a@b.c\r\nBcc: x@y.z",
            "a@b@c.d",
            "Ann <a@b.c>",
            "ann@acme..test",
            "änn@acme.test",
        ] {
            check::<MailAddress>(bad, None);
        }
    }
}
