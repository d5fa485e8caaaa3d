//! TOTP enrollment: a secret made here, shown once, confirmed by a code.

use postern::{
    audit::Action,
    challenges::ENROLLMENT_TRIES,
    decision::{Attempt, Finding, Spend},
    evidence::{Evidence, Method},
    ids::{AuthenticatorId, ChallengeId, EnrollmentId, EventId, SessionId},
    key_uri::KeyUri,
    names::DisplayName,
    refusal::{Conflict, Refusal},
    sealing::{NotOpened, Place, Purpose},
    time::UnixTime,
    totp::{Parameters, TotpCode, TotpSecret, verify},
    users::{MAX_TOTP, open_totp_secret},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::{Adding, Change, Enrolling, LiveSession, Load, change},
    account::{
        authenticators::AuthenticatorView,
        enrollments::{self, Confirmation, Confirmed, apart, may_begin, may_confirm},
    },
    http::{
        body::{Json, ShortJson},
        context::{Context, Home},
        cookies::Cookies,
        problem::Problem,
        request::Request,
    },
    platform::Fault,
    store::{
        d1::{Rows, Statement, effect, text},
        models::USERNAME,
    },
};

/// Seconds an enrollment stays pending.
const PENDING_SECONDS: u64 = 600;

/// How to begin.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = StartTotp)]
pub struct Start {
    /// Whether a secret that is pending is replaced.
    #[serde(default)]
    restart: bool,
}

/// A code of the new app.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ConfirmTotp)]
pub struct Confirm {
    /// The enrollment's id.
    enrollment: EnrollmentId,
    /// 6 digits.
    #[schema(min_length = 6, max_length = 64)]
    code: String,
    /// What the person calls the app: 1 to 64 characters.
    name: DisplayName,
}

/// A secret to be put into an app.
#[derive(Serialize, ToSchema)]
pub struct TotpEnrollment {
    id: EnrollmentId,
    /// In Base32.
    #[schema(pattern = "^[A-Z2-7]{32}$")]
    secret: String,
    /// For a QR code (`otpauth://totp/…`).
    #[schema(format = "uri")]
    key_uri: String,
    expires_at: UnixTime,
}

/// A pending enrollment.
#[derive(Serialize, ToSchema)]
pub struct TotpEnrollmentAnswer {
    enrollment: TotpEnrollment,
}

/// The pending enrollment as stored.
#[derive(Deserialize)]
pub struct Pending {
    id: EnrollmentId,
    session: SessionId,
    secret: String,
    expires_at: UnixTime,
    /// Whether that moment has come, by the database's clock.
    over: u32,
}

/// What the person is called in their app.
#[derive(Deserialize)]
struct Account {
    username: String,
}

/// What a start needs to know.
pub struct Before {
    pending: Option<Pending>,
    account: Account,
}

impl Load for Before {
    fn statements(_: &Request, home: Home) -> Vec<Statement> {
        let account = [text(home.organization), text(home.user)];
        vec![pending_statement(home), Statement::new(USERNAME, account)]
    }

    fn read(rows: &mut Rows) -> Result<Self, Fault> {
        let pending = rows.first()?;
        let account = rows.first()?;
        Ok(Self {
            pending,
            account: account.ok_or(Fault::new("a session without a user"))?,
        })
    }
}

impl Load for Option<Pending> {
    fn statements(_: &Request, home: Home) -> Vec<Statement> {
        vec![pending_statement(home)]
    }

    fn read(rows: &mut Rows) -> Result<Self, Fault> {
        rows.first()
    }
}

/// `POST /v1/me/totp`: the pending secret of this session, or a new one.
pub async fn start(
    caller: Adding<Before>,
    ShortJson(body): ShortJson<Start>,
) -> Result<Json<TotpEnrollmentAnswer>, Problem> {
    let context = caller.context();
    let count = caller.models.user.totps().count();
    may_begin(&caller, count, MAX_TOTP)?;
    let Before { pending, account } = &caller.loaded;
    let kept = pending
        .as_ref()
        .filter(|pending| !body.restart && pending.is_good(&caller));
    let enrollment = match kept {
        Some(kept) => shown(context, &caller, account, kept)?,
        None => {
            let begun = begin(context, &caller, body.restart).await?;
            shown(context, &caller, account, &begun)?
        }
    };
    Ok(Json(TotpEnrollmentAnswer { enrollment }))
}

/// Stores a new secret, and reads which one is pending then: two starts at once show the same one.
async fn begin(context: &Context, caller: &LiveSession, restart: bool) -> Result<Pending, Problem> {
    let id = EnrollmentId::from_entropy(context.entropy()?);
    let secret = TotpSecret::from_entropy(context.entropy()?);
    let mut starting = Change::new(context, Action::EnrollmentStart)?;
    starting.subject = Some(id.to_string());
    starting.attempt.method = Some(Method::Totp);
    starting.effects = vec![effect!(START, {
        event: starting.event,
        enrollment: text(id),
        session: text(caller.session.id),
        secret: seal(context, caller.home, &id.to_string(), &secret)?,
        key: context.settings.keys.writer().id(),
        lasts: PENDING_SECONDS,
        restart: restart,
    })];
    starting.reads = vec![pending_statement(caller.home)];
    let mut judgment = change(context, caller, starting).await?;
    let pending = judgment.rows.first()?;
    Ok(pending.ok_or(Fault::new("an enrollment that is not there"))?)
}

/// `POST /v1/me/totp/confirm`: a code from the app, and a name for it.
pub async fn confirm(
    caller: Enrolling<Option<Pending>>,
    ShortJson(body): ShortJson<Confirm>,
) -> Result<(Cookies, Json<Confirmed>), Problem> {
    // parse
    let code = body.code.parse::<TotpCode>().ok();
    let code = code
        .filter(|code| code.digits() == Parameters::DEFAULT.digits)
        .ok_or(Refusal::malformed("code", "6 digits"))?;
    let context = caller.context();
    may_confirm(&caller)?;
    let mine =
        |pending: &&Pending| pending.id == body.enrollment && pending.session == caller.session.id;
    let pending = caller.loaded.as_ref().filter(mine);
    let pending = pending.ok_or(Refusal::NotFound)?;
    if !pending.is_good(&caller) {
        return Err(Refusal::Expired.into());
    }
    // decide
    let secret = open_secret(context, caller.home, pending)?;
    let step = verify(&secret, Parameters::DEFAULT, &code, context.now);
    let id = AuthenticatorId::from_entropy(context.entropy()?);
    // Both are 128 random bits: what is spent of the one is nothing of the other.
    let spend = Spend {
        id: ChallengeId::from_entropy(*pending.id.as_bytes()),
        expires_at: pending.expires_at,
        tries: Some(ENROLLMENT_TRIES),
    };
    let confirmation = Confirmation {
        authenticator: AuthenticatorView::new(id, "totp", apart(&caller, body.name), context.now),
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
    let sealed = seal(context, caller.home, &id.to_string(), &secret)?;
    let parameters = serde_json::to_string(&Parameters::DEFAULT)?;
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
    enrollments::confirm(&caller, confirmation, add).await
}

impl Pending {
    /// Whether this session may still confirm it.
    fn is_good(&self, caller: &LiveSession) -> bool {
        self.session == caller.session.id && self.over == 0
    }
}

/// The pending enrollment as its owner sees it.
fn shown(
    context: &Context,
    caller: &LiveSession,
    account: &Account,
    pending: &Pending,
) -> Result<TotpEnrollment, Problem> {
    let secret = open_secret(context, caller.home, pending)?;
    let organization = &caller.models.organization;
    // What people know, unless it would outgrow the QR code or hold what no key URI takes: then the
    // application's own names, which are short and plain.
    let issuers = [
        organization.name.as_str(),
        organization.external_id.as_str(),
    ];
    let accounts = [
        account.username.as_str(),
        caller.models.user.external_id.as_str(),
    ];
    let uri = accounts
        .iter()
        .flat_map(|account| issuers.map(|issuer| (issuer, account)))
        .find_map(|(issuer, account)| {
            KeyUri::new(issuer, account, secret.clone(), Parameters::DEFAULT).ok()
        })
        .ok_or(Fault::new("a name that no key URI takes"))?;
    Ok(TotpEnrollment {
        id: pending.id,
        secret: secret.to_base32().to_string(),
        key_uri: uri.to_string(),
        expires_at: pending.expires_at,
    })
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
        NotOpened::NotSealed => Refusal::Conflict(Conflict::EnrollmentUnreadable).into(),
        NotOpened::MissingKey(missing) => missing.into(),
    })
}

fn seal(context: &Context, home: Home, row: &str, secret: &TotpSecret) -> Result<String, Fault> {
    let (organization, user) = (home.organization.to_string(), home.user.to_string());
    let place = Place {
        purpose: Purpose::TotpSecret,
        path: &[&organization, &user, row],
    };
    let keys = &context.settings.keys;
    Ok(keys.seal(&place, context.entropy()?, secret.expose())?)
}

fn pending_statement(home: Home) -> Statement {
    Statement::new(PENDING, [text(home.organization), text(home.user)])
}

/// ?1 organization 2 user
const PENDING: &str = "
SELECT id, session, secret, expires_at, expires_at <= unixepoch() AS over
FROM enrollment WHERE organization = ?1 AND user = ?2";

/// Keeps the pending one of this session, unless it is over or a new one was asked for. How long it
/// lasts is measured by the database's clock, whichever instance began it. Fails as a whole on
/// `too_often`.
const START: &str = "
INSERT INTO enrollment (organization, user, id, session, secret, key, started_at, expires_at, counted_from)
SELECT organization, user, :enrollment, :session, :secret, :key, unixepoch(), unixepoch() + :lasts, unixepoch()
FROM accepted WHERE id = :event
ON CONFLICT DO UPDATE SET id = excluded.id, session = excluded.session, secret = excluded.secret, key = excluded.key,
  started_at = excluded.started_at, expires_at = excluded.expires_at,
  starts = iif(enrollment.counted_from <= excluded.started_at - :lasts, 1, enrollment.starts + 1),
  counted_from = iif(enrollment.counted_from <= excluded.started_at - :lasts, excluded.started_at, enrollment.counted_from)
WHERE :restart OR enrollment.expires_at <= excluded.started_at OR enrollment.session <> excluded.session";

/// ?1 event 2 authenticator 3 sealed secret 4 parameters 5 name 6 step 7 key of the secret
const CONFIRM: &str = "
INSERT INTO authenticator (organization, user, id, kind, secret, key, parameters, created_at, name, last_used_at, last_step)
SELECT organization, user, ?2, 'totp', ?3, ?7, ?4, at, ?5, at, ?6
FROM accepted WHERE id = ?1";

/// ?1 event
const FINISH: &str = "
DELETE FROM enrollment WHERE (organization, user) IN (SELECT organization, user FROM accepted WHERE id = ?1)";

/// The last wrong code ends it. ?1 event 2 the enrollment as a challenge
const END: &str = "
UPDATE enrollment SET expires_at = unixepoch() FROM event e
WHERE e.id = ?1 AND (enrollment.organization, enrollment.user) = (e.organization, e.user)
  AND EXISTS (SELECT 1 FROM spent_challenge WHERE id = ?2 AND tries_left = 0)";
