//! A password that is chosen by a mailed link: the first one of a person who was invited, or one in the place of a forgotten
//! one. Where the person has a second factor, that is asked for too: the link takes the place of a first factor and of
//! nothing else. It opens no session and removes no factor.

use postern::{
    audit::Action,
    backup_codes::BackupCode,
    challenges::{self, CEREMONY_SECONDS, Presented},
    decision::{Attempt, Provisos, Spend},
    evidence::Method,
    ids::ChallengeId,
    links::{Link, Purpose},
    passkeys::{
        AuthenticationResponseJSON, PublicKeyCredentialRequestOptionsJSON, Refused,
        UserVerificationRequirement,
        authentication::{self, Ceremony},
    },
    passwords::Password,
    policy::Verdict,
    refusal::{Conflict, Refusal},
    throttle::{Closed, Counters, Lane, ThrottleKey},
    time::UnixTime,
    totp::TotpCode,
    users::User,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use crate::{
    account::password::{SET_PASSWORD, check_suitable, verifier},
    http::{
        context::{Context, Home},
        problem::Problem,
        relying_party::Site,
        slow_hashes::Place,
    },
    sign_in::{
        assertion,
        challenge::{answer::Proof, check},
    },
    store::{
        d1::{self, effect},
        event_detail::EventDetail,
        links::{self, LinkRow},
        mail,
        models::Models,
        settlement::{
            Settled, Settlement, TRIES, ThrottleState, models_statement, not_spent, settle,
            spent_statement, throttle_statement,
        },
        survivors::Survivors,
    },
};

const HOUR_SECONDS: u64 = 3600;

/// The user that a link is for.
#[derive(Serialize, ToSchema)]
pub struct OpenedPassword {
    /// What the organization is called.
    organization_name: String,
    /// The organization's id.
    organization: String,
    /// What the user types to sign in.
    username: String,
    /// Whether the password takes a second factor too.
    second_factor: bool,
    /// By what it can be shown.
    methods: Vec<Method>,
    /// What the browser needs to ask for a passkey, for five minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    passkey: Option<PublicKeyCredentialRequestOptionsJSON>,
    /// Whether the person, who has no second factor, has to add one when they sign in with the password.
    enrolls: bool,
    /// From when on the link does nothing any more.
    expires_at: UnixTime,
}

/// A password, chosen by a mailed link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChosenPassword {
    /// What stands behind the `#` of the link.
    #[schema(max_length = 1024)]
    token: String,
    /// At least 8 characters, none of the most common ones.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 256)]
    password: Password,
    /// Where the user has a second factor: what is shown of it.
    method: Option<SecondFactor>,
    /// 6 to 8 digits of an app, or a backup code.
    #[schema(min_length = 6, max_length = 64)]
    code: Option<String>,
    /// What the passkey signed.
    credential: Option<AuthenticationResponseJSON>,
}

/// What can be shown besides the link.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SecondFactorOfReset)]
enum SecondFactor {
    BackupCode,
    Passkey,
    Totp,
}

/// The user that the link is for. A scanner that opens links may do so as often as it likes.
///
/// # Errors
/// `not_accepted` for what is none of our links; `expired` for one that is over, or was used; `unavailable`.
pub async fn open(
    context: &Context,
    purpose: Purpose,
    token: &str,
) -> Result<OpenedPassword, Problem> {
    let presented = Presenting::of(context, purpose, token).await?;
    let found = presented.load(context, None).await?;
    let user = &found.models.user;
    let methods = challenges::offered(user, Lane::Everyone);
    let passkey = methods
        .contains(&Method::Passkey)
        .then(|| request_options(context, user, token));
    let asked = found.models.asked_after_password(context.now);
    Ok(OpenedPassword {
        second_factor: is_enrolled(&found.models),
        methods,
        passkey,
        enrolls: matches!(asked.verdict, Verdict::Enroll { .. }),
        organization_name: found.row.organization_name,
        organization: found.row.organization,
        username: found.row.username,
        expires_at: found.row.expires_at,
    })
}

/// Sets the password, once for each link, and records it as `action`. All sessions and trusted devices end.
///
/// # Errors
/// As [`open`]; `malformed` for a password that cannot be chosen; `not_accepted` without the second factor of a user who has
/// one; `throttled`, `disabled`.
pub async fn set(
    context: &Context,
    purpose: Purpose,
    mut body: ChosenPassword,
    action: Action,
) -> Result<(), Problem> {
    check_suitable(&body.password)?;
    let proof = parse(&mut body)?;
    let presented = Presenting::of(context, purpose, &body.token).await?;
    let mut made = None;
    for _ in 0..TRIES {
        // load
        let throttle = proof.as_ref().map(|proof| ThrottleKey {
            method: proof.method(),
            lane: Lane::Everyone,
        });
        let found = presented.load(context, throttle).await?;
        // decide
        let attempt = found.attempt(context, &body.token, proof.as_ref()).await?;
        let verifier = match made.take() {
            Some(verifier) => verifier,
            None => verifier(context, presented.home, &body.password).await?,
        };
        // commit
        let settlement = presented.settlement(context, &found, attempt, &verifier, action)?;
        match settle(context, settlement).await? {
            Settled::Judged(judgment) => return Ok(judgment.accepted_or_refused()?),
            Settled::Closed(why) => return Err(closed(why, context.now).into()),
            Settled::Spent => return Err(Refusal::Expired.into()),
            Settled::Gone => return Err(Refusal::NotAccepted.into()),
            // The user or the policy is another by now, and the link may have ended with that.
            Settled::Stale(_) => made = Some(verifier),
        }
    }
    Err(Refusal::Conflict(Conflict::MovedOn).into())
}

fn parse(body: &mut ChosenPassword) -> Result<Option<Proof>, Refusal> {
    let (code, credential) = (body.code.take(), body.credential.take());
    let Some(method) = body.method else {
        return match (code, credential) {
            (None, None) => Ok(None),
            _ => Err(Refusal::malformed("method", "what is shown")),
        };
    };
    let code = || code.as_deref().unwrap_or_default();
    let secret = match method {
        SecondFactor::Passkey => {
            let credential =
                credential.ok_or(Refusal::malformed("credential", "the passkey's answer"))?;
            return Ok(Some(Proof::Passkey(Box::new(credential))));
        }
        SecondFactor::Totp => code().parse::<TotpCode>().ok().map(|code| Presented::Totp {
            code,
            authenticator: None,
        }),
        SecondFactor::BackupCode => code().parse::<BackupCode>().ok().map(Presented::BackupCode),
    };
    let secret = secret.ok_or(Refusal::malformed(
        "code",
        "6 to 8 digits, or a backup code",
    ))?;
    Ok(Some(Proof::Secret(secret)))
}

/// What is refused while a throttle is closed. Which of many apps a code is of cannot be said here.
fn closed(closed: Closed, now: UnixTime) -> Refusal {
    let until = now.plus(HOUR_SECONDS);
    Refusal::closed(closed, Refusal::Throttled { until })
}

fn is_enrolled(models: &Models) -> bool {
    !models.user.authenticators.is_empty()
}

/// A link that is presented, and authentic.
struct Presenting {
    purpose: Purpose,
    home: Home,
    link: Link,
}

/// What a link rests on, which still does something.
struct Found {
    models: Models,
    counters: Counters,
    throttle: Option<ThrottleKey>,
    row: LinkRow,
}

impl Presenting {
    /// # Errors
    /// `not_accepted` for what is none of our links; `expired` for one that is over; `unavailable`.
    async fn of(context: &Context, purpose: Purpose, token: &str) -> Result<Self, Problem> {
        let link = Link::open(purpose, &context.settings.keys, token);
        let link = link.map_err(|_| Refusal::NotAccepted)?;
        if link.is_over(context.now) {
            context.confirm_time().await?;
            return Err(Refusal::Expired.into());
        }
        let home = Home {
            organization: link.organization,
            user: link.user,
        };
        Ok(Self {
            purpose,
            home,
            link,
        })
    }

    /// # Errors
    /// `expired` where the link was used, or another took its place, or the user is not as when it was mailed;
    /// `unavailable`.
    async fn load(
        &self,
        context: &Context,
        throttle: Option<ThrottleKey>,
    ) -> Result<Found, Problem> {
        let statements = [
            models_statement(self.home),
            throttle_statement(self.home, throttle),
            spent_statement(Some(self.spend().id)),
            LinkRow::statement(self.home, self.purpose),
        ];
        let mut rows = d1::run(&context.database, &statements).await?;
        let models: Option<Models> = rows.first()?;
        let state: Option<ThrottleState> = rows.first()?;
        not_spent(&mut rows)?;
        let row: Option<LinkRow> = rows.first()?;
        let row = row.filter(|row| self.can_be_used(row, context.now));
        let (models, row) = models.zip(row).ok_or(Refusal::Expired)?;
        let counters = state.unwrap_or_default().counters();
        Ok(Found {
            models,
            counters,
            throttle,
            row,
        })
    }

    /// An invitation is for a person without a password, any other link for one who has one.
    fn can_be_used(&self, row: &LinkRow, now: UnixTime) -> bool {
        let invites = self.purpose == Purpose::Invitation;
        invites == (row.password == 0) && row.is_of(&self.link, now)
    }

    /// What the link does, once.
    fn settlement(
        &self,
        context: &Context,
        found: &Found,
        attempt: Attempt,
        verifier: &str,
        action: Action,
    ) -> Result<Settlement, Problem> {
        let event = context.event_id()?;
        let mut effects = vec![
            effect!(SET_PASSWORD, event, verifier),
            links::end(event, self.purpose),
            mail::notice(context, event, mail::Kind::PasswordChanged),
        ];
        match attempt.method {
            Some(Method::BackupCode) => {
                effects.push(mail::notice(context, event, mail::Kind::BackupCodeUsed));
            }
            Some(Method::Passkey) => effects.push(mail::possible_clone(context, event)),
            _ => {}
        }
        effects.extend(Survivors::NoSession.effects(event));
        let subject = check::code_set(&found.models, attempt.method);
        Ok(Settlement {
            event,
            action,
            provisos: Provisos {
                challenge: Some(self.spend()),
                ..found.models.provisos(attempt)
            },
            subject,
            keeps: false,
            detail: EventDetail::default(),
            effects,
            reads: vec![],
        })
    }

    /// The mark of a link that was used, or ended otherwise.
    fn spend(&self) -> Spend {
        Spend {
            id: ChallengeId::from_entropy(*self.link.id.as_bytes()),
            expires_at: self.link.expires_at,
            tries: None,
        }
    }
}

impl Found {
    /// Checks the second factor of a user who has one, as far as it can be without the database's last word.
    ///
    /// # Errors
    /// `not_accepted` without one; `throttled`, `disabled`, `malformed`, `unavailable`.
    async fn attempt(
        &self,
        context: &Context,
        token: &str,
        proof: Option<&Proof>,
    ) -> Result<Attempt, Problem> {
        if !is_enrolled(&self.models) {
            return Ok(Attempt::none());
        }
        let (proof, throttle) = proof.zip(self.throttle).ok_or(Refusal::NotAccepted)?;
        let secret = match proof {
            // Wrong ones keep no right one waiting.
            Proof::Passkey(response) => return self.asserted(context, token, response).await,
            Proof::Secret(secret) => secret,
        };
        proof.check_form(&self.models)?;
        if let Some(why) = throttle.closed(&self.counters, 1, context.now) {
            return Err(closed(why, context.now).into());
        }
        let place = match proof.is_slow() {
            true => Some(Place::take(context, self.models.home(), false).await?),
            false => None,
        };
        check::secret(context, &self.models, secret, throttle, place.as_ref()).await
    }

    /// Checks what a passkey signed, of this moment or of the one before.
    async fn asserted(
        &self,
        context: &Context,
        token: &str,
        response: &AuthenticationResponseJSON,
    ) -> Result<Attempt, Problem> {
        let mut attempt = Attempt::none();
        for nonce in [
            nonce(token, context.now),
            nonce(token, context.now.minus(CEREMONY_SECONDS)),
        ] {
            let ceremony = Ceremony {
                nonce: &nonce,
                user: authentication::User::Identified,
                user_verification: UserVerificationRequirement::Preferred,
            };
            let (models, lane) = (&self.models, Lane::Everyone);
            attempt = assertion::attempt(context, models, &ceremony, response, true, lane).await?;
            if attempt.flaw != Some(Refused::Challenge.code()) {
                break;
            }
        }
        Ok(attempt)
    }
}

/// Options for a passkey of `user`, with the link of `token`.
fn request_options(
    context: &Context,
    user: &User,
    token: &str,
) -> PublicKeyCredentialRequestOptionsJSON {
    let site = Site::of(context);
    PublicKeyCredentialRequestOptionsJSON::new(
        &site.relying_party(""),
        nonce(token, context.now),
        UserVerificationRequirement::Preferred,
        user.passkeys().map(|(_, record)| record),
    )
}

/// What a passkey signs with the link of `token`: something else every five minutes, and nothing that can be told without
/// the token, which is used once.
fn nonce(token: &str, now: UnixTime) -> [u8; 32] {
    let moment = now.0.div_euclid(CEREMONY_SECONDS);
    Sha256::digest(format!("passkey\n{token}\n{moment}")).into()
}
