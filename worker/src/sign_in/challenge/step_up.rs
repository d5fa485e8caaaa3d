//! Step-up: a proof shown again in a session that is open.

use postern::{
    audit::Action,
    challenges::{self, Challenge, LIFE_SECONDS, Purpose},
    evidence::{Evidence, Method},
    ids::{ChallengeId, TrustedDeviceId},
    policy::{self, Verdict},
    refusal::{Conflict, Refusal},
    throttle::{DISABLED, Lane, ThrottleKey},
    time::UnixTime,
    tokens::Token,
};
use serde::{Deserialize, Serialize};
use utoipa::{
    ToSchema,
    openapi::{RefOr, schema::Schema},
};

use super::{
    answer::Proof,
    asked::check_asked,
    check::{admitted, attempt, code_set, notices, place, provisos},
    opened::note_opened,
    view::ChallengeView,
};
use crate::{
    access::{Challenger, Enrolling, LiveSession, Load, held, session_token},
    http::{
        body::{Json, ShortJson},
        context::{Context, Home},
        cookies::Cookies,
        jar::Jar,
        problem::Problem,
        request::Request,
    },
    platform::Fault,
    sign_in::{
        assertion,
        finish::{SignInAnswer, SignInReply, keep_what_is_offered},
        trusted_devices::{LaneRow, lane_of, presented_device},
    },
    store::{
        copies,
        d1::{Rows, Statement, effect},
        event_detail::EventDetail,
        models::Models,
        sessions::Opening,
        settlement::{Judgment, Settled, Settlement, settle},
    },
};

/// What a challenge is opened for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OpenChallenge)]
pub struct Open {
    /// `step_up`.
    #[schema(schema_with = step_up)]
    purpose: Purpose,
}

/// The one purpose that a challenge is opened for by itself.
fn step_up() -> RefOr<Schema> {
    postern::schema::words("What the challenge is for.", ["step_up"])
}

/// An open challenge.
#[derive(Serialize, ToSchema)]
pub struct ChallengeAnswer {
    challenge: ChallengeView,
}

/// The lane of the browser that asks: the trusted device it holds the token of, if that lives.
pub struct BrowserLane(Option<TrustedDeviceId>);

impl Load for BrowserLane {
    fn statements(request: &Request, home: Home) -> Vec<Statement> {
        let context = &request.context;
        let device = presented_device(context, &Jar::of(request), home);
        vec![lane_of(device.as_ref(), home, context.now)]
    }

    fn read(rows: &mut Rows) -> Result<Self, Fault> {
        let lane = rows.first::<LaneRow>()?;
        Ok(Self(lane.map(|lane| lane.id)))
    }
}

/// `POST /v1/challenges`: open a step-up.
pub async fn open(
    caller: Enrolling<BrowserLane>,
    ShortJson(body): ShortJson<Open>,
) -> Result<Json<ChallengeAnswer>, Problem> {
    if body.purpose != Purpose::StepUp {
        return Err(Refusal::malformed("purpose", "step_up").into());
    }
    let context = caller.context();
    let BrowserLane(device) = caller.loaded;
    let lane = Lane::of_device(device);
    let mut methods = methods(&caller, context.now);
    methods.retain(|&method| !caller.models.user.is_disabled(ThrottleKey { method, lane }));
    if methods.is_empty() {
        return Err(Refusal::Conflict(Conflict::NothingToShow).into());
    }
    let challenge = Challenge {
        id: ChallengeId::from_entropy(context.entropy()?),
        purpose: Purpose::StepUp,
        organization: caller.home.organization,
        user: caller.home.user,
        surface: None,
        evidence: vec![],
        user_version: caller.models.user.version,
        copied: None,
        session: Some(caller.session.id),
        nonce: assertion::nonce_for(context, &methods)?,
        lane: device,
        delivery: challenges::Delivery::Cookie,
        opened_at: context.now,
        expires_at: context.now.plus(LIFE_SECONDS),
    };
    let view = ChallengeView::of(context, &caller.models, &challenge, methods)?;
    note_opened(context, &challenge)?;
    Ok(Json(ChallengeAnswer { challenge: view }))
}

/// The methods by which the session can be made fresh.
fn methods(caller: &LiveSession, now: UnixTime) -> Vec<Method> {
    let Models { user, organization } = &caller.models;
    let ids = user.authenticator_ids();
    let evidence = &caller.session.evidence;
    let person = user.person(&ids);
    let by_password = policy::password_steps_up(&organization.policy, &person, evidence, now);
    let mut methods = challenges::methods(user);
    // A password alone does not answer a policy that asks for more.
    let enough = caller.own_routes_ruling.verdict != Verdict::Challenge;
    if by_password && enough && user.password.is_some() {
        methods.push(Method::Password);
    }
    methods
}

/// The answer to the challenge of a step-up, which belongs to the session that opened it.
///
/// # Errors
/// `unauthenticated`, `not_accepted`, `expired`, `throttled`, `unavailable`.
pub async fn finish(
    caller: &Challenger,
    challenge: &Challenge,
    proof: &Proof,
) -> Result<SignInReply, Problem> {
    let context = &caller.request.context;
    let token = session_token(&caller.request).ok_or(Refusal::Unauthenticated)?;
    if !opened_by(challenge, &token) {
        return Err(Refusal::NotAccepted.into());
    }
    // load
    let throttle = throttle(challenge, proof.method());
    let place = place(context, challenge, proof).await?;
    let (session, counters) = held(context, &token, Some(throttle), Some(challenge.id)).await?;
    check_asked(context, challenge, &session.models)?;
    if !methods(&session, context.now).contains(&throttle.method) {
        return Err(Refusal::NotAccepted.into());
    }
    if proof.is_slow() {
        admitted(throttle, &counters, context.now)?;
    }
    // decide
    let models = &session.models;
    let attempt = attempt(context, challenge, models, proof, throttle, place.as_ref()).await?;
    drop(place);
    let shown = attempt.evidence.clone();
    let gained = shown.unwrap_or_else(|| Evidence::new(throttle.method, context.now));
    let opening = Opening::raise(context, session.home, &session.session, gained)?;
    // commit
    let event = context.event_id()?;
    let mut effects = vec![opening.rise(event)?, effect!(ENABLE, event, DISABLED)];
    effects.extend(notices(context, event, challenge, Some(throttle.method)));
    let settlement = Settlement {
        event,
        action: Action::StepUpVerify,
        provisos: provisos(challenge, models, attempt, Some(session.holder())),
        subject: code_set(models, Some(throttle.method)),
        keeps: false,
        detail: EventDetail::default().with("opened_at", &challenge.opened_at)?,
        effects,
        reads: vec![],
    };
    let judgment = settled(context, settlement).await?;
    // reply
    let mut models = models.clone();
    keep_what_is_offered(context, Some(throttle), &judgment, &mut models);
    judgment.accepted_or_refused()?;
    enable(context, throttle.method, &mut models);
    let delivery = caller.request.delivery();
    let view = opening.view(&models, delivery, context.now);
    let mut cookies = Cookies::default();
    opening.set_cookie(&mut cookies, delivery);
    Ok((cookies, Json(SignInAnswer::raised(view))))
}

/// Whether the session of `token` opened `challenge`.
fn opened_by(challenge: &Challenge, token: &Token) -> bool {
    let session = challenge.session.map(|session| *session.as_bytes());
    (token.organization, token.user) == (challenge.organization, challenge.user)
        && session == Some(token.row)
}

async fn settled(context: &Context, settlement: Settlement) -> Result<Judgment, Problem> {
    match settle(context, settlement).await? {
        Settled::Judged(judgment) => Ok(judgment),
        Settled::Closed(closed) => {
            Err(Refusal::closed(closed, Refusal::AuthenticatorRequired).into())
        }
        // The challenge ended with the user version.
        Settled::Spent | Settled::Stale(_) => Err(Refusal::Expired.into()),
        Settled::Gone => Err(Refusal::NotAccepted.into()),
    }
}

/// A copy that offers the methods which the step-up enabled.
fn enable(context: &Context, method: Method, models: &mut Models) {
    if models.user.disabled.is_empty() {
        return;
    }
    models
        .user
        .disabled
        .retain(|disabled| disabled.method == method);
    copies::keep_user(context, models);
}

/// A password is asked of a session, which no stranger has: what strangers get wrong at a sign-in
/// does not count here.
fn throttle(challenge: &Challenge, method: Method) -> ThrottleKey {
    let lane = match method {
        Method::Password => Lane::Session,
        _ => challenge.lane(),
    };
    ThrottleKey { method, lane }
}

/// A step-up by another factor enables a method that a hundred refusals disabled.
/// ?1 event 2 disabled until
const ENABLE: &str = "
UPDATE throttle SET in_row = 0, not_before = e.at FROM accepted e
WHERE e.id = ?1 AND throttle.not_before = ?2 AND e.method IN ('totp', 'backup_code', 'passkey')
  AND (throttle.organization, throttle.user) = (e.organization, e.user) AND throttle.method <> e.method";
