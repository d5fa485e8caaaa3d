//! Sessions: opened and raised by settlements, listed and ended by whoever owns them.

use http::StatusCode;
use postern::{
    audit::Action,
    challenges::Delivery,
    decision::{Attempt, Provisos, Spend},
    evidence::{Aal, Evidence, Ground, Method, is_fresh_until},
    ids::{EventId, SessionId},
    json,
    names::Surface,
    policy::Verdict,
    record,
    refusal::Refusal,
    secret::Secret,
    sessions::{ABSOLUTE_SECONDS, Session},
    time::UnixTime,
    tokens::{Kind, Token},
    users::{MAX_SESSIONS, Role},
};
use serde::Serialize;

use crate::{
    access::caller::{self, Caller, SESSION_COOKIE},
    http::{
        call::Call,
        context::{Context, Home},
        problem::{Fault, Problem},
        reply::{Object, Reply, Response, json, no_content},
    },
    sign_in::assurance,
    store::{
        d1::{Effect, Statement, effect, text},
        settlement::{Judgment, Settled, Settlement, Truth, settle},
        survivors::Survivors,
    },
};

/// A session that a settlement is about to open or raise, and its new token.
pub struct Opening {
    /// The token, given to the bearer once the settlement accepts.
    pub token: Token,
    /// The session as it will be.
    pub session: Session,
}

/// A session as the API shows it.
#[derive(Serialize)]
pub struct View {
    id: SessionId,
    aal: Aal,
    amr: Vec<String>,
    restricted: bool,
    trusted_device: bool,
    enrolling: bool,
    born_at: UnixTime,
    expires_at: UnixTime,
    fresh_until_at: Option<UnixTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

impl View {
    /// What `session` amounts to for the user of `truth`.
    pub fn of(session: &Session, truth: &Truth, now: UnixTime) -> Self {
        let assurance = caller::assurance(truth, &session.evidence);
        Self {
            id: session.id,
            aal: assurance.aal,
            restricted: assurance.restricted,
            trusted_device: assurance.trusted_device,
            amr: assurance.amr,
            enrolling: session.enrolling,
            born_at: session.born_at,
            expires_at: session.expires_at(),
            fresh_until_at: assurance
                .fresh_until
                .filter(|until| is_fresh_until(*until, now)),
            token: None,
        }
    }
}

impl Opening {
    /// A new session of the user of `truth` with this evidence.
    ///
    /// # Errors
    /// A fault without randomness.
    pub fn new(
        context: &Context,
        truth: &Truth,
        evidence: Vec<Evidence>,
        enrolling: bool,
    ) -> Result<Self, Fault> {
        let id = SessionId::from_entropy(context.entropy()?);
        let session = Session {
            id,
            evidence,
            born_at: context.now,
            last_used_at: context.now,
            enrolling,
        };
        let home = Home {
            organization: truth.organization.id,
            user: truth.user.id,
        };
        Ok(Self {
            token: token(context, home, id)?,
            session,
        })
    }

    /// The caller's session, raised by `gained`, under a new token.
    ///
    /// # Errors
    /// A fault without randomness.
    pub fn raise(context: &Context, caller: &Caller, gained: Evidence) -> Result<Self, Fault> {
        let mut session = caller.session.clone();
        session.evidence.retain(|known| {
            known.method != gained.method || known.authenticator != gained.authenticator
        });
        if gained.method != Method::Password {
            // A second factor: nothing is skipped in it any more.
            session.enrolling = false;
            let skips = |known: &Evidence| known.method == Method::TrustedDevice;
            session.evidence.retain(|known| !skips(known));
        }
        session.evidence.push(gained);
        session.last_used_at = context.now;
        Ok(Self {
            token: token(context, caller.home, session.id)?,
            session,
        })
    }

    /// Opens the session when `event` is accepted, and with `trusting` only when the trusted device
    /// was the one it said it was, on which the session rests. Of more than fifty the oldest ends.
    pub fn open(
        &self,
        context: &Context,
        event: EventId,
        surface: Option<&Surface>,
        trusting: bool,
    ) -> Vec<Effect> {
        let evidence = &self.session.evidence;
        vec![
            effect!(OPEN, {
                event: text(event),
                session: text(self.session.id),
                token_hash: self.token.hash(),
                evidence: as_json(evidence),
                grounds: as_json(&Ground::of(evidence)),
                enrolling: self.session.enrolling,
                surface: surface.map(ToString::to_string),
                user_agent: context.origin.user_agent.clone(),
                trusting: trusting,
            }),
            effect!(END_OLDEST, event, text(self.session.id), MAX_SESSIONS),
        ]
    }

    /// Gives the session its new token and evidence when `event` is accepted.
    pub fn rise(&self, event: EventId) -> Effect {
        let evidence = &self.session.evidence;
        let trusting = |shown: &Evidence| shown.method == Method::TrustedDevice;
        effect!(RISE, {
            event: text(event),
            session: text(self.session.id),
            token_hash: self.token.hash(),
            evidence: as_json(evidence),
            grounds: as_json(&Ground::of(evidence)),
            enrolling: self.session.enrolling,
            trusting: evidence.iter().any(trusting),
        })
    }

    /// The session as shown to its bearer; the token in it only for applications.
    pub fn view(&self, truth: &Truth, delivery: Delivery, now: UnixTime) -> View {
        let mut view = View::of(&self.session, truth, now);
        view.token = (delivery == Delivery::Bearer).then(|| self.token.write());
        view
    }

    /// Adds the cookie, for browsers.
    pub fn set_cookie(&self, response: &mut Response, delivery: Delivery) {
        if delivery == Delivery::Cookie {
            response.set_cookie(SESSION_COOKIE, &self.token.write(), ABSOLUTE_SECONDS);
        }
    }
}

/// `GET /v1/session`: what it proves, and what the policy says to that now. The assurance token is
/// there while that is enough; `?explain=1` tells admins and owners the rule that decided.
pub async fn show(call: Call) -> Reply {
    let (caller, _) = call.session(vec![]).await?;
    let (context, ruling) = (&call.context, &caller.ruling);
    let view = View::of(&caller.session, &caller.truth, context.now);
    let mut answer = Object::new()
        .with("session", &view)?
        .with("decision", &ruling.verdict.as_str())?
        .with("reasons", &ruling.reasons)?;
    if ruling.verdict == Verdict::Complete && !caller.session.enrolling {
        let surface = caller.surface.as_deref();
        let token = assurance::sign(context, &caller.session, &caller.truth, surface).await?;
        answer = answer.with("assurance", &token)?;
    }
    let explains = call.explains(caller.judged())?;
    if explains && caller.truth.user.role >= Role::Admin {
        answer = answer.with("rule", &ruling.rule)?;
    }
    Ok(answer.reply(StatusCode::OK))
}

/// `DELETE /v1/session`: sign out.
pub async fn sign_out(call: Call) -> Reply {
    let (caller, _) = call.session(vec![]).await?;
    change(&call, &caller, end_one(&call.context, caller.session.id)?).await?;
    let mut response = no_content();
    response.set_cookie(SESSION_COOKIE, "", 0);
    Ok(response)
}

/// `GET /v1/me/sessions`
pub async fn list(call: Call) -> Reply {
    let home = call.claimed_home()?;
    let statement = Statement::new(LIST, [text(home.organization), text(home.user)]);
    let (caller, mut rows) = call.session(vec![statement]).await?;
    let sessions = rows
        .readable::<Row>("sessions")?
        .into_iter()
        .filter_map(|row| {
            let session: Session = json::read(row.session.as_bytes()).ok()?;
            session.lives(call.context.now).then(|| Listed {
                aal: caller::assurance(&caller.truth, &session.evidence).aal,
                current: session.id == caller.session.id,
                id: session.id,
                born_at: session.born_at,
                last_used_at: session.last_used_at,
                user_agent: row.user_agent,
            })
        })
        .collect::<Vec<_>>();
    json(StatusCode::OK, "sessions", &sessions)
}

/// `DELETE /v1/me/sessions`: end all others. Open challenges, sessions about to be and trusted
/// devices end with the user version, and so does a session that rests on a trusted device.
pub async fn end_all_others(call: Call) -> Reply {
    let (caller, _) = call.session(vec![]).await?;
    let mut ending = Change::new(&call.context, Action::SessionEnd)?;
    ending.subject = Some("others".into());
    ending.survivors = Some(Survivors::Only(caller.session.id));
    change(&call, &caller, ending).await?;
    Ok(no_content())
}

/// `DELETE /v1/me/sessions/{id}`
pub async fn end(call: Call) -> Reply {
    let home = call.claimed_home()?;
    let claimed = call.claimed_path(0).map(|id: SessionId| id.to_string());
    let exists = Statement::new(
        EXISTS,
        [text(home.organization), text(home.user), claimed.into()],
    );
    let (caller, mut rows) = call.session(vec![exists]).await?;
    let id = call.path(caller.judged(), 0)?;
    rows.first::<Found>()?.ok_or(Refusal::NotFound)?;
    change(&call, &caller, end_one(&call.context, id)?).await?;
    Ok(no_content())
}

fn end_one(context: &Context, id: SessionId) -> Result<Change, Fault> {
    let mut ending = Change::new(context, Action::SessionEnd)?;
    ending.subject = Some(id.to_string());
    ending.effects = vec![effect!(END_ONE, ending.event, text(id))];
    Ok(ending)
}

/// A change that needs no proof but the caller's session.
///
/// # Errors
/// `unauthenticated`, `conflict` when the user or policy moved on since the session was loaded a
/// moment ago, `unavailable`.
pub async fn change(call: &Call, caller: &Caller, change: Change) -> Result<Judgment, Problem> {
    let provisos = Provisos {
        organization: caller.home.organization,
        user: caller.home.user,
        user_version: caller.truth.user.version,
        policy_version: caller.truth.organization.policy_version,
        attempt: change.attempt,
        challenge: change.challenge,
        session: Some(caller.holder()),
        device: None,
        enrolled: change.enrolled,
    };
    let Change {
        event,
        action,
        subject,
        detail,
        mut effects,
        survivors,
        reads,
        ..
    } = change;
    let survivors = survivors.map(|survivors| survivors.effects(event, call.context.now_ms));
    effects.extend(survivors.unwrap_or_default());
    match settle(
        &call.context,
        Settlement {
            event,
            action,
            provisos,
            subject,
            detail,
            effects,
            reads,
        },
    )
    .await?
    {
        Settled::Judged(judgment) => {
            judgment.outcome.public()?;
            Ok(judgment)
        }
        Settled::Spent => Err(Refusal::Expired.into()),
        Settled::Stale(_) => Err(Refusal::Conflict(MOVED_ON).into()),
        Settled::Gone => Err(Refusal::Unauthenticated.into()),
        Settled::Closed(closed) => Err(Refusal::closed(closed, Refusal::Conflict(MOVED_ON)).into()),
    }
}

const MOVED_ON: &str = "somebody else changed this just now; look again";

/// What a session changes.
pub struct Change {
    /// The id of its event.
    pub event: EventId,
    /// What is done.
    pub action: Action,
    /// What it concerns.
    pub subject: Option<String>,
    /// More for the audit trail.
    pub detail: Object,
    /// A proof that comes with it.
    pub attempt: Attempt,
    /// The ceremony that this spends.
    pub challenge: Option<Spend>,
    /// See [`Provisos::enrolled`].
    pub enrolled: Option<u64>,
    /// What becomes true when it is accepted.
    pub effects: Vec<Effect>,
    /// Which sessions outlive it; `None` for a change that leaves the user version alone.
    pub survivors: Option<Survivors>,
    /// What the reply shows of it.
    pub reads: Vec<Statement>,
}

impl Change {
    /// A change without a proof of its own.
    ///
    /// # Errors
    /// A fault without randomness.
    pub fn new(context: &Context, action: Action) -> Result<Self, Fault> {
        let event = context.event_id()?;
        Ok(Self {
            event,
            action,
            subject: None,
            detail: Object::new(),
            attempt: Attempt::none(),
            challenge: None,
            enrolled: None,
            effects: vec![],
            survivors: None,
            reads: vec![],
        })
    }
}

fn token(context: &Context, home: Home, id: SessionId) -> Result<Token, Fault> {
    Ok(Token {
        kind: Kind::Session,
        organization: home.organization,
        user: home.user,
        row: *id.as_bytes(),
        secret: Secret::new(context.entropy()?),
    })
}

fn as_json(list: &impl Serialize) -> String {
    serde_json::to_string(list).unwrap_or_default()
}

#[derive(Serialize)]
struct Listed {
    id: SessionId,
    aal: Aal,
    born_at: UnixTime,
    last_used_at: UnixTime,
    current: bool,
    user_agent: Option<String>,
}

record! {
    struct Row {
        session: String,
        user_agent: Option<String>,
    }
}

record! {
    /// A row exists.
    pub struct Found {}
}

/// Under the user version that the verdict found right.
pub const OPEN: &str = "
INSERT INTO session (organization, user, id, token_hash, evidence, grounds, trusted_device, user_version,
  enrolling, surface, user_agent, born_at, last_used_at)
SELECT e.organization, e.user, :session, :token_hash,
  -- Trust counts from the day it was given.
  iif(:trusting, json_replace(:evidence, '$[#-1].at', (
    SELECT created_at FROM trusted_device d
    WHERE (d.organization, d.user, d.id) = (e.organization, e.user, e.subject))), :evidence),
  :grounds, iif(:trusting, e.subject, NULL), u.version, :enrolling, :surface, :user_agent, e.at, e.at
FROM accepted e JOIN user u ON (u.organization, u.id) = (e.organization, e.user)
WHERE e.id = :event AND (NOT :trusting OR e.trust IN ('accepted', 'repeated'))";

/// The new one stays, whatever the clocks said that the others were stamped by.
/// ?1 event 2 session 3 most sessions
pub const END_OLDEST: &str = "
UPDATE session SET ended_at = e.at FROM accepted e
WHERE e.id = ?1 AND (session.organization, session.user) = (e.organization, e.user) AND session.ended_at IS NULL
  AND session.id IN (
    SELECT id FROM live_session s WHERE (s.organization, s.user) = (e.organization, e.user)
    ORDER BY id = ?2 DESC, min(last_used_at, e.at) DESC, born_at DESC, id LIMIT -1 OFFSET ?3)";

const RISE: &str = "
UPDATE session SET token_hash = :token_hash, evidence = :evidence, grounds = :grounds, enrolling = :enrolling,
  trusted_device = iif(:trusting, trusted_device, NULL), last_used_at = e.at
FROM accepted e
WHERE e.id = :event AND (session.organization, session.user, session.id) = (e.organization, e.user, :session)";

/// ?1 event 2 session
const END_ONE: &str = "
UPDATE session SET ended_at = e.at FROM accepted e
WHERE e.id = ?1 AND (session.organization, session.user, session.id) = (e.organization, e.user, ?2) AND session.ended_at IS NULL";

/// ?1 organization 2 user
const LIST: &str = "
SELECT json_object('id', id, 'evidence', json(evidence), 'born_at', born_at, 'last_used_at', last_used_at,
  'enrolling', json(iif(enrolling, 'true', 'false'))) AS session, user_agent
FROM live_session WHERE organization = ?1 AND user = ?2 ORDER BY last_used_at DESC";

/// ?1 organization 2 user 3 session
const EXISTS: &str = "
SELECT 1 FROM live_session WHERE organization = ?1 AND user = ?2 AND id = ?3";
