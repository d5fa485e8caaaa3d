//! `POST /v1/sign-ins`: a first factor that an application has checked.

use postern::{
    challenges::Delivery,
    evidence::{Evidence, Method},
    names::{ExternalId, OrganizationName, Surface},
    policy::Verdict,
    refusal::Refusal,
    strict_json::object,
    time::UnixTime,
    trusted_devices::DeviceToken,
    users::State,
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    access::Application,
    http::{
        body::Json,
        context::Context,
        problem::Problem,
        query::{Explain, Query},
    },
    sign_in::{
        finish::{SignInReply, finish},
        first_factor::{FirstFactor, Shown, find},
        resets::presented,
    },
    store::{copies, models::Models},
};

/// A first factor that an application has checked.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SignInByApplication)]
pub struct ByApplication {
    /// The organization, as the application knows it.
    organization: OrganizationName,
    /// The user, as the application knows them.
    user: ExternalId,
    /// What was shown.
    #[serde(deserialize_with = "object")]
    first_factor: Checked,
    /// What the person signs in to.
    surface: Option<Surface>,
    /// The token of a trusted device that the application kept.
    #[schema(pattern = "^pd_[A-Za-z0-9_-]+[.][A-Za-z0-9_-]+$")]
    trusted_device: Option<String>,
    /// What stands behind the `#` of the link of a reset: the answer is a session that may replace all factors.
    #[schema(max_length = 1024)]
    reset: Option<String>,
    /// How the session travels.
    #[serde(default)]
    session: Delivery,
}

/// A first factor, and what an identity provider said of it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CheckedFirstFactor)]
struct Checked {
    method: CheckedMethod,
    /// Authentication methods (RFC 8176): at most 16 values of 32 characters.
    #[serde(default)]
    #[schema(max_items = 16)]
    amr: Vec<String>,
    /// When it was shown; now, if left out.
    auth_time: Option<UnixTime>,
}

/// What the application checked.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum CheckedMethod {
    Password,
    Sso,
}

impl Checked {
    async fn evidence(self, context: &Context) -> Result<Evidence, Problem> {
        if self.amr.len() > 16 || self.amr.iter().any(|value| value.len() > 32) {
            let expected = "at most 16 values of 32 characters";
            return Err(Refusal::malformed("first_factor.amr", expected).into());
        }
        let method = match self.method {
            CheckedMethod::Password => Method::Password,
            CheckedMethod::Sso => Method::Sso,
        };
        let now = context.now;
        let at = self.auth_time.unwrap_or(now);
        if at.is_ahead_of(now) {
            context.confirm_time().await?;
            let expected = "a moment that has passed";
            return Err(Refusal::malformed("first_factor.auth_time", expected).into());
        }
        Ok(Evidence {
            amr: self.amr,
            // A clock ahead of ours does not make evidence younger than now.
            ..Evidence::new(method, at.min(now))
        })
    }
}

/// `POST /v1/sign-ins`: is this enough?
pub async fn sign_in(
    caller: Application,
    Query(Explain(explain)): Query<Explain>,
    Json(body): Json<ByApplication>,
) -> Result<SignInReply, Problem> {
    let context = &caller.request.context;
    context.check_surface("surface", body.surface.as_ref())?;
    let keys = &context.settings.keys;
    let first_factor = FirstFactor {
        shown: Shown::ToApplication,
        evidence: body.first_factor.evidence(context).await?,
        surface: body.surface,
        delivery: body.session,
        device: body
            .trusted_device
            .and_then(|text| DeviceToken::read(&text, keys)),
        jar: None,
        explain,
        reset: match body.reset {
            Some(token) => Some(presented(context, &token).await?),
            None => None,
        },
    };
    match from_copy(context, &first_factor, &body.organization, &body.user).await? {
        FromCopy::Challenge(reply) => Ok(*reply),
        FromCopy::Attempt(models) => finish(context, &first_factor, *models).await,
        FromCopy::Nothing => {
            let models = find(context, &body.organization, &body.user).await?;
            finish(context, &first_factor, models).await
        }
    }
}

/// What a copy is good for: it may lead to a challenge, or to an attempt that D1 confirms.
enum FromCopy {
    Challenge(Box<SignInReply>),
    Attempt(Box<Models>),
    Nothing,
}

async fn from_copy(
    context: &Context,
    first_factor: &FirstFactor,
    organization: &OrganizationName,
    user: &ExternalId,
) -> Result<FromCopy, Problem> {
    if first_factor.reset.is_some() {
        return Ok(FromCopy::Nothing);
    }
    let Some(home) = copies::find(context, organization, user).await else {
        return Ok(FromCopy::Nothing);
    };
    let Some(copied) = copies::read(context, home).await else {
        return Ok(FromCopy::Nothing);
    };
    if first_factor.device.is_some() {
        let models = copied.into_attempt();
        return Ok(match models.user.state {
            State::Active => FromCopy::Attempt(Box::new(models)),
            // A refusal is D1's to say.
            State::Disabled => FromCopy::Nothing,
        });
    }
    let verdict = |models: &Models| match models.user.state {
        State::Active => first_factor.ruling(models, context.now).verdict,
        State::Disabled => Verdict::Refuse,
    };
    let Some(models) = copied.if_challenged(verdict) else {
        return Ok(FromCopy::Nothing);
    };
    // By a clock that is ahead it would outlive what ends it.
    context.confirm_time().await?;
    let ruling = first_factor.ruling(&models, context.now);
    let reply = first_factor.challenge(context, &models, &ruling, true, None)?;
    Ok(FromCopy::Challenge(Box::new(reply)))
}
