#![allow(clippy::unwrap_used)]

use mailparse::{MailHeaderMap as _, ParsedMail, parse_mail};
use postern::time::UnixTime;

use super::{Envelope, Message, mime};

const AT: UnixTime = UnixTime(1_795_805_100);

fn message(subject: &str) -> Message {
    Message {
        subject: subject.to_owned(),
        text: format!(
            "Guten Tag Zoë,\n\n.\n--=_m_1\nFrom here:\nhttps://id.acme.test/#{}\n",
            "t".repeat(1200)
        ),
        html: format!(
            "<!DOCTYPE html>\n<p>Zoë = \u{2068}日本\u{2069}</p>\n<a href=\"#{}\"></a>\n",
            "t".repeat(1200)
        ),
    }
}

fn sent(message: &Message) -> String {
    let envelope = Envelope {
        id: "m_1-a",
        host: "id.acme.test",
        from: &"security@acme.test".parse().unwrap(),
        to: &"zoe+mfa@acme.test".parse().unwrap(),
        at: AT,
    };
    mime(&envelope, message).unwrap()
}

/// Values of a header, as an independent reader has them.
fn header(mail: &ParsedMail, name: &str) -> Vec<String> {
    mail.headers.get_all_values(name)
}

#[test]
fn a_mail_is_read_as_it_was_written() {
    let message = message("Acme: Ihr Passwort wurde geändert");
    let raw = sent(&message);
    assert_eq!(raw, sent(&message));
    assert!(raw.is_ascii() && !raw.replace("\r\n", "").contains(['\r', '\n']));
    for line in raw.split("\r\n") {
        assert!(line.len() <= 78, "{line}");
    }
    let mail = parse_mail(raw.as_bytes()).unwrap();
    for (name, value) in [
        ("Message-ID", "<m_1-a@id.acme.test>"),
        ("Date", "Fri, 27 Nov 2026 18:45:00 +0000"),
        ("From", "<security@acme.test>"),
        ("To", "<zoe+mfa@acme.test>"),
        ("Subject", message.subject.as_str()),
        ("Auto-Submitted", "auto-generated"),
        ("MIME-Version", "1.0"),
    ] {
        assert_eq!(header(&mail, name), [value], "{name}");
    }
    assert_eq!(mail.headers.len(), 8);
    assert_eq!(mail.ctype.mimetype, "multipart/alternative");
    let parts: Vec<_> = mail.subparts.iter().collect();
    let read = |part: &ParsedMail| {
        assert_eq!(part.ctype.charset, "utf-8");
        (
            part.ctype.mimetype.clone(),
            part.get_body().unwrap().replace("\r\n", "\n"),
        )
    };
    let read: Vec<_> = parts.into_iter().map(read).collect();
    assert_eq!(
        read,
        [
            ("text/plain".to_owned(), message.text),
            ("text/html".to_owned(), message.html),
        ]
    );
}

#[test]
fn a86_a_subject_is_one_header_and_the_recipient_one_address() {
    let long = "Acme: news ".repeat(7);
    for (subject, shown) in [
        ("Acme\r\nBcc: all@evil.test", "Acme  Bcc: all@evil.test"),
        ("Acme\nBcc: all@evil.test", "Acme Bcc: all@evil.test"),
        ("Acme\r\n\r\n<b>Hello</b>", "Acme    <b>Hello</b>"),
        (
            "=?utf-8?q?=0D=0ABcc:_all@evil.test?=",
            "=?utf-8?q?=0D=0ABcc:_all@evil.test?=",
        ),
        ("ä\r\nBcc: all@evil.test", "ä  Bcc: all@evil.test"),
        (long.trim(), long.trim()),
    ] {
        let raw = sent(&message(subject));
        let mail = parse_mail(raw.as_bytes()).unwrap();
        assert_eq!(mail.headers.len(), 8, "{raw}");
        assert_eq!(header(&mail, "Subject"), [shown], "{raw}");
        assert_eq!(header(&mail, "To"), ["<zoe+mfa@acme.test>"]);
        assert_eq!(header(&mail, "Bcc"), [""; 0], "{raw}");
        assert_eq!(mail.subparts.len(), 2, "{subject:?}");
    }
}
