//! Users, under the ids that the application chose: kept by applications, owners and admins.

use postern::{
    audit::Action,
    ids::UserId,
    names::{ExternalId, OrganizationName},
    refusal::{Conflict, Refusal},
    time::UnixTime,
    users::{Language, Role, State},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::{Admin, FreshAdmin, still_keeps},
    http::{
        body::{Json, NoContent},
        context::Home,
        path::PathSecond,
        problem::Problem,
        query::Query,
    },
    platform::{Fault, Unreadable, json_text},
    store::{
        copies,
        d1::{self, Batch, Statement, Value, effect, recording, recording_text, text},
        models::Models,
    },
};

mod body;
mod change;
mod export;
mod list;

pub use body::UserBody;
pub use change::{create_effect, patch, put, verifier};
pub use export::export;
use list::{Counts, Listing};

/// The user.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserAnswer {
    /// The user.
    pub user: User,
}

/// A user, as applications, owners and admins see them.
#[derive(Debug, Serialize, ToSchema)]
pub struct User {
    /// The id, chosen by the application.
    #[schema(value_type = ExternalId)]
    pub id: String,
    /// What the user types to sign in.
    pub username: String,
    /// The name shown on pages; `null` where there is none.
    #[schema(required)]
    pub name: Option<String>,
    /// The address that notices go to; `null` where there is none.
    #[schema(required)]
    pub email: Option<String>,
    /// A second address that notices go to as well; `null` where there is none.
    #[schema(required)]
    pub second_email: Option<String>,
    /// The language of mail to the user; `null` for that of the organization.
    #[schema(required)]
    pub language: Option<Language>,
    /// What the user may do in the organization.
    pub role: Role,
    /// The groups that the application put the user in.
    pub groups: Vec<String>,
    /// Whether the user may sign in.
    pub state: State,
    /// Whether the user has a confirmed authenticator; backup codes are none.
    pub enrolled: bool,
    /// When the user was made, in seconds since 1970.
    pub created_at: UnixTime,
}

/// A page of users.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserPage {
    /// The users, 100 at most.
    #[schema(max_items = 100)]
    pub users: Vec<Listed>,
    /// The `cursor` of the next page; `null` on the last one.
    #[schema(required)]
    pub next_cursor: Option<String>,
    /// How many people there are, whatever the filters; `null` on all pages but the first.
    #[schema(required)]
    pub counts: Option<Counts>,
}

/// A user in a list. One whose row cannot be read is listed all the same.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = ListedUser)]
pub enum Listed {
    /// A user.
    Readable(User),
    /// A user whose row cannot be read in full.
    Unreadable {
        /// The id, chosen by the application.
        id: String,
        /// Always `true`.
        unreadable: bool,
        /// What it is ordered by in a list by name.
        #[serde(skip)]
        shown: String,
    },
}

/// `GET /v1/organizations/{org}/users/{user}`
pub async fn show(
    caller: Admin,
    PathSecond(user): PathSecond<ExternalId>,
) -> Result<Json<UserAnswer>, Problem> {
    let target = Target {
        organization: caller.organization.clone(),
        user,
    };
    let mut rows = d1::run(&caller.context().database, &[target.row()]).await?;
    let row: Row = rows.first()?.ok_or(Refusal::NotFound)?;
    Ok(Json(row.answer()))
}

/// `GET /v1/organizations/{org}/users`, with filters: see [`Listing`].
pub async fn list(
    caller: Admin,
    Query(listing): Query<Listing>,
) -> Result<Json<UserPage>, Problem> {
    let organization = caller.organization.as_str();
    let mut statements = vec![
        Statement::new(FOUND, [organization.into()]),
        listing.statement(organization),
    ];
    if listing.is_first() {
        statements.push(Counts::statement(organization));
    }
    let mut rows = d1::run(&caller.context().database, &statements).await?;
    rows.first::<Found>()?.ok_or(Refusal::NotFound)?;
    let found = rows.each::<Row>("users")?.into_iter();
    let users = found.map(Listed::of).collect::<Result<_, _>>()?;
    let counts = if listing.is_first() {
        rows.first()?
    } else {
        None
    };
    Ok(Json(UserPage::of(users, &listing, counts)))
}

/// `DELETE /v1/organizations/{org}/users/{user}`: the user and everything of theirs but events.
pub async fn delete(
    caller: FreshAdmin,
    PathSecond(user): PathSecond<ExternalId>,
) -> Result<NoContent, Problem> {
    let target = Target::of(&caller, user);
    let context = caller.context();
    let version = match target.seen_by(&caller).await? {
        Seen::Unseen => None,
        Seen::Absent => return Err(Refusal::NotFound.into()),
        Seen::Person(models) => {
            caller.may_help(&models.user)?;
            Some(models.user.version)
        }
    };
    let event = context.event_id()?;
    let batch = Batch {
        recording: recording!(DELETE_EVENT, {
            event: event,
            organization: target.organization.as_str(),
            external_id: target.user.as_str(),
            version: version,
            keeper: caller.proviso()?,
            now: context.now,
            action: Action::UserDelete.as_str(),
            ip: context.origin.ip.clone(),
            user_agent: context.origin.user_agent.clone(),
            request_id: context.origin.request_id.clone(),
        }),
        effects: vec![effect!(DELETE_THROTTLE, event), effect!(DELETE, event)],
        reads: vec![Statement::new(DELETED, [text(event)]), target.row()],
    };
    let mut rows = d1::write(&context.database, &batch).await?;
    let deleted: Option<Home> = rows.first()?;
    let left: Option<Row> = rows.first()?;
    match (deleted, left) {
        (Some(home), _) => copies::forget_user(context, home),
        (None, _) if version.is_some() => return Err(MOVED_ON.into()),
        (None, Some(_)) => return Err(last_owner().into()),
        (None, None) => return Err(Refusal::NotFound.into()),
    }
    Ok(NoContent)
}

/// The user that a path names.
struct Target {
    organization: OrganizationName,
    user: ExternalId,
}

/// What was known of a user when it was decided that the caller may change them.
enum Seen {
    /// Nothing: an application may change everyone.
    Unseen,
    /// That there is none.
    Absent,
    /// The user.
    Person(Box<Models>),
}

impl Target {
    fn of(caller: &FreshAdmin, user: ExternalId) -> Self {
        Self {
            organization: caller.organization.clone(),
            user,
        }
    }

    /// Finds the user for an owner or admin, who may not change everyone.
    async fn seen_by(&self, caller: &FreshAdmin) -> Result<Seen, Problem> {
        if caller.session.is_none() {
            return Ok(Seen::Unseen);
        }
        let found = user_models(&self.organization, &self.user);
        let mut rows = d1::run(&caller.context().database, &[found]).await?;
        let found = rows.first::<Models>()?.map(Box::new);
        Ok(found.map_or(Seen::Absent, Seen::Person))
    }

    /// Reads the user's [`Row`].
    fn row(&self) -> Statement {
        Statement::new(ONE, self.names())
    }

    /// The first two parameters of a statement.
    fn names(&self) -> [Value; 2] {
        [self.organization.as_str().into(), self.user.as_str().into()]
    }
}

/// Reads the [`Models`](crate::store::models::Models) of a user, or no row.
pub fn user_models(organization: &OrganizationName, user: &ExternalId) -> Statement {
    Statement::new(MODEL, [organization.as_str().into(), user.as_str().into()])
}

/// What an owner or admin hears who was let in and found otherwise at the commit, or found the person
/// so.
pub const MOVED_ON: Refusal = Refusal::Conflict(Conflict::MovedOn);

const fn last_owner() -> Refusal {
    Refusal::Conflict(Conflict::LastOwner)
}

impl UserPage {
    /// The page, of `users` that hold one more where there is a next page.
    fn of(mut users: Vec<Listed>, listing: &Listing, counts: Option<Counts>) -> Self {
        let limit = usize::try_from(listing.limit).unwrap_or(usize::MAX);
        let more = users.len() > limit;
        users.truncate(limit);
        let last = users.last().filter(|_| more);
        Self {
            next_cursor: last.map(|user| listing.cursor(user.id(), user.shown())),
            users,
            counts,
        }
    }
}

impl Listed {
    fn of(row: Result<Row, Unreadable>) -> Result<Self, Fault> {
        Ok(match row {
            Ok(row) => Self::Readable(row.user()),
            Err(row) => Self::Unreadable {
                id: row.text("id")?,
                shown: row.text("name").or_else(|_| row.text("username"))?,
                unreadable: true,
            },
        })
    }

    fn id(&self) -> &str {
        match self {
            Self::Readable(User { id, .. }) | Self::Unreadable { id, .. } => id,
        }
    }

    /// What it is ordered by in a list by name.
    fn shown(&self) -> &str {
        match self {
            Self::Readable(user) => user.name.as_ref().unwrap_or(&user.username),
            Self::Unreadable { shown, .. } => shown,
        }
    }
}

/// What [`ONE`] and [`Listing`] read.
#[derive(Deserialize)]
struct Row {
    row: UserId,
    id: String,
    username: String,
    name: Option<String>,
    email: Option<String>,
    second_email: Option<String>,
    language: Option<Language>,
    role: Role,
    #[serde(deserialize_with = "json_text")]
    groups: Vec<String>,
    state: State,
    /// 1 with a confirmed authenticator, 0 without.
    enrolled: u32,
    created_at: UnixTime,
}

impl Row {
    fn answer(self) -> UserAnswer {
        UserAnswer { user: self.user() }
    }

    fn user(self) -> User {
        User {
            id: self.id,
            username: self.username,
            name: self.name,
            email: self.email,
            second_email: self.second_email,
            language: self.language,
            role: self.role,
            groups: self.groups,
            state: self.state,
            enrolled: self.enrolled > 0,
            created_at: self.created_at,
        }
    }
}

/// A row that is only there or not.
#[derive(Deserialize)]
struct Found {}

/// ?1 organization 2 user
const ONE: &str = "
SELECT u.id AS row, u.external_id AS id, u.username, u.name, u.email, u.second_email, u.language, u.role, u.groups, u.state, u.created_at, u.enrolled
FROM organization o JOIN user u ON u.organization = o.id AND u.external_id = ?2 WHERE o.external_id = ?1";

/// ?1 organization 2 user
const MODEL: &str = "
SELECT m.model AS user, p.model AS organization
FROM organization_model p JOIN user_model m ON m.organization = p.id AND m.external_id = ?2
WHERE p.external_id = ?1";

/// ?1 organization
const FOUND: &str = "SELECT 1 FROM organization WHERE external_id = ?1";

/// Of a person as they were seen, by a keeper as they were let in.
const DELETE_EVENT: &str = recording_text!(
    "id, organization, user, at, action, actor, actor_id, actor_name, subject, outcome, detail, ip, user_agent, request_id",
    "
SELECT :event, u.organization, u.id, :now, :action,
  coalesce(:keeper ->> 'role', 'application'), :keeper ->> 'user', :keeper ->> 'name', :external_id, 'accepted',
  json_object('old', json_object('role', u.role, 'state', u.state)),
  :ip, :user_agent, :request_id
FROM organization o JOIN user u ON u.organization = o.id AND u.external_id = :external_id
WHERE o.external_id = :organization AND (:version IS NULL OR u.version = :version)
  AND NOT EXISTS (SELECT 1 FROM last_owner l WHERE (l.organization, l.id) = (u.organization, u.id))
  AND ",
    still_keeps!()
);

/// ?1 event
const DELETED: &str = "SELECT organization, user FROM event WHERE id = ?1";

/// ?1 event
const DELETE_THROTTLE: &str = "
DELETE FROM throttle WHERE (organization, user) IN (SELECT organization, user FROM accepted WHERE id = ?1)";

/// ?1 event
const DELETE: &str = "
DELETE FROM user WHERE (organization, id) IN (SELECT organization, user FROM accepted WHERE id = ?1)";
