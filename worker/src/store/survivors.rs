//! Which sessions outlive a change of their user.
//!
//! A session lives only with the user version that it carries. A change that moves the version says
//! here which sessions move along; all others end.

use postern::{
    evidence::Ground,
    ids::{EventId, SessionId},
};

use crate::store::d1::{Effect, effect, text};

/// Those that outlive a change.
#[derive(Clone, Copy, Debug)]
pub enum Survivors {
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
    /// everything else that the change does. `now_ms` is milliseconds since 1970.
    pub fn effects(self, event: EventId, now_ms: u64) -> Vec<Effect> {
        let (maker, others, without) = match self {
            Self::Only(maker) => (maker, false, None),
            Self::Aal2 { maker, without } => (maker, true, without),
        };
        vec![
            effect!(MOVE_ALONG, {
                event: event,
                now_ms: now_ms,
                maker: text(maker),
                others: others,
                without: without.map(|ground| ground.to_string()),
            }),
            effect!(MOVE_VERSION, event, now_ms),
            end_rest(event),
        ]
    }
}

/// Ends the sessions that did not move along with the user version.
pub fn end_rest(event: EventId) -> Effect {
    effect!(END_REST, event)
}

/// To the version that [`MOVE_VERSION`] is about to set.
pub const MOVE_ALONG: &str = "
UPDATE session SET user_version = max(u.version + 1, :now_ms)
FROM accepted e JOIN user u ON (u.organization, u.id) = (e.organization, e.user)
WHERE e.id = :event AND (session.organization, session.user) = (u.organization, u.id)
  AND session.user_version = u.version AND session.ended_at IS NULL
  AND (session.id = :maker OR :others
    AND EXISTS (
      SELECT 1 FROM aal2_session w
      WHERE (w.organization, w.user, w.id) = (session.organization, session.user, session.id))
    AND NOT EXISTS (SELECT 1 FROM json_each(session.grounds) ground WHERE ground.value = :without))";

/// ?1 event 2 now in ms
pub const MOVE_VERSION: &str = "
UPDATE user SET version = max(version + 1, ?2) FROM accepted e
WHERE e.id = ?1 AND (user.organization, user.id) = (e.organization, e.user)";

/// ?1 event
pub const END_REST: &str = "
UPDATE session SET ended_at = e.at
FROM accepted e JOIN user u ON (u.organization, u.id) = (e.organization, e.user)
WHERE e.id = ?1 AND (session.organization, session.user) = (u.organization, u.id)
  AND session.user_version <> u.version AND session.ended_at IS NULL";
