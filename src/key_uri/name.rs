//! Which issuers and accounts can stand in a key URI.

use core::fmt;

/// Whether `text` can be an issuer: 1 to 64 characters in at most 128 bytes of UTF-8.
///
/// Every script and emoji are welcome; percent-encoding carries them and apps show them.
///
/// # Errors
///
/// [`NotAName`] says what is in the way.
pub fn check_issuer(text: &str) -> Result<(), NotAName> {
    // FreeOTP, Aegis and others make Steam's five letters for this issuer, whatever the URI says.
    if text.eq_ignore_ascii_case("steam") {
        return Err(NotAName::Steam);
    }
    check(text, 64, 128)
}

/// Whether `text` can be an account: 1 to 128 characters in at most 256 bytes of UTF-8.
///
/// # Errors
///
/// [`NotAName`] says what is in the way.
pub fn check_account(text: &str) -> Result<(), NotAName> {
    check(text, 128, 256)
}

fn check(text: &str, characters: usize, bytes: usize) -> Result<(), NotAName> {
    if text.is_empty() {
        return Err(NotAName::Empty);
    }
    if text.len() > bytes || text.chars().count() > characters {
        return Err(NotAName::TooLong);
    }
    if text.contains(':') {
        return Err(NotAName::Colon);
    }
    if text.contains(is_invisible) {
        return Err(NotAName::Invisible);
    }
    if text.trim().len() != text.len() {
        return Err(NotAName::Space);
    }
    Ok(())
}

/// Characters that change how the text around them is shown, or show nothing.
///
/// Letters of right-to-left scripts and the marks that belong to them stay; so does the joiner
/// inside emoji. What overrides or isolates direction goes: it makes one issuer look like another
/// in an app's list.
const fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}'    // control characters
        | '\u{2028}' | '\u{2029}'                   // line and paragraph separator
        | '\u{202a}'..='\u{202e}'                   // embeddings and overrides
        | '\u{2066}'..='\u{2069}'                   // isolates
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' // byte order mark, interlinear annotation
    )
}

/// Why a text cannot be an issuer or an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAName {
    /// It has a colon, which separates issuer and account.
    Colon,
    /// There is nothing.
    Empty,
    /// It has control characters, or ones that turn the direction of text.
    Invisible,
    /// It begins or ends with white space, which apps leave out.
    Space,
    /// An issuer named Steam gets other codes in some apps.
    Steam,
    /// More characters or bytes than there is room for.
    TooLong,
}

impl fmt::Display for NotAName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Colon => "has a colon",
            Self::Empty => "is empty",
            Self::Invisible => "has invisible control characters",
            Self::Space => "begins or ends with a space",
            Self::Steam => "is Steam, for which apps make other codes",
            Self::TooLong => "is too long",
        })
    }
}

impl core::error::Error for NotAName {}
