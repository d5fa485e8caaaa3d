//! "This was not me": the link of a notice, which makes things stricter and nothing else.
//!
//! The mail is all that it takes, since the person may have lost every factor to the one who acts in their name. So it
//! opens nothing, shows nothing, and ends only what signing in brings back.

use postern::{
    audit::Action,
    links::{Link, Purpose},
    refusal::Refusal,
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    access::Public,
    http::{
        body::{NoContent, ShortJson},
        context::{Context, Home},
        problem::Problem,
    },
    platform::Fault,
    store::{
        copies,
        d1::{self, Batch, Statement, effect, recording, recording_text, text},
        mail,
        models::Models,
        settlement::{SPEND, models_statement},
        survivors::Survivors,
    },
};

/// The link that is used.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NotMe)]
pub struct NotMe {
    /// The token of the link.
    token: String,
}

/// `POST /v1/mail/not-me`: all sessions, open challenges, trusted devices and other links of the person end; factors
/// stay. Once.
pub async fn say(caller: Public, ShortJson(body): ShortJson<NotMe>) -> Result<NoContent, Problem> {
    let context = &caller.request.context;
    let link = Link::open(Purpose::NotMe, &context.settings.keys, &body.token)
        .map_err(|_| Refusal::NotAccepted)?;
    if link.is_over(context.now) {
        context.confirm_time().await?;
        return Err(Refusal::Expired.into());
    }
    let mut rows = d1::write(&context.database, &batch(context, &link)?).await?;
    let recorded: Option<Recorded> = rows.first()?;
    let models: Models = rows.first()?.ok_or(Refusal::NotAccepted)?;
    let Recorded {} = recorded.ok_or(Refusal::Expired)?;
    copies::keep_user(context, &models);
    Ok(NoContent)
}

fn batch(context: &Context, link: &Link) -> Result<Batch, Fault> {
    let event = context.event_id()?;
    let home = Home {
        organization: link.organization,
        user: link.user,
    };
    // Another try to send the same mail has the same id, and a link that works longer.
    let kept_until = link.expires_at.plus(Purpose::NotMe.seconds());
    let mut effects = vec![
        effect!(SPEND, event, text(link.id), kept_until),
        effect!(END_LINKS, event),
    ];
    effects.extend(Survivors::NoSession.effects(event));
    effects.push(mail::notice(context, event, mail::Kind::NotMe));
    Ok(Batch {
        recording: recording!(SAID, {
            event: event,
            organization: text(home.organization),
            user: text(home.user),
            link: text(link.id),
            now: context.now,
            action: Action::NotMe.as_str(),
            ip: context.origin.ip.clone(),
            user_agent: context.origin.user_agent.clone(),
            request_id: context.origin.request_id.clone(),
        }),
        effects,
        reads: vec![
            Statement::new(RECORDED, [text(event)]),
            models_statement(home),
        ],
    })
}

/// A row that is only there or not.
#[derive(Deserialize)]
struct Recorded {}

/// Whatever the person's version: nothing was decided on it.
const SAID: &str = recording_text!(
    "id, organization, user, at, action, actor, outcome, ip, user_agent, request_id",
    "
SELECT :event, organization, id, :now, :action, 'user', 'accepted', :ip, :user_agent, :request_id
FROM user WHERE organization = :organization AND id = :user
  AND NOT EXISTS (SELECT 1 FROM spent_challenge WHERE id = :link)"
);

/// ?1 event
const END_LINKS: &str = "
UPDATE link SET ended_at = e.at FROM accepted e
WHERE e.id = ?1 AND (link.organization, link.user) = (e.organization, e.user) AND link.ended_at IS NULL";

/// ?1 event
const RECORDED: &str = "SELECT 1 FROM event WHERE id = ?1";
