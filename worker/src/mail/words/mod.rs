//! The sentences of mails: one file for each language, with nothing in it but words.
//!
//! They say what happened and what it means, as far as we know it: where another person may have acted in the reader's
//! name, they do not say "you".

use time::{Month, OffsetDateTime};

use super::facts::Facts;
use crate::store::mail::Kind;

mod de;
mod en;

pub use de::De;
pub use en::En;

/// What one language says. Names come safe; the news of a subject has none.
pub trait Words {
    /// The language, as HTML names it.
    fn code(&self) -> &'static str;
    /// The news in a few words, after the name of the organization.
    fn subject(&self, kind: Kind) -> &'static str;
    /// To whom it is.
    fn greeting(&self, person: Option<&str>) -> String;
    /// What happened, and what it means: a paragraph each.
    fn news(&self, facts: &Facts) -> Vec<String>;
    /// What stands in front of the facts.
    fn labels(&self) -> Labels;
    /// Day and minute, in UTC.
    fn moment(&self, at: OffsetDateTime) -> String;
    /// A browser and the system it runs on, as far as both are known.
    fn browser(&self, known: (Option<&str>, Option<&str>)) -> Option<String>;
    /// Who did it.
    fn by(&self, facts: &Facts) -> Option<String>;
    /// What the link of a mail does, for the kinds that have one.
    fn act(&self, kind: Kind) -> Option<&'static str>;
    /// Until when that link works.
    fn until(&self, moment: &str) -> String;
    /// What to do if this was another person.
    fn not_me(&self, kind: Kind) -> &'static str;
    /// The link that does it.
    fn not_me_button(&self) -> &'static str;
    /// The person's own page.
    fn security(&self) -> &'static str;
    /// Whom to ask.
    fn support(&self, contact: &str) -> String;
    /// Why this mail came.
    fn why(&self, organization: &str) -> String;
}

/// What stands in front of the facts.
pub struct Labels {
    pub when: &'static str,
    pub whence: &'static str,
    pub browser: &'static str,
    pub by: &'static str,
}

/// Whether the one who acts in a person's name has not signed in yet.
const fn is_before_sign_in(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::HelpRequested
            | Kind::LockedOut
            | Kind::PasswordForgotten
            | Kind::SecondFactorFailed
            | Kind::TrustedDeviceReused
    )
}

/// "27", "November", "2026" and "18:05", in the order that `words` gives them.
fn moment(
    at: OffsetDateTime,
    name: fn(Month) -> &'static str,
    words: fn([&str; 4]) -> String,
) -> String {
    let time = format!("{:02}:{:02}", at.hour(), at.minute());
    words([
        &at.day().to_string(),
        name(at.month()),
        &at.year().to_string(),
        &time,
    ])
}
