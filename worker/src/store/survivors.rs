//! Which sessions outlive a change of their user.
//!
//! A session lives only with the user version that it carries. A change that moves the version says
//! here which sessions it ends; all others move along.

use postern::{
    evidence::Ground,
    ids::{EventId, SessionId},
};

use crate::store::d1::{Effect, effect, text};

/// Those that outlive a change.
#[derive(Clone, Copy, Debug)]
pub enum Survivors {
    /// None: another person makes it.
    NoSession,
    /// The session that makes it.
    Only(SessionId),
    /// The session that makes it, and those that add up to `aal2` once it is made.
    Aal2 {
        /// The session that makes it.
        maker: SessionId,
        /// What it takes away or replaces: what rests on that ends, though it rests on more.
        without: Option<Ground>,
    },
}

impl Survivors {
    /// Moves the user version, and these sessions with it, when `event` is accepted: after
    /// everything else that the change does.
    pub fn effects(self, event: EventId) -> Vec<Effect> {
        let (maker, others, without) = match self {
            Self::NoSession => return vec![effect!(END_ALL, event), effect!(MOVE_VERSION, event)],
            Self::Only(maker) => (maker, false, None),
            Self::Aal2 { maker, without } => (maker, true, without),
        };
        vec![
            effect!(END_OTHERS, {
                event: event,
                maker: text(maker),
                others: others,
                without: without.map(|ground| ground.to_string()),
            }),
            effect!(MOVE_VERSION, event),
            move_along(event),
        ]
    }
}

/// Moves the sessions that the change did not end to the new user version.
pub fn move_along(event: EventId) -> Effect {
    effect!(MOVE_ALONG, event)
}

/// Ends what does not outlive the change, while the version is still the old one.
pub const END_OTHERS: &str = "
UPDATE session SET ended_at = e.at
FROM accepted e JOIN user u ON (u.organization, u.id) = (e.organization, e.user)
WHERE e.id = :event AND (session.organization, session.user) = (u.organization, u.id) AND session.ended_at IS NULL
  AND (session.user_version <> u.version
    OR session.id <> :maker AND NOT (:others
      AND EXISTS (
        SELECT 1 FROM aal2_session w
        WHERE (w.organization, w.user, w.id) = (session.organization, session.user, session.id))
      AND NOT EXISTS (SELECT 1 FROM json_each(session.grounds) ground WHERE ground.value = :without)))";

/// ?1 event
const END_ALL: &str = "
UPDATE session SET ended_at = e.at FROM accepted e
WHERE e.id = ?1 AND (session.organization, session.user) = (e.organization, e.user) AND session.ended_at IS NULL";

/// A version is never less than the millisecond of its change by the database's clock, which tells all
/// instances the same: the opening of a challenge is compared with it
/// ([`postern::challenges::Challenge::asks`]). ?1 event
pub const MOVE_VERSION: &str = "
UPDATE user SET version = max(version + 1, unixepoch() * 1000 + 999) FROM accepted e
WHERE e.id = ?1 AND (user.organization, user.id) = (e.organization, e.user)";

/// ?1 event
pub const MOVE_ALONG: &str = "
UPDATE session SET user_version = u.version
FROM accepted e JOIN user u ON (u.organization, u.id) = (e.organization, e.user)
WHERE e.id = ?1 AND (session.organization, session.user) = (u.organization, u.id) AND session.ended_at IS NULL";
