//! TOTP enrollment: a secret made here, shown once, confirmed by a code.

use http::StatusCode;
use postern::{
    audit::Action,
    challenges::ENROLLMENT_TRIES,
    decision::{Attempt, Finding, Spend},
    evidence::{Evidence, Method},
    ids::{AuthenticatorId, ChallengeId, EnrollmentId, EventId, SessionId},
    key_uri::KeyUri,
    names::DisplayName,
    record,
    refusal::Refusal,
    sealing::{NotOpened, Place, Purpose},
    time::UnixTime,
    totp::{Parameters, TotpCode, TotpSecret, verify},
    users::{MAX_TOTP, open_totp_secret},
};
use serde::Serialize;

use crate::{
    access::caller::Caller,
    account::{
        authenticators,
        enrollments::{self, Confirmation, may_begin, may_end},
        sessions::{Change, change},
    },
    http::{
        call::Call,
        context::{Context, Home},
        problem::{Fault, Problem},
        reply::{Reply, json},
    },
    store::d1::{Statement, effect, text},
};

/// Seconds an enrollment stays pending.
const PENDING_SECONDS: u64 = 600;

record! {
    strict struct Start {
        restart: bool = false,
    }
}

record! {
    strict struct Confirm {
        enrollment: EnrollmentId,
        code: String,
        name: DisplayName,
    }
}

record! {
    /// The pending enrollment as stored.
    struct Pending {
        id: EnrollmentId,
        session: SessionId,
        secret: String,
        expires_at: UnixTime,
    }
}

record! {
    /// What the person is called in their app.
    struct Account {
        username: String,
    }
}

#[derive(Serialize)]
struct Shown<'a> {
    id: EnrollmentId,
    secret: &'a str,
    key_uri: String,
    expires_at: UnixTime,
}

/// `POST /v1/me/totp`: the pending secret of this session, or a new one.
pub async fn start(call: Call) -> Reply {
    let home = call.claimed_home()?;
    let username = Statement::new(USERNAME, [text(home.organization), text(home.user)]);
    let (caller, mut rows) = call
        .session(vec![pending_statement(home), username])
        .await?;
    let body: Start = call.short_json(caller.judged())?;
    let pending = rows.first::<Pending>()?;
    let account = rows.first::<Account>()?.ok_or(Refusal::Unauthenticated)?;
    let context = &call.context;
    let count = caller.truth.user.totps().count();
    may_begin(&caller, count, MAX_TOTP)?;
    if let Some(pending) =
        pending.filter(|pending| !body.restart && pending.is_good(&caller, context.now))
    {
        return show(context, &caller, &account, &pending);
    }
    let id = EnrollmentId::from_entropy(context.entropy()?);
    let secret = TotpSecret::from_entropy(context.entropy()?);
    let mut starting = Change::new(context, Action::EnrollmentStart)?;
    starting.subject = Some(id.to_string());
    starting.effects = vec![effect!(START, {
        event: starting.event,
        enrollment: text(id),
        session: text(caller.session.id),
        secret: seal(context, home, &id.to_string(), &secret)?,
        key: context.settings.keys.writer().id(),
        expires_at: context.now.plus(PENDING_SECONDS),
        restart: body.restart,
        counted: PENDING_SECONDS,
    })];
    starting.reads = vec![pending_statement(home)];
    let mut judgment = change(&call, &caller, starting).await?;
    // Two starts at once show the same secret: that of whichever came first.
    let pending = judgment
        .rows
        .first::<Pending>()?
        .ok_or(Fault::new("an enrollment that is not there"))?;
    show(context, &caller, &account, &pending)
}

/// `POST /v1/me/totp/confirm`: a code from the app, and a name for it.
pub async fn confirm(call: Call) -> Reply {
    // load
    let home = call.claimed_home()?;
    let (caller, mut rows) = call.session(vec![pending_statement(home)]).await?;
    let pending = rows.first::<Pending>()?;
    // parse
    let body: Confirm = call.short_json(caller.judged())?;
    let code = body.code.parse::<TotpCode>().ok();
    let code = code
        .filter(|code| code.digits() == Parameters::DEFAULT.digits)
        .ok_or(Refusal::malformed("code", "6 digits"))?;
    let context = &call.context;
    may_end(&caller)?;
    let pending = pending
        .filter(|pending| pending.id == body.enrollment && pending.session == caller.session.id)
        .ok_or(Refusal::NotFound)?;
    if !pending.is_good(&caller, context.now) {
        return Err(Refusal::Expired.into());
    }
    // decide
    let secret = open_secret(context, home, &pending)?;
    let step = verify(&secret, Parameters::DEFAULT, &code, context.now);
    let id = AuthenticatorId::from_entropy(context.entropy()?);
    // Both are 128 random bits: what is spent of the one is nothing of the other.
    let spend = Spend {
        id: ChallengeId::from_entropy(*pending.id.as_bytes()),
        expires_at: pending.expires_at,
        tries: Some(ENROLLMENT_TRIES),
    };
    let confirmation = Confirmation {
        authenticator: authenticators::View::new(id, "totp", body.name, context.now),
        attempt: Attempt {
            method: Some(Method::Totp),
            finding: Finding::Enrollment {
                id: pending.id,
                step,
            },
            ..Attempt::none()
        },
        challenge: Some(spend.clone()),
        evidence: Evidence::of(Method::Totp, id, context.now),
    };
    // commit, reply
    let sealed = seal(context, home, &id.to_string(), &secret)?;
    let parameters = serde_json::to_string(&Parameters::DEFAULT).unwrap_or_default();
    let name = confirmation.authenticator.name().to_owned();
    let add = |event: EventId| {
        vec![
            effect!(
                CONFIRM,
                event,
                text(id),
                sealed,
                parameters,
                name,
                step.map(|step| step.0),
                context.settings.keys.writer().id()
            ),
            effect!(FINISH, event),
            effect!(END, event, text(spend.id)),
        ]
    };
    enrollments::confirm(&call, &caller, confirmation, add).await
}

impl Pending {
    /// Whether this session may still confirm it.
    fn is_good(&self, caller: &Caller, now: UnixTime) -> bool {
        self.session == caller.session.id && now < self.expires_at
    }
}

fn show(context: &Context, caller: &Caller, account: &Account, pending: &Pending) -> Reply {
    let secret = open_secret(context, caller.home, pending)?;
    let base32 = secret.to_base32();
    let organization = &caller.truth.organization;
    // What people know, unless it would outgrow the QR code or hold what no key URI takes: then the
    // application's own names, which are short and plain.
    let issuers = [
        organization.name.as_str(),
        organization.external_id.as_str(),
    ];
    let accounts = [
        account.username.as_str(),
        caller.truth.user.external_id.as_str(),
    ];
    let uri = accounts
        .iter()
        .flat_map(|account| issuers.map(|issuer| (issuer, account)))
        .find_map(|(issuer, account)| {
            KeyUri::new(issuer, account, secret.clone(), Parameters::DEFAULT).ok()
        })
        .ok_or(Fault::new("a name that no key URI takes"))?;
    let shown = Shown {
        id: pending.id,
        secret: &base32,
        key_uri: uri.to_string(),
        expires_at: pending.expires_at,
    };
    json(StatusCode::OK, "enrollment", &shown)
}

fn open_secret(context: &Context, home: Home, pending: &Pending) -> Result<TotpSecret, Problem> {
    let (organization, user, id) = (
        home.organization.to_string(),
        home.user.to_string(),
        pending.id.to_string(),
    );
    let secret = open_totp_secret(
        &context.settings.keys,
        &[&organization, &user, &id],
        &pending.secret,
    );
    secret.map_err(|why| match why {
        NotOpened::NotSealed => {
            Refusal::Conflict("this enrollment cannot be read any more; restart it").into()
        }
        NotOpened::MissingKey(missing) => missing.into(),
    })
}

fn seal(context: &Context, home: Home, row: &str, secret: &TotpSecret) -> Result<String, Fault> {
    let (organization, user) = (home.organization.to_string(), home.user.to_string());
    let place = Place {
        purpose: Purpose::TotpSecret,
        path: &[&organization, &user, row],
    };
    Ok(context
        .settings
        .keys
        .seal(&place, context.entropy()?, secret.expose()))
}

fn pending_statement(home: Home) -> Statement {
    Statement::new(PENDING, [text(home.organization), text(home.user)])
}

/// ?1 organization 2 user
const PENDING: &str = "
SELECT id, session, secret, expires_at FROM enrollment WHERE organization = ?1 AND user = ?2";

/// ?1 organization 2 user
const USERNAME: &str = "SELECT username FROM user WHERE organization = ?1 AND id = ?2";

/// Keeps the pending one of this session, unless it is over or a new one was asked for. Fails as a
/// whole on `too_often`.
const START: &str = "
INSERT INTO enrollment (organization, user, id, session, secret, key, started_at, expires_at, counted_from)
SELECT organization, user, :enrollment, :session, :secret, :key, at, :expires_at, at FROM accepted WHERE id = :event
ON CONFLICT DO UPDATE SET id = excluded.id, session = excluded.session, secret = excluded.secret, key = excluded.key,
  started_at = excluded.started_at, expires_at = excluded.expires_at,
  starts = iif(enrollment.counted_from <= excluded.started_at - :counted, 1, enrollment.starts + 1),
  counted_from = iif(enrollment.counted_from <= excluded.started_at - :counted, excluded.started_at, enrollment.counted_from)
WHERE :restart OR enrollment.expires_at <= excluded.started_at OR enrollment.session <> excluded.session";

/// ?1 event 2 authenticator 3 sealed secret 4 parameters 5 name 6 step 7 key of the secret
const CONFIRM: &str = "
INSERT INTO authenticator (organization, user, id, kind, secret, key, parameters, created_at, name, last_step, last_used_at)
SELECT organization, user, ?2, 'totp', ?3, ?7, ?4, at, ?5, ?6, at FROM accepted WHERE id = ?1";

/// ?1 event
const FINISH: &str = "
DELETE FROM enrollment WHERE (organization, user) IN (SELECT organization, user FROM accepted WHERE id = ?1)";

/// The last wrong code ends it. ?1 event 2 the enrollment as a challenge
const END: &str = "
UPDATE enrollment SET expires_at = e.at FROM event e
WHERE e.id = ?1 AND (enrollment.organization, enrollment.user) = (e.organization, e.user)
  AND EXISTS (SELECT 1 FROM spent_challenge WHERE id = ?2 AND tries_left = 0)";
