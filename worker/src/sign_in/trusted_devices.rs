//! Trusted devices: granted with a second factor, and rotated at each use.

use postern::{
    audit::Action,
    ids::{EventId, TrustedDeviceId},
    names::browser,
    secret::Secret,
    time::{SKEW_SECONDS, UnixTime},
    tokens::{Kind, Token},
    trusted_devices::{DAY_SECONDS, DeviceToken, MAX_TRUSTED_DEVICES, REPEAT_SECONDS},
};
use serde::Deserialize;

use crate::{
    http::{
        context::{Context, Home},
        cookies::Cookies,
        jar::{Family, Jar},
    },
    platform::Fault,
    store::{
        d1::{Effect, Statement, effect, text},
        mail,
        models::Models,
    },
};

/// A presented device and the token that follows.
pub struct Rotation {
    /// The device.
    pub id: TrustedDeviceId,
    /// Hash of the token presented.
    pub presented: String,
    next: DeviceToken,
}

impl Rotation {
    /// What follows the token of `device`.
    ///
    /// # Errors
    /// `unavailable` when the key of its series is gone.
    pub fn of(context: &Context, device: &DeviceToken) -> Result<Self, Fault> {
        Ok(Self {
            id: TrustedDeviceId::from_entropy(device.token.row),
            presented: device.token.hash(),
            next: device.next(&context.settings.keys)?,
        })
    }

    /// Rotates the token when it was the current one; ends the series, and says so by mail, when
    /// an old one came back.
    pub fn effects(&self, context: &Context, event: EventId) -> Vec<Effect> {
        vec![
            effect!(ROTATE, event, text(self.id), self.next.token.hash()),
            effect!(END_SERIES, event, text(self.id)),
            mail::reused_token(context, event),
        ]
    }

    /// The next token, for the reply. The row's fixed day ends the trust, whatever a cookie says.
    ///
    /// # Errors
    /// `unavailable` when the key of its series is gone.
    pub fn handed(&self, context: &Context) -> Result<Handed, Fault> {
        Handed::new(context, &self.next, 30 * DAY_SECONDS)
    }
}

/// A device's token on its way to the browser or application that keeps it.
pub struct Handed {
    token: String,
    seconds: u64,
}

impl Handed {
    fn new(context: &Context, device: &DeviceToken, seconds: u64) -> Result<Self, Fault> {
        let token = device.write(&context.settings.keys)?;
        Ok(Self { token, seconds })
    }

    /// The token, for an application's body.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Hands the token to the browser of `jar`, beside those of other people.
    pub fn set_cookie(&self, jar: &Jar, home: Home, cookies: &mut Cookies) {
        jar.put(cookies, Family::Device, home, &self.token, self.seconds);
    }
}

/// A device about to be trusted.
pub struct Grant {
    device: DeviceToken,
    days: u8,
}

impl Grant {
    /// Trust for `days` in the browser that just showed a second factor.
    ///
    /// # Errors
    /// A fault without randomness.
    pub fn new(context: &Context, models: &Models, days: u8) -> Result<Self, Fault> {
        let token = Token {
            kind: Kind::TrustedDevice,
            organization: models.organization.id,
            user: models.user.id,
            row: context.entropy()?,
            secret: Secret::new(context.entropy()?),
        };
        Ok(Self {
            device: DeviceToken::new(token, &context.settings.keys),
            days,
        })
    }

    /// Stores the device when `event` is accepted, and records that as an event of its own; the oldest
    /// of more than fifty ends.
    ///
    /// # Errors
    /// A fault without randomness.
    pub fn effects(
        &self,
        context: &Context,
        models: &Models,
        event: EventId,
    ) -> Result<Vec<Effect>, Fault> {
        let id = TrustedDeviceId::from_entropy(self.device.token.row);
        let agent = context.origin.user_agent.as_deref().unwrap_or_default();
        let expires_at = context
            .now
            .plus(u64::from(self.days).saturating_mul(DAY_SECONDS));
        Ok(vec![
            effect!(
                GRANT,
                event,
                text(id),
                expires_at,
                models.user.version,
                models.organization.trust_epoch,
                browser(agent),
                self.device.token.hash(),
                &*self.device.key
            ),
            effect!(END_OLDEST, event, text(id), MAX_TRUSTED_DEVICES),
            effect!(
                GRANTED,
                event,
                text(context.event_id()?),
                Action::TrustedDeviceGrant.as_str(),
                text(id),
                expires_at
            ),
        ])
    }

    /// The token, for the reply.
    ///
    /// # Errors
    /// `unavailable` when the key of the series is gone.
    pub fn handed(&self, context: &Context) -> Result<Handed, Fault> {
        let seconds = u64::from(self.days).saturating_mul(DAY_SECONDS);
        Handed::new(context, &self.device, seconds)
    }
}

/// The token of the device of the person at `home` that this browser says it is.
pub fn presented_device(context: &Context, jar: &Jar, home: Home) -> Option<DeviceToken> {
    let held = jar.find(Family::Device, home)?;
    let device = DeviceToken::read(held, &context.settings.keys)?;
    let token = &device.token;
    (token.organization == home.organization && token.user == home.user).then_some(device)
}

/// Finds the lane of the browser that presents `device`: its id, if the device lives.
pub fn lane_of(device: Option<&DeviceToken>, home: Home, now: UnixTime) -> Statement {
    let token = device.map(|device| &device.token);
    let id = token.map(|token| TrustedDeviceId::from_entropy(token.row).to_string());
    Statement::new(
        LANE,
        [
            text(home.organization),
            text(home.user),
            id.into(),
            token.map(Token::hash).into(),
            now.into(),
            REPEAT_SECONDS.into(),
            SKEW_SECONDS.into(),
        ],
    )
}

/// A row of [`lane_of`].
#[derive(Deserialize)]
pub struct LaneRow {
    /// The device.
    pub id: TrustedDeviceId,
}

/// By the database's clock: the next request may be answered by another instance.
/// ?1 event 2 device 3 next token's hash
pub const ROTATE: &str = "
UPDATE trusted_device SET previous_hash = token_hash, token_hash = ?3, rotated_at = unixepoch() FROM accepted e
WHERE e.id = ?1 AND e.trust = 'accepted'
  AND (trusted_device.organization, trusted_device.user, trusted_device.id) = (e.organization, e.user, ?2)";

/// ?1 event 2 device
pub const END_SERIES: &str = "
UPDATE trusted_device SET ended_at = e.at FROM accepted e
WHERE e.id = ?1 AND e.trust = 'reused'
  AND (trusted_device.organization, trusted_device.user, trusted_device.id) = (e.organization, e.user, ?2)";

/// ?1 event 2 device 3 expires at 4 user version 5 trust epoch 6 name 7 token's hash 8 key of the series
const GRANT: &str = "
INSERT INTO trusted_device (organization, user, id, created_at, expires_at, user_version, trust_epoch, name, token_hash, rotated_at, key)
SELECT organization, user, ?2, at, ?3, ?4, ?5, ?6, ?7, unixepoch(), ?8 FROM accepted WHERE id = ?1";

/// ?1 event 2 event of the grant 3 action 4 device 5 expires at
const GRANTED: &str = "
INSERT INTO event (id, organization, user, at, action, actor, method, subject, outcome, detail, ip, user_agent, request_id)
SELECT ?2, e.organization, e.user, e.at, ?3, e.actor, e.method, ?4, 'accepted',
  json_object('expires_at', CAST(?5 AS INTEGER)), e.ip, e.user_agent, e.request_id
FROM accepted e WHERE e.id = ?1";

/// The new one stays, whatever the clocks said that the others were stamped by.
/// ?1 event 2 device 3 most devices
const END_OLDEST: &str = "
UPDATE trusted_device SET ended_at = e.at FROM accepted e
WHERE e.id = ?1 AND (trusted_device.organization, trusted_device.user) = (e.organization, e.user) AND trusted_device.ended_at IS NULL
  AND trusted_device.id IN (
    SELECT id FROM trusted_device d WHERE (d.organization, d.user) = (e.organization, e.user) AND d.ended_at IS NULL
    ORDER BY id = ?2 DESC, min(created_at, e.at) DESC, id LIMIT -1 OFFSET ?3)";

/// ?1 organization 2 user 3 device 4 its token's hash 5 now 6 repeat window 7 skew
const LANE: &str = "
SELECT d.id FROM trusted_device d
JOIN user u ON (u.organization, u.id) = (d.organization, d.user)
JOIN organization o ON o.id = d.organization
WHERE d.organization = ?1 AND d.user = ?2 AND d.id = ?3
  AND (d.token_hash = ?4
    OR d.previous_hash = ?4 AND d.rotated_at BETWEEN unixepoch() - ?6 AND unixepoch() + ?7)
  AND d.ended_at IS NULL AND d.expires_at > ?5 AND d.user_version = u.version AND d.trust_epoch = o.trust_epoch";
