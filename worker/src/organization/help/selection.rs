//! All factors of several people end at once, in one batch: of everyone as it was confirmed, or of no one.

use std::collections::{BTreeMap, BTreeSet};

use postern::{
    audit::Action,
    ids::{EventId, UserId},
    names::ExternalId,
    refusal::{Conflict, Refusal},
    sessions::{ABSOLUTE_SECONDS, IDLE_SECONDS},
    users::Role,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Ended;
use crate::{
    access::{Admin, FreshAdmin, Keeper, still_keeps},
    http::{body::Json, context::Context, problem::Problem},
    organization::users::MOVED_ON,
    platform::json_text,
    store::{
        copies,
        d1::{self, Batch, Effect, Rows, Statement, effect, recording, recording_text, statement},
        mail,
        models::Models,
    },
};

/// People in one selection at most.
const MOST: usize = 100;

/// Whose factors would end.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SelectionBody {
    /// The users, 1 to 100, each once.
    #[schema(min_items = 1, max_items = 100)]
    users: Vec<ExternalId>,
}

/// Whose factors end, and how much that is as the preview said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeSelectionBody {
    /// The users, 1 to 100, each once.
    #[schema(min_items = 1, max_items = 100)]
    users: Vec<ExternalId>,
    /// How many of them lose their factors. Where there is another number by now, nothing ends.
    #[schema(minimum = 0)]
    people: u32,
    /// How many authenticators end. Where there is another number by now, nothing ends.
    #[schema(minimum = 0)]
    authenticators: u32,
}

/// What becomes of each user of a selection.
#[derive(Debug, Serialize, ToSchema)]
pub struct SelectionAnswer {
    /// The users, in the order asked for.
    #[schema(max_items = 100)]
    users: Vec<Selected>,
    /// How many of them lose their factors.
    #[schema(minimum = 0)]
    people: u32,
    /// How much of theirs ends, all together.
    ended: Ended,
}

/// A user of a selection.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SelectedUser)]
struct Selected {
    /// The user.
    id: ExternalId,
    /// What becomes of them.
    outcome: Outcome,
    /// How much of theirs ends; `null` where nothing does.
    #[schema(required)]
    ended: Option<Ended>,
}

/// What becomes of a user of a selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SelectionOutcome)]
enum Outcome {
    /// All factors, trusted devices and sessions end: in a preview, would end.
    Ends,
    /// Nothing: the user is above the caller, or the caller.
    Forbidden,
    /// Nothing: there is no such user.
    NotFound,
}

/// `POST /v1/organizations/{org}/revoke-mfa/preview`: what would end, of each and all together.
pub async fn preview(
    caller: Admin,
    Json(body): Json<SelectionBody>,
) -> Result<Json<SelectionAnswer>, Problem> {
    Ok(Json(Selection::load(&caller, body.users).await?.answer()))
}

/// `POST /v1/organizations/{org}/revoke-mfa`: everything ends now, of each user in the selection that
/// the caller may help.
pub async fn revoke(
    caller: FreshAdmin,
    Json(body): Json<RevokeSelectionBody>,
) -> Result<Json<SelectionAnswer>, Problem> {
    let mut selection = Selection::load(&caller, body.users).await?;
    let Totals { people, ended } = selection.totals();
    if (people, ended.authenticators) != (body.people, body.authenticators) {
        return Err(MISCOUNTED.into());
    }
    if people > 0 {
        selection.commit(&caller).await?;
    }
    Ok(Json(selection.answer()))
}

const MISCOUNTED: Refusal = Refusal::Conflict(Conflict::Miscounted);

/// People whose factors are to end.
struct Selection {
    /// In the order asked for, with the row of each user that the caller may help.
    users: Vec<(ExternalId, Outcome, Option<Row>)>,
}

/// All of a selection.
struct Totals {
    people: u32,
    ended: Ended,
}

impl Selection {
    /// Finds them, each once.
    async fn load<C>(caller: &Keeper<C>, users: Vec<ExternalId>) -> Result<Self, Problem> {
        let once: BTreeSet<_> = users.iter().collect();
        if users.is_empty() || users.len() > MOST || once.len() != users.len() {
            return Err(Refusal::malformed("users", "1 to 100 users, each once").into());
        }
        let context = caller.context();
        let organization = caller.organization.as_str();
        let found = [
            statement!(FOUND, { organization: organization }),
            statement!(SELECTED, {
                organization: organization,
                users: serde_json::to_string(&users)?,
                now: context.now,
                action: Action::MfaRevoke.as_str(),
                idle: IDLE_SECONDS,
                absolute: ABSOLUTE_SECONDS,
            }),
        ];
        let mut rows = d1::run(&context.database, &found).await?;
        rows.first::<Found>()?.ok_or(Refusal::NotFound)?;
        let mut found = by_name::<Row>(&mut rows)?;
        let users = users.into_iter().map(|id| match found.remove(&id) {
            None => (id, Outcome::NotFound, None),
            Some(row) if caller.may_help_a(row.user, row.role).is_err() => {
                (id, Outcome::Forbidden, None)
            }
            Some(row) => (id, Outcome::Ends, Some(row)),
        });
        Ok(Self {
            users: users.collect(),
        })
    }

    /// Ends it all, unless something moved on since it was decided.
    async fn commit(&mut self, caller: &FreshAdmin) -> Result<(), Problem> {
        let context = caller.context();
        let mut people = vec![];
        for (_, _, row) in &self.users {
            if let Some(row) = row {
                people.push(Person {
                    event: context.event_id()?,
                    user: row.user,
                    version: row.version,
                });
            }
        }
        let events: Vec<_> = people.iter().map(|person| person.event).collect();
        let first = events.first().ok_or(MOVED_ON)?;
        let list = serde_json::to_string(&events)?;
        let batch = Batch {
            recording: recording!(REVOKE_EVENTS, {
                event: *first,
                organization: caller.organization.as_str(),
                count: u64::try_from(people.len()).unwrap_or(u64::MAX),
                people: serde_json::to_string(&people)?,
                now: context.now,
                action: Action::MfaRevoke.as_str(),
                keeper: caller.proviso()?,
                idle: IDLE_SECONDS,
                absolute: ABSOLUTE_SECONDS,
                ip: context.origin.ip.clone(),
                user_agent: context.origin.user_agent.clone(),
                request_id: context.origin.request_id.clone(),
            }),
            effects: effects(context, &list),
            reads: vec![
                Statement::new(RECORDED, [list.clone().into()]),
                Statement::new(MODELS, [list.into()]),
            ],
        };
        let mut rows = d1::write(&context.database, &batch).await?;
        let mut recorded = by_name::<Done>(&mut rows)?;
        for (id, _, row) in &mut self.users {
            if let Some(row) = row {
                let Done { ended } = recorded.remove(id).ok_or(MOVED_ON)?;
                row.ended = ended;
            }
        }
        for models in rows.readable::<Models>("users")? {
            copies::keep_user(context, &models);
        }
        Ok(())
    }

    fn totals(&self) -> Totals {
        let rows = self.users.iter().filter_map(|(_, _, row)| row.as_ref());
        let none = Totals {
            people: 0,
            ended: Ended::default(),
        };
        rows.fold(none, |all, row| Totals {
            people: all.people.saturating_add(1),
            ended: all.ended.plus(row.ended),
        })
    }

    fn answer(self) -> SelectionAnswer {
        let Totals { people, ended } = self.totals();
        let users = self.users.into_iter().map(|(id, outcome, row)| Selected {
            id,
            outcome,
            ended: row.map(|row| row.ended),
        });
        SelectionAnswer {
            users: users.collect(),
            people,
            ended,
        }
    }
}

/// What ends with the `events`, a list of their ids.
fn effects(context: &Context, events: &str) -> Vec<Effect> {
    context.note_mail();
    vec![
        effect!(REMOVE_AUTHENTICATORS, events),
        effect!(REMOVE_CODES, events),
        effect!(DROP_PENDING, events),
        effect!(FORGET_SECOND_FACTORS, events),
        effect!(END_SESSIONS, events),
        effect!(MOVE_VERSIONS, events),
        effect!(
            NOTICES,
            events,
            mail::Kind::MfaRevoked.as_str(),
            context.origin.place.clone()
        ),
    ]
}

/// One whose factors end, for [`REVOKE_EVENTS`].
#[derive(Serialize)]
struct Person {
    event: EventId,
    user: UserId,
    version: u64,
}

/// Rows by the name that the application gave the user.
fn by_name<T: for<'de> Deserialize<'de>>(
    rows: &mut Rows,
) -> Result<BTreeMap<ExternalId, T>, Problem> {
    let named = rows.readable::<Named<T>>("users")?.into_iter();
    Ok(named.map(|Named { id, of }| (id, of)).collect())
}

/// A row that begins with the user's name.
#[derive(Deserialize)]
struct Named<T> {
    id: ExternalId,
    #[serde(flatten)]
    of: T,
}

/// What [`SELECTED`] reads.
#[derive(Deserialize)]
struct Row {
    user: UserId,
    role: Role,
    version: u64,
    #[serde(deserialize_with = "json_text")]
    ended: Ended,
}

/// What [`RECORDED`] reads.
#[derive(Deserialize)]
struct Done {
    #[serde(deserialize_with = "json_text")]
    ended: Ended,
}

/// A row that is only there or not.
#[derive(Deserialize)]
struct Found {}

const FOUND: &str = "SELECT 1 FROM organization WHERE external_id = :organization";

const SELECTED: &str = concat!(
    "
SELECT u.external_id AS id, u.id AS user, u.role, u.version, ",
    ended!(),
    " AS ended
FROM organization o JOIN json_each(:users) p JOIN user u ON u.organization = o.id AND u.external_id = p.value
WHERE o.external_id = :organization"
);

/// Only while all of them are as they were, and the keeper too.
const REVOKE_EVENTS: &str = recording_text!(
    "id, organization, user, at, action, actor, actor_id, actor_name, subject, outcome, detail, ip, user_agent, request_id",
    "
SELECT event, organization, user, :now, :action,
  coalesce(:keeper ->> 'role', 'application'), :keeper ->> 'user', :keeper ->> 'name', name, 'accepted',
  json_object('selected', :count, 'ended', json(ended)), :ip, :user_agent, :request_id
FROM (
  SELECT p.value ->> 'event' AS event, u.organization, u.id AS user, u.external_id AS name, count(*) OVER () AS found, ",
    ended!(),
    " AS ended
  FROM organization o JOIN json_each(:people) p
  JOIN user u ON u.organization = o.id AND u.id = p.value ->> 'user' AND u.version = p.value ->> 'version'
  WHERE o.external_id = :organization)
WHERE found = :count AND ",
    still_keeps!()
);

/// ?1 events
const RECORDED: &str = "
SELECT subject AS id, detail -> 'ended' AS ended FROM event WHERE id IN (SELECT value FROM json_each(?1))";

/// ?1 events
const MODELS: &str = "
SELECT m.model AS user, p.model AS organization FROM accepted e
JOIN user_model m ON (m.organization, m.id) = (e.organization, e.user)
JOIN organization_model p ON p.id = e.organization
WHERE e.id IN (SELECT value FROM json_each(?1))";

/// ?1 events
const REMOVE_AUTHENTICATORS: &str = "
DELETE FROM authenticator WHERE (organization, user) IN (
  SELECT organization, user FROM accepted WHERE id IN (SELECT value FROM json_each(?1)))";

/// ?1 events
const REMOVE_CODES: &str = "
DELETE FROM backup_code_set WHERE (organization, user) IN (
  SELECT organization, user FROM accepted WHERE id IN (SELECT value FROM json_each(?1)))";

/// ?1 events
const DROP_PENDING: &str = "
DELETE FROM enrollment WHERE (organization, user) IN (
  SELECT organization, user FROM accepted WHERE id IN (SELECT value FROM json_each(?1)))";

/// Of factors that ended nothing is left to guess at. ?1 events
const FORGET_SECOND_FACTORS: &str = "
DELETE FROM throttle WHERE method <> 'password' AND (organization, user) IN (
  SELECT organization, user FROM accepted WHERE id IN (SELECT value FROM json_each(?1)))";

/// ?1 events
const END_SESSIONS: &str = "
UPDATE session SET ended_at = e.at FROM accepted e
WHERE e.id IN (SELECT value FROM json_each(?1))
  AND (session.organization, session.user) = (e.organization, e.user) AND session.ended_at IS NULL";

/// As [`crate::store::survivors::MOVE_VERSION`] has it. ?1 events
const MOVE_VERSIONS: &str = "
UPDATE user SET version = max(version + 1, unixepoch() * 1000 + 999) FROM accepted e
WHERE e.id IN (SELECT value FROM json_each(?1)) AND (user.organization, user.id) = (e.organization, e.user)";

/// ?1 events 2 kind 3 place
const NOTICES: &str = "
INSERT INTO mail (organization, user, event, kind, address, place, created_at, due_at)
SELECT e.organization, e.user, e.id, ?2, b.address, ?3, e.at, e.at
FROM accepted e JOIN mailbox b ON b.organization = e.organization AND b.user = e.user
WHERE e.id IN (SELECT value FROM json_each(?1))
ON CONFLICT DO NOTHING";
