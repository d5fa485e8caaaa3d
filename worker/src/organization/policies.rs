//! The policy of an organization: read, previewed and replaced by its owners or an application.

use postern::{
    audit::Action,
    decision::Outcome,
    ids::{EventId, OrganizationId},
    names::{ExternalId, Surface},
    policy::{self, LockOut, Mode, PersonFacts, Policy, Preview},
    refusal::{Conflict, Refusal},
    strict_json,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
#[cfg(not(target_family = "wasm"))]
use utoipa::openapi::schema::{ObjectBuilder, Type};

#[cfg(not(target_family = "wasm"))]
use crate::http::description::Description;
use crate::{
    access::{Admin, Change, FreshOwner, Keeper, LiveSession, Owner, change},
    http::{
        body::Json,
        context::Context,
        problem::Problem,
        query::{FromQuery, Query},
    },
    organization::organizations::ModelRow,
    platform::{Fault, json_text},
    store::{
        copies,
        d1::{self, Batch, Effect, Statement, effect, recording, recording_text, text},
        event_detail::EventDetail,
        mail,
        people::{self, People},
    },
};

/// A policy to put in the place of the one that was read.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyBody {
    /// The whole policy; a rule that is left out has its default.
    // Read in a second step, so that a refusal names the rule and not the policy.
    #[schema(value_type = Policy)]
    pub policy: Value,
    /// The version that was read. Where there is another one by now, someone else changed the policy,
    /// and this request changes nothing.
    #[schema(minimum = 0)]
    pub version: u64,
    /// To turn everything off: how many enrolled people that affects, as the preview counts them.
    #[schema(minimum = 0)]
    pub affected: Option<u64>,
    /// To set what could lock out the owner who sets it: how, as the preview says.
    pub confirm_lock_out: Option<LockOut>,
}

/// A policy to try.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewBody {
    /// The whole policy; a rule that is left out has its default.
    // As that of [`PolicyBody`].
    #[schema(value_type = Policy)]
    pub policy: Value,
}

/// A policy in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct PolicyAnswer {
    /// The whole policy, with defaults written out.
    pub policy: Policy,
    /// Its version: milliseconds since 1970, or more.
    pub version: u64,
}

/// What a policy would change.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewAnswer {
    /// Who would be asked what, and from when.
    pub preview: Preview,
    /// The version of the policy in force.
    pub version: u64,
    /// Users with a confirmed authenticator: what turning everything off repeats as `affected`.
    pub enrolled: u64,
    /// How it could lock out the owner who asks: what saving it repeats as `confirm_lock_out`.
    #[schema(required)]
    pub locks_out: Option<LockOut>,
    /// Users who are not in the preview, because not all of their row can be read.
    pub unreadable: u32,
}

/// What a policy is tried on, where that is done in a browser.
#[derive(Debug, Serialize, ToSchema)]
pub struct FactsAnswer {
    /// Those who may sign in, 2,000 at most, in the order of their ids.
    #[schema(max_items = 2000)]
    pub people: Vec<NamedFacts>,
    /// The `cursor` of the next page; `null` on the last one.
    #[schema(required)]
    pub next_cursor: Option<String>,
    /// Users who are not on this page, because not all of their row can be read.
    pub unreadable: u32,
    /// The surfaces of this deployment; where there are none, a policy may name any.
    #[schema(value_type = Vec<Surface>)]
    pub surfaces: Vec<Surface>,
}

/// After whom a page begins; at first, after no one.
#[derive(Clone, Debug)]
pub struct After(String);

impl FromQuery for After {
    const NAMES: &'static [&'static str] = &["cursor"];

    fn read(value: impl Fn(&str) -> Option<String>) -> Result<Self, Refusal> {
        let about = "the next_cursor of the page before";
        let last = value("cursor").map(|text| text.parse::<ExternalId>());
        let last = last
            .transpose()
            .map_err(|_| Refusal::malformed("cursor", about))?;
        Ok(Self(last.map(|id| id.to_string()).unwrap_or_default()))
    }

    #[cfg(not(target_family = "wasm"))]
    fn describe(description: &mut Description) {
        let cursor = ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("The `next_cursor` of the page before."))
            .min_length(Some(1))
            .max_length(Some(128));
        description.query("cursor", cursor);
    }
}

/// A person as a policy sees them.
#[derive(Debug, Serialize, ToSchema)]
pub struct NamedFacts {
    /// What the person is called; `null` where there is no name.
    #[schema(required)]
    pub name: Option<String>,
    /// What decides.
    pub facts: PersonFacts,
}

fn policy_of(value: Value) -> Result<Policy, Refusal> {
    strict_json::read_value(value).map_err(|mut why| {
        why.field.get_or_insert("policy".into());
        Refusal::Malformed(why)
    })
}

/// `GET /v1/organizations/{org}/policy`
pub async fn show(caller: Admin) -> Result<Json<PolicyAnswer>, Problem> {
    let row = Row::load(&caller).await?;
    Ok(Json(PolicyAnswer {
        policy: row.policy,
        version: row.version,
    }))
}

/// `POST /v1/organizations/{org}/policy/preview`: who would be asked what, and from when.
pub async fn preview(
    caller: Owner,
    Json(body): Json<PreviewBody>,
) -> Result<Json<PreviewAnswer>, Problem> {
    let context = caller.context();
    let new = policy_of(body.policy)?;
    let row = Row::load(&caller).await?;
    let old = &row.policy;
    check(context, &new, old)?;
    let people = people::all(&context.database, row.row, context.now).await?;
    Ok(Json(PreviewAnswer {
        preview: policy::preview(old, &new, people.facts.into_iter(), context.now),
        version: row.version,
        enrolled: row.enrolled,
        locks_out: locks_out(&caller, old, &new),
        unreadable: people.unreadable,
    }))
}

/// `GET /v1/organizations/{org}/policy/facts`: what the browser package previews a policy over. All of
/// it can be seen person by person, too.
pub async fn facts(
    caller: Admin,
    Query(After(last)): Query<After>,
) -> Result<Json<FactsAnswer>, Problem> {
    let context = caller.context();
    let row = Row::load(&caller).await?;
    let mut people = People::default();
    let next_cursor = people
        .read(&context.database, row.row, last, context.now)
        .await?;
    let named = people.names.into_iter().zip(people.facts);
    Ok(Json(FactsAnswer {
        people: named
            .map(|(name, facts)| NamedFacts { name, facts })
            .collect(),
        next_cursor,
        unreadable: people.unreadable,
        surfaces: context.settings.surfaces.clone(),
    }))
}

/// `PUT /v1/organizations/{org}/policy`: over the version that was read, or not at all.
pub async fn put(
    caller: FreshOwner,
    Json(body): Json<PolicyBody>,
) -> Result<Json<PolicyAnswer>, Problem> {
    let context = caller.context();
    // parse
    let new = policy_of(body.policy)?;
    // load
    let row = Row::load(&caller).await?;
    let old = &row.policy;
    // decide
    check(context, &new, old)?;
    let fall_asleep = confirmed(old, &new, body.affected)?;
    if body.version != row.version {
        return Err(changed_meanwhile().into());
    }
    if let Some(how) = locks_out(&caller, old, &new)
        && body.confirm_lock_out != Some(how)
    {
        return Err(Refusal::malformed(
            "confirm_lock_out",
            "how this could lock you out, as the preview says",
        )
        .into());
    }
    if fall_asleep.is_some_and(|confirmed| confirmed != row.enrolled) {
        Outcome::Miscounted.accepted_or_refused()?;
    }
    let people = if policy::asks_for_more(old, &new) {
        let people = people::all(&context.database, row.row, context.now).await?;
        people.facts
    } else {
        vec![]
    };
    let replacement = Replacement {
        read: &row,
        old,
        new: &new,
        fall_asleep,
        of_whom_more: policy::of_whom_more(old, &new, &people, context.now),
    };
    // commit
    match &caller.session {
        Some(owner) => replacement.put_by_owner(context, owner).await?,
        None => replacement.put_by_application(&caller).await?,
    }
    // reply
    let version = replacement.version(context);
    Ok(Json(PolicyAnswer {
        policy: new,
        version,
    }))
}

/// Whether the new policy makes sense here and now.
fn check(context: &Context, new: &Policy, old: &Policy) -> Result<(), Refusal> {
    policy::validate(new, old, context.now).map_err(Refusal::Malformed)?;
    for surface in new.surfaces.keys() {
        context.check_surface("surfaces", Some(surface))?;
    }
    Ok(())
}

/// Where the new policy turns everything off, how many people's factors fall asleep, as the caller
/// confirms.
fn confirmed(old: &Policy, new: &Policy, affected: Option<u64>) -> Result<Option<u64>, Refusal> {
    if new.mode != Mode::Off || old.mode == Mode::Off {
        return Ok(None);
    }
    let missing = Refusal::malformed("affected", "how many enrolled people this affects");
    affected.map(Some).ok_or(missing)
}

/// How the new policy could keep out the owner who calls.
fn locks_out<C>(caller: &Keeper<C>, old: &Policy, new: &Policy) -> Option<LockOut> {
    let session = caller.session.as_ref()?;
    let user = &session.models.user;
    let ids = user.authenticator_ids();
    let codes_left = user.backup_codes.as_ref().is_some_and(|codes| codes.left);
    let (author, evidence) = (user.person(&ids), &session.session.evidence);
    policy::locks_out(
        old,
        new,
        &author,
        codes_left,
        evidence,
        caller.context().now,
    )
}

const fn changed_meanwhile() -> Refusal {
    Refusal::Conflict(Conflict::PolicyChanged)
}

/// A policy that replaces the one that was read, or nothing.
struct Replacement<'a> {
    read: &'a Row,
    old: &'a Policy,
    new: &'a Policy,
    /// Where it turns everything off, how many people are enrolled, as the caller confirmed: another
    /// number by the time of the commit is another decision.
    fall_asleep: Option<u64>,
    /// The people it requires more of: they are told.
    of_whom_more: Vec<&'a str>,
}

/// What the audit trail tells of it.
#[derive(Serialize)]
struct Detail<'a> {
    old: &'a Policy,
    new: &'a Policy,
}

impl Replacement<'_> {
    /// The version that it gets, as [`PUT`] makes it. It is not read back: by then there may be
    /// another one, which says something else.
    fn version(&self, context: &Context) -> u64 {
        self.read.version.saturating_add(1).max(context.now_ms)
    }

    /// That the session is still the owner's, and everything the way it was read, is settled like
    /// any other change by a session.
    async fn put_by_owner(&self, context: &Context, owner: &LiveSession) -> Result<(), Problem> {
        if owner.models.organization.policy_version != self.read.version {
            return Err(changed_meanwhile().into());
        }
        let mut putting = Change::new(context, Action::PolicyPut)?;
        putting.keeps = true;
        putting.detail = EventDetail::of(&self.detail())?;
        putting.enrolled = self.fall_asleep;
        putting.effects = self.effects(context, putting.event)?;
        change(context, owner, putting).await?;
        Ok(())
    }

    async fn put_by_application(&self, caller: &FreshOwner) -> Result<(), Problem> {
        let context = caller.context();
        let event = context.event_id()?;
        let batch = Batch {
            recording: recording!(EVENT, {
                event: event,
                now: context.now,
                organization: text(self.read.row),
                action: Action::PolicyPut.as_str(),
                version: self.read.version,
                enrolled: self.fall_asleep,
                detail: serde_json::to_string(&self.detail())?,
                ip: context.origin.ip.clone(),
                user_agent: context.origin.user_agent.clone(),
                request_id: context.origin.request_id.clone(),
            }),
            effects: self.effects(context, event)?,
            reads: vec![
                Statement::new(WRITTEN, [text(event)]),
                Row::statement(caller),
            ],
        };
        let mut rows = d1::write(&context.database, &batch).await?;
        if let Some(written) = rows.first::<ModelRow>()? {
            copies::keep_policy(context, &written.model);
            return Ok(());
        }
        let now: Option<Row> = rows.first()?;
        if now.is_some_and(|now| now.version == self.read.version) {
            Outcome::Miscounted.accepted_or_refused()?;
        }
        Err(changed_meanwhile().into())
    }

    const fn detail(&self) -> Detail<'_> {
        Detail {
            old: self.old,
            new: self.new,
        }
    }

    /// What becomes true with the event: the policy, and a notice to all people that it requires more
    /// of, or whose factors fall asleep.
    fn effects(&self, context: &Context, event: EventId) -> Result<Vec<Effect>, Fault> {
        let Self { old, new, .. } = *self;
        let written = serde_json::to_string(new)?;
        let asks_for_more = policy::asks_for_more(old, new);
        let mut effects = vec![effect!(PUT, event, written, context.now_ms, asks_for_more)];
        if self.fall_asleep.is_some() {
            effects.push(effect!(
                FALLEN_ASLEEP,
                event,
                mail::Kind::PolicyOff.as_str()
            ));
        }
        let kind = mail::Kind::PolicyStricter;
        effects.extend(mail::to_people(&event.into(), kind, &self.of_whom_more)?);
        Ok(effects)
    }
}

/// What [`POLICY`] reads.
#[derive(Deserialize)]
struct Row {
    row: OrganizationId,
    #[serde(deserialize_with = "json_text")]
    policy: Policy,
    version: u64,
    /// Users with a confirmed authenticator.
    enrolled: u64,
}

impl Row {
    /// That of the organization that `caller` may keep.
    async fn load<C>(caller: &Keeper<C>) -> Result<Self, Problem> {
        let mut rows = d1::run(&caller.context().database, &[Self::statement(caller)]).await?;
        Ok(rows.first()?.ok_or(Refusal::NotFound)?)
    }

    fn statement<C>(caller: &Keeper<C>) -> Statement {
        Statement::new(POLICY, [caller.organization.as_str().into()])
    }
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

/// ?1 event 2 kind
const FALLEN_ASLEEP: &str = "
INSERT INTO mail (organization, user, event, kind, address, created_at, due_at)
SELECT u.organization, u.id, e.id, ?2, b.address, e.at, e.at
FROM accepted e JOIN user u ON u.organization = e.organization AND u.enrolled = 1
JOIN mailbox b ON b.organization = u.organization AND b.user = u.id
WHERE e.id = ?1
ON CONFLICT DO NOTHING";

/// No row where the event was not recorded. ?1 event
const WRITTEN: &str = "
SELECT m.model FROM accepted e JOIN organization_model m ON m.id = e.organization WHERE e.id = ?1";

/// Only over the version that was read, and while as many people are enrolled as were confirmed.
const EVENT: &str = recording_text!(
    "id, organization, at, action, actor, outcome, detail, ip, user_agent, request_id",
    "
SELECT :event, id, :now, :action, 'application', 'accepted', :detail, :ip, :user_agent, :request_id
FROM organization o WHERE id = :organization AND policy_version = :version
  AND (:enrolled IS NULL OR :enrolled = (
    SELECT count(DISTINCT a.user) FROM authenticator a WHERE a.organization = o.id))"
);
