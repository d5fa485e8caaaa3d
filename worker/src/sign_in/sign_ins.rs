//! Sign-ins: the question "is this enough?", after a first factor shown to an application or, in
//! [`crate::sign_in::passwords`], to us.

use http::StatusCode;
use postern::{
    audit::Action,
    challenges::{self, Challenge, Copied, Delivery, LIFE_SECONDS, Presented},
    decision::{Attempt, Finding, Holder, Provisos},
    evidence::{Evidence, Method},
    ids::{ChallengeId, TrustedDeviceId},
    names::{ExternalId, OrganizationName, Surface},
    policy::{self, Ruling, Verdict},
    record,
    refusal::Refusal,
    slow_hash::Memory,
    throttle::Lane,
    time::UnixTime,
    trusted_devices::DeviceToken,
    users::State,
};
use serde::Deserialize;

use crate::{
    account::sessions::Opening,
    http::{
        call::Call,
        context::{Context, Home},
        jar::Jar,
        problem::{Fault, Problem},
        reply::{Object, Reply, Response},
        slow_hashes::Place,
    },
    sign_in::{
        assurance,
        challenges::{ChallengeView, note_opened},
        known_browsers, passkeys,
        trusted_devices::{Handed, LaneRow, Rotation, lane_of},
    },
    store::{
        copies::{self, Versions},
        d1::{self, Statement},
        settlement::{Settled, Settlement, TRIES, Trust, Truth, TruthRow, settle},
    },
};

record! {
    strict struct ByApplication {
        organization: OrganizationName,
        user: ExternalId,
        first_factor: FirstFactor,
        surface: Option<Surface>,
        trusted_device: Option<String>,
        session: Delivery = Delivery::default(),
    }
}

record! {
    strict struct FirstFactor {
        method: FirstMethod,
        amr: Vec<String> = Vec::new(),
        auth_time: Option<UnixTime>,
    }
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum FirstMethod {
    Password,
    Sso,
}

/// A first factor as it was shown: checked anew against every truth that is decided on.
pub enum Shown {
    /// To an application, which has checked it.
    ToApplication,
    /// A password, to us.
    Password {
        /// The password.
        presented: Presented,
        /// The lane in which a wrong one counts.
        lane: Lane,
        /// The place among the slow hashes.
        place: Place,
    },
}

/// A first factor that was shown, and what is asked with it.
pub struct Question {
    /// What was shown.
    pub shown: Shown,
    /// What a session or challenge will hold of it.
    pub evidence: Evidence,
    /// What the person signs in to.
    pub surface: Option<Surface>,
    /// How the session travels.
    pub delivery: Delivery,
    /// The trusted browser that asks.
    pub device: Option<DeviceToken>,
    /// What the browser that asks keeps of people; none of an application.
    pub jar: Option<Jar>,
    /// Whether the answer names the rule that decided.
    pub explain: bool,
}

impl Question {
    /// Checks what was shown against `truth`.
    async fn attempt(&self, context: &Context, truth: &Truth) -> Result<Attempt, Problem> {
        let (presented, lane, place) = match &self.shown {
            Shown::ToApplication => {
                return Ok(Attempt {
                    method: Some(self.evidence.method),
                    finding: Finding::Holds,
                    evidence: Some(self.evidence.clone()),
                    ..Attempt::none()
                });
            }
            Shown::Password {
                presented,
                lane,
                place,
            } => (presented, *lane, place),
        };
        let (keys, now) = (&context.settings.keys, context.now);
        let check = |memory: &mut Memory| {
            challenges::check(presented, &truth.user, lane, keys, memory, now)
        };
        Ok(place.hash(check).await??)
    }

    /// What an identity provider said, for the audit trail and for previews of a policy.
    fn said(&self) -> Result<Object, Fault> {
        match &*self.evidence.amr {
            [] => Ok(Object::new()),
            amr => Object::new().with("amr", &amr),
        }
    }

    const fn says<'a>(&'a self, ruling: &'a Ruling) -> Answer<'a> {
        Answer {
            ruling,
            surface: self.surface.as_ref(),
            delivery: self.delivery,
            jar: self.jar.as_ref(),
            explain: self.explain,
        }
    }
}

/// A ruling, and how it is said.
pub struct Answer<'a> {
    /// The ruling.
    pub ruling: &'a Ruling,
    /// What the person signs in to.
    pub surface: Option<&'a Surface>,
    /// How the session travels.
    pub delivery: Delivery,
    /// What the browser that asks keeps of people; none of an application.
    pub jar: Option<&'a Jar>,
    /// Whether the rule that decided is named.
    pub explain: bool,
}

/// `POST /v1/sign-ins`: a first factor shown to an application.
pub async fn by_application(call: Call) -> Reply {
    let judged = call.application().await?;
    // parse
    let body: ByApplication = call.json(judged)?;
    if body.first_factor.amr.len() > 16
        || body.first_factor.amr.iter().any(|value| value.len() > 32)
    {
        return Err(
            Refusal::malformed("first_factor.amr", "at most 16 values of 32 characters").into(),
        );
    }
    let context = &call.context;
    context.check_surface("surface", body.surface.as_ref())?;
    let method = match body.first_factor.method {
        FirstMethod::Password => Method::Password,
        FirstMethod::Sso => Method::Sso,
    };
    // A clock ahead of ours does not make evidence younger than now.
    let at = body.first_factor.auth_time.unwrap_or(context.now);
    if at.is_ahead_of(context.now) {
        return Err(
            Refusal::malformed("first_factor.auth_time", "a moment that has passed").into(),
        );
    }
    let evidence = Evidence {
        amr: body.first_factor.amr,
        ..Evidence::new(method, at.min(context.now))
    };
    let device = body
        .trusted_device
        .and_then(|text| DeviceToken::read(&text, &context.settings.keys));
    let question = Question {
        shown: Shown::ToApplication,
        evidence,
        surface: body.surface,
        delivery: body.session,
        device,
        jar: None,
        explain: call.explains(judged)?,
    };
    // load: a copy may lead to a challenge, or to an attempt that D1 confirms
    let home = copies::find(context, &body.organization, &body.user).await;
    let copied = match home {
        Some(home) => copies::read(context, home).await,
        None => None,
    };
    let verdict = |truth: &Truth| match truth.user.state {
        State::Active => ruling(truth, &question, false, context.now).verdict,
        State::Disabled => Verdict::Refuse,
    };
    let (truth, copied) = match copied {
        Some(copied) if question.device.is_some() => match copied.into_attempt() {
            truth if truth.user.state == State::Active => (truth, true),
            // A refusal is D1's to say.
            _ => (find(context, &body.organization, &body.user).await?, false),
        },
        Some(copied) => match copied.if_challenged(verdict) {
            Some(truth) => return challenge(context, &truth, &question, true, None).await,
            None => (find(context, &body.organization, &body.user).await?, false),
        },
        None => (find(context, &body.organization, &body.user).await?, false),
    };
    // A question is not an attempt: nothing was shown to us, nothing is recorded.
    if question.device.is_none() && verdict(&truth) == Verdict::Challenge {
        return challenge(context, &truth, &question, false, None).await;
    }
    answer(context, truth, copied, question).await
}

/// decide → commit → reply, again when somebody else was first. A `copied` truth may be that of
/// somebody who is gone.
///
/// # Errors
/// What the settlement refuses; `unavailable`.
pub async fn answer(
    context: &Context,
    mut truth: Truth,
    mut copied: bool,
    question: Question,
) -> Reply {
    for _ in 0..TRIES {
        if truth.user.state != State::Active {
            return match question.shown {
                Shown::Password { .. } => Err(Refusal::NotAccepted.into()),
                Shown::ToApplication => disabled(),
            };
        }
        // decide
        let attempt = question.attempt(context, &truth).await?;
        let asked = ruling(&truth, &question, false, context.now);
        let device = question
            .device
            .as_ref()
            .filter(|device| belongs(device, &truth) && asked.verdict == Verdict::Challenge);
        let trusting = device.map(|device| (device, ruling(&truth, &question, true, context.now)));
        let trusted = trusting.filter(|(_, ruling)| ruling.verdict == Verdict::Complete);
        let event = context.event_id()?;
        let opening = match (&asked.verdict, &trusted) {
            // Nothing comes of it, whatever the policy: what a refusal costs must not tell who enrolled.
            _ if attempt.finding == Finding::Wrong => None,
            (Verdict::Complete, _) => Some(Opening::new(
                context,
                &truth,
                vec![question.evidence.clone()],
                false,
            )?),
            (Verdict::Enroll { .. }, _) => Some(Opening::new(
                context,
                &truth,
                vec![question.evidence.clone()],
                true,
            )?),
            (Verdict::Challenge, Some(_)) => {
                let skipped = Evidence::new(Method::TrustedDevice, context.now);
                Some(Opening::new(
                    context,
                    &truth,
                    vec![question.evidence.clone(), skipped],
                    false,
                )?)
            }
            _ => None,
        };
        let rotation = trusted
            .as_ref()
            .map(|(device, _)| Rotation::of(context, device))
            .transpose()?;

        // commit
        let mut effects = Vec::new();
        if let Some(opening) = &opening {
            effects.extend(opening.open(
                context,
                event,
                question.surface.as_ref(),
                trusted.is_some(),
            ));
        }
        if let Some(rotation) = &rotation {
            effects.extend(rotation.effects(context, event)?);
        }
        let mut settlement = Settlement {
            event,
            action: Action::SignInFirstFactor,
            provisos: provisos(&truth, attempt, rotation.as_ref()),
            subject: rotation.as_ref().map(|rotation| rotation.id.to_string()),
            detail: question.said()?,
            effects,
            reads: vec![],
        };
        // A browser that is trusted, and asked all the same, counts in a lane of its own.
        let mut lane = None;
        let asks_lane = rotation.is_none() && question.device.is_some();
        if asks_lane {
            let home = truth.home();
            settlement.reads = vec![lane_of(question.device.as_ref(), home, context.now)];
        }
        let mut judgment = match settle(context, settlement).await? {
            Settled::Judged(judgment) => judgment,
            // One password is one try: a gate that is open takes it.
            Settled::Closed(closed) => {
                return Err(Refusal::closed(closed, Refusal::NotAccepted).into());
            }
            // Whom the application means is who has the name now.
            Settled::Gone if copied => {
                let organization = &truth.organization.external_id;
                truth = find(context, organization, &truth.user.external_id).await?;
                copied = false;
                continue;
            }
            Settled::Gone => return Err(Refusal::NotAccepted.into()),
            Settled::Spent => return Err(Refusal::Expired.into()),
            Settled::Stale(now_true) => {
                truth = *now_true;
                continue;
            }
        };

        // reply
        judgment.outcome.public()?;
        if asks_lane {
            lane = judgment.rows.first::<LaneRow>()?.map(|lane| lane.id);
        }
        let trust_holds = matches!(judgment.trust, Some(Trust::Accepted | Trust::Repeated));
        let (ruling, opening) = match (trusted, opening) {
            (Some((_, ruling)), Some(opening)) if trust_holds => (ruling, Some(opening)),
            (Some(_), _) => (asked, None),
            (None, opening) => (asked, opening),
        };
        return match (ruling.verdict, opening) {
            (Verdict::Refuse, _) => Ok(question.says(&ruling).head()?.reply(StatusCode::OK)),
            (_, Some(opening)) => {
                let device = rotation
                    .map(|rotation| rotation.handed(context))
                    .transpose()?;
                let answer = question.says(&ruling);
                answer.complete(context, &truth, &opening, device).await
            }
            (_, None) => challenge(context, &truth, &question, false, lane).await,
        };
    }
    Err(Fault::unavailable("the user kept changing").into())
}

/// What the policy says to this evidence, with or without a trusted device.
fn ruling(truth: &Truth, question: &Question, trusted: bool, now: UnixTime) -> Ruling {
    let mut evidence = vec![question.evidence.clone()];
    if trusted {
        evidence.push(Evidence::new(Method::TrustedDevice, now));
    }
    rule(truth, &evidence, question.surface.as_ref(), now)
}

/// What the policy of `truth` says to `evidence`.
pub fn rule(
    truth: &Truth,
    evidence: &[Evidence],
    surface: Option<&Surface>,
    now: UnixTime,
) -> Ruling {
    let ids = truth.user.authenticator_ids();
    let person = truth.user.person(&ids);
    policy::decide(
        &truth.organization.policy,
        &person,
        evidence,
        surface.map(Surface::as_str),
        now,
    )
}

fn provisos(truth: &Truth, attempt: Attempt, rotation: Option<&Rotation>) -> Provisos {
    Provisos {
        organization: truth.organization.id,
        user: truth.user.id,
        user_version: truth.user.version,
        policy_version: truth.organization.policy_version,
        attempt,
        challenge: None,
        session: None,
        device: rotation.map(|rotation| Holder {
            id: rotation.id,
            token_hash: rotation.presented.clone(),
        }),
        enrolled: None,
    }
}

fn belongs(device: &DeviceToken, truth: &Truth) -> bool {
    let token = &device.token;
    token.organization == truth.organization.id && token.user == truth.user.id
}

/// Opens a challenge: nothing is stored that it depends on. A `copied` truth may be late.
async fn challenge(
    context: &Context,
    truth: &Truth,
    question: &Question,
    copied: bool,
    lane: Option<TrustedDeviceId>,
) -> Reply {
    let asked = ruling(truth, question, false, context.now);
    let methods = challenges::offered(&truth.user, Lane::of_device(lane));
    let challenge = Challenge {
        id: ChallengeId::from_entropy(context.entropy()?),
        purpose: challenges::Purpose::SignIn,
        organization: truth.organization.id,
        user: truth.user.id,
        surface: question.surface.clone(),
        evidence: vec![question.evidence.clone()],
        user_version: truth.user.version,
        copied: copied.then(|| Copied {
            at_ms: context.now_ms,
            name: truth.user.external_id.clone(),
        }),
        session: None,
        nonce: passkeys::nonce_for(context, &methods)?,
        lane,
        delivery: question.delivery,
        opened_at: context.now,
        expires_at: context.now.plus(LIFE_SECONDS),
    };
    let view = ChallengeView::of(context, truth, &challenge, methods)?;
    note_opened(context, &challenge)?;
    let answer = question.says(&asked).head()?.with("challenge", &view)?;
    Ok(answer.reply(StatusCode::OK))
}

impl Answer<'_> {
    /// The decision and its reasons.
    fn head(&self) -> Result<Object, Fault> {
        let head = Object::new()
            .with("decision", &self.ruling.verdict.as_str())?
            .with("reasons", &self.ruling.reasons)?;
        if self.explain {
            return head.with("rule", &self.ruling.rule);
        }
        Ok(head)
    }

    /// The reply to a finished sign-in.
    ///
    /// # Errors
    /// A fault when the assurance token cannot be signed.
    pub async fn complete(
        &self,
        context: &Context,
        truth: &Truth,
        opening: &Opening,
        device: Option<Handed>,
    ) -> Result<Response, Problem> {
        let delivery = self.delivery;
        let deadline = match self.ruling.verdict {
            Verdict::Enroll { deadline } => deadline,
            _ => self.ruling.enroll_by,
        };
        let mut answer = self
            .head()?
            .with("session", &opening.view(truth, delivery, context.now))?;
        // A session that may only enroll proves nothing yet.
        if self.ruling.verdict == Verdict::Complete {
            let surface = self.surface.map(Surface::as_str);
            let token = assurance::sign(context, &opening.session, truth, surface).await?;
            answer = answer.with("assurance", &token)?;
        }
        if let Some(deadline) = deadline {
            answer = answer.with("deadline_at", &deadline)?;
        }
        if let (Delivery::Bearer, Some(device)) = (delivery, &device) {
            answer = answer.with("trusted_device", &device.token())?;
        }
        let mut response = answer.reply(StatusCode::OK);
        opening.set_cookie(&mut response, delivery);
        if delivery == Delivery::Cookie {
            self.hand_cookies(context, truth.home(), device, &mut response);
        }
        Ok(response)
    }
}

impl Answer<'_> {
    /// What the browser keeps of the person from now on.
    fn hand_cookies(
        &self,
        context: &Context,
        home: Home,
        device: Option<Handed>,
        response: &mut Response,
    ) {
        if let Some(device) = device {
            let none = Jar::default();
            device.set_cookie(self.jar.unwrap_or(&none), home, response);
        }
        if let Some(jar) = self.jar {
            known_browsers::remember(context, jar, home, response);
        }
    }
}

fn disabled() -> Reply {
    let answer = Object::new()
        .with("decision", &"refuse")?
        .with("reasons", &["user.disabled"])?;
    Ok(answer.reply(StatusCode::OK))
}

async fn find(
    context: &Context,
    organization: &OrganizationName,
    user: &ExternalId,
) -> Result<Truth, Problem> {
    let statement = Statement::new(FIND, [organization.as_str().into(), user.as_str().into()]);
    let mut rows = d1::run(&context.database, &[statement]).await?;
    let truth = rows.first::<TruthRow>()?.ok_or(Refusal::NotFound)?.read()?;
    copies::keep(context, &truth, Versions { user: 0, policy: 0 });
    Ok(truth)
}

/// ?1 organization 2 user, as the application knows them
const FIND: &str = "
SELECT m.model AS user, p.model AS organization
FROM organization o JOIN user u ON u.organization = o.id AND u.external_id = ?2
JOIN user_model m ON (m.organization, m.id) = (u.organization, u.id)
JOIN organization_model p ON p.id = o.id
WHERE o.external_id = ?1";
