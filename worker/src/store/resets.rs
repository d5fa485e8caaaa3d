//! Links of resets, as batches end them.

use postern::ids::EventId;

use crate::store::d1::{Effect, effect};

/// Ends the reset of the user of `event` when that is accepted: it was used, or taken back.
pub fn end(event: EventId) -> Effect {
    effect!(END, event)
}

/// Ends all links where `event` changed an address: they went to the one of before.
pub fn end_with_address(event: EventId) -> Effect {
    effect!(END_WITH_ADDRESS, event)
}

/// ?1 event
const END_WITH_ADDRESS: &str = "
UPDATE link SET ended_at = e.at FROM accepted e
WHERE e.id = ?1 AND (link.organization, link.user) = (e.organization, e.user) AND link.ended_at IS NULL
  AND EXISTS (SELECT 1 FROM json_each(e.detail, '$.changed') WHERE value IN ('email', 'second_email'))";

/// ?1 event
const END: &str = "
UPDATE link SET ended_at = e.at FROM accepted e
WHERE e.id = ?1 AND (link.organization, link.user, link.purpose) = (e.organization, e.user, 'reset')
  AND link.ended_at IS NULL";
