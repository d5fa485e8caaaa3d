//! A mail as it travels: MIME (RFC 5322, RFC 2045).
//!
//! The same envelope and message give the same bytes: date, id and boundary come with the envelope. Text is put into
//! ASCII by libraries; which headers and parts there are is always the same, so that they are written down here.

use email_encoding::headers::{rfc2047, writer::EmailWriter};
use postern::{names::MailAddress, time::UnixTime};
use time::{OffsetDateTime, format_description::well_known::Rfc2822};

use super::Message;
use crate::platform::Fault;

#[cfg(test)]
mod tests;

/// From whom to whom a mail goes.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    /// The same at every try, and another for each address: at most 60 letters, digits, `_`, `-` and `.`.
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
    let moment = i64::try_from(at.0).ok();
    let moment = moment.and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok());
    let date = moment.and_then(|moment| moment.format(&Rfc2822).ok());
    let date = date.ok_or(Fault::new("a moment that no calendar has"))?;
    let subject = subject(&message.subject)?;
    let [text, html] = [&message.text, &message.html].map(|part| encoded(part));
    Ok(format!(
        "Message-ID: <{id}@{host}>\r
Date: {date}\r
From: <{from}>\r
To: <{to}>\r
Subject: {subject}\r
Auto-Submitted: auto-generated\r
MIME-Version: 1.0\r
Content-Type: multipart/alternative; boundary=\"=_{id}\"\r
\r
--=_{id}\r
Content-Type: text/plain; charset=utf-8\r
Content-Transfer-Encoding: quoted-printable\r
\r
{text}\r
--=_{id}\r
Content-Type: text/html; charset=utf-8\r
Content-Transfer-Encoding: quoted-printable\r
\r
{html}\r
--=_{id}--\r
"
    ))
}

/// Quoted-printable, in which no line begins as a boundary does: `=_` is nothing there (RFC 2045 section 6.7).
fn encoded(text: &str) -> String {
    quoted_printable::encode_to_str(text.replace('\n', "\r\n"))
}

/// One line, folded. Encoded where it is not short and plain, or where a reader would decode a part of a name: what
/// looks like an encoded word is one (RFC 2047 section 2).
fn subject(text: &str) -> Result<String, Fault> {
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if line.is_ascii() && line.len() <= LONGEST_PLAIN && !line.contains("=?") {
        return Ok(line);
    }
    let mut folded = String::new();
    let mut writer = EmailWriter::new(&mut folded, "Subject: ".len(), 0, false);
    rfc2047::encode(&line, &mut writer).map_err(|_| Fault::new("a subject cannot be written"))?;
    drop(writer);
    Ok(folded)
}

/// What fits on a line of 78 characters beside the header's name (RFC 5322 section 2.1.1).
const LONGEST_PLAIN: usize = 69;
