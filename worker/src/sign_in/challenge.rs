//! Challenges: opened for a step-up, and answered once, whatever they are for.

use postern::{
    challenges::{Challenge, PasskeySignIn, Purpose},
    refusal::Refusal,
};

use crate::{
    access::Challenger,
    http::{body::ShortJson, problem::Problem},
    sign_in::{
        finish::{SignInReply, finish},
        passkey,
    },
};

pub mod answer;
mod asked;
pub mod check;
pub mod help;
pub mod opened;
pub mod second_factor;
pub mod step_up;
pub mod view;

use answer::{Answer, Proof};
use second_factor::SecondFactor;

/// `POST /v1/challenges/verify`: answer a challenge.
pub async fn verify(
    caller: Challenger,
    ShortJson(body): ShortJson<Answer>,
) -> Result<SignInReply, Problem> {
    let context = &caller.request.context;
    let (token, trust_device) = (body.challenge.clone(), body.trust_device);
    let proof = Proof::parse(body)?;
    let keys = &context.settings.keys;
    if let (Ok(question), Proof::Passkey(response)) = (PasskeySignIn::open(keys, &token), &proof) {
        return passkey::finish_alone(&caller, &question, response, trust_device).await;
    }
    let challenge = Challenge::open(keys, &token).map_err(|_| Refusal::NotAccepted)?;
    if challenge.is_over(context.now) {
        context.confirm_time().await?;
        return Err(Refusal::Expired.into());
    }
    match challenge.purpose {
        Purpose::SignIn => {
            let second_factor = SecondFactor::new(&caller, &challenge, &proof, trust_device);
            let second_factor = second_factor.await?;
            let models = second_factor.basis(context).await?;
            finish(context, &second_factor, models).await
        }
        Purpose::StepUp => step_up::finish(&caller, &challenge, &proof).await,
    }
}
