//! Which users a list shows, and in which order.

#[cfg(not(target_family = "wasm"))]
use postern::schema::words;
use postern::{
    base64url,
    names::{ExternalId, Group},
    refusal::Refusal,
    sessions::{ABSOLUTE_SECONDS, IDLE_SECONDS},
    users::{Role, State},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use utoipa::ToSchema;
#[cfg(not(target_family = "wasm"))]
use utoipa::{
    PartialSchema as _,
    openapi::schema::{ObjectBuilder, Type},
};

#[cfg(not(target_family = "wasm"))]
use crate::http::description::Description;
use crate::{
    http::query::{FromQuery, limit},
    platform::statement,
    store::d1::Statement,
};

mod sql;

use sql::{
    BY_ENROLLMENT, BY_ID, BY_NAME, BY_PROVIDER, COUNTS, NARROW, OF_GROUP, OF_GROUP_BY_NAME,
    SEARCHED,
};

/// How many people an organization has.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[schema(as = UserCounts)]
pub struct Counts {
    /// All users.
    #[schema(minimum = 0)]
    people: u32,
    /// Those with a confirmed authenticator.
    #[schema(minimum = 0)]
    enrolled: u32,
    /// Those without one.
    #[schema(minimum = 0)]
    missing: u32,
    /// Those who are not asked for a second factor because an identity provider answers for them.
    #[schema(minimum = 0)]
    exempt: u32,
    /// Those in a session that rests on a backup code.
    #[schema(minimum = 0)]
    restricted: u32,
    /// Those who have to wait before they may try some method again.
    #[schema(minimum = 0)]
    locked: u32,
    /// Those who may not sign in.
    #[schema(minimum = 0)]
    disabled: u32,
}

impl Counts {
    /// Counts them.
    pub fn statement(organization: &str) -> Statement {
        let (idle, absolute) = (IDLE_SECONDS.into(), ABSOLUTE_SECONDS.into());
        Statement::new(COUNTS, [organization.into(), idle, absolute])
    }
}

/// What a list of users is asked for.
#[derive(Clone, Debug)]
pub struct Listing {
    /// How many, 1 to 100.
    pub limit: u32,
    after: Option<Cursor>,
    by_name: bool,
    enrolled: Option<bool>,
    exempt: bool,
    restricted: bool,
    locked: bool,
    group: Option<Group>,
    role: Option<Role>,
    state: Option<State>,
    search: Option<String>,
}

/// The last user of the page before.
#[derive(Clone, Debug)]
struct Cursor {
    /// What the list is ordered by, of a list that is not ordered by id.
    key: Option<String>,
    id: ExternalId,
}

impl Cursor {
    /// Reads what [`Listing::cursor`] wrote.
    fn read(text: &str, by_name: bool) -> Option<Self> {
        let (key, id) = if by_name {
            let (key, id) = text.split_once('.')?;
            let key = String::from_utf8(base64url::decode(key)?).ok()?;
            (Some(key), id)
        } else {
            (None, text)
        };
        let id = id.parse().ok()?;
        Some(Self { key, id })
    }
}

/// The value of a parameter that is one of a type's words.
fn word<T: DeserializeOwned>(
    name: &'static str,
    about: &'static str,
    text: Option<String>,
) -> Result<Option<T>, Refusal> {
    text.map(|text| serde_json::from_value(Value::String(text)))
        .transpose()
        .map_err(|_| Refusal::malformed(name, about))
}

/// As a parameter of a statement.
pub fn as_text<T: Serialize>(word: Option<T>) -> Option<String> {
    let value = serde_json::to_value(word?).ok()?;
    value.as_str().map(str::to_owned)
}

impl FromQuery for Listing {
    const NAMES: &'static [&'static str] = &[
        "limit",
        "cursor",
        "enrollment",
        "exempt",
        "restricted",
        "locked",
        "group",
        "role",
        "state",
        "search",
        "sort",
    ];

    fn read(value: impl Fn(&str) -> Option<String>) -> Result<Self, Refusal> {
        let by_name = match value("sort").as_deref() {
            None | Some("id") => false,
            Some("name") => true,
            Some(_) => return Err(Refusal::malformed("sort", "id or name")),
        };
        let after = value("cursor").map(|text| {
            Cursor::read(&text, by_name).ok_or(Refusal::malformed(
                "cursor",
                "the next_cursor of the page before, with the same sort",
            ))
        });
        let enrolled = match value("enrollment").as_deref() {
            None => None,
            Some("enrolled") => Some(true),
            Some("missing") => Some(false),
            Some(_) => return Err(Refusal::malformed("enrollment", "enrolled or missing")),
        };
        let only = |name: &'static str| match value(name).as_deref() {
            None => Ok(false),
            Some("1") => Ok(true),
            Some(_) => Err(Refusal::malformed(name, "1, or leave it out")),
        };
        let group = value("group").map(|text| {
            let group = text.parse::<Group>();
            group.map_err(|why| Refusal::malformed("group", why.0))
        });
        let search = value("search").map(|text| match text.trim() {
            "" => Err(Refusal::malformed("search", "at least 1 character")),
            text if text.chars().count() > 64 => {
                Err(Refusal::malformed("search", "at most 64 characters"))
            }
            text => Ok(text.to_ascii_lowercase()),
        });
        Ok(Self {
            limit: limit(&value)?,
            after: after.transpose()?,
            by_name,
            enrolled,
            exempt: only("exempt")?,
            restricted: only("restricted")?,
            locked: only("locked")?,
            group: group.transpose()?,
            role: word("role", "owner, admin or member", value("role"))?,
            state: word("state", "active or disabled", value("state"))?,
            search: search.transpose()?,
        })
    }

    #[cfg(not(target_family = "wasm"))]
    fn describe(description: &mut Description) {
        crate::http::query::describe_limit(description);
        Self::describe_filters(description);
    }
}

impl Listing {
    /// Its parameters but for the limit.
    pub const FILTERS: &'static [&'static str] = match Self::NAMES {
        [_, filters @ ..] => filters,
        [] => &[],
    };

    /// Adds its parameters but for the limit.
    #[cfg(not(target_family = "wasm"))]
    pub fn describe_filters(description: &mut Description) {
        let text = |about: &str, most| {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .description(Some(about))
                .min_length(Some(1))
                .max_length(Some(most))
        };
        let cursor = "The `next_cursor` of the page before, asked for with the same `sort`.";
        description.query("cursor", text(cursor, 600));
        let about = "Only users with a confirmed authenticator, or only those without.";
        description.query("enrollment", words(about, ["enrolled", "missing"]));
        let about = "Only users who are not asked for a second factor because an identity provider \
                     answers for them: their last first factor was its word, and the policy takes it.";
        description.query("exempt", words(about, ["1"]));
        let about = "Only users in a session that rests on a backup code.";
        description.query("restricted", words(about, ["1"]));
        let about = "Only users who have to wait before they may try some method again.";
        description.query("locked", words(about, ["1"]));
        description.query("group", Group::schema());
        description.query("role", Role::schema());
        description.query("state", State::schema());
        let about = "Only users whose name, username or address begins with this; the case of \
                     ASCII letters is ignored, and no character stands for others.";
        description.query("search", text(about, 64));
        let about = "What the list is ordered by; `id` by default. Users without a name are \
                     ordered by their username.";
        description.query("sort", words(about, ["id", "name"]));
    }

    /// Whether it is the first page.
    pub const fn is_first(&self) -> bool {
        self.after.is_none()
    }

    /// The cursor after the user `id`, who is shown by this name.
    pub fn cursor(&self, id: &str, shown: &str) -> String {
        if !self.by_name {
            return id.to_owned();
        }
        let key = base64url::encode(shown.to_ascii_lowercase().as_bytes());
        format!("{key}.{id}")
    }

    /// Reads the users, one more than the page has: whether there is a next page.
    pub fn statement(&self, organization: &str) -> Statement {
        let after = self.after.as_ref();
        let key = self.by_name.then(|| {
            let key = after.and_then(|after| after.key.clone());
            key.unwrap_or_default()
        });
        macro_rules! reading {
            ($sql:path) => {
                statement!($sql, {
                    organization: organization,
                    key: key,
                    after: after.map_or("", |after| after.id.as_str()),
                    most: self.limit.saturating_add(1),
                    enrolled: self.enrolled.map(u64::from),
                    exempt: self.exempt,
                    restricted: self.restricted,
                    idle: IDLE_SECONDS,
                    absolute: ABSOLUTE_SECONDS,
                    locked: self.locked,
                    group: self.group.as_ref().map(|group| group.as_str().to_owned()),
                    role: as_text(self.role),
                    state: as_text(self.state),
                    search: self.search.clone(),
                })
            };
        }
        if self.search.is_some() {
            reading!(SEARCHED)
        } else if self.is_narrow() {
            reading!(NARROW)
        } else if self.group.is_some() && self.by_name {
            reading!(OF_GROUP_BY_NAME)
        } else if self.group.is_some() {
            reading!(OF_GROUP)
        } else if self.by_name {
            reading!(BY_NAME)
        } else if self.exempt {
            reading!(BY_PROVIDER)
        } else if self.enrolled.is_some() {
            reading!(BY_ENROLLMENT)
        } else {
            reading!(BY_ID)
        }
    }

    /// Whether few users are meant, who are found first and ordered then.
    fn is_narrow(&self) -> bool {
        self.restricted
            || self.locked
            || self.role.is_some_and(|role| role != Role::Member)
            || self.state == Some(State::Disabled)
    }
}
