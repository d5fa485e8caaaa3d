//! Names that are shown: no two different ones look the same because of hidden characters.

use alloc::{borrow::ToOwned as _, format, string::String};

use super::BadName;

/// Characters at most.
const MOST: usize = 64;

/// The text without space around it.
pub fn parse(text: &str) -> Result<String, BadName> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > MOST {
        return Err(BadName("1 to 64 characters"));
    }
    let mut before = None;
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c.is_control() || is_hidden(c) && !is_needed(before, c, rest.clone().next()) {
            return Err(BadName(
                "no control characters, invisible characters or characters that turn the direction of text",
            ));
        }
        before = Some(c);
    }
    Ok(text.to_owned())
}

/// `text` with a number after it, shortened where it would be too long.
pub fn numbered(text: &str, number: u32) -> String {
    let end = format!(" {number}");
    let room = MOST.saturating_sub(end.chars().count());
    let kept: String = text.chars().take(room).collect();
    [kept.trim_end(), &end].concat()
}

/// `Default_Ignorable_Code_Point` of Unicode 17, line and paragraph separators, annotations, and the
/// pattern without dots. `Bidi_Control` is among them.
const fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether the characters around a hidden one need it: joiners in emoji and in some scripts, and
/// the selector of an emoji's color.
fn is_needed(before: Option<char>, c: char, after: Option<char>) -> bool {
    const SELECTOR: char = '\u{fe0f}';
    let before_is = |is: fn(char) -> bool| before.is_some_and(is);
    let after_is = |is: fn(char) -> bool| after.is_some_and(is);
    match c {
        SELECTOR => {
            before_is(is_emoji)
                || before_is(|c| matches!(c, '#' | '*' | '0'..='9')) && after == Some('\u{20e3}')
        }
        '\u{200d}' if before_is(|c| is_emoji(c) || c == SELECTOR) => after_is(is_emoji),
        '\u{200c}' | '\u{200d}' => before_is(is_joined) && after_is(is_joined),
        _ => false,
    }
}

/// Roughly `Extended_Pictographic`, with the modifiers of skin.
const fn is_emoji(c: char) -> bool {
    matches!(c,
        '©' | '®' | '‼' | '⁉' | '™' | 'ℹ' | '〰' | '〽' | '㊗' | '㊙'
        | '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{27bf}' | '\u{2900}'..='\u{297f}'
        | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

/// Letters and marks of Arabic, and of the scripts of India and Sri Lanka.
const fn is_joined(c: char) -> bool {
    matches!(c,
        '\u{620}'..='\u{65f}' | '\u{66e}'..='\u{6d3}' | '\u{6d5}' | '\u{6ee}'..='\u{6ef}'
        | '\u{6fa}'..='\u{6ff}' | '\u{750}'..='\u{77f}' | '\u{900}'..='\u{dff}')
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: Option<&str>) {
        assert_eq!(parse(text).ok().as_deref(), expect, "{text:?}");
    }

    #[test]
    fn names_in_every_script_stay_as_they_are() {
        check("  Ann's phone 📱 ", Some("Ann's phone 📱"));
        check(&"ä".repeat(64), Some(&"ä".repeat(64)));
        for name in [
            "ACME Co.",
            "日本銀行",
            "Ünïcödé",
            "e\u{301}",
            "בנק ישראל",
            "مصرف",
            "a  b",
            "Ａｃｍｅ",
            "Привет, мир",
            // Joined: Persian, Hindi, Sinhala.
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "ශ්\u{200d}රී",
            // Emoji of several parts, with color, as flags and as keys.
            "👩‍👩‍👧‍👦 family",
            "👩🏽‍💻",
            "🏳️‍🌈",
            "❤️",
            "👁️‍🗨️",
            "🇩🇪",
            "7️⃣",
            "#️⃣ channel",
            "☎️",
            "™️",
        ] {
            check(name, Some(name));
        }
    }

    #[test]
    fn what_cannot_be_seen_is_refused_and_says_so() {
        for hidden in [
            '\0',
            '\n',
            '\t',
            '\u{7f}',
            '\u{85}',
            '\u{ad}',
            '\u{34f}',
            '\u{61c}',
            '\u{115f}',
            '\u{180e}',
            '\u{200b}',
            '\u{200c}',
            '\u{200d}',
            '\u{200e}',
            '\u{200f}',
            '\u{2028}',
            '\u{2029}',
            '\u{202a}',
            '\u{202e}',
            '\u{2060}',
            '\u{2066}',
            '\u{2069}',
            '\u{206f}',
            '\u{2800}',
            '\u{3164}',
            '\u{fe0e}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{fffa}',
            '\u{1d173}',
            '\u{e0001}',
            '\u{e007f}',
            '\u{e0100}',
        ] {
            for text in [
                format!("a{hidden}b"),
                format!("{hidden}ab"),
                format!("📱{hidden}b"),
            ] {
                if text.trim() != text || (hidden == '\u{fe0f}' && text.starts_with('📱')) {
                    continue;
                }
                let why = parse(&text).unwrap_err().0;
                assert!(why.contains("invisible characters"), "{text:?}: {why}");
            }
        }
        for text in ["", "   ", "\u{3000}", &"ä".repeat(65)] {
            assert_eq!(parse(text), Err(BadName("1 to 64 characters")), "{text:?}");
        }
        // A joiner that joins nothing, and a selector of nothing.
        check("👩\u{200d}", None);
        check("\u{200d}👩", None);
        check("👩\u{200d}\u{200d}💻", None);
        check("م\u{200c}a", None);
        check("7\u{fe0f}", None);
        check("a\u{fe0f}", None);
    }
}
