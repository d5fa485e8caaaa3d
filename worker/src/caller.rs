//! Who is asking: a session, an application, or nobody. Each route's class is enforced here.

use postern::{
    decision::{self, Holder},
    evidence::{Aal, Assurance},
    ids::SessionId,
    json,
    names::OrganizationName,
    policy::{self, Ruling, Verdict},
    record,
    refusal::Refusal,
    sessions::Session,
    throttle::Gate,
    time::UnixTime,
    tokens::{Kind, Token},
    users::Role,
};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{
    call::{Access, Call},
    context::Home,
    d1::{self, Rows, Statement, text},
    problem::{Fault, Problem},
    settlement::{self, GateRow, Truth, TruthRow},
};

/// The session cookie: sent only over HTTPS (or to localhost), only to this host.
pub const SESSION_COOKIE: &str = "__Host-postern-session";

/// A live session, with what it needs to be judged.
pub struct Caller {
    /// Whose it is.
    pub home: Home,
    /// The session.
    pub session: Session,
    /// What the person signed in to.
    pub surface: Option<String>,
    /// The user and the organization, as D1 had them in the same trip.
    pub truth: Truth,
    /// What was shown adds up to this now.
    pub assurance: Assurance,
    /// What the policy says to it now, for its surface.
    pub ruling: Ruling,
    /// The same for our own routes. They are no surface, whatever the session was opened for: they
    /// get the strictest rule, like a sign-in that names none.
    pub here: Ruling,
    /// The token's hash, for provisos.
    pub token_hash: String,
}

impl Caller {
    /// Whether a security change is allowed now.
    pub fn is_fresh(&self, now: UnixTime) -> bool {
        let ids = self.truth.user.authenticator_ids();
        let policy = &self.truth.organization.policy;
        policy::fresh_until(
            policy,
            &self.truth.user.person(&ids),
            &self.session.evidence,
        )
        .is_some_and(|until| now <= until)
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

    /// The proviso that the session is still held by whoever presented its token.
    pub fn holder(&self) -> Holder {
        Holder {
            id: self.session.id,
            token_hash: self.token_hash.clone(),
        }
    }
}

impl Call {
    /// Loads the session, and in the same trip whatever `more` asks, and checks the route's class.
    ///
    /// # Errors
    /// `unauthenticated`, `enrollment_required`, `step_up_required`, `unavailable`.
    pub async fn session(&self, more: Vec<Statement>) -> Result<(Caller, Rows), Problem> {
        let token = self.session_token().ok_or(Refusal::Unauthenticated)?;
        let home = Home {
            organization: token.organization,
            user: token.user,
        };
        let mut statements = vec![session_statement(home, &token)];
        statements.extend(more);
        let mut rows = d1::run(&self.context.database, &statements).await?;
        let row = rows.first::<Row>()?.ok_or(Refusal::Unauthenticated)?;
        let caller = self.judge(self.access, home, &token, row)?;
        self.note_use(&caller);
        Ok((caller, rows))
    }

    /// The home that the presented session token names, for statements of the same trip. It is
    /// believed only once [`Call::session`] returns.
    ///
    /// # Errors
    /// `unauthenticated`.
    pub fn claimed_home(&self) -> Result<Home, Refusal> {
        let token = self.session_token().ok_or(Refusal::Unauthenticated)?;
        Ok(Home {
            organization: token.organization,
            user: token.user,
        })
    }

    /// Loads the session behind `token` and the gate of the proof that is to raise it, in one trip.
    ///
    /// # Errors
    /// `unauthenticated`, `unavailable`.
    pub async fn held_session(
        &self,
        token: &Token,
        gate: Option<decision::Gate>,
    ) -> Result<(Caller, Gate), Problem> {
        let home = Home {
            organization: token.organization,
            user: token.user,
        };
        let statements = [
            session_statement(home, token),
            settlement::gate_statement(home, gate),
        ];
        let mut rows = d1::run(&self.context.database, &statements).await?;
        let row = rows.first::<Row>()?.ok_or(Refusal::Unauthenticated)?;
        let caller = self.judge(Access::Enrolling, home, token, row)?;
        let gate = rows.first::<GateRow>()?.unwrap_or_default().gate();
        Ok((caller, gate))
    }

    /// Checks the API key of an application.
    ///
    /// # Errors
    /// `unauthenticated`; a fault when the deployment has no key.
    pub fn application(&self) -> Result<(), Problem> {
        let expected = self
            .context
            .setting("POSTERN_API_KEY")
            .ok_or_else(|| Fault::unavailable("POSTERN_API_KEY is missing"))?;
        let presented = self.bearer().ok_or(Refusal::Unauthenticated)?;
        let same = Sha256::digest(presented.as_bytes()).ct_eq(&Sha256::digest(expected.as_bytes()));
        if bool::from(same) {
            Ok(())
        } else {
            Err(Refusal::Unauthenticated.into())
        }
    }

    /// Lets in an application, or the owner of organization `name`, who is returned. Somebody of
    /// another organization learns nothing of this one.
    ///
    /// # Errors
    /// As [`Call::application`] and [`Call::session`]; `not_found`, `forbidden`.
    pub async fn application_or_owner(
        &self,
        name: &OrganizationName,
    ) -> Result<Option<Caller>, Problem> {
        if self
            .bearer()
            .is_some_and(|text| Token::parse(Kind::Session, &text).is_none())
        {
            self.application()?;
            return Ok(None);
        }
        let (caller, _) = self.session(vec![]).await?;
        let Truth { user, organization } = &caller.truth;
        if organization.external_id != *name {
            return Err(Refusal::NotFound.into());
        }
        if user.role != Role::Owner {
            return Err(Refusal::Forbidden.into());
        }
        caller.unrestricted()?;
        if caller.assurance.aal < Aal::Aal2 {
            return Err(Refusal::StepUpRequired.into());
        }
        Ok(Some(caller))
    }

    fn session_token(&self) -> Option<Token> {
        let text = self.bearer().or_else(|| self.cookie(SESSION_COOKIE))?;
        Token::parse(Kind::Session, &text)
    }

    fn judge(
        &self,
        access: Access,
        home: Home,
        token: &Token,
        row: Row,
    ) -> Result<Caller, Problem> {
        let session: Session = json::read(row.session.as_bytes()).map_err(Fault::from)?;
        let truth = TruthRow::new(row.user, row.organization).read()?;
        let now = self.context.now;
        let active = truth.user.state == postern::users::State::Active;
        if !active || !session.lives(truth.user.version, now) {
            return Err(Refusal::Unauthenticated.into());
        }
        let (user, organization) = (&truth.user, &truth.organization);
        let ids = user.authenticator_ids();
        let assurance = assurance(&truth, &session.evidence);
        let person = user.person(&ids);
        let decide = |surface: Option<&str>| {
            let evidence = &session.evidence;
            policy::decide(&organization.policy, &person, evidence, surface, now)
        };
        let (ruling, here) = (decide(row.surface.as_deref()), decide(None));
        if ruling.verdict == Verdict::Refuse {
            return Err(Refusal::Unauthenticated.into());
        }
        if access != Access::Enrolling {
            match here.verdict {
                Verdict::Complete if !session.enrolling => {}
                Verdict::Complete | Verdict::Enroll { .. } => {
                    return Err(Refusal::EnrollmentRequired.into());
                }
                Verdict::Challenge => return Err(Refusal::StepUpRequired.into()),
                Verdict::Refuse => return Err(Refusal::Unauthenticated.into()),
            }
        }
        let caller = Caller {
            home,
            session,
            surface: row.surface,
            truth,
            assurance,
            ruling,
            here,
            token_hash: token.hash(),
        };
        match access {
            Access::Aal2 if caller.assurance.aal < Aal::Aal2 => Err(Refusal::StepUpRequired.into()),
            Access::Fresh if !caller.is_fresh(now) => Err(Refusal::StepUpRequired.into()),
            Access::Enrolling | Access::Session | Access::Aal2 | Access::Fresh | Access::Owner => {
                Ok(caller)
            }
            Access::Public | Access::Challenge | Access::Application => {
                Err(Fault::new("a route without a session class asked for a session").into())
            }
        }
    }

    /// Writes the last use down, at most once a minute, after the reply.
    fn note_use(&self, caller: &Caller) {
        let now = self.context.now;
        if !caller.session.use_is_due(now) {
            return;
        }
        let Ok(database) = self.context.database() else {
            return;
        };
        let statement = Statement::new(
            NOTE_USE,
            [
                text(caller.home.organization),
                text(caller.home.user),
                text(caller.session.id),
                now.into(),
            ],
        );
        self.context.after_reply(async move {
            // Lost: idle ends a minute early.
            let _ = d1::run(&database, &[statement]).await;
        });
    }
}

fn session_statement(home: Home, token: &Token) -> Statement {
    Statement::new(
        SESSION,
        [
            text(home.organization),
            text(home.user),
            text(SessionId::from_entropy(token.row)),
            text(token.hash()),
        ],
    )
}

/// What `evidence` adds up to for the user of `truth` under the organization's policy.
pub fn assurance(truth: &Truth, evidence: &[postern::evidence::Evidence]) -> Assurance {
    let ids = truth.user.authenticator_ids();
    let by_provider = truth.organization.policy.sso == policy::Sso::Evidence;
    Assurance::of(evidence, truth.user.enrolled(&ids), by_provider)
}

record! {
    struct Row {
        session: String,
        surface: Option<String>,
        user: String,
        organization: String,
    }
}

/// ?1 organization 2 user 3 session 4 token's hash
const SESSION: &str = "
SELECT json_object('id', s.id, 'evidence', json(s.evidence), 'born_at', s.born_at,
    'last_used_at', s.last_used_at, 'user_version', s.user_version,
    'enrolling', json(iif(s.enrolling, 'true', 'false'))) AS session,
  s.surface, m.model AS user, o.model AS organization
FROM session s
JOIN user_model m ON (m.organization, m.id) = (s.organization, s.user)
JOIN organization_model o ON o.id = s.organization
WHERE s.organization = ?1 AND s.user = ?2 AND s.id = ?3 AND s.token_hash = ?4 AND s.ended_at IS NULL";

/// ?1 organization 2 user 3 session 4 now
const NOTE_USE: &str = "
UPDATE session SET last_used_at = ?4
WHERE organization = ?1 AND user = ?2 AND id = ?3 AND last_used_at < ?4 AND ended_at IS NULL";
