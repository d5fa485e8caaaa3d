//! What a letter says, in order, before it has the shape of text or HTML.

use postern::names;
use time::OffsetDateTime;

use super::{
    facts::Facts,
    letter::{Language, Letter},
    name::{line, name, short_name},
    words::{De, En, Words},
};
use crate::platform::Fault;

/// Characters of a subject at most (RFC 5322 section 2.1.1).
pub const SUBJECT_CHARACTERS: usize = 78;

/// Sentences, with all names made safe; HTML still has to be escaped.
pub struct Said<'a> {
    /// The language, as HTML names it.
    pub language: &'static str,
    pub subject: String,
    pub organization: String,
    pub greeting: String,
    /// What happened, and what it means.
    pub news: Vec<String>,
    /// When, where, with what, and by whom: labels and values.
    pub facts: Vec<(&'static str, String)>,
    /// What the mail is for.
    pub act: Option<Button<'a>>,
    /// "This was not me".
    pub not_me: Option<Button<'a>>,
    pub security: Button<'a>,
    /// Whom to ask, and why this mail came.
    pub foot: Vec<String>,
}

/// A link, with a sentence in front of it.
pub struct Button<'a> {
    pub lead: String,
    pub label: &'static str,
    pub link: &'a str,
}

impl<'a> Said<'a> {
    /// # Errors
    /// A fault for a moment that no calendar has.
    pub fn of(letter: &'a Letter) -> Result<Self, Fault> {
        let words: &dyn Words = match letter.language {
            Language::De => &De,
            Language::En => &En,
        };
        let facts = Facts::of(letter);
        let kind = letter.kind;
        let person = letter.person.and_then(name);
        let until = letter.detail.get("expires_at").and_then(|at| at.as_u64());
        let until = until.map(moment).transpose()?;
        let until = until.map(|until| words.until(&words.moment(until)));
        let acts = words.act(kind).zip(letter.links.act.as_deref());
        let not_me = letter.links.not_me.as_deref();
        Ok(Self {
            language: words.code(),
            subject: subject(letter.organization, words.subject(kind)),
            greeting: words.greeting(person.as_deref()),
            news: words.news(&facts),
            facts: told(letter, words, &facts)?,
            act: acts.map(|(label, link)| Button {
                lead: until.unwrap_or_default(),
                label,
                link,
            }),
            not_me: not_me.filter(|_| kind.can_be_denied()).map(|link| Button {
                lead: words.not_me(kind).to_owned(),
                label: words.not_me_button(),
                link,
            }),
            security: Button {
                lead: String::new(),
                label: words.security(),
                link: &letter.links.security,
            },
            foot: letter
                .support
                .and_then(line)
                .map(|support| words.support(&support))
                .into_iter()
                .chain([words.why(&facts.organization)])
                .collect(),
            organization: facts.organization,
        })
    }
}

/// The organization, so that the person sees at once where this comes from, and the news.
fn subject(organization: &str, news: &str) -> String {
    let colon = ": ";
    let taken = news.chars().count().saturating_add(colon.len());
    let organization = short_name(organization, SUBJECT_CHARACTERS.saturating_sub(taken));
    [organization.unwrap_or_default(), news.to_owned()].join(colon)
}

fn told(
    letter: &Letter,
    words: &dyn Words,
    facts: &Facts,
) -> Result<Vec<(&'static str, String)>, Fault> {
    let labels = words.labels();
    let network = letter.network.and_then(line);
    let whence = match (letter.place.and_then(name), network) {
        (Some(place), Some(network)) => Some(format!("{place} ({network})")),
        (place, network) => place.or(network),
    };
    let browser = letter
        .browser
        .and_then(|agent| words.browser(names::browser_and_system(agent)));
    let told = [
        (labels.when, Some(words.moment(moment(letter.at.0)?))),
        (labels.whence, whence),
        (labels.browser, browser),
        (labels.by, words.by(facts)),
    ];
    let told = told.into_iter();
    Ok(told
        .filter_map(|(label, value)| Some((label, value?)))
        .collect())
}

fn moment(seconds: u64) -> Result<OffsetDateTime, Fault> {
    let seconds = i64::try_from(seconds).ok();
    let moment = seconds.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    moment.ok_or(Fault::new("a moment that no calendar has"))
}
