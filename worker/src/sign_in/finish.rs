//! The one way to finish a sign-in, whatever was shown: decide, settle, and again when what it
//! rested on was late; then the session, its cookies and its assurance token.

use futures_util::future::join;
use postern::{
    challenges::Delivery,
    evidence::Method,
    names::Surface,
    policy::{self, Rule, Ruling, Verdict},
    refusal::Refusal,
    throttle::ThrottleKey,
    time::UnixTime,
};
use serde::{Deserialize, Serialize};
use utoipa::{
    ToSchema,
    openapi::schema::{Array, ArrayBuilder},
};

use crate::{
    http::{
        body::Json,
        context::{Context, Home},
        cookies::Cookies,
        jar::Jar,
        problem::Problem,
    },
    platform::Fault,
    sign_in::{
        assurance,
        challenge::view::ChallengeView,
        known_browsers,
        trusted_devices::{Grant, Handed, Rotation},
    },
    store::{
        copies,
        models::Models,
        sessions::{Opening, SessionView},
        settlement::{Judgment, Settled, Settlement, TRIES, Trust, settle},
    },
};

/// What a sign-in comes to: `complete` or `enroll` with a session, `challenge` with what is asked, or
/// `refuse`.
#[derive(Serialize, ToSchema)]
pub struct SignInAnswer {
    decision: Verdict,
    /// Stable codes, from the general to the particular.
    #[schema(schema_with = reasons)]
    reasons: Vec<&'static str>,
    /// The rule that decided, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<Rule>,
    /// What is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    challenge: Option<ChallengeView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<SessionView>,
    /// The signed token of a session that is enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[A-Za-z0-9_-]+[.][A-Za-z0-9_-]+[.][A-Za-z0-9_-]+$")]
    assurance: Option<String>,
    /// By when to enroll.
    #[serde(skip_serializing_if = "Option::is_none")]
    deadline_at: Option<UnixTime>,
    /// Enrolling is offered now, and the person can say "not now".
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt: Option<Prompted>,
    /// The next token of the trusted device, for an application to keep.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^pd_[A-Za-z0-9_-]+[.][A-Za-z0-9_-]+$")]
    trusted_device: Option<String>,
}

/// An offer to enroll after a sign-in that was enough.
#[derive(Serialize, ToSchema)]
#[schema(as = EnrollmentPrompt)]
struct Prompted {
    /// After how many days it is made again to a person who says "not now".
    #[schema(minimum = 1, maximum = 365)]
    again_after_days: u16,
}

impl Prompted {
    /// What a session of the user of `models` is offered under `ruling`, where that is anything.
    fn of(models: &Models, ruling: &Ruling, now: UnixTime) -> Option<Self> {
        let Models { user, organization } = models;
        let ids = user.authenticator_ids();
        let policy = &organization.policy;
        let declined_at = user.prompt_declined_at;
        policy::prompts(policy, &user.person(&ids), ruling, declined_at, now)
            .map(|again_after_days| Self { again_after_days })
    }
}

/// The reason of a refusal that rests on no policy.
const USER_DISABLED: &str = "user.disabled";

/// The codes of a decision.
fn reasons() -> Array {
    let codes = postern::policy::Reason::ALL
        .iter()
        .map(|reason| reason.as_str());
    let about = "Why, as a stable code. An application hears `user.disabled` of a user who may not sign in.";
    let code = postern::schema::words(about, codes.chain([USER_DISABLED]));
    let about = "From the general to the particular.";
    ArrayBuilder::new()
        .items(code)
        .description(Some(about))
        .build()
}

impl SignInAnswer {
    /// A decision without reasons.
    const fn new(decision: Verdict) -> Self {
        Self {
            decision,
            reasons: vec![],
            rule: None,
            challenge: None,
            session: None,
            assurance: None,
            deadline_at: None,
            prompt: None,
            trusted_device: None,
        }
    }

    /// A ruling's decision and its reasons.
    fn of(ruling: &Ruling, explain: bool) -> Self {
        let reasons = ruling.reasons.iter();
        Self {
            reasons: reasons.map(|reason| reason.as_str()).collect(),
            rule: explain.then_some(ruling.rule),
            ..Self::new(ruling.verdict)
        }
    }

    /// The refusal of a user who is disabled, to an application.
    pub fn disabled() -> Self {
        Self {
            reasons: vec![USER_DISABLED],
            ..Self::new(Verdict::Refuse)
        }
    }

    /// A session that was raised.
    pub fn raised(session: SessionView) -> Self {
        Self {
            session: Some(session),
            ..Self::new(Verdict::Complete)
        }
    }
}

/// The answer, and what the browser keeps of it.
pub type SignInReply = (Cookies, Json<SignInAnswer>);

/// How a ruling is said.
#[derive(Clone, Copy)]
pub struct Manner<'a> {
    /// What the person signs in to.
    pub surface: Option<&'a Surface>,
    /// How the session travels.
    pub delivery: Delivery,
    /// What the browser that asks keeps of people; none of an application.
    pub jar: Option<&'a Jar>,
    /// Whether the rule that decided is named.
    pub explain: bool,
}

impl Manner<'_> {
    /// The answer without a session.
    pub fn without_session(
        &self,
        ruling: &Ruling,
        challenge: Option<ChallengeView>,
    ) -> SignInReply {
        let answer = SignInAnswer {
            challenge,
            ..SignInAnswer::of(ruling, self.explain)
        };
        (Cookies::default(), Json(answer))
    }

    /// The answer with a session that was opened.
    ///
    /// # Errors
    /// A fault when the assurance token cannot be signed.
    async fn with_session(
        &self,
        context: &Context,
        models: &Models,
        ruling: &Ruling,
        opening: &Opening,
        device: Option<Handed>,
    ) -> Result<SignInReply, Problem> {
        // A session that may only enroll proves nothing yet.
        let assurance = if ruling.verdict == Verdict::Complete {
            let surface = self.surface.map(Surface::as_str);
            Some(assurance::sign(context, &opening.session, models, surface).await?)
        } else {
            None
        };
        let token = device.as_ref().map(|device| device.token().to_owned());
        let answer = SignInAnswer {
            session: Some(opening.view(models, self.delivery, context.now)),
            assurance,
            deadline_at: match ruling.verdict {
                Verdict::Enroll { deadline } => deadline,
                _ => ruling.enroll_by,
            },
            prompt: Prompted::of(models, ruling, context.now),
            trusted_device: token.filter(|_| self.delivery == Delivery::Bearer),
            ..SignInAnswer::of(ruling, self.explain)
        };
        let mut cookies = Cookies::default();
        opening.set_cookie(&mut cookies, self.delivery);
        if self.delivery == Delivery::Cookie {
            self.remember(context, models.home(), device, &mut cookies);
        }
        Ok((cookies, Json(answer)))
    }

    /// What the browser keeps of the person from now on.
    fn remember(
        &self,
        context: &Context,
        home: Home,
        device: Option<Handed>,
        cookies: &mut Cookies,
    ) {
        if let Some(device) = device {
            let none = Jar::default();
            device.set_cookie(self.jar.unwrap_or(&none), home, cookies);
        }
        if let Some(jar) = self.jar {
            known_browsers::remember(context, jar, home, cookies);
        }
    }
}

/// A sign-in on its way.
pub trait SignIn: Sync {
    /// What a shut throttle says of a proof that costs more tries than are left.
    const TOO_COSTLY: Refusal;

    /// How it is answered.
    fn manner(&self) -> Manner<'_>;

    /// Decides on `models`, which may be late.
    fn decide(
        &self,
        context: &Context,
        models: &Models,
    ) -> impl Future<Output = Result<Next, Problem>> + Send;

    /// The user who is meant, where the one of `models` is gone.
    ///
    /// # Errors
    /// `not_accepted`, `not_found`, `unavailable`.
    fn successor(
        &self,
        context: &Context,
        models: &Models,
    ) -> impl Future<Output = Result<Models, Problem>> + Send;

    /// The answer where no session is opened: only a first factor may leave it at a challenge.
    ///
    /// # Errors
    /// A fault without randomness, and of everything but a first factor.
    fn without_session(
        &self,
        _: &Context,
        _: &Models,
        _: &Ruling,
        _: Judgment,
    ) -> Result<SignInReply, Problem> {
        Err(Fault::new("a second factor that opened no session").into())
    }
}

/// What a sign-in does next.
pub enum Next {
    /// Answers at once: nothing was shown that is recorded.
    Answer(Box<SignInReply>),
    /// Settles.
    Settle(Box<Settling>),
}

/// A decision, and what becomes of it when it is settled.
pub struct Settling {
    /// What is settled.
    pub settlement: Settlement,
    /// What the policy says.
    pub ruling: Ruling,
    /// The session that is opened.
    pub opening: Option<Opening>,
    /// The trusted device that stands in for a second factor, and the ruling with it.
    pub trusted: Option<(Rotation, Ruling)>,
    /// The device that is trusted from now on.
    pub grant: Option<Grant>,
}

/// Decides and settles `sign_in`, again while what it rested on turns out late, and answers.
///
/// # Errors
/// What the settlement refuses; `unavailable`.
pub async fn finish<S: SignIn>(
    context: &Context,
    sign_in: &S,
    mut models: Models,
) -> Result<SignInReply, Problem> {
    for _ in 0..TRIES {
        let next = match sign_in.decide(context, &models).await? {
            Next::Answer(reply) => return Ok(*reply),
            Next::Settle(settling) => *settling,
        };
        let Settling {
            settlement,
            ruling,
            opening,
            trusted,
            grant,
        } = next;
        let throttle = settlement.provisos.attempt.throttle;
        // Whatever comes of it, so that the time taken does not tell.
        let ready = assurance::get_ready(context);
        let (settled, ()) = join(settle(context, settlement), ready).await;
        let mut judgment = match settled? {
            Settled::Judged(judgment) => judgment,
            Settled::Closed(closed) => return Err(Refusal::closed(closed, S::TOO_COSTLY).into()),
            Settled::Spent => return Err(Refusal::Expired.into()),
            Settled::Stale(current) => {
                models = *current;
                continue;
            }
            Settled::Gone => {
                models = sign_in.successor(context, &models).await?;
                continue;
            }
        };
        keep_what_is_offered(context, throttle, &judgment, &mut models);
        judgment.accepted_or_refused()?;
        let trust_holds = matches!(judgment.trust, Some(Trust::Accepted | Trust::Repeated));
        let (ruling, opening, rotation) = match trusted {
            Some((rotation, with_trust)) if trust_holds => (with_trust, opening, Some(rotation)),
            Some(_) => (ruling, None, None),
            None => (ruling, opening, None),
        };
        let Some(opening) = opening else {
            return sign_in.without_session(context, &models, &ruling, judgment);
        };
        if opening.reset.is_some() && judgment.rows.first::<IsThere>()?.is_none() {
            return Err(Refusal::Expired.into());
        }
        let device = match (rotation, grant) {
            (Some(rotation), _) => Some(rotation.handed(context)?),
            (None, Some(grant)) => Some(grant.handed(context)?),
            (None, None) => None,
        };
        let manner = sign_in.manner();
        return manner
            .with_session(context, &models, &ruling, &opening, device)
            .await;
    }
    Err(Fault::unavailable("the user kept changing").into())
}

/// The session of a reset that had not ended when it was opened.
#[derive(Deserialize)]
struct IsThere {}

/// Keeps a copy that offers what can still succeed, and all of it: the version did not move, and the
/// next challenge may be opened on a copy. What just succeeded can, though a copy calls it disabled:
/// the one written when it was enabled got lost.
pub fn keep_what_is_offered(
    context: &Context,
    throttle: Option<ThrottleKey>,
    judgment: &Judgment,
    models: &mut Models,
) {
    let user = &mut models.user;
    let second_factor = throttle.filter(|throttle| throttle.method != Method::Password);
    let disabled = second_factor.filter(|_| judgment.disabled);
    let works = second_factor
        .filter(|throttle| judgment.accepted_or_refused().is_ok() && user.is_disabled(*throttle));
    let codes = user.backup_codes.as_mut();
    let used_up = codes.filter(|codes| judgment.used_up && codes.left);
    let changes = disabled.is_some() || works.is_some() || used_up.is_some();
    if let Some(codes) = used_up {
        codes.left = false;
    }
    user.disabled
        .retain(|known| works.is_none_or(|throttle| *known != throttle.into()));
    user.disabled.extend(disabled.map(Into::into));
    if changes {
        copies::keep_user(context, models);
    }
}
