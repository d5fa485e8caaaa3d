//! The browsers that a person trusts: listed, and revoked by their owner.

use postern::{audit::Action, ids::TrustedDeviceId, time::UnixTime};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::{self, Change, Fresh, Load, change},
    account::exists::{Exists, Named},
    http::{
        body::{Json, NoContent},
        context::Home,
        cookies::Cookies,
        jar::{Family, Jar},
        path::Path,
        problem::Problem,
        request::Request,
    },
    platform::Fault,
    sign_in::trusted_devices::presented_device,
    store::{
        d1::{Rows, Statement, effect, text},
        mail,
    },
};

/// A trusted device.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[schema(as = TrustedDevice)]
pub struct DeviceView {
    id: TrustedDeviceId,
    /// Its browser and system, as far as the user agent said.
    name: String,
    created_at: UnixTime,
    last_used_at: UnixTime,
    expires_at: UnixTime,
    /// Whether it is the browser that asks.
    #[serde(default)]
    #[schema(required)]
    current: bool,
}

/// The devices that a person trusts.
#[derive(Serialize, ToSchema)]
#[schema(as = TrustedDeviceList)]
pub struct DeviceList {
    /// The newest first.
    trusted_devices: Vec<DeviceView>,
}

/// Rows of trusted devices.
pub struct Trusted(Vec<DeviceView>);

impl Load for Trusted {
    fn statements(request: &Request, home: Home) -> Vec<Statement> {
        let now = request.context.now.into();
        let values = [text(home.organization), text(home.user), now];
        vec![Statement::new(LIST, values)]
    }

    fn read(rows: &mut Rows) -> Result<Self, Fault> {
        Ok(Self(rows.readable("trusted devices")?))
    }
}

/// Marks the device of the person at `home` whose token the request carries.
pub fn mark_current(
    request: &Request,
    home: Home,
    mut devices: Vec<DeviceView>,
) -> Vec<DeviceView> {
    let current = current(request, home);
    for device in &mut devices {
        device.current = Some(device.id) == current;
    }
    devices
}

fn current(request: &Request, home: Home) -> Option<TrustedDeviceId> {
    let device = presented_device(&request.context, &Jar::of(request), home)?;
    Some(TrustedDeviceId::from_entropy(device.token.row))
}

/// `GET /v1/me/trusted-devices`
pub async fn list(caller: access::Session<Trusted>) -> Json<DeviceList> {
    let access::Session {
        request,
        live,
        loaded: Trusted(devices),
        ..
    } = caller;
    let trusted_devices = mark_current(&request, live.home, devices);
    Json(DeviceList { trusted_devices })
}

impl Named for TrustedDeviceId {
    const EXISTS: &'static str = EXISTS;
}

/// `DELETE /v1/me/trusted-devices/{id}`: sessions that rest on it end with it.
pub async fn revoke(
    caller: Fresh<Exists<TrustedDeviceId>>,
    Path(id): Path<TrustedDeviceId>,
) -> Result<(Cookies, NoContent), Problem> {
    caller.loaded.found()?;
    let context = caller.context();
    let mut revocation = Change::new(context, Action::TrustedDeviceRevoke)?;
    revocation.subject = Some(id.to_string());
    revocation.effects = vec![effect!(END_ONE, revocation.event, text(id))];
    change(context, &caller, revocation).await?;
    let mut cookies = Cookies::default();
    if current(&caller.request, caller.home) == Some(id) {
        Jar::remove(&mut cookies, Family::Device, caller.home);
    }
    Ok((cookies, NoContent))
}

/// `DELETE /v1/me/trusted-devices`
pub async fn revoke_all(caller: Fresh) -> Result<(Cookies, NoContent), Problem> {
    let context = caller.context();
    let mut revocation = Change::new(context, Action::TrustedDeviceRevoke)?;
    let event = revocation.event;
    revocation.subject = Some("all".into());
    revocation.effects = vec![
        effect!(END_ALL, event),
        mail::notice(context, event, mail::Kind::TrustedDevicesCleared),
    ];
    change(context, &caller, revocation).await?;
    let mut cookies = Cookies::default();
    Jar::remove(&mut cookies, Family::Device, caller.home);
    Ok((cookies, NoContent))
}

/// ?1 event 2 device
const END_ONE: &str = "
UPDATE trusted_device SET ended_at = e.at FROM accepted e
WHERE e.id = ?1 AND (trusted_device.organization, trusted_device.user, trusted_device.id) = (e.organization, e.user, ?2)";

/// ?1 event
const END_ALL: &str = "
UPDATE trusted_device SET ended_at = e.at FROM accepted e
WHERE e.id = ?1 AND (trusted_device.organization, trusted_device.user) = (e.organization, e.user) AND trusted_device.ended_at IS NULL";

/// Alive only: the user and the policy are those of its birth. ?1 organization 2 user 3 now
pub const LIST: &str = "
SELECT d.id, d.name, d.created_at, d.rotated_at AS last_used_at, d.expires_at
FROM trusted_device d JOIN user u ON (u.organization, u.id) = (d.organization, d.user)
JOIN organization o ON o.id = d.organization
WHERE d.organization = ?1 AND d.user = ?2 AND d.ended_at IS NULL AND d.expires_at > ?3
  AND d.user_version = u.version AND d.trust_epoch = o.trust_epoch
ORDER BY d.created_at DESC";

/// ?1 organization 2 user 3 device
const EXISTS: &str = "
SELECT 1 FROM trusted_device WHERE organization = ?1 AND user = ?2 AND id = ?3 AND ended_at IS NULL";
