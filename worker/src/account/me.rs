//! Everything the security page shows, in one trip.

use postern::{ids::EnrollmentId, passkeys::UserHandle, policy::Mode, roles::Role, time::UnixTime};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::{self, Load},
    account::{
        authenticators::{self, AuthenticatorView},
        trusted_devices::{self, DeviceView, mark_current},
    },
    http::{body::Json, context::Home, request::Request},
    platform::Fault,
    store::{
        d1::{Rows, Statement, text},
        models::{Models, OrganizationView},
        sessions::SessionView,
    },
};

/// A person, and what they keep here.
#[derive(Serialize, ToSchema)]
pub struct Me {
    user: Person,
    /// The roles that the person may give to others; none of a member.
    gives: Vec<Role>,
    organization: OrganizationView,
    session: SessionView,
    /// The oldest first.
    authenticators: Vec<AuthenticatorView>,
    #[schema(required)]
    backup_codes: Option<BackupCodes>,
    /// Browsers that are trusted now.
    trusted_devices: Vec<DeviceView>,
    /// An authenticator app that was begun and not confirmed.
    #[schema(required)]
    enrollment: Option<Enrollment>,
    policy: PolicyView,
    /// Whether there is a password to sign in and to step up with.
    has_password: bool,
    passkeys: Passkeys,
}

/// What pages tell the browser's passkey manager (WebAuthn L3 section 5.1.10).
#[derive(Serialize, ToSchema)]
#[schema(as = PasskeyHints)]
struct Passkeys {
    /// The RP ID: a domain.
    rp_id: String,
    user_handle: UserHandle,
}

/// The person.
#[derive(Deserialize, Serialize, ToSchema)]
#[schema(as = OwnUser)]
struct Person {
    #[schema(value_type = postern::names::ExternalId)]
    id: String,
    /// The name that the person signs in with.
    username: String,
    /// What the person is called.
    #[schema(required)]
    name: Option<String>,
    /// Where notices go.
    #[schema(required)]
    email: Option<String>,
    #[schema(value_type = postern::roles::Role)]
    role: String,
}

/// The set of backup codes.
#[derive(Deserialize, Serialize, ToSchema)]
#[schema(as = BackupCodesLeft)]
pub struct BackupCodes {
    /// Codes left.
    #[schema(minimum = 0, maximum = 10)]
    remaining: u32,
    #[schema(value_type = postern::backup_codes::Format)]
    format: String,
    created_at: UnixTime,
    /// When the person said that they are kept somewhere.
    #[schema(required)]
    saved_at: Option<UnixTime>,
    /// When one of them was used last.
    #[schema(required)]
    last_used_at: Option<UnixTime>,
}

/// An enrollment that was begun.
#[derive(Deserialize, Serialize, ToSchema)]
#[schema(as = PendingEnrollment)]
struct Enrollment {
    id: EnrollmentId,
    expires_at: UnixTime,
}

/// What the policy says of the person.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnPolicy)]
struct PolicyView {
    /// The mode that binds this person now.
    mode: Mode,
    /// When `required` will bind them, who have nothing yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    enroll_by: Option<UnixTime>,
}

/// What is read with the session.
pub struct Kept {
    person: Person,
    authenticators: Vec<authenticators::Row>,
    backup_codes: Option<BackupCodes>,
    devices: Vec<DeviceView>,
    enrollment: Option<Enrollment>,
}

impl Load for Kept {
    fn statements(request: &Request, home: Home) -> Vec<Statement> {
        let (organization, user) = (text(home.organization), text(home.user));
        let now = request.context.now.into();
        let at_home = [organization.clone(), user.clone()];
        let at_home_now = [organization, user, now];
        vec![
            Statement::new(PERSON, at_home.clone()),
            Statement::new(authenticators::LIST, at_home.clone()),
            Statement::new(BACKUP_CODES, at_home.clone()),
            Statement::new(trusted_devices::LIST, at_home_now),
            Statement::new(ENROLLMENT, at_home),
        ]
    }

    fn read(rows: &mut Rows) -> Result<Self, Fault> {
        let person = rows.first()?;
        Ok(Self {
            person: person.ok_or(Fault::new("a session without a user"))?,
            authenticators: rows.readable("authenticators")?,
            backup_codes: rows.first()?,
            devices: rows.readable("trusted devices")?,
            enrollment: rows.first()?,
        })
    }
}

/// `GET /v1/me`
pub async fn show(caller: access::Session<Kept>) -> Json<Me> {
    let access::Session {
        request,
        live,
        loaded: kept,
        ..
    } = caller;
    let context = &request.context;
    let Models { user, organization } = &live.models;
    let ids = user.authenticator_ids();
    let views = kept.authenticators.into_iter();
    Json(Me {
        user: kept.person,
        gives: user.role.gives().collect(),
        organization: OrganizationView::of(&live.models),
        session: SessionView::of(&live.session, &live.models, context.now),
        authenticators: views.map(AuthenticatorView::from).collect(),
        backup_codes: kept.backup_codes,
        trusted_devices: mark_current(&request, live.home, kept.devices),
        enrollment: kept.enrollment,
        policy: PolicyView {
            mode: organization
                .policy
                .mode_for(&user.person(&ids), context.now),
            enroll_by: live.own_routes_ruling.enroll_by,
        },
        has_password: user.password.is_some(),
        passkeys: Passkeys {
            rp_id: context.settings.rp_id.clone(),
            user_handle: user.user_handle(),
        },
    })
}

/// ?1 organization 2 user
const PERSON: &str = "
SELECT external_id AS id, username, name, email, role FROM user WHERE organization = ?1 AND id = ?2";

/// ?1 organization 2 user
pub const BACKUP_CODES: &str = "
SELECT (SELECT count(*) FROM backup_code c
        WHERE (c.organization, c.user) = (b.organization, b.user) AND c.used_at IS NULL) AS remaining,
  b.parameters ->> 'format' AS format, b.created_at, b.saved_at,
  (SELECT max(c.used_at) FROM backup_code c WHERE (c.organization, c.user) = (b.organization, b.user)) AS last_used_at
FROM backup_code_set b WHERE b.organization = ?1 AND b.user = ?2";

/// ?1 organization 2 user
const ENROLLMENT: &str = "
SELECT id, expires_at FROM enrollment WHERE organization = ?1 AND user = ?2 AND expires_at > unixepoch()";
