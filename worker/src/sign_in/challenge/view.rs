//! A challenge as its bearer sees it.

use postern::{
    challenges::{self, Challenge, Purpose},
    evidence::Method,
    ids::AuthenticatorId,
    passkeys::PublicKeyCredentialRequestOptionsJSON,
    policy::TrustedDevices,
    time::UnixTime,
    totp::Digits,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::Fault;
use crate::{
    http::context::Context,
    sign_in::assertion,
    store::models::{Models, OrganizationView},
};

/// Only methods that can succeed.
#[derive(Serialize, ToSchema)]
pub struct ChallengeView {
    /// To be sent back with the answer.
    token: String,
    /// How it can be answered.
    methods: Vec<Method>,
    /// What a code or a passkey can be of.
    authenticators: Vec<Named>,
    /// How many digits a code may have: as many as those of one of the apps. Left out where no code of an
    /// app can succeed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(min_items = 1, max_items = 3)]
    code_lengths: Vec<u8>,
    expires_at: UnixTime,
    /// Where it signs in to.
    organization: OrganizationView,
    /// What the browser needs to ask for a passkey.
    #[serde(skip_serializing_if = "Option::is_none")]
    passkey: Option<PublicKeyCredentialRequestOptionsJSON>,
    /// Days of trust that may be asked for with the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 30)]
    trust_device_days: Option<u8>,
}

impl ChallengeView {
    /// Seals `challenge` and says how it can be answered.
    ///
    /// # Errors
    /// A fault without randomness.
    pub fn of(
        context: &Context,
        models: &Models,
        challenge: &Challenge,
        methods: Vec<Method>,
    ) -> Result<Self, Fault> {
        let days = match models.organization.policy.trusted_devices {
            TrustedDevices::Days(days) if challenge.purpose == Purpose::SignIn => Some(days),
            _ => None,
        };
        let code_lengths = match methods.contains(&Method::Totp) {
            true => challenges::code_lengths(&models.user, None)
                .into_iter()
                .map(Digits::count)
                .collect(),
            false => Vec::new(),
        };
        Ok(Self {
            token: challenge.seal(&context.settings.keys, context.entropy()?)?,
            methods,
            authenticators: models
                .user
                .authenticators
                .iter()
                .map(|a| Named {
                    id: a.id,
                    kind: a.kind.as_str(),
                    name: a.name.clone(),
                })
                .collect(),
            code_lengths,
            expires_at: challenge.expires_at,
            organization: OrganizationView::of(models),
            passkey: assertion::request_options(context, models, challenge),
            trust_device_days: days,
        })
    }
}

/// An authenticator that an answer may name.
#[derive(Serialize, ToSchema)]
#[schema(as = NamedAuthenticator)]
struct Named {
    id: AuthenticatorId,
    #[schema(schema_with = postern::schema::authenticator_kind)]
    kind: &'static str,
    /// What the person calls it.
    name: String,
}
