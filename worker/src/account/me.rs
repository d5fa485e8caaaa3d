//! Everything the security page shows, in one trip. And the password.

use http::StatusCode;
use postern::{
    audit::Action,
    ids::EnrollmentId,
    passkeys::UserHandle,
    passwords::{Password, Verifier},
    policy::Mode,
    record,
    refusal::{Malformed, Refusal},
    slow_hash::Memory,
    time::UnixTime,
};
use serde::Serialize;

use crate::{
    account::{
        authenticators,
        sessions::{self, Change, change},
    },
    http::{
        call::Call,
        problem::Fault,
        reply::{Reply, no_content, whole},
        slow_hashes::Place,
    },
    sign_in::trusted_devices::{self, mark_current},
    store::{
        d1::{Statement, effect, text},
        mail,
        settlement::Truth,
        survivors::Survivors,
    },
};

#[derive(Serialize)]
struct Me {
    user: Person,
    organization: Organization,
    session: sessions::View,
    authenticators: Vec<authenticators::View>,
    backup_codes: Option<BackupCodes>,
    trusted_devices: Vec<trusted_devices::View>,
    enrollment: Option<Enrollment>,
    policy: PolicyView,
    has_password: bool,
    passkeys: Passkeys,
}

/// What pages tell the browser's passkey manager (WebAuthn L3 section 5.1.10).
#[derive(Serialize)]
struct Passkeys {
    rp_id: String,
    user_handle: UserHandle,
}

record! {
    #[derive(Serialize)]
    struct Person {
        id: String,
        username: String,
        name: Option<String>,
        email: Option<String>,
        role: String,
    }
}

#[derive(Serialize)]
struct Organization {
    id: String,
    name: String,
}

record! {
    #[derive(Serialize)]
    struct BackupCodes {
        remaining: u32,
        format: String,
        created_at: UnixTime,
    }
}

record! {
    #[derive(Serialize)]
    struct Enrollment {
        id: EnrollmentId,
        expires_at: UnixTime,
    }
}

#[derive(Serialize)]
struct PolicyView {
    /// The mode that binds this person now.
    mode: Mode,
    /// When `required` will bind them, who have nothing yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    enroll_by: Option<UnixTime>,
}

record! {
    strict struct ChangePassword {
        password: Password,
    }
}

/// `GET /v1/me`
pub async fn show(call: Call) -> Reply {
    let home = call.claimed_home()?;
    let at_home = |sql| Statement::new(sql, [text(home.organization), text(home.user)]);
    let at_home_now = |sql| {
        Statement::new(
            sql,
            [
                text(home.organization),
                text(home.user),
                call.context.now.into(),
            ],
        )
    };
    let (caller, mut rows) = call
        .session(vec![
            at_home(PERSON),
            at_home(authenticators::LIST),
            at_home(BACKUP_CODES),
            at_home_now(trusted_devices::LIST),
            at_home_now(ENROLLMENT),
        ])
        .await?;
    let Truth { user, organization } = &caller.truth;
    let ids = user.authenticator_ids();
    let person = user.person(&ids);
    whole(
        StatusCode::OK,
        &Me {
            user: rows
                .first()?
                .ok_or(Fault::new("a session without a user"))?,
            organization: Organization {
                id: organization.external_id.to_string(),
                name: organization.name.clone(),
            },
            session: sessions::View::of(&caller.session, &caller.truth, call.context.now),
            authenticators: rows
                .readable::<authenticators::Row>("authenticators")?
                .into_iter()
                .map(authenticators::View::from)
                .collect(),
            backup_codes: rows.first()?,
            trusted_devices: mark_current(&call, home, rows.readable("trusted devices")?),
            enrollment: rows.first()?,
            policy: PolicyView {
                mode: organization.policy.mode_for(&person, call.context.now),
                enroll_by: caller.here.enroll_by,
            },
            has_password: user.password.is_some(),
            passkeys: Passkeys {
                rp_id: call.context.settings.rp_id.clone(),
                user_handle: user.user_handle(),
            },
        },
    )
}

/// `PUT /v1/me/password`: ends all other sessions, trusted devices and open challenges.
pub async fn change_password(call: Call) -> Reply {
    let place = Place::take(&call.context, call.claimed_home()?, false)?;
    let (caller, _) = call.session(vec![]).await?;
    let body: ChangePassword = call.json(caller.judged())?;
    body.password.suitable().map_err(|why| {
        Refusal::Malformed(Malformed {
            field: Some("password".into()),
            detail: why.as_str().into(),
        })
    })?;
    let context = &call.context;
    let salt = context.entropy()?;
    let keys = &context.settings.keys;
    let make = |memory: &mut Memory| Verifier::new(&body.password, salt, keys, memory);
    let verifier = serde_json::to_string(&place.hash(make).await?)?;
    drop(place);
    let mut changing = Change::new(context, Action::PasswordChange)?;
    let event = changing.event;
    changing.effects = vec![
        effect!(SET_PASSWORD, event, verifier),
        mail::notice(context, event, mail::Kind::PasswordChanged)?,
    ];
    changing.survivors = Some(Survivors::Only(caller.session.id));
    change(&call, &caller, changing).await?;
    Ok(no_content())
}

/// ?1 organization 2 user
const PERSON: &str = "
SELECT external_id AS id, username, name, email, role FROM user WHERE organization = ?1 AND id = ?2";

/// ?1 organization 2 user
const BACKUP_CODES: &str = "
SELECT (SELECT count(*) FROM backup_code c
        WHERE (c.organization, c.user) = (b.organization, b.user) AND c.used_at IS NULL) AS remaining,
  b.parameters ->> 'format' AS format, b.created_at
FROM backup_code_set b WHERE b.organization = ?1 AND b.user = ?2";

/// ?1 organization 2 user 3 now
const ENROLLMENT: &str = "
SELECT id, expires_at FROM enrollment WHERE organization = ?1 AND user = ?2 AND expires_at > ?3";

/// ?1 event 2 verifier
const SET_PASSWORD: &str = "
UPDATE user SET password = ?2 FROM accepted e
WHERE e.id = ?1 AND (user.organization, user.id) = (e.organization, e.user)";
