//! A forgotten password: a mailed link, and with it a new password. Where the person has a second factor, that too: the
//! link takes the place of the old password and of nothing else. It opens no session and removes no factor.

use postern::{
    audit::Action,
    backup_codes::BackupCode,
    challenges::{self, Presented, check_form},
    decision::{Attempt, Provisos, Spend},
    evidence::Method,
    ids::ChallengeId,
    links::{Link, Purpose},
    names::Username,
    passwords::Password,
    refusal::Refusal,
    throttle::{Closed, Counters, Lane, ThrottleKey},
    time::UnixTime,
    totp::TotpCode,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::Public,
    account::password::{SET_PASSWORD, check_suitable, verifier},
    delivery,
    http::{
        body::{Json, NoContent, ShortJson},
        context::{Context, Home},
        problem::Problem,
        slow_hashes::Place,
    },
    platform::{Fault, log},
    sign_in::{challenge::check::secret, resets::Open},
    store::{
        d1::{self, Batch, effect, recording, recording_text},
        event_detail::EventDetail,
        links::{self, LinkRow},
        mail,
        models::Models,
        settlement::{
            Settled, Settlement, ThrottleState, models_statement, not_spent, settle,
            spent_statement, throttle_statement,
        },
        survivors::Survivors,
    },
};

/// Links mailed to one person in an hour at most.
const MOST_IN_AN_HOUR: u64 = 3;

const HOUR_SECONDS: u64 = 3600;

/// Whose password was forgotten.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForgottenPassword {
    /// The organization's id.
    organization: String,
    /// What the user types to sign in.
    username: String,
}

/// The user that a link is for.
#[derive(Serialize, ToSchema)]
pub struct OpenedPassword {
    /// What the organization is called.
    organization_name: String,
    /// The organization's id.
    organization: String,
    /// What the user types to sign in.
    username: String,
    /// Whether a new password takes a second factor too.
    second_factor: bool,
    /// By what it can be shown here; passkeys cannot.
    methods: Vec<Method>,
    /// From when on the link does nothing any more.
    expires_at: UnixTime,
}

/// A new password, by a mailed link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetPassword {
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
}

/// What can be shown besides the link.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SecondFactorOfReset)]
enum SecondFactor {
    BackupCode,
    Totp,
}

/// `POST /v1/passwords/forgotten`: mails the user a link, if there is such a user with a password and an address. All is
/// done after the reply, which so takes as long for every name; a mail that was lost is asked for once more.
pub async fn ask(
    caller: Public,
    ShortJson(body): ShortJson<ForgottenPassword>,
) -> Result<NoContent, Problem> {
    let context = &caller.request.context;
    // A name that cannot be is a name that no user has.
    let name = body.username.parse::<Username>();
    let name = name.map_or(body.username, |name| name.to_string());
    let batch = mailing(context, body.organization, name)?;
    let (platform, settings) = (context.platform().clone(), context.settings.clone());
    let (database, now) = (context.database.clone(), context.now);
    context.after_reply(async move {
        let done = async {
            d1::write(&database, &batch).await?;
            delivery::run(&platform, &settings, now, delivery::AFTER_REPLY).await
        };
        if let Err(fault) = done.await {
            log(&format!("forgotten password: {fault:?}"));
        }
    });
    Ok(NoContent)
}

/// `POST /v1/passwords/open`: the user that the link is for. A scanner that opens links may do so as often as it likes.
pub async fn open(
    caller: Public,
    ShortJson(body): ShortJson<Open>,
) -> Result<Json<OpenedPassword>, Problem> {
    let presented = Presenting::of(&caller.request.context, &body.token).await?;
    let found = presented.load(&caller.request.context, None).await?;
    let user = &found.models.user;
    let mut methods = challenges::offered(user, Lane::Everyone);
    methods.retain(|method| *method != Method::Passkey);
    Ok(Json(OpenedPassword {
        second_factor: is_enrolled(&found.models),
        methods,
        organization_name: found.row.organization_name,
        organization: found.row.organization,
        username: found.row.username,
        expires_at: found.row.expires_at,
    }))
}

/// `POST /v1/passwords/reset`: sets the new password, once for each link. All sessions and trusted devices end.
pub async fn reset(
    caller: Public,
    ShortJson(body): ShortJson<ResetPassword>,
) -> Result<NoContent, Problem> {
    // parse
    let context = &caller.request.context;
    check_suitable(&body.password)?;
    let proof = parse(body.method, body.code.as_deref())?;
    let presented = Presenting::of(context, &body.token).await?;
    // load
    let throttle = proof.as_ref().map(|proof| ThrottleKey {
        method: method_of(proof),
        lane: Lane::Everyone,
    });
    let found = presented.load(context, throttle).await?;
    // decide
    let attempt = found.attempt(context, proof.as_ref()).await?;
    let verifier = verifier(context, presented.home, &body.password).await?;
    // commit
    let event = context.event_id()?;
    let mut effects = vec![
        effect!(SET_PASSWORD, event, verifier),
        links::end(event, Purpose::Password),
        mail::notice(context, event, mail::Kind::PasswordChanged),
    ];
    if attempt.method == Some(Method::BackupCode) {
        let used = mail::notice(context, event, mail::Kind::BackupCodeUsed);
        effects.push(used);
    }
    effects.extend(Survivors::NoSession.effects(event));
    let settlement = Settlement {
        event,
        action: Action::PasswordReset,
        provisos: Provisos {
            challenge: Some(presented.spend()),
            ..found.models.provisos(attempt)
        },
        subject: None,
        detail: EventDetail::default(),
        effects,
        reads: vec![],
    };
    match settle(context, settlement).await? {
        Settled::Judged(judgment) => judgment.accepted_or_refused()?,
        Settled::Closed(why) => return Err(closed(why, context.now).into()),
        // The link ended with the version.
        Settled::Spent | Settled::Stale(_) => return Err(Refusal::Expired.into()),
        Settled::Gone => return Err(Refusal::NotAccepted.into()),
    }
    Ok(NoContent)
}

fn parse(method: Option<SecondFactor>, code: Option<&str>) -> Result<Option<Presented>, Refusal> {
    let (method, code) = match (method, code) {
        (None, None) => return Ok(None),
        (None, Some(_)) => return Err(Refusal::malformed("method", "totp or backup_code")),
        (Some(method), code) => (method, code.unwrap_or_default()),
    };
    let presented = match method {
        SecondFactor::Totp => code.parse::<TotpCode>().ok().map(|code| Presented::Totp {
            code,
            authenticator: None,
        }),
        SecondFactor::BackupCode => code.parse::<BackupCode>().ok().map(Presented::BackupCode),
    };
    let presented = presented.ok_or(Refusal::malformed(
        "code",
        "6 to 8 digits, or a backup code",
    ))?;
    Ok(Some(presented))
}

const fn method_of(proof: &Presented) -> Method {
    match proof {
        Presented::Totp { .. } => Method::Totp,
        Presented::BackupCode(_) => Method::BackupCode,
        Presented::Password(_) => Method::Password,
    }
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
    async fn of(context: &Context, token: &str) -> Result<Self, Problem> {
        let link = Link::open(Purpose::Password, &context.settings.keys, token);
        let link = link.map_err(|_| Refusal::NotAccepted)?;
        if link.is_over(context.now) {
            context.confirm_time().await?;
            return Err(Refusal::Expired.into());
        }
        let home = Home {
            organization: link.organization,
            user: link.user,
        };
        Ok(Self { home, link })
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
            LinkRow::statement(self.home, Purpose::Password),
        ];
        let mut rows = d1::run(&context.database, &statements).await?;
        let models: Option<Models> = rows.first()?;
        let state: Option<ThrottleState> = rows.first()?;
        not_spent(&mut rows)?;
        let row: Option<LinkRow> = rows.first()?;
        let row = row.filter(|row| row.password > 0 && row.is_of(&self.link, context.now));
        let (models, row) = models.zip(row).ok_or(Refusal::Expired)?;
        let counters = state.unwrap_or_default().counters();
        Ok(Found {
            models,
            counters,
            throttle,
            row,
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
        proof: Option<&Presented>,
    ) -> Result<Attempt, Problem> {
        if !is_enrolled(&self.models) {
            return Ok(Attempt::none());
        }
        let (proof, throttle) = proof.zip(self.throttle).ok_or(Refusal::NotAccepted)?;
        check_form(proof, &self.models.user)?;
        if let Some(why) = throttle.closed(&self.counters, 1, context.now) {
            return Err(closed(why, context.now).into());
        }
        let place = match throttle.method {
            Method::BackupCode => Some(Place::take(context, self.models.home(), false).await?),
            _ => None,
        };
        secret(context, &self.models, proof, throttle, place.as_ref()).await
    }
}

/// Writes the link and its mail, for a user who has an address and a password. What is sent is the same for every name.
fn mailing(context: &Context, organization: String, name: String) -> Result<Batch, Fault> {
    let event = context.event_id()?;
    Ok(Batch {
        recording: recording!(FORGOTTEN, {
            event: event,
            organization: organization,
            name: name,
            now: context.now,
            action: Action::PasswordForgotten.as_str(),
            expires_at: context.now.plus(Purpose::Password.seconds()),
            since: context.now.minus(HOUR_SECONDS),
            most: MOST_IN_AN_HOUR,
            ip: context.origin.ip.clone(),
            user_agent: context.origin.user_agent.clone(),
            request_id: context.origin.request_id.clone(),
        }),
        effects: vec![
            links::start(event, Purpose::Password),
            mail::notice_after_reply(context, event, mail::Kind::PasswordForgotten),
        ],
        reads: vec![],
    })
}

const FORGOTTEN: &str = recording_text!(
    "id, organization, user, at, action, actor, outcome, detail, ip, user_agent, request_id",
    "
SELECT :event, u.organization, u.id, :now, :action, 'user', 'accepted',
  json_object('expires_at', CAST(:expires_at AS INTEGER)), :ip, :user_agent, :request_id
FROM organization o JOIN user u ON u.organization = o.id AND u.username = :name
WHERE o.external_id = :organization AND u.state = 'active' AND u.password IS NOT NULL
  AND EXISTS (SELECT 1 FROM mailbox b WHERE b.organization = u.organization AND b.user = u.id)
  AND (SELECT count(*) FROM event e
    WHERE e.organization = u.organization AND e.user = u.id AND e.action = :action AND e.at > :since) < :most"
);
