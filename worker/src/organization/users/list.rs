//! Which users a list shows, and in which order.

#[cfg(not(target_family = "wasm"))]
use postern::schema::words;
use postern::{
    base64url,
    names::{ExternalId, Group},
    refusal::Refusal,
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
    /// Those who have to wait before they may try some method again.
    #[schema(minimum = 0)]
    locked: u32,
    /// Those who may not sign in.
    #[schema(minimum = 0)]
    disabled: u32,
}

/// What a list of users is asked for.
#[derive(Clone, Debug)]
pub struct Listing {
    /// How many, 1 to 100.
    pub limit: u32,
    after: Option<Cursor>,
    by_name: bool,
    enrolled: Option<bool>,
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
fn as_text<T: Serialize>(word: Option<T>) -> Option<String> {
    let value = serde_json::to_value(word?).ok()?;
    value.as_str().map(str::to_owned)
}

impl FromQuery for Listing {
    const NAMES: &'static [&'static str] = &[
        "limit",
        "cursor",
        "enrollment",
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
        let locked = match value("locked").as_deref() {
            None => false,
            Some("1") => true,
            Some(_) => return Err(Refusal::malformed("locked", "1, or leave it out")),
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
            locked,
            group: group.transpose()?,
            role: word("role", "owner, admin or member", value("role"))?,
            state: word("state", "active or disabled", value("state"))?,
            search: search.transpose()?,
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
        let cursor = "The `next_cursor` of the page before, asked for with the same `sort`.";
        description.query("cursor", text(cursor, 600));
        let about = "Only users with a confirmed authenticator, or only those without.";
        description.query("enrollment", words(about, ["enrolled", "missing"]));
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
}

impl Listing {
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
        } else if self.by_name {
            reading!(BY_NAME)
        } else if self.enrolled.is_some() {
            reading!(BY_ENROLLMENT)
        } else {
            reading!(BY_ID)
        }
    }

    /// Whether few users are meant, who are found first and ordered then.
    fn is_narrow(&self) -> bool {
        self.group.is_some()
            || self.locked
            || self.role.is_some_and(|role| role != Role::Member)
            || self.state == Some(State::Disabled)
    }
}

/// A list of users: those of `$which`, in the order `$order`. The `+` keeps the throttle of one user
/// from being looked for among all that are closed.
macro_rules! listing {
    ($which:literal, $order:literal) => {
        concat!(
            "
SELECT u.id AS row, u.external_id AS id, u.username, u.name, u.email, u.role, u.groups, u.state, u.created_at, u.enrolled
FROM user u
WHERE u.organization = (SELECT id FROM organization WHERE external_id = :organization)",
            $which,
            "
  AND (:enrolled IS NULL OR u.enrolled = :enrolled)
  AND (:role IS NULL OR u.role = :role)
  AND (:state IS NULL OR u.state = :state)
  AND (:group IS NULL OR EXISTS (
    SELECT 1 FROM user_group g WHERE (g.organization, g.name, g.user) = (u.organization, :group, u.id)))
  AND (NOT :locked OR EXISTS (
    SELECT 1 FROM throttle t WHERE (t.organization, t.user) = (u.organization, u.id) AND +t.not_before > unixepoch()))
  AND (:search IS NULL
    OR lower(coalesce(u.name, u.username)) >= :search AND lower(coalesce(u.name, u.username)) < :search || char(1114111)
    OR u.username >= :search AND u.username < :search || char(1114111)
    OR lower(u.email) >= :search AND lower(u.email) < :search || char(1114111))
ORDER BY ",
            $order,
            " LIMIT :most"
        )
    };
}

const BY_ID: &str = listing!(
    "
  AND u.external_id > :after AND :key IS NULL",
    "u.external_id"
);

const BY_ENROLLMENT: &str = listing!(
    "
  AND u.enrolled = :enrolled AND u.external_id > :after AND :key IS NULL",
    "u.external_id"
);

const BY_NAME: &str = listing!(
    "
  AND (lower(coalesce(u.name, u.username)), u.external_id) > (:key, :after)",
    "lower(coalesce(u.name, u.username)), u.external_id"
);

/// Users whose name, username or address begins so, found by an index for each.
const SEARCHED: &str = listing!(
    "
  AND (iif(:key IS NULL, '', lower(coalesce(u.name, u.username))), u.external_id) > (coalesce(:key, ''), :after)
  AND u.id IN (
    SELECT n.id FROM user n
    WHERE n.organization = (SELECT id FROM organization WHERE external_id = :organization)
      AND lower(coalesce(n.name, n.username)) >= :search AND lower(coalesce(n.name, n.username)) < :search || char(1114111)
    UNION SELECT s.id FROM user s
    WHERE s.organization = (SELECT id FROM organization WHERE external_id = :organization)
      AND s.username >= :search AND s.username < :search || char(1114111)
    UNION SELECT m.id FROM user m
    WHERE m.organization = (SELECT id FROM organization WHERE external_id = :organization) AND m.email IS NOT NULL
      AND lower(m.email) >= :search AND lower(m.email) < :search || char(1114111))",
    "iif(:key IS NULL, '', lower(coalesce(u.name, u.username))), u.external_id"
);

/// Users whom one of the other filters finds by an index of its own.
const NARROW: &str = listing!(
    "
  AND (iif(:key IS NULL, '', lower(coalesce(u.name, u.username))), u.external_id) > (coalesce(:key, ''), :after)
  AND u.id IN (
    SELECT g.user FROM user_group g
    WHERE g.organization = (SELECT id FROM organization WHERE external_id = :organization) AND g.name = :group
    UNION SELECT t.user FROM throttle t
    WHERE :group IS NULL AND :locked
      AND t.organization = (SELECT id FROM organization WHERE external_id = :organization)
      AND t.not_before > unixepoch()
    UNION SELECT r.id FROM user r
    WHERE :group IS NULL AND NOT :locked AND :role <> 'member'
      AND r.organization = (SELECT id FROM organization WHERE external_id = :organization)
      AND r.role = :role AND r.role <> 'member'
    UNION SELECT d.id FROM user d
    WHERE :group IS NULL AND NOT :locked AND coalesce(:role, 'member') = 'member' AND :state = 'disabled'
      AND d.organization = (SELECT id FROM organization WHERE external_id = :organization) AND d.state = 'disabled')",
    "iif(:key IS NULL, '', lower(coalesce(u.name, u.username))), u.external_id"
);

/// ?1 organization
pub const COUNTS: &str = "
SELECT people, enrolled, people - enrolled AS missing, locked, disabled
FROM (SELECT
  (SELECT count(*) FROM user u WHERE u.organization = o.id) AS people,
  (SELECT count(*) FROM user u WHERE u.organization = o.id AND u.enrolled = 1) AS enrolled,
  (SELECT count(DISTINCT t.user) FROM throttle t JOIN user u ON (u.organization, u.id) = (t.organization, t.user)
    WHERE t.organization = o.id AND t.not_before > unixepoch()) AS locked,
  (SELECT count(*) FROM user u WHERE u.organization = o.id AND u.state = 'disabled') AS disabled
FROM organization o WHERE o.external_id = ?1)";
