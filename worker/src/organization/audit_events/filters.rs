//! Which events a page of the audit log shows.

use postern::{names::ExternalId, refusal::Refusal, time::UnixTime};
#[cfg(not(target_family = "wasm"))]
use utoipa::{
    PartialSchema as _,
    openapi::schema::{ObjectBuilder, Type},
};

use super::sql::{ALL, BY_ACTION, BY_KEEPER, BY_OUTCOME, BY_PERSON};
#[cfg(not(target_family = "wasm"))]
use crate::http::description::Description;
use crate::{
    http::query::{FromQuery, limit},
    platform::statement,
    store::d1::Statement,
};

/// Events counted at most.
pub const MOST_COUNTED: u32 = 1000;

/// Actions that one query may name.
const MOST_ACTIONS: usize = 20;

/// Characters of a word at most.
const LONGEST_WORD: usize = 64;

/// Bytes of an event's id.
const LONGEST_EVENT: usize = 100;

/// 9999-12-31T23:59:59Z.
const LAST_MOMENT: u64 = 253_402_300_799;

/// What is asked of the audit log.
#[derive(Clone, Debug)]
pub struct Filters {
    limit: u32,
    cursor: Option<String>,
    person: Option<ExternalId>,
    actor: Option<Doer>,
    /// Words, or their beginnings, which end with a dot; a JSON array.
    actions: Option<String>,
    outcome: Option<String>,
    method: Option<String>,
    from: Option<UnixTime>,
    until: Option<UnixTime>,
}

/// Whose doing.
#[derive(Clone, Debug)]
enum Doer {
    /// An owner or admin who acted on somebody else or on the organization.
    Keeper(ExternalId),
    /// Nobody of the organization.
    Other(&'static str),
}

impl Doer {
    fn read(text: &str) -> Option<Self> {
        let others = ["application", "system", "operator"];
        match others.into_iter().find(|other| *other == text) {
            Some(other) => Some(Self::Other(other)),
            None => text.parse().ok().map(Self::Keeper),
        }
    }
}

impl FromQuery for Filters {
    const NAMES: &'static [&'static str] = &[
        "limit", "cursor", "person", "actor", "action", "outcome", "method", "from", "until",
    ];

    fn read(value: impl Fn(&str) -> Option<String>) -> Result<Self, Refusal> {
        let cursor = value("cursor");
        if cursor.as_deref().is_some_and(|text| !is_event(text)) {
            return Err(unknown_cursor());
        }
        let person = value("person").map(|text| text.parse::<ExternalId>());
        let actor = value("actor").map(|text| {
            let about = "a user's id, or application, system or operator";
            Doer::read(&text).ok_or(Refusal::malformed("actor", about))
        });
        Ok(Self {
            limit: limit(&value)?,
            cursor,
            person: person
                .transpose()
                .map_err(|why| Refusal::malformed("person", why.0))?,
            actor: actor.transpose()?,
            actions: value("action").map(|text| actions(&text)).transpose()?,
            outcome: word("outcome", &value)?,
            method: word("method", &value)?,
            from: moment("from", &value)?,
            until: moment("until", &value)?,
        })
    }

    #[cfg(not(target_family = "wasm"))]
    fn describe(description: &mut Description) {
        let text = |about: &str, most| {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .description(Some(about))
                .min_length(Some(1))
                .max_length(Some(most))
        };
        crate::http::query::describe_limit(description);
        let about =
            "The `next_cursor` of the page before: the id of an event of this organization.";
        description.query("cursor", text(about, LONGEST_EVENT));
        description.query("person", ExternalId::schema());
        let about = "Only what this owner or admin did to others or to the organization, by id; or \
                     what `application`, `system` or `operator` did.";
        description.query("actor", text(about, 128));
        let about = "Only these actions: 20 at most, with commas between them. One that ends with a \
                     dot stands for all that begin so: `sign_in.`.";
        description.query("action", text(about, 1320));
        let about = "Only what was done (`accepted`, with what was done and looked odd), only what was \
                     refused (`refused`), or one outcome by its word.";
        description.query("outcome", text(about, 64));
        let about = "Only where this method was shown: `totp`, `passkey`, …";
        description.query("method", text(about, 64));
        let about = "Only from this moment on, in seconds since 1970.";
        description.query("from", moment_schema(about));
        let about = "Only before this moment, in seconds since 1970.";
        description.query("until", moment_schema(about));
    }
}

#[cfg(not(target_family = "wasm"))]
fn moment_schema(about: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .description(Some(about))
        .minimum(Some(0))
        .maximum(Some(LAST_MOMENT))
}

/// Whether the text can be an event's id. Those of the scheduled job say what they are of.
fn is_event(text: &str) -> bool {
    let can_be =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_:".contains(&byte);
    (1..=LONGEST_EVENT).contains(&text.len()) && text.bytes().all(can_be)
}

/// What a cursor is refused with that no page of this organization gave.
pub const fn unknown_cursor() -> Refusal {
    Refusal::malformed("cursor", "the next_cursor of the page before")
}

/// Whether it can be the word of an action, outcome or method.
fn is_word(text: &str) -> bool {
    let is_of_word = |c: char| c.is_ascii_lowercase() || matches!(c, '_' | '.');
    !text.is_empty() && text.len() <= LONGEST_WORD && text.chars().all(is_of_word)
}

/// The value of a parameter that is a word, and not one of a list: events keep those of their time.
fn word(
    name: &'static str,
    value: &impl Fn(&str) -> Option<String>,
) -> Result<Option<String>, Refusal> {
    match value(name) {
        Some(text) if !is_word(&text) => Err(Refusal::malformed(name, "a word of a-z and _")),
        text => Ok(text),
    }
}

fn actions(text: &str) -> Result<String, Refusal> {
    let about = "at most 20 words of a-z, _ and . with commas between them";
    let words: Vec<_> = text.split(',').collect();
    if words.len() > MOST_ACTIONS || !words.iter().all(|word| is_word(word)) {
        return Err(Refusal::malformed("action", about));
    }
    serde_json::to_string(&words).map_err(|_| Refusal::malformed("action", about))
}

fn moment(
    name: &'static str,
    value: &impl Fn(&str) -> Option<String>,
) -> Result<Option<UnixTime>, Refusal> {
    value(name)
        .map(|text| {
            let moment = text.parse().ok().filter(|moment| *moment <= LAST_MOMENT);
            let about = "a moment in seconds since 1970";
            moment.map(UnixTime).ok_or(Refusal::malformed(name, about))
        })
        .transpose()
}

impl Filters {
    /// Whether it is the first page.
    pub const fn is_first(&self) -> bool {
        self.cursor.is_none()
    }

    /// How many events a page has at most.
    pub fn limit(&self) -> usize {
        usize::try_from(self.limit).unwrap_or(usize::MAX)
    }

    /// The event that the page before ended with.
    pub fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// Reads the events, one more than the page has; the first page counts them, too. Of the filters the
    /// one is read by its index that finds fewest; the others are held against what it finds.
    pub fn statement(&self, organization: &str) -> Statement {
        let page = self.limit.saturating_add(1);
        let most = if self.is_first() {
            MOST_COUNTED.saturating_add(1)
        } else {
            page
        };
        let (keeper, actor) = match &self.actor {
            Some(Doer::Keeper(id)) => (Some(id.as_str()), None),
            Some(Doer::Other(word)) => (None, Some(*word)),
            None => (None, None),
        };
        macro_rules! reading {
            ($sql:path) => {
                statement!($sql, {
                    organization: organization,
                    cursor: self.cursor.as_deref(),
                    page: page,
                    most: most,
                    person: self.person.as_ref().map(ExternalId::as_str),
                    keeper: keeper,
                    actor: actor,
                    actions: self.actions.as_deref(),
                    outcome: self.outcome.as_deref(),
                    method: self.method.as_deref(),
                    from: self.from,
                    until: self.until,
                })
            };
        }
        if self.person.is_some() {
            reading!(BY_PERSON)
        } else if keeper.is_some() {
            reading!(BY_KEEPER)
        } else if self.actions.is_some() {
            reading!(BY_ACTION)
        } else if self
            .outcome
            .as_deref()
            .is_some_and(|word| word != "accepted")
        {
            reading!(BY_OUTCOME)
        } else {
            reading!(ALL)
        }
    }
}
