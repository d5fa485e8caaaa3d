//! The record of a challenge that was opened.

use postern::{audit::Action, challenges::Challenge};

use crate::{
    http::context::Context,
    platform::Fault,
    store::{
        d1::{self, Batch, recording, recording_text, text},
        event_detail::EventDetail,
    },
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
    let origin = &context.origin;
    let recording = recording!(OPENED, {
        event: context.event_id()?,
        organization: text(challenge.organization),
        user: text(challenge.user),
        now: context.now,
        action: Action::ChallengeOpen.as_str(),
        detail: detail.text()?,
        ip: origin.ip.clone(),
        user_agent: origin.user_agent.clone(),
        request_id: origin.request_id.clone(),
    });
    let batch = Batch {
        recording,
        effects: vec![],
        reads: vec![],
    };
    let database = context.database.clone();
    context.after_reply(async move {
        let _ = d1::write(&database, &batch).await;
    });
    Ok(())
}

const OPENED: &str = recording_text!(
    "id, organization, user, at, action, actor, outcome, detail, ip, user_agent, request_id",
    "
SELECT :event, organization, id, :now, :action, 'user', 'accepted', :detail, :ip, :user_agent, :request_id
FROM user WHERE organization = :organization AND id = :user"
);
