//! Challenges: answered once, whatever they are for.

use http::StatusCode;
use postern::{
    audit::Action,
    challenges::{self, Challenge, LIFE_SECONDS, PasskeySignIn, Purpose},
    decision::{Attempt, Holder, Provisos, Spend},
    evidence::{Evidence, Method},
    ids::{ChallengeId, EventId, MailId},
    policy::{self, Verdict},
    record,
    refusal::Refusal,
    slow_hash::Memory,
    throttle::{Counters, Lane, ThrottleKey},
    time::UnixTime,
    tokens::{Kind, Token},
};

use crate::{
    access::caller::{Caller, SESSION_COOKIE},
    account::sessions::Opening,
    http::{
        call::Call,
        context::{Context, Home},
        jar::Jar,
        problem::{Fault, Problem},
        reply::{Object, Reply, Response, json},
        slow_hashes::Place,
    },
    sign_in::{
        passkeys, sign_ins,
        trusted_devices::{Grant, LaneRow, lane_statement},
    },
    store::{
        copies::{self, Versions},
        d1::{self, Batch, Effect, effect, recording, recording_text, text},
        mail,
        settlement::{Judgment, Settled, Settlement, TRIES, Truth, load, settle},
    },
};

mod answer;
mod asked;
mod view;

use answer::{Answer, Proof};
use asked::{check_asked, namesake};
pub use view::ChallengeView;

record! {
    strict struct Open {
        purpose: Purpose,
    }
}

/// `POST /v1/challenges`: open a step-up.
pub async fn open(call: Call) -> Reply {
    let lane = lane_statement(&call, call.claimed_home()?);
    let (caller, mut rows) = call.session(vec![lane]).await?;
    let body: Open = call.short_json(caller.judged())?;
    if body.purpose != Purpose::StepUp {
        return Err(Refusal::malformed("purpose", "step_up").into());
    }
    let lane = rows.first::<LaneRow>()?.map(|lane| lane.id);
    let context = &call.context;
    let mut methods = step_up_methods(&caller);
    methods.retain(|method| {
        let method = *method;
        let lane = Lane::of_device(lane);
        !caller.truth.user.is_disabled(ThrottleKey { method, lane })
    });
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
        copied: None,
        session: Some(caller.session.id),
        nonce: passkeys::nonce_for(context, &methods)?,
        lane,
        delivery: challenges::Delivery::Cookie,
        opened_at: context.now,
        expires_at: context.now.plus(LIFE_SECONDS),
    };
    let view = ChallengeView::of(context, &caller.truth, &challenge, methods)?;
    note_opened(context, &challenge)?;
    json(StatusCode::OK, "challenge", &view)
}

/// Records an opened challenge after the reply, best effort: nothing was shown yet, and a question
/// costs no trip.
///
/// # Errors
/// A fault without randomness.
pub fn note_opened(context: &Context, challenge: &Challenge) -> Result<(), Fault> {
    let detail = Object::new()
        .with("purpose", &challenge.purpose)?
        .with("surface", &challenge.surface)?;
    let origin = &context.origin;
    let recording = recording!(OPENED, {
        event: context.event_id()?,
        organization: text(challenge.organization),
        user: text(challenge.user),
        now: context.now,
        action: Action::ChallengeOpen.as_str(),
        detail: detail.text(),
        ip: origin.ip.clone(),
        user_agent: origin.user_agent.clone(),
        request_id: origin.request_id.clone(),
    });
    let batch = Batch {
        recording,
        effects: vec![],
        reads: vec![],
    };
    let database = context.database.clone();
    context.after_reply(async move {
        let _ = d1::write(&database, &batch).await;
    });
    Ok(())
}

/// `POST /v1/challenges/verify`: answer a challenge.
pub async fn verify(call: Call) -> Reply {
    // parse
    let body: Answer = call.short_json(call.anyone()?)?;
    let (token, trust_device) = (body.challenge.clone(), body.trust_device);
    let proof = Proof::parse(body)?;
    let keys = &call.context.settings.keys;
    if let (Ok(question), Proof::Passkey(response)) = (PasskeySignIn::open(keys, &token), &proof) {
        return passkeys::finish_sign_in(&call, &question, response, trust_device).await;
    }
    let challenge = Challenge::open(keys, &token).map_err(|_| Refusal::NotAccepted)?;
    if challenge.is_over(call.context.now) {
        return Err(Refusal::Expired.into());
    }
    match challenge.purpose {
        Purpose::SignIn => sign_in(&call, &challenge, &proof, trust_device).await,
        Purpose::StepUp => step_up(&call, &challenge, &proof).await,
    }
}

/// The methods by which a session of the user of `truth` can be made fresh.
fn step_up_methods(caller: &Caller) -> Vec<Method> {
    let Truth { user, organization } = &caller.truth;
    let ids = user.authenticator_ids();
    let evidence = &caller.session.evidence;
    let by_password = policy::password_steps_up(&organization.policy, &user.person(&ids), evidence);
    let mut methods = challenges::methods(user);
    // A password alone does not answer a policy that asks for more.
    let enough = caller.here.verdict != Verdict::Challenge;
    if by_password && enough && user.password.is_some() {
        methods.push(Method::Password);
    }
    methods
}

async fn sign_in(call: &Call, challenge: &Challenge, proof: &Proof, trust_device: bool) -> Reply {
    let method = proof.method();
    if method == Method::Password {
        return Err(Refusal::NotAccepted.into());
    }
    let context = &call.context;
    let gate = ThrottleKey {
        method,
        lane: challenge.lane(),
    };
    let place = place(context, challenge, proof)?;
    let mut truth = basis(context, challenge, proof, gate).await?;
    let round = Round {
        challenge,
        action: Action::SignInVerify,
        trust_device,
        jar: Jar::of(call),
    };
    for _ in 0..TRIES {
        check_asked(context, challenge, &truth)?;
        let attempt = attempt(context, challenge, &truth, proof, gate, place.as_ref()).await?;
        if let Some(response) = round.settle(context, &mut truth, attempt).await? {
            return Ok(response);
        }
    }
    Err(Fault::unavailable("the user kept changing").into())
}

/// One try to finish a sign-in.
pub struct Round<'a> {
    /// What is answered.
    pub challenge: &'a Challenge,
    /// As what it is recorded.
    pub action: Action,
    /// Whether this browser is to be trusted.
    pub trust_device: bool,
    /// What this browser keeps of people.
    pub jar: Jar,
}

impl Round<'_> {
    /// decide → commit → reply; `None` when `truth` was late and has been replaced.
    ///
    /// # Errors
    /// What the settlement refuses; `unavailable`.
    pub async fn settle(
        &self,
        context: &Context,
        truth: &mut Truth,
        attempt: Attempt,
    ) -> Result<Option<Response>, Problem> {
        let challenge = self.challenge;
        let surface = challenge.surface.as_ref();
        // decide
        let event = context.event_id()?;
        let method = attempt.method;
        let mut evidence = challenge.evidence.clone();
        evidence.extend(attempt.evidence.clone());
        let ruling = sign_ins::rule(truth, &evidence, surface, context.now);
        let opening = Opening::new(context, truth, evidence.clone(), false)?;
        let grant = grant(context, truth, &evidence, self.trust_device)?;
        // commit
        let mut effects = opening.open(context, event, surface, false);
        if let Some(grant) = &grant {
            effects.extend(grant.effects(context, truth, event)?);
        }
        effects.extend(notices(context, event, challenge, method)?);
        let settlement = Settlement {
            event,
            action: self.action,
            provisos: provisos(challenge, truth, attempt, None),
            subject: None,
            detail: Object::new().with("opened_at", &challenge.opened_at)?,
            effects,
            reads: vec![],
        };
        let Some(judgment) = judged(context, challenge, settlement, truth).await? else {
            return Ok(None);
        };
        // reply
        judgment.public()?;
        let device = grant.map(|grant| grant.handed(context)).transpose()?;
        let answer = sign_ins::Answer {
            ruling: &ruling,
            surface,
            delivery: challenge.delivery,
            jar: Some(&self.jar),
            explain: false,
        };
        answer
            .complete(context, truth, &opening, device)
            .await
            .map(Some)
    }
}

async fn step_up(call: &Call, challenge: &Challenge, proof: &Proof) -> Reply {
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
    let gate = step_up_gate(challenge, proof.method());
    let place = place(context, challenge, proof)?;
    let (caller, found) = call
        .held_session(&token, Some(gate), Some(challenge.id))
        .await?;
    check_asked(context, challenge, &caller.truth)?;
    if !step_up_methods(&caller).contains(&gate.method) {
        return Err(Refusal::NotAccepted.into());
    }
    if proof.is_slow() {
        admitted(gate, &found, context.now)?;
    }
    // decide
    let attempt = attempt(
        context,
        challenge,
        &caller.truth,
        proof,
        gate,
        place.as_ref(),
    )
    .await?;
    drop(place);
    let gained = attempt
        .evidence
        .clone()
        .unwrap_or_else(|| Evidence::new(gate.method, context.now));
    let opening = Opening::raise(context, &caller, gained)?;
    let event = context.event_id()?;
    // commit
    let mut effects = vec![
        opening.rise(event),
        effect!(ENABLE, event, postern::throttle::DISABLED),
    ];
    effects.extend(notices(context, event, challenge, Some(gate.method))?);
    let mut truth = caller.truth.clone();
    let settlement = Settlement {
        event,
        action: Action::StepUpVerify,
        provisos: provisos(challenge, &truth, attempt, Some(caller.holder())),
        subject: None,
        detail: Object::new().with("opened_at", &challenge.opened_at)?,
        effects,
        reads: vec![],
    };
    let judgment = judged(context, challenge, settlement, &mut truth)
        .await?
        .ok_or(Refusal::Expired)?;
    // reply
    judgment.public()?;
    if !truth.user.disabled.is_empty() {
        truth
            .user
            .disabled
            .retain(|disabled| disabled.method == gate.method);
        copies::keep_user(context, &truth);
    }
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
    proof: &Proof,
    gate: ThrottleKey,
) -> Result<Truth, Problem> {
    let home = Home {
        organization: challenge.organization,
        user: challenge.user,
    };
    if !proof.is_slow() {
        let copy = copies::read(context, home)
            .await
            .map(copies::Copied::into_attempt);
        let asked = |truth: &Truth| challenge.asks(&truth.user, context.now_ms);
        // That a proof cannot be one is D1's to say.
        if let Some(truth) = copy.filter(|truth| asked(truth) && proof.check_form(truth).is_ok()) {
            return Ok(truth);
        }
    }
    let (truth, found) = match load(context, home, Some(gate), Some(challenge.id)).await? {
        Some(found) => found,
        None => {
            copies::forget_user(context, home);
            namesake(context, challenge, Some(gate)).await?
        }
    };
    if !proof.is_slow() {
        copies::keep(context, &truth, Versions { user: 0, policy: 0 });
    }
    check_asked(context, challenge, &truth)?;
    if proof.is_slow() {
        admitted(gate, &found, context.now)?;
        if !challenges::methods(&truth.user).contains(&gate.method) {
            // Only a late copy offered it, and nothing but this tells.
            copies::keep_user(context, &truth);
        }
    }
    Ok(truth)
}

/// A password is asked of a session, which no stranger has: what strangers get wrong at a sign-in
/// does not count here.
fn step_up_gate(challenge: &Challenge, method: Method) -> ThrottleKey {
    let lane = match method {
        Method::Password => Lane::Session,
        _ => challenge.lane(),
    };
    ThrottleKey { method, lane }
}

/// Whether one proof may be looked at, before its slow hash.
fn admitted(gate: ThrottleKey, found: &Counters, now: UnixTime) -> Result<(), Refusal> {
    match gate.closed(found, 1, now) {
        Some(closed) => Err(Refusal::closed(closed, Refusal::AuthenticatorRequired)),
        None => Ok(()),
    }
}

/// A place among the slow hashes, where checking the proof takes one.
fn place(
    context: &Context,
    challenge: &Challenge,
    proof: &Proof,
) -> Result<Option<Place>, Refusal> {
    let home = Home {
        organization: challenge.organization,
        user: challenge.user,
    };
    let take = || Place::take(context, home, challenge.lane().is_known());
    proof.is_slow().then(take).transpose()
}

/// Checks the proof, as far as it can be without the database's last word; where that takes a
/// slow hash, in `place`.
async fn attempt(
    context: &Context,
    challenge: &Challenge,
    truth: &Truth,
    proof: &Proof,
    gate: ThrottleKey,
    place: Option<&Place>,
) -> Result<Attempt, Problem> {
    let presented = match proof {
        Proof::Passkey(response) => {
            let ceremony = passkeys::ceremony(challenge, context.now)?;
            // Without a nonce nothing can have been signed: the user had no passkey.
            let ceremony = ceremony.ok_or(Refusal::NotAccepted)?;
            let lane = gate.lane;
            return passkeys::attempt(context, truth, &ceremony, response, true, lane).await;
        }
        Proof::Secret(presented) => presented,
    };
    proof.check_form(truth)?;
    let (keys, now) = (&context.settings.keys, context.now);
    let check = |memory: &mut Memory| {
        challenges::check(presented, &truth.user, gate.lane, keys, memory, now)
    };
    Ok(match place {
        Some(place) => place.hash(check).await??,
        None => check(&mut Memory::new())?,
    })
}

/// Settles; `None` when the decision must be made again on the truth, which is now in `truth`.
async fn judged(
    context: &Context,
    challenge: &Challenge,
    settlement: Settlement,
    truth: &mut Truth,
) -> Result<Option<Judgment>, Problem> {
    let gate = settlement.provisos.attempt.gate;
    match settle(context, settlement).await? {
        Settled::Judged(judgment) => {
            let user = &mut truth.user;
            let disabled = gate.filter(|_| judgment.disabled).map(Into::into);
            let codes = user.backup_codes.as_mut();
            let used_up = codes.filter(|codes| judgment.used_up && codes.left);
            let offers_less = disabled.is_some() || used_up.is_some();
            if let Some(codes) = used_up {
                codes.left = false;
            }
            user.disabled.extend(disabled);
            if offers_less {
                // The next challenge may be opened on a copy, and the version did not move.
                copies::keep_user(context, truth);
            }
            Ok(Some(judgment))
        }
        Settled::Closed(closed) => {
            Err(Refusal::closed(closed, Refusal::AuthenticatorRequired).into())
        }
        Settled::Spent => Err(Refusal::Expired.into()),
        Settled::Gone => {
            (*truth, _) = namesake(context, challenge, None).await?;
            copies::keep_user(context, truth);
            Ok(None)
        }
        Settled::Stale(now_true) => {
            *truth = *now_true;
            Ok(None)
        }
    }
}

fn provisos(
    challenge: &Challenge,
    truth: &Truth,
    attempt: Attempt,
    session: Option<Holder>,
) -> Provisos {
    Provisos {
        organization: truth.organization.id,
        user: truth.user.id,
        user_version: truth.user.version,
        policy_version: truth.organization.policy_version,
        attempt,
        challenge: Some(Spend {
            id: challenge.id,
            expires_at: challenge.expires_at,
            tries: None,
        }),
        session,
        device: None,
        enrolled: None,
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

/// What the person hears of an answer. A wrong one is news only after a right first factor.
fn notices(
    context: &Context,
    event: EventId,
    challenge: &Challenge,
    method: Option<Method>,
) -> Result<Vec<Effect>, Fault> {
    let mut notices = Vec::new();
    let alone = challenge.purpose == Purpose::SignIn && challenge.evidence.is_empty();
    if !alone {
        let id = MailId::from_entropy(context.entropy()?);
        notices.push(effect!(mail::WRONG_PROOF, event, text(id), context.now));
    }
    match method {
        Some(Method::BackupCode) => {
            notices.push(mail::notice(context, event, mail::Kind::BackupCodeUsed)?);
        }
        Some(Method::Passkey) => {
            let id = MailId::from_entropy(context.entropy()?);
            notices.push(effect!(mail::POSSIBLE_CLONE, event, text(id)));
        }
        _ => {}
    }
    Ok(notices)
}

const OPENED: &str = recording_text!(
    "id, organization, user, at, action, actor, outcome, detail, ip, user_agent, request_id",
    "
SELECT :event, organization, id, :now, :action, 'user', 'accepted', :detail, :ip, :user_agent, :request_id
FROM user WHERE organization = :organization AND id = :user"
);

/// A step-up by another factor enables a method that a hundred refusals disabled.
/// ?1 event 2 disabled until
const ENABLE: &str = "
UPDATE throttle SET in_row = 0, not_before = e.at FROM accepted e
WHERE e.id = ?1 AND throttle.not_before = ?2 AND e.method IN ('totp', 'backup_code', 'passkey')
  AND (throttle.organization, throttle.user) = (e.organization, e.user) AND throttle.method <> e.method";
