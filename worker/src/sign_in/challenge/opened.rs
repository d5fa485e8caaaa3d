//! The record of a challenge that was opened.

use postern::{audit::Action, challenges::Challenge};

use crate::{
    http::context::{Context, Home},
    platform::Fault,
    store::{event_detail::EventDetail, noted::note},
};

/// Records an opened challenge after the reply, best effort: nothing was shown yet, and a question
/// costs no trip.
///
/// # Errors
/// A fault without randomness.
pub fn note_opened(context: &Context, challenge: &Challenge) -> Result<(), Fault> {
    let detail = EventDetail::default()
        .with("purpose", &challenge.purpose)?
        .with("surface", &challenge.surface)?;
    let home = Home {
        organization: challenge.organization,
        user: challenge.user,
    };
    note(context, home, Action::ChallengeOpen, None, &detail)
}
