//! A live session: loaded from D1 by its token, and judged by the policy.

use postern::{
    decision::Holder,
    evidence::{Aal, Assurance, is_fresh_until},
    ids::{ChallengeId, SessionId},
    policy::{self, Person, Ruling, Verdict},
    refusal::Refusal,
    sessions::{LAST_USE_SECONDS, Session},
    throttle::{Counters, ThrottleKey},
    time::UnixTime,
    tokens::{Kind, Token},
};
use serde::Deserialize;

use crate::{
    http::{
        context::{Context, Home},
        problem::Problem,
        request::Request,
    },
    platform::json_text,
    store::{
        d1::{self, Rows, Statement, text},
        models::Models,
        sessions::{SESSION_COOKIE, assurance},
        settlement::{self, ThrottleState},
    },
};

/// A live session, with what it needs to be judged. Made only by looking up a presented token.
pub struct LiveSession {
    /// Whose it is.
    pub home: Home,
    /// The session.
    pub session: Session,
    /// What the person signed in to.
    pub surface: Option<String>,
    /// The user and the organization, as D1 had them in the same trip.
    pub models: Models,
    /// What was shown adds up to this now.
    pub assurance: Assurance,
    /// What the policy says to it now, for its surface.
    pub ruling: Ruling,
    /// The same for our own routes. They are no surface, whatever the session was opened for: they
    /// get the strictest rule, like a sign-in that names none.
    pub own_routes_ruling: Ruling,
    token_hash: String,
}

impl LiveSession {
    /// Refuses a session that the policy does not find enough for our own routes.
    ///
    /// # Errors
    /// `enrollment_required`, `step_up_required`, `unauthenticated`.
    pub const fn complete(&self) -> Result<(), Refusal> {
        if self.session.replaces_until.is_some() {
            return Err(Refusal::EnrollmentRequired);
        }
        match self.own_routes_ruling.verdict {
            Verdict::Complete if !self.session.enrolling => Ok(()),
            Verdict::Complete | Verdict::Enroll { .. } => Err(Refusal::EnrollmentRequired),
            Verdict::Challenge => Err(Refusal::StepUpRequired),
            Verdict::Refuse => Err(Refusal::Unauthenticated),
        }
    }

    /// Refuses a session of one factor.
    ///
    /// # Errors
    /// `step_up_required`.
    pub fn aal2(&self) -> Result<(), Refusal> {
        if self.assurance.aal < Aal::Aal2 {
            return Err(Refusal::StepUpRequired);
        }
        Ok(())
    }

    /// Refuses a session without a proof of the last five minutes.
    ///
    /// # Errors
    /// `step_up_required`.
    pub fn fresh(&self, now: UnixTime) -> Result<(), Refusal> {
        let ids = self.models.user.authenticator_ids();
        let policy = &self.models.organization.policy;
        let person = self.models.user.person(&ids);
        policy::fresh_until(policy, &person, &self.session.evidence, now)
            .filter(|until| is_fresh_until(*until, now))
            .map(drop)
            .ok_or(Refusal::StepUpRequired)
    }

    /// Refuses a session that rests on a backup code what only a real authenticator gives.
    ///
    /// # Errors
    /// `forbidden`.
    pub const fn unrestricted(&self) -> Result<(), Refusal> {
        if self.assurance.restricted {
            return Err(Refusal::Forbidden);
        }
        Ok(())
    }

    /// The proviso that the session still has the token that was presented.
    pub fn holder(&self) -> Holder {
        Holder {
            id: self.session.id,
            token_hash: self.token_hash.clone(),
        }
    }

    /// Writes the last use down, at most once a minute, after the reply.
    pub fn note_use(&self, context: &Context) {
        let now = context.now;
        if !self.session.use_is_due(now) {
            return;
        }
        let database = context.database.clone();
        let statement = Statement::new(
            NOTE_USE,
            [
                text(self.home.organization),
                text(self.home.user),
                text(self.session.id),
                now.into(),
                LAST_USE_SECONDS.into(),
            ],
        );
        context.after_reply(async move {
            // Lost: idle ends a minute early.
            let _ = d1::run(&database, &[statement]).await;
        });
    }
}

/// The session token that the request presents: as a bearer, or in its cookie.
pub fn session_token(request: &Request) -> Option<Token> {
    let text = request
        .bearer()
        .or_else(|| request.cookie(SESSION_COOKIE))?;
    Token::parse(Kind::Session, &text)
}

/// The home that a token names, for statements of the trip that looks the token up.
pub const fn claimed_home(token: &Token) -> Home {
    Home {
        organization: token.organization,
        user: token.user,
    }
}

/// Loads the session behind `token` and the counters of the proof that is to raise it, in one trip.
///
/// # Errors
/// `unauthenticated`; `expired` when `challenge` is spent; `unavailable`.
pub async fn held(
    context: &Context,
    token: &Token,
    throttle: Option<ThrottleKey>,
    challenge: Option<ChallengeId>,
) -> Result<(LiveSession, Counters), Problem> {
    let more = vec![
        settlement::throttle_statement(claimed_home(token), throttle),
        settlement::spent_statement(challenge),
    ];
    let (session, mut rows) = look_up(context, token, more).await?;
    let counters = rows
        .first::<ThrottleState>()?
        .unwrap_or_default()
        .counters();
    settlement::not_spent(&mut rows)?;
    Ok((session, counters))
}

/// Loads the session of the presented `token`, and the rows of `more` in the same trip.
///
/// # Errors
/// `unauthenticated`, `unavailable`.
pub async fn look_up(
    context: &Context,
    token: &Token,
    more: Vec<Statement>,
) -> Result<(LiveSession, Rows), Problem> {
    let home = claimed_home(token);
    let mut statements = vec![Statement::new(
        SESSION,
        [
            text(home.organization),
            text(home.user),
            text(SessionId::from_entropy(token.row)),
            text(token.hash()),
        ],
    )];
    statements.extend(more);
    let mut rows = d1::run(&context.database, &statements).await?;
    let row = rows.first::<Row>()?.ok_or(Refusal::Unauthenticated)?;
    let session = row.judged(token, context.now)?;
    let _ = context.signed_in.set(home);
    Ok((session, rows))
}

#[derive(Deserialize)]
struct Row {
    #[serde(deserialize_with = "json_text")]
    session: Session,
    surface: Option<String>,
    #[serde(flatten)]
    models: Models,
}

impl Row {
    fn judged(self, token: &Token, now: UnixTime) -> Result<LiveSession, Refusal> {
        let Self {
            session,
            surface,
            models,
        } = self;
        if !session.lives(now) {
            return Err(Refusal::Unauthenticated);
        }
        let ids = models.user.authenticator_ids();
        let person = models.user.person(&ids);
        let ruling = |surface| judge(&models, &person, &session, surface, now);
        let (ruling, own_routes_ruling) = (ruling(surface.as_deref()), ruling(None));
        if ruling.verdict == Verdict::Refuse {
            return Err(Refusal::Unauthenticated);
        }
        Ok(LiveSession {
            home: claimed_home(token),
            assurance: assurance(&models, &session.evidence, now),
            surface,
            ruling,
            own_routes_ruling,
            token_hash: token.hash(),
            session,
            models,
        })
    }
}

fn judge(
    models: &Models,
    person: &Person<'_>,
    session: &Session,
    surface: Option<&str>,
    now: UnixTime,
) -> Ruling {
    let policy = &models.organization.policy;
    policy::decide(policy, person, &session.evidence, surface, now)
}

/// ?1 organization 2 user 3 session 4 token's hash
const SESSION: &str = "
SELECT json_object('id', s.id, 'evidence', json(s.evidence), 'born_at', s.born_at,
    'last_used_at', s.last_used_at, 'enrolling', json(iif(s.enrolling, 'true', 'false')),
    'replaces_until', (
      SELECT expires_at FROM link l
      WHERE (l.organization, l.user, l.purpose, l.event) = (s.organization, s.user, 'reset', s.reset))) AS session,
  s.surface, m.model AS user, o.model AS organization
FROM live_session s
JOIN user_model m ON (m.organization, m.id) = (s.organization, s.user)
JOIN organization_model o ON o.id = s.organization
WHERE s.organization = ?1 AND s.user = ?2 AND s.id = ?3 AND s.token_hash = ?4";

/// ?1 organization 2 user 3 session 4 now 5 seconds between two
const NOTE_USE: &str = "
UPDATE session SET last_used_at = ?4, born_at = min(born_at, ?4)
WHERE organization = ?1 AND user = ?2 AND id = ?3 AND abs(last_used_at - ?4) >= ?5 AND ended_at IS NULL";
