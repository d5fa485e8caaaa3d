//! User names, such that different ways to type a name give the same one: `UsernameCaseMapped` of
//! RFC 8265 section 3.3, and one sigma.

use alloc::string::String;

use precis_profiles::{
    UsernameCaseMapped,
    precis_core::{
        Error,
        profile::{Profile as _, stabilize},
    },
};

use super::BadName;

/// Characters at most.
const MOST: usize = 128;

/// Width, case and composition are mapped away, in the order of the profile.
pub fn parse(text: &str) -> Result<String, BadName> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > MOST {
        return Err(BadName("1 to 128 characters"));
    }
    let profile = UsernameCaseMapped::new();
    // The lower case of some letters is not allowed itself.
    let name = stabilize(text, |text| profile.enforce(text)).map_err(|why| match why {
        Error::BadCodepoint(_) | Error::Unexpected(_) => BadName(
            "letters, digits and the signs of ASCII; no spaces, no invisible and no direction characters",
        ),
        Error::Invalid => BadName("left-to-right and right-to-left letters do not mix (RFC 5893)"),
    })?;
    let name: String = name.chars().map(one_sigma).collect();
    if name.chars().count() > MOST {
        return Err(BadName("1 to 128 characters"));
    }
    Ok(name)
}

/// The one letter with two lower-case forms: which one a text has depends on what follows the
/// letter, and on how it was typed.
const fn one_sigma(c: char) -> char {
    match c {
        'ς' => 'σ',
        other => other,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use alloc::{format, string::ToString};

    use proptest::prelude::*;

    use super::*;
    use crate::names::Username;

    #[track_caller]
    fn check(text: &str, expect: Option<&str>) {
        assert_eq!(parse(text).ok().as_deref(), expect, "{text:?}");
    }

    #[test]
    fn case_and_space_around_do_not_matter() {
        check(" Ann@Acme.test ", Some("ann@acme.test"));
        check("ACME\\Zoë", Some("acme\\zoë"));
        for sophos in ["ΣΟΦΟΣ", "σοφος", "Σοφος", "σοφοσ"] {
            check(sophos, Some("σοφοσ"));
        }
        check("a\u{0}b", None);
    }

    /// RFC 8265 section 3.5, tables 1 and 2; the last sigma of a word is every sigma's equal here.
    #[test]
    fn the_examples_of_the_standard() {
        check("juliet@example.com", Some("juliet@example.com"));
        check("fussball", Some("fussball"));
        check("fu\u{df}ball", Some("fu\u{df}ball"));
        check("\u{3c0}", Some("\u{3c0}"));
        check("\u{3a3}", Some("\u{3c3}"));
        check("\u{3c3}", Some("\u{3c3}"));
        check("\u{3c2}", Some("\u{3c3}"));
        check("foo bar", None);
        check("", None);
        check("henry\u{2163}", None);
        check("\u{221e}", None);
    }

    #[test]
    fn composed_decomposed_and_wide_are_the_same() {
        for zoe in [
            "zo\u{eb}",
            "zoe\u{308}",
            "ZO\u{cb}",
            "ZOE\u{308}",
            "ｚｏｅ\u{308}",
            "Ｚｏë",
        ] {
            check(zoe, Some("zo\u{eb}"));
        }
        check("ｱﾝ", Some("アン"));
        check("\u{1112}\u{1161}\u{11ab}", None);
        check("한", Some("한"));
        check("שלום", Some("שלום"));
    }

    #[test]
    fn what_hides_or_turns_is_refused_and_says_so() {
        for hidden in [
            "\u{200b}",
            "\u{200d}",
            "\u{200e}",
            "\u{202e}",
            "\u{2066}",
            "\u{ad}",
            "\u{feff}",
            "\u{fe0f}",
            "\u{e0041}",
            "\u{3164}",
            "\u{61c}",
            "\u{180e}",
            "\u{7f}",
            "\t",
        ] {
            let why = parse(&format!("a{hidden}b")).unwrap_err().to_string();
            assert!(why.contains("no invisible"), "{hidden:?}: {why}");
        }
        let why = parse("aא").unwrap_err().to_string();
        assert!(why.contains("right-to-left"), "{why}");
        assert_eq!(parse(&"a".repeat(129)), Err(BadName("1 to 128 characters")));
        assert!(parse(&"a".repeat(128)).is_ok());
    }

    proptest! {
        /// What is stored can be typed.
        #[test]
        fn a_name_is_its_own_name(text in "\\PC{1,40}|[a-zA-ZÀ-ɏΑ-ωА-я０-ｚ\u{300}-\u{345}]{1,20}") {
            if let Ok(name) = text.parse::<Username>() {
                prop_assert_eq!(name.as_str().parse::<Username>(), Ok(name.clone()));
            }
        }
    }
}
