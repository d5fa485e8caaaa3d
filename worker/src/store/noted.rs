//! Events of what changes nothing and costs no trip: recorded after the reply, best effort.

use postern::{audit::Action, evidence::Method};

use crate::{
    http::context::{Context, Home},
    platform::Fault,
    store::{
        d1::{self, Batch, recording, recording_text, text},
        event_detail::EventDetail,
    },
};

/// Records that `action` was begun by the user at `home`.
///
/// # Errors
/// A fault without randomness.
pub fn note(
    context: &Context,
    home: Home,
    action: Action,
    method: Option<Method>,
    detail: &EventDetail,
) -> Result<(), Fault> {
    let origin = &context.origin;
    let batch = Batch {
        recording: recording!(NOTED, {
            event: context.event_id()?,
            organization: text(home.organization),
            user: text(home.user),
            now: context.now,
            action: action.as_str(),
            method: method.map(|method| method.as_str()),
            detail: detail.text()?,
            ip: origin.ip.clone(),
            user_agent: origin.user_agent.clone(),
            request_id: origin.request_id.clone(),
        }),
        effects: vec![],
        reads: vec![],
    };
    let database = context.database.clone();
    context.after_reply(async move {
        let _ = d1::write(&database, &batch).await;
    });
    Ok(())
}

const NOTED: &str = recording_text!(
    "id, organization, user, at, action, actor, method, outcome, detail, ip, user_agent, request_id",
    "
SELECT :event, organization, id, :now, :action, 'user', :method, 'accepted', :detail, :ip, :user_agent, :request_id
FROM user WHERE organization = :organization AND id = :user"
);
