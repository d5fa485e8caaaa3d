//! A forgotten password: a mailed link to a new one, which is chosen as [`crate::account::password_links`] has it.

use postern::{audit::Action, links::Purpose, names::Username};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    access::Public,
    account::password_links::{self, ChosenPassword, OpenedPassword},
    delivery,
    http::{
        body::{Json, NoContent, ShortJson},
        context::Context,
        problem::Problem,
    },
    platform::{Fault, log},
    sign_in::resets::Open,
    store::{
        d1::{self, Batch, recording, recording_text},
        links, mail,
    },
};

/// Links mailed to one person in an hour at most.
const MOST_IN_AN_HOUR: u64 = 3;

const HOUR_SECONDS: u64 = 3600;

/// Whose password was forgotten.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForgottenPassword {
    /// The organization's id.
    organization: String,
    /// What the user types to sign in.
    username: String,
}

/// `POST /v1/passwords/forgotten`: mails the user a link, if there is such a user with a password and an address. All is
/// done after the reply, which so takes as long for every name; a mail that was lost is asked for once more.
pub async fn ask(
    caller: Public,
    ShortJson(body): ShortJson<ForgottenPassword>,
) -> Result<NoContent, Problem> {
    let context = &caller.request.context;
    // A name that cannot be is a name that no user has.
    let name = body.username.parse::<Username>();
    let name = name.map_or(body.username, |name| name.to_string());
    let batch = mailing(context, body.organization, name)?;
    let (platform, settings) = (context.platform().clone(), context.settings.clone());
    let (database, now) = (context.database.clone(), context.now);
    context.after_reply(async move {
        let done = async {
            d1::write(&database, &batch).await?;
            delivery::run(&platform, &settings, now, delivery::AFTER_REPLY).await
        };
        if let Err(fault) = done.await {
            log(&format!("forgotten password: {fault:?}"));
        }
    });
    Ok(NoContent)
}

/// `POST /v1/passwords/open`: the user that the link is for.
pub async fn open(
    caller: Public,
    ShortJson(body): ShortJson<Open>,
) -> Result<Json<OpenedPassword>, Problem> {
    let context = &caller.request.context;
    let opened = password_links::open(context, Purpose::Password, &body.token).await?;
    Ok(Json(opened))
}

/// `POST /v1/passwords/reset`: sets the new password, once for each link. All sessions and trusted devices end.
pub async fn reset(
    caller: Public,
    ShortJson(body): ShortJson<ChosenPassword>,
) -> Result<NoContent, Problem> {
    let context = &caller.request.context;
    password_links::set(context, Purpose::Password, body, Action::PasswordReset).await?;
    Ok(NoContent)
}

/// Writes the link and its mail, for a user who has an address and a password. What is sent is the same for every name.
fn mailing(context: &Context, organization: String, name: String) -> Result<Batch, Fault> {
    let event = context.event_id()?;
    Ok(Batch {
        recording: recording!(FORGOTTEN, {
            event: event,
            organization: organization,
            name: name,
            now: context.now,
            action: Action::PasswordForgotten.as_str(),
            expires_at: context.now.plus(Purpose::Password.seconds()),
            since: context.now.minus(HOUR_SECONDS),
            most: MOST_IN_AN_HOUR,
            ip: context.origin.ip.clone(),
            user_agent: context.origin.user_agent.clone(),
            request_id: context.origin.request_id.clone(),
        }),
        effects: vec![
            links::start(event, Purpose::Password),
            mail::notice_after_reply(context, event, mail::Kind::PasswordForgotten),
        ],
        reads: vec![],
    })
}

const FORGOTTEN: &str = recording_text!(
    "id, organization, user, at, action, actor, outcome, detail, ip, user_agent, request_id",
    "
SELECT :event, u.organization, u.id, :now, :action, 'user', 'accepted',
  json_object('expires_at', CAST(:expires_at AS INTEGER)), :ip, :user_agent, :request_id
FROM organization o JOIN user u ON u.organization = o.id AND u.username = :name
WHERE o.external_id = :organization AND u.state = 'active' AND u.password IS NOT NULL
  AND EXISTS (SELECT 1 FROM mailbox b WHERE b.organization = u.organization AND b.user = u.id)
  AND (SELECT count(*) FROM event e
    WHERE e.organization = u.organization AND e.user = u.id AND e.action = :action AND e.at > :since) < :most"
);
