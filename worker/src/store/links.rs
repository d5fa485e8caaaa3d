//! Rows of mailed links: how batches write and end them, and which one still does something.

use postern::{
    ids::{EventId, LinkId},
    links::{Link, Purpose},
    time::UnixTime,
};
use serde::Deserialize;

use crate::{
    http::context::Home,
    store::d1::{Effect, Statement, effect, text},
};

/// The newest link of a purpose to a user who may sign in, with what its page shows.
#[derive(Deserialize)]
pub struct LinkRow {
    /// The event that it was mailed with.
    pub event: EventId,
    /// From when on it does nothing any more.
    pub expires_at: UnixTime,
    /// It ends with this version of the user, unless it is an invitation.
    pub user_version: u64,
    /// The organization's id.
    pub organization: String,
    /// What the organization is called.
    pub organization_name: String,
    /// What the user types to sign in.
    pub username: String,
    /// 1 where the user has a password here.
    pub password: u32,
}

impl LinkRow {
    /// Reads the row of `purpose` that has not ended.
    pub fn statement(home: Home, purpose: Purpose) -> Statement {
        let (organization, user) = (text(home.organization), text(home.user));
        Statement::new(ROW, [organization, user, purpose.as_str().into()])
    }

    /// Whether it is the row of `link`, and its time is not over.
    pub fn is_of(&self, link: &Link, now: UnixTime) -> bool {
        LinkId::from_entropy(*self.event.as_bytes()) == link.id
            && !link.is_over(now)
            && now < self.expires_at
    }
}

/// Writes the link that is mailed with `event`, whose detail says when it is over. It takes the place of
/// the one before.
pub fn start(event: EventId, purpose: Purpose) -> Effect {
    effect!(START, event, purpose.as_str())
}

/// Ends the link to the user of `event` when that is accepted: it was used, or taken back.
pub fn end(event: EventId, purpose: Purpose) -> Effect {
    effect!(END, event, purpose.as_str())
}

/// Ends all links where `event` changed an address, for they went to the one of before, or whether the user may sign in.
pub fn end_with_change(event: EventId) -> Effect {
    effect!(END_WITH_CHANGE, event)
}

/// ?1 organization 2 user 3 purpose
const ROW: &str = "
SELECT l.event, l.expires_at, l.user_version, o.external_id AS organization, o.name AS organization_name,
  u.username, u.password IS NOT NULL AS password
FROM link l JOIN user u ON u.organization = l.organization AND u.id = l.user
JOIN organization o ON o.id = l.organization
WHERE l.organization = ?1 AND l.user = ?2 AND l.purpose = ?3
  AND l.ended_at IS NULL AND (l.purpose = 'invitation' OR l.user_version = u.version) AND u.state = 'active'";

/// ?1 event 2 purpose
const START: &str = "
INSERT INTO link (organization, user, purpose, event, created_at, expires_at, user_version)
SELECT e.organization, e.user, ?2, e.id, e.at, e.detail ->> 'expires_at', u.version
FROM accepted e JOIN user u ON u.organization = e.organization AND u.id = e.user
WHERE e.id = ?1
ON CONFLICT (organization, user, purpose) DO UPDATE SET event = excluded.event, created_at = excluded.created_at,
  expires_at = excluded.expires_at, user_version = excluded.user_version, ended_at = NULL";

/// ?1 event 2 purpose
const END: &str = "
UPDATE link SET ended_at = e.at FROM accepted e
WHERE e.id = ?1 AND (link.organization, link.user, link.purpose) = (e.organization, e.user, ?2)
  AND link.ended_at IS NULL";

/// ?1 event
const END_WITH_CHANGE: &str = "
UPDATE link SET ended_at = e.at FROM accepted e
WHERE e.id = ?1 AND (link.organization, link.user) = (e.organization, e.user) AND link.ended_at IS NULL
  AND EXISTS (SELECT 1 FROM json_each(e.detail, '$.changed') WHERE value IN ('email', 'second_email', 'state'))";
