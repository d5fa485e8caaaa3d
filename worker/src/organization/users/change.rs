//! Users made and changed: whole by `PUT`, in part by `PATCH`.

use postern::{
    audit::Action,
    ids::{EventId, UserId},
    names::ExternalId,
    passwords::{Password, Verifier},
    refusal::{Conflict, Refusal},
    slow_hash::Memory,
};
use serde::Deserialize;

use super::{MODEL, MOVED_ON, Row, Seen, Target, UserAnswer, UserBody, last_owner};
use crate::{
    access::{FreshAdmin, still_keeps},
    http::{
        body::{Json, Stored},
        context::Context,
        path::PathSecond,
        problem::Problem,
        slow_hashes::Place,
    },
    platform::Fault,
    store::{
        copies,
        d1::{self, Batch, Effect, Rows, Statement, effect, recording, recording_text, text},
        links, mail,
        models::Models,
        survivors::move_along,
    },
};

/// `PUT /v1/organizations/{org}/users/{user}`: the whole user. A user who exists has no defaults; only
/// the password stays when it is left out.
pub async fn put(
    caller: FreshAdmin,
    PathSecond(user): PathSecond<ExternalId>,
    Json(body): Json<UserBody>,
) -> Result<Stored<UserAnswer>, Problem> {
    let target = Target::of(&caller, user);
    let applies = Applies::Whole {
        missing: body.missing(),
    };
    let body = body.or_default(&target.user)?;
    write(&caller, &target, &body, applies).await
}

/// `PATCH /v1/organizations/{org}/users/{user}`: what is named, and nothing else; `null` takes the
/// name or the address away.
pub async fn patch(
    caller: FreshAdmin,
    PathSecond(user): PathSecond<ExternalId>,
    Json(body): Json<UserBody>,
) -> Result<Json<UserAnswer>, Problem> {
    let target = Target::of(&caller, user);
    let stored = write(&caller, &target, &body, Applies::InPart).await?;
    Ok(Json(stored.value))
}

/// Makes what `body` says true of the user, where it applies.
async fn write(
    caller: &FreshAdmin,
    target: &Target,
    body: &UserBody,
    applies: Applies,
) -> Result<Stored<UserAnswer>, Problem> {
    let context = caller.context();
    body.check()?;
    let seen = target.seen_by(caller).await?;
    may_write(caller, &seen, body)?;
    let (applies, version) = match seen {
        Seen::Unseen => (applies, None),
        Seen::Absent => (applies.to_nobody()?, None),
        Seen::Person(models) => (applies.to_somebody()?, Some(models.user.version)),
    };
    let person = format!("{}/{}", target.organization, target.user);
    let writing = Writing {
        target,
        applies,
        version,
        keeper: caller.proviso()?,
        id: UserId::from_entropy(context.entropy()?),
        event: context.event_id()?,
        verifier: verifier(context, person, body.password.as_ref()).await?,
        given: serde_json::to_string(body)?,
    };
    let rows = writing.commit(context).await?;
    writing.answer(context, rows)
}

/// Refuses an owner or admin what goes above them: to change someone above, to give a role above their
/// own, to set a password. Of themselves they change only how they are called and where mail goes.
fn may_write(caller: &FreshAdmin, seen: &Seen, body: &UserBody) -> Result<(), Refusal> {
    let Some(session) = &caller.session else {
        return Ok(());
    };
    let keeper = &session.models.user;
    match seen {
        Seen::Person(models) if models.user.id == keeper.id => body.only_names()?,
        Seen::Person(models) => caller.may_help(&models.user)?,
        Seen::Unseen | Seen::Absent => {}
    }
    let may_give = body.role.is_none_or(|role| keeper.role.may_give(role));
    if body.password.is_some() || !may_give {
        return Err(Refusal::Forbidden);
    }
    Ok(())
}

/// Which users a body applies to.
#[derive(Clone, Copy)]
enum Applies {
    /// It is a whole user: makes a new one, and changes one who exists unless a field is missing.
    Whole {
        /// The first field that was left out.
        missing: Option<&'static str>,
    },
    /// It is a part: changes a user who exists.
    InPart,
    /// Only to a user who does not exist.
    ToNobody,
}

impl Applies {
    /// As it applies where there is no such user.
    const fn to_nobody(self) -> Result<Self, Refusal> {
        match self {
            Self::Whole { .. } | Self::ToNobody => Ok(Self::ToNobody),
            Self::InPart => Err(Refusal::NotFound),
        }
    }

    /// As it applies to a user who exists.
    fn to_somebody(self) -> Result<Self, Refusal> {
        match self.missing() {
            Some(field) => Err(incomplete(field)),
            None => Ok(Self::InPart),
        }
    }

    const fn creates(self) -> bool {
        matches!(self, Self::Whole { .. } | Self::ToNobody)
    }

    const fn changes(self) -> bool {
        self.missing().is_none() && !matches!(self, Self::ToNobody)
    }

    const fn missing(self) -> Option<&'static str> {
        match self {
            Self::Whole { missing } => missing,
            Self::InPart | Self::ToNobody => None,
        }
    }
}

const fn incomplete(field: &'static str) -> Refusal {
    Refusal::malformed(field, "of a user who exists, nothing is left out")
}

/// The verifier of the new password of `person`, as JSON; made when a place for a slow hash is free.
///
/// # Errors
/// `throttled` when none is.
pub async fn verifier(
    context: &Context,
    person: String,
    password: Option<&Password>,
) -> Result<Option<String>, Problem> {
    let Some(password) = password else {
        return Ok(None);
    };
    let salt = context.entropy()?;
    let place = Place::take(context, person, false).await?;
    let keys = &context.settings.keys;
    let make = |memory: &mut Memory| Verifier::new(password, salt, keys, memory);
    Ok(Some(serde_json::to_string(&place.hash(make).await?)?))
}

/// Makes the user of `event`, where it says that it is a new one, as `given` says, the JSON of a
/// [`UserBody`]; `verifier` is that of the password.
///
/// # Errors
/// A fault without randomness.
pub fn create_effect(
    context: &Context,
    event: EventId,
    user: &ExternalId,
    given: String,
    verifier: Option<String>,
) -> Result<Effect, Fault> {
    Ok(effect!(CREATE, {
        event: event,
        given: given,
        external_id: user.as_str(),
        verifier: verifier,
        handle: postern::base64url::encode(&context.entropy::<32>()?),
    }))
}

/// A body that was checked, on its way into the database.
struct Writing<'a> {
    target: &'a Target,
    applies: Applies,
    /// The version of the user that the caller was judged by; of applications none is asked.
    version: Option<u64>,
    /// See [`FreshAdmin::proviso`].
    keeper: Option<String>,
    /// The id of the user, if it is a new one.
    id: UserId,
    event: EventId,
    verifier: Option<String>,
    /// The body, as the statements read it.
    given: String,
}

impl Writing<'_> {
    /// Writes it, and reads what [`Writing::answer`] tells.
    async fn commit(&self, context: &Context) -> Result<Rows, Problem> {
        d1::write(&context.database, &self.batch(context)?)
            .await
            .map_err(|error| {
                if error.violates("user.username") {
                    Refusal::Conflict(Conflict::UsernameTaken).into()
                } else {
                    error.into()
                }
            })
    }

    fn batch(&self, context: &Context) -> Result<Batch, Problem> {
        let Self { target, event, .. } = *self;
        let recording = recording!(CHANGE_EVENT, {
            event: event,
            organization: target.organization.as_str(),
            external_id: target.user.as_str(),
            id: text(self.id),
            version: self.version,
            keeper: self.keeper.clone(),
            now: context.now,
            action: Action::UserPut.as_str(),
            given: self.given.as_str(),
            creates: self.applies.creates(),
            changes: self.applies.changes(),
            ip: context.origin.ip.clone(),
            user_agent: context.origin.user_agent.clone(),
            request_id: context.origin.request_id.clone(),
        });
        let effects = vec![
            mail::of_change(
                context,
                event,
                mail::Kind::PasswordChanged,
                r#"["password"]"#,
            ),
            // Before and after the change: the old address hears of it, and so does the new one.
            mail::of_change(context, event, mail::Kind::AddressChanged, ADDRESSES),
            effect!(END_OTHERS, { event: event, given: self.given.as_str() }),
            effect!(CHANGE, {
                event: event,
                given: self.given.as_str(),
                verifier: self.verifier.clone(),
            }),
            move_along(event),
            links::end_with_change(event),
            mail::of_change(context, event, mail::Kind::AddressChanged, ADDRESSES),
            create_effect(
                context,
                event,
                &target.user,
                self.given.clone(),
                self.verifier.clone(),
            )?,
        ];
        let reads = vec![
            Statement::new(RECORDED, [text(event)]),
            target.row(),
            Statement::new(MODEL, target.names()),
        ];
        Ok(Batch {
            recording,
            effects,
            reads,
        })
    }

    /// The user as stored now, or why nothing was written.
    fn answer(&self, context: &Context, mut rows: Rows) -> Result<Stored<UserAnswer>, Problem> {
        let recorded: Option<Recorded> = rows.first()?;
        if recorded.is_none() && self.keeper.is_some() {
            return Err(MOVED_ON.into());
        }
        let row: Row = rows.first()?.ok_or(Refusal::NotFound)?;
        let Some(Recorded { moved }) = recorded else {
            let why = self.applies.missing().map_or(last_owner(), incomplete);
            return Err(why.into());
        };
        let models: Models = rows.first()?.ok_or(Refusal::NotFound)?;
        if moved == 1 {
            copies::keep_user(context, &models);
        }
        Ok(Stored {
            created: row.row == self.id,
            value: row.answer(),
        })
    }
}

/// The fields that hold addresses, as a JSON array.
const ADDRESSES: &str = r#"["email", "second_email"]"#;

/// What [`RECORDED`] reads.
#[derive(Deserialize)]
struct Recorded {
    /// Whether the user version moved.
    moved: u32,
}

/// Records whose it is and what changes; of the names, the address and the password only that they
/// change. Records nothing where the organization would be left without an active owner, and nothing of
/// a keeper who was let in otherwise, or saw the user otherwise. A new user gets the new id.
const CHANGE_EVENT: &str = recording_text!(
    "id, organization, user, at, action, actor, actor_id, actor_name, subject, outcome, detail, ip, user_agent, request_id",
    "
SELECT :event, organization, coalesce(user, :id), :now, :action,
  coalesce(:keeper ->> 'role', 'application'), :keeper ->> 'user', :keeper ->> 'name', :external_id, 'accepted',
  json_object('created', json(iif(user IS NULL, 'true', 'false')),
    'changed', json((
      SELECT json_group_array(key) FROM json_each(:given) WHERE value IS NOT json_extract(was, '$.' || key))),
    'old', json((
      SELECT json_group_object(key, iif(type = 'array', json(value), value)) FROM json_each(was)
      WHERE key IN ('role', 'groups', 'state') AND value IS NOT json_extract(json_patch(was, :given), '$.' || key))),
    'new', json((
      SELECT json_group_object(key, iif(type = 'array', json(value), value)) FROM json_each(:given)
      WHERE key IN ('role', 'groups', 'state') AND value IS NOT json_extract(was, '$.' || key)))),
  :ip, :user_agent, :request_id
FROM (
  SELECT o.id AS organization, u.id AS user, u.version, json_object('username', u.username, 'name', u.name, 'email', u.email,
    'second_email', u.second_email, 'language', u.language,
    'role', u.role, 'groups', json(u.groups), 'state', u.state) AS was
  FROM organization o LEFT JOIN user u ON u.organization = o.id AND u.external_id = :external_id
  WHERE o.external_id = :organization)
WHERE iif(user IS NULL, :creates, :changes) AND (:version IS NULL OR version = :version) AND NOT (
  (:given ->> 'role' <> 'owner' OR :given ->> 'state' <> 'active') IS TRUE
  AND EXISTS (SELECT 1 FROM last_owner l WHERE (l.organization, l.id) = (organization, user)))
  AND ",
    still_keeps!()
);

/// Sessions at `aal2` outlive another role or group. Another password ends those that rest on the old
/// one, and being disabled ends all.
const END_OTHERS: &str = "
UPDATE session SET ended_at = e.at
FROM accepted e JOIN user u ON (u.organization, u.id) = (e.organization, e.user)
WHERE e.id = :event AND (session.organization, session.user) = (u.organization, u.id) AND session.ended_at IS NULL
  AND (session.user_version <> u.version
    OR EXISTS (
      SELECT 1 FROM json_each(e.detail, '$.changed') WHERE value IN ('role', 'groups', 'state', 'password'))
    AND NOT (coalesce(:given ->> 'state', 'active') = 'active'
      AND EXISTS (
        SELECT 1 FROM aal2_session s
        WHERE (s.organization, s.user, s.id) = (session.organization, session.user, session.id))
      AND NOT EXISTS (
        SELECT 1 FROM json_each(e.detail, '$.changed') changed JOIN json_each(session.grounds) ground
        WHERE changed.value = 'password' AND ground.value = 'password')))";

/// The version moves with what the model holds, as [`crate::store::survivors::MOVE_VERSION`] has it.
const CHANGE: &str = "
UPDATE user SET
  version = iif(EXISTS (
      SELECT 1 FROM json_each(e.detail, '$.changed') WHERE value IN ('role', 'groups', 'state', 'password')),
    max(user.version + 1, unixepoch() * 1000 + 999), user.version),
  username = coalesce(:given ->> 'username', user.username),
  name = iif(json_type(:given, '$.name') IS NULL, user.name, :given ->> 'name'),
  email = iif(json_type(:given, '$.email') IS NULL, user.email, :given ->> 'email'),
  second_email = iif(json_type(:given, '$.second_email') IS NULL, user.second_email, :given ->> 'second_email'),
  language = iif(json_type(:given, '$.language') IS NULL, user.language, :given ->> 'language'),
  role = coalesce(:given ->> 'role', user.role),
  groups = coalesce(:given ->> 'groups', user.groups),
  state = coalesce(:given ->> 'state', user.state),
  password = coalesce(:verifier, user.password)
FROM accepted e WHERE e.id = :event AND (user.organization, user.id) = (e.organization, e.user)";

const CREATE: &str = "
INSERT INTO user (organization, id, external_id, created_at, version, username, name, email, second_email, language, role, groups, state,
  password, handle)
SELECT e.organization, e.user, :external_id, e.at, unixepoch() * 1000 + 999, :given ->> 'username', :given ->> 'name',
  :given ->> 'email', :given ->> 'second_email', :given ->> 'language', :given ->> 'role', :given ->> 'groups', :given ->> 'state', :verifier, :handle
FROM accepted e WHERE e.id = :event AND e.detail ->> 'created'";

/// ?1 event
const RECORDED: &str = "
SELECT EXISTS (
  SELECT 1 FROM json_each(detail, '$.changed') WHERE value IN ('role', 'groups', 'state', 'password')) AS moved
FROM event WHERE id = ?1";
