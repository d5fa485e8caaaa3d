//! A mail as it travels: MIME (RFC 5322, RFC 2045).
//!
//! The same envelope and message give the same bytes. The builder would ask a clock and draw numbers for what it is not
//! given, so it is given all of it: date, id and boundary.

use mail_builder::{
    MessageBuilder,
    headers::{content_type::ContentType, date::Date, raw::Raw},
    mime::MimePart,
};
use postern::{names::MailAddress, time::UnixTime};

use super::Message;
use crate::platform::Fault;

#[cfg(test)]
mod tests;

/// From whom to whom a mail goes.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    /// The same at every try, and another for each address: letters, digits, `_`, `-` and `.`.
    pub id: &'a str,
    /// The host of this deployment, without a port.
    pub host: &'a str,
    /// The sender.
    pub from: &'a MailAddress,
    /// The one recipient.
    pub to: &'a MailAddress,
    /// When what it tells happened.
    pub at: UnixTime,
}

/// Puts `message` into its envelope: text first, and HTML for those who can show it. Only ASCII, with CRLF.
///
/// # Errors
/// A fault for a moment that no calendar has.
pub fn mime(envelope: &Envelope, message: &Message) -> Result<String, Fault> {
    let Envelope {
        id,
        host,
        from,
        to,
        at,
    } = *envelope;
    let date = i64::try_from(at.0).map_err(|_| Fault::new("a moment that no calendar has"))?;
    // With these signs in front it cannot be in an encoded part (RFC 2045 section 6.7).
    let boundary: String = ["=_", id].concat().chars().take(LONGEST_BOUNDARY).collect();
    let alternatives = ContentType::new("multipart/alternative").attribute("boundary", boundary);
    let parts = vec![
        MimePart::new("text/plain", message.text.as_str()),
        MimePart::new("text/html", message.html.as_str()),
    ];
    let mut raw = Vec::new();
    MessageBuilder::new()
        .message_id(format!("{id}@{host}"))
        .date(Date::new(date))
        .from(from.as_str())
        .to(to.as_str())
        .subject(message.subject.replace("=?", NO_ENCODED_WORD))
        .header("Auto-Submitted", Raw::new("auto-generated"))
        .body(MimePart::new(alternatives, parts))
        .serialize(&mut raw);
    String::from_utf8(raw).map_err(|_| Fault::new("a mail is not ASCII"))
}

/// Readers decode `=?utf-8?q?…?=` (RFC 2047 section 2), also where it is part of a name. With a character of no width in
/// it, it is none, and the builder encodes all of the subject.
const NO_ENCODED_WORD: &str = "=\u{200c}?";

/// Characters of a boundary at most (RFC 2046 section 5.1.1).
const LONGEST_BOUNDARY: usize = 70;
