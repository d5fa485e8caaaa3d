//! What a mail says: a subject, a text and a page of HTML, in the language of its reader.
//!
//! Leaves to others who gets a mail, and how it gets there. Here is no I/O and no clock. A mail never holds a code or a
//! secret; where it holds a link, the link comes with the letter.

use askama::Template;
use postern::time::UnixTime;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::platform::Fault;

mod facts;
mod letter;
mod mime;
mod name;
mod said;
#[cfg(test)]
mod tests;
mod text;
mod words;

pub use letter::{Language, Letter, Links};
pub use mime::{Envelope, mime};
pub use said::SUBJECT_CHARACTERS;
pub use text::TEXT_COLUMNS;

use said::Said;

/// A mail, ready to be put into an envelope.
#[derive(Clone, Debug)]
pub struct Message {
    /// One line of at most [`SUBJECT_CHARACTERS`].
    pub subject: String,
    /// Lines of at most [`TEXT_COLUMNS`], except for links, which stand alone.
    pub text: String,
    /// A whole page, which loads nothing.
    pub html: String,
}

/// Writes what `letter` tells.
///
/// # Errors
/// A fault for a moment that no calendar has.
pub fn write(letter: &Letter) -> Result<Message, Fault> {
    let said = Said::of(letter)?;
    Ok(Message {
        text: text::of(&said),
        html: Html { said: &said }
            .render()
            .map_err(|_| Fault::new("a mail cannot be written"))?,
        subject: said.subject,
    })
}

/// A moment as RFC 3339 writes it.
///
/// # Errors
/// A fault for a moment that no calendar has.
pub fn rfc3339(at: UnixTime) -> Result<String, Fault> {
    let moment = i64::try_from(at.0).ok();
    let moment = moment.and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok());
    let text = moment.and_then(|moment| moment.format(&Rfc3339).ok());
    text.ok_or(Fault::new("a moment that no calendar has"))
}

/// The escaping of HTML is the template's.
#[derive(Template)]
#[template(path = "mail.html")]
struct Html<'a> {
    said: &'a Said<'a>,
}
