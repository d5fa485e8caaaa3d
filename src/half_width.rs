//! The full-width forms of ASCII (U+FF01 to U+FF5E, U+3000), as an East Asian keyboard types them.

/// The ASCII character of which `typed` is the full-width form; every other one as it is. What NFKC
/// makes of these characters, without its tables, which a page would have to load.
pub fn half_width(typed: char) -> char {
    /// How far a form is from its character.
    const AWAY: u32 = 0xff01 - 0x21;
    match typed {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(typed).saturating_sub(AWAY)).unwrap_or(typed)
        }
        _ => typed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_forms_are_read_as_ascii_and_nothing_else_is_changed() {
        assert!(
            ('\u{ff01}'..='\u{ff5e}')
                .map(half_width)
                .eq('\u{21}'..='\u{7e}')
        );
        assert_eq!(half_width('\u{3000}'), ' ');
        let changed = (char::MIN..=char::MAX).filter(|typed| half_width(*typed) != *typed);
        assert_eq!(changed.count(), 95);
    }
}
