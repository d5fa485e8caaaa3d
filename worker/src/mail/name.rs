//! Text that others chose, inside of our sentences.
//!
//! Names were checked when they were set. Here is the second fence: one line, no character that hides or turns text, and
//! nothing that a mail program makes a link of.

/// Characters of a name at most; of a longer one, the beginning is told.
const MOST: usize = 64;

/// A name, to be put into a sentence.
///
/// Mail programs look for links in text, also in HTML. A character of no width after each sign that links are made of
/// ends every such search, and no host name has one there (RFC 5892 appendix A.1). A name of other letters than ASCII's
/// has its own direction of writing (Unicode 9 section 2.4.1), so that it does not turn the sentence around it.
pub fn name(text: &str) -> Option<String> {
    let text = line(text)?;
    let name = unlinked(&shortened(&text, MOST));
    Some(if name.chars().all(is_to_the_right) {
        name
    } else {
        isolated(&name)
    })
}

/// The beginning of a name, with at most `most` characters when it is shown.
pub fn short_name(text: &str, most: usize) -> Option<String> {
    let text = line(text)?;
    (0..=most).rev().find_map(|count| {
        let name = name(&shortened(&text, count))?;
        (name.chars().count() <= most).then_some(name)
    })
}

/// A line of text that is no name: an address in a network, a contact. A contact may become a link.
pub fn line(text: &str) -> Option<String> {
    let shown: String = text
        .chars()
        .filter(|c| !is_hidden(*c))
        .map(|c| match c {
            '\u{2028}' | '\u{2029}' => ' ',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect();
    let line = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then_some(line)
}

fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

fn unlinked(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        name.push(c);
        let follows = rest.peek().is_some_and(|next| !next.is_whitespace());
        if follows && is_of_links(c) {
            name.push(NO_WIDTH);
        }
    }
    name
}

fn isolated(text: &str) -> String {
    format!("\u{2068}{text}\u{2069}")
}

/// ZERO WIDTH NON-JOINER.
const NO_WIDTH: char = '\u{200c}';

const fn is_of_links(c: char) -> bool {
    matches!(
        c,
        '.' | ':' | '/' | '@' | '。' | '．' | '｡' | '：' | '／' | '＠'
    )
}

/// Whether a character is of Latin, Greek or Cyrillic, or has no direction.
const fn is_to_the_right(c: char) -> bool {
    c < '\u{590}' || matches!(c, NO_WIDTH | '…')
}

/// Formats that hide or turn text. The two joiners stay: emoji and some scripts need them.
const fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
}
