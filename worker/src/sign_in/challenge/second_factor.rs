//! A second factor, shown in answer to the challenge of a sign-in.

use postern::{
    audit::Action,
    challenges::{self, Challenge},
    decision::Attempt,
    evidence::{Evidence, Method},
    policy,
    refusal::Refusal,
    throttle::{Counters, ThrottleKey},
};

use super::{
    answer::Proof,
    asked::{check_asked, namesake},
    check::{admitted, attempt, code_set, notices, place, provisos},
};
use crate::{
    access::Challenger,
    http::{
        context::{Context, Home},
        jar::Jar,
        problem::Problem,
        slow_hashes::Place,
    },
    platform::Fault,
    sign_in::{
        finish::{Manner, Next, Settling, SignIn},
        first_factor::rule,
        trusted_devices::Grant,
    },
    store::{
        copies::{self, Versions},
        event_detail::EventDetail,
        models::Models,
        sessions::Opening,
        settlement::{Settlement, load},
    },
};

/// An answer to the challenge of a sign-in.
pub struct SecondFactor<'a> {
    challenge: &'a Challenge,
    proof: &'a Proof,
    throttle: ThrottleKey,
    place: Option<Place>,
    trust_device: bool,
    jar: Jar,
}

impl<'a> SecondFactor<'a> {
    /// The answer of `caller`, with a place among the slow hashes where checking it takes one.
    ///
    /// # Errors
    /// `not_accepted` for a first factor; `throttled` where there is no place left.
    pub async fn new(
        caller: &Challenger,
        challenge: &'a Challenge,
        proof: &'a Proof,
        trust_device: bool,
    ) -> Result<Self, Refusal> {
        let method = proof.method();
        if method == Method::Password {
            return Err(Refusal::NotAccepted);
        }
        Ok(Self {
            throttle: ThrottleKey {
                method,
                lane: challenge.lane(),
            },
            place: place(&caller.request.context, challenge, proof).await?,
            jar: Jar::of(&caller.request),
            challenge,
            proof,
            trust_device,
        })
    }

    /// The user to decide about: from a copy, or from D1 where there is none, where it is late, or
    /// where the throttle is to be read before a slow hash.
    ///
    /// # Errors
    /// `expired`, `not_accepted`, `throttled`, `unavailable`.
    pub async fn basis(&self, context: &Context) -> Result<Models, Problem> {
        if self.proof.is_slow() {
            return self.basis_of_slow(context).await;
        }
        if let Some(models) = self.copy(context).await {
            return Ok(models);
        }
        let (models, _) = self.load(context).await?;
        copies::keep(context, &models, Versions { user: 0, policy: 0 });
        check_asked(context, self.challenge, &models)?;
        Ok(models)
    }

    /// The copy, if it is as good as D1 to decide an attempt on.
    async fn copy(&self, context: &Context) -> Option<Models> {
        let copied = copies::read(context, self.home()).await?;
        let models = copied.into_attempt();
        let asked = self.challenge.asks(&models.user, context.now_ms);
        // That a proof cannot be one is D1's to say.
        (asked && self.proof.check_form(&models).is_ok()).then_some(models)
    }

    async fn basis_of_slow(&self, context: &Context) -> Result<Models, Problem> {
        let (models, counters) = self.load(context).await?;
        check_asked(context, self.challenge, &models)?;
        admitted(self.throttle, &counters, context.now)?;
        if !challenges::methods(&models.user).contains(&self.throttle.method) {
            // Only a late copy offered it, and nothing but this tells.
            copies::keep_user(context, &models);
        }
        Ok(models)
    }

    async fn load(&self, context: &Context) -> Result<(Models, Counters), Problem> {
        let (home, throttle) = (self.home(), Some(self.throttle));
        match load(context, home, throttle, Some(self.challenge.id)).await? {
            Some(found) => Ok(found),
            None => {
                copies::forget_user(context, home);
                namesake(context, self.challenge, throttle).await
            }
        }
    }

    const fn home(&self) -> Home {
        Home {
            organization: self.challenge.organization,
            user: self.challenge.user,
        }
    }
}

impl SignIn for SecondFactor<'_> {
    const TOO_COSTLY: Refusal = Refusal::AuthenticatorRequired;

    fn manner(&self) -> Manner<'_> {
        manner(self.challenge, &self.jar)
    }

    async fn decide(&self, context: &Context, models: &Models) -> Result<Next, Problem> {
        check_asked(context, self.challenge, models)?;
        let (throttle, place) = (self.throttle, self.place.as_ref());
        let attempt = attempt(context, self.challenge, models, self.proof, throttle, place).await?;
        let answered = Answered {
            challenge: self.challenge,
            action: Action::SignInVerify,
            trust_device: self.trust_device,
        };
        Ok(Next::Settle(Box::new(
            answered.settling(context, models, attempt)?,
        )))
    }

    async fn successor(&self, context: &Context, _: &Models) -> Result<Models, Problem> {
        let (models, _) = namesake(context, self.challenge, None).await?;
        copies::keep_user(context, &models);
        Ok(models)
    }
}

/// How an answer to `challenge` is answered.
pub fn manner<'a>(challenge: &'a Challenge, jar: &'a Jar) -> Manner<'a> {
    Manner {
        surface: challenge.surface.as_ref(),
        delivery: challenge.delivery,
        jar: Some(jar),
        explain: false,
    }
}

/// An answer that was checked.
pub struct Answered<'a> {
    /// What is answered.
    pub challenge: &'a Challenge,
    /// As what it is recorded.
    pub action: Action,
    /// Whether this browser is to be trusted.
    pub trust_device: bool,
}

impl Answered<'_> {
    /// What becomes of it when it is settled: a session, and trust in the browser.
    ///
    /// # Errors
    /// A fault without randomness.
    pub fn settling(
        &self,
        context: &Context,
        models: &Models,
        attempt: Attempt,
    ) -> Result<Settling, Fault> {
        let surface = self.challenge.surface.as_ref();
        let event = context.event_id()?;
        let method = attempt.method;
        let mut evidence = self.challenge.evidence.clone();
        evidence.extend(attempt.evidence.clone());
        let ruling = rule(models, &evidence, surface, context.now);
        let grant = self.grant(context, models, &evidence)?;
        let opening = Opening::new(context, models, evidence, false)?;
        let mut effects = opening.open(context, event, surface, false)?;
        if let Some(grant) = &grant {
            effects.extend(grant.effects(context, models, event)?);
        }
        effects.extend(notices(context, event, self.challenge, method));
        let settlement = Settlement {
            event,
            action: self.action,
            provisos: provisos(self.challenge, models, attempt, None),
            subject: code_set(models, method),
            keeps: false,
            detail: EventDetail::default().with("opened_at", &self.challenge.opened_at)?,
            effects,
            reads: vec![],
        };
        Ok(Settling {
            settlement,
            ruling,
            opening: Some(opening),
            trusted: None,
            grant,
        })
    }

    /// Trust in the browser, where it is asked for and the policy gives it.
    fn grant(
        &self,
        context: &Context,
        models: &Models,
        evidence: &[Evidence],
    ) -> Result<Option<Grant>, Fault> {
        let ids = models.user.authenticator_ids();
        let person = models.user.person(&ids);
        policy::trust_days(&models.organization.policy, &person, evidence, context.now)
            .filter(|_| self.trust_device)
            .map(|days| Grant::new(context, models, days))
            .transpose()
    }
}
