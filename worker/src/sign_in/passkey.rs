//! A sign-in by one passkey alone.

use postern::{
    audit::Action,
    challenges::{CEREMONY_SECONDS, Challenge, Delivery, PasskeySignIn, Purpose},
    evidence::Method,
    ids::ChallengeId,
    names::Surface,
    passkeys::{
        AuthenticationResponseJSON, PublicKeyCredentialRequestOptionsJSON,
        UserVerificationRequirement,
    },
    refusal::Refusal,
    throttle::Lane,
    time::UnixTime,
    users::State,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::{Challenger, Public},
    http::{
        body::{Json, ShortJson},
        context::{Context, Home},
        jar::Jar,
        problem::Problem,
        relying_party::{Site, nonce},
    },
    sign_in::{
        assertion::attempt,
        challenge::second_factor::{Answered, manner},
        finish::{Manner, Next, SignIn, SignInReply, finish},
    },
    store::{
        copies::{self, Versions},
        models::Models,
        settlement::load,
    },
};

/// What the person signs in to, and how the session travels.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BeginPasskeySignIn)]
pub struct Begin {
    /// What the person signs in to.
    surface: Option<Surface>,
    /// How the session travels.
    #[serde(default)]
    session: Delivery,
}

/// What the browser needs to find a passkey of ours.
#[derive(Serialize, ToSchema)]
pub struct PasskeyChallengeAnswer {
    challenge: PasskeyChallenge,
}

/// A sign-in by passkey that was begun.
#[derive(Serialize, ToSchema)]
struct PasskeyChallenge {
    /// To be sent back with the assertion.
    token: String,
    /// `passkey` alone.
    #[schema(value_type = Vec<Method>, min_items = 1, max_items = 1)]
    methods: [Method; 1],
    passkey: PublicKeyCredentialRequestOptionsJSON,
    expires_at: UnixTime,
}

/// `POST /v1/sign-ins/passkey`: what the browser needs to find a passkey of ours, of any user.
pub async fn begin(
    caller: Public,
    ShortJson(body): ShortJson<Begin>,
) -> Result<Json<PasskeyChallengeAnswer>, Problem> {
    let context = &caller.request.context;
    context.check_surface("surface", body.surface.as_ref())?;
    context.confirm_time().await?;
    let question = PasskeySignIn {
        id: ChallengeId::from_entropy(context.entropy()?),
        nonce: nonce(context)?,
        surface: body.surface,
        delivery: body.session,
        opened_at: context.now,
        expires_at: context.now.plus(CEREMONY_SECONDS),
    };
    let challenge = PasskeyChallenge {
        token: question.seal(&context.settings.keys, context.entropy()?)?,
        methods: [Method::Passkey],
        passkey: PublicKeyCredentialRequestOptionsJSON::new(
            &Site::of(context).relying_party(""),
            question.nonce.0,
            UserVerificationRequirement::Required,
            [],
        ),
        expires_at: question.expires_at,
    };
    Ok(Json(PasskeyChallengeAnswer { challenge }))
}

/// The answer to [`begin`].
///
/// # Errors
/// One and the same no for a passkey, a person and a signature that are not there or not good.
pub async fn finish_alone(
    caller: &Challenger,
    question: &PasskeySignIn,
    response: &AuthenticationResponseJSON,
    trust_device: bool,
) -> Result<SignInReply, Problem> {
    let context = &caller.request.context;
    if question.is_over(context.now) {
        context.confirm_time().await?;
        return Err(Refusal::Expired.into());
    }
    let handle = response.response.user_handle();
    let home = handle.map(|handle| Home {
        organization: handle.organization(),
        user: handle.user(),
    });
    let Some(mut models) = find(context, home).await? else {
        context.signatures().verify_decoy().await;
        return Err(Refusal::NotAccepted.into());
    };
    if models.user.state == State::Disabled {
        // Unless that was a late copy.
        models = refreshed(context, &models).await?;
    }
    let alone = Alone {
        question,
        response,
        challenge: challenge(question, &models),
        trust_device,
        jar: Jar::of(&caller.request),
    };
    finish(context, &alone, models).await
}

/// A passkey that is the only evidence.
struct Alone<'a> {
    question: &'a PasskeySignIn,
    response: &'a AuthenticationResponseJSON,
    challenge: Challenge,
    trust_device: bool,
    jar: Jar,
}

impl SignIn for Alone<'_> {
    const TOO_COSTLY: Refusal = Refusal::AuthenticatorRequired;

    fn manner(&self) -> Manner<'_> {
        manner(&self.challenge, &self.jar)
    }

    async fn decide(&self, context: &Context, models: &Models) -> Result<Next, Problem> {
        let (ceremony, lane) = (&self.question.ceremony(), Lane::Everyone);
        let attempt = attempt(context, models, ceremony, self.response, false, lane).await?;
        if models.user.state == State::Disabled {
            return Err(Refusal::NotAccepted.into());
        }
        let answered = Answered {
            challenge: &self.challenge,
            action: Action::SignInPasskey,
            trust_device: self.trust_device,
        };
        Ok(Next::Settle(Box::new(
            answered.settling(context, models, attempt)?,
        )))
    }

    async fn successor(&self, _: &Context, _: &Models) -> Result<Models, Problem> {
        Err(Refusal::NotAccepted.into())
    }
}

/// The question as a challenge of the user of `models`, without evidence before it.
fn challenge(question: &PasskeySignIn, models: &Models) -> Challenge {
    Challenge {
        id: question.id,
        purpose: Purpose::SignIn,
        organization: models.organization.id,
        user: models.user.id,
        surface: question.surface.clone(),
        evidence: vec![],
        user_version: models.user.version,
        copied: None,
        session: None,
        nonce: None,
        lane: None,
        delivery: question.delivery,
        opened_at: question.opened_at,
        expires_at: question.expires_at,
    }
}

async fn find(context: &Context, home: Option<Home>) -> Result<Option<Models>, Problem> {
    let Some(home) = home else {
        return Ok(None);
    };
    if let Some(copied) = copies::read(context, home).await {
        return Ok(Some(copied.into_attempt()));
    }
    let Some((models, _)) = load(context, home, None, None).await? else {
        return Ok(None);
    };
    copies::keep(context, &models, Versions { user: 0, policy: 0 });
    Ok(Some(models))
}

/// The same user from D1.
async fn refreshed(context: &Context, models: &Models) -> Result<Models, Problem> {
    let home = Home {
        organization: models.organization.id,
        user: models.user.id,
    };
    let Some((models, _)) = load(context, home, None, None).await? else {
        copies::forget_user(context, home);
        return Err(Refusal::NotAccepted.into());
    };
    copies::keep(context, &models, Versions { user: 0, policy: 0 });
    Ok(models)
}
