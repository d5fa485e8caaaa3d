//! The policy of an organization: read, previewed and replaced by its owners or an application.

use http::StatusCode;
use postern::{
    audit::Action,
    ids::OrganizationId,
    json::{self, Json},
    names::OrganizationName,
    policy::{self, Mode, PersonFacts, Policy},
    record,
    refusal::Refusal,
};

use crate::{
    call::Call,
    caller::Caller,
    context::Context,
    copies,
    d1::{self, Statement, text},
    organizations::Written,
    people,
    problem::{Fault, Problem},
    reply::{Object, Reply},
    sessions::{Change, change},
};

record! {
    strict struct Put {
        policy: Json,
        /// The version that was read: another one means that somebody else wrote meanwhile.
        version: u64,
        /// People affected by `off`, repeated by whoever asks for it.
        affected: Option<u64>,
    }
}

record! {
    strict struct Try {
        policy: Json,
    }
}

record! {
    struct Row {
        row: OrganizationId,
        policy: String,
        version: u64,
        enrolled: u64,
    }
}

/// `GET /v1/organizations/{org}/policy`
pub async fn show(call: Call) -> Reply {
    let organization: OrganizationName = call.path(0)?;
    call.application_or_owner(&organization).await?;
    let row = read(&call.context, &organization).await?;
    answer(&row.policy()?, row.version)
}

/// `PUT /v1/organizations/{org}/policy`: over the version that was read, or not at all.
pub async fn put(call: Call) -> Reply {
    let organization: OrganizationName = call.path(0)?;
    let owner = call.application_or_owner(&organization).await?;
    let context = &call.context;
    if owner
        .as_ref()
        .is_some_and(|owner| !owner.is_fresh(context.now))
    {
        return Err(Refusal::StepUpRequired.into());
    }
    // parse
    let body: Put = call.json()?;
    let new = policy::parse(body.policy).map_err(Refusal::Malformed)?;
    // load
    let row = read(context, &organization).await?;
    let old = row.policy()?;
    check(context, &new, &old)?;
    // decide
    let going_off = new.mode == Mode::Off && old.mode != Mode::Off;
    if going_off && body.affected.is_none() {
        return Err(Refusal::malformed("affected", "how many enrolled people this affects").into());
    }
    if body.version != row.version {
        return Err(changed_meanwhile().into());
    }
    if going_off && body.affected != Some(row.enrolled) {
        return Err(Refusal::Conflict("another number of people is affected; look again").into());
    }
    // commit
    let version = match owner {
        Some(owner) => put_by_owner(&call, &owner, body.version, &old, &new).await?,
        None => put_by_application(context, &row, &old, &new).await?,
    };
    answer(&new, version)
}

/// `POST /v1/organizations/{org}/policy/preview`: who would be asked what, and from when.
pub async fn preview(call: Call) -> Reply {
    let organization: OrganizationName = call.path(0)?;
    call.application_or_owner(&organization).await?;
    let body: Try = call.json()?;
    let new = policy::parse(body.policy).map_err(Refusal::Malformed)?;
    let context = &call.context;
    let row = read(context, &organization).await?;
    let old = row.policy()?;
    check(context, &new, &old)?;
    let people: Vec<PersonFacts> = people::all(&context.database, row.row, context.now).await?;
    let preview = policy::preview(&old, &new, people.into_iter(), context.now);
    let answer = Object::new()
        .with("preview", &preview)?
        .with("version", &row.version)?
        .with("enrolled", &row.enrolled)?;
    Ok(answer.reply(StatusCode::OK))
}

impl Row {
    fn policy(&self) -> Result<Policy, Fault> {
        Ok(json::read(self.policy.as_bytes())?)
    }
}

fn answer(policy: &Policy, version: u64) -> Reply {
    let answer = Object::new()
        .with("policy", policy)?
        .with("version", &version)?;
    Ok(answer.reply(StatusCode::OK))
}

/// Whether the new policy makes sense here and now.
fn check(context: &Context, new: &Policy, old: &Policy) -> Result<(), Refusal> {
    policy::validate(new, old, context.now).map_err(Refusal::Malformed)?;
    for surface in new.surfaces.keys() {
        context.check_surface("surfaces", Some(surface))?;
    }
    Ok(())
}

async fn read(context: &Context, organization: &OrganizationName) -> Result<Row, Problem> {
    let policy = Statement::new(POLICY, [organization.as_str().into()]);
    let mut rows = d1::run(&context.database, &[policy]).await?;
    Ok(rows.first::<Row>()?.ok_or(Refusal::NotFound)?)
}

/// The new version. That the session is still the owner's, and the policy the one that was read,
/// is settled like any other change by a session.
async fn put_by_owner(
    call: &Call,
    owner: &Caller,
    version: u64,
    old: &Policy,
    new: &Policy,
) -> Result<u64, Problem> {
    if owner.truth.organization.policy_version != version {
        return Err(changed_meanwhile().into());
    }
    let mut putting = Change::new(&call.context, Action::PolicyPut)?;
    putting.detail = replaced(old, new)?;
    putting.effects = effects(&call.context, &text(putting.event), old, new)?;
    let judgment = change(call, owner, putting).await?;
    let truth = judgment
        .changed
        .ok_or(Fault::new("a policy that did not change"))?;
    Ok(truth.organization.policy_version)
}

async fn put_by_application(
    context: &Context,
    row: &Row,
    old: &Policy,
    new: &Policy,
) -> Result<u64, Problem> {
    let event = text(context.event_id()?);
    let mut statements = vec![Statement::new(
        EVENT,
        [
            event.clone(),
            context.now.into(),
            text(row.row),
            Action::PolicyPut.as_str().into(),
            row.version.into(),
            replaced(old, new)?.text().into(),
            context.origin.ip.clone().into(),
            context.origin.user_agent.clone().into(),
            context.origin.request_id.clone().into(),
        ],
    )];
    statements.extend(effects(context, &event, old, new)?);
    let reads = [Statement::new(WRITTEN, [event])];
    let mut rows = d1::write(&context.database, &statements, &reads).await?;
    let written = rows.first::<Written>()?.ok_or(changed_meanwhile())?;
    let organization = written.read()?;
    copies::keep_policy(context, &organization);
    Ok(organization.policy_version)
}

fn replaced(old: &Policy, new: &Policy) -> Result<Object, Fault> {
    Object::new().with("old", old)?.with("new", new)
}

/// What becomes true with the event: the policy, and a word to everyone whose factors fall asleep.
fn effects(
    context: &Context,
    event: &d1::Value,
    old: &Policy,
    new: &Policy,
) -> Result<Vec<Statement>, Fault> {
    let written = serde_json::to_string(new)?;
    let mut effects = vec![Statement::new(
        PUT,
        [
            event.clone(),
            written.into(),
            context.now_ms.into(),
            policy::asks_for_more(old, new).into(),
        ],
    )];
    if new.mode == Mode::Off && old.mode != Mode::Off {
        effects.push(Statement::new(FALLEN_ASLEEP, [event.clone()]));
    }
    Ok(effects)
}

const fn changed_meanwhile() -> Refusal {
    Refusal::Conflict("the policy was changed meanwhile; read it again")
}

/// ?1 external id
const POLICY: &str = "
SELECT o.id AS row, o.policy, o.policy_version AS version, (
  SELECT count(DISTINCT a.user) FROM authenticator a WHERE a.organization = o.id) AS enrolled
FROM organization o WHERE o.external_id = ?1";

/// ?1 event 2 policy 3 now in ms 4 asks for more
const PUT: &str = "
UPDATE organization SET policy = ?2, policy_version = max(policy_version + 1, ?3),
  trust_epoch = iif(?4, max(trust_epoch + 1, ?3), trust_epoch)
FROM accepted e WHERE e.id = ?1 AND organization.id = e.organization";

/// One notice each, so the event's id will do for all of them. ?1 event
const FALLEN_ASLEEP: &str = "
INSERT INTO mail (organization, user, id, kind, address, created_at)
SELECT u.organization, u.id, e.id, 'policy_off', u.email, e.at
FROM accepted e JOIN user u ON u.organization = e.organization
WHERE e.id = ?1 AND u.email IS NOT NULL
  AND EXISTS (SELECT 1 FROM authenticator a WHERE (a.organization, a.user) = (u.organization, u.id))";

/// No row where somebody else was first. ?1 event
const WRITTEN: &str = "
SELECT m.model FROM accepted e JOIN organization_model m ON m.id = e.organization WHERE e.id = ?1";

/// Only over the version that was read.
/// ?1 event 2 now 3 organization 4 action 5 version read 6 detail 7 address 8 user agent 9 request
const EVENT: &str = "
INSERT INTO event (id, organization, at, action, actor, outcome, detail, ip, user_agent, request_id)
SELECT ?1, id, ?2, ?4, 'application', 'accepted', ?6, ?7, ?8, ?9
FROM organization WHERE id = ?3 AND policy_version = ?5";
