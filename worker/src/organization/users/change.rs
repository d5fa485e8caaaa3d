//! Users made and changed by applications: whole by `PUT`, in part by `PATCH`.

use http::StatusCode;
use postern::{
    audit::Action,
    ids::UserId,
    json::Given,
    names::{DisplayName, ExternalId, Group, MailAddress, Username},
    passwords::{Password, Verifier},
    record,
    refusal::Refusal,
    slow_hash::Memory,
    users::{Role, State},
};

use super::{MODEL, ONE, Row, Target, View, last_owner};
use crate::{
    account::sessions::Found,
    http::{
        call::Call,
        problem::Fault,
        reply::{Object, Reply, json},
        slow_hashes::Place,
    },
    organization::organizations::malformed,
    store::{
        copies,
        d1::{self, Batch, Statement, effect, recording, recording_text, text},
        mail,
        settlement::TruthRow,
        survivors::end_rest,
    },
};

/// Groups of one user at most.
const MAX_GROUPS: usize = 100;

record! {
    /// What an application says of a user.
    strict struct Said {
        username: Given<Username> = Given::NOT,
        name: Given<Option<DisplayName>> = Given::NOT,
        email: Given<Option<MailAddress>> = Given::NOT,
        role: Given<Role> = Given::NOT,
        groups: Given<Vec<Group>> = Given::NOT,
        state: Given<State> = Given::NOT,
        password: Given<Password> = Given::NOT,
    }
}

/// `PUT /v1/organizations/{org}/users/{user}`: the whole user. Whoever exists has no defaults; only
/// the password stays when it is left out.
pub async fn put(call: Call) -> Reply {
    let judged = call.application().await?;
    let target = Target::of(&call, judged)?;
    let said: Said = call.json(judged)?;
    let missing = said.missing();
    let said = said.or_default(&target.user)?;
    write(&call, &target, said, true, missing).await
}

/// `PATCH /v1/organizations/{org}/users/{user}`: what is named, and nothing else; `null` takes the
/// name or the address away.
pub async fn patch(call: Call) -> Reply {
    let judged = call.application().await?;
    let target = Target::of(&call, judged)?;
    let said: Said = call.json(judged)?;
    write(&call, &target, said, false, None).await
}

/// Makes `said` true of a new user, where `creates`, and of one who exists, where nothing is
/// `missing`.
async fn write(
    call: &Call,
    target: &Target,
    said: Said,
    creates: bool,
    missing: Option<&'static str>,
) -> Reply {
    let context = &call.context;
    said.check()?;
    let verifier = match &said.password {
        Given(Some(password)) => {
            let salt = context.entropy()?;
            let person = format!("{}/{}", target.organization, target.user);
            let place = Place::take(context, person, false)?;
            let keys = &context.settings.keys;
            let make = |memory: &mut Memory| Verifier::new(password, salt, keys, memory);
            Some(serde_json::to_string(&place.hash(make).await?)?)
        }
        Given(None) => None,
    };
    let given = said.given()?;
    let id = UserId::from_entropy(context.entropy()?);
    let event = context.event_id()?;
    let batch = Batch {
        recording: recording!(CHANGE_EVENT, {
            event: event,
            organization: target.organization.as_str(),
            external_id: target.user.as_str(),
            id: text(id),
            now: context.now,
            action: Action::UserPut.as_str(),
            given: given.as_str(),
            creates: creates,
            changes: missing.is_none(),
            ip: context.origin.ip.clone(),
            user_agent: context.origin.user_agent.clone(),
            request_id: context.origin.request_id.clone(),
        }),
        effects: vec![
            mail::of_change(context, event, mail::Kind::PasswordChanged, "password")?,
            // Before and after: the old address hears of it, and so does the new one.
            mail::of_change(context, event, mail::Kind::AddressChanged, "email")?,
            effect!(MOVE_ALONG, {
                event: event,
                given: given.as_str(),
                version: context.now_ms,
            }),
            effect!(CHANGE, {
                event: event,
                given: given.as_str(),
                verifier: verifier.clone(),
                version: context.now_ms,
            }),
            end_rest(event),
            mail::of_change(context, event, mail::Kind::AddressChanged, "email")?,
            effect!(CREATE, {
                event: event,
                given: given.as_str(),
                external_id: target.user.as_str(),
                verifier: verifier,
                version: context.now_ms,
                handle: postern::base64url::encode(&context.entropy::<32>()?),
            }),
        ],
        reads: vec![
            Statement::new(RECORDED, [text(event)]),
            Statement::new(ONE, target.names()),
            Statement::new(MODEL, target.names()),
        ],
    };
    let mut rows = match d1::write(&context.database, &batch).await {
        Err(error) if error.violates("user.username") => {
            return Err(Refusal::Conflict("this username is taken").into());
        }
        rows => rows?,
    };
    let recorded = rows.first::<Found>()?.is_some();
    let row = rows.first::<Row>()?.ok_or(Refusal::NotFound)?;
    if !recorded {
        return Err(match missing {
            Some(field) => malformed(field, &"of a user who exists, nothing is left out"),
            None => last_owner(),
        }
        .into());
    }
    let truth = rows.first::<TruthRow>()?.ok_or(Refusal::NotFound)?.read()?;
    if truth.user.version == context.now_ms {
        copies::keep_user(context, &truth);
    }
    let status = if row.row == id {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    json(status, "user", &View::from(row))
}

impl Said {
    /// The first field that is left out, but for the password.
    fn missing(&self) -> Option<&'static str> {
        [
            ("username", self.username.0.is_some()),
            ("name", self.name.0.is_some()),
            ("email", self.email.0.is_some()),
            ("role", self.role.0.is_some()),
            ("groups", self.groups.0.is_some()),
            ("state", self.state.0.is_some()),
        ]
        .into_iter()
        .find_map(|(field, given)| (!given).then_some(field))
    }

    /// With what a new user has where nothing is said.
    fn or_default(self, user: &ExternalId) -> Result<Self, Refusal> {
        let username = match self.username.0 {
            Some(username) => username,
            None => user
                .as_str()
                .parse()
                .map_err(|why| malformed("username", &why))?,
        };
        Ok(Self {
            username: Given(Some(username)),
            name: Given(Some(self.name.0.flatten())),
            email: Given(Some(self.email.0.flatten())),
            role: Given(Some(self.role.0.unwrap_or_default())),
            groups: Given(Some(self.groups.0.unwrap_or_default())),
            state: Given(Some(self.state.0.unwrap_or_default())),
            password: self.password,
        })
    }

    fn check(&self) -> Result<(), Refusal> {
        if self
            .groups
            .0
            .as_ref()
            .is_some_and(|groups| groups.len() > MAX_GROUPS)
        {
            return Err(Refusal::malformed("groups", "at most 100 groups"));
        }
        match &self.password.0 {
            Some(password) => password
                .suitable()
                .map_err(|why| malformed("password", &why.as_str())),
            None => Ok(()),
        }
    }

    /// What is given, as the statements read it. Of the password only that there is one.
    fn given(&self) -> Result<String, Fault> {
        let mut given = Object::new();
        if let Some(username) = &self.username.0 {
            given = given.with("username", username)?;
        }
        if let Some(name) = &self.name.0 {
            given = given.with("name", name)?;
        }
        if let Some(email) = &self.email.0 {
            given = given.with("email", email)?;
        }
        if let Some(role) = &self.role.0 {
            given = given.with("role", role)?;
        }
        if let Some(groups) = &self.groups.0 {
            given = given.with("groups", groups)?;
        }
        if let Some(state) = &self.state.0 {
            given = given.with("state", state)?;
        }
        if self.password.0.is_some() {
            given = given.with("password", &true)?;
        }
        Ok(given.text().unwrap_or_else(|| "{}".to_owned()))
    }
}

/// Whose it is and what changes, of the names and the address no more than that. Nothing where the
/// organization would be left without an owner who can sign in. Who is new gets the new id.
const CHANGE_EVENT: &str = recording_text!(
    "id, organization, user, at, action, actor, subject, outcome, detail, ip, user_agent, request_id",
    "
SELECT :event, organization, coalesce(user, :id), :now, :action, 'application', :external_id, 'accepted',
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
  SELECT o.id AS organization, u.id AS user, json_object('username', u.username, 'name', u.name, 'email', u.email,
    'role', u.role, 'groups', json(u.groups), 'state', u.state) AS was
  FROM organization o LEFT JOIN user u ON u.organization = o.id AND u.external_id = :external_id
  WHERE o.external_id = :organization)
WHERE iif(user IS NULL, :creates, :changes) AND NOT (
  (:given ->> 'role' <> 'owner' OR :given ->> 'state' <> 'active') IS TRUE
  AND EXISTS (SELECT 1 FROM last_owner l WHERE (l.organization, l.id) = (organization, user)))"
);

/// To the version that [`CHANGE`] is about to set: sessions at `aal2` outlive another role or group.
/// Another password ends those that rest on the old one, and being disabled ends all.
const MOVE_ALONG: &str = "
UPDATE session SET user_version = max(u.version + 1, :version)
FROM accepted e JOIN user u ON (u.organization, u.id) = (e.organization, e.user)
WHERE e.id = :event AND (session.organization, session.user) = (u.organization, u.id)
  AND EXISTS (
    SELECT 1 FROM json_each(e.detail, '$.changed') WHERE value IN ('role', 'groups', 'state', 'password'))
  AND coalesce(:given ->> 'state', 'active') = 'active'
  AND EXISTS (
    SELECT 1 FROM aal2_session s
    WHERE (s.organization, s.user, s.id) = (session.organization, session.user, session.id))
  AND NOT EXISTS (
    SELECT 1 FROM json_each(e.detail, '$.changed') changed JOIN json_each(session.grounds) ground
    WHERE changed.value = 'password' AND ground.value = 'password')";

/// The version moves with what the model holds.
const CHANGE: &str = "
UPDATE user SET
  version = iif(EXISTS (
      SELECT 1 FROM json_each(e.detail, '$.changed') WHERE value IN ('role', 'groups', 'state', 'password')),
    max(user.version + 1, :version), user.version),
  username = coalesce(:given ->> 'username', user.username),
  name = iif(json_type(:given, '$.name') IS NULL, user.name, :given ->> 'name'),
  email = iif(json_type(:given, '$.email') IS NULL, user.email, :given ->> 'email'),
  role = coalesce(:given ->> 'role', user.role),
  groups = coalesce(:given ->> 'groups', user.groups),
  state = coalesce(:given ->> 'state', user.state),
  password = coalesce(:verifier, user.password)
FROM accepted e WHERE e.id = :event AND (user.organization, user.id) = (e.organization, e.user)";

const CREATE: &str = "
INSERT INTO user (organization, id, external_id, created_at, version, username, name, email, role, groups, state, password, handle)
SELECT e.organization, e.user, :external_id, e.at, :version, :given ->> 'username', :given ->> 'name',
  :given ->> 'email', :given ->> 'role', :given ->> 'groups', :given ->> 'state', :verifier, :handle
FROM accepted e WHERE e.id = :event AND e.detail ->> 'created'";

/// ?1 event
const RECORDED: &str = "SELECT 1 FROM event WHERE id = ?1";
