//! Passkeys: enrolled by their owner. As an answer to a challenge: [`crate::sign_in::challenge`].

use postern::{
    audit::Action,
    challenges::{CEREMONY_SECONDS, ENROLLMENT_TRIES, PasskeyEnrollment},
    decision::{Attempt, Finding, Spend},
    evidence::{Evidence, Method},
    ids::{AuthenticatorId, ChallengeId, EventId},
    names::DisplayName,
    passkeys::{
        CredentialRecord, PublicKeyCredentialCreationOptionsJSON,
        PublicKeyCredentialUserEntityJSON, Refused, RegistrationResponseJSON,
        UserVerificationRequirement, registration,
    },
    refusal::Refusal,
    time::UnixTime,
    users::MAX_PASSKEYS,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::{Adding, Enrolling, Load},
    account::{
        authenticators::AuthenticatorView,
        backup_codes::Nothing,
        enrollments::{self, Confirmation, Confirmed, apart, may_begin, may_confirm},
    },
    http::{
        body::{Json, ShortJson},
        context::Home,
        cookies::Cookies,
        problem::Problem,
        relying_party::{Site, nonce, readable, verified},
        request::Request,
    },
    platform::Fault,
    store::{
        d1::{self, Rows, Statement, effect, text},
        event_detail::EventDetail,
        models::Models,
        noted::note,
        settlement::{not_spent, spent_statement},
    },
};

/// What the browser made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ConfirmPasskey)]
pub struct Confirm {
    /// The enrollment's token.
    enrollment: String,
    /// The new credential.
    credential: RegistrationResponseJSON,
    /// What the person calls it; without one, the name of its provider.
    name: Option<DisplayName>,
}

/// What the browser needs to make a passkey.
#[derive(Serialize, ToSchema)]
pub struct PasskeyEnrollmentAnswer {
    enrollment: Enrollment,
}

/// The enrollment of a passkey that was begun.
#[derive(Serialize, ToSchema)]
#[schema(as = PasskeyEnrollment)]
struct Enrollment {
    /// To be sent back with the new passkey.
    token: String,
    options: PublicKeyCredentialCreationOptionsJSON,
    expires_at: UnixTime,
}

/// What the person is called in their passkey manager.
#[derive(Deserialize)]
pub struct Account {
    username: String,
    name: Option<String>,
}

impl Load for Account {
    fn statements(_: &Request, home: Home) -> Vec<Statement> {
        vec![Statement::new(
            ACCOUNT,
            [text(home.organization), text(home.user)],
        )]
    }

    fn read(rows: &mut Rows) -> Result<Self, Fault> {
        let account = rows.first()?;
        account.ok_or(Fault::new("a session without a user"))
    }
}

/// `POST /v1/me/passkeys`: what the browser needs to make a passkey.
pub async fn start(
    caller: Adding<Account>,
    ShortJson(Nothing {}): ShortJson<Nothing>,
) -> Result<Json<PasskeyEnrollmentAnswer>, Problem> {
    let (context, home) = (caller.context(), caller.home);
    let Models { user, organization } = &caller.models;
    may_begin(&caller, user.passkeys().count(), MAX_PASSKEYS)?;
    let ceremony = PasskeyEnrollment {
        id: ChallengeId::from_entropy(context.entropy()?),
        nonce: nonce(context)?,
        organization: home.organization,
        user: home.user,
        session: caller.session.id,
        expires_at: context.now.plus(CEREMONY_SECONDS),
    };
    let Account { username, name } = &caller.loaded;
    let entity = PublicKeyCredentialUserEntityJSON {
        id: user.user_handle(),
        name: username.clone(),
        display_name: name.as_ref().unwrap_or(username).clone(),
    };
    let site = Site::of(context);
    let options = PublicKeyCredentialCreationOptionsJSON::new(
        &site.relying_party(&organization.name),
        entity,
        ceremony.nonce.0,
        UserVerificationRequirement::Preferred,
        user.passkeys().map(|(_, record)| record),
    );
    let (action, detail) = (Action::EnrollmentStart, EventDetail::default());
    note(context, home, action, Some(Method::Passkey), &detail)?;
    let enrollment = Enrollment {
        token: ceremony.seal(&context.settings.keys, context.entropy()?)?,
        options,
        expires_at: ceremony.expires_at,
    };
    Ok(Json(PasskeyEnrollmentAnswer { enrollment }))
}

/// `POST /v1/me/passkeys/confirm`: what the browser made, and a name for it.
pub async fn confirm(
    caller: Enrolling,
    Json(body): Json<Confirm>,
) -> Result<(Cookies, Json<Confirmed>), Problem> {
    let context = caller.context();
    may_confirm(&caller)?;
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
    if made.is_ok() && enrollments::brings_codes(&caller) {
        // Ten slow hashes follow.
        let spent = [spent_statement(Some(ceremony.id))];
        not_spent(&mut d1::run(&context.database, &spent).await?)?;
    }
    let id = AuthenticatorId::from_entropy(context.entropy()?);
    let confirmation = Confirmation {
        authenticator: shown(&caller, id, body.name, made.as_ref().ok())?,
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
    enrollments::confirm(&caller, confirmation, add).await
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
    caller: &Enrolling,
    id: AuthenticatorId,
    name: Option<DisplayName>,
    record: Option<&CredentialRecord>,
) -> Result<AuthenticatorView, Fault> {
    let provider = record.and_then(|record| record.aaguid.provider_name());
    let name = match name {
        Some(name) => name,
        None => provider
            .unwrap_or("Passkey")
            .parse()
            .map_err(|_| Fault::new("a provider's name that is none"))?,
    };
    let view = AuthenticatorView::new(id, "passkey", apart(caller, name), caller.context().now);
    Ok(match record {
        Some(record) => view.of_passkey(record),
        None => view,
    })
}

fn stored(record: &CredentialRecord) -> Result<String, Fault> {
    Ok(serde_json::to_string(record)?)
}

/// ?1 organization 2 user
const ACCOUNT: &str = "SELECT username, name FROM user WHERE organization = ?1 AND id = ?2";

/// ?1 event 2 authenticator 3 credential record 4 name
const ADD: &str = "
INSERT INTO authenticator (organization, user, id, kind, credential, created_at, name, last_used_at)
SELECT organization, user, ?2, 'passkey', ?3, at, ?4, at FROM accepted WHERE id = ?1";
