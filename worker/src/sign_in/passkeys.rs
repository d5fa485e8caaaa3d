//! Passkeys: enrolled, and a sign-in by one alone. As an answer to a challenge: [`crate::sign_in::challenges`].

use http::StatusCode;
use postern::{
    audit::Action,
    challenges::{
        self, CEREMONY_SECONDS, Challenge, Delivery, ENROLLMENT_TRIES, PasskeyEnrollment,
        PasskeySignIn, Purpose, asserted, assertion,
    },
    decision::{Attempt, Finding, Spend},
    evidence::{Evidence, Method},
    ids::{AuthenticatorId, ChallengeId, EventId},
    names::{DisplayName, Surface},
    passkeys::{
        AuthenticationResponseJSON, Base64UrlBytes, CeremonyNonce, CredentialRecord,
        PublicKeyCredentialCreationOptionsJSON, PublicKeyCredentialRequestOptionsJSON,
        PublicKeyCredentialUserEntityJSON, Refused, RegistrationResponseJSON, RelyingParty,
        Unverified, UserVerificationRequirement, authentication, registration,
    },
    record,
    refusal::Refusal,
    throttle::Lane,
    time::UnixTime,
    users::{MAX_PASSKEYS, State},
};
use serde::Serialize;

use crate::{
    account::{
        authenticators,
        enrollments::{self, Confirmation, may_begin, may_end},
    },
    http::{
        call::Call,
        context::{Context, Home},
        jar::Jar,
        problem::{Fault, Problem},
        reply::{Reply, json},
    },
    platform::Signatures,
    sign_in::challenges::Round,
    store::{
        copies::{self, Versions},
        d1::{self, Statement, effect, text},
        settlement::{TRIES, Truth, load, not_spent, spent_statement},
    },
};

record! {
    strict struct Nothing {}
}

record! {
    strict struct Confirm {
        enrollment: String,
        credential: RegistrationResponseJSON,
        name: Option<DisplayName>,
    }
}

record! {
    strict struct Begin {
        surface: Option<Surface>,
        session: Delivery = Delivery::default(),
    }
}

record! {
    /// What the person is called in their passkey manager.
    struct Account {
        username: String,
        name: Option<String>,
    }
}

#[derive(Serialize)]
struct Enrollment {
    token: String,
    options: PublicKeyCredentialCreationOptionsJSON,
    expires_at: UnixTime,
}

#[derive(Serialize)]
struct SignIn {
    token: String,
    methods: [Method; 1],
    passkey: PublicKeyCredentialRequestOptionsJSON,
    expires_at: UnixTime,
}

/// `POST /v1/me/passkeys`: what the browser needs to make a passkey.
pub async fn start(call: Call) -> Reply {
    let home = call.claimed_home()?;
    let account = Statement::new(ACCOUNT, [text(home.organization), text(home.user)]);
    let (caller, mut rows) = call.session(vec![account]).await?;
    let Nothing {} = call.short_json(caller.judged())?;
    let account = rows.first::<Account>()?.ok_or(Refusal::Unauthenticated)?;
    let context = &call.context;
    let Truth { user, organization } = &caller.truth;
    may_begin(&caller, user.passkeys().count(), MAX_PASSKEYS)?;
    let ceremony = PasskeyEnrollment {
        id: ChallengeId::from_entropy(context.entropy()?),
        nonce: nonce(context)?,
        organization: home.organization,
        user: home.user,
        session: caller.session.id,
        expires_at: context.now.plus(CEREMONY_SECONDS),
    };
    let name = account.name.unwrap_or_else(|| account.username.clone());
    let entity = PublicKeyCredentialUserEntityJSON {
        id: user.user_handle(),
        name: account.username,
        display_name: name,
    };
    let site = Site::of(context);
    let options = PublicKeyCredentialCreationOptionsJSON::new(
        &site.relying_party(&organization.name),
        entity,
        ceremony.nonce.0,
        UserVerificationRequirement::Preferred,
        user.passkeys().map(|(_, record)| record),
    );
    let enrollment = Enrollment {
        token: ceremony.seal(&context.settings.keys, context.entropy()?),
        options,
        expires_at: ceremony.expires_at,
    };
    json(StatusCode::OK, "enrollment", &enrollment)
}

/// `POST /v1/me/passkeys/confirm`: what the browser made, and a name for it.
pub async fn confirm(call: Call) -> Reply {
    // load
    let (caller, _) = call.session(vec![]).await?;
    // parse
    let body: Confirm = call.json(caller.judged())?;
    let context = &call.context;
    may_end(&caller)?;
    let ceremony = PasskeyEnrollment::open(&context.settings.keys, &body.enrollment)
        .map_err(|_| Refusal::NotAccepted)?;
    let mine = ceremony.session == caller.session.id
        && ceremony.user == caller.home.user
        && ceremony.organization == caller.home.organization;
    if !mine {
        return Err(Refusal::NotAccepted.into());
    }
    if ceremony.is_over(context.now) {
        return Err(Refusal::Expired.into());
    }
    // decide
    let site = Site::of(context);
    let made = registration::verify(
        &site.relying_party(""),
        &registration::Ceremony {
            nonce: &ceremony.nonce.0,
            user_verification: UserVerificationRequirement::Preferred,
        },
        &body.credential,
    );
    let made = readable(verified(context.signatures(), made).await)?;
    if made.is_ok() && caller.truth.user.backup_codes.is_none() {
        // Ten slow hashes follow.
        let spent = [spent_statement(Some(ceremony.id))];
        not_spent(&mut d1::run(&context.database, &spent).await?)?;
    }
    let id = AuthenticatorId::from_entropy(context.entropy()?);
    let confirmation = Confirmation {
        authenticator: shown(id, body.name, made.as_ref().ok(), context.now)?,
        attempt: registered(&made),
        challenge: Some(Spend {
            id: ceremony.id,
            expires_at: ceremony.expires_at,
            tries: Some(ENROLLMENT_TRIES),
        }),
        evidence: evidence(id, made.as_ref().ok(), context.now),
    };
    let name = confirmation.authenticator.name().to_owned();
    let record = made.ok().map(|record| stored(&record)).transpose()?;
    let add = |event: EventId| vec![effect!(ADD, event, text(id), record, name)];
    enrollments::confirm(&call, &caller, confirmation, add).await
}

/// `POST /v1/sign-ins/passkey`: what the browser needs to find a passkey of ours, whoever is there.
pub async fn begin_sign_in(call: Call) -> Reply {
    let body: Begin = call.short_json(call.anyone()?)?;
    let context = &call.context;
    context.check_surface("surface", body.surface.as_ref())?;
    let question = PasskeySignIn {
        id: ChallengeId::from_entropy(context.entropy()?),
        nonce: nonce(context)?,
        surface: body.surface,
        delivery: body.session,
        opened_at: context.now,
        expires_at: context.now.plus(CEREMONY_SECONDS),
    };
    let site = Site::of(context);
    let view = SignIn {
        token: question.seal(&context.settings.keys, context.entropy()?),
        methods: [Method::Passkey],
        passkey: PublicKeyCredentialRequestOptionsJSON::new(
            &site.relying_party(""),
            question.nonce.0,
            UserVerificationRequirement::Required,
            [],
        ),
        expires_at: question.expires_at,
    };
    json(StatusCode::OK, "challenge", &view)
}

/// The answer to [`begin_sign_in`].
///
/// # Errors
/// One and the same no for a passkey, a person and a signature that are not there or not good.
pub async fn finish_sign_in(
    call: &Call,
    question: &PasskeySignIn,
    response: &AuthenticationResponseJSON,
    trust_device: bool,
) -> Reply {
    let context = &call.context;
    if question.is_over(context.now) {
        return Err(Refusal::Expired.into());
    }
    // load
    let handle = response.response.user_handle();
    let home = handle.map(|handle| Home {
        organization: handle.organization(),
        user: handle.user(),
    });
    let Some(mut truth) = find(context, home).await? else {
        context.signatures().verify_decoy().await;
        return Err(Refusal::NotAccepted.into());
    };
    if truth.user.state == State::Disabled {
        // Unless that was a late copy.
        truth = refreshed(context, &truth).await?;
    }
    let ceremony = &question.ceremony();
    for _ in 0..TRIES {
        // decide
        let attempt = attempt(context, &truth, ceremony, response, false, Lane::Everyone).await?;
        if truth.user.state == State::Disabled {
            return Err(Refusal::NotAccepted.into());
        }
        let challenge = Challenge {
            id: question.id,
            purpose: Purpose::SignIn,
            organization: truth.organization.id,
            user: truth.user.id,
            surface: question.surface.clone(),
            evidence: vec![],
            user_version: truth.user.version,
            copied: None,
            session: None,
            nonce: None,
            lane: None,
            delivery: question.delivery,
            opened_at: question.opened_at,
            expires_at: question.expires_at,
        };
        // commit, reply
        let round = Round {
            challenge: &challenge,
            action: Action::SignInPasskey,
            trust_device,
            jar: Jar::of(call),
        };
        if let Some(response) = round.settle(context, &mut truth, attempt).await? {
            return Ok(response);
        }
    }
    Err(Fault::unavailable("the user kept changing").into())
}

/// Checks an assertion of the user of `truth`, up to the database's last word. `another_factor`:
/// something else was shown before.
///
/// # Errors
/// `malformed` for what cannot be read. What does not hold is for the commit to record.
pub async fn attempt(
    context: &Context,
    truth: &Truth,
    ceremony: &authentication::Ceremony<'_>,
    response: &AuthenticationResponseJSON,
    another_factor: bool,
    lane: Lane,
) -> Result<Attempt, Problem> {
    let site = Site::of(context);
    let rp = site.relying_party("");
    let assertion = verified(
        context.signatures(),
        assertion(&rp, ceremony, &truth.user, response),
    )
    .await;
    // Alone, what cannot be read is answered like what does not hold: the one would say that
    // there is such a passkey.
    let assertion = if another_factor {
        readable(assertion)?
    } else {
        assertion
    };
    let Truth { user, organization } = truth;
    let policy = &organization.policy;
    let now = context.now;
    Ok(asserted(assertion, user, policy, another_factor, lane, now))
}

/// Options for an assertion in answer to `challenge`; `None` when it has nothing to sign.
pub fn request_options(
    context: &Context,
    truth: &Truth,
    challenge: &Challenge,
) -> Option<PublicKeyCredentialRequestOptionsJSON> {
    let nonce = challenge.nonce?;
    let site = Site::of(context);
    Some(PublicKeyCredentialRequestOptionsJSON::new(
        &site.relying_party(""),
        nonce.0,
        challenge.purpose.user_verification(),
        truth.user.passkeys().map(|(_, record)| record),
    ))
}

/// Something for a passkey to sign, if `methods` has one.
///
/// # Errors
/// A fault without randomness.
pub fn nonce_for(context: &Context, methods: &[Method]) -> Result<Option<CeremonyNonce>, Fault> {
    let asked = methods.contains(&Method::Passkey);
    asked.then(|| nonce(context)).transpose()
}

/// Who we are to browsers, from the settings.
struct Site<'a> {
    id: &'a str,
    origins: Vec<&'a str>,
}

impl<'a> Site<'a> {
    fn of(context: &'a Context) -> Self {
        let settings = &context.settings;
        Self {
            id: &settings.rp_id,
            origins: settings.origins.iter().map(String::as_str).collect(),
        }
    }

    fn relying_party<'b>(&'b self, name: &'b str) -> RelyingParty<'b> {
        RelyingParty {
            id: self.id,
            name,
            origins: &self.origins,
        }
    }
}

async fn find(context: &Context, home: Option<Home>) -> Result<Option<Truth>, Problem> {
    let Some(home) = home else {
        return Ok(None);
    };
    if let Some(copied) = copies::read(context, home).await {
        return Ok(Some(copied.into_attempt()));
    }
    let Some((truth, _)) = load(context, home, None, None).await? else {
        return Ok(None);
    };
    copies::keep(context, &truth, Versions { user: 0, policy: 0 });
    Ok(Some(truth))
}

/// The same user from D1.
async fn refreshed(context: &Context, truth: &Truth) -> Result<Truth, Problem> {
    let home = Home {
        organization: truth.organization.id,
        user: truth.user.id,
    };
    let Some((truth, _)) = load(context, home, None, None).await? else {
        copies::forget_user(context, home);
        return Err(Refusal::NotAccepted.into());
    };
    copies::keep(context, &truth, Versions { user: 0, policy: 0 });
    Ok(truth)
}

/// Asks the platform about what still rests on it; takes as long where nothing does.
async fn verified<T>(
    signatures: &dyn Signatures,
    claimed: Result<Unverified<T>, Refused>,
) -> Result<T, Refused> {
    match claimed {
        Ok(unverified) => {
            let holds = signatures.verifies(unverified.to_verify()).await;
            unverified.verified_by(|_| holds)
        }
        Err(refused) => {
            signatures.verify_decoy().await;
            Err(refused)
        }
    }
}

/// What cannot be read is no attempt.
fn readable<T>(result: Result<T, Refused>) -> Result<Result<T, Refused>, Refusal> {
    match result {
        Err(malformed @ Refused::Malformed(_)) => Err(malformed.into()),
        result => Ok(result),
    }
}

fn registered(made: &Result<CredentialRecord, Refused>) -> Attempt {
    let attempt = Attempt {
        method: Some(Method::Passkey),
        ..Attempt::none()
    };
    match made {
        Ok(record) => Attempt {
            finding: Finding::Registration {
                credential: postern::base64url::encode(record.id.as_bytes()),
            },
            ..attempt
        },
        Err(refused) => Attempt {
            finding: Finding::Wrong,
            flaw: Some(refused.code()),
            ..attempt
        },
    }
}

fn evidence(id: AuthenticatorId, record: Option<&CredentialRecord>, now: UnixTime) -> Evidence {
    Evidence {
        user_verified: record.is_some_and(|record| record.uv_initialized),
        synced: record.is_some_and(|record| record.backup_state),
        ..Evidence::of(Method::Passkey, id, now)
    }
}

/// How the new passkey is shown: by the name given, or that of its provider.
fn shown(
    id: AuthenticatorId,
    name: Option<DisplayName>,
    record: Option<&CredentialRecord>,
    now: UnixTime,
) -> Result<authenticators::View, Fault> {
    let provider = record.and_then(|record| record.aaguid.provider_name());
    let name = match name {
        Some(name) => name,
        None => provider
            .unwrap_or("Passkey")
            .parse()
            .map_err(|_| Fault::new("a provider's name that is none"))?,
    };
    let view = authenticators::View::new(id, "passkey", name, now);
    Ok(match record {
        Some(record) => view.of_passkey(record),
        None => view,
    })
}

fn stored(record: &CredentialRecord) -> Result<String, Fault> {
    Ok(serde_json::to_string(record)?)
}

fn nonce(context: &Context) -> Result<CeremonyNonce, Fault> {
    Ok(Base64UrlBytes(context.entropy()?))
}

/// The ceremony of `challenge`, unless it took too long.
///
/// # Errors
/// `expired`.
pub fn ceremony<'a>(
    challenge: &'a Challenge,
    now: UnixTime,
) -> Result<Option<authentication::Ceremony<'a>>, Refusal> {
    if now >= challenge.opened_at.plus(challenges::CEREMONY_SECONDS) {
        return Err(Refusal::Expired);
    }
    Ok(challenge.ceremony())
}

/// ?1 organization 2 user
const ACCOUNT: &str = "SELECT username, name FROM user WHERE organization = ?1 AND id = ?2";

/// ?1 event 2 authenticator 3 credential record 4 name
const ADD: &str = "
INSERT INTO authenticator (organization, user, id, kind, credential, created_at, name, last_used_at)
SELECT organization, user, ?2, 'passkey', ?3, at, ?4, at FROM accepted WHERE id = ?1";
