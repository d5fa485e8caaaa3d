//! Sessions as settlements open and raise them, and as their bearers see them.

use postern::{
    challenges::Delivery,
    evidence::{Aal, Assurance, Evidence, Ground, Method, is_fresh_until},
    ids::{EventId, SessionId},
    names::Surface,
    policy::Sso,
    secret::Secret,
    sessions::{ABSOLUTE_SECONDS, Session},
    time::UnixTime,
    tokens::{Kind, Token},
    users::MAX_SESSIONS,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    http::{
        context::{Context, Home},
        cookies::Cookies,
    },
    platform::Fault,
    store::{
        d1::{Effect, Statement, effect, text},
        models::Models,
    },
};

/// The session cookie: sent only over HTTPS (or to localhost), only to this host.
pub const SESSION_COOKIE: &str = "__Host-postern-session";

/// A session that a settlement is about to open or raise, and its new token.
pub struct Opening {
    /// The token, given to the bearer once the settlement accepts.
    pub token: Token,
    /// The session as it will be.
    pub session: Session,
    /// The event of the reset that opens it.
    pub reset: Option<EventId>,
}

/// A session as the API shows it.
#[derive(Serialize, ToSchema)]
pub struct SessionView {
    id: SessionId,
    aal: Aal,
    /// How the user proved who they are (RFC 8176): `pwd`, `otp`, `hwk`, `swk`, `user`, `mfa`, and what
    /// an identity provider said.
    amr: Vec<String>,
    /// Whether it rests on a backup code: good for getting back in, not for changing who may.
    restricted: bool,
    /// Whether a trusted device stood in for the second factor.
    trusted_device: bool,
    /// Whether it may only enroll: the policy asks for a second factor that the user has not got.
    enrolling: bool,
    born_at: UnixTime,
    expires_at: UnixTime,
    /// Until when the last proof is fresh enough to change factors; `null` where there is none.
    #[schema(required)]
    fresh_until_at: Option<UnixTime>,
    /// The session's token, told once, to an application that asked for it; browsers get a cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^ps_[A-Za-z0-9_-]+$")]
    token: Option<String>,
}

impl SessionView {
    /// What `session` amounts to for the user of `models`.
    pub fn of(session: &Session, models: &Models, now: UnixTime) -> Self {
        let assurance = assurance(models, &session.evidence, now);
        Self {
            id: session.id,
            aal: assurance.aal,
            restricted: assurance.restricted,
            trusted_device: assurance.trusted_device,
            amr: assurance.amr,
            enrolling: session.enrolling,
            born_at: session.born_at,
            expires_at: session.expires_at(),
            // The link of a reset is as good as a proof to add what replaces all factors.
            fresh_until_at: session.replaces_until.or(assurance
                .fresh_until
                .filter(|until| is_fresh_until(*until, now))),
            token: None,
        }
    }
}

/// What `evidence` adds up to at `now`, for the user of `models` under the organization's policy.
pub fn assurance(models: &Models, evidence: &[Evidence], now: UnixTime) -> Assurance {
    let ids = models.user.authenticator_ids();
    let by_provider = models.organization.policy.sso == Sso::Evidence;
    Assurance::of(evidence, models.user.enrolled(&ids), by_provider, now)
}

impl Opening {
    /// A new session of the user of `models` with this evidence.
    ///
    /// # Errors
    /// A fault without randomness.
    pub fn new(
        context: &Context,
        models: &Models,
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
            replaces_until: None,
        };
        let home = Home {
            organization: models.organization.id,
            user: models.user.id,
        };
        Ok(Self {
            token: token(context, home, id)?,
            session,
            reset: None,
        })
    }

    /// A `session` of the user at `home`, raised by `gained`, under a new token.
    ///
    /// # Errors
    /// A fault without randomness.
    pub fn raise(
        context: &Context,
        home: Home,
        session: &Session,
        gained: Evidence,
    ) -> Result<Self, Fault> {
        let mut session = session.clone();
        session.evidence.retain(|known| {
            known.method != gained.method || known.authenticator != gained.authenticator
        });
        if gained.method != Method::Password {
            // A second factor: nothing is skipped in it any more.
            session.enrolling = false;
            session.replaces_until = None;
            let skips = |known: &Evidence| known.method == Method::TrustedDevice;
            session.evidence.retain(|known| !skips(known));
        }
        session.evidence.push(gained);
        session.last_used_at = context.now;
        Ok(Self {
            token: token(context, home, session.id)?,
            session,
            reset: None,
        })
    }

    /// Opens the session when `event` is accepted, and with `trusting` only when the trusted device
    /// was the one it said it was, on which the session rests. Of more than fifty the oldest ends.
    ///
    /// # Errors
    /// A fault when the evidence has no JSON.
    pub fn open(
        &self,
        context: &Context,
        event: EventId,
        surface: Option<&Surface>,
        trusting: bool,
    ) -> Result<Vec<Effect>, Fault> {
        let evidence = &self.session.evidence;
        Ok(vec![
            effect!(OPEN, {
                event: text(event),
                session: text(self.session.id),
                token_hash: self.token.hash(),
                evidence: serde_json::to_string(evidence)?,
                grounds: serde_json::to_string(&Ground::of(evidence))?,
                enrolling: self.session.enrolling,
                surface: surface.map(ToString::to_string),
                user_agent: context.origin.user_agent.clone(),
                trusting: trusting,
                reset: self.reset.map(text),
            }),
            effect!(END_OLDEST, event, text(self.session.id), MAX_SESSIONS),
        ])
    }

    /// Reads a row where the session of the user at `home` was opened, and lives: one of a reset that ended meanwhile
    /// was not.
    pub fn is_there(&self, home: Home) -> Statement {
        let home = [text(home.organization), text(home.user)];
        let [organization, user] = home;
        Statement::new(IS_THERE, [organization, user, text(self.session.id)])
    }

    /// Gives the session its new token and evidence when `event` is accepted.
    ///
    /// # Errors
    /// A fault when the evidence has no JSON.
    pub fn rise(&self, event: EventId) -> Result<Effect, Fault> {
        let evidence = &self.session.evidence;
        let trusting = |shown: &Evidence| shown.method == Method::TrustedDevice;
        Ok(effect!(RISE, {
            event: text(event),
            session: text(self.session.id),
            token_hash: self.token.hash(),
            evidence: serde_json::to_string(evidence)?,
            grounds: serde_json::to_string(&Ground::of(evidence))?,
            enrolling: self.session.enrolling,
            trusting: evidence.iter().any(trusting),
        }))
    }

    /// The session as shown to its bearer; the token in it only for applications.
    pub fn view(&self, models: &Models, delivery: Delivery, now: UnixTime) -> SessionView {
        let mut view = SessionView::of(&self.session, models, now);
        view.token = (delivery == Delivery::Bearer).then(|| self.token.write());
        view
    }

    /// Adds the cookie, for browsers.
    pub fn set_cookie(&self, cookies: &mut Cookies, delivery: Delivery) {
        if delivery == Delivery::Cookie {
            cookies.set(SESSION_COOKIE, &self.token.write(), ABSOLUTE_SECONDS);
        }
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

/// Under the user version that the verdict found right; not by a reset that ended meanwhile.
pub const OPEN: &str = "
INSERT INTO session (organization, user, id, token_hash, evidence, grounds, trusted_device, user_version,
  enrolling, surface, user_agent, born_at, last_used_at, reset)
SELECT e.organization, e.user, :session, :token_hash,
  -- Trust counts from the day it was given.
  iif(:trusting, json_replace(:evidence, '$[#-1].at', (
    SELECT created_at FROM trusted_device d
    WHERE (d.organization, d.user, d.id) = (e.organization, e.user, e.subject))), :evidence),
  :grounds, iif(:trusting, e.subject, NULL), u.version, :enrolling, :surface, :user_agent, e.at, e.at, :reset
FROM accepted e JOIN user u ON (u.organization, u.id) = (e.organization, e.user)
WHERE e.id = :event AND (NOT :trusting OR e.trust IN ('accepted', 'repeated'))
  AND (:reset IS NULL OR EXISTS (
    SELECT 1 FROM link l WHERE (l.organization, l.user, l.purpose) = (e.organization, e.user, 'reset')
      AND l.event = :reset AND l.ended_at IS NULL))";

/// ?1 organization 2 user 3 session
const IS_THERE: &str = "
SELECT 1 FROM live_session WHERE organization = ?1 AND user = ?2 AND id = ?3";

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
  trusted_device = iif(:trusting, trusted_device, NULL), reset = iif(:enrolling, reset, NULL), last_used_at = e.at
FROM accepted e
WHERE e.id = :event AND (session.organization, session.user, session.id) = (e.organization, e.user, :session)";
