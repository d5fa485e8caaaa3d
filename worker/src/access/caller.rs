//! Who is asking: a session, an application, or nobody. Each route's class is enforced here.

use crate::{
    http::{
        call::{Access, Call},
        context::Home,
        problem::{Fault, Problem},
    },
    store::{
        d1::{self, Rows, Statement, text},
        settlement::{self, ThrottleState, Truth, TruthRow},
    },
};
use postern::{
    decision::Holder,
    evidence::{Aal, Assurance, is_fresh_until},
    ids::{ChallengeId, SessionId},
    json,
    names::OrganizationName,
    policy::{self, Ruling, Verdict},
    record,
    refusal::Refusal,
    sessions::{LAST_USE_SECONDS, Session},
    throttle::{Counters, ThrottleKey},
    time::UnixTime,
    tokens::{Kind, Token},
    users::Role,
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

/// Says that it was judged who asks. Body, path and query are read only with it in hand, so that a
/// caller who may not ask does not hear what is wrong with the question.
#[derive(Clone, Copy, Debug)]
pub struct Judged(());

/// Who may read and set the policy of an organization: its owner, or an application.
pub struct Keeper {
    /// The organization.
    pub organization: OrganizationName,
    /// The owner, unless it is an application.
    pub owner: Option<Caller>,
    /// That they may ask.
    pub judged: Judged,
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
        .is_some_and(|until| is_fresh_until(until, now))
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

    /// That it was judged who asks.
    #[expect(clippy::unused_self, reason = "there is no caller without a judgment")]
    pub const fn judged(&self) -> Judged {
        Judged(())
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
    /// `unauthenticated`, `enrollment_required`, `step_up_required`, `unavailable`; then as
    /// [`Call::check_form`].
    pub async fn session(&self, more: Vec<Statement>) -> Result<(Caller, Rows), Problem> {
        let (caller, rows) = self.who(self.route.access, more).await?;
        self.check_form()?;
        Ok((caller, rows))
    }

    /// The caller of class `access`.
    async fn who(&self, access: Access, more: Vec<Statement>) -> Result<(Caller, Rows), Problem> {
        let token = self.session_token().ok_or(Refusal::Unauthenticated)?;
        let home = Home {
            organization: token.organization,
            user: token.user,
        };
        let mut statements = vec![session_statement(home, &token)];
        statements.extend(more);
        let mut rows = d1::run(&self.context.database, &statements).await?;
        let row = rows.first::<Row>()?.ok_or(Refusal::Unauthenticated)?;
        let caller = self.judge(access, home, &token, row)?;
        self.note_use(&caller);
        Ok((caller, rows))
    }

    /// Lets in anyone, where the route is public.
    ///
    /// # Errors
    /// As [`Call::check_form`]; a fault on any other route.
    pub fn anyone(&self) -> Result<Judged, Problem> {
        if !self.is_public() {
            return Err(Fault::new("a route with a class let in anyone").into());
        }
        self.check_form()?;
        Ok(Judged(()))
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
    /// `unauthenticated`; `expired` when `challenge` is spent; `unavailable`.
    pub async fn held_session(
        &self,
        token: &Token,
        gate: Option<ThrottleKey>,
        challenge: Option<ChallengeId>,
    ) -> Result<(Caller, Counters), Problem> {
        let home = Home {
            organization: token.organization,
            user: token.user,
        };
        let statements = [
            session_statement(home, token),
            settlement::gate_statement(home, gate),
            settlement::spent_statement(challenge),
        ];
        let mut rows = d1::run(&self.context.database, &statements).await?;
        let row = rows.first::<Row>()?.ok_or(Refusal::Unauthenticated)?;
        let caller = self.judge(Access::Enrolling, home, token, row)?;
        let counters = rows
            .first::<ThrottleState>()?
            .unwrap_or_default()
            .counters();
        settlement::not_spent(&mut rows)?;
        Ok((caller, counters))
    }

    /// Lets in an application with its key.
    ///
    /// # Errors
    /// `unauthenticated`, and `forbidden` for a session; then as [`Call::check_form`].
    pub async fn application(&self) -> Result<Judged, Problem> {
        if self.session_token().is_some() {
            self.who(Access::Enrolling, vec![]).await?;
            return Err(Refusal::Forbidden.into());
        }
        self.check_key()?;
        self.check_form()?;
        Ok(Judged(()))
    }

    fn check_key(&self) -> Result<(), Refusal> {
        let presented = self.bearer().ok_or(Refusal::Unauthenticated)?;
        if self.context.settings.is_api_key(&presented) {
            Ok(())
        } else {
            Err(Refusal::Unauthenticated)
        }
    }

    /// Lets in an application, or the owner of the organization that the path names first. Somebody
    /// of another organization learns nothing of this one.
    ///
    /// # Errors
    /// `unauthenticated`, `enrollment_required`, `step_up_required`, `forbidden`, `not_found`; then
    /// as [`Call::check_form`] and [`Call::path`].
    pub async fn keeper(&self) -> Result<Keeper, Problem> {
        let by_key = self.bearer().is_some() && self.session_token().is_none();
        let owner = if by_key {
            self.check_key()?;
            None
        } else {
            Some(self.owner().await?)
        };
        self.check_form()?;
        let judged = Judged(());
        Ok(Keeper {
            organization: self.path(judged, 0)?,
            owner,
            judged,
        })
    }

    async fn owner(&self) -> Result<Caller, Problem> {
        let (caller, _) = self.who(self.route.access, vec![]).await?;
        let Truth { user, organization } = &caller.truth;
        if self.claimed_path(0).as_ref() != Some(&organization.external_id) {
            return Err(Refusal::NotFound.into());
        }
        if user.role != Role::Owner {
            return Err(Refusal::Forbidden.into());
        }
        caller.unrestricted()?;
        if caller.assurance.aal < Aal::Aal2 {
            return Err(Refusal::StepUpRequired.into());
        }
        if self.route.access == Access::FreshOwner && !caller.is_fresh(self.context.now) {
            return Err(Refusal::StepUpRequired.into());
        }
        Ok(caller)
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
        if !session.lives(now) {
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
        if !matches!(access, Access::Enrolling | Access::Adding) {
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
            // Before the step-up: a proof would not help.
            Access::Adding if !policy::enrolling_allowed(&caller.truth.organization.policy) => {
                Err(Refusal::PolicyForbids.into())
            }
            Access::Adding | Access::Fresh | Access::Unrestricted if !caller.is_fresh(now) => {
                Err(Refusal::StepUpRequired.into())
            }
            Access::Unrestricted => {
                caller.unrestricted()?;
                Ok(caller)
            }
            Access::Enrolling
            | Access::Adding
            | Access::Session
            | Access::Aal2
            | Access::Fresh
            | Access::Owner
            | Access::FreshOwner => Ok(caller),
            Access::Public | Access::Challenge | Access::Application => {
                Err(Fault::new("a route without a session class asked for a session").into())
            }
        }
    }

    /// Writes the last use down, at most once a minute, after the reply.
    pub fn note_use(&self, caller: &Caller) {
        let now = self.context.now;
        if !caller.session.use_is_due(now) {
            return;
        }
        let database = self.context.database.clone();
        let statement = Statement::new(
            NOTE_USE,
            [
                text(caller.home.organization),
                text(caller.home.user),
                text(caller.session.id),
                now.into(),
                LAST_USE_SECONDS.into(),
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
    'last_used_at', s.last_used_at, 'enrolling', json(iif(s.enrolling, 'true', 'false'))) AS session,
  s.surface, m.model AS user, o.model AS organization
FROM live_session s
JOIN user_model m ON (m.organization, m.id) = (s.organization, s.user)
JOIN organization_model o ON o.id = s.organization
WHERE s.organization = ?1 AND s.user = ?2 AND s.id = ?3 AND s.token_hash = ?4";

/// ?1 organization 2 user 3 session 4 now
const NOTE_USE: &str = "
UPDATE session SET last_used_at = ?4, born_at = min(born_at, ?4)
WHERE organization = ?1 AND user = ?2 AND id = ?3 AND abs(last_used_at - ?4) >= ?5 AND ended_at IS NULL";
