//! A first factor, shown to an application or to us: is it enough?

use postern::{
    audit::Action,
    challenges::{self, Challenge, Copied, Delivery, LIFE_SECONDS, Presented},
    decision::{Attempt, Finding, Holder, Provisos},
    evidence::{Evidence, Method, is_multi_factor},
    ids::{ChallengeId, TrustedDeviceId},
    names::{ExternalId, OrganizationName, Surface},
    policy::{self, Ruling, Verdict},
    refusal::Refusal,
    slow_hash::Memory,
    throttle::Lane,
    time::UnixTime,
    trusted_devices::DeviceToken,
    users::State,
};

use crate::{
    http::{
        body::Json, context::Context, cookies::Cookies, jar::Jar, problem::Problem,
        slow_hashes::Place,
    },
    platform::Fault,
    sign_in::{
        assertion,
        challenge::{opened::note_opened, view::ChallengeView},
        finish::{Manner, Next, Settling, SignIn, SignInAnswer, SignInReply},
        resets::Reset,
        trusted_devices::{LaneRow, Rotation, lane_of},
    },
    store::{
        copies::{self, Versions},
        d1::{self, Statement},
        event_detail::EventDetail,
        models::Models,
        sessions::Opening,
        settlement::{Judgment, Settlement},
    },
};

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
pub struct FirstFactor {
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
    /// The reset whose link was shown too.
    pub reset: Option<Reset>,
}

impl SignIn for FirstFactor {
    // One password is one try: a throttle that is open takes it.
    const TOO_COSTLY: Refusal = Refusal::NotAccepted;

    fn manner(&self) -> Manner<'_> {
        Manner {
            surface: self.surface.as_ref(),
            delivery: self.delivery,
            jar: self.jar.as_ref(),
            explain: self.explain,
        }
    }

    async fn decide(&self, context: &Context, models: &Models) -> Result<Next, Problem> {
        if models.user.state != State::Active {
            return self.disabled();
        }
        if let Some(reset) = &self.reset
            && (models.home(), models.user.version) != (reset.home, reset.row.user_version)
        {
            return Err(Refusal::Expired.into());
        }
        let attempt = self.attempt(context, models).await?;
        let ruling = self.ruling(models, context.now);
        if self.is_question() && ruling.verdict == Verdict::Challenge {
            let reply = self.challenge(context, models, &ruling, false, None)?;
            return Ok(Next::Answer(Box::new(reply)));
        }
        let trusted = self.trusted(context, models, &ruling)?;
        let opening = self.opening(context, models, &attempt, &ruling, trusted.is_some())?;
        // What becomes true.
        let event = context.event_id()?;
        let mut effects = Vec::new();
        if let Some(opening) = &opening {
            let surface = self.surface.as_ref();
            effects.extend(opening.open(context, event, surface, trusted.is_some())?);
        }
        if let Some((rotation, _)) = &trusted {
            effects.extend(rotation.effects(context, event));
        }
        // A browser that is trusted, and asked all the same, counts in a lane of its own.
        let device = self.device.as_ref();
        let lane = device.map(|device| lane_of(Some(device), models.home(), context.now));
        let by_reset = opening.as_ref().filter(|_| self.reset.is_some());
        let rotation = trusted.as_ref().map(|(rotation, _)| rotation);
        let settlement = Settlement {
            event,
            action: Action::SignInFirstFactor,
            provisos: provisos(models, attempt, rotation),
            subject: rotation.map(|rotation| rotation.id.to_string()),
            keeps: false,
            detail: self.detail()?,
            effects,
            // No challenge follows the link of a reset, and so no question of its lane.
            reads: match by_reset {
                Some(opening) => vec![opening.is_there(models.home())],
                None => lane.into_iter().collect(),
            },
        };
        Ok(Next::Settle(Box::new(Settling {
            settlement,
            ruling,
            opening,
            trusted,
            grant: None,
        })))
    }

    /// Whom the application means is who has the name now.
    async fn successor(&self, context: &Context, models: &Models) -> Result<Models, Problem> {
        match self.shown {
            Shown::ToApplication => {
                let organization = &models.organization.external_id;
                find(context, organization, &models.user.external_id).await
            }
            Shown::Password { .. } => Err(Refusal::NotAccepted.into()),
        }
    }

    fn without_session(
        &self,
        context: &Context,
        models: &Models,
        ruling: &Ruling,
        mut judgment: Judgment,
    ) -> Result<SignInReply, Problem> {
        if ruling.verdict == Verdict::Refuse {
            return Ok(self.manner().without_session(ruling, None));
        }
        let lane = match &self.device {
            Some(_) => judgment.rows.first::<LaneRow>()?.map(|lane| lane.id),
            None => None,
        };
        self.challenge(context, models, ruling, false, lane)
    }
}

impl FirstFactor {
    /// Whether nothing was shown to us: no attempt, so nothing is recorded.
    const fn is_question(&self) -> bool {
        matches!(self.shown, Shown::ToApplication) && self.device.is_none() && self.reset.is_none()
    }

    /// Only applications, who know their users, hear that one is disabled.
    fn disabled(&self) -> Result<Next, Problem> {
        match self.shown {
            Shown::Password { .. } => Err(Refusal::NotAccepted.into()),
            Shown::ToApplication => {
                let answer = Json(SignInAnswer::disabled());
                Ok(Next::Answer(Box::new((Cookies::default(), answer))))
            }
        }
    }

    /// Checks what was shown against `models`.
    async fn attempt(&self, context: &Context, models: &Models) -> Result<Attempt, Problem> {
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
            challenges::check(presented, &models.user, lane, keys, memory, now)
        };
        Ok(place.hash(check).await??)
    }

    /// What the policy says to this evidence.
    pub fn ruling(&self, models: &Models, now: UnixTime) -> Ruling {
        if self.reset.is_some() {
            return Ruling::of_reset();
        }
        rule(
            models,
            std::slice::from_ref(&self.evidence),
            self.surface.as_ref(),
            now,
        )
    }

    /// The trusted device that stands in for the second factor asked for, and the ruling with it.
    fn trusted(
        &self,
        context: &Context,
        models: &Models,
        asked: &Ruling,
    ) -> Result<Option<(Rotation, Ruling)>, Fault> {
        let device = self.device.as_ref().filter(|device| {
            let token = &device.token;
            let mine = (token.organization, token.user) == (models.organization.id, models.user.id);
            mine && asked.verdict == Verdict::Challenge
        });
        let Some(device) = device else {
            return Ok(None);
        };
        let evidence = [self.evidence.clone(), skipped(context.now)];
        let ruling = rule(models, &evidence, self.surface.as_ref(), context.now);
        if ruling.verdict != Verdict::Complete {
            return Ok(None);
        }
        Ok(Some((Rotation::of(context, device)?, ruling)))
    }

    /// The session that is opened, where one is.
    fn opening(
        &self,
        context: &Context,
        models: &Models,
        attempt: &Attempt,
        ruling: &Ruling,
        trusted: bool,
    ) -> Result<Option<Opening>, Fault> {
        // Nothing comes of it, whatever the policy: what a refusal costs must not tell who enrolled.
        if attempt.finding == Finding::Wrong {
            return Ok(None);
        }
        let mut evidence = vec![self.evidence.clone()];
        let enrolling = match ruling.verdict {
            Verdict::Complete => false,
            Verdict::Enroll { .. } => true,
            Verdict::Challenge if trusted => {
                evidence.push(skipped(context.now));
                false
            }
            Verdict::Challenge | Verdict::Refuse => return Ok(None),
        };
        let mut opening = Opening::new(context, models, evidence, enrolling)?;
        if let Some(reset) = &self.reset {
            opening.reset = Some(reset.row.event);
            opening.session.replaces_until = Some(reset.row.expires_at);
        }
        Ok(Some(opening))
    }

    /// What an identity provider said: for the audit trail, for previews of a policy, and for the list
    /// of exempt users.
    fn detail(&self) -> Result<EventDetail, Fault> {
        match &*self.evidence.amr {
            [] => Ok(EventDetail::default()),
            amr => EventDetail::default()
                .with("amr", &amr)?
                .with("multi_factor", &is_multi_factor(amr)),
        }
    }

    /// Opens a challenge: nothing is stored that it depends on. A `copied` truth may be late.
    ///
    /// # Errors
    /// A fault without randomness.
    pub fn challenge(
        &self,
        context: &Context,
        models: &Models,
        asked: &Ruling,
        copied: bool,
        lane: Option<TrustedDeviceId>,
    ) -> Result<SignInReply, Problem> {
        let methods = challenges::offered(&models.user, Lane::of_device(lane));
        let challenge = Challenge {
            id: ChallengeId::from_entropy(context.entropy()?),
            purpose: challenges::Purpose::SignIn,
            organization: models.organization.id,
            user: models.user.id,
            surface: self.surface.clone(),
            evidence: vec![self.evidence.clone()],
            user_version: models.user.version,
            copied: copied.then(|| Copied {
                at_ms: context.now_ms,
                name: models.user.external_id.clone(),
            }),
            session: None,
            nonce: assertion::nonce_for(context, &methods)?,
            lane,
            delivery: self.delivery,
            opened_at: context.now,
            expires_at: context.now.plus(LIFE_SECONDS),
        };
        let view = ChallengeView::of(context, models, &challenge, methods)?;
        note_opened(context, &challenge)?;
        Ok(self.manner().without_session(asked, Some(view)))
    }
}

/// A trusted device, as evidence.
fn skipped(now: UnixTime) -> Evidence {
    Evidence::new(Method::TrustedDevice, now)
}

/// What the policy of `models` says to `evidence`.
pub fn rule(
    models: &Models,
    evidence: &[Evidence],
    surface: Option<&Surface>,
    now: UnixTime,
) -> Ruling {
    let ids = models.user.authenticator_ids();
    let person = models.user.person(&ids);
    policy::decide(
        &models.organization.policy,
        &person,
        evidence,
        surface.map(Surface::as_str),
        now,
    )
}

fn provisos(models: &Models, attempt: Attempt, rotation: Option<&Rotation>) -> Provisos {
    Provisos {
        device: rotation.map(|rotation| Holder {
            id: rotation.id,
            token_hash: rotation.presented.clone(),
        }),
        ..models.provisos(attempt)
    }
}

/// The user of an organization, by the application's names for them, from D1.
///
/// # Errors
/// `not_found`, `unavailable`.
pub async fn find(
    context: &Context,
    organization: &OrganizationName,
    user: &ExternalId,
) -> Result<Models, Problem> {
    let statement = Statement::new(FIND, [organization.as_str().into(), user.as_str().into()]);
    let mut rows = d1::run(&context.database, &[statement]).await?;
    let models = rows.first::<Models>()?.ok_or(Refusal::NotFound)?;
    copies::keep(context, &models, Versions { user: 0, policy: 0 });
    Ok(models)
}

/// ?1 organization 2 user, as the application knows them
const FIND: &str = "
SELECT m.model AS user, p.model AS organization
FROM organization o JOIN user u ON u.organization = o.id AND u.external_id = ?2
JOIN user_model m ON (m.organization, m.id) = (u.organization, u.id)
JOIN organization_model p ON p.id = o.id
WHERE o.external_id = ?1";
