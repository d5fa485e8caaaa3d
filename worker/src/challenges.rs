//! Challenges: answered once, whatever they are for.

use http::StatusCode;
use postern::{
    audit::Action,
    backup_codes::BackupCode,
    challenges::{self, Challenge, LIFE_SECONDS, Presented, Purpose},
    decision::{Gate, Holder, Provisos, Spend},
    evidence::{Evidence, Method},
    ids::{AuthenticatorId, ChallengeId, EventId, MailId},
    passwords::Password,
    policy, record,
    refusal::Refusal,
    throttle::Rule,
    tokens::{Kind, Token},
    totp::TotpCode,
    users::State,
};
use serde::Deserialize;

use crate::{
    call::Call,
    caller::{Caller, SESSION_COOKIE},
    context::{Context, Home},
    copies::{self, Versions},
    d1::{Statement, text},
    mail,
    problem::{Fault, Problem},
    reply::{Object, Reply, json},
    sessions::Opening,
    settlement::{Judgment, Settled, Settlement, Truth, load, settle},
    sign_ins::{self, ChallengeView},
    trusted_devices::{Grant, Lane, lane_statement},
    under_way::UnderWay,
};

/// Times a decision is made again when it rested on something late.
const TRIES: u32 = 4;

record! {
    strict struct Answer {
        challenge: String,
        method: AnswerMethod,
        code: Option<String>,
        password: Option<Password>,
        authenticator: Option<AuthenticatorId>,
        trust_device: bool = false,
    }
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AnswerMethod {
    BackupCode,
    Password,
    Totp,
}

record! {
    strict struct Open {
        purpose: Purpose,
    }
}

/// `POST /v1/challenges`: open a step-up.
pub async fn open(call: Call) -> Reply {
    let body: Open = call.short_json()?;
    if body.purpose != Purpose::StepUp {
        return Err(Refusal::malformed("purpose", "step_up").into());
    }
    let lane = lane_statement(&call, call.claimed_home()?);
    let (caller, mut rows) = call.session(vec![lane]).await?;
    let lane = rows.first::<Lane>()?.map(|lane| lane.id);
    let context = &call.context;
    let methods = step_up_methods(&caller);
    if methods.is_empty() {
        return Err(Refusal::Conflict("nothing to show again; sign in again").into());
    }
    let challenge = Challenge {
        id: ChallengeId::from_entropy(context.entropy()?),
        purpose: Purpose::StepUp,
        organization: caller.home.organization,
        user: caller.home.user,
        surface: None,
        evidence: vec![],
        user_version: caller.truth.user.version,
        session: Some(caller.session.id),
        lane,
        delivery: challenges::Delivery::Cookie,
        opened_at: context.now,
        expires_at: context.now.plus(LIFE_SECONDS),
    };
    let view = ChallengeView::of(context, &caller.truth, &challenge, methods)?;
    json(StatusCode::OK, "challenge", &view)
}

/// `POST /v1/challenges/verify`: answer a challenge.
pub async fn verify(call: Call) -> Reply {
    // parse
    let body: Answer = call.short_json()?;
    let (token, trust_device) = (body.challenge.clone(), body.trust_device);
    let presented = present(body)?;
    let challenge =
        Challenge::open(&call.context.keys, &token).map_err(|_| Refusal::NotAccepted)?;
    if challenge.is_over(call.context.now) {
        return Err(Refusal::Expired.into());
    }
    match challenge.purpose {
        Purpose::SignIn => sign_in(&call, &challenge, &presented, trust_device).await,
        Purpose::StepUp => step_up(&call, &challenge, &presented).await,
    }
}

/// The methods by which a session of the user of `truth` can be made fresh.
fn step_up_methods(caller: &Caller) -> Vec<Method> {
    let Truth { user, organization } = &caller.truth;
    let ids = user.authenticator_ids();
    let evidence = &caller.session.evidence;
    let by_password = policy::password_steps_up(&organization.policy, &user.person(&ids), evidence);
    let mut methods = challenges::methods(user);
    if by_password && user.password.is_some() {
        methods.push(Method::Password);
    }
    methods
}

async fn sign_in(
    call: &Call,
    challenge: &Challenge,
    presented: &Presented,
    trust_device: bool,
) -> Reply {
    if matches!(presented, Presented::Password(_)) {
        return Err(Refusal::NotAccepted.into());
    }
    let context = &call.context;
    let gate = Gate {
        method: method_of(presented),
        lane: challenge.lane,
    };
    let mut truth = basis(context, challenge, presented, gate).await?;
    let _under_way = slow(presented)
        .then(|| UnderWay::enter(challenge.organization, challenge.user, gate, context.now))
        .transpose()?;
    for _ in 0..TRIES {
        check_version(challenge, &truth)?;
        // decide
        let attempt = attempt(context, &truth, presented, gate.lane)?;
        let event = context.event_id()?;
        let mut evidence = challenge.evidence.clone();
        evidence.extend(attempt.evidence.clone());
        let ruling = sign_ins::rule(&truth, &evidence, challenge.surface.as_ref(), context.now);
        let opening = Opening::new(context, &truth, evidence.clone(), false)?;
        let grant = grant(context, &truth, &evidence, trust_device)?;
        // commit
        let mut effects = opening.open(context, event, challenge.surface.as_ref(), false);
        effects.extend(
            grant
                .iter()
                .flat_map(|grant| grant.statements(context, &truth, event)),
        );
        effects.extend(notices(context, event, gate.method)?);
        let settlement = Settlement {
            event,
            action: Action::SignInVerify,
            provisos: provisos(challenge, &truth, attempt, None),
            subject: None,
            detail: Some(format!(r#"{{"opened_at":{}}}"#, challenge.opened_at)),
            effects,
            reads: vec![],
        };
        let Some(judgment) = judged(context, settlement, &mut truth).await? else {
            continue;
        };
        // reply
        judgment.outcome.public()?;
        return sign_ins::complete(
            context,
            &truth,
            &ruling,
            &opening,
            challenge.surface.as_ref(),
            challenge.delivery,
            grant.map(|grant| grant.handed(context)).transpose()?,
        )
        .await;
    }
    Err(Fault::unavailable("the user kept changing").into())
}

async fn step_up(call: &Call, challenge: &Challenge, presented: &Presented) -> Reply {
    // A step-up belongs to the session that opened it.
    let token = call
        .bearer()
        .or_else(|| call.cookie(SESSION_COOKIE))
        .and_then(|text| Token::parse(Kind::Session, &text));
    let token = token.ok_or(Refusal::Unauthenticated)?;
    let mine = token.organization == challenge.organization
        && token.user == challenge.user
        && challenge
            .session
            .is_some_and(|session| *session.as_bytes() == token.row);
    if !mine {
        return Err(Refusal::NotAccepted.into());
    }
    let context = &call.context;
    let gate = Gate {
        method: method_of(presented),
        lane: challenge.lane,
    };
    let (caller, found) = call.held_session(&token, Some(gate)).await?;
    check_version(challenge, &caller.truth)?;
    if !step_up_methods(&caller).contains(&gate.method) {
        return Err(Refusal::NotAccepted.into());
    }
    if slow(presented) && !found.admits(&Rule::of(gate.method), 1, context.now) {
        return Err(Refusal::Throttled {
            until: found.not_before,
        }
        .into());
    }
    let _under_way = slow(presented)
        .then(|| UnderWay::enter(challenge.organization, challenge.user, gate, context.now))
        .transpose()?;
    // decide
    let attempt = attempt(context, &caller.truth, presented, gate.lane)?;
    let gained = attempt
        .evidence
        .clone()
        .unwrap_or_else(|| Evidence::new(gate.method, context.now));
    let opening = Opening::raise(context, &caller, gained)?;
    let event = context.event_id()?;
    // commit
    let mut effects = vec![
        opening.rise(event),
        Statement::new(ENABLE, [text(event), postern::throttle::DISABLED.into()]),
    ];
    effects.extend(notices(context, event, gate.method)?);
    let mut truth = caller.truth.clone();
    let settlement = Settlement {
        event,
        action: Action::StepUpVerify,
        provisos: provisos(challenge, &truth, attempt, Some(caller.holder())),
        subject: None,
        detail: None,
        effects,
        reads: vec![],
    };
    let judgment = judged(context, settlement, &mut truth)
        .await?
        .ok_or(Refusal::Expired)?;
    // reply
    judgment.outcome.public()?;
    let delivery = call.delivery();
    let view = opening.view(&truth, delivery, context.now);
    let mut response = Object::new()
        .with("decision", &"complete")?
        .with("reasons", &[(); 0])?
        .with("session", &view)?
        .reply(StatusCode::OK);
    opening.set_cookie(&mut response, delivery);
    Ok(response)
}

/// The user to decide about: from a copy, or from D1 where there is none, where it is late, or
/// where the gate is to be read before a slow hash.
async fn basis(
    context: &Context,
    challenge: &Challenge,
    presented: &Presented,
    gate: Gate,
) -> Result<Truth, Problem> {
    let home = Home {
        organization: challenge.organization,
        user: challenge.user,
    };
    if !slow(presented) {
        let copy = copies::read(context, home)
            .await
            .map(copies::Copied::into_attempt);
        if let Some(truth) = copy.filter(|truth| truth.user.version == challenge.user_version) {
            return Ok(truth);
        }
    }
    let (truth, found) = load(context, home, Some(gate))
        .await?
        .ok_or(Refusal::NotAccepted)?;
    check_version(challenge, &truth)?;
    if !slow(presented) {
        copies::keep(context, &truth, Versions { user: 0, policy: 0 });
    } else if !found.admits(&Rule::of(gate.method), 1, context.now) {
        return Err(Refusal::Throttled {
            until: found.not_before,
        }
        .into());
    }
    Ok(truth)
}

fn check_version(challenge: &Challenge, truth: &Truth) -> Result<(), Refusal> {
    match truth.user.state {
        _ if truth.user.version != challenge.user_version => Err(Refusal::Expired),
        State::Disabled => Err(Refusal::NotAccepted),
        State::Active => Ok(()),
    }
}

fn attempt(
    context: &Context,
    truth: &Truth,
    presented: &Presented,
    lane: Option<postern::ids::TrustedDeviceId>,
) -> Result<postern::decision::Attempt, Refusal> {
    let cap = Rule::of(method_of(presented)).cap;
    if challenges::cost(presented, &truth.user) > cap {
        return Err(name_one());
    }
    Ok(context.with_slow_hash(|memory| {
        challenges::check(
            presented,
            &truth.user,
            lane,
            &context.keys,
            memory,
            context.now,
        )
    }))
}

const fn name_one() -> Refusal {
    Refusal::malformed(
        "authenticator",
        "name the authenticator: too few tries are left to try them all",
    )
}

/// Settles; `None` when the decision must be made again on the truth, which is now in `truth`.
async fn judged(
    context: &Context,
    settlement: Settlement,
    truth: &mut Truth,
) -> Result<Option<Judgment>, Problem> {
    match settle(context, settlement).await? {
        Settled::Judged(judgment) => Ok(Some(judgment)),
        Settled::Throttled { until } => Err(Refusal::Throttled { until }.into()),
        Settled::TooCostly => Err(name_one().into()),
        Settled::Gone => Err(Refusal::NotAccepted.into()),
        Settled::Stale(now_true) => {
            *truth = *now_true;
            Ok(None)
        }
    }
}

fn provisos(
    challenge: &Challenge,
    truth: &Truth,
    attempt: postern::decision::Attempt,
    session: Option<Holder>,
) -> Provisos {
    Provisos {
        organization: challenge.organization,
        user: challenge.user,
        user_version: truth.user.version,
        policy_version: truth.organization.policy_version,
        attempt,
        challenge: Some(Spend {
            id: challenge.id,
            expires_at: challenge.expires_at,
        }),
        session,
        device: None,
    }
}

fn grant(
    context: &Context,
    truth: &Truth,
    evidence: &[Evidence],
    asked: bool,
) -> Result<Option<Grant>, Fault> {
    let ids = truth.user.authenticator_ids();
    let person = truth.user.person(&ids);
    policy::trust_days(&truth.organization.policy, &person, evidence, context.now)
        .filter(|_| asked)
        .map(|days| Grant::new(context, truth, days))
        .transpose()
}

fn notices(context: &Context, event: EventId, method: Method) -> Result<Vec<Statement>, Fault> {
    let id = MailId::from_entropy(context.entropy()?);
    let mut notices = vec![Statement::new(
        mail::WRONG_PROOF,
        [text(event), text(id), context.now.into()],
    )];
    if method == Method::BackupCode {
        notices.push(mail::notice(context, event, mail::Kind::BackupCodeUsed)?);
    }
    Ok(notices)
}

fn present(body: Answer) -> Result<Presented, Refusal> {
    if body.code.is_some() && body.password.is_some() {
        return Err(Refusal::malformed(
            "password",
            "either a code or a password",
        ));
    }
    match (body.method, body.code, body.password) {
        (AnswerMethod::Totp, Some(code), None) => {
            let code: TotpCode = code
                .parse()
                .map_err(|_| Refusal::malformed("code", "six digits"))?;
            Ok(Presented::Totp {
                code,
                authenticator: body.authenticator,
            })
        }
        (AnswerMethod::BackupCode, Some(code), None) => {
            let code: BackupCode = code
                .parse()
                .map_err(|_| Refusal::malformed("code", "a backup code"))?;
            Ok(Presented::BackupCode(code))
        }
        (AnswerMethod::Password, None, Some(password)) => Ok(Presented::Password(password)),
        (AnswerMethod::Password, ..) => Err(Refusal::malformed("password", "the password")),
        _ => Err(Refusal::malformed("code", "the code")),
    }
}

const fn method_of(presented: &Presented) -> Method {
    match presented {
        Presented::Password(_) => Method::Password,
        Presented::Totp { .. } => Method::Totp,
        Presented::BackupCode(_) => Method::BackupCode,
    }
}

const fn slow(presented: &Presented) -> bool {
    matches!(presented, Presented::Password(_) | Presented::BackupCode(_))
}

/// A step-up by another factor enables a method that a hundred refusals disabled.
/// ?1 event 2 disabled until
const ENABLE: &str = "
UPDATE throttle SET in_row = 0, not_before = e.at FROM accepted e
WHERE e.id = ?1 AND throttle.not_before = ?2 AND e.method IN ('totp', 'backup_code', 'passkey')
  AND (throttle.organization, throttle.user) = (e.organization, e.user) AND throttle.method <> e.method";
