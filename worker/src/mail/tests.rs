#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use postern::time::UnixTime;
use roxmltree::{Document, Node, ParsingOptions};
use serde_json::json;

use super::{Language, Letter, Links, Message, SUBJECT_CHARACTERS, TEXT_COLUMNS, write};
use crate::store::mail::Kind;

const LANGUAGES: [Language; 2] = [Language::En, Language::De];

/// Kinds whose mail is there for its link.
const ACTING: [Kind; 4] = [
    Kind::HelpWanted,
    Kind::Invitation,
    Kind::PasswordForgotten,
    Kind::ResetStarted,
];

/// A name that another person or application chose, in each place where one is told.
#[derive(Clone, Copy)]
struct Names<'a> {
    chosen: &'a str,
    place: &'a str,
    support: &'a str,
}

const HARMLESS: Names = Names {
    chosen: "Ann",
    place: "Berlin, Germany",
    support: "help@acme.test",
};

fn letter(kind: Kind, language: Language, names: Names<'_>) -> Letter<'_> {
    Letter {
        kind,
        language,
        organization: names.chosen,
        person: Some(names.chosen),
        about: Some(names.chosen),
        at: UnixTime(1_795_805_100),
        network: Some("192.0.2.1"),
        place: Some(names.place),
        browser: Some("Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"),
        actor: "owner",
        actor_name: Some(names.chosen),
        detail: json!({ "expires_at": 1_795_808_700, "left": 3 }),
        support: Some(names.support),
        links: Links {
            act: Some("https://id.acme.test/act#token=pl_abc&x=1".to_owned()),
            not_me: Some(format!(
                "https://id.acme.test/not-me#token={}",
                "n".repeat(400)
            )),
            security: "https://id.acme.test/security".to_owned(),
        },
    }
}

fn written(letter: &Letter) -> Message {
    write(letter).unwrap()
}

/// The page as a strict parser reads it.
fn page(message: &Message) -> Document<'_> {
    let options = ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(&message.html, options).unwrap()
}

/// What a reader of the page sees.
fn seen(page: &Document) -> String {
    let body = page.descendants().find(|node| node.has_tag_name("body"));
    let texts = body.unwrap().descendants().filter(Node::is_text);
    texts.filter_map(|node| node.text()).collect()
}

#[track_caller]
fn check_form(message: &Message) {
    let subject = &message.subject;
    assert_eq!(subject.lines().count(), 1, "{subject:?}");
    assert_eq!(subject.trim(), subject);
    assert!(subject.chars().count() <= SUBJECT_CHARACTERS, "{subject:?}");
    for line in message.text.lines() {
        let fits =
            line.chars().count() <= TEXT_COLUMNS || line.starts_with("https://id.acme.test/");
        assert!(fits && line.trim_end() == line, "{line:?}");
    }
    for part in [subject, &message.text, &message.html] {
        assert!(
            !part.replace('\n', " ").contains(char::is_control),
            "{part:?}"
        );
    }
}

#[test]
fn every_kind_says_what_happened_in_both_languages() {
    let mut subjects = BTreeSet::new();
    for kind in Kind::ALL {
        let [en, de] = LANGUAGES.map(|language| {
            let letter = letter(kind, language, HARMLESS);
            let message = written(&letter);
            check_form(&message);
            let page = page(&message);
            let html = seen(&page);
            let hrefs: BTreeSet<_> = page
                .descendants()
                .filter_map(|node| node.attribute("href"))
                .collect();
            let act = letter
                .links
                .act
                .as_deref()
                .filter(|_| ACTING.contains(&kind));
            let not_me = letter
                .links
                .not_me
                .as_deref()
                .filter(|_| kind.can_be_denied());
            let links: Vec<_> = [act, not_me, Some(letter.links.security.as_str())]
                .into_iter()
                .flatten()
                .collect();
            assert_eq!(hrefs, links.iter().copied().collect(), "{kind:?}");
            for link in &links {
                assert_eq!(
                    message.text.lines().filter(|line| line == link).count(),
                    1,
                    "{kind:?}"
                );
            }
            assert_eq!(
                message.text.matches("https://").count(),
                links.len(),
                "{kind:?}"
            );
            for link in act.iter().chain(&not_me) {
                assert!(html.contains(link), "{kind:?} shows no address");
            }
            let root = page.root_element();
            assert!(subjects.insert(message.subject.clone()), "{kind:?}");
            let [code, when, until, browser] = match language {
                Language::En => [
                    "en",
                    "27 November 2026, 18:45 UTC",
                    "27 November 2026, 19:45 UTC",
                    "Firefox on Windows",
                ],
                Language::De => [
                    "de",
                    "27. November 2026, 18:45 Uhr (UTC)",
                    "27. November 2026, 19:45 Uhr (UTC)",
                    "Firefox auf Windows",
                ],
            };
            assert_eq!(root.attribute("lang"), Some(code));
            for part in [&message.text, &html] {
                for told in [
                    when,
                    browser,
                    "Berlin, Germany (192.0.2.1)",
                    "help@acme.test",
                    "Ann",
                ] {
                    assert!(part.contains(told), "{kind:?} lacks {told}");
                }
                assert_eq!(part.contains(until), act.is_some(), "{kind:?}");
            }
            message
        });
        let lines: BTreeSet<_> = en.text.lines().filter(|line| line.contains(' ')).collect();
        let same: Vec<_> = de
            .text
            .lines()
            .filter(|line| lines.contains(line))
            .collect();
        assert_eq!(same, [""; 0], "{kind:?} is not translated");
    }
}

#[test]
fn a_page_loads_nothing() {
    let message = written(&letter(Kind::ResetStarted, Language::En, HARMLESS));
    for loads in [
        "src=",
        "url(",
        "@import",
        "<link",
        "<script",
        "<img",
        "srcset",
        "background=",
    ] {
        assert!(!message.html.contains(loads), "{loads}");
    }
}

#[test]
fn who_did_it_is_told() {
    let told = |kind, actor, by| {
        let mut letter = letter(kind, Language::En, HARMLESS);
        (letter.actor, letter.actor_name) = (actor, by);
        let text = written(&letter).text;
        let line = text.lines().find_map(|line| line.strip_prefix("  Who: "));
        line.map(ToOwned::to_owned)
    };
    for (kind, actor, by, who) in [
        (
            Kind::MfaRevoked,
            "owner",
            Some("olive"),
            Some("olive, an owner of Ann"),
        ),
        (
            Kind::MfaRevoked,
            "admin",
            Some("adam"),
            Some("adam, an admin of Ann"),
        ),
        (Kind::MfaRevoked, "admin", None, Some("An admin of Ann")),
        (
            Kind::PasswordChanged,
            "application",
            None,
            Some("An application of Ann"),
        ),
        (
            Kind::EnrollmentDue,
            "system",
            None,
            Some("The system, by the rules of Ann"),
        ),
        (
            Kind::PasswordChanged,
            "user",
            None,
            Some("You, or someone else who used your account"),
        ),
        (
            Kind::SecondFactorFailed,
            "user",
            None,
            Some("You, or someone else who gave your user name"),
        ),
        (Kind::HelpWanted, "user", None, None),
    ] {
        assert_eq!(told(kind, actor, by).as_deref(), who);
    }
}

#[test]
fn what_is_not_known_is_not_told() {
    let message = written(&Letter {
        person: None,
        about: None,
        network: None,
        place: None,
        browser: Some("curl/8.5"),
        detail: json!(null),
        support: None,
        links: Links::default(),
        ..letter(Kind::HelpWanted, Language::En, HARMLESS)
    });
    assert!(
        message.text.starts_with("Hello,\n\nA person completed"),
        "{}",
        message.text
    );
    for label in ["Where:", "Browser:", "Who:", "Questions?", "None", "null"] {
        assert!(!message.text.contains(label), "{label}");
    }
    let odd = Letter {
        at: UnixTime(u64::MAX),
        ..letter(Kind::Unlocked, Language::En, HARMLESS)
    };
    assert!(write(&odd).is_err());
}

/// Tags in their order.
fn structure(message: &Message) -> Vec<String> {
    let page = page(message);
    let elements = page.descendants().filter(Node::is_element);
    elements
        .map(|node| format!("{:?}", node.tag_name()))
        .collect()
}

#[test]
fn a86_names_stay_text_on_one_line() {
    let long = "evil.example ".repeat(300);
    for chosen in [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' style='display:none",
        "</p></td></table><h1>Your account is closed</h1>",
        "Ann\r\nBcc: all@evil.example\r\n\r\n<b>Hello</b>",
        "Ann\u{2028}Bcc: all@evil.example\u{85}x",
        "--=_boundary\r\n--",
        "\u{202e}gnp.exe\u{2066}",
        "\u{2068}\u{2069}\u{2069}\u{2069}x",
        "\u{5d0}\u{5d1} \u{627}\u{628}",
        "{{ said.subject }}{% raw %}",
        "https://evil.example/login?a=b",
        "www.evil.example",
        "evil.example",
        "mailto:all@evil.example",
        "ｅvil。example",
        "https\u{200b}://evil\u{200b}.example",
        &long,
    ] {
        for kind in Kind::ALL {
            for language in LANGUAGES {
                let odd = Names {
                    chosen,
                    place: chosen,
                    support: "help",
                };
                let (message, plain) = (
                    written(&letter(kind, language, odd)),
                    written(&letter(kind, language, HARMLESS)),
                );
                check_form(&message);
                assert_eq!(
                    structure(&message),
                    structure(&plain),
                    "{chosen:?} is markup"
                );
                let html = seen(&page(&message));
                for part in [&message.subject, &message.text, &html] {
                    for turn in '\u{202a}'..='\u{202e}' {
                        assert!(!part.contains(turn), "{chosen:?} turns text");
                    }
                    let count = |isolate: char| part.matches(isolate).count();
                    assert_eq!(count('\u{2068}'), count('\u{2069}'), "{chosen:?}");
                    for line in part.lines() {
                        for link in ["evil.example", "://evil", "www.evil", "@evil", "。e"] {
                            assert!(!line.contains(link), "{chosen:?} is a link: {line}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn a86_a_name_is_told_as_it_is_written() {
    let told = |organization, person| {
        let letter = Letter {
            organization,
            person: Some(person),
            ..letter(Kind::Unlocked, Language::En, HARMLESS)
        };
        let message = written(&letter);
        let html = seen(&page(&message));
        assert!(
            html.contains(message.text.lines().next().unwrap()),
            "{html}"
        );
        (
            message.subject,
            message.text.lines().next().unwrap().to_owned(),
        )
    };
    let check = |organization, person, subject: &str, greeting: &str| {
        let expect = (
            format!("{subject}: your account was unlocked"),
            format!("Hello {greeting},"),
        );
        assert_eq!(told(organization, person), expect);
    };
    check(
        "Acme & <Söhne>",
        "Zoë \"Z\" O'Neil",
        "Acme & <Söhne>",
        "Zoë \"Z\" O'Neil",
    );
    check(
        "J. R. Ltd.",
        "ann@acme.test",
        "J. R. Ltd.",
        "ann@\u{200c}acme.\u{200c}test",
    );
    check(
        "日本銀行",
        "👩‍💻",
        "\u{2068}日本銀行\u{2069}",
        "\u{2068}👩‍💻\u{2069}",
    );
    check(
        &"Long ".repeat(13),
        "Ann",
        &format!("{}…", ["Long"; 10].join(" ")),
        "Ann",
    );
}
