//! The policy of an organization: read, previewed and replaced by its owners or an application.

use http::StatusCode;
use postern::{
    audit::Action,
    decision::Outcome,
    ids::{EventId, OrganizationId},
    json::{self, Json},
    names::OrganizationName,
    policy::{self, Mode, Policy},
    record,
    refusal::Refusal,
};

use crate::{
    access::caller::{Caller, Keeper},
    account::sessions::{Change, change},
    http::{
        call::Call,
        context::Context,
        problem::{Fault, Problem},
        reply::{Object, Reply},
    },
    organization::organizations::Written,
    store::{
        copies,
        d1::{self, Batch, Effect, Statement, effect, recording, recording_text, text},
        mail, people,
    },
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
    let keeper = call.keeper().await?;
    let row = read(&call.context, &keeper.organization).await?;
    answer(&row.policy()?, row.version)
}

/// `PUT /v1/organizations/{org}/policy`: over the version that was read, or not at all.
pub async fn put(call: Call) -> Reply {
    let Keeper {
        organization,
        owner,
        judged,
    } = call.keeper().await?;
    let context = &call.context;
    // parse
    let body: Put = call.json(judged)?;
    let new = policy::parse(body.policy).map_err(Refusal::Malformed)?;
    // load
    let row = read(context, &organization).await?;
    let old = row.policy()?;
    check(context, &new, &old)?;
    // decide
    let goes_off = new.mode == Mode::Off && old.mode != Mode::Off;
    if goes_off && body.affected.is_none() {
        return Err(Refusal::malformed("affected", "how many enrolled people this affects").into());
    }
    if body.version != row.version {
        return Err(changed_meanwhile().into());
    }
    if goes_off && body.affected != Some(row.enrolled) {
        Outcome::Miscounted.public()?;
    }
    let people = if policy::asks_for_more(&old, &new) {
        let people = people::all(&context.database, row.row, context.now).await?;
        people.facts
    } else {
        vec![]
    };
    let replacement = Replacement {
        organization: &organization,
        read: &row,
        old: &old,
        new: &new,
        asleep: body.affected.filter(|_| goes_off),
        of_whom_more: policy::of_whom_more(&old, &new, &people, context.now),
    };
    // commit
    match owner {
        Some(owner) => replacement.put_by_owner(&call, &owner).await?,
        None => replacement.put_by_application(context).await?,
    }
    answer(&new, replacement.version(context))
}

/// `POST /v1/organizations/{org}/policy/preview`: who would be asked what, and from when.
pub async fn preview(call: Call) -> Reply {
    let keeper = call.keeper().await?;
    let body: Try = call.json(keeper.judged)?;
    let new = policy::parse(body.policy).map_err(Refusal::Malformed)?;
    let context = &call.context;
    let row = read(context, &keeper.organization).await?;
    let old = row.policy()?;
    check(context, &new, &old)?;
    let people = people::all(&context.database, row.row, context.now).await?;
    let preview = policy::preview(&old, &new, people.facts.into_iter(), context.now);
    let answer = Object::new()
        .with("preview", &preview)?
        .with("version", &row.version)?
        .with("enrolled", &row.enrolled)?
        .with("unreadable", &people.unreadable)?;
    Ok(answer.reply(StatusCode::OK))
}

/// A policy that replaces the one that was read, or nothing.
struct Replacement<'a> {
    organization: &'a OrganizationName,
    read: &'a Row,
    old: &'a Policy,
    new: &'a Policy,
    /// Where it turns everything off, how many people are enrolled, as the caller said: another
    /// number by the time of the commit is another decision.
    asleep: Option<u64>,
    /// The people of whom it requires more, who are told.
    of_whom_more: Vec<&'a str>,
}

impl Replacement<'_> {
    /// The version that it gets, as [`PUT`] makes it. It is not read back: by then there may be
    /// another one, which says something else.
    fn version(&self, context: &Context) -> u64 {
        self.read.version.saturating_add(1).max(context.now_ms)
    }

    /// That the session is still the owner's, and everything the way it was read, is settled like
    /// any other change by a session.
    async fn put_by_owner(&self, call: &Call, owner: &Caller) -> Result<(), Problem> {
        if owner.truth.organization.policy_version != self.read.version {
            return Err(changed_meanwhile().into());
        }
        let mut putting = Change::new(&call.context, Action::PolicyPut)?;
        putting.detail = self.detail()?;
        putting.enrolled = self.asleep;
        putting.effects = self.effects(&call.context, putting.event)?;
        change(call, owner, putting).await?;
        Ok(())
    }

    async fn put_by_application(&self, context: &Context) -> Result<(), Problem> {
        let event = context.event_id()?;
        let batch = Batch {
            recording: recording!(EVENT, {
                event: event,
                now: context.now,
                organization: text(self.read.row),
                action: Action::PolicyPut.as_str(),
                version: self.read.version,
                enrolled: self.asleep,
                detail: self.detail()?.text(),
                ip: context.origin.ip.clone(),
                user_agent: context.origin.user_agent.clone(),
                request_id: context.origin.request_id.clone(),
            }),
            effects: self.effects(context, event)?,
            reads: vec![
                Statement::new(WRITTEN, [text(event)]),
                Statement::new(POLICY, [self.organization.as_str().into()]),
            ],
        };
        let mut rows = d1::write(&context.database, &batch).await?;
        if let Some(written) = rows.first::<Written>()? {
            copies::keep_policy(context, &written.read()?);
            return Ok(());
        }
        let now = rows.first::<Row>()?;
        if now.is_some_and(|now| now.version == self.read.version) {
            Outcome::Miscounted.public()?;
        }
        Err(changed_meanwhile().into())
    }

    /// For the audit trail.
    fn detail(&self) -> Result<Object, Fault> {
        Object::new().with("old", self.old)?.with("new", self.new)
    }

    /// What becomes true with the event: the policy, and a word to everyone of whom it requires more,
    /// or whose factors fall asleep.
    fn effects(&self, context: &Context, event: EventId) -> Result<Vec<Effect>, Fault> {
        let Self { old, new, .. } = *self;
        let written = serde_json::to_string(new)?;
        let asks_for_more = policy::asks_for_more(old, new);
        let mut effects = vec![effect!(PUT, event, written, context.now_ms, asks_for_more)];
        if self.asleep.is_some() {
            effects.push(effect!(FALLEN_ASLEEP, event));
        }
        let kind = mail::Kind::PolicyStricter;
        effects.extend(mail::to_people(&event.into(), kind, &self.of_whom_more)?);
        Ok(effects)
    }
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

/// No row where a proviso did not hold. ?1 event
const WRITTEN: &str = "
SELECT m.model FROM accepted e JOIN organization_model m ON m.id = e.organization WHERE e.id = ?1";

/// Only over the version that was read, and while so many people are enrolled.
const EVENT: &str = recording_text!(
    "id, organization, at, action, actor, outcome, detail, ip, user_agent, request_id",
    "
SELECT :event, id, :now, :action, 'application', 'accepted', :detail, :ip, :user_agent, :request_id
FROM organization o WHERE id = :organization AND policy_version = :version
  AND (:enrolled IS NULL OR :enrolled = (
    SELECT count(DISTINCT a.user) FROM authenticator a WHERE a.organization = o.id))"
);
