//! The built-in first factor: a name and a password, found out about at the same cost whoever it is.

use postern::{
    audit::Action,
    base64url,
    challenges::{Delivery, Presented},
    decision::Gate,
    evidence::{Evidence, Method},
    ids::TrustedDeviceId,
    names::{Surface, Username},
    passwords::{Password, Verifier},
    record,
    refusal::Refusal,
    throttle::{self, Rule},
    time::UnixTime,
    tokens::Token,
    trusted_devices::{self, DeviceToken},
    users::State,
};
use sha2::{Digest, Sha256};

use crate::{
    call::Call,
    context::Context,
    d1::{self, Batch, Statement, Value, effect, recording, recording_text, statement},
    problem::Problem,
    reply::Reply,
    settlement::{ADVANCE, FORGIVE, GateRow, REPLY, TRUTH, Truth, TruthRow, USE_CODE, count},
    sign_ins::{Question, Shown, answer},
    trusted_devices::presented_device,
    under_way::UnderWay,
};

record! {
    strict struct SignIn {
        organization: String,
        username: String,
        password: Password,
        surface: Option<Surface>,
        session: Delivery = Delivery::default(),
    }
}

/// `POST /v1/sign-ins/password`: the built-in first factor.
pub async fn sign_in(call: Call) -> Reply {
    // parse
    let body: SignIn = call.short_json(call.anyone()?)?;
    call.context
        .check_surface("surface", body.surface.as_ref())?;
    let device = presented_device(&call);
    // A name that cannot be is a name that nobody has.
    let name = body.username.parse::<Username>();
    let name = name.map_or(body.username, |name| name.to_string());
    let context = &call.context;
    // load, the gate before the slow hash
    let (found, gate) =
        find_by_username(context, &body.organization, &name, device.as_ref()).await?;
    if !gate.admits(&Rule::of(Method::Password), 1, context.now) {
        let until = gate.not_before;
        return Err(Refusal::Throttled { until }.into());
    }
    let Some(found) = found else {
        return refuse_unknown(context, &body.organization, &name, &body.password).await;
    };
    let question = Question {
        shown: Shown::Password {
            presented: Presented::Password(body.password),
            lane: found.lane,
        },
        evidence: Evidence::new(Method::Password, context.now),
        surface: body.surface,
        delivery: body.session,
        device,
        explain: false,
    };
    answer(context, found.truth, false, question).await
}

/// A user found by name, and the trusted browser that asks.
struct Found {
    truth: Truth,
    lane: Option<TrustedDeviceId>,
}

record! {
    struct FoundRow {
        user: String,
        organization: String,
        lane: Option<TrustedDeviceId>,
        not_before: Option<UnixTime>,
        in_window: Option<u32>,
        window_from: Option<UnixTime>,
    }
}

/// The active user of that name and the gate of the password: of a name that nobody has, too.
async fn find_by_username(
    context: &Context,
    organization: &str,
    name: &str,
    device: Option<&DeviceToken>,
) -> Result<(Option<Found>, throttle::Gate), Problem> {
    let token = device.map(|device| &device.token);
    let id = token.map(|token| TrustedDeviceId::from_entropy(token.row).to_string());
    let statements = [
        Statement::new(
            FIND_BY_USERNAME,
            [
                organization.into(),
                name.into(),
                id.into(),
                token.map(Token::hash).into(),
                context.now.into(),
                trusted_devices::REPEAT_SECONDS.into(),
            ],
        ),
        Statement::new(UNKNOWN_GATE, [organization.into(), hashed(name).into()]),
        Statement::new(SOMEBODY, [organization.into(), name.into()]),
    ];
    let mut rows = d1::run(&context.database, &statements).await?;
    let row = rows.first::<FoundRow>()?;
    let unknown = rows.first::<GateRow>()?.unwrap_or_default();
    let somebody = rows.first::<TruthRow>()?;
    let Some(row) = row else {
        // Read like the one who was asked for, and let go: no fault of theirs is this caller's.
        let _ = somebody.map(TruthRow::read);
        return Ok((None, unknown.gate()));
    };
    let truth = TruthRow::new(row.user, row.organization).read()?;
    // Answered as nobody is, in all that takes time too.
    if truth.user.state != State::Active {
        return Ok((None, unknown.gate()));
    }
    let gate = GateRow {
        not_before: row.not_before,
        in_window: row.in_window,
        window_from: row.window_from,
    };
    let lane = row.lane;
    Ok((Some(Found { truth, lane }), gate.gate()))
}

/// The throttle's key of a name that nobody has: it may be somebody's password, mistyped.
fn hashed(name: &str) -> String {
    format!("?{}", base64url::encode(&Sha256::digest(name)))
}

/// A name that nobody has costs the same hash, the same trips and the same waits as one that
/// somebody has, so that the answer tells nothing.
async fn refuse_unknown(
    context: &Context,
    organization: &str,
    name: &str,
    password: &Password,
) -> Reply {
    let event = context.event_id()?;
    let rule = Rule::of(Method::Password);
    let gate = Gate {
        method: Method::Password,
        lane: None,
    };
    let _under_way = UnderWay::enter(organization, hashed(name), gate, context.now)?;
    context.with_slow_hash(|memory| {
        Verifier::of_nobody(&context.settings.keys).matches(
            password,
            &context.settings.keys,
            memory,
        )
    })?;
    let method = || Value::from(Method::Password.as_str());
    let recording = recording!(UNKNOWN_EVENT, {
        event: event,
        now: context.now,
        organization: organization,
        name: hashed(name),
        action: Action::SignInFirstFactor.as_str(),
        ip: context.origin.ip.clone(),
        user_agent: context.origin.user_agent.clone(),
        request_id: context.origin.request_id.clone(),
    });
    let effects = vec![
        count(event, context.now.into(), &rule, 1, method(), "".into()),
        // From here on what a settlement sends besides: none of it finds anything.
        effect!(FORGIVE, event, method(), ""),
        effect!(ADVANCE, event, Value::Null),
        effect!(USE_CODE, event, Value::Null),
    ];
    let (organization, user) = (|| organization.into(), || hashed(name).into());
    let reads = vec![
        Statement::new(TRUTH, [organization(), user(), Value::Null, Value::Null]),
        statement!(REPLY, {
            event: event,
            organization: organization(),
            user: user(),
            gate_method: method(),
            lane: "",
            late_authenticator: Value::Null,
            late_step: Value::Null,
        }),
    ];
    let batch = Batch {
        recording,
        effects,
        reads,
    };
    d1::write(&context.database, &batch).await?;
    Err(Refusal::NotAccepted.into())
}

/// ?1 organization 2 username 3 device 4 its token's hash 5 now 6 repeat window
const FIND_BY_USERNAME: &str = "
SELECT m.model AS user, p.model AS organization, d.id AS lane, t.not_before, t.in_window, t.window_from
FROM organization o JOIN user u ON u.organization = o.id AND u.username = ?2
JOIN user_model m ON (m.organization, m.id) = (u.organization, u.id)
JOIN organization_model p ON p.id = o.id
LEFT JOIN trusted_device d ON (d.organization, d.user, d.id) = (u.organization, u.id, ?3)
  AND (d.token_hash = ?4 OR d.previous_hash = ?4 AND d.rotated_at >= ?5 - ?6)
  AND d.ended_at IS NULL AND d.expires_at > ?5 AND d.user_version = u.version AND d.trust_epoch = o.trust_epoch
LEFT JOIN throttle t ON (t.organization, t.user, t.method, t.lane) = (u.organization, u.id, 'password', coalesce(d.id, ''))
WHERE o.external_id = ?1";

/// Anybody, where nobody has the name: so that looking for nobody takes as long.
/// ?1 organization 2 username
const SOMEBODY: &str = "
SELECT m.model AS user, p.model AS organization
FROM organization o JOIN user u ON u.id = (SELECT id FROM user WHERE organization = o.id LIMIT 1)
  AND u.organization = o.id
JOIN user_model m ON (m.organization, m.id) = (u.organization, u.id)
JOIN organization_model p ON p.id = o.id
WHERE o.external_id = ?1 AND NOT EXISTS (SELECT 1 FROM user WHERE organization = o.id AND username = ?2)";

/// ?1 organization 2 hashed name
const UNKNOWN_GATE: &str = "
SELECT t.not_before, t.in_window, t.window_from
FROM organization o JOIN throttle t ON (t.organization, t.user, t.method, t.lane) = (o.id, ?2, 'password', '')
WHERE o.external_id = ?1";

const UNKNOWN_EVENT: &str = recording_text!(
    "id, organization, user, at, action, actor, method, outcome, ip, user_agent, request_id",
    "
SELECT :event, o.id, :name, :now, :action, 'user', 'password', 'wrong', :ip, :user_agent, :request_id
FROM organization o LEFT JOIN throttle t ON (t.organization, t.user, t.method, t.lane) = (o.id, :name, 'password', '')
WHERE o.external_id = :organization AND coalesce(t.not_before, 0) <= :now"
);
